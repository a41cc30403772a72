//! The layout of everything that crosses the boundary.
//!
//! Rules: every table and row begins with its own size in bytes, a multiple of 8; a field counts
//! only if it lies inside; fields are appended and never change. `Lent` bytes belong to the giver
//! and live until the call returns, or until the next call of the same function where that is said.
//! `Given` bytes belong to the taker, who calls `release`, which wipes and frees them.

use std::ffi::c_void;
use std::mem::size_of;

use zeroize::Zeroize;

/// The exported symbol: a `ConnectorTable` with the major version of this boundary in its name.
pub const SYMBOL: &str = "reissue_connector_v0";

/// The call did what it was asked to do.
pub const OK: i32 = 0;
/// There is nothing more (`next_card`).
pub const END: i32 = 1;
/// It failed; the reply is a fault document.
pub const FAULT: i32 = 2;
/// It panicked; the reply is a fault document, and the instance must not be used again.
pub const PANICKED: i32 = 3;

/// Flag of a `ConnectorTable`: built with `panic = "abort"`, so a panic would end the daemon.
pub const PANICS_ABORT: u32 = 1;

/// A tri-state that is not known.
pub const NOT_KNOWN: i8 = -1;
/// An instant that is not known.
pub const NO_TIME: i64 = i64::MIN;

/// Bytes that belong to the giver.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Lent {
    /// The first byte; may be null when `len` is 0.
    pub ptr: *const u8,
    /// How many bytes.
    pub len: usize,
}

impl Lent {
    /// No bytes.
    pub const NONE: Self = Self {
        ptr: std::ptr::null(),
        len: 0,
    };

    /// Lends a slice.
    pub const fn of(bytes: &[u8]) -> Self {
        Self {
            ptr: bytes.as_ptr(),
            len: bytes.len(),
        }
    }

    /// The bytes again.
    ///
    /// # Safety
    /// `ptr` must point at `len` bytes that live and do not change for `'a`.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        if self.ptr.is_null() || self.len == 0 {
            return &[];
        }
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts(self.ptr, self.len) }
    }
}

/// Bytes that belong to the taker.
#[repr(C)]
pub struct Given {
    /// The first byte; may be null when `len` is 0.
    pub ptr: *mut u8,
    /// How many bytes.
    pub len: usize,
    /// Wipes and frees them.
    pub release: Option<unsafe extern "C" fn(*mut u8, usize)>,
}

impl Given {
    /// No bytes.
    pub const NONE: Self = Self {
        ptr: std::ptr::null_mut(),
        len: 0,
        release: None,
    };

    /// Gives a vector away.
    pub fn of(bytes: Vec<u8>) -> Self {
        let bytes = bytes.into_boxed_slice();
        let len = bytes.len();
        Self {
            ptr: Box::into_raw(bytes).cast(),
            len,
            release: Some(release_boxed),
        }
    }

    /// Copies the bytes out and releases them.
    ///
    /// # Safety
    /// The giver must have filled all three fields truthfully.
    pub unsafe fn take(self) -> Vec<u8> {
        let lent = Lent {
            ptr: self.ptr,
            len: self.len,
        };
        // SAFETY: the giver promises `len` bytes that are ours until we release them.
        let bytes = unsafe { lent.bytes() }.to_vec();
        if let Some(release) = self.release {
            // SAFETY: called once, with what the giver gave.
            unsafe { release(self.ptr, self.len) };
        }
        bytes
    }
}

unsafe extern "C" fn release_boxed(ptr: *mut u8, len: usize) {
    if ptr.is_null() {
        return;
    }
    // SAFETY: `ptr` and `len` come from `Box::into_raw` of a boxed slice in `Given::of`.
    let mut bytes = unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(ptr, len)) };
    bytes.zeroize();
}

/// What a connector exports.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ConnectorTable {
    /// The size of this table.
    pub size: u32,
    /// `PANICS_ABORT` or 0; unknown bits are ignored.
    pub flags: u32,
    /// Which kit and compiler built it, for people.
    pub built_with: Lent,
    /// Writes the manifest and the schema of the settings.
    pub describe: Option<unsafe extern "C" fn(reply: *mut Given) -> i32>,
    /// Makes an instance for one account. No IO.
    pub open: Option<
        unsafe extern "C" fn(request: Lent, instance: *mut *mut c_void, reply: *mut Given) -> i32,
    >,
    /// Serves one verb. Several threads may call one instance at a time.
    pub call: Option<
        unsafe extern "C" fn(
            instance: *mut c_void,
            verb: Lent,
            request: Lent,
            run: *const RunTable,
            reply: *mut Given,
        ) -> i32,
    >,
    /// Ends an instance. No call may be under way.
    pub close: Option<unsafe extern "C" fn(instance: *mut c_void)>,
}

// SAFETY: a table is constant data and plain functions, and its texts are constant too.
unsafe impl Send for ConnectorTable {}
// SAFETY: as above.
unsafe impl Sync for ConnectorTable {}

/// What the daemon lends for one call. Every function takes `context` first and may be called only
/// on the thread of the call, until the call returns.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct RunTable {
    /// The size of this table.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// The daemon's own.
    pub context: *mut c_void,
    /// Sends a request; `out` is the head or a fault, lent until the next `http`.
    pub http: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            request: Lent,
            body: Lent,
            out: *mut Lent,
        ) -> i32,
    >,
    /// Reads on in the body of that response; `out` is the next piece, empty at the end, lent until
    /// the next `read`, or a fault.
    pub read:
        Option<unsafe extern "C" fn(context: *mut c_void, response: u64, out: *mut Lent) -> i32>,
    /// Takes one update; `out` is a fault or nothing.
    pub emit: Option<
        unsafe extern "C" fn(context: *mut c_void, row: *const UpdateRow, out: *mut Lent) -> i32,
    >,
    /// Fills `row` with the next card, lent until the next `next_card`, or returns `END`.
    pub next_card:
        Option<unsafe extern "C" fn(context: *mut c_void, row: *mut AskRow, out: *mut Lent) -> i32>,
    /// Microseconds since 1970 in UTC.
    pub now: Option<unsafe extern "C" fn(context: *mut c_void) -> i64>,
    /// Fills `len` bytes from a cryptographic generator.
    pub random: Option<unsafe extern "C" fn(context: *mut c_void, ptr: *mut u8, len: usize)>,
    /// 1 when the daemon wants the call to end, else 0.
    pub cancelled: Option<unsafe extern "C" fn(context: *mut c_void) -> i32>,
    /// Writes a line of UTF-8 at a level of 1 (error) to 4 (debug).
    pub log: Option<unsafe extern "C" fn(context: *mut c_void, level: i32, text: Lent)>,
}

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

/// A row or table that begins with its size and can be read from a shorter or longer one.
///
/// # Safety
/// The type is `repr(C)`, its first field is the `u32` size, every other field is valid for every
/// value of whole 8-byte words, and `EMPTY` says what a missing field means.
pub unsafe trait Sized32: Copy {
    /// A row with no field given.
    const EMPTY: Self;

    /// Copies as much of the row at `from` as it has and as we know.
    ///
    /// # Safety
    /// `from` is null, or points at a row of this kind whose size field is true.
    unsafe fn read(from: *const Self) -> Option<Self> {
        if from.is_null() {
            return None;
        }
        // SAFETY: every row has at least its size field.
        let size = unsafe { from.cast::<u32>().read() } as usize;
        if size < 8 || !size.is_multiple_of(8) {
            return None;
        }
        let mut row = Self::EMPTY;
        // SAFETY: both sides hold at least the smaller of the two sizes.
        unsafe {
            std::ptr::copy_nonoverlapping(
                from.cast::<u8>(),
                (&raw mut row).cast::<u8>(),
                size.min(size_of::<Self>()),
            );
        }
        Some(row)
    }
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

// SAFETY: as above; functions are pointers that may be absent.
unsafe impl Sized32 for ConnectorTable {
    const EMPTY: Self = Self {
        size: size_of::<Self>() as u32,
        flags: 0,
        built_with: Lent::NONE,
        describe: None,
        open: None,
        call: None,
        close: None,
    };
}

// SAFETY: as above.
unsafe impl Sized32 for RunTable {
    const EMPTY: Self = Self {
        size: size_of::<Self>() as u32,
        reserved: 0,
        context: std::ptr::null_mut(),
        http: None,
        read: None,
        emit: None,
        next_card: None,
        now: None,
        random: None,
        cancelled: None,
        log: None,
    };
}
