//! The command line: its exit codes, its sentences, its JSON.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::fs;

use reissue_tests::{Pinned, World};
use serde_json::{Value, json};

/// The configuration or a key is wrong.
const CONFIGURATION: Option<i32> = Some(78);
/// The daemon cannot be reached, or another one holds the state.
const UNAVAILABLE: Option<i32> = Some(69);
/// Wrong usage.
const USAGE: Option<i32> = Some(64);

#[test]
fn a_second_daemon_on_the_same_state_goes_away() {
    let world = World::new();
    let _daemon = world.daemon();

    let second = world.start_refused();

    assert_eq!(second.code, UNAVAILABLE);
    assert_eq!(
        world.neutral(&second.err),
        "error: another reissue daemon uses WORLD/state: stop it first, or give this one its own \
         state_dir\n"
    );
    world.reissue(&["status"]).ok();
}

#[test]
fn a_reload_with_a_problem_keeps_what_runs() {
    let world = World::new();
    let mut daemon = world.daemon();
    let good = world.config();

    world.edit("job", "job = \"amex-dayly\"");
    let refused = world.reissue(&["reload"]);
    assert_eq!(refused.code, CONFIGURATION, "{}", refused.err);
    assert!(
        refused
            .err
            .starts_with("error: connector `smartpayfuse` has no job `amex-dayly`"),
        "{}",
        refused.err
    );
    daemon.until("The configuration was not reloaded; the old one stays.");

    world.set_config(&good.replace("/state\"", "/elsewhere\""));
    let refused = world.reissue(&["reload"]);
    assert_eq!(refused.code, CONFIGURATION, "{}", refused.err);
    assert_eq!(
        refused.err,
        "error: [daemon], [admin], [webhooks] and [telemetry] take effect at a restart only; nothing was changed: \
         restart the daemon, or put them back\n"
    );

    world.set_config(&good);
    assert_eq!(world.run("amex-daily")["served"], true);
    let reloaded = world.reissue(&["reload"]).ok();
    assert_eq!(reloaded.out, "reloaded: 1 account, 2 schedules, 1 sink\n");
}

#[test]
fn a_command_that_cannot_be_done_says_what_can() {
    let world = World::new();
    let mut pinned = Pinned::new("commands");
    let mut refused = |arguments: &[&str], code| {
        let said = world.reissue(arguments);
        let command = arguments.join(" ");
        assert_eq!((said.code, said.out.as_str()), (code, ""), "{command}");
        pinned.add(&command, &world.neutral(&said.err));
    };

    for command in [&["run", "amex-daily"][..], &["reload"]] {
        refused(command, UNAVAILABLE);
    }
    let daemon = world.daemon();
    refused(&["run", "amex-dayly"], Some(1));
    refused(&["run", "settlements"], Some(1));
    refused(&["batch", "show", "42"], Some(1));
    refused(&["updates", "barclays-uk/42"], Some(1));
    refused(&["connectors", "inspect", "worldline"], Some(1));
    drop(daemon);
    refused(&["batch", "show", "barclays-uk/42"], Some(1));
    for command in [
        &["frobnicate"][..],
        &["run"],
        &["batch", "list", "--state", "lost"],
        &["schedules", "--from", "yesterday"],
        &["status", "--colour"],
    ] {
        refused(command, USAGE);
    }
    fs::remove_file(world.path("reissue.toml")).unwrap();
    refused(&["status"], CONFIGURATION);
    pinned.compare();
}

#[test]
fn every_listing_is_json_whether_or_not_the_daemon_runs() {
    let world = World::new();
    let batch = world.sandbox.batch(json!({ "source": "AMEX_MAINTENANCE" }));
    let daemon = world.daemon();
    let run = world.run("amex-daily");
    assert_eq!(run["batches"][0]["state"], "delivered");

    let asked = || {
        let ask = |arguments: &[&str]| world.reissue(arguments).ok();
        assert_eq!(ask(&["check", "--json"]).json()["accounts"], 1);
        assert_eq!(ask(&["status", "--json"]).json()["batches"]["delivered"], 1);
        assert_eq!(
            ask(&["schedules", "--json"]).json(),
            json!({ "slots": [], "catch_up": [] })
        );
        let listed = ask(&["batch", "list", "--json"]).json();
        assert_eq!(listed[0]["key"], format!("barclays-uk/{batch}"));
        assert_eq!(
            ask(&["batch", "show", &batch, "--json"]).json()["key"],
            listed[0]["key"]
        );
        let counts = ask(&["updates", "--json"]).json();
        let counted = counts.as_array().unwrap().iter();
        assert_eq!(
            counted
                .map(|row| row["count"].as_u64().unwrap())
                .sum::<u64>(),
            10
        );
        let lines = ask(&["updates", &batch, "--json"]).out;
        let lines: Vec<Value> = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines, world.delivered().batches[&batch]);
        let connectors = ask(&["connectors", "list", "--json"]).json();
        assert_eq!(connectors[0]["manifest"]["name"], "smartpayfuse");
        let one = ask(&["connectors", "inspect", "smartpayfuse"]).json();
        assert_eq!(
            one["settings"]["properties"]["merchant_id"]["type"],
            "string"
        );
        assert_eq!(
            ask(&["keys", "status", "--json"]).json()["wrapping_keys"][0]["version"],
            1
        );
    };
    asked();
    drop(daemon);
    asked();
}

#[test]
fn schedules_show_what_daylight_saving_time_and_a_downtime_do() {
    let world = World::new();
    let zone = "cron = \"30 1 * * *\"\ntimezone = \"Europe/London\"";
    world.edit("cron", zone);
    // The other schedule's, which is the first line that begins so now.
    world.edit(
        "cron = \"0 0",
        "cron = \"30 6 * * MON\"\nmissed = \"skip\"\njitter = \"5m\"",
    );
    let mut pinned = Pinned::new("schedules");
    for (heading, from, to) in [
        ("the clock goes forward", "2026-03-28", "2026-03-31"),
        ("the clock goes back", "2026-10-24", "2026-10-27"),
        ("both schedules are due", "2026-11-01", "2026-11-03"),
        (
            "a slot that is hardly late is not passed over",
            "2026-11-02",
            "2026-11-02T06:34:00Z",
        ),
        (
            "nothing is due",
            "2026-10-24T12:00:00Z",
            "2026-10-24T13:00:00Z",
        ),
    ] {
        let shown = world.reissue(&["schedules", "--from", from, "--to", to]);
        pinned.add(heading, &shown.ok().out);
    }
    pinned.compare();

    let years = world.reissue(&["schedules", "--from", "2026-01-01", "--to", "2030-01-01"]);
    let out = years.ok().out;
    for sentence in [
        "of a schedule the first 1000 slots are shown; an earlier --to shows them all\n",
        "  amex-daily would run once for more than 1000 slots, as the last of them, 2029-12-31T01:30:00Z\n",
        "  harvest would pass over 209 slots (missed = \"skip\")\n",
    ] {
        assert!(out.contains(sentence), "{out}");
    }
    let asked = [
        "schedules",
        "--from",
        "2026-11-01",
        "--to",
        "2026-11-03",
        "--json",
    ];
    assert_eq!(
        world.reissue(&asked).ok().json()["catch_up"],
        json!([
            { "schedule": "amex-daily", "missed": 2, "serves": "2026-11-02T01:30:00Z" },
            { "schedule": "harvest", "missed": 1, "serves": null },
        ])
    );
}

#[test]
fn every_command_explains_itself() {
    let world = World::new();
    let mut pinned = Pinned::new("help");
    pinned.add("reissue --help", &world.reissue(&["--help"]).ok().out);
    pinned.compare();
    explains_itself(&world, &[]);
}

/// Fails unless the command's help begins with a sentence and shows its usage, and so on for the
/// commands below it.
fn explains_itself(world: &World, command: &[&str]) {
    let help = world.reissue(&[command, &["--help"]].concat()).ok().out;
    let title = [&["reissue"], command].concat().join(" ");
    let mut lines = help.lines();
    assert!(
        lines.next().is_some_and(|line| line.contains(' ')),
        "{title}: {help}"
    );
    assert!(
        help.contains(&format!("\nUsage: {title} ")),
        "{title}: {help}"
    );
    let below = lines.skip_while(|line| *line != "Commands:").skip(1);
    let below = below.take_while(|line| !line.is_empty());
    for line in below.filter(|line| !line.starts_with("   ")) {
        let (name, about) = line.trim().split_once("  ").unwrap();
        assert!(about.contains(' '), "{title}: {line}");
        if name != "help" {
            explains_itself(world, &[command, &[name]].concat());
        }
    }
}
