//! Bad input: what each file does, what a person reads, and that the good rows beside it are asked about.
//! The sentences are pinned in `pinned/bad_input_*.txt`.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod files;
mod providers;
mod rows;

use std::fs;
use std::path::PathBuf;

use reissue_tests::{Asks, Config, World};

/// A world that asks CardSync about what lies in its directory.
fn world() -> World {
    let config = Config::default()
        .in_sink("plaintext = \"i-accept\"")
        .asks(Asks::CardSync, "");
    World::with(&config)
}

/// The directory that the source looks into.
fn directory(world: &World) -> PathBuf {
    let directory = world.path("cards/cardsync");
    fs::create_dir_all(&directory).unwrap();
    directory
}

/// The cards that the provider was asked about, by number.
fn asked(world: &World) -> Vec<String> {
    let mut asked = world.sandbox.asked_about("cardsync");
    asked.sort_unstable();
    asked
}

/// What a slot says, and what `status` shows of it, as texts that are the same every time.
fn said(world: &World) -> String {
    let ran = world.reissue(&["run", "cardsync", "--wait"]);
    let code = ran.code.unwrap();
    // A table follows, in which hardly anything is the same twice.
    let before = |text: &str, table: &str| {
        let lines = text.lines().take_while(|line| !line.starts_with(table));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    let run = before(&ran.out, " BATCH");
    let status = world.reissue(&["status"]).ok().out;
    let attention = before(&status, " ACCOUNT");
    let (_version, attention) = attention.split_once('\n').unwrap();
    world.neutral(&format!(
        "$ reissue run cardsync --wait ({code})\n{run}{}\n$ reissue status\n{attention}",
        ran.err,
    ))
}
