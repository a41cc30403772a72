//! What the schedule promises, checked from outside its parts.

mod all_zones;
mod due;
mod rehearsal;
mod timetable;

use chrono::{DateTime, Utc};

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}
