//! Notes of crashes: when the daemon dies inside a connector, a line says in whose code.
//!
//! Why in a signal handler: nothing else runs between a fault and the end of the process, and a note
//! before every call would cost a write and could not tell a crash from a power cut. The handler
//! does only what may be done there: it reads a thread-local constant, writes to a descriptor that
//! is open already, and lets the signal do what it would have done. A signal that somebody sent from
//! outside leaves no note.
#![allow(unsafe_code, reason = "signal handlers")]

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::fs::OpenOptions;
use std::io;
use std::os::fd::IntoRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use libc::{SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, sigaction, siginfo_t};

/// The signals that a thread brings upon itself.
pub(super) const SIGNALS: [(c_int, &str); 5] = [
    (SIGSEGV, "SIGSEGV"),
    (SIGBUS, "SIGBUS"),
    (SIGILL, "SIGILL"),
    (SIGFPE, "SIGFPE"),
    (SIGABRT, "SIGABRT"),
];

/// Longer notes are not written: a note is one write, so that two never mix.
const LONGEST: usize = 1024;

/// The file of notes.
static NOTES: AtomicI32 = AtomicI32::new(-1);
/// What the signals did before, in the order of `SIGNALS`: std's own handler says of a stack overflow
/// that it is one.
static BEFORE: OnceLock<Vec<sigaction>> = OnceLock::new();

thread_local! {
    /// The beginning of the note for the connector whose code this thread runs. It is constant data
    /// without a destructor, so a signal handler may read it.
    static INSIDE: Cell<Option<&'static [u8]>> = const { Cell::new(None) };
}

/// Whose code this thread runs, until it is dropped.
pub(super) struct Inside {
    before: Option<&'static [u8]>,
}

impl Inside {
    /// Enters the code of the connector that the note is about.
    pub(super) fn enter(note: &'static [u8]) -> Self {
        Self {
            before: INSIDE.replace(Some(note)),
        }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.set(self.before);
    }
}

/// Notes crashes in this file from now on.
///
/// # Errors
/// What the file system says.
pub(super) fn watch(notes: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let file = options.append(true).create(true).mode(0o600).open(notes)?;
    // Open for the rest of the process.
    NOTES.store(file.into_raw_fd(), Ordering::Relaxed);
    BEFORE.get_or_init(|| SIGNALS.map(|(signal, _)| install(signal)).into());
    Ok(())
}

/// Installs the handler and returns what was there before.
fn install(signal: c_int) -> sigaction {
    // SAFETY: both are plain data for which zeroes are valid, and the handler does nothing that a
    // signal handler must not. It runs on the stack that std gives every thread for this.
    unsafe {
        let mut ours: sigaction = std::mem::zeroed();
        let mut before: sigaction = std::mem::zeroed();
        let handler: extern "C" fn(c_int, *mut siginfo_t, *mut c_void) = on_signal;
        ours.sa_sigaction = handler as usize;
        ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        sigaction(signal, &raw const ours, &raw mut before);
        before
    }
}

extern "C" fn on_signal(signal: c_int, info: *mut siginfo_t, _: *mut c_void) {
    // SAFETY: the kernel gives the information; a signal that was sent says by whom.
    let (is_fault, from_us) = unsafe {
        let is_fault = (*info).si_code > 0;
        (is_fault, is_fault || (*info).si_pid() == libc::getpid())
    };
    if from_us {
        note(signal);
    }
    // A fault happens again once this returns, and what was there before deals with it. What was sent
    // is sent again, and ends the process.
    let before = SIGNALS.iter().position(|(known, _)| *known == signal);
    let before = before.and_then(|position| BEFORE.get()?.get(position));
    // SAFETY: as in `install`; zeroes are the default action.
    unsafe {
        let next = match before {
            Some(before) if is_fault => *before,
            _ => std::mem::zeroed(),
        };
        sigaction(signal, &raw const next, std::ptr::null_mut());
        if !is_fault {
            libc::raise(signal);
        }
    }
}

/// Writes the note of this thread's connector, once: what follows the first signal is its doing.
fn note(signal: c_int) {
    static NOTED: AtomicBool = AtomicBool::new(false);

    let Some(begin) = INSIDE.get() else {
        return;
    };
    if NOTED.swap(true, Ordering::Relaxed) {
        return;
    }
    let digits = [b'0' + (signal / 10 % 10) as u8, b'0' + (signal % 10) as u8];
    let digits = if signal < 10 { &digits[1..] } else { &digits };
    let mut line = [0; LONGEST];
    let mut length = 0;
    for part in [begin, digits, b"}\n"] {
        let Some(place) = line.get_mut(length..length + part.len()) else {
            return;
        };
        place.copy_from_slice(part);
        length += part.len();
    }
    // SAFETY: the bytes are ours; a descriptor that is not open is an error and nothing else.
    unsafe { libc::write(NOTES.load(Ordering::Relaxed), line.as_ptr().cast(), length) };
}
