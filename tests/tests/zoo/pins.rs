//! `[connectors.NAME] sha256`: another content than the pinned one is not used.

use std::path::Path;
use std::process::Command;

use reissue_tests::{Config, World, ZOO};

use crate::{serves_others, with};

#[test]
fn only_the_pinned_content_is_used() {
    let world = with("tame", &[], "");
    let pinned = sha256(&world.path("connectors/libzoo.so"));
    pin(&world, &pinned);
    world.reissue(&["check"]).ok();
    let _daemon = world.daemon();
    assert_eq!(world.run(ZOO)["listed"], 1);

    let library = world.animal("tame", &["-DVERSION=\"2\""]);
    let other = sha256(&library);
    let sentence = format!(
        "{} is not the connector that is pinned: [connectors.zoo] wants the sha256 {pinned}, and \
         this file has {other}. Install the pinned one, or pin this one",
        library.display()
    );
    for command in [["check"].as_slice(), &["reload"]] {
        let said = world.reissue(command);
        assert_eq!(said.code, Some(78), "{command:?}: {}", said.out);
        assert!(
            said.err.contains("there is no connector `zoo`"),
            "{}",
            said.err
        );
        assert!(said.err.contains(&sentence), "{}", said.err);
    }
    // The daemon goes on with what it has.
    assert_eq!(world.run(ZOO)["listed"], 1);

    pin(&world, &other.to_uppercase());
    world.reissue(&["reload"]).ok();
    assert_eq!(world.run(ZOO)["batches"][0]["key"], "zoo/b2");
    serves_others(&world);
}

#[test]
fn a_pin_chooses_between_two_that_say_the_same_name() {
    let world = with("tame", &[], "");
    let first = world.path("connectors/libfirst.so");
    std::fs::rename(world.path("connectors/libzoo.so"), &first).unwrap();
    world.animal("tame", &["-DVERSION=\"2\""]);
    assert_eq!(world.reissue(&["check"]).code, Some(78));
    pin(&world, &sha256(&first));
    let _daemon = world.daemon();
    assert_eq!(world.run(ZOO)["batches"][0]["key"], "zoo/b1");
}

fn pin(world: &World, sha256: &str) {
    let pin = format!("[connectors.zoo]\nsha256 = \"{sha256}\"");
    world.configure(&Config::default().zoo("").more(&pin));
}

/// As an operator would learn it.
fn sha256(file: &Path) -> String {
    let said = Command::new("sha256sum").arg(file).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    said.split_whitespace().next().unwrap().to_owned()
}
