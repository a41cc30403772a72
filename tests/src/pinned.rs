//! Texts that are pinned word for word, because people act on them.
//!
//! `tests/pinned/NAME.txt` is what the program has to say, under headings. `REISSUE_PIN=1 cargo test`
//! writes the files anew, to be read in the diff.

use std::fmt::Write;
use std::fs;

/// What the program said, to be compared with `tests/pinned/NAME.txt`.
#[derive(Debug)]
pub struct Pinned {
    name: &'static str,
    text: String,
}

impl Pinned {
    /// A document of this name that has nothing in it yet.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            text: String::new(),
        }
    }

    /// Adds what was said under a heading.
    pub fn add(&mut self, heading: &str, said: &str) {
        let gap = if self.text.is_empty() { "" } else { "\n" };
        writeln!(self.text, "{gap}# {heading}\n").unwrap();
        for line in said.trim_end().lines() {
            writeln!(self.text, "{}", line.trim_end()).unwrap();
        }
    }

    /// Compares, or writes.
    ///
    /// # Panics
    /// When another text is pinned, with the first line that differs.
    #[track_caller]
    pub fn compare(self) {
        let file = format!(
            "{}/tests/pinned/{}.txt",
            env!("CARGO_MANIFEST_DIR"),
            self.name
        );
        if std::env::var_os("REISSUE_PIN").is_some() {
            fs::write(&file, &self.text).unwrap();
        }
        let pinned = fs::read_to_string(&file).unwrap_or_default();
        let ended = "(the end)";
        let lines = |text| str::lines(text).chain([ended]);
        for (number, (said, wanted)) in lines(&self.text).zip(lines(&pinned)).enumerate() {
            assert_eq!(
                said,
                wanted,
                "{file}:{} is pinned and differs; REISSUE_PIN=1 pins what is said now",
                number + 1
            );
        }
    }
}
