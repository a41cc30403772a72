//! From files to a [`Config`], or to everything that is wrong with them.
//!
//! ```text
//! files ─► one tree ─┬─► references between sections
//!                    └─► sections, each by itself ─► Config
//! ```
//!
//! References are checked in the tree, not in the model, so that a section with another fault is
//! checked too. While a file is missing or broken, what seems absent may stand in it: then nothing
//! is reported as absent.

mod entry;
mod files;
mod inquiries;
mod references;
mod section;
mod tree;
mod wording;

use std::path::Path;
use std::sync::Arc;

use crate::model::{Config, Sink};
use crate::place::Places;
use crate::problem::Problems;
use section::Reader;

/// Reads `path` and, beside it, `conf.d/*.toml` in the order of their names.
///
/// Secrets are not resolved and no connector is asked: what only the daemon can judge is not judged.
///
/// # Errors
/// All problems at once, in the order of files and lines.
pub fn load(path: &Path) -> Result<Config, Problems> {
    let (sources, mut problems) = files::read(path);
    let mut root = tree::grow(&sources, &mut problems);
    let complete = problems.is_empty();
    problems.extend(references::check(&root, &sources, complete));
    let places = Places::of(&root);

    let mut reader = Reader::new(&sources, &mut problems, complete);
    let daemon = reader.single(&mut root, "daemon");
    let admin = reader.single(&mut root, "admin");
    let webhooks = reader.optional(&mut root, "webhooks");
    let telemetry = reader.single(&mut root, "telemetry");
    let connectors = reader.family(&mut root, "connectors", Reader::read);
    let accounts = reader.family(&mut root, "accounts", Reader::read);
    let fees = reader.family(&mut root, "fees", Reader::read);
    let schedules = reader.family(&mut root, "schedules", Reader::read);
    let card_sources = reader.family(&mut root, "sources", Reader::read);
    let sinks = reader.family(&mut root, "sinks", |reader, sink| match sink.says("kind") {
        Some("webhook") => reader.read(sink).map(Sink::Webhook),
        // What is none of the kinds is told there what they are.
        _ => reader.read(sink).map(Sink::Files),
    });
    let alarms = reader.optional(&mut root, "alarms");
    reader.refuse_the_rest(root);

    match (daemon, admin, telemetry) {
        (Some(daemon), Some(admin), Some(telemetry)) if problems.is_empty() => Ok(Config {
            daemon,
            admin,
            webhooks,
            telemetry,
            connectors,
            accounts,
            fees,
            schedules,
            sources: card_sources,
            sinks,
            alarms,
            text: Arc::clone(&sources),
            places,
        }),
        _ => Err(problems),
    }
}
