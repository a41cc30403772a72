//! The keyring opens with its own master key, as it was written, and not otherwise.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use super::super::key::Key;
use super::super::keyring_file::{Entry, FingerprintEntry, KeyringFile};
use super::*;

/// A keyring of two versions, as rotation will leave it.
fn rotated(state: &State, path: &Path) {
    let wrapper = state.master.wrapper();
    let entries = [(1, noon(1)), (2, noon(20))]
        .map(|(version, created)| Entry::wrap_key(version, created, &Key::generate(), &wrapper));
    let fingerprints = FingerprintEntry::wrap_key(&Key::generate(), &wrapper);
    KeyringFile::new(entries.into(), Some(fingerprints), &state.master)
        .write(path)
        .unwrap();
}

/// Makes a keyring of two versions, edits its document, and opens it.
fn edited(edit: impl FnOnce(&mut Value)) -> SealError {
    let state = State::new();
    let path = state.path("rotated.json");
    rotated(&state, &path);
    let mut document: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    edit(&mut document);
    fs::write(&path, document.to_string()).unwrap();
    Keyring::open(&path, &state.master).unwrap_err()
}

#[test]
fn opens_again_what_was_sealed_before() {
    let state = State::new();
    let path = state.seal("spool", &[b"frame"]);

    let keyring = Keyring::open(&state.path("keyring.json"), &state.master).unwrap();

    let reader = SealedReader::open(&path, &keyring, PLACE).unwrap();
    assert_eq!(read_all(reader).0, [b"frame"]);
}

#[test]
fn is_private_and_never_replaced_by_a_new_one() {
    let state = State::new();
    let path = state.path("keyring.json");
    let before = fs::read(&path).unwrap();

    let error = Keyring::create(&path, &state.master, noon(2)).unwrap_err();

    assert!(matches!(error, SealError::KeyringExists { .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o7777,
        0o600
    );
}

#[test]
fn another_master_key_is_told_by_its_check_value() {
    let state = State::new();
    let path = state.path("keyring.json");
    let other = State::new().master;

    let error = Keyring::open(&path, &other).unwrap_err();

    assert_eq!(
        error.to_string(),
        format!(
            "{}: the key in daemon.key is not the one that made this keyring (check value {}, expected {}); \
             give daemon.key the key with the expected check value",
            path.display(),
            other.check_value(),
            state.master.check_value()
        )
    );
}

#[test]
fn a_forged_check_value_does_not_let_another_master_key_in() {
    let state = State::new();
    let path = state.path("keyring.json");
    let other = State::new().master;
    let forged = fs::read_to_string(&path)
        .unwrap()
        .replace(&state.master.check_value(), &other.check_value());
    fs::write(&path, forged).unwrap();

    let error = Keyring::open(&path, &other).unwrap_err();

    assert!(matches!(error, SealError::KeyringAltered { .. }), "{error}");
}

#[test]
fn shows_its_versions_without_the_master_key() {
    let state = State::new();
    let path = state.path("rotated.json");
    rotated(&state, &path);

    let status = Keyring::inspect(&path).unwrap();

    assert_eq!(status.check_value, state.master.check_value());
    let keys: Vec<_> = status
        .wrapping_keys
        .iter()
        .map(|key| (key.version, key.primary, key.age(noon(21)).num_days()))
        .collect();
    assert_eq!(keys, [(1, false, 20), (2, true, 1)]);
}

#[test]
fn new_files_are_sealed_under_the_newest_version_and_older_ones_still_open() {
    let state = State::new();
    let path = state.path("rotated.json");
    rotated(&state, &path);
    let keyring = Keyring::open(&path, &state.master).unwrap();
    let file = state.path("new");

    SealedWriter::create(&file, &keyring, PLACE)
        .unwrap()
        .finish()
        .unwrap();

    assert_eq!(fs::read(&file).unwrap()[8..10], [2, 0]);
    assert!(SealedReader::open(&file, &keyring, PLACE).is_ok());
    assert!(keyring.wrapper(1).is_some());
    assert!(keyring.wrapper(3).is_none());
}

#[test]
fn no_edit_goes_unnoticed() {
    type Edit = fn(&mut Vec<Value>);
    let edits: [(&str, Edit); 7] = [
        ("date", |keys| {
            keys[0]["created"] = "2026-11-02T12:00:00Z".into()
        }),
        ("fraction", |keys| {
            keys[0]["created"] = "2026-11-01T12:00:00.5Z".into()
        }),
        ("version", |keys| keys[1]["version"] = 3.into()),
        ("order", |keys| keys.swap(0, 1)),
        ("newest removed", |keys| drop(keys.pop())),
        ("all removed", Vec::clear),
        ("keys exchanged", |keys| {
            let first = keys[0]["wrapped"].take();
            keys[0]["wrapped"] = keys[1]["wrapped"].take();
            keys[1]["wrapped"] = first;
        }),
    ];
    for (what, edit) in edits {
        let error = edited(|document| edit(document["wrapping_keys"].as_array_mut().unwrap()));
        assert!(
            matches!(error, SealError::KeyringAltered { .. }),
            "{what}: {error}"
        );
    }
}

#[test]
fn the_key_of_fingerprints_cannot_be_exchanged_or_removed() {
    type Edit = fn(&mut serde_json::Map<String, Value>);
    let edits: [(&str, Edit); 2] = [
        ("removed", |keyring| drop(keyring.remove("fingerprint_key"))),
        ("a wrapping key in its place", |keyring| {
            let other = keyring["wrapping_keys"][0]["wrapped"].clone();
            keyring["fingerprint_key"] = other;
        }),
    ];
    for (what, edit) in edits {
        let error = edited(|document| edit(document.as_object_mut().unwrap()));
        assert!(
            matches!(error, SealError::KeyringAltered { .. }),
            "{what}: {error}"
        );
    }
}

#[test]
fn fingerprints_stay_when_a_wrapping_key_follows_another_or_goes() {
    let state = State::new();
    let wrapper = state.master.wrapper();
    let fingerprint_key = Key::generate();
    let with_versions = |versions: &[u16]| {
        let path = state.path("rotated.json");
        let entries = versions
            .iter()
            .map(|&version| Entry::wrap_key(version, noon(1), &Key::generate(), &wrapper));
        let fingerprints = FingerprintEntry::wrap_key(&fingerprint_key, &wrapper);
        KeyringFile::new(entries.collect(), Some(fingerprints), &state.master)
            .write(&path)
            .unwrap();
        let keyring = Keyring::open(&path, &state.master).unwrap();
        keyring.mac_key(&["pan"]).sign(b"4111111111111111")
    };
    let before = with_versions(&[1]);
    assert_eq!(with_versions(&[1, 2]), before);
    assert_eq!(with_versions(&[2]), before);
}

#[test]
fn fingerprints_differ_by_keyring_and_by_domain_however_it_is_cut() {
    let keyring = State::new().keyring;
    let of = |domain: &[&str]| keyring.mac_key(domain).sign(b"same");
    let macs = [
        of(&["token", "ab", "c"]),
        of(&["token", "a", "bc"]),
        of(&["token", "abc"]),
        of(&["pan"]),
        State::new().keyring.mac_key(&["pan"]).sign(b"same"),
    ];
    for (at, mac) in macs.iter().enumerate() {
        assert!(!macs[..at].contains(mac), "{at}");
    }
    assert_eq!(of(&["pan"]), macs[3]);
}

/// Not only the MAC over the list says so: the wrapping itself is bound to version and date.
#[test]
fn a_wrapped_key_opens_only_as_its_own_version_and_date() {
    let state = State::new();
    let wrapper = state.master.wrapper();
    let entry = Entry::wrap_key(1, noon(1), &Key::generate(), &wrapper);
    let as_edited = |field: &str, value: Value| {
        let mut document = serde_json::to_value(&entry).unwrap();
        document[field] = value;
        serde_json::from_value::<Entry>(document)
            .unwrap()
            .unwrap_key(&wrapper)
            .is_some()
    };
    assert!(as_edited("version", 1.into()));
    assert!(!as_edited("version", 2.into()));
    assert!(!as_edited("created", "2026-11-01T12:00:01Z".into()));
}

#[test]
fn what_is_no_keyring_of_this_version_is_called_so() {
    let error = edited(|document| document["format"] = 2.into());
    assert!(
        error.to_string().contains("has format 2, expected 1"),
        "{error}"
    );

    let error = edited(|document| document["wrapping_keys"] = "none".into());
    assert!(
        matches!(error, SealError::KeyringUnreadable { .. }),
        "{error}"
    );
}
