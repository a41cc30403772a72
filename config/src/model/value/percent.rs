//! Shares in percent: whole numbers from 0 to 100.

use serde::{Deserialize, Deserializer};

use crate::fault::fault;

pub(in crate::model) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let number = i64::deserialize(deserializer)?;
    let percent = u8::try_from(number).ok().filter(|percent| *percent <= 100);
    percent.ok_or_else(|| {
        let help = "write a whole number from 0 to 100; with 100 nothing is held";
        fault(format_args!("`{number}` is no share in percent"), help)
    })
}
