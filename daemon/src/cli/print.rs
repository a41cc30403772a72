//! Printing for people: tables without frames, one instant format, errors that begin with `error:`.

use std::io::IsTerminal;

use chrono::{DateTime, SecondsFormat, Utc};
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use crate::failure::Failure;

/// Prints a line. A reader that has enough, such as `head`, ends the command quietly.
macro_rules! say {
    ($($line:tt)*) => {{
        use std::io::Write;
        if writeln!(std::io::stdout().lock(), $($line)*).is_err() {
            std::process::exit(0);
        }
    }};
}
pub(super) use say;

/// Prints a value as JSON.
pub(super) fn json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::from(anyhow::Error::new(error)))?;
    say!("{text}");
    Ok(())
}

/// Prints rows under a heading, each column as wide as it must be; nothing for no rows.
pub(super) fn table(columns: &[&str], rows: Vec<Vec<String>>) {
    if rows.is_empty() {
        return;
    }
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(columns)
        .add_rows(rows);
    for line in table.to_string().lines() {
        say!("{}", line.trim_end());
    }
}

/// Prints a heading, apart from what came before.
pub(super) fn heading(text: &str) {
    say!("\n{text}");
}

/// `2026-11-22T06:30:00Z`.
pub(super) fn time(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The same, or a dash.
pub(super) fn maybe_time(instant: Option<DateTime<Utc>>) -> String {
    instant.map_or_else(|| "-".into(), time)
}

/// A message of failure. A report of several problems brings its own words.
pub(super) fn error(message: &str) -> String {
    if message.starts_with("error") {
        return message.to_owned();
    }
    if std::io::stderr().is_terminal() {
        format!("\u{1b}[1;31merror:\u{1b}[0m {message}")
    } else {
        format!("error: {message}")
    }
}
