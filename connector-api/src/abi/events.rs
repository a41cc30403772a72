//! What a connector says through `tracing`: lines of the daemon's log, inside the span of the call.
//!
//! A connector has its own copy of `tracing`, so no subscriber of the daemon's can hear it. For the
//! duration of a call this one is the thread's default and writes every event through the loan. Of
//! the connector's own code it takes everything from `debug` on, of the libraries in it only what
//! warns: some of them log what nobody may read (an HTTP client its URLs, a parser its input).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing_core::dispatcher::{self, DefaultGuard, Dispatch};
use tracing_core::field::{Field, Visit};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::subscriber::{Interest, Subscriber};
use tracing_core::{Event, LevelFilter, Metadata};

use super::borrow::RunHandle;
use super::table::RunTable;
use crate::run::Level;

thread_local! {
    /// The call on this thread.
    static CALL: RefCell<Option<Call>> = const { RefCell::new(None) };
}

/// Listens until it is dropped. `table` must outlive it, and `connector` is the type whose crate is
/// the connector's own code.
pub(super) fn listen(table: &RunTable, connector: &'static str) -> Listening {
    static FORWARD: OnceLock<Dispatch> = OnceLock::new();
    let own = connector.split("::").next().unwrap_or_default();
    CALL.set(Some(Call {
        table: *table,
        own,
        spans: BTreeMap::new(),
        entered: Vec::new(),
    }));
    let forward = FORWARD.get_or_init(|| Dispatch::new(Forward));
    Listening {
        _default: dispatcher::set_default(forward),
    }
}

/// Ends the listening with the call: the loan may not be used afterwards.
pub(super) struct Listening {
    _default: DefaultGuard,
}

impl Drop for Listening {
    fn drop(&mut self) {
        CALL.set(None);
    }
}

struct Call {
    table: RunTable,
    own: &'static str,
    spans: BTreeMap<u64, Span>,
    /// The spans that the thread is in, the innermost last.
    entered: Vec<u64>,
}

struct Span {
    text: String,
    handles: usize,
}

struct Forward;

impl Subscriber for Forward {
    /// What is enabled depends on the connector whose call it is, so nothing may be remembered.
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let own = |call: &mut Call| {
            let rest = metadata.target().strip_prefix(call.own);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        with(own).is_some_and(|own| {
            let least = if own {
                LevelFilter::DEBUG
            } else {
                LevelFilter::WARN
            };
            *metadata.level() <= least
        })
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut text = Text::of(span.metadata().name());
        span.record(&mut text);
        // A span may outlive its call, and must not pass for one of the next.
        static LAST: AtomicU64 = AtomicU64::new(1);
        let id = LAST.fetch_add(1, Ordering::Relaxed);
        with(|call| {
            let (text, handles) = (text.0, 1);
            call.spans.insert(id, Span { text, handles });
        });
        Id::from_u64(id)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut text = Text(String::new());
        values.record(&mut text);
        with(|call| {
            if let Some(span) = call.spans.get_mut(&span.into_u64()) {
                span.text.push_str(&text.0);
            }
        });
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        // The loan is used outside the borrow: the daemon may do what it likes in its log.
        let said = with(|call| {
            let spans = call.entered.iter().filter_map(|id| call.spans.get(id));
            let mut line: String = spans.map(|span| format!("{}: ", span.text)).collect();
            line.push_str(text.0.trim_start());
            (call.table, line)
        });
        if let Some((table, line)) = said {
            RunHandle::of(&table).log(level_of(event.metadata()), &line);
        }
    }

    fn enter(&self, span: &Id) {
        with(|call| call.entered.push(span.into_u64()));
    }

    fn exit(&self, span: &Id) {
        with(|call| {
            let innermost = call.entered.iter().rposition(|id| *id == span.into_u64());
            innermost.map(|at| call.entered.remove(at))
        });
    }

    fn clone_span(&self, span: &Id) -> Id {
        with(|call| {
            if let Some(span) = call.spans.get_mut(&span.into_u64()) {
                span.handles += 1;
            }
        });
        span.clone()
    }

    fn try_close(&self, span: Id) -> bool {
        let closed = with(|call| {
            let span = span.into_u64();
            let left = call.spans.get_mut(&span).map(|span| {
                span.handles -= 1;
                span.handles
            });
            left == Some(0) && call.spans.remove(&span).is_some()
        });
        closed.unwrap_or(false)
    }
}

/// None outside a call, such as in a thread that the connector started by itself.
fn with<T>(what: impl FnOnce(&mut Call) -> T) -> Option<T> {
    CALL.with_borrow_mut(|call| call.as_mut().map(what))
}

fn level_of(metadata: &Metadata<'_>) -> Level {
    match *metadata.level() {
        tracing_core::Level::ERROR => Level::Error,
        tracing_core::Level::WARN => Level::Warn,
        tracing_core::Level::INFO => Level::Info,
        _ => Level::Debug,
    }
}

/// Fields as `name=value` behind each other, the message bare.
struct Text(String);

impl Text {
    fn of(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing into a string does not fail.
        let _ = match field.name() {
            "message" => write!(self.0, " {value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}
