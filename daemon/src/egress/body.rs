//! The body of an answer, piece by piece.

use reissue_connector_api::Fault;

use super::{Call, why};

/// A body that is being read. It counts and checksums what passes, so that a garbled answer can be
/// named without being kept.
pub struct Body {
    answer: reqwest::Response,
    piece: bytes::Bytes,
    length: u64,
    checksum: crc32fast::Hasher,
    longest: u64,
}

impl Body {
    pub(super) fn new(answer: reqwest::Response, longest: u64) -> Self {
        Self {
            answer,
            piece: bytes::Bytes::new(),
            length: 0,
            checksum: crc32fast::Hasher::new(),
            longest,
        }
    }

    /// The next piece, empty at the end; lent until the next call.
    ///
    /// # Errors
    /// `unreachable` when the body breaks off, `refused` when it is longer than allowed,
    /// `cancelled`.
    pub fn read(&mut self, call: &Call) -> Result<&[u8], Fault> {
        let answer = &mut self.answer;
        let piece = call.wait("reading the answer", async {
            answer.chunk().await.map_err(|error| why::broke_off(&error))
        })?;
        self.piece = piece.unwrap_or_default();
        self.length += self.piece.len() as u64;
        self.checksum.update(&self.piece);
        if self.length > self.longest {
            return Err(Fault::refused(format!(
                "the answer is longer than {} bytes (limits.response_bytes of the account)",
                self.longest
            )));
        }
        Ok(&self.piece)
    }

    /// What was read so far, for the message of a garbled answer: length and CRC-32.
    pub fn fingerprint(&self) -> String {
        let checksum = self.checksum.clone().finalize();
        format!("{} bytes read, CRC-32 {checksum:08x}", self.length)
    }
}
