//! When a schedule falls due: five cron fields, or six with seconds.

use chrono::DateTime;
use croner::Cron;
use croner::errors::CronError;
use croner::parser::{CronParser, Seconds, Year};
use serde::{Deserialize, Deserializer};

use crate::fault::fault;

pub(in crate::model) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cron, D::Error> {
    let text = String::deserialize(deserializer)?;
    let parser = CronParser::builder()
        .seconds(Seconds::Optional)
        .year(Year::Disallowed)
        .build();
    let cron = parser.parse(&text).map_err(|error| {
        fault(
            format_args!("`{text}` is not a cron expression: {}", reason(&error)),
            "write minute, hour, day of month, month and day of week, such as \"30 6 * * *\"",
        )
    })?;
    // The epoch stands for any moment: no clock here, and a day that never comes never came.
    if cron
        .find_next_occurrence(&DateTime::UNIX_EPOCH, true)
        .is_err()
    {
        return Err(fault(
            format_args!("`{text}` never falls due"),
            "name a day that exists",
        ));
    }
    Ok(cron)
}

fn reason(error: &CronError) -> String {
    let text = match error {
        CronError::InvalidPattern(text)
        | CronError::IllegalCharacters(text)
        | CronError::ComponentError(text) => text.clone(),
        CronError::EmptyPattern => "it is empty".to_owned(),
        other => other.to_string(),
    };
    let text = text.trim_end_matches('.');
    match text.strip_prefix("Pattern must have") {
        Some(_) => "it needs 5 fields, or 6 with seconds".to_owned(),
        None => text
            .replacen("CronPattern contains", "it contains", 1)
            .replacen("Number out", "a number is out", 1),
    }
}
