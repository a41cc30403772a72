//! Sinks: where updates go. One sink's trouble never holds another's.

pub mod files;
mod name;
#[cfg(test)]
mod tests;

pub use files::FilesSink;
pub use name::file_name;
