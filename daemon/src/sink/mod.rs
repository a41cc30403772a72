//! Sinks: where updates go. One sink's trouble never holds another's.

pub mod files;
mod name;
#[cfg(test)]
mod tests;
pub mod webhook;

use age::x25519::Recipient;

pub use files::FilesSink;
pub use name::file_name;
pub use webhook::WebhookSink;

/// A configured sink.
pub enum Sink {
    /// One file per batch.
    Files(FilesSink),
    /// Pages of updates, posted.
    Webhook(WebhookSink),
}

/// Those who can open what is encrypted.
///
/// # Errors
/// One sentence that names the first that is no recipient.
pub fn recipients(texts: &[reissue_config::Recipient]) -> Result<Vec<Recipient>, String> {
    let recipients = texts.iter().map(|text| {
        let text = text.as_str();
        text.parse::<Recipient>()
            .map_err(|why| format!("`{text}` is no age recipient ({why}); `age-keygen` makes one"))
    });
    recipients.collect()
}
