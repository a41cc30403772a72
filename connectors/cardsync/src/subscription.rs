//! Subscriptions to American Express cards: orders that stand until they are removed, and the events
//! that they bring.
//!
//! A subscription is a card at a merchant number (SE): one card may be subscribed at several, and
//! each pair is added, charged for and removed by itself. CardSync shows nobody's subscriptions, so
//! what is subscribed is known from the daemon's ledger alone.

use reissue_connector_api::{
    Batch, CardToAsk, Collected, Expiry, Fault, Pan, Refused, Run, SecretString, Submission,
};

use crate::call::Asked;
use crate::question::Questions;
use crate::results::Answered;

/// Adds the pairs in one request; returns those that were not sent.
///
/// # Errors
/// What the answer means.
pub(crate) fn add(
    run: &Run<'_>,
    key: &SecretString,
    submission: &Submission,
) -> Result<Vec<Refused>, Fault> {
    change(run, key, Asked::Subscribe, submission)
}

/// Removes the pairs in one request; returns those that were not sent, and so cannot be there.
///
/// # Errors
/// What the answer means.
pub(crate) fn remove(
    run: &Run<'_>,
    key: &SecretString,
    submission: &Submission,
) -> Result<Vec<Refused>, Fault> {
    change(run, key, Asked::Unsubscribe, submission)
}

/// Reads what an event says became of cards. Its results are there when it is announced, and are
/// known by the event's id alone.
///
/// # Errors
/// `garbled` for an answer that is not as documented, and what the answer means.
pub(crate) fn collect(
    run: &Run<'_>,
    key: &SecretString,
    batch: &Batch,
) -> Result<Collected, Fault> {
    let asked = Asked::Event(batch.id());
    let response = asked.stream(run, key, None)?;
    // The time in the webhook call is nobody's word.
    let answered = Answered::read(run, response, None).map_err(asked.fails())?;
    answered.collected(asked)
}

/// What CardSync answers to either is not documented, beyond the envelope of all its answers.
fn change(
    run: &Run<'_>,
    key: &SecretString,
    asked: Asked<'_>,
    submission: &Submission,
) -> Result<Vec<Refused>, Fault> {
    let mut questions = Questions::of(submission.cards);
    submission.for_each(run, |card| {
        match pair(&card) {
            Ok((pan, expiry)) => questions.add(card.key, pan, expiry, card.se_number),
            Err(why) => questions.refuse(card.key, why),
        }
        Ok(())
    })?;
    let (body, refused) = questions.end();
    if body.is_some() {
        asked.answer(run, key, body)?;
    }
    Ok(refused)
}

/// What a subscription needs of a card, or why there can be none.
fn pair<'c>(card: &CardToAsk<'c>) -> Result<(&'c Pan, Expiry), &'static str> {
    let (Some(pan), Some(expiry)) = (card.pan, card.expiry) else {
        return Err("CardSync takes full numbers with an expiry, and this card lacks one of them");
    };
    // It would be charged for and never answered.
    if !is_amex(pan) {
        return Err("CardSync subscribes American Express cards alone, and this card is none");
    }
    if !is_se_number(card.se_number) {
        return Err(
            "CardSync subscribes a card at a merchant number of American Express (SE), which has \
             ten digits, and this card comes with none",
        );
    }
    Ok((pan, expiry))
}

fn is_amex(pan: &Pan) -> bool {
    let digits = pan.expose();
    digits.len() == 15 && (digits.starts_with("34") || digits.starts_with("37"))
}

/// They have ten digits; one in the provider's documents has eleven. One that was mistyped would have
/// CardSync refuse all pairs of the request.
fn is_se_number(text: &str) -> bool {
    (10..=11).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}
