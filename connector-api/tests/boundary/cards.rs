//! Cards cross as rows that the connector makes and the daemon fills.

use std::ffi::c_void;

use reissue_connector_api::abi::author::table_of;
use reissue_connector_api::abi::table::{
    AskRow, ConnectorTable, END, Given, Lent, OK, RunTable, Sized32,
};
use reissue_connector_api::*;
use serde_json::Value;

use crate::by_hand;
use crate::everything::MANIFEST;
use crate::lender::Lender;
use crate::said;

/// Tells the cards that it is lent as the facts of a batch.
struct Counting;

impl Connector for Counting {
    const MANIFEST: Manifest = MANIFEST;
    type Settings = Value;

    fn open(_: Value, _: &Account) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn submit(&self, run: &Run<'_>, _: &str, submission: &Submission) -> Result<Receipt, Fault> {
        let mut found = Found::new(&submission.id, FoundState::Running);
        submission.for_each(run, |card| {
            let number = card.pan.map_or("", Pan::expose);
            found.facts.insert(card.key.to_owned(), number.to_owned());
            Ok(())
        })?;
        Ok(Receipt {
            found,
            accepted: None,
            refused: Vec::new(),
        })
    }
}

#[test]
fn a_card_number_arrives_whole() {
    let mut lender = Lender {
        cards: said::cards().into(),
        ..Lender::default()
    };
    let receipt = by_hand::open_with(&table_of::<Counting>(), "")
        .submit(&mut lender, "inquiry", &said::submission("sub-1"))
        .unwrap();
    assert_eq!(
        receipt.found.facts,
        [("k1", "4111111111111111"), ("k2", "")]
            .map(|(key, number)| (key.to_owned(), number.to_owned()))
            .into()
    );
}

#[test]
fn a_daemon_that_lends_no_text_or_no_card_number_is_not_believed() {
    for (row, message) in [
        (
            AskRow {
                key: Lent::of(b"k1"),
                pan: Lent::of(b"4111111111111112"),
                ..AskRow::EMPTY
            },
            "the daemon lent card `k1` wrongly: the card number's check digit is wrong",
        ),
        (
            AskRow {
                key: Lent::of(b"\xff"),
                ..AskRow::EMPTY
            },
            "the daemon lent a text that is not UTF-8",
        ),
    ] {
        let fault = submit_lent(row).unwrap_err();
        assert_eq!(fault, Fault::garbled(message));
    }
}

#[test]
fn an_expiry_that_is_no_month_is_not_known() {
    let row = AskRow {
        key: Lent::of(b"k1"),
        expiry_month: 13,
        expiry_year: 2027,
        ..AskRow::EMPTY
    };
    assert!(submit_lent(row).is_ok());
}

/// Submits one card that is lent as that row, by a daemon that lends nothing else.
fn submit_lent(row: AskRow) -> Result<Receipt, Fault> {
    unsafe extern "C" fn next_card(context: *mut c_void, row: *mut AskRow, _: *mut Lent) -> i32 {
        // SAFETY: the context is the option below, and the connector gives a whole row.
        unsafe {
            match (*context.cast::<Option<AskRow>>()).take() {
                Some(lent) => row.write(lent),
                None => return END,
            }
        }
        OK
    }

    let mut once = Some(row);
    let run = RunTable {
        context: (&raw mut once).cast(),
        next_card: Some(next_card),
        ..RunTable::EMPTY
    };
    let request = serde_json::json!({ "job": "inquiry", "submission": said::submission("sub-1") });
    let mut connector = Counting;
    let mut reply = Given::NONE;
    // SAFETY: the instance is a `Counting` as the table's `open` would make it, and all that is lent
    // lives until the call returns.
    unsafe {
        let status = table_of::<Counting>().call.unwrap()(
            (&raw mut connector).cast(),
            Lent::of(b"submit"),
            Lent::of(request.to_string().as_bytes()),
            &raw const run,
            &raw mut reply,
        );
        let bytes = reply.take();
        match status {
            OK => Ok(serde_json::from_slice(&bytes).unwrap()),
            _ => Err(serde_json::from_slice(&bytes).unwrap()),
        }
    }
}

/// How many 8-byte words of a place the daemon wrote into, for a connector whose row has `size`.
fn words_written(size: u32) -> usize {
    const MARK: u64 = 0xa5a5_a5a5_a5a5_a5a5;

    unsafe extern "C" fn call(
        instance: *mut c_void,
        _: Lent,
        _: Lent,
        run: *const RunTable,
        reply: *mut Given,
    ) -> i32 {
        let mut place = [MARK; 16];
        // SAFETY: the instance is the size as text; the place is longer than any size of this test.
        unsafe {
            let size: u32 = (*instance.cast::<String>()).parse().unwrap();
            let row = place.as_mut_ptr().cast::<AskRow>();
            row.cast::<u32>().write(size);
            let mut out = Lent::NONE;
            let status = (*run).next_card.unwrap()((*run).context, row, &raw mut out);
            let words = place.iter().filter(|word| **word != MARK).count();
            let found = Found::new(words.to_string(), FoundState::Running);
            let found = serde_json::to_vec(&[found]).unwrap();
            let answer = if status == OK { &found } else { out.bytes() };
            by_hand::give(answer, reply);
            status
        }
    }

    let table = ConnectorTable {
        call: Some(call),
        ..by_hand::table()
    };
    let mut lender = Lender {
        cards: said::cards().into(),
        ..Lender::default()
    };
    let found = by_hand::open_with(&table, &size.to_string())
        .discover(&mut lender, "any", said::window())
        .unwrap();
    found[0].id.parse().unwrap()
}

#[test]
fn the_daemon_writes_no_further_than_either_side_knows() {
    let whole = size_of::<AskRow>();
    assert_eq!(words_written(8), 1);
    assert_eq!(words_written(40), 5);
    assert_eq!(words_written(whole as u32), whole / 8);
    assert_eq!(words_written(whole as u32 + 16), whole / 8);
}
