//! What a crash leaves of the journal is mended; what else happens to it is told, never guessed at.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use reissue_tests::{Delivered, World};
use serde_json::json;

#[test]
fn a_torn_last_record_is_cut_off() {
    let lived = Lived::new();
    let whole = lived.journal_text();
    let last = whole.lines().last().unwrap();
    let torn = &last[..last.len() / 2];
    let journal = OpenOptions::new().append(true).open(&lived.journal);
    journal.unwrap().write_all(torn.as_bytes()).unwrap();

    let mut daemon = lived.world.daemon();

    let cut = "The journal's last record was torn and never acknowledged; it is cut off.";
    let lines = daemon.said(cut);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["line"], whole.lines().count() + 1);
    lived.world.run("harvest");
    lived.world.assert_delivered(&[]);
    assert!(lived.journal_text().starts_with(&whole));
}

#[test]
fn a_record_that_was_changed_stops_everything_and_is_named() {
    let lived = Lived::new();
    let whole = lived.journal_text();
    let line = 1 + whole
        .lines()
        .position(|line| line.contains("\"delivered\""))
        .unwrap();
    let changed = whole.replace("\"event\":\"delivered\"", "\"event\":\"delivereD\"");
    fs::write(&lived.journal, &changed).unwrap();

    let sentence = lived.refuses_to_start();

    let named = format!("{} is broken at line {line}", lived.journal.display());
    assert!(sentence.contains(&named), "{sentence}");
    assert!(sentence.contains("from a backup"), "{sentence}");
    assert_eq!(lived.journal_text(), changed, "it was left alone");
}

#[test]
fn a_record_that_is_missing_stops_everything_and_is_named() {
    let lived = Lived::new();
    let whole = lived.journal_text();
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    fs::write(&lived.journal, [&lines[..2], &lines[3..]].concat().concat()).unwrap();

    let sentence = lived.refuses_to_start();

    let named = format!("{} is broken at line 3", lived.journal.display());
    assert!(sentence.contains(&named), "{sentence}");
}

/// A world that has delivered a batch, which was taken away, and was stopped.
struct Lived {
    world: World,
    journal: PathBuf,
}

impl Lived {
    fn new() -> Self {
        let world = World::new();
        let batch = world.sandbox.batch(json!({ "source": "SCHEDULER" }));
        let daemon = world.daemon();
        world.run("harvest");
        let mut billing = Delivered::default();
        billing.take(&world);
        billing.assert_are(&[batch], &world.sandbox);
        daemon.stop();
        let mut files = fs::read_dir(world.path("state/journal")).unwrap();
        let journal = files.next().unwrap().unwrap().path();
        Self { world, journal }
    }

    fn journal_text(&self) -> String {
        fs::read_to_string(&self.journal).unwrap()
    }

    /// What it says instead.
    fn refuses_to_start(&self) -> String {
        let mut daemon = self.world.start();
        assert_eq!(daemon.ended().code(), Some(79));
        let lines: Vec<_> = daemon.log().iter().map(ToString::to_string).collect();
        lines.concat()
    }
}
