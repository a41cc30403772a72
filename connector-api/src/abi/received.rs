//! Rows that a connector reported, as the types of the vocabulary, borrowed for the moment of `emit`.

use chrono::DateTime;

use super::table::{CardRow, Lent, NO_TIME, RelatedRow, Sized32, UpdateRow};
use crate::card::{Brand, Expiry, Pan};
use crate::fault::Fault;
use crate::update::{Card, Outcome, Related, Update};

pub(super) fn bad_row() -> Fault {
    Fault::garbled("the connector gave a row without a true size")
}

/// # Safety
/// The row's texts are lent for `'a`.
unsafe fn text<'a>(text: Lent) -> Result<&'a str, Fault> {
    // SAFETY: the caller's promise.
    std::str::from_utf8(unsafe { text.bytes() })
        .map_err(|_| Fault::garbled("the connector reported a text that is not UTF-8"))
}

/// # Safety
/// The row is lent for `'a` with all it points at.
pub(super) unsafe fn related_of<'a>(row: &UpdateRow) -> Result<Vec<Related<'a>>, Fault> {
    let mut related = Vec::new();
    let mut at = row.related;
    for _ in 0..row.related_len {
        // SAFETY: the caller's promise: `related_len` rows, each as long as it says.
        unsafe {
            let one = RelatedRow::read(at).ok_or_else(bad_row)?;
            related.push(Related {
                customer: text(one.customer)?,
                payment_instrument: text(one.payment_instrument)?,
                creator: text(one.creator)?,
                state: text(one.state)?,
                message: text(one.message)?,
            });
            at = at.byte_add(one.size as usize);
        }
    }
    Ok(related)
}

/// # Safety
/// The row is lent for `'a` with all it points at.
pub(super) unsafe fn update_of<'a>(
    row: &UpdateRow,
    related: &'a [Related<'a>],
) -> Result<Update<'a>, Fault> {
    // SAFETY: the caller's promise.
    unsafe {
        let new = card_at(row.new)?;
        let old = card_at(row.old)?.unwrap_or_default();
        Ok(Update {
            record: text(row.record)?,
            reference: text(row.reference)?,
            outcome: Outcome::from_word(text(row.outcome)?, new),
            provider_code: text(row.provider_code)?,
            provider_reason: text(row.provider_reason)?,
            provider_message: text(row.provider_message)?,
            billable: tri_state(row.billable),
            se_number: text(row.se_number)?,
            old,
            related,
            reported_at: match row.reported_at {
                NO_TIME => None,
                micros => DateTime::from_timestamp_micros(micros),
            },
        })
    }
}

/// # Safety
/// `row` is null, or lent for `'a` with all it points at.
unsafe fn card_at<'a>(row: *const CardRow) -> Result<Option<Card<'a>>, Fault> {
    if row.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    unsafe {
        let row = CardRow::read(row).ok_or_else(bad_row)?;
        card_of(&row).map(Some)
    }
}

/// # Safety
/// The row's texts are lent for `'a`.
unsafe fn card_of<'a>(row: &CardRow) -> Result<Card<'a>, Fault> {
    // SAFETY: the caller's promise.
    unsafe {
        Ok(Card {
            token: text(row.token)?,
            pan: match text(row.pan)? {
                "" => None,
                digits => {
                    Some(Pan::received(digits).map_err(|why| Fault::garbled(why.to_string()))?)
                }
            },
            pan_masked: text(row.pan_masked)?,
            expiry: match row.expiry_month {
                0 => None,
                month => Expiry::new(row.expiry_year, month).ok(),
            },
            brand: match text(row.brand)? {
                "" => None,
                word => Some(Brand::from_word(word)),
            },
            funding: text(row.funding)?,
            customer: text(row.customer)?,
            payment_instrument: text(row.payment_instrument)?,
            instrument_identifier: text(row.instrument_identifier)?,
            instrument_identifier_created: tri_state(row.instrument_identifier_created),
        })
    }
}

fn tri_state(value: i8) -> Option<bool> {
    match value {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}
