//! The last net of the log: a line is searched for card numbers before it is written.

use std::io::{self, Write};

use reissue_connector_api::mask_pans;

/// Writes lines with every card number masked. The formatter writes a whole line at once.
pub(super) struct Masked<W>(W);

impl<W> Masked<W> {
    pub(super) fn new(inner: W) -> Self {
        Self(inner)
    }
}

impl<W: Write> Write for Masked<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        match mask_pans(&text) {
            Some(masked) => self.0.write_all(masked.as_bytes())?,
            None => self.0.write_all(line)?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_number_in_a_line_is_masked() {
        let mut out = Vec::new();
        Masked::new(&mut out)
            .write_all(b"{\"fault\":\"card 4111111111111111 is odd\"}\n")
            .unwrap();
        assert_eq!(out, b"{\"fault\":\"card 411111XXXXXX1111 is odd\"}\n");
    }
}
