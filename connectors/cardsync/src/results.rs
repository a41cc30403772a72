//! The results of a batch or an event, streamed: one update for each card that CardSync has something to say about.
//!
//! Cards that did not change are left out of the list and counted, so an empty list may be the whole
//! answer. The keys of the document come in any order.

use chrono::{DateTime, Utc};
use reissue_connector_api::json::{Item, JsonReader};
use reissue_connector_api::{Collected, Fault, FoundState, Response, Run, Totals, Update};
use serde::Deserialize;
use serde_json::Value;

use crate::call::Asked;
use crate::map;
use crate::wire::{Row, Stats, text};

/// What stands around the list of cards.
#[derive(Default)]
pub(crate) struct Answered {
    /// Whether CardSync calls it a success.
    is_success: bool,
    /// What it says.
    words: String,
    /// The batch's id; an event's results name none.
    pub(crate) batch: String,
    /// How far it has got.
    status: String,
    stats: Option<Stats>,
    has_cards: bool,
    cards: u64,
}

impl Answered {
    /// Emits an update for each card of the results, which are of that time.
    ///
    /// # Errors
    /// `garbled` with the position where the document is not whole or is no JSON, and what reading
    /// and emitting say.
    pub(crate) fn read(
        run: &Run<'_>,
        response: Response<'_>,
        reported_at: Option<DateTime<Utc>>,
    ) -> Result<Self, Fault> {
        let mut answered = Self::default();
        let mut reader = JsonReader::new(response);
        reader.object(|key, reader| {
            match key {
                "status" => {
                    let word = text(&reader.value()?);
                    answered.is_success = word.eq_ignore_ascii_case("success");
                    if answered.words.is_empty() {
                        answered.words = word;
                    }
                }
                "msg" | "message" => answered.words = text(&reader.value()?),
                "data" => answered.data(run, reader, reported_at)?,
                // One page of the documents shows them here.
                "stats" if answered.stats.is_none() => answered.stats = Some(reader.value()?),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        reader.end()?;
        Ok(answered)
    }

    /// What the answer comes to.
    ///
    /// # Errors
    /// What CardSync says where it declines; `garbled` where there is no list, or an empty one
    /// although CardSync counts cards for it.
    pub(crate) fn collected(&self, asked: Asked<'_>) -> Result<Collected, Fault> {
        if !self.is_success {
            return Err(asked.declined(200, &self.words).into());
        }
        if !self.status.is_empty() && map::state(&self.status) != FoundState::Ready {
            return Ok(Collected::not_ready());
        }
        let totals = self.totals().map_err(asked.fails())?;
        Ok(Collected::Complete { totals })
    }

    /// CardSync's counts.
    fn totals(&self) -> Result<Totals, Fault> {
        let listed = self.stats.as_ref().and_then(Stats::listed);
        match listed {
            Some(listed @ 1..) if self.cards == 0 => Err(Fault::garbled(format!(
                "the answer counts {listed} cards and lists none"
            ))),
            None if !self.has_cards => Err(Fault::garbled("the answer has no `data.cards`")),
            _ => Ok(self.stats.as_ref().map(Stats::counts).unwrap_or_default()),
        }
    }

    fn data(
        &mut self,
        run: &Run<'_>,
        reader: &mut JsonReader<Response<'_>>,
        reported_at: Option<DateTime<Utc>>,
    ) -> Result<(), Fault> {
        reader.object(|key, reader| {
            match key {
                "batch_id" => self.batch = text(&reader.value()?),
                "status" => self.status = text(&reader.value()?),
                "stats" => self.stats = Some(reader.value()?),
                "cards" => {
                    self.has_cards = true;
                    reader.list(|item| {
                        report_one(run, item, reported_at)?;
                        self.cards += 1;
                        Ok(())
                    })?;
                }
                _ => reader.skip()?,
            }
            Ok(())
        })
    }
}

/// A card that does not fit as it stands is read as a generic value, which takes the last of two
/// equal keys. One that does not fit even so says nothing, and is reported as unknown.
fn report_one(
    run: &Run<'_>,
    item: &mut Item<'_>,
    reported_at: Option<DateTime<Utc>>,
) -> Result<(), Fault> {
    if let Some(row) = item.read()? {
        return emit(run, &row, reported_at);
    }
    let value: Value = item.read()?.unwrap_or_default();
    emit(
        run,
        &Row::deserialize(&value).unwrap_or_default(),
        reported_at,
    )
}

fn emit(run: &Run<'_>, row: &Row<'_>, reported_at: Option<DateTime<Utc>>) -> Result<(), Fault> {
    run.emit(&Update {
        reference: &row.id,
        provider_code: &row.status,
        se_number: &row.se_number,
        reported_at,
        ..Update::new(map::outcome(row))
    })
}
