//! Another version of a connector while the daemon runs: it serves with the old code until it is told
//! to reload, and with the new code from then on, however the file was changed.

use std::fs;
use std::path::Path;

use reissue_tests::{World, ZOO};

use crate::{serves_others, with};

#[test]
fn by_replacement_in_place_and_back_again() {
    let world = with("tame", &[], "");
    let library = world.path("connectors/libzoo.so");
    let _daemon = world.daemon();
    assert_eq!(versions(&world), ["1"]);

    world.animal("tame", &["-DVERSION=\"2\""]);
    assert_eq!(versions(&world), ["1"]);
    world.reissue(&["reload"]).ok();
    assert_eq!(versions(&world), ["1", "2"]);

    overwrite(&library, &world.bred("tame", &["-DVERSION=\"3\""]));
    assert_eq!(versions(&world), ["1", "2"]);
    world.reissue(&["reload"]).ok();
    assert_eq!(versions(&world), ["1", "2", "3"]);

    world.animal("tame", &[]);
    world.reissue(&["reload"]).ok();
    let listed = world.reissue(&["connectors", "list", "--json"]).ok().json();
    let listed = listed.as_array().unwrap().iter();
    let zoo = listed
        .map(|one| &one["manifest"])
        .find(|one| one["name"] == ZOO);
    assert_eq!(zoo.unwrap()["version"], "1");
    assert_eq!(versions(&world), ["1", "2", "3"]);

    // Only what is in use is kept.
    let staged = fs::read_dir(world.path("state/connectors")).unwrap();
    assert_eq!(staged.count(), 2);
    serves_others(&world);
}

#[test]
fn a_file_that_is_cut_short_under_a_running_daemon_is_refused_and_the_old_code_stays() {
    let world = with("tame", &[], "");
    let library = world.path("connectors/libzoo.so");
    let _daemon = world.daemon();
    fs::write(&library, "half a copy").unwrap();
    assert_eq!(versions(&world), ["1"]);
    assert_eq!(world.reissue(&["reload"]).code, Some(78));
    assert_eq!(versions(&world), ["1"]);
    serves_others(&world);
}

#[test]
fn what_root_has_staged_is_what_is_loaded() {
    let world = with("tame", &[], "");
    let directory = world.path("staged");
    let directory = directory.to_str().unwrap();
    let stage = || {
        world
            .reissue(&["connectors", "stage", "--into", directory])
            .ok()
    };
    stage();
    let _daemon = world.daemon_staged(directory);
    assert_eq!(versions(&world), ["1"]);

    // The operator's file is nothing to this daemon until root stages it.
    world.animal("tame", &["-DVERSION=\"2\""]);
    world.reissue(&["reload"]).ok();
    assert_eq!(versions(&world), ["1"]);
    stage();
    assert_eq!(versions(&world), ["1"]);
    world.reissue(&["reload"]).ok();
    assert_eq!(versions(&world), ["1", "2"]);
    assert_eq!(fs::read_dir(directory).unwrap().count(), 2);
    assert!(!world.path("state/connectors").exists());
}

/// What `cp` does: the same file with another content.
fn overwrite(library: &Path, with: &Path) {
    fs::write(library, fs::read(with).unwrap()).unwrap();
}

/// The versions whose code has served so far, by the batches that they found.
fn versions(world: &World) -> Vec<String> {
    assert_eq!(world.run(ZOO)["served"], true);
    let batches = world.reissue(&["batch", "list", "--json"]).ok().json();
    let batches = batches.as_array().unwrap().iter();
    let ids = batches.filter_map(|batch| batch["key"].as_str()?.strip_prefix("zoo/b"));
    let mut versions: Vec<String> = ids.map(str::to_owned).collect();
    versions.sort();
    versions
}
