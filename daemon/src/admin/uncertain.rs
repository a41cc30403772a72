//! What a person decides about a submission of which nobody knows whether the provider has it, and what
//! each choice may cost: a wrong one is paid for, or loses answers that are.

use reissue_connector_api::{Found, FoundState};

use super::refusal::Refusal;
use crate::ledger::context::Context;
use crate::ledger::submit::accept;
use crate::ledger::{Batch, Event, State};

/// The provider has it under this id, a person says: the event, and what follows from it.
///
/// # Errors
/// It is known whether the provider has it, or the id is another submission's.
pub(super) fn accepted(
    context: &Context,
    batch: &Batch,
    id: &str,
    by: String,
) -> Result<(Event, String), Refusal> {
    check(batch)?;
    let key = &batch.key;
    let id = match (batch.change, id) {
        (Some(_), _) => key.id.as_str(),
        (None, "") => {
            return Err(Refusal::bad_request(format!(
                "name the id that the provider gave {key}: `--as accepted:ID`"
            )));
        }
        (None, id) => id,
    };
    let generation = context.generation();
    let account = generation.accounts.get(&key.account).ok_or_else(|| {
        let account = &key.account;
        Refusal::conflict(format!(
            "account `{account}` is not ready: put it back first"
        ))
    })?;
    let known = context.at_provider(&key.account, id)?;
    if let Some(other) = known.filter(|known| known.key != *key) {
        let other = other.key;
        return Err(Refusal::conflict(format!(
            "the provider's {id} is {other} already, and a batch answers one submission: ask the \
             provider for the id of the batch with {}",
            cards(batch)
        )));
    }
    if batch.change.is_some() {
        let found = Found::new(id, FoundState::Ready);
        let said = format!(
            "{key} is done: the provider has {}; those that it has not are not subscribed, and nobody \
             notices",
            cards(batch)
        );
        return Ok((accept(account, batch, found, 0, Some(by)), said));
    }
    let said = format!(
        "{key} is collected when it is ready, as the provider's {id}; if that is not its batch, nobody \
         has asked about {}{}",
        cards(batch),
        not_again(context, batch)
    );
    let found = Found::new(id, FoundState::Running);
    Ok((accept(account, batch, found, 0, Some(by)), said))
}

/// What follows from a person's word that the provider does not have it.
///
/// # Errors
/// It is known whether the provider has it.
pub(super) fn not_sent(batch: &Batch) -> Result<String, Refusal> {
    check(batch)?;
    if batch.change.is_some() {
        return Ok(format!(
            "{} is sent again now; if the provider did get it before, {} may be subscribed twice",
            batch.key,
            cards(batch)
        ));
    }
    Ok(format!(
        "{} is sent again now; if the provider did get it before, that pays twice for {}",
        batch.key,
        cards(batch)
    ))
}

/// What it costs to give a submission up; nothing of a batch that is no submission of ours, or whose
/// answers are here.
pub(super) fn given_up(context: &Context, batch: &Batch) -> String {
    if batch.cards.is_none() || batch.collected.is_some() {
        return String::new();
    }
    let cards = cards(batch);
    match (batch.change, batch.asked_at) {
        (Some(_), None) => {
            return "; nothing of it was sent, and the next slot compares anew with what is wanted"
                .into();
        }
        (Some(_), Some(_)) => {
            return format!(
                "; {cards} count as unknown: the next slot removes them, and the one after adds what is \
                 still wanted"
            );
        }
        (None, _) => {}
    }
    let cost = match batch.state {
        State::Planned => format!("nobody asks about {cards}"),
        _ if batch.is_at_provider() => format!("the answers to {cards} are paid for and lost"),
        _ => {
            format!("if the provider has it, the answers to {cards} are paid for and lost")
        }
    };
    // What was not sent may be asked about at once.
    let not_again = match batch.asked_at {
        Some(_) => not_again(context, batch),
        None => String::new(),
    };
    format!("; {cost}{not_again}")
}

fn cards(batch: &Batch) -> String {
    let what = match batch.change {
        Some(_) => "pair",
        None => "card",
    };
    match batch.cards.unwrap_or(0) {
        1 => format!("its {what}"),
        many => format!("its {many} {what}s"),
    }
}

/// How long its cards count as asked about, whatever became of them.
fn not_again(context: &Context, batch: &Batch) -> String {
    let generation = context.generation();
    let schedule = generation.schedules.get(&batch.schedule);
    let within = schedule.and_then(|schedule| schedule.rules.not_asked_within?.to_std().ok());
    within.map_or_else(String::new, |within| {
        format!(
            ", and no slot asks again within {} (not_asked_within)",
            humantime::format_duration(within)
        )
    })
}

fn check(batch: &Batch) -> Result<(), Refusal> {
    match batch.is_uncertain() {
        true => Ok(()),
        false => Err(Refusal::conflict(format!(
            "{} is {}, so it is known whether the provider has it",
            batch.key,
            batch.state.as_str()
        ))),
    }
}
