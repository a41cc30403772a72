//! Asking about cards: one request with all of them, then, days later, the status and the results.

use reissue_connector_api::lenient::time;
use reissue_connector_api::{
    Collected, Fault, Found, FoundState, Receipt, Refused, Run, SecretString, Submission,
};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::call::Asked;
use crate::map;
use crate::results::Answered;
use crate::wire::{Batch, Question};

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
            (Some(pan), Some(expiry)) => questions.add(&Question {
                id: card.key,
                card: pan.expose(),
                exp: format!("{:02}/{:02}", expiry.month(), expiry.year() % 100),
            }),
            _ => questions.refused.push(Refused {
                key: card.key.to_owned(),
                code: NOT_SENT.to_owned(),
                text: "CardSync takes full numbers with an expiry, and this card lacks one of them"
                    .to_owned(),
            }),
        }
        Ok(())
    })?;
    if questions.count == 0 {
        let nothing = FoundState::Failed("no card could be sent".to_owned());
        return Ok(Receipt {
            found: Found::new(&submission.id, nothing),
            accepted: Some(0),
            refused: questions.refused,
        });
    }

    let asked = Asked::Submit;
    let data = asked.answer(run, key, Some(questions.body()))?;
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
        refused: questions.refused,
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
    if !answered.is_success {
        return Err(asked.declined(200, &answered.words).into());
    }
    asked.is_about(id, &answered.batch)?;
    let is_said = !answered.status.is_empty();
    if is_said && map::state(&answered.status) != FoundState::Ready {
        return Ok(Collected::not_ready());
    }
    let totals = answered.totals().map_err(asked.fails())?;
    Ok(Collected::Complete { totals })
}

/// The body of a submission. It holds card numbers, so it has its full size from the start: memory
/// that a growing buffer leaves behind is not wiped.
struct Questions {
    json: Zeroizing<Vec<u8>>,
    count: usize,
    refused: Vec<Refused>,
}

/// More than a card takes, in bytes.
pub(crate) const ROOM: usize = 128;
/// The code of a card that was not sent; CardSync has none for that.
const NOT_SENT: &str = "not_sent";

impl Questions {
    /// Room for so many cards.
    fn of(cards: u32) -> Self {
        let mut json = Vec::with_capacity(ROOM * (cards as usize + 1));
        json.extend_from_slice(br#"{"cards":["#);
        Self {
            json: Zeroizing::new(json),
            count: 0,
            refused: Vec::new(),
        }
    }

    fn add(&mut self, question: &Question<'_>) {
        if self.count > 0 {
            self.json.push(b',');
        }
        self.count += 1;
        serde_json::to_writer(&mut *self.json, question).expect("memory takes plain texts");
    }

    fn body(&mut self) -> Zeroizing<Vec<u8>> {
        self.json.extend_from_slice(b"]}");
        std::mem::take(&mut self.json)
    }
}
