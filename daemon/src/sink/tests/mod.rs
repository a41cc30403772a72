//! The `files` sink on a real disk.

mod files;
