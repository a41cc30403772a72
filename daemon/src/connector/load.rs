//! Loading: a staged library becomes a connector, or a sentence that says why not.
#![allow(unsafe_code, reason = "dlopen and the table behind the symbol")]

use std::error::Error;
use std::path::Path;

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use reissue_connector_api::abi::host::Loaded;
use reissue_connector_api::abi::table::{ConnectorTable, SYMBOL};

/// Loads a staged copy. The library stays mapped until the process ends: Rust's thread-locals and
/// panic hooks, and the leaked manifest, would dangle after a `dlclose`.
///
/// # Errors
/// One sentence: it is no library of this machine, no connector of ours, or a connector that is
/// refused.
pub(super) fn load(copy: &Path) -> Result<Loaded, String> {
    // SAFETY: opening runs the library's initialisers. The staged file was checked to be nobody's
    // but root's or ours: a connector is trusted code, and nothing else is opened.
    let library = unsafe { Library::open(Some(copy), RTLD_NOW | RTLD_LOCAL) }
        .map_err(|error| explain(&error))?;
    let table = find(&library, SYMBOL).ok_or_else(|| explain_absence(&library));
    std::mem::forget(library);
    // SAFETY: the table is the library's, which stays mapped.
    unsafe { Loaded::accept(table?) }.map_err(|refusal| format!("is refused: {refusal}"))
}

/// The table behind a symbol.
fn find(library: &Library, symbol: &str) -> Option<*const ConnectorTable> {
    // SAFETY: nothing is read: the symbol's name carries the major version of what stands behind it.
    let symbol = unsafe { library.get::<*const ConnectorTable>(symbol.as_bytes()) }.ok()?;
    Some(symbol.as_raw_ptr().cast_const().cast())
}

/// Why there is no table of ours: a connector of another version, or none at all.
fn explain_absence(library: &Library) -> String {
    let mut others = (0..100).map(|major| format!("reissue_connector_v{major}"));
    match others.find(|symbol| find(library, symbol).is_some()) {
        Some(other) => format!(
            "is a connector for another version of Reissue: it exports `{other}`, and this daemon \
             speaks `{SYMBOL}`. Install the version of the connector that is made for this daemon"
        ),
        None => format!(
            "is no Reissue connector: it exports no `{SYMBOL}`. Remove it from the connector \
             directory, or build it against this version's connector API"
        ),
    }
}

/// The loader's words, with advice for the two that people meet. They are the source of the error,
/// which itself says only what was called.
fn explain(error: &libloading::Error) -> String {
    let error = error
        .source()
        .map_or_else(|| error.to_string(), ToString::to_string);
    let advice = if error.contains("GLIBC") {
        "; it was built on a newer distribution than this one: build it on the oldest that you run"
    } else if error.contains("failed to map segment") {
        "; the staging directory is mounted noexec: put it into the unit's ExecPaths"
    } else {
        ""
    };
    format!("cannot be loaded: {error}{advice}")
}
