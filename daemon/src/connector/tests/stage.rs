//! Only files that nobody but root or the daemon's user could have written are staged, under names
//! that change with their content.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::connector::stage::{Refused, Staged, in_place, stage};

/// A directory of connectors, and one to stage into.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::create_dir(place.connectors()).unwrap();
        set_mode(&place.connectors(), 0o755);
        place
    }

    fn connectors(&self) -> PathBuf {
        self.0.path().join("connectors")
    }

    fn staged(&self) -> PathBuf {
        self.0.path().join("run/staged")
    }

    fn put(&self, name: &str, content: &str) -> PathBuf {
        let path = self.connectors().join(name);
        fs::write(&path, content).unwrap();
        set_mode(&path, 0o755);
        path
    }

    fn stage(&self) -> (Vec<Staged>, Vec<Refused>) {
        stage(&[self.connectors()], &self.staged())
    }

    /// Why the only library is refused, by `stage` and `in_place` alike.
    fn refusal(&self) -> Refused {
        let (staged, mut refused) = self.stage();
        assert_eq!(staged, []);
        assert_eq!(in_place(&[self.connectors()]), (vec![], refused.clone()));
        assert_eq!(refused.len(), 1);
        refused.remove(0)
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_library_is_copied_under_its_contents_name() {
    let place = Place::new();
    let source = place.put("libsome.so", "one");
    place.put("README.md", "no library");
    let sha256 = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed";
    let copy = place.staged().join("libsome-7692c3ad3540bb80.so");
    let expected = Staged {
        source,
        copy: copy.clone(),
        sha256: sha256.into(),
    };
    assert_eq!(place.stage(), (vec![expected], vec![]));
    assert_eq!(fs::read(&copy).unwrap(), b"one");
    assert_eq!(mode(&copy), 0o555);
    assert_eq!(mode(&place.staged()), 0o755);
    assert_eq!(fs::read_dir(place.staged()).unwrap().count(), 1);
}

#[test]
fn staging_again_leaves_the_copy_alone() {
    let place = Place::new();
    place.put("libsome.so", "one");
    let first = place.stage();
    let copy = &first.0[0].copy;
    let before = fs::metadata(copy).unwrap();
    assert_eq!(place.stage(), first);
    let after = fs::metadata(copy).unwrap();
    assert_eq!(inode(&before), inode(&after), "a mapped file must stay");
}

fn inode(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[test]
fn changed_content_gets_another_name_beside_the_old_one() {
    let place = Place::new();
    place.put("libsome.so", "one");
    let old = place.stage().0.remove(0);
    place.put("libsome.so", "two");
    let new = place.stage().0.remove(0);
    assert_ne!(new.copy, old.copy);
    assert_eq!(fs::read(&old.copy).unwrap(), b"one");
    assert_eq!(fs::read(&new.copy).unwrap(), b"two");
}

#[test]
fn a_copy_that_was_spoilt_is_made_again() {
    let place = Place::new();
    place.put("libsome.so", "one");
    let copy = place.stage().0.remove(0).copy;
    set_mode(&copy, 0o755);
    fs::write(&copy, "o").unwrap();
    place.stage();
    assert_eq!(fs::read(&copy).unwrap(), b"one");
}

#[test]
fn in_place_takes_the_files_as_they_lie() {
    let place = Place::new();
    let source = place.put("libsome.so", "one");
    let (staged, refused) = in_place(&[place.connectors()]);
    assert_eq!(refused, []);
    assert_eq!((&staged[0].copy, &staged[0].source), (&source, &source));
    assert!(!place.staged().exists());
}

#[test]
fn a_file_that_others_can_write_is_refused() {
    for mode in [0o775, 0o757, 0o777, 0o1777] {
        let place = Place::new();
        let source = place.put("libsome.so", "one");
        set_mode(&source, mode);
        let why = format!(
            "is not safe from others: {path} can be written by group or others, and nobody but its \
             owner may change a connector: chmod go-w {path}",
            path = source.display()
        );
        assert_eq!(place.refusal(), Refused { source, why });
        assert_eq!(fs::read_dir(place.staged()).unwrap().count(), 0);
    }
}

#[test]
fn a_directory_that_others_can_write_is_refused_however_far_above() {
    let place = Place::new();
    let source = place.put("libsome.so", "one");
    for directory in [place.connectors(), place.0.path().to_owned()] {
        let before = mode(&directory);
        set_mode(&directory, 0o775);
        let why = format!(
            "is not safe from others: {path} can be written by group or others, and nobody but its \
             owner may change a connector: chmod go-w {path}",
            path = directory.display()
        );
        let source = source.clone();
        assert_eq!(place.refusal(), Refused { source, why });
        set_mode(&directory, before);
    }
    assert_eq!(place.stage().1, []);
}

#[test]
fn a_sticky_directory_protects_what_is_ours() {
    let place = Place::new();
    place.put("libsome.so", "one");
    set_mode(&place.connectors(), 0o1777);
    assert_eq!(place.stage().1, []);
}

#[test]
fn a_file_or_directory_of_another_user_is_refused() {
    // Only root can give files away, so elsewhere there is nothing to try.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    for foreign in ["connectors/libsome.so", "connectors"] {
        let place = Place::new();
        let source = place.put("libsome.so", "one");
        let foreign = place.0.path().join(foreign);
        std::os::unix::fs::chown(&foreign, Some(4_321), None).unwrap();
        let why = format!(
            "is not safe from others: {path} belongs to user 4321, and a connector is loaded only \
             where root or the daemon's own user owns file and directories: chown root {path}",
            path = foreign.display()
        );
        assert_eq!(place.refusal(), Refused { source, why });
    }
}

#[test]
fn a_link_is_refused_wherever_it_leads() {
    let place = Place::new();
    let target = place.put("libsome.so.1", "one");
    let source = place.connectors().join("libsome.so");
    symlink(&target, &source).unwrap();
    let why = "is no regular file; a connector is loaded from a file of its own".to_owned();
    assert_eq!(
        place.refusal(),
        Refused {
            source: source.clone(),
            why: why.clone()
        }
    );
    fs::remove_file(&source).unwrap();
    fs::create_dir(&source).unwrap();
    assert_eq!(place.refusal(), Refused { source, why });
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    let place = Place::new();
    let missing = place.0.path().join("missing");
    place.put("libsome.so", "one");
    let (staged, refused) = stage(&[missing.clone(), place.connectors()], &place.staged());
    assert_eq!(staged.len(), 1, "the others are staged all the same");
    let why = "cannot be read as a connector directory: No such file or directory (os error 2)";
    let expected = Refused {
        source: missing,
        why: why.into(),
    };
    assert_eq!(refused, [expected]);
}

#[test]
fn one_library_that_is_refused_does_not_hold_the_others() {
    let place = Place::new();
    set_mode(&place.put("liba.so", "a"), 0o777);
    place.put("libb.so", "b");
    let (staged, refused) = place.stage();
    let name = |path: &Path| path.file_name().unwrap().to_owned();
    assert_eq!(name(&staged[0].source), "libb.so");
    assert_eq!(name(&refused[0].source), "liba.so");
    assert_eq!((staged.len(), refused.len()), (1, 1));
}
