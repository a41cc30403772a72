//! Rows that cannot be asked about: each goes to the reject file with its line, its column and its reason,
//! and the others of the same file are asked about.

use std::fs;

use reissue_tests::{Asks, Pinned};

use crate::{asked, directory, said, world};

/// As a spreadsheet on Windows leaves it: with a byte order mark and CRLF, and with what goes wrong there.
/// The two good rows are written in ways that are odd and right.
const ROWS: &str = "\u{feff}reference,pan,expiry\r
order-1,4012000000000016,2027-04\r
order-2,4012000000000017,2027-04\r
order-3,4.012E+15,2027-04\r
order-4,4012000000000032,2021-04\r
order-1,4012000000000040,2027-04\r
order-5,4012000000000057,2027-04,1299\r
order-6,4012000000000065,April 2027\r
\"order
7\",4012000000000065,2027-04\r
4012000000000065,4012000000000065,2027-04\r
\r
\"order, 8\",\"4012 0000-0000 0024\",04/27\r
";

#[test]
fn bad_rows_are_rejected_with_line_column_and_reason_and_good_ones_are_asked_about() {
    let world = world();
    let latin = b"m\xfcller,4012000000000065,2027-04\r\n";
    let rows = [ROWS.as_bytes(), latin].concat();
    world.put_cards(Asks::CardSync, "july.csv", &rows);
    let _daemon = world.daemon();

    let mut pinned = Pinned::new("bad_input_rows");
    let said = said(&world);

    assert_eq!(asked(&world), ["4012000000000016", "4012000000000024"]);
    let files = fs::read_dir(directory(&world)).unwrap();
    let left: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    let [rejects] = left.as_slice() else {
        panic!("the input is deleted, and its rejects are there: {left:?}");
    };
    let name = rejects.file_name().unwrap().to_str().unwrap();
    pinned.add(
        "what is said",
        &said.replace(name, "july.csv.CHANGED.rejected.csv"),
    );
    pinned.add("the reject file", &fs::read_to_string(rejects).unwrap());
    pinned.compare();

    let status = || world.reissue(&["status"]).ok().out;
    assert!(status().contains("9 rows rejected"), "{}", status());
    fs::remove_file(rejects).unwrap();
    assert!(!status().contains("rows rejected"), "{}", status());
}
