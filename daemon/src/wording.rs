//! Counts and spans of time as people say them, the same in every sentence: alarms, answers over the admin
//! socket, and what commands print.

use std::fmt::Display;

use chrono::TimeDelta;

/// `1 row`, `2 rows`, `3 batches`.
pub fn counted(count: impl Display, what: &str) -> String {
    let count = count.to_string();
    let ending = match count.as_str() {
        "1" => "",
        _ if what.ends_with("ch") => "es",
        _ => "s",
    };
    format!("{count} {what}{ending}")
}

/// A span of time: `3d 4h`, `5h 20m`, `12m`.
pub fn span(span: TimeDelta) -> String {
    let minutes = span.num_minutes().max(0);
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes}m"),
        (0, hours, minutes) => format!("{hours}h {minutes}m"),
        (days, hours, _) => format!("{days}d {hours}h"),
    }
}
