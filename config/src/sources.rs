//! The texts of all configuration files in one coordinate space.
//!
//! Keys of one table may come from different files. Each file therefore begins at an offset of its
//! own, as in a compiler, and a span alone says which file, line and column it means.

use std::ops::Range;
use std::path::{Path, PathBuf};

/// All files that were read, in the order in which they are merged.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    files: Vec<Source>,
}

/// One file.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    /// Where this file begins in the coordinate space.
    pub(crate) start: usize,
}

impl Sources {
    /// Adds a file after the last one and returns the offset at which it begins.
    pub(crate) fn add(&mut self, path: &Path, text: String) -> usize {
        // One unit of gap: the end of a file is a position too (an unclosed string is reported there).
        let start = self.files.last().map_or(0, |last| last.end() + 1);
        self.files.push(Source {
            path: path.to_owned(),
            text,
            start,
        });
        start
    }

    /// All files, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Source> {
        self.files.iter()
    }

    /// The file that holds this offset.
    pub(crate) fn at(&self, offset: usize) -> &Source {
        let after = self.files.partition_point(|file| file.start <= offset);
        &self.files[after.saturating_sub(1)]
    }
}

impl Source {
    fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// A span of the coordinate space as a span of this file's text.
    pub(crate) fn local(&self, span: &Range<usize>) -> Range<usize> {
        self.offset(span.start)..self.offset(span.end)
    }

    /// Line and column, both from 1, the column in characters.
    pub(crate) fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let before = &self.text[..self.offset(offset)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.matches('\n').count() + 1;
        (line, before[line_start..].chars().count() + 1)
    }

    /// An offset within the text. A parser may point into the middle of a character.
    fn offset(&self, offset: usize) -> usize {
        let local = offset.saturating_sub(self.start);
        self.text.floor_char_boundary(local)
    }
}
