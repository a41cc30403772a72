//! Strikes: what the notes of crashes say about each connector, by the content of its file, so that
//! another version begins clean. Three of them quarantine it: a daemon that crashes at every start
//! serves nobody.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::crash;

/// This many crashes quarantine a connector.
const QUARANTINE: usize = 3;

/// Crashes by the SHA-256 of the file.
#[derive(Debug, Default)]
pub(super) struct Strikes(BTreeMap<String, Strike>);

/// The crashes of one connector.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strike {
    /// How many.
    pub crashes: usize,
    /// Its name, if it got as far as telling it.
    pub connector: Option<String>,
    /// The last signal's name.
    pub signal: String,
}

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    sha256: String,
    connector: Option<String>,
    signal: i32,
}

/// Begins to note crashes in this daemon.
///
/// # Errors
/// What the file system says.
pub fn watch(state: &Path) -> io::Result<()> {
    crash::watch(&file(state))
}

/// What a note about this connector begins with, up to the signal's number; for the rest of the
/// process.
pub(super) fn note(sha256: &str, connector: Option<&str>) -> &'static [u8] {
    /// A longer name would not fit into a note.
    const LONGEST: usize = 100;
    let name = connector.filter(|name| name.len() <= LONGEST);
    let whole = line(&Note {
        sha256: sha256.to_owned(),
        connector: name.map(str::to_owned),
        signal: 0,
    });
    whole.trim_end_matches("0}\n").to_owned().leak().as_bytes()
}

/// Forgets the crashes of the connectors of this name, or of files whose SHA-256 begins so. How many
/// connectors that were.
///
/// # Errors
/// What the file system says.
pub fn release(state: &Path, which: &str) -> io::Result<usize> {
    let strikes = Strikes::read(state);
    let meant = |(sha256, strike): &(&String, &Strike)| {
        strike.connector.as_deref() == Some(which) || which.len() >= 8 && sha256.starts_with(which)
    };
    let meant: Vec<&String> = strikes
        .0
        .iter()
        .filter(meant)
        .map(|(sha256, _)| sha256)
        .collect();
    if !meant.is_empty() {
        let stay = |note: &Note| !meant.contains(&&note.sha256);
        let lines = notes(state)
            .into_iter()
            .filter(stay)
            .map(|note| line(&note));
        // Written in place: the handler has this very file open.
        fs::write(file(state), lines.collect::<String>())?;
    }
    Ok(meant.len())
}

impl Strikes {
    /// Reads the notes; a state directory that cannot be read has none.
    pub(super) fn read(state: &Path) -> Self {
        let mut strikes = BTreeMap::<String, Strike>::new();
        for note in notes(state) {
            let strike = strikes.entry(note.sha256).or_default();
            strike.crashes += 1;
            strike.signal = signal(note.signal);
            strike.connector = note.connector.or(strike.connector.take());
        }
        Self(strikes)
    }

    /// The crashes of the file with this content.
    pub(super) fn of(&self, sha256: &str) -> Option<&Strike> {
        self.0.get(sha256)
    }
}

impl Strike {
    /// Whether it is not loaded any more.
    pub(super) fn is_quarantined(&self) -> bool {
        self.crashes >= QUARANTINE
    }

    /// Why the file is not loaded, for a sentence that begins with its name.
    pub(super) fn quarantine(&self, sha256: &str) -> String {
        let Self {
            crashes, signal, ..
        } = self;
        let which = self.connector.as_deref().unwrap_or(&sha256[..16]);
        format!(
            "is quarantined: the daemon crashed in it {crashes} times, the last time by {signal}. \
             Install another version, or try this one again with `reissue connectors release \
             {which}`"
        )
    }

    /// What a person should know before it comes to that.
    pub fn warning(&self) -> String {
        let Self {
            crashes, signal, ..
        } = self;
        let times = if *crashes == 1 { "once" } else { "twice" };
        format!(
            "crashed the daemon {times}, the last time by {signal}; {QUARANTINE} crashes quarantine \
             it: tell its author"
        )
    }
}

fn file(state: &Path) -> PathBuf {
    state.join("crashes")
}

/// The notes; a line that a crash left half is none.
fn notes(state: &Path) -> Vec<Note> {
    let text = fs::read_to_string(file(state)).unwrap_or_default();
    let notes = text.lines().map(serde_json::from_str);
    notes.filter_map(Result::ok).collect()
}

fn line(note: &Note) -> String {
    let note = serde_json::to_string(note);
    note.expect("texts and a number have no way to fail") + "\n"
}

fn signal(number: i32) -> String {
    let known = crash::SIGNALS.iter().find(|(known, _)| *known == number);
    known.map_or_else(
        || format!("signal {number}"),
        |(_, name)| (*name).to_owned(),
    )
}
