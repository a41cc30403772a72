//! What becomes of files that were read: a crash between the commit and this must do no harm.

use super::*;
use crate::source::Done;

const NUMBERS: &str = "reference,pan,expiry\nA,4111111111111111,2027-04\n";
const TOKENS: &str = "reference,token,token_kind\nA,9CCD,customer\n";

fn taken(place: &Place) -> Taken {
    let (_, taken) = read(&place.ready()).unwrap();
    // As it comes back from the journal.
    let journal = serde_json::to_string(&taken).unwrap();
    let again = serde_json::from_str(&journal).unwrap();
    assert_eq!(taken, again, "{journal}");
    again
}

#[test]
fn a_file_is_deleted_and_again_is_as_once() {
    for content in [NUMBERS, TOKENS] {
        let place = Place::of("csv");
        let path = place.write("cards.csv", content);
        let taken = taken(&place);
        assert!(path.exists(), "nothing counts before the commit");
        assert_eq!(taken.done().unwrap(), Done::Deleted);
        assert!(!path.exists());
        assert_eq!(taken.done().unwrap(), Done::Gone);
    }
}

#[test]
fn another_file_of_that_name_is_not_touched() {
    let place = Place::of("csv");
    let path = place.write("cards.csv", NUMBERS);
    let taken = taken(&place);

    // The same bytes of the same time under the same name, in another file.
    let other = place.write("other.csv", NUMBERS);
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    let file = fs::File::options().write(true).open(&other).unwrap();
    file.set_modified(time).unwrap();
    fs::rename(&other, &path).unwrap();
    assert_eq!(taken.done().unwrap(), Done::Another);
    assert_eq!(fs::read_to_string(&path).unwrap(), NUMBERS);

    // The same file, with a row more.
    let taken = super::done::taken(&place);
    fs::write(&path, format!("{NUMBERS}B,4111111111111111,2027-04\n")).unwrap();
    assert_eq!(taken.done().unwrap(), Done::Another);
    assert!(path.exists());
}

#[test]
fn a_file_of_tokens_is_kept_where_that_is_wanted_and_replaces_nothing_there() {
    let place = Place::with("csv", "keep_done = \"DIR/done\"");
    for name in ["done/cards.csv", "done/cards.csv.2", "done/cards.csv.3"] {
        let path = place.write("cards.csv", TOKENS);
        let taken = taken(&place);
        let kept = place.path(name);
        assert_eq!(taken.done().unwrap(), Done::Kept(kept.clone()));
        assert_eq!(fs::read_to_string(kept).unwrap(), TOKENS);
        assert!(!path.exists());
        assert_eq!(taken.done().unwrap(), Done::Gone);
    }
}

/// Not even one that stands in a row that was rejected.
#[test]
fn numbers_in_the_clear_are_never_kept() {
    let wrong = "reference,pan,token,token_kind,expiry\nA,4111111111111111,9CCD,customer,\n";
    for content in [NUMBERS, wrong] {
        let place = Place::with("csv", "keep_done = \"DIR/done\"");
        place.write("cards.csv", content);
        assert_eq!(taken(&place).done().unwrap(), Done::Deleted);
        assert!(!place.path("done").exists());
    }
}

#[test]
fn a_directory_that_cannot_be_moved_into_is_named() {
    let place = Place::with("csv", "keep_done = \"/proc/done\"");
    let path = place.write("cards.csv", TOKENS);
    let error = place.text(taken(&place).done().unwrap_err());
    assert!(
        error.starts_with(
            "cards.csv: it was read, and what became of it could not be made durable: "
        ) && error.contains("/proc/done"),
        "{error}"
    );
    assert!(path.exists());

    let place = Place::with("csv", "keep_done = \"/dev/shm\"");
    place.write("cards.csv", TOKENS);
    let error = place.text(taken(&place).done().unwrap_err());
    assert!(
        error.starts_with(
            "cards.csv: it was read and cannot be moved to /dev/shm; that must be on the same file \
             system, and writable by the daemon's user: "
        ),
        "{error}"
    );
}
