//! What is believed of a receipt.
//!
//! It decides under which id answers are collected, when they are looked for, and for which cards none will
//! come; so what cannot be so is not believed, whether a provider or a connector says it. Then nobody knows
//! what became of the submission, which is the one case that the ledger has a way for.

use reissue_connector_api::{Fault, Receipt};

use super::batch::Batch;
use super::context::Context;
use super::discover::mask;
use crate::cards::retain_asked;
use crate::store::StoreError;

/// The receipt without what cannot be so, or a fault where it is not about this submission at all.
pub(super) fn believed(
    context: &Context,
    batch: &Batch,
    mut receipt: Receipt,
) -> Result<Result<Receipt, Fault>, StoreError> {
    let key = &batch.key;
    mask(&mut receipt.found);
    let found = &receipt.found;
    let wrong = |why: String| Ok(Err(Fault::garbled(why).sent()));
    if found.id.is_empty() {
        return wrong("the provider took it and gave no id of a batch".into());
    }
    if let Some(named) = found.submission.as_ref().filter(|named| **named != key.id) {
        return wrong(format!("the provider's answer is about {named}"));
    }
    let known = context.at_provider(&key.account, &found.id)?;
    let others = known.filter(|known| known.key != *key && known.cards.is_some());
    if let Some(other) = others {
        let (id, other) = (&found.id, other.key);
        return wrong(format!(
            "the provider calls it {id}, and that is {other} already: ask the provider for the id of the \
             batch that it made of this one"
        ));
    }
    let dropped = retain_asked(&mut receipt.refused, batch.cards.unwrap_or(0));
    if dropped > 0 {
        tracing::warn!(
            batch = %key,
            dropped,
            "The provider refused cards that nobody asked about, or one of them twice."
        );
    }
    Ok(Ok(receipt))
}
