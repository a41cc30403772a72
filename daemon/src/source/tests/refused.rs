//! Files that cannot be used as a whole: their sentences, word for word.

use std::io;

use super::*;
use crate::source::Why;

#[test]
fn a_wrong_header_is_explained_without_repeating_a_card() {
    for (header, sentence) in [
        (
            "4111111111111111,2027-04",
            "value 1 of it is no name of a column; begin with `reference,pan,expiry`",
        ),
        (
            ",,",
            "value 1 of it is no name of a column; begin with `reference,pan,expiry`",
        ),
        (
            "reference;pan;expiry",
            "its columns are separated by ';'; separate them by commas",
        ),
        (
            "reference\tpan\texpiry",
            "its columns are separated by '\\t'; separate them by commas",
        ),
        (
            "reference,pan,expiri",
            "there is no column `expiri`; did you mean `expiry`?",
        ),
        (
            "reference,pan,expiry,cvv",
            "there is no column `cvv`; remove it, or name it as one of ours",
        ),
        (
            "reference,pan,pan,expiry",
            "two columns are called `pan`; remove one",
        ),
        (
            "pan,expiry",
            "there is no column `reference`; write it as in `reference,pan,expiry`",
        ),
        (
            "reference,expiry",
            "there is no column `pan` or `token`; write it as in `reference,pan,expiry`",
        ),
        (
            "reference,token",
            "there is no column `token_kind`; write it as in `reference,pan,expiry`",
        ),
        (
            "reference,pan",
            "there is no column `expiry`; write it as in `reference,pan,expiry`",
        ),
    ] {
        let place = Place::of("csv");
        place.write(
            "cards.csv",
            format!("{header}\nA,4111111111111111,2027-04\n"),
        );
        let error = read(&place.ready()).unwrap_err();
        assert_eq!(
            place.text(error),
            format!("cards.csv: its first line is not the header of a file of cards: {sentence}")
        );
    }
}

#[test]
fn a_file_has_one_kind_of_card() {
    for (rows, sentence) in [
        (
            "A,,9CCD,customer,\nB,,9CCE,payment_instrument,\n",
            "line 3 has a token of kind payment_instrument, and line 2 has a token of kind customer",
        ),
        (
            "A,4111111111111111,,,2027-04\nwrong,,,,\nC,,9CCD,customer,\n",
            "line 4 has a token of kind customer, and line 2 has a card number",
        ),
    ] {
        let place = Place::of("csv");
        place.write(
            "cards",
            format!("reference,pan,token,token_kind,expiry\n{rows}"),
        );
        let mut lent = 0;
        let error = place.ready().read(today(), |_| {
            lent += 1;
            Ok::<_, SourceError>(())
        });
        assert_eq!(lent, 0);
        assert_eq!(
            place.text(error.unwrap_err()),
            format!("cards: {sentence}; write a file for each kind")
        );
    }
}

/// It would be read into memory whole otherwise.
#[test]
fn a_quotation_mark_that_is_never_closed_does_not_swallow_the_file() {
    let rows = "A,4111111111111111,2027-04\n".repeat(2_000);
    let csv = format!("reference,pan,expiry\n{rows}\"B,4111111111111111,2027-04\n{rows}");
    for (kind, content, line) in [("csv", csv, 2_002), ("jsonl", "x".repeat(20_000), 1)] {
        let place = Place::of(kind);
        place.write("cards", content);
        assert_eq!(
            place.text(read(&place.ready()).unwrap_err()),
            format!(
                "cards: line {line} is longer than 16 KiB; most likely a quotation mark there, or \
                 above it, is never closed"
            )
        );
    }
}

#[test]
fn other_encodings_are_named() {
    for bytes in [[0xFF, 0xFE, b'r', 0], [0xFE, 0xFF, 0, b'r']] {
        let place = Place::of("csv");
        place.write("cards", bytes);
        assert_eq!(
            place.text(read(&place.ready()).unwrap_err()),
            "cards: it is UTF-16; save it as UTF-8 (a spreadsheet calls that CSV UTF-8)"
        );
    }
}

#[test]
fn files_that_are_none_and_files_that_hold_nothing_are_not_ready() {
    let place = Place::of("csv");
    place.write("cards.empty", "");
    place.write("cards.age", "age-encryption.org/v1\n");
    fs::create_dir(place.path("cards.directory")).unwrap();
    std::os::unix::fs::symlink(place.path("elsewhere"), place.path("cards.link")).unwrap();
    let look = place.look();
    assert!(look.ready.is_empty());
    let texts: Vec<_> = look
        .refused
        .into_iter()
        .map(|error| place.text(error))
        .collect();
    assert_eq!(
        texts,
        [
            "cards.age: it is encrypted, and its source has no `identity`; name the age identity that \
             opens it",
            "cards.directory: it is a directory, and only files are read; put the files beside it, or rename it",
            "cards.empty: it is empty; remove it, and rename a complete file in",
            "cards.link: it is a link; rename the file itself in, not a link to it",
        ]
    );

    // A mark and nothing else.
    let place = Place::of("csv");
    place.write("cards", "\u{feff}");
    assert_eq!(
        place.text(read(&place.ready()).unwrap_err()),
        "cards: it is empty; remove it, and rename a complete file in"
    );
}

#[test]
fn a_file_that_grows_while_it_is_read_does_not_count() {
    let place = Place::of("csv");
    let content = "reference,pan,expiry\nA,4111111111111111,2027-04\nB,4,2027-04\n";
    let path = place.write("cards", content);
    let file = place.ready();
    let grow = || fs::write(&path, format!("{content}C,4111111111111111,2027-04\n")).unwrap();
    let changed = "cards: it changed while it was read, and nothing of it counts yet; write under a \
                   hidden name and rename, or make `settle` longer";

    let during = file.read(today(), |_| {
        grow();
        Ok::<_, SourceError>(())
    });
    assert_eq!(place.text(during.unwrap_err()), changed);
    assert_eq!(
        place.text(read(&file).unwrap_err()),
        changed,
        "since it was looked at"
    );
    assert!(
        fs::read_dir(place.directory.path()).unwrap().count() == 2,
        "no reject file is left"
    );
    assert_eq!(read(&place.ready()).unwrap().0.len(), 2);
}

#[test]
fn a_file_that_goes_away_does_not_count() {
    let place = Place::of("csv");
    let path = place.write(
        "cards",
        "reference,pan,expiry\nA,4111111111111111,2027-04\n",
    );
    let file = place.ready();
    let vanished = "cards: it went away while it was read, and nothing of it counts; once a file has \
                    its name, leave it to the daemon";
    let during = file.read(today(), |_| {
        fs::remove_file(&path).unwrap();
        Ok::<_, SourceError>(())
    });
    assert_eq!(place.text(during.unwrap_err()), vanished);
    let before = place.text(read(&file).unwrap_err());
    assert!(before.starts_with(vanished), "{before}");
}

/// Tests may run as root, which may read everything.
#[test]
fn what_the_system_refuses_is_said_with_its_reason() {
    let refused = io::Error::from(io::ErrorKind::PermissionDenied);
    let error = Why::reading(refused).about("/cards.csv");
    assert_eq!(
        format!("{:#}", anyhow::Error::new(error)),
        "/cards.csv: it cannot be read; let the daemon's user read it: permission denied"
    );

    let place = Place::of("csv");
    fs::remove_file(place.path("reissue.toml")).unwrap();
    fs::remove_dir(place.directory.path()).unwrap();
    let error = format!(
        "{:#}",
        anyhow::Error::new(place.source.look(later()).unwrap_err())
    );
    let sentence =
        ": it cannot be looked into; make the directory, and let the daemon's user read it: ";
    assert!(error.contains(sentence), "{error}");
}

#[test]
fn an_identity_that_is_none_is_a_problem_of_its_key() {
    let keys = tempfile::tempdir().unwrap();
    let key = keys.path().join("identity");
    let mut settings = settings(&key);
    fs::write(
        &key,
        "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\n",
    )
    .unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(&key, mode).unwrap();
    let (at, why) = Source::new(&settings, None).unwrap_err();
    assert_eq!(at, "identity");
    let file = key.display();
    assert_eq!(
        why,
        format!("file `{file}` holds no age identity; `age-keygen` makes one, AGE-SECRET-KEY-1…")
    );

    settings.identity = Some(reissue_config::SecretRef::Env("NO_SUCH_VARIABLE".into()));
    let (_, why) = Source::new(&settings, None).unwrap_err();
    assert!(
        why.contains("environment variable `NO_SUCH_VARIABLE` does not exist"),
        "{why}"
    );
}

fn settings(key: &Path) -> reissue_config::Source {
    let settings = serde_json::json!({
        "kind": "csv",
        "path": "/cards/*.age",
        "identity": { "file": key },
    });
    serde_json::from_value(settings).unwrap()
}
