//! Every age of the other side: a table or row that ends after any of its words is read that far, and
//! what lies behind its end is what a missing field means, whatever the memory there holds.

use std::mem::size_of;

use reissue_connector_api::abi::table::{
    AskRow, CardRow, ConnectorTable, RelatedRow, RunTable, Sized32, UpdateRow,
};

/// What lies behind the end.
const OTHERS: u8 = 0xa5;
/// What the giver wrote: as texts and functions these are never looked at.
const GIVEN: u8 = 0x5a;

#[test]
fn a_table_or_row_of_any_age_is_read_to_its_end_and_no_further() {
    cut::<ConnectorTable>();
    cut::<RunTable>();
    cut::<UpdateRow>();
    cut::<CardRow>();
    cut::<RelatedRow>();
    cut::<AskRow>();
}

fn cut<T: Sized32>() {
    let whole = size_of::<T>();
    let empty = bytes_of(&T::EMPTY);
    for size in (8..=whole + 16).step_by(8) {
        let mut memory = vec![[OTHERS; 8]; whole / 8 + 2];
        for word in &mut memory[..size / 8] {
            *word = [GIVEN; 8];
        }
        memory[0][..4].copy_from_slice(&u32::try_from(size).unwrap().to_ne_bytes());
        let aligned: Vec<u64> = memory.into_iter().map(u64::from_ne_bytes).collect();
        // SAFETY: the memory holds `size` bytes that begin with it, and every word is allowed to
        // have any value as long as nobody follows or calls it.
        let read = unsafe { T::read(aligned.as_ptr().cast()) };
        let read = bytes_of(&read.unwrap());
        let inside = size.min(whole);
        assert!(read[4..inside].iter().all(|byte| *byte == GIVEN), "{size}");
        assert_eq!(read[inside..], empty[inside..], "{size}");
    }
}

/// The bytes of a value; tables and rows have no padding (`layout.txt`).
fn bytes_of<T: Sized32>(value: &T) -> Vec<u8> {
    let first = (&raw const *value).cast::<u8>();
    // SAFETY: the value's own bytes, every one of them part of a field.
    unsafe { std::slice::from_raw_parts(first, size_of::<T>()) }.to_vec()
}
