//! Sides of different age: rows and tables that are shorter or longer than ours.

use std::ffi::c_void;

use reissue_connector_api::abi::author::table_of;
use reissue_connector_api::abi::table::{
    CardRow, ConnectorTable, FAULT, Given, Lent, OK, RelatedRow, RunTable, Sized32, UpdateRow,
};
use reissue_connector_api::testkit::{Reported, ReportedCard};
use reissue_connector_api::*;
use serde_json::Value;

use crate::by_hand;
use crate::everything::MANIFEST;
use crate::lender::Lender;
use crate::said;

/// A row of a newer version: ours, and a field that we do not know.
#[repr(C)]
#[derive(Clone, Copy)]
struct Longer<T> {
    row: T,
    more: Lent,
}

fn text(text: &'static str) -> Lent {
    Lent::of(text.as_bytes())
}

fn card(size: usize) -> CardRow {
    CardRow {
        size: size as u32,
        expiry_year: 2027,
        expiry_month: 4,
        instrument_identifier_created: 1,
        token: text("token"),
        pan: text("4111111111111111"),
        pan_masked: text("411111XXXXXX1111"),
        ..CardRow::EMPTY
    }
}

fn related(size: usize, customer: &'static str) -> RelatedRow {
    RelatedRow {
        size: size as u32,
        customer: text(customer),
        state: text("closed"),
        ..RelatedRow::EMPTY
    }
}

fn update(size: usize) -> UpdateRow {
    UpdateRow {
        size: size as u32,
        billable: 0,
        record: text("1"),
        outcome: text("new_number"),
        provider_code: text("NAN"),
        ..UpdateRow::EMPTY
    }
}

/// What arrives of a row that a connector emits, and the daemon's answer to it.
fn emitted(row: &UpdateRow) -> Result<Reported, Fault> {
    unsafe extern "C" fn call(
        instance: *mut c_void,
        _: Lent,
        _: Lent,
        run: *const RunTable,
        reply: *mut Given,
    ) -> i32 {
        // SAFETY: the instance is the row's address as text, and the row outlives the call.
        unsafe {
            let row: usize = (*instance.cast::<String>()).parse().unwrap();
            let row = std::ptr::with_exposed_provenance::<UpdateRow>(row);
            let mut out = Lent::NONE;
            let status = (*run).emit.unwrap()((*run).context, row, &raw mut out);
            let answer = if status == OK {
                b"\"not-seen\""
            } else {
                out.bytes()
            };
            by_hand::give(answer, reply);
            status
        }
    }

    let table = ConnectorTable {
        call: Some(call),
        ..by_hand::table()
    };
    let address = (&raw const *row).expose_provenance().to_string();
    let mut lender = Lender::default();
    by_hand::open_with(&table, &address)
        .reconcile(&mut lender, "inquiry", &said::submission("any"))
        .map(|_| lender.updates.remove(0))
}

#[test]
fn a_newer_connectors_rows_are_read_as_far_as_we_know_them() {
    let card = Longer {
        row: card(size_of::<Longer<CardRow>>()),
        more: text("colour"),
    };
    let related = ["first", "second"].map(|customer| Longer {
        row: related(size_of::<Longer<RelatedRow>>(), customer),
        more: text("colour"),
    });
    let update = Longer {
        row: UpdateRow {
            new: (&raw const card).cast(),
            related: related.as_ptr().cast(),
            related_len: related.len(),
            ..update(size_of::<Longer<UpdateRow>>())
        },
        more: text("colour"),
    };
    let arrived = emitted(&update.row).unwrap();
    assert_eq!(arrived.provider.0, "NAN");
    assert_eq!(arrived.billable, Some(false));
    assert_eq!(arrived.new.unwrap().pan_masked, "411111XXXXXX1111");
    let customers: Vec<&str> = arrived.related.iter().map(|one| one[0].as_str()).collect();
    assert_eq!(customers, ["first", "second"]);
}

#[test]
fn what_an_older_connectors_rows_do_not_hold_is_not_known() {
    // An update as far as `outcome`, a card as far as `pan`, a related record without a message.
    let card = card(std::mem::offset_of!(CardRow, pan_masked));
    let related = related(std::mem::offset_of!(RelatedRow, message), "customer");
    let update = UpdateRow {
        new: &raw const card,
        related: &raw const related,
        related_len: 1,
        ..update(std::mem::offset_of!(UpdateRow, provider_code))
    };
    let expected = Reported {
        record: "1".into(),
        // The row ends before its new card, so there is none that this outcome could carry.
        outcome: "unknown".into(),
        billable: Some(false),
        ..Reported::default()
    };
    assert_eq!(emitted(&update), Ok(expected));

    let update = UpdateRow {
        size: size_of::<UpdateRow>() as u32,
        ..update
    };
    let arrived = emitted(&update).unwrap();
    let expected = ReportedCard {
        token: "token".into(),
        pan: Some(Pan::parse("4111111111111111").unwrap()),
        expiry: "2027-04".into(),
        instrument_identifier_created: Some(true),
        ..ReportedCard::default()
    };
    assert_eq!(arrived.new, Some(expected));
    assert_eq!(arrived.related, [["customer", "", "", "closed", ""]]);
}

#[test]
fn a_row_without_a_true_size_is_a_fault() {
    let bad_row = Fault::garbled("the connector gave a row without a true size");
    for size in [0, 4, 7, 12] {
        assert_eq!(emitted(&update(size)), Err(bad_row.clone()));
        let related = related(size, "customer");
        let row = UpdateRow {
            related: &raw const related,
            related_len: 1,
            ..update(size_of::<UpdateRow>())
        };
        assert_eq!(emitted(&row), Err(bad_row.clone()));
        let card = card(size);
        let row = UpdateRow {
            new: &raw const card,
            ..update(size_of::<UpdateRow>())
        };
        assert_eq!(emitted(&row), Err(bad_row.clone()));
    }
}

#[test]
fn a_row_with_a_text_that_is_not_utf8_is_a_fault() {
    let row = UpdateRow {
        provider_message: Lent::of(b"\xff"),
        ..update(size_of::<UpdateRow>())
    };
    let expected = Fault::garbled("the connector reported a text that is not UTF-8");
    assert_eq!(emitted(&row), Err(expected));
}

#[test]
fn an_outcome_of_a_newer_connector_is_unknown_and_keeps_its_code() {
    let row = UpdateRow {
        outcome: text("frozen"),
        ..update(size_of::<UpdateRow>())
    };
    let arrived = emitted(&row).unwrap();
    assert_eq!(
        (arrived.outcome.as_str(), arrived.provider.0.as_str()),
        ("unknown", "NAN")
    );
}

#[test]
fn a_newer_connectors_table_is_read_as_far_as_we_know_it() {
    let newer = Longer {
        row: ConnectorTable {
            size: size_of::<Longer<ConnectorTable>>() as u32,
            ..by_hand::table()
        },
        more: text("colour"),
    };
    assert!(by_hand::accept(&newer.row).is_ok());
}

/// Uses all that a daemon lends beside the network.
struct Greedy;

impl Connector for Greedy {
    const MANIFEST: Manifest = MANIFEST;
    type Settings = Value;

    fn open(_: Value, _: &Account) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn collect(&self, run: &Run<'_>, batch: &Batch) -> Result<Collected, Fault> {
        match batch.job.as_str() {
            "http" => drop(run.http(&Request::get("/"))?),
            "emit" => run.emit(&Update::new(Outcome::Valid))?,
            "cards" => said::submission("any").for_each(run, |_| Ok(()))?,
            _ => {}
        }
        run.log(Level::Info, "a line");
        let text = format!("{} {} {:?}", run.now(), run.cancelled(), run.random::<2>());
        Ok(Collected::Failed(text))
    }
}

/// Collects with a daemon whose table is that.
fn collect_with(run: *const RunTable, job: &str) -> Result<Collected, Fault> {
    let request = serde_json::json!({ "batch": said::batch(job), "colour": "red" });
    let mut connector = Greedy;
    let mut reply = Given::NONE;
    // SAFETY: the instance is a `Greedy` as the table's `open` would make it, and all that is lent
    // lives until the call returns.
    unsafe {
        let status = table_of::<Greedy>().call.unwrap()(
            (&raw mut connector).cast(),
            Lent::of(b"collect"),
            Lent::of(request.to_string().as_bytes()),
            run,
            &raw mut reply,
        );
        let bytes = reply.take();
        match status {
            OK => Ok(serde_json::from_slice(&bytes).unwrap()),
            FAULT => Err(serde_json::from_slice(&bytes).unwrap()),
            other => panic!("status {other}: {}", String::from_utf8_lossy(&bytes)),
        }
    }
}

#[test]
fn what_an_older_daemon_does_not_lend_is_a_fault_and_no_crash() {
    let older = RunTable {
        size: 8,
        ..RunTable::EMPTY
    };
    for (job, function) in [("http", "http"), ("emit", "emit"), ("cards", "next_card")] {
        let expected = Fault::new(
            Kind::Unsupported,
            format!("this daemon is too old for the connector: it does not lend `{function}`"),
        );
        assert_eq!(collect_with(&raw const older, job), Err(expected.clone()));
        assert_eq!(collect_with(std::ptr::null(), job), Err(expected));
    }
    assert_eq!(
        collect_with(&raw const older, "else"),
        Ok(Collected::Failed(
            "1970-01-01 00:00:00 UTC false [0, 0]".into()
        ))
    );
}

#[test]
fn a_newer_daemons_table_is_read_as_far_as_we_know_it() {
    unsafe extern "C" fn now(_: *mut c_void) -> i64 {
        1
    }

    let newer = Longer {
        row: RunTable {
            size: size_of::<Longer<RunTable>>() as u32,
            now: Some(now),
            ..RunTable::EMPTY
        },
        more: text("colour"),
    };
    assert_eq!(
        collect_with((&raw const newer).cast(), "else"),
        Ok(Collected::Failed(
            "1970-01-01 00:00:00.000001 UTC false [0, 0]".into()
        ))
    );
}
