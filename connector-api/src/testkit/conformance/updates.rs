//! What is reported can be acted on: a card, the provider's own code, and no number unannounced.

use super::super::{Reported, ReportedCard};
use super::play::Stage;

pub(super) fn check(stage: &Stage<'_>) -> Result<(), String> {
    for script in &stage.provider.scripts {
        for update in stage.play(script)?.updates {
            one(stage, &update).map_err(|what| {
                format!(
                    "{script} reports an update (record `{}`) {what}",
                    update.record
                )
            })?;
        }
    }
    Ok(())
}

fn one(stage: &Stage<'_>, update: &Reported) -> Result<(), &'static str> {
    let cards = || std::iter::once(&update.old).chain(&update.new);
    if !stage.manifest().pans.received() && cards().any(|card| card.pan.is_some()) {
        return Err(
            "with a full card number, and its manifest does not say so: put `pans: Pans::Received` \
             (or `Both`) there, because it decides what must be encrypted",
        );
    }
    if update.reference.is_empty() {
        return Err("that names no card: put the submitted token or our card key into `reference`");
    }
    if update.provider.0.is_empty() {
        return Err("without the provider's code: keep its own word in `provider_code`");
    }
    let new = update.new.as_ref();
    match update.outcome.as_str() {
        "new_number" if new.is_none_or(names_nothing) => Err(
            "as `new_number` without a new card: where the provider gives none, the outcome is \
             `Unknown`",
        ),
        "new_expiry" if new.is_none_or(|card| card.expiry.is_empty()) => Err(
            "as `new_expiry` without the expiry: where the provider gives none, the outcome is \
             `Unknown`",
        ),
        _ => Ok(()),
    }
}

fn names_nothing(card: &ReportedCard) -> bool {
    let texts = [&card.token, &card.pan_masked, &card.instrument_identifier];
    card.pan.is_none() && texts.iter().all(|text| text.is_empty())
}
