//! What producers write and operators read.

mod cards;
mod done;
mod files;
mod refused;
mod rejects;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};
use tempfile::TempDir;

use super::{Card, CardFile, Identifier, Look, Source, SourceError, Taken};

/// A directory that producers write into, and what reads it.
struct Place {
    directory: TempDir,
    source: Source,
}

impl Place {
    /// With files of any name of that kind.
    fn of(kind: &str) -> Self {
        Self::with(kind, "")
    }

    /// With more keys in the configuration; `DIR` is the directory.
    fn with(kind: &str, keys: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let toml = format!(
            r#"
            [daemon]
            key = {{ env = "KEY" }}
            [sources.cards]
            kind = "{kind}"
            path = "DIR/cards*"
            {keys}
            "#
        );
        let toml = toml.replace("DIR", directory.path().to_str().unwrap());
        let file = directory.path().join("reissue.toml");
        fs::write(&file, toml).unwrap();
        let config = reissue_config::load(&file).unwrap_or_else(|problems| panic!("{problems}"));
        let source = Source::new(&config.sources["cards"], None).unwrap();
        Self { directory, source }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    fn look(&self) -> Look<'_> {
        self.source.look(later()).unwrap()
    }

    /// The only file that is ready.
    fn ready(&self) -> CardFile<'_> {
        let mut ready = self.look().ready;
        assert_eq!(ready.len(), 1, "{:?}", self.look());
        ready.remove(0)
    }

    /// What is wrong, without the name of the directory and with the system's reason.
    fn text(&self, error: SourceError) -> String {
        let text = format!("{:#}", anyhow::Error::new(error));
        text.replace(&format!("{}/", self.directory.path().display()), "")
    }
}

/// The cards of a file as texts, numbers masked, and what was taken.
fn read(file: &CardFile<'_>) -> Result<(Vec<String>, Taken), SourceError> {
    let mut cards = Vec::new();
    let taken = file.read(today(), |card| {
        cards.push(text(&card));
        Ok::<_, SourceError>(())
    })?;
    Ok((cards, taken))
}

fn text(card: &Card<'_>) -> String {
    let identifier = match &card.identifier {
        Identifier::Pan(pan) => pan.masked(),
        Identifier::Token { kind, token } => format!("{kind} {token}"),
    };
    let expiry = card.expiry.map_or("-".into(), |expiry| expiry.to_string());
    let day = card.next_billing.map_or("-".into(), |day| day.to_string());
    format!(
        "{} {} {identifier} {expiry} {} {day}",
        card.line,
        card.reference,
        if card.se_number.is_empty() {
            "-"
        } else {
            card.se_number
        },
    )
}

/// So much later that every file is settled.
fn later() -> DateTime<Utc> {
    "2200-01-01T00:00:00Z".parse().unwrap()
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
}

/// When a file's content was last changed.
fn changed(path: &Path) -> DateTime<Utc> {
    let file = fs::metadata(path).unwrap();
    DateTime::from_timestamp(file.mtime(), file.mtime_nsec() as u32).unwrap()
}
