//! The index can be lost in any way and at any time: it is made anew, and nothing is missing.

use super::*;

/// Opens the state, which must answer as before and take and keep one more record.
fn is_whole(state: &State, expected: &Answers, damage: &str) {
    let one_more = key("acme", "99");
    let after = {
        let store = state.open();
        assert_eq!(answers(&store), *expected, "{damage}");
        store.commit(&[found(&one_more)]).unwrap();
        answers(&store)
    };
    assert_eq!(after.live.last().unwrap().key.account, "acme-uk");
    assert_eq!(answers(&state.open()), after, "{damage}, one record later");
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Damages each file of the index in turn, in a copy of its own.
fn damage_each_file(damage: impl Fn(&Path) -> String) {
    let state = State::lived();
    let expected = answers(&state.open());
    for file in files(&state.index()) {
        let name = file.strip_prefix(state.0.path()).unwrap();
        let copy = state.copy();
        let what = damage(&copy.0.path().join(name));
        is_whole(&copy, &expected, &format!("{}: {what}", name.display()));
    }
}

#[test]
fn no_index_at_all() {
    let state = State::lived();
    let expected = answers(&state.open());
    fs::remove_dir_all(state.index()).unwrap();
    is_whole(&state, &expected, "no index");
}

#[test]
fn a_file_in_place_of_the_index() {
    let state = State::lived();
    let expected = answers(&state.open());
    fs::remove_dir_all(state.index()).unwrap();
    fs::write(state.index(), "no directory").unwrap();
    is_whole(&state, &expected, "a file");
}

#[test]
fn an_empty_directory_in_place_of_the_index() {
    let state = State::lived();
    let expected = answers(&state.open());
    fs::remove_dir_all(state.index()).unwrap();
    fs::create_dir(state.index()).unwrap();
    is_whole(&state, &expected, "an empty directory");
}

#[test]
fn a_missing_file() {
    damage_each_file(|file| {
        fs::remove_file(file).unwrap();
        "missing".into()
    });
}

#[test]
fn a_file_that_is_too_short() {
    for part in [0, 1, 4, 7] {
        damage_each_file(|file| {
            let length = fs::metadata(file).unwrap().len();
            let cut = length * part / 8 + part % 3;
            let file = File::options().write(true).open(file).unwrap();
            file.set_len(cut.min(length)).unwrap();
            format!("{cut} bytes of {length}")
        });
    }
}

#[test]
fn a_file_of_garbage() {
    for garbage in [0, 0xff, b'{'] {
        damage_each_file(|file| {
            let length = fs::metadata(file).unwrap().len() as usize;
            fs::write(file, vec![garbage; length]).unwrap();
            format!("all {garbage:#04x}")
        });
    }
}

#[test]
fn a_file_with_garbage_in_its_middle() {
    damage_each_file(|file| {
        let mut bytes = fs::read(file).unwrap();
        let used = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(0);
        let middle = used / 2;
        for byte in &mut bytes[middle..(middle + 16).min(used)] {
            *byte ^= 0x55;
        }
        fs::write(file, bytes).unwrap();
        format!("16 bytes from {middle}")
    });
}

/// Sled's own checksums cannot see what it forgot.
#[test]
fn a_key_that_was_forgotten_or_spoilt() {
    let state = State::lived();
    let expected = answers(&state.open());
    let keys: Vec<Vec<u8>> = {
        let copy = state.copy();
        let sled = sled::open(copy.index()).unwrap();
        sled.iter()
            .keys()
            .map(|key| key.unwrap().to_vec())
            .collect()
    };
    assert_eq!(
        keys.len(),
        6 + 3 + 3 + 1 + 1 + 2 + 2 + 1 + 1,
        "batches, live ones, open ones, one of note, a submission at its provider, accounts, \
         schedules, an enrolment, mark"
    );
    for key in keys {
        let name = String::from_utf8_lossy(&key).into_owned();
        let forgotten = state.copy();
        let sled = sled::open(forgotten.index()).unwrap();
        sled.remove(&key).unwrap();
        drop(sled);
        is_whole(&forgotten, &expected, &format!("without {name:?}"));
        if ["l/", "o/", "x/"].iter().any(|mark| name.starts_with(mark)) {
            continue;
        }
        let spoilt = state.copy();
        let sled = sled::open(spoilt.index()).unwrap();
        sled.insert(&key, b"{}").unwrap();
        drop(sled);
        is_whole(&spoilt, &expected, &format!("{name:?} spoilt"));
    }
}

#[test]
fn an_older_copy_of_the_index_catches_up() {
    let history = history();
    for lived in 1..history.len() {
        let state = State::new();
        let commit = |records: &[Vec<Event>]| {
            let store = state.open();
            for record in records {
                store.commit(record).unwrap();
            }
            answers(&store)
        };
        commit(&history[..lived]);
        let older = state.copy();
        let expected = commit(&history[lived..]);
        fs::remove_dir_all(state.index()).unwrap();
        copy_directory(&older.index(), &state.index());
        is_whole(&state, &expected, &format!("index of record {lived}"));
    }
}

#[test]
fn the_unusable_index_is_kept_beside_the_new_one() {
    let state = State::lived();
    fs::write(state.index().join("db"), "garbage").unwrap();
    fs::write(state.index().join("mine"), "a trace").unwrap();
    drop(state.open());
    let aside = state.0.path().join("index.unusable");
    assert_eq!(fs::read(aside.join("mine")).unwrap(), b"a trace");
    assert!(!state.index().join("mine").exists());
}
