//! The rows of the bulk: updates on their way out, cards on their way in.

use std::mem::size_of;

use super::table::{Lent, NO_TIME, NOT_KNOWN, Sized32};

/// A card inside an update. Texts are UTF-8; an empty one is not known.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct CardRow {
    /// The size of this row.
    pub size: u32,
    /// Four digits, or 0.
    pub expiry_year: u16,
    /// 1 to 12, or 0.
    pub expiry_month: u8,
    /// 1, 0 or `NOT_KNOWN`.
    pub instrument_identifier_created: i8,
    /// The provider's handle.
    pub token: Lent,
    /// The full number, digits only.
    pub pan: Lent,
    /// The provider's mask.
    pub pan_masked: Lent,
    /// The network's word.
    pub brand: Lent,
    /// Credit, debit, ….
    pub funding: Lent,
    /// The vault's customer.
    pub customer: Lent,
    /// The vault's payment instrument.
    pub payment_instrument: Lent,
    /// The vault's instrument identifier.
    pub instrument_identifier: Lent,
}

/// A related record inside an update.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct RelatedRow {
    /// The size of this row, and the step to the next one.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// The vault's customer.
    pub customer: Lent,
    /// The vault's payment instrument.
    pub payment_instrument: Lent,
    /// Who made it.
    pub creator: Lent,
    /// Its state.
    pub state: Lent,
    /// The provider's words.
    pub message: Lent,
}

/// One update on its way out.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct UpdateRow {
    /// The size of this row.
    pub size: u32,
    /// 1, 0 or `NOT_KNOWN`.
    pub billable: i8,
    /// 0.
    pub reserved: [u8; 3],
    /// Microseconds since 1970 in UTC, or `NO_TIME`.
    pub reported_at: i64,
    /// The provider's record id.
    pub record: Lent,
    /// The customer's own reference, or our card key.
    pub reference: Lent,
    /// The outcome's word.
    pub outcome: Lent,
    /// The provider's code.
    pub provider_code: Lent,
    /// The provider's reason.
    pub provider_reason: Lent,
    /// The provider's words.
    pub provider_message: Lent,
    /// The merchant number.
    pub se_number: Lent,
    /// The card that was asked about, or null.
    pub old: *const CardRow,
    /// The new card, or null.
    pub new: *const CardRow,
    /// The first of the related records, or null.
    pub related: *const RelatedRow,
    /// How many.
    pub related_len: usize,
}

/// One card to ask about, on its way in.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct AskRow {
    /// The size of this row: the connector fills it in, and the daemon writes no further.
    pub size: u32,
    /// Four digits, or 0.
    pub expiry_year: u16,
    /// 1 to 12, or 0.
    pub expiry_month: u8,
    /// 0.
    pub reserved: u8,
    /// Our short key.
    pub key: Lent,
    /// The full number, digits only.
    pub pan: Lent,
    /// The provider's token.
    pub token: Lent,
    /// What sort of token.
    pub token_kind: Lent,
    /// The merchant number.
    pub se_number: Lent,
}

// SAFETY: `repr(C)`, sizes first, texts and pointers on 8-byte words.
unsafe impl Sized32 for CardRow {
    const EMPTY: Self = Self {
        size: size_of::<Self>() as u32,
        expiry_year: 0,
        expiry_month: 0,
        instrument_identifier_created: NOT_KNOWN,
        token: Lent::NONE,
        pan: Lent::NONE,
        pan_masked: Lent::NONE,
        brand: Lent::NONE,
        funding: Lent::NONE,
        customer: Lent::NONE,
        payment_instrument: Lent::NONE,
        instrument_identifier: Lent::NONE,
    };
}

// SAFETY: as above.
unsafe impl Sized32 for RelatedRow {
    const EMPTY: Self = Self {
        size: size_of::<Self>() as u32,
        reserved: 0,
        customer: Lent::NONE,
        payment_instrument: Lent::NONE,
        creator: Lent::NONE,
        state: Lent::NONE,
        message: Lent::NONE,
    };
}

// SAFETY: as above.
unsafe impl Sized32 for UpdateRow {
    const EMPTY: Self = Self {
        size: size_of::<Self>() as u32,
        billable: NOT_KNOWN,
        reserved: [0; 3],
        reported_at: NO_TIME,
        record: Lent::NONE,
        reference: Lent::NONE,
        outcome: Lent::NONE,
        provider_code: Lent::NONE,
        provider_reason: Lent::NONE,
        provider_message: Lent::NONE,
        se_number: Lent::NONE,
        old: std::ptr::null(),
        new: std::ptr::null(),
        related: std::ptr::null(),
        related_len: 0,
    };
}

// SAFETY: as above.
unsafe impl Sized32 for AskRow {
    const EMPTY: Self = Self {
        size: size_of::<Self>() as u32,
        expiry_year: 0,
        expiry_month: 0,
        reserved: 0,
        key: Lent::NONE,
        pan: Lent::NONE,
        token: Lent::NONE,
        token_kind: Lent::NONE,
        se_number: Lent::NONE,
    };
}
