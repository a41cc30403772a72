//! What of an account's webhook needs a person's eye.

use std::collections::BTreeMap;

use super::{Alarm, Matter};
use crate::ledger::batch::Batch;

/// From so many on they are no accident. A provider's own mistake may be one or two.
const MANY: u64 = 10;

/// What was announced to each account, and its provider does not know.
#[derive(Default)]
pub struct UnknownBatches<'b>(BTreeMap<&'b str, u64>);

impl<'b> UnknownBatches<'b> {
    /// Of these batches.
    pub fn among(batches: &'b [Batch]) -> Self {
        let mut unknown = BTreeMap::new();
        for batch in batches.iter().filter(|batch| batch.is_unknown_there()) {
            *unknown.entry(batch.key.account.as_str()).or_default() += 1;
        }
        Self(unknown)
    }

    /// That somebody else calls an account's webhook.
    pub fn alarms(&self) -> impl Iterator<Item = Alarm> {
        let many = self.0.iter().filter(|(_, count)| **count >= MANY);
        many.map(|(account, count)| Alarm {
            about: (*account).to_owned(),
            matter: Matter::Forged,
            text: format!(
                "was told of {count} batches by its webhook that its provider does not know: somebody else \
                 may have the URL. `reissue enrol {account} --rotate-webhook`, twice, makes it worthless"
            ),
        })
    }
}
