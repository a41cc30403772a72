//! Libraries that are refused when they are loaded, each with its sentence, and the daemon runs on
//! without them.

use reissue_tests::{Pinned, World};

use crate::serves_others;

const ANIMALS: [(&str, &str, &[&str]); 7] = [
    ("no entry", "no_entry", &[]),
    ("a null table", "null_table", &[]),
    ("a table that is too short", "short_table", &[]),
    ("a table of no true size", "odd_table", &[]),
    ("the major version to come", "wrong_major", &[]),
    (
        "built with panic = \"abort\"",
        "panics",
        &["-C", "panic=abort"],
    ),
    ("a manifest that is no text", "no_manifest", &[]),
];

#[test]
fn each_has_its_sentence_and_the_daemon_runs_without_it() {
    let world = World::new();
    let mut pinned = Pinned::new("zoo_refused");
    for (heading, animal, with) in ANIMALS {
        world.animal(animal, with);
        let checked = world.reissue(&["check"]).ok().out;
        let said = checked.lines().find(|line| line.starts_with("not used:"));
        pinned.add(heading, &world.neutral(said.unwrap_or("used")));

        let mut daemon = world.daemon();
        assert_eq!(daemon.said("A connector is not used.").len(), 1);
        let sentence = said.unwrap().strip_prefix("not used: ").unwrap();
        for command in [["status"].as_slice(), &["connectors", "list"]] {
            let shown = world.reissue(command).ok().out;
            assert!(shown.contains(sentence), "{heading}: {shown}");
        }
        serves_others(&world);
    }
    pinned.compare();
}
