//! Listing against servers that mean pages by `offset`, and against servers that mean records.

use std::ops::RangeInclusive;

use reissue_connector_api::testkit::{Answer, FakeDaemon};
use serde_json::json;

use super::{daemon, list, window};

/// A server with batches, newest first, that may change between two requests.
struct Server {
    batches: Vec<u64>,
    /// The most rows that it gives, whatever is asked.
    most: usize,
    offset_is: Meaning,
    /// Whether it says that there is a next page, truly or not.
    next: fn(bool) -> bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Meaning {
    Pages,
    Records,
    Nothing,
}

const BOTH: [Meaning; 2] = [Meaning::Pages, Meaning::Records];

impl Server {
    fn new(offset_is: Meaning, batches: RangeInclusive<u64>) -> Self {
        Self {
            batches: batches.rev().collect(),
            most: 500,
            offset_is,
            next: |_| false,
        }
    }

    fn page(&self, offset: usize) -> String {
        let from = match self.offset_is {
            Meaning::Pages => offset * self.most,
            Meaning::Records => offset,
            Meaning::Nothing => 0,
        };
        let rest = self.batches.get(from..).unwrap_or_default();
        let rows: Vec<_> = rest
            .iter()
            .take(self.most)
            .map(|id| json!({ "batchId": id, "batchSource": "SCHEDULER", "status": "COMPLETE" }))
            .collect();
        let links = if (self.next)(rest.len() > self.most) {
            json!([{ "rel": "next", "href": "https://elsewhere.example/accountupdater/v1/batches" }])
        } else {
            json!([])
        };
        json!({ "_links": links, "count": rows.len(), "_embedded": { "batches": rows } })
            .to_string()
    }

    fn answers(&self, daemon: &mut FakeDaemon, offset: u64) {
        let page = self.page(usize::try_from(offset).unwrap());
        daemon.expect(&list(offset), Answer::ok(page));
    }
}

/// The ids that were found, sorted; the fake daemon insists on exactly the scripted requests.
fn found(mut daemon: FakeDaemon) -> Vec<u64> {
    let found = daemon.discover("harvest", window()).unwrap();
    let mut ids: Vec<u64> = found
        .iter()
        .map(|found| found.id.parse().unwrap())
        .collect();
    ids.sort_unstable();
    ids
}

/// Lists a server that does not change.
fn listed(server: &Server, offsets: &[u64]) -> Vec<u64> {
    let mut daemon = daemon();
    for offset in offsets {
        server.answers(&mut daemon, *offset);
    }
    found(daemon)
}

fn all(ids: RangeInclusive<u64>) -> Vec<u64> {
    ids.collect()
}

#[test]
fn a_short_page_is_the_only_one() {
    for meaning in BOTH {
        assert_eq!(listed(&Server::new(meaning, 1..=3), &[0]), all(1..=3));
    }
}

#[test]
fn three_pages_are_listed_whole_under_both_readings() {
    let pages = Server::new(Meaning::Pages, 1..=1200);
    assert_eq!(listed(&pages, &[0, 1, 2]), all(1..=1200));
    let records = Server::new(Meaning::Records, 1..=1200);
    assert_eq!(listed(&records, &[0, 1, 500, 999]), all(1..=1200));
}

#[test]
fn a_last_page_that_is_exactly_full_is_the_last() {
    for meaning in BOTH {
        let server = Server::new(meaning, 1..=500);
        assert_eq!(listed(&server, &[0, 1]), all(1..=500));
    }
}

/// Quirk 8: a next page is announced that does not exist, and its link leads elsewhere.
#[test]
fn a_promised_page_is_looked_for_here_and_its_absence_ends_the_list() {
    for meaning in BOTH {
        let mut server = Server::new(meaning, 1..=3);
        server.next = |_| true;
        assert_eq!(listed(&server, &[0, 1]), all(1..=3));
    }
}

#[test]
fn a_server_that_gives_fewer_rows_than_asked_is_listed_whole() {
    for (meaning, offsets) in [
        (Meaning::Pages, [0, 1, 2].as_slice()),
        (Meaning::Records, &[0, 1, 4, 7]),
    ] {
        let mut server = Server::new(meaning, 1..=10);
        server.most = 4;
        server.next = |more| more;
        assert_eq!(listed(&server, offsets), all(1..=10), "{meaning:?}");
    }
}

/// The new batch pushes every row one further, so the second page of records repeats the first.
#[test]
fn a_batch_that_appears_meanwhile_hides_none() {
    for (meaning, offsets) in [
        (Meaning::Pages, [0, 1, 2].as_slice()),
        (Meaning::Records, &[0, 1, 500, 999]),
    ] {
        let mut daemon = daemon();
        Server::new(meaning, 1..=1200).answers(&mut daemon, 0);
        for offset in &offsets[1..] {
            Server::new(meaning, 1..=1201).answers(&mut daemon, *offset);
        }
        let found = found(daemon);
        assert_eq!(found, all(1..=1200), "{meaning:?}");
    }
}

/// A row left the list, so the jump landed one too far: it shares no row, and is taken back.
#[test]
fn a_jump_that_shares_no_row_is_taken_back() {
    let mut daemon = daemon();
    let whole = Server::new(Meaning::Records, 1..=1200);
    whole.answers(&mut daemon, 0);
    whole.answers(&mut daemon, 1);
    let mut shrunk = Server::new(Meaning::Records, 1..=1200);
    shrunk.batches.remove(0);
    for offset in [500, 2, 501, 1000] {
        shrunk.answers(&mut daemon, offset);
    }
    assert_eq!(found(daemon), all(1..=1200));
}

/// Pages that shift by more than half look like records for a moment.
#[test]
fn a_wrong_guess_costs_a_request_and_no_batch() {
    let mut daemon = daemon();
    let four = |batches| {
        let mut server = Server::new(Meaning::Pages, batches);
        server.most = 4;
        server.next = |more| more;
        server
    };
    four(1..=14).answers(&mut daemon, 0);
    // Three new batches: the page holds three old rows and one new one.
    for offset in [1, 4, 2, 3, 4] {
        four(1..=17).answers(&mut daemon, offset);
    }
    assert_eq!(found(daemon), all(1..=14));
}

#[test]
fn endless_paging_ends() {
    let mut server = Server::new(Meaning::Nothing, 1..=500);
    server.next = |_| true;
    assert_eq!(listed(&server, &[0, 1, 500]), all(1..=500));
}
