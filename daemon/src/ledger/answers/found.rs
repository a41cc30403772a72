//! The way of an answer that we know the card of: it gets the customer's reference, and the card as it was on
//! file.

use reissue_connector_api::{Card, Fault, Outcome, Refused, Update};

use crate::cards::CardOnFile;
use crate::connector::Updates;
use crate::spool::Spooling;

/// The way of the answers that were asked for.
pub(super) struct Found<'c> {
    pub(super) spool: Spooling<'c>,
    /// Whether whoever gets them may see full card numbers.
    pub(super) may_hold_pans: bool,
}

impl Found<'_> {
    /// The answer as the customer knows the card.
    pub(super) fn take(&mut self, answer: &Update<'_>, card: &CardOnFile<'_>) -> Result<(), Fault> {
        let masked;
        let mut update = answer.clone();
        update.reference = card.reference;
        update.old = on_file(&answer.old, card);
        if update.se_number.is_empty() {
            update.se_number = card.se_number;
        }
        if !self.may_hold_pans
            && let Some(pan) = update.old.pan.take()
        {
            masked = pan.masked();
            update.old.pan_masked = &masked;
        }
        self.spool.take(&update)
    }
}

/// What the provider says of the card that is on file, and what we know where it says nothing.
fn on_file<'a>(answer: &Card<'a>, card: &CardOnFile<'a>) -> Card<'a> {
    let ours = card.as_old();
    let or = |text: &'a str, ours: &'a str| if text.is_empty() { ours } else { text };
    Card {
        token: or(answer.token, ours.token),
        pan: answer.pan.clone().or(ours.pan),
        expiry: answer.expiry.or(ours.expiry),
        customer: or(answer.customer, ours.customer),
        payment_instrument: or(answer.payment_instrument, ours.payment_instrument),
        instrument_identifier: or(answer.instrument_identifier, ours.instrument_identifier),
        ..answer.clone()
    }
}

/// The answer for a card that was refused at once.
pub(super) fn rejected(refused: &Refused) -> Update<'_> {
    Update {
        provider_code: &refused.code,
        provider_message: &refused.text,
        ..Update::new(Outcome::Rejected)
    }
}
