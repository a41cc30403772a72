//! Which call is under way on a thread, and the table that the connector sees of it.
//!
//! Tables are never freed, only used again: one that a connector kept is still a table, whose
//! `context` is no call's any more or that of a call on another thread.

use std::cell::{Cell, UnsafeCell};
use std::ffi::c_void;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::table::{RunTable, Sized32};

/// The call that is under way on this thread; over when it is dropped.
pub(super) struct Current {
    place: &'static Place,
    context: usize,
    before: OnThread,
    /// It is the thread's.
    _one_thread: PhantomData<*const ()>,
}

/// A number that only one call ever has, and its loan.
#[derive(Clone, Copy)]
struct OnThread {
    context: usize,
    lending: *mut c_void,
}

thread_local! {
    static ON_THREAD: Cell<OnThread> = const {
        Cell::new(OnThread { context: 0, lending: std::ptr::null_mut() })
    };
}

/// Where a table lies.
struct Place(UnsafeCell<RunTable>);

// SAFETY: a place is written only by the call that took it from `FREE`. A connector that reads one it
// kept may see a mixture of two calls, which is what ABI.md tells it not to do; we read none.
unsafe impl Sync for Place {}

/// Places of calls that are over: at most as many as there ever were calls at the same time.
static FREE: Mutex<Vec<&'static Place>> = Mutex::new(Vec::new());

impl Current {
    /// Begins a call that lends from there.
    pub(super) fn begin(lending: *mut c_void) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(1);

        let context = NEXT.fetch_add(1, Ordering::Relaxed);
        let free = FREE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Self {
            place: free
                .unwrap_or_else(|| Box::leak(Box::new(Place(UnsafeCell::new(RunTable::EMPTY))))),
            context,
            before: ON_THREAD.replace(OnThread { context, lending }),
            _one_thread: PhantomData,
        }
    }

    /// The call's table with these functions. It stays where it is.
    pub(super) fn table(&self, functions: RunTable) -> *const RunTable {
        let table = RunTable {
            context: std::ptr::without_provenance_mut(self.context),
            ..functions
        };
        // SAFETY: the place is ours until we drop.
        unsafe { self.place.0.get().write(table) };
        self.place.0.get()
    }

    /// The loan of the call under way on this thread, if `context` is that call's.
    pub(super) fn lending(context: *mut c_void) -> Option<*mut c_void> {
        let current = ON_THREAD.get();
        (current.context != 0 && current.context == context.addr()).then_some(current.lending)
    }
}

impl Drop for Current {
    fn drop(&mut self) {
        ON_THREAD.set(self.before);
        // SAFETY: the place is ours until it is free.
        unsafe { (*self.place.0.get()).context = std::ptr::null_mut() };
        let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        free.push(self.place);
    }
}
