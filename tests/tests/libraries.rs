//! Libraries that are not connectors of ours: each is named with the reason, and none is used.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use reissue_tests::{Pinned, World};

#[test]
fn a_library_that_is_no_connector_of_ours_is_named_and_not_used() {
    let world = World::new();
    let directory = world.path("connectors");
    let ours = directory.join("libreissue_smartpayfuse.so");
    let kept = world.path("kept.so");
    fs::rename(&ours, &kept).unwrap();
    let install = |name: &str, from: &Path| install(from, &directory.join(name));
    let another = |name: &str| {
        install(name, &kept);
        let mut code = fs::read(&kept).unwrap();
        code.extend(name.as_bytes());
        fs::write(directory.join(name), code).unwrap();
    };
    let scenes: [(&str, &dyn Fn()); 8] = [
        ("nothing there", &|| {}),
        ("a text", &|| {
            fs::write(directory.join("x.so"), "no library\n").unwrap();
        }),
        ("a library of the system", &|| {
            install("x.so", &library_of_the_system())
        }),
        ("a link", &|| {
            std::os::unix::fs::symlink(&kept, directory.join("x.so")).unwrap();
        }),
        ("a file that others could change", &|| {
            install("x.so", &kept);
            set_mode(&directory.join("x.so"), 0o664);
        }),
        ("a directory that others could change", &|| {
            install("x.so", &kept);
            set_mode(&directory, 0o775);
        }),
        ("two that say the same name", &|| {
            another("x.so");
            another("y.so");
        }),
        ("three that say the same name", &|| {
            another("x.so");
            another("y.so");
            another("z.so");
        }),
    ];

    let mut pinned = Pinned::new("libraries");
    for (heading, set) in scenes {
        set_mode(&directory, 0o755);
        for entry in fs::read_dir(&directory).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
        set();
        let checked = world.reissue(&["check"]);
        assert_eq!(checked.code, Some(78), "{heading}: {}", checked.out);
        assert_eq!(world.start_refused().code, Some(78), "{heading}");
        let listed = world.reissue(&["connectors", "list"]).ok();
        let said = format!("{}\n{}", checked.err, listed.out);
        pinned.add(heading, &world.neutral(&said));
    }
    pinned.compare();
}

#[test]
fn a_library_that_is_not_ours_keeps_no_other_from_its_work() {
    let world = World::new();
    let stranger = world.path("connectors/x.so");
    fs::write(&stranger, "no library\n").unwrap();
    let sentence = format!("{} cannot be loaded: ", stranger.display());

    let checked = world.reissue(&["check"]).ok();
    assert!(
        checked.out.starts_with(&format!("not used: {sentence}")),
        "{}",
        checked.out
    );

    let mut daemon = world.daemon();
    let warned = daemon.said("A connector is not used.");
    assert_eq!(warned.len(), 1);
    assert_eq!(warned[0]["file"], stranger.to_str().unwrap());
    let status = world.reissue(&["status"]).ok();
    assert!(status.out.contains(&sentence), "{}", status.out);
}

/// A library that this very process uses and that is certainly no connector.
fn library_of_the_system() -> PathBuf {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let files = maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5));
    let library = files.into_iter().find(|file| file.contains("/libgcc_s.so"));
    PathBuf::from(library.expect("unwinding is libgcc's"))
}

fn install(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap();
    set_mode(to, 0o644);
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}
