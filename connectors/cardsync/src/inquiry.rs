//! Asking about cards: one request with all of them, then, days later, the status and the results.

use reissue_connector_api::lenient::time;
use reissue_connector_api::{
    Collected, Fault, Found, FoundState, Receipt, Run, SecretString, Submission,
};
use serde::Deserialize;

use crate::call::Asked;
use crate::map;
use crate::question::Questions;
use crate::results::Answered;
use crate::wire::Batch;

/// Sends the cards of a submission in one request.
///
/// # Errors
/// `garbled` where CardSync names no batch, `refused` where it takes none, and what the answer means.
pub(crate) fn submit(
    run: &Run<'_>,
    key: &SecretString,
    submission: &Submission,
) -> Result<Receipt, Fault> {
    let mut questions = Questions::of(submission.cards);
    submission.for_each(run, |card| {
        match (card.pan, card.expiry) {
            (Some(pan), Some(expiry)) => questions.add(card.key, pan, expiry, ""),
            _ => questions.refuse(
                card.key,
                "CardSync takes full numbers with an expiry, and this card lacks one of them",
            ),
        }
        Ok(())
    })?;
    let (body, refused) = questions.end();
    if body.is_none() {
        let nothing = FoundState::Failed("no card could be sent".to_owned());
        return Ok(Receipt {
            found: Found::new(&submission.id, nothing),
            accepted: Some(0),
            refused,
        });
    }

    let asked = Asked::Submit;
    let data = asked.answer(run, key, body)?;
    let batch = Batch::deserialize(&data).unwrap_or_default();
    if batch.batch_id.is_empty() {
        let when = match batch.created_at.as_str() {
            "" => "just now".to_owned(),
            at => format!("at {at}"),
        };
        return Err(Fault::garbled(format!(
            "{asked}: CardSync accepted them and gave no `batch_id`: ask it for the id of the batch \
             that it made {when}"
        )));
    }
    let found = map::found(&batch);
    Ok(Receipt {
        accepted: found.totals.accepted,
        found,
        refused,
    })
}

/// Reads a batch's status and, once it is completed, its results.
///
/// # Errors
/// `garbled` for an answer that is not as documented or is about another batch, and what the answer
/// means.
pub(crate) fn collect(run: &Run<'_>, key: &SecretString, id: &str) -> Result<Collected, Fault> {
    let asked = Asked::Status(id);
    let data = asked.answer(run, key, None)?;
    let batch = Batch::deserialize(&data).unwrap_or_default();
    if batch.status.is_empty() {
        return Err(asked.lacks("data.status"));
    }
    asked.is_about(id, &batch.batch_id)?;
    if map::state(&batch.status) != FoundState::Ready {
        return Ok(Collected::not_ready());
    }

    let asked = Asked::Results(id);
    let response = asked.stream(run, key, None)?;
    let answered = Answered::read(run, response, time(&batch.updated_at)).map_err(asked.fails())?;
    asked.is_about(id, &answered.batch)?;
    answered.collected(asked)
}
