//! What a value of the model says against itself while serde reads it.
//!
//! A serde error carries one string. Ours carry two lines in it: what is wrong, and the help.

use std::fmt::Display;

/// An error with its help.
pub(crate) fn fault<E: serde::de::Error>(message: impl Display, help: impl Display) -> E {
    E::custom(format_args!("{message}\n{help}"))
}

/// Message and help of an error, whether it came from [`fault`] or from elsewhere.
pub(crate) fn message_and_help(text: &str) -> (&str, Option<&str>) {
    match text.split_once('\n') {
        Some((message, help)) => (message, Some(help)),
        None => (text, None),
    }
}
