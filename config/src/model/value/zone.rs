//! Time zones by their IANA names.

use chrono_tz::{TZ_VARIANTS, Tz};
use serde::{Deserialize, Deserializer};

use crate::fault::fault;
use crate::nearest::nearest;

pub(in crate::model) fn utc() -> Tz {
    Tz::UTC
}

pub(in crate::model) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tz, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| {
        let help = match nearest(&text, TZ_VARIANTS.iter().map(|zone| zone.name())) {
            Some(zone) => format!("did you mean `{zone}`?"),
            None => "write an IANA name, such as \"Europe/London\"".to_owned(),
        };
        fault(format_args!("there is no time zone `{text}`"), help)
    })
}
