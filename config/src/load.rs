//! From files to a [`Config`], or to everything that is wrong with them.
//!
//! ```text
//! files ─► trees ─► one merged tree ─┬─► sections, each by itself ─► Config
//!                                    └─► references between sections
//! ```
//!
//! References are checked in the tree, not in the model, so that a section with another fault is
//! checked too. While a file is missing or broken, what seems absent may stand in it: then nothing is
//! reported as missing.

mod files;
mod merge;
mod references;
mod section;
mod wording;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::fault::message_and_help;
use crate::model::{Config, FilesSink, Sink};
use crate::nearest::suggestion;
use crate::place::{Place, Places, scalars};
use crate::problem::{Problem, Problems};
use section::{Named, Reader};

/// The sections of the file.
const SECTIONS: [&str; 6] = ["daemon", "admin", "telemetry", "accounts", "schedules", "sinks"];

/// The sections whose keys are names, each with a table of its own.
const FAMILIES: [&str; 3] = ["accounts", "schedules", "sinks"];

/// Reads `path` and, beside it, `conf.d/*.toml` in the order of their names.
///
/// Secrets are not resolved and no connector is asked: what only the daemon can judge is not judged.
///
/// # Errors
/// All problems at once, in the order of files and lines.
pub fn load(path: &Path) -> Result<Config, Problems> {
    let (sources, mut problems) = files::read(path);
    let mut root = DeTable::new();
    for source in sources.iter() {
        match DeTable::parse(&source.text) {
            Ok(table) => {
                let table = merge::shift(table.into_inner(), source.start);
                for duplicate in merge::merge(&mut root, table) {
                    problems.push(duplicate.problem(&sources));
                }
            }
            Err(error) => {
                let local = error.span().unwrap_or_default();
                let span = local.start + source.start..local.end + source.start;
                let (message, _) = message_and_help(error.message());
                let message = format!("this is not TOML: {message}");
                problems.push(Problem::new(Place::new(&sources, span), message));
            }
        }
    }
    let places = Places::of(&root);
    let mut reader = Reader::new(&sources, &mut problems);
    if reader.complete {
        references::check(&root, &mut reader);
    }

    let mut root = Root(root);
    let daemon = reader.section("daemon", root.take("daemon"));
    let admin = reader.section("admin", root.take("admin"));
    let telemetry = reader.section("telemetry", root.take("telemetry"));
    let accounts = read_family(&mut reader, "accounts", &mut root, Reader::read);
    let schedules = read_family(&mut reader, "schedules", &mut root, Reader::read);
    let sinks = read_family(&mut reader, "sinks", &mut root, read_sink);
    for (key, value) in root.0 {
        let problem = reader
            .problem(key.span(), format!("unknown section `{}`", key.get_ref()))
            .help(suggestion(key.get_ref(), &SECTIONS, "sections"))
            .conceal(scalars(&value));
        reader.problems.push(problem);
    }

    match (daemon, admin, telemetry) {
        (Some(daemon), Some(admin), Some(telemetry)) if problems.is_empty() => Ok(Config {
            daemon,
            admin,
            telemetry,
            accounts,
            schedules,
            sinks,
            sources: Arc::clone(&sources),
            places,
        }),
        _ => Err(problems),
    }
}
