//! The daemon's loan as safe calls: the connector's end of a `RunTable`.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};

use super::author::{read_json, write_json};
use super::table::{
    AskRow, CardRow, END, Lent, NO_TIME, NOT_KNOWN, OK, RelatedRow, RunTable, Sized32, UpdateRow,
};
use crate::card::{Expiry, Pan};
use crate::fault::{Fault, Kind};
use crate::run::{Head, Level, Request};
use crate::submission::CardToAsk;
use crate::update::{Card, Update};

/// The daemon's loan. A function that the daemon's table lacks is a fault, never a crash.
pub(crate) struct RunHandle<'a> {
    table: &'a RunTable,
    /// A loan stays on its thread.
    _one_thread: PhantomData<*const ()>,
}

impl<'a> RunHandle<'a> {
    pub(super) fn of(table: &'a RunTable) -> Self {
        Self {
            table,
            _one_thread: PhantomData,
        }
    }
}

impl RunHandle<'_> {
    pub(crate) fn http(&self, request: &Request) -> Result<Head, Fault> {
        let http = self.table.http.ok_or_else(|| lacks("http"))?;
        let document = write_json(request)?;
        let body = Lent::of(request.body.as_deref().map_or(&[], Vec::as_slice));
        let mut out = Lent::NONE;
        // SAFETY: the table's functions are called with its context, on the call's thread; what is
        // lent lives until the function returns.
        let status = unsafe { http(self.table.context, Lent::of(&document), body, &raw mut out) };
        // SAFETY: `out` is lent until the next `http`.
        read_json(answer(status, unsafe { out.bytes() })?)
    }

    pub(crate) fn read(&self, response: u64, to: &mut Vec<u8>) -> Result<usize, Fault> {
        let read = self.table.read.ok_or_else(|| lacks("read"))?;
        let mut out = Lent::NONE;
        // SAFETY: as in `http`; what is lent is copied before anything else can be asked for.
        let piece = unsafe {
            let status = read(self.table.context, response, &raw mut out);
            answer(status, out.bytes())?
        };
        to.extend_from_slice(piece);
        Ok(piece.len())
    }

    pub(crate) fn emit(&self, update: &Update<'_>) -> Result<(), Fault> {
        let emit = self.table.emit.ok_or_else(|| lacks("emit"))?;
        let old = card_row(&update.old);
        let new = update.outcome.new_card().map(card_row);
        let related: Vec<RelatedRow> = update
            .related
            .iter()
            .map(|related| RelatedRow {
                customer: text(related.customer),
                payment_instrument: text(related.payment_instrument),
                creator: text(related.creator),
                state: text(related.state),
                message: text(related.message),
                ..RelatedRow::EMPTY
            })
            .collect();
        let row = UpdateRow {
            billable: tri_state(update.billable),
            reported_at: update
                .reported_at
                .map_or(NO_TIME, |time| time.timestamp_micros()),
            record: text(update.record),
            reference: text(update.reference),
            outcome: text(update.outcome.as_str()),
            provider_code: text(update.provider_code),
            provider_reason: text(update.provider_reason),
            provider_message: text(update.provider_message),
            se_number: text(update.se_number),
            old: &raw const old,
            new: new.as_ref().map_or(std::ptr::null(), |new| &raw const *new),
            related: related.as_ptr(),
            related_len: related.len(),
            ..UpdateRow::EMPTY
        };
        let mut out = Lent::NONE;
        // SAFETY: as in `http`; the row and all it points at live until `emit` returns.
        unsafe {
            let status = emit(self.table.context, &raw const row, &raw mut out);
            answer(status, out.bytes()).map(drop)
        }
    }

    pub(crate) fn next_card(
        &self,
        with: &mut dyn FnMut(CardToAsk<'_>) -> Result<(), Fault>,
    ) -> Result<bool, Fault> {
        let next_card = self.table.next_card.ok_or_else(|| lacks("next_card"))?;
        let mut row = AskRow::EMPTY;
        let mut out = Lent::NONE;
        // SAFETY: as in `http`; the row says its own size.
        let status = unsafe { next_card(self.table.context, &raw mut row, &raw mut out) };
        if status == END {
            return Ok(false);
        }
        // SAFETY: the texts are lent until the next `next_card`, and `with` returns before.
        let (key, pan, token, token_kind, se_number) = unsafe {
            answer(status, out.bytes())?;
            (
                utf8(row.key.bytes())?,
                utf8(row.pan.bytes())?,
                utf8(row.token.bytes())?,
                utf8(row.token_kind.bytes())?,
                utf8(row.se_number.bytes())?,
            )
        };
        let pan = match pan {
            "" => None,
            digits => Some(Pan::parse(digits).map_err(|why| {
                Fault::garbled(format!("the daemon lent card `{key}` wrongly: {why}"))
            })?),
        };
        with(CardToAsk {
            key,
            pan: pan.as_ref(),
            token,
            token_kind,
            expiry: match row.expiry_month {
                0 => None,
                month => Expiry::new(row.expiry_year, month).ok(),
            },
            se_number,
        })?;
        Ok(true)
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        // SAFETY: as in `http`.
        let micros = self.table.now.map(|now| unsafe { now(self.table.context) });
        micros
            .and_then(DateTime::from_timestamp_micros)
            .unwrap_or_default()
    }

    pub(crate) fn random(&self, into: &mut [u8]) {
        if let Some(random) = self.table.random {
            // SAFETY: as in `http`; the place is as long as we say.
            unsafe { random(self.table.context, into.as_mut_ptr(), into.len()) };
        }
    }

    pub(crate) fn cancelled(&self) -> bool {
        self.table
            .cancelled
            // SAFETY: as in `http`.
            .is_some_and(|cancelled| unsafe { cancelled(self.table.context) } != 0)
    }

    pub(crate) fn log(&self, level: Level, line: &str) {
        if let Some(log) = self.table.log {
            // SAFETY: as in `http`.
            unsafe { log(self.table.context, level as i32, text(line)) };
        }
    }
}

fn lacks(function: &str) -> Fault {
    Fault::new(
        Kind::Unsupported,
        format!("this daemon is too old for the connector: it does not lend `{function}`"),
    )
}

/// The bytes of a successful callback, or the fault in them.
fn answer(status: i32, bytes: &[u8]) -> Result<&[u8], Fault> {
    match status {
        OK => Ok(bytes),
        _ => Err(serde_json::from_slice(bytes).unwrap_or_else(|_| {
            Fault::new(
                Kind::Cancelled,
                "the daemon ended the call without a reason",
            )
        })),
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(bytes)
        .map_err(|_| Fault::garbled("the daemon lent a text that is not UTF-8"))
}

fn text(text: &str) -> Lent {
    Lent::of(text.as_bytes())
}

fn tri_state(value: Option<bool>) -> i8 {
    value.map_or(NOT_KNOWN, i8::from)
}

fn card_row(card: &Card<'_>) -> CardRow {
    CardRow {
        expiry_year: card.expiry.map_or(0, Expiry::year),
        expiry_month: card.expiry.map_or(0, Expiry::month),
        instrument_identifier_created: tri_state(card.instrument_identifier_created),
        token: text(card.token),
        pan: text(card.pan.as_ref().map_or("", Pan::expose)),
        pan_masked: text(card.pan_masked),
        brand: text(card.brand.map_or("", |brand| brand.as_str())),
        funding: text(card.funding),
        customer: text(card.customer),
        payment_instrument: text(card.payment_instrument),
        instrument_identifier: text(card.instrument_identifier),
        ..CardRow::EMPTY
    }
}
