//! A panic becomes a line of the log, with its place and its message masked like any other.

use reissue_connector_api::mask_pans;

/// Logs panics instead of printing them beside the log.
pub(super) fn log_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let message = info.payload_as_str().unwrap_or("no message");
        let masked = mask_pans(message);
        let message = masked.as_deref().unwrap_or(message);
        tracing::error!(
            place,
            why = message,
            "The daemon panicked; please report it."
        );
    }));
}
