//! ABI.md, held to its word: what it shows of a request is what the daemon sends, and what it shows
//! of a reply is understood to the last field.

use std::ffi::c_void;

use reissue_connector_api::abi::host::{Description, Instance};
use reissue_connector_api::abi::table::{ConnectorTable, FAULT, Given, Lent, RunTable};
use reissue_connector_api::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::by_hand;
use crate::lender::Lender;

const PAGE: &str = include_str!("../../ABI.md");

/// The example under that name: what stands behind `json` at the beginning of its block.
fn example(name: &str) -> Value {
    let begin = format!("```json {name}\n");
    let block = PAGE.split_once(&begin).map(|(_, rest)| rest);
    let block = block.unwrap_or_else(|| panic!("no example `{name}`"));
    serde_json::from_str(block.split("```").next().unwrap()).unwrap()
}

fn part<T: DeserializeOwned>(example: &Value, key: &str) -> T {
    serde_json::from_value(example[key].clone()).unwrap()
}

type Answer<'a, T> = &'a dyn Fn(&Instance, &mut Lender, &Value) -> Result<T, Fault>;

/// Fails unless the request of this verb is the documented one, and the documented reply is read.
fn verb<T: Serialize>(name: &str, replies: &[&str], call: Answer<'_, T>) {
    unsafe extern "C" fn tell(
        _: *mut c_void,
        verb: Lent,
        request: Lent,
        _: *const RunTable,
        reply: *mut Given,
    ) -> i32 {
        // SAFETY: both are lent for this call, and the daemon gives a place for the reply.
        unsafe {
            let told = [verb.bytes(), b" request\n", request.bytes()].concat();
            let fault = Fault::refused(String::from_utf8(told).unwrap());
            by_hand::give(&serde_json::to_vec(&fault).unwrap(), reply);
        }
        FAULT
    }

    let teller = ConnectorTable {
        call: Some(tell),
        ..by_hand::table()
    };
    let request = example(&format!("{name} request"));
    let told = call(
        &by_hand::open_with(&teller, ""),
        &mut Lender::default(),
        &request,
    );
    let told = told.err().unwrap().message;
    let (title, sent) = told.split_once('\n').unwrap();
    assert_eq!(title, format!("{name} request"));
    assert_eq!(serde_json::from_str::<Value>(sent).unwrap(), request);

    for reply in replies {
        let reply = example(&format!("{name} reply{reply}"));
        let connector = by_hand::open_with(&by_hand::table(), &reply.to_string());
        let read = call(&connector, &mut Lender::default(), &request);
        assert_eq!(serde_json::to_value(read.unwrap()).unwrap(), reply);
    }
}

#[test]
fn the_documented_verbs_are_those_that_cross() {
    verb("discover", &[""], &|connector, lender, request| {
        let job: String = part(request, "job");
        connector.discover(lender, &job, part(request, "window"))
    });
    let outcomes = [": complete", ": not ready", ": failed"];
    verb("collect", &outcomes, &|connector, lender, request| {
        connector.collect(lender, &part(request, "batch"))
    });
    verb("submit", &[""], &|connector, lender, request| {
        let job: String = part(request, "job");
        connector.submit(lender, &job, &part(request, "submission"))
    });
    verb("reconcile", &[""], &|connector, lender, request| {
        let job: String = part(request, "job");
        connector.reconcile(lender, &job, &part(request, "submission"))
    });
    verb("subscribe", &[""], &|connector, lender, request| {
        let job: String = part(request, "job");
        connector.subscribe(lender, &job, &part(request, "submission"))
    });
    verb("receive", &[""], &|connector, lender, request| {
        connector.receive(lender, part(request, "notification"))
    });
    verb("enrol", &[""], &|connector, lender, request| {
        connector.enrol(lender, part(request, "so_far"))
    });
}

#[test]
fn the_documented_words_for_nothing_are_understood() {
    let read = |reply: &str| by_hand::open_with(&by_hand::table(), reply);
    let submission = part(&example("reconcile request"), "submission");
    let batch = part(&example("collect request"), "batch");
    let mut lender = Lender::default();
    for (reply, expected) in [
        ("\"not-seen\"", Reconciled::NotSeen),
        ("\"unknowable\"", Reconciled::Unknowable),
    ] {
        let reconciled = read(reply).reconcile(&mut lender, "inquiry", &submission);
        assert_eq!(reconciled, Ok(expected));
    }
    let complete = read(r#"{"complete":{}}"#).collect(&mut lender, &batch);
    let totals = Totals::default();
    assert_eq!(complete, Ok(Collected::Complete { totals }));
    let not_ready = read(r#"{"not-ready":{}}"#).collect(&mut lender, &batch);
    assert_eq!(not_ready, Ok(Collected::not_ready()));
    let step = read(r#"{"state":"active"}"#).enrol(&mut lender, Progress::default());
    assert_eq!(step.unwrap().state, EnrolState::Active);
}

#[test]
fn the_documented_description_is_read() {
    same::<Description>("describe reply");
}

#[test]
fn the_documented_way_of_opening_is_the_daemons() {
    unsafe extern "C" fn open(request: Lent, _: *mut *mut c_void, reply: *mut Given) -> i32 {
        // SAFETY: the request is lent for this call, and the daemon gives a place for the reply.
        unsafe {
            let told = String::from_utf8(request.bytes().to_vec()).unwrap();
            by_hand::give(json!(Fault::settings(told)).to_string().as_bytes(), reply);
        }
        FAULT
    }

    let table = ConnectorTable {
        open: Some(open),
        ..by_hand::table()
    };
    let request = example("open request");
    let account: Account = part(&request, "account");
    let loaded = by_hand::accept(&table).unwrap();
    let told = loaded.open(request["settings"].clone(), &account);
    let told = told.err().unwrap().message;
    assert_eq!(serde_json::from_str::<Value>(&told).unwrap(), request);
}

#[test]
fn the_documented_faults_requests_and_heads_are_read_and_written_so() {
    same::<Fault>("fault");
    same::<Request>("http request");
    same::<Head>("http head");
}

#[test]
fn the_documented_kinds_of_fault_are_all_there_are() {
    let rows = PAGE.split("| kind |").nth(1).unwrap();
    let words = rows.lines().skip(2).map_while(|row| row.split('`').nth(1));
    for (word, kind) in words.zip(KINDS) {
        assert_eq!(word, kind.as_str());
    }
}

const KINDS: [Kind; 9] = [
    Kind::Settings,
    Kind::Credentials,
    Kind::Refused,
    Kind::Busy,
    Kind::Unreachable,
    Kind::Gone,
    Kind::Garbled,
    Kind::Cancelled,
    Kind::Unsupported,
];

/// Fails unless the example is read and, written again, the same.
fn same<T: DeserializeOwned + Serialize>(name: &str) {
    let example = example(name);
    let read: T = serde_json::from_value(example.clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), example);
}

/// The offsets in the tables of the page are those of `layout.txt`.
#[test]
fn the_documented_offsets_are_the_pinned_ones() {
    let pinned = include_str!("../layout.txt");
    let sections = [
        ("## The connector table", "ConnectorTable"),
        ("## The run table", "RunTable"),
        ("`update_row`", "UpdateRow"),
    ];
    for (title, table) in sections {
        let pinned = pinned
            .lines()
            .filter(|line| line.starts_with(&format!("{table}.")))
            .map(|line| line.split_once(',').unwrap().0.to_owned());
        let documented = offsets(title)
            .into_iter()
            .map(|(field, offset)| format!("{table}.{field} at {offset}"));
        assert_eq!(
            documented.collect::<Vec<_>>(),
            pinned.collect::<Vec<_>>(),
            "{title}"
        );
    }
}

/// The fields and offsets in the table behind that title, in the names of the Rust types.
fn offsets(title: &str) -> Vec<(&'static str, &'static str)> {
    let lines = PAGE.split_once(title).unwrap().1.lines();
    let rows = lines
        .skip_while(|line| !line.starts_with("| 0 |"))
        .take_while(|line| line.starts_with('|'));
    let fields = rows.flat_map(|row| {
        let mut cells = row.split('|').skip(1);
        let offsets = cells.next().unwrap().trim().split(", ");
        let names = cells.next().unwrap().split('`').skip(1).step_by(2);
        names.zip(offsets)
    });
    let fields = fields.map(|(name, offset)| match name {
        "old_card" => ("old", offset),
        "new_card" => ("new", offset),
        function => (function.split('(').next().unwrap(), offset),
    });
    fields.collect()
}
