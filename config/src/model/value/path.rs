//! Absolute paths: where the daemon is started from must not decide where its state is.

use std::path::PathBuf;

use serde::{Deserialize, Deserializer};

use crate::fault::fault;

/// What an absolute path looks like, for the schema.
pub(in crate::model) const PATTERN: &str = "^/";

pub(in crate::model) fn absolute<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: From<PathBuf>,
{
    let path = String::deserialize(deserializer).map(PathBuf::from)?;
    if path.is_relative() {
        return Err(fault(
            format_args!("`{}` is not an absolute path", path.display()),
            "begin it with `/`",
        ));
    }
    Ok(T::from(path))
}

pub(in crate::model) fn absolutes<'de, D>(deserializer: D) -> Result<Vec<PathBuf>, D::Error>
where
    D: Deserializer<'de>,
{
    let paths = Vec::<Absolute>::deserialize(deserializer)?;
    Ok(paths.into_iter().map(|path| path.0).collect())
}

/// An element of its own, so that a fault points at the element and not at the array.
#[derive(Deserialize)]
struct Absolute(#[serde(deserialize_with = "absolute")] PathBuf);
