//! Which files count, and when.

use chrono::TimeDelta;

use super::*;

fn names(place: &Place, look: &Look<'_>) -> Vec<String> {
    let ready = look.ready.iter().map(|file| file.identity().path.clone());
    ready
        .map(|path| {
            path.strip_prefix(place.directory.path())
                .unwrap()
                .display()
                .to_string()
        })
        .collect()
}

#[test]
fn a_file_counts_once_it_has_been_unchanged_for_the_time_to_settle() {
    let place = Place::of("csv");
    let path = place.write("cards.csv", "reference");
    let until = changed(&path) + TimeDelta::seconds(10);

    let look = place
        .source
        .look(until - TimeDelta::nanoseconds(1))
        .unwrap();
    assert!(look.ready.is_empty());
    assert_eq!(look.settling, [crate::source::Settling { path, until }]);

    let look = place.source.look(until).unwrap();
    assert_eq!(names(&place, &look), ["cards.csv"]);
    assert_eq!(look.settling, []);
}

#[test]
fn a_file_that_is_renamed_in_counts_at_once() {
    let place = Place::of("csv");
    let written = place.write(".cards.csv", "reference");
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    fs::File::options()
        .write(true)
        .open(&written)
        .unwrap()
        .set_modified(old)
        .unwrap();
    assert!(
        place.look().ready.is_empty(),
        "hidden files are still written"
    );

    fs::rename(&written, place.path("cards.csv")).unwrap();
    let look = place
        .source
        .look(changed(&place.path("cards.csv")) + TimeDelta::seconds(10));
    assert_eq!(names(&place, &look.unwrap()), ["cards.csv"]);
}

/// As `cp -p` leaves it from a host whose clock is ahead.
#[test]
fn a_time_of_change_in_the_future_keeps_nothing_waiting() {
    let place = Place::of("csv");
    let path = place.write("cards.csv", "reference");
    let until = changed(&path) + TimeDelta::seconds(20);
    let ahead = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(9_000_000_000);
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(ahead)
        .unwrap();
    let look = place.source.look(until).unwrap();
    assert_eq!(names(&place, &look), ["cards.csv"]);
}

#[test]
fn only_files_of_the_pattern_count_and_in_the_order_of_their_names() {
    let place = Place::of("csv");
    for name in [
        "cards.2.csv",
        "cards.1.csv",
        "other.csv",
        "cards.csv.20261122T063004Z.rejected.csv",
    ] {
        place.write(name, "reference");
    }
    assert_eq!(names(&place, &place.look()), ["cards.1.csv", "cards.2.csv"]);
}
