//! The pure parts of the ledger, by table.

mod announced;
mod batch;
mod brake;
mod change;
mod enrolment;
mod fees;
mod parking;
mod redelivered;
mod sinks;
mod slots;
mod submission;
mod tally;
mod verdict;

use chrono::{DateTime, Utc};
use reissue_connector_api::Kind;

use super::event::FaultNote;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn note(kind: Kind) -> FaultNote {
    FaultNote {
        kind,
        message: kind.as_str().into(),
    }
}
