//! Connectors that take the daemon with them. A crash is noted; the third one quarantines the file,
//! and the daemon lives on without it.

use std::fs;
use std::os::unix::process::ExitStatusExt;

use reissue_tests::{ACCOUNT, Config, Daemon, Pinned, World, ZOO};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::{needs_a_person, serves_others, text, with};

/// Starts the daemon and waits until its connector has killed it.
fn crash(world: &World) -> Option<i32> {
    let mut daemon = world.start();
    if daemon.became_ready() {
        world.reissue(&["run", ZOO]);
    }
    daemon.ended().signal()
}

/// The notes of crashes.
fn notes(world: &World) -> Vec<Value> {
    let notes = fs::read_to_string(world.path("state/crashes")).unwrap_or_default();
    notes
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn each_way_to_die_is_noted_with_its_signal() {
    let world = with("tame", &[], "");
    for (way, signal) in [
        ("SEGMENT", Signal::SEGV),
        ("STACK", Signal::SEGV),
        ("ABORT", Signal::ABORT),
        ("ILLEGAL", Signal::ILL),
        ("ARITHMETIC", Signal::FPE),
    ] {
        world.animal("crashes", &[&format!("-D{way}")]);
        let before = notes(&world).len();
        let died = crash(&world);
        let notes = notes(&world);
        assert_eq!(notes.len(), before + 1, "{way}: {notes:?}");
        let note = notes.last().unwrap();
        assert_eq!(note["connector"], ZOO, "{way}");
        assert_eq!(note["signal"], signal.as_raw(), "{way}");
        // A stack overflow is told as such by std, which then aborts.
        let overflow = way == "STACK" && died == Some(Signal::ABORT.as_raw());
        assert!(died == Some(signal.as_raw()) || overflow, "{way}: {died:?}");
        world.forget();
    }
}

#[test]
fn three_crashes_quarantine_the_file_and_its_account_waits() {
    let world = with("crashes", &["-DSEGMENT"], "");
    let mut pinned = Pinned::new("zoo_crashes");
    for crashes in ["one crash", "two crashes"] {
        assert_eq!(crash(&world), Some(Signal::SEGV.as_raw()));
        world.forget();
        let daemon = world.daemon();
        pinned.add(crashes, &needs_a_person(&world, ZOO).join("\n"));
        daemon.stop();
    }
    // The slot stays open this time: without a quarantine the daemon would die at every start.
    assert_eq!(crash(&world), Some(Signal::SEGV.as_raw()));

    let mut daemon = world.daemon();
    pinned.add("status", &status(&world));
    let ran = world.reissue(&["run", ZOO]);
    assert_eq!(ran.code, Some(1));
    pinned.add("run", &ran.err);
    let listed = world.reissue(&["connectors", "list"]).ok().out;
    let refused = listed.lines().find(|line| line.starts_with("not used:"));
    pinned.add("connectors", &world.neutral(refused.unwrap()));
    let checked = world.reissue(&["check"]).ok().out;
    pinned.add("check", &world.neutral(&before_the_good(&checked)));
    serves_others(&world);
    assert_eq!(daemon.said("A connector is not used.").len(), 1);

    // Another content starts clean, and the slot that waited is served.
    world.animal("tame", &[]);
    world.reissue(&["reload"]).ok();
    assert_eq!(needs_a_person(&world, ZOO), Vec::<String>::new());
    assert_eq!(world.run(ZOO)["served"], true);
    pinned.compare();
}

#[test]
fn a_person_lifts_the_quarantine() {
    let world = with("crashes", &["-DABORT"], "");
    for _ in 0..3 {
        assert_eq!(crash(&world), Some(Signal::ABORT.as_raw()));
    }
    world.forget();
    let mut daemon = world.daemon();
    let unknown = world.reissue(&["connectors", "release", "zo"]);
    assert_eq!(unknown.code, Some(1));
    assert_eq!(
        unknown.err.trim(),
        "error: no crash in a connector `zo` is noted; `reissue status` names those that crashed"
    );
    let released = world.reissue(&["connectors", "release", ZOO]).ok();
    assert!(
        released.out.starts_with("reloaded: 2 accounts"),
        "{}",
        released.out
    );
    assert_eq!(notes(&world), Vec::<Value>::new());
    // It is tried again, and dies again: a first crash.
    world.reissue(&["run", ZOO]);
    assert_eq!(daemon.ended().signal(), Some(Signal::ABORT.as_raw()));
    assert_eq!(notes(&world).len(), 1);
}

#[test]
fn a_connector_that_dies_before_it_tells_its_name_is_quarantined_too() {
    let world = with("crashes", &["-DSEGMENT", "-DAT_LOAD"], "");
    for _ in 0..3 {
        let mut daemon = world.start();
        assert!(!daemon.became_ready());
        assert_eq!(daemon.ended().signal(), Some(Signal::SEGV.as_raw()));
    }
    let _daemon = world.daemon();
    assert_eq!(
        needs_a_person(&world, ZOO),
        ["waits: its connector `zoo` is quarantined"]
    );
    let sha256 = text(&notes(&world)[0]["sha256"]);
    let library = world.path("connectors/libzoo.so").display().to_string();
    let [sentence] = <[_; 1]>::try_from(needs_a_person(&world, &library)).unwrap();
    let command = format!("`reissue connectors release {}`", &sha256[..16]);
    assert!(sentence.ends_with(&command), "{sentence}");
    serves_others(&world);
}

#[test]
fn a_batch_of_a_quarantined_connector_waits_and_is_collected_afterwards() {
    let world = with("tame", &[], "");
    let collects = ["-DSEGMENT", "-DAT_COLLECT"];
    world.animal("crashes", &collects);
    for _ in 0..3 {
        assert_eq!(crash(&world), Some(Signal::SEGV.as_raw()));
    }
    let _daemon = world.daemon();
    assert_eq!(
        needs_a_person(&world, "zoo/b1"),
        ["fails and is tried again: its connector `zoo` is quarantined"]
    );
    world.animal("tame", &[]);
    world.reissue(&["reload"]).ok();
    world.until_events("collected", 1);
}

#[test]
fn shadow_mode_holds_while_the_connector_is_quarantined() {
    let world = World::new();
    world.configure(&Config::default().in_accounts("deliver = false"));
    let batch = world
        .sandbox
        .batch(json!({ "source": "AMEX_MAINTENANCE", "records": 3 }));
    let daemon = world.daemon();
    world.run("amex-daily");
    let connectors = world.reissue(&["connectors", "list", "--json"]).ok().json();
    daemon.stop();
    let sha256 = &connectors[0]["sha256"];
    let note = json!({ "sha256": sha256, "connector": "smartpayfuse", "signal": 11 });
    fs::write(world.path("state/crashes"), format!("{note}\n").repeat(3)).unwrap();

    let _daemon = world.daemon();
    assert_eq!(
        needs_a_person(&world, ACCOUNT),
        ["waits: its connector `smartpayfuse` is quarantined"]
    );
    let refused = world.reissue(&["batch", "retry", &batch]);
    assert!(refused.err.contains("`deliver = false`"), "{}", refused.err);
    world.assert_delivered(&[]);
}

#[test]
fn a_kill_from_outside_leaves_no_note() {
    let world = with("hangs", &[], "");
    for signal in [Signal::SEGV, Signal::ABORT, Signal::KILL] {
        let mut daemon = world.daemon();
        world.reissue(&["run", ZOO]);
        // The thread that is inside the connector gets it.
        kill_process(thread(&daemon, "run-zoo"), signal).unwrap();
        assert_eq!(daemon.ended().signal(), Some(signal.as_raw()));
        assert_eq!(notes(&world), Vec::<Value>::new());
        world.forget();
    }
}

/// The daemon's thread of this name, once it is there.
fn thread(daemon: &Daemon, name: &str) -> Pid {
    loop {
        for task in fs::read_dir(format!("/proc/{}/task", daemon.pid())).unwrap() {
            let task = task.unwrap();
            let named = fs::read_to_string(task.path().join("comm")).unwrap_or_default();
            if named.trim() == name {
                let number = task.file_name().to_str().unwrap().parse().unwrap();
                return Pid::from_raw(number).unwrap();
            }
        }
    }
}

/// What `check` says before it says that the configuration is good.
fn before_the_good(checked: &str) -> String {
    let lines = checked
        .lines()
        .take_while(|line| !line.contains(" is good: "));
    lines.collect::<Vec<_>>().join("\n")
}

/// Everything that needs a person, in the world's neutral words.
fn status(world: &World) -> String {
    let status = world.reissue(&["status", "--json"]).ok().json();
    let all = status["attention"].as_array().unwrap().iter();
    let lines = all.map(|one| format!("{} {}", text(&one["about"]), text(&one["text"])));
    world.neutral(&lines.collect::<Vec<_>>().join("\n"))
}
