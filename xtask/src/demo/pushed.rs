//! Compares what was posted to the billing system with a file of the vault: the same updates in the same
//! order, each once, and without the full numbers.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::verify::lines;
use crate::scene::{Provider, Received};

/// What came to the billing system, which verified it.
///
/// # Errors
/// It is not what the file's text says.
pub(super) fn verify(provider: &Provider, text: &str) -> Result<Received> {
    let received = provider.received()?;
    let mut updates = lines::<Value>(provider.received_updates()?);
    for update in lines::<Value>(text.as_bytes()) {
        let mut expected = update?;
        for card in ["old", "new"] {
            if let Some(card) = expected.get_mut(card).and_then(Value::as_object_mut) {
                card.remove("pan");
            }
        }
        let update = updates.next().context("an update was not posted")??;
        if update != expected {
            bail!("{update} was posted, not {expected}");
        }
    }
    match updates.next() {
        Some(update) => bail!("{} was posted besides", update?),
        None => Ok(received),
    }
}
