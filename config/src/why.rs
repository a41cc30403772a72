//! An IO error in a few plain words.

use std::io;

/// Why the system refused, without its error numbers.
pub(crate) fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it does not exist".to_owned(),
        kind => kind.to_string(),
    }
}
