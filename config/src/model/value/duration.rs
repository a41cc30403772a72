//! Durations: `"90s"`, `"5m"`, `"26h"`, `"25d"`.

use std::fmt;
use std::time::Duration;

use humantime::DurationError;
use serde::Deserializer;
use serde::de::{Error, Visitor};

use crate::fault::fault;

const HELP: &str = "write a number and a unit, such as \"90s\", \"5m\", \"26h\" or \"25d\"";

/// What a duration looks like, for the schema.
pub(in crate::model) const PATTERN: &str = r"^\s*([0-9]+\s*[A-Za-zµ]+\s*)+$";

/// Longer ones are mistakes, and would leave the calendar.
const LONGEST: Duration = Duration::from_secs(3_653 * 24 * 60 * 60);

pub(in crate::model) fn read<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: From<Duration>,
{
    deserializer.deserialize_any(WithUnit).map(T::from)
}

pub(in crate::model) fn above_zero<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: From<Duration>,
{
    let duration = deserializer.deserialize_any(WithUnit)?;
    if duration.is_zero() {
        return Err(fault("this must be longer than nothing", HELP));
    }
    Ok(T::from(duration))
}

struct WithUnit;

impl Visitor<'_> for WithUnit {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration in quotes")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Duration, E> {
        if text.parse::<f64>().is_ok() {
            return Err(no_unit(text));
        }
        let duration = humantime::parse_duration(text).map_err(|error| match error {
            DurationError::UnknownUnit { unit, .. } => fault(
                format_args!("`{text}` is not a duration: there is no unit `{unit}`"),
                HELP,
            ),
            _ => fault(format_args!("`{text}` is not a duration"), HELP),
        })?;
        if duration > LONGEST {
            return Err(fault("this is longer than ten years", HELP));
        }
        Ok(duration)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Duration, E> {
        Err(no_unit(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Duration, E> {
        Err(no_unit(number))
    }
}

fn no_unit<E: Error>(number: impl fmt::Display) -> E {
    fault(format_args!("the duration `{number}` has no unit"), HELP)
}
