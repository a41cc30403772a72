//! What a connector says in a call: lines for the log, and the sentence of a fault. Card numbers in
//! them are masked, and a connector that says too much is cut short.

use reissue_connector_api::{Fault, Level, mask_pans};

/// Lines that one call may add to the log.
const LINES: u64 = 500;
/// Bytes of a line; what is longer is cut.
const LONGEST: usize = 4096;

/// The lines of one call.
#[derive(Default)]
pub(super) struct Said {
    lines: u64,
}

impl Said {
    /// Writes a line into the log, unless the call has said enough.
    pub(super) fn log(&mut self, level: Level, text: &str) {
        self.lines += 1;
        if self.lines > LINES {
            return;
        }
        // Masked before it is cut: half a card number would not be recognised.
        let masked = mask_pans(text);
        let text = masked.as_deref().unwrap_or(text);
        let text = &text[..text.floor_char_boundary(LONGEST)];
        match level {
            Level::Error => tracing::error!(connector_says = text),
            Level::Warn => tracing::warn!(connector_says = text),
            Level::Info => tracing::info!(connector_says = text),
            Level::Debug => tracing::debug!(connector_says = text),
        }
    }

    /// Says how much was dropped.
    pub(super) fn end(self) {
        if let dropped @ 1.. = self.lines.saturating_sub(LINES) {
            tracing::warn!(
                dropped,
                "A connector's call said more than {LINES} lines; the rest was dropped."
            );
        }
    }
}

/// Masks card numbers in the sentence of a fault.
pub(super) fn mask(fault: &mut Fault) {
    if let Some(masked) = mask_pans(&fault.message) {
        fault.message = masked;
    }
}
