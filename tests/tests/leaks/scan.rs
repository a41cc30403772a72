//! Looks through bytes for what must not be among them.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

/// What may stand between the digits of a number.
const SEPARATORS: [char; 6] = [' ', '-', '.', ',', '_', '\t'];

/// What to look for, and what was found.
#[derive(Default)]
pub(crate) struct Scanner {
    numbers: Vec<String>,
    texts: Vec<(&'static str, String)>,
    secrets: Vec<(&'static str, Vec<u8>)>,
    /// What was found, and where.
    pub(crate) found: Vec<String>,
}

impl Scanner {
    /// Looks for card numbers: whatever separates their digits, and in base64.
    pub(crate) fn numbers<'n>(mut self, numbers: impl IntoIterator<Item = &'n str>) -> Self {
        for number in numbers {
            let digits = number.replace(SEPARATORS, "");
            for shift in 0..3 {
                self.texts
                    .push(("a number in base64", shifted_base64(&digits, shift)));
            }
            self.numbers.push(digits);
        }
        self
    }

    /// Looks for a secret that is handed over in base64: as it is, in base64 once more, and what it
    /// stands for as bytes and in hexadecimal.
    pub(crate) fn secret(mut self, name: &'static str, text: &str) -> Self {
        let bytes = BASE64_STANDARD.decode(text).unwrap();
        let hex = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let forms = [
            text.trim_end_matches('=').to_owned(),
            BASE64_URL_SAFE_NO_PAD.encode(&bytes),
            hex,
        ];
        self.texts.extend(forms.map(|form| (name, form)));
        for shift in 0..3 {
            self.texts.push((name, shifted_base64(text, shift)));
        }
        self.secrets.push((name, bytes));
        self
    }

    /// Looks for a text.
    pub(crate) fn text(mut self, name: &'static str, text: &str) -> Self {
        self.texts.push((name, text.to_owned()));
        self
    }

    /// Looks through what is at a place.
    pub(crate) fn look(&mut self, place: &str, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        let digits = text.replace(SEPARATORS, "");
        let numbers = self
            .numbers
            .iter()
            .filter(|number| digits.contains(*number));
        self.found
            .extend(numbers.map(|number| format!("{number} in {place}")));
        let texts = self.texts.iter().filter(|(_, form)| text.contains(form));
        self.found
            .extend(texts.map(|(name, form)| format!("{name} ({form}) in {place}")));
        let holds = |secret: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
        let secrets = self.secrets.iter().filter(|(_, secret)| holds(secret));
        self.found
            .extend(secrets.map(|(name, _)| format!("{name} as bytes in {place}")));
    }

    /// Looks through every file below a directory, names included, and says how many there are. The
    /// staged copies of connectors are as they were installed, and by far the largest files.
    pub(crate) fn look_below(&mut self, directory: &Path) -> usize {
        let mut files = 0;
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let place = path.display().to_string();
            self.look("a file's name", place.as_bytes());
            if path.is_dir() {
                files += self.look_below(&path);
            } else if path.is_file() && path.extension().is_none_or(|it| it != "so") {
                self.look(&place, &fs::read(&path).unwrap());
                files += 1;
            }
        }
        files
    }
}

/// The part of a text's base64 that is the same whatever stands around it, if so many bytes modulo
/// three stand before it.
fn shifted_base64(text: &str, shift: usize) -> String {
    let encoded = BASE64_STANDARD.encode([&vec![b' '; shift], text.as_bytes()].concat());
    let whole = encoded.trim_end_matches('=');
    let first = (shift * 8).div_ceil(6);
    let last = (shift + text.len()) * 8 / 6;
    whole[first..last].to_owned()
}
