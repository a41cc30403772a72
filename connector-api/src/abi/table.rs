//! The layout of everything that crosses the boundary.
//!
//! Rules: every table and row begins with its own size in bytes, a multiple of 8; a field counts
//! only if it lies inside; fields are appended and never change. `Lent` bytes belong to the giver
//! and live until the call returns, or until the next call of the same function where that is said.
//! `Given` bytes belong to the taker, who calls `release`, which wipes and frees them. `ABI.md` is
//! the whole of it for another language.

use std::ffi::c_void;
use std::mem::size_of;

use zeroize::Zeroize;

pub use super::rows::{AskRow, CardRow, RelatedRow, UpdateRow};

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
        // No object is longer than `isize::MAX`, so such a length is a lie.
        if self.ptr.is_null() || self.len > isize::MAX as usize {
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
    /// Which call this is, for the daemon; no address of anything.
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
