//! Sinks: where updates go. One sink's trouble never holds another's.

pub mod files;
mod name;

pub use files::FilesSink;
pub use name::file_name;
