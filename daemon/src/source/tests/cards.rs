//! The cards of good files.

use age::x25519::Identity;
use proptest::prelude::*;

use super::*;

const CSV: &str = "\
reference,pan,expiry,se_number,next_billing
A-1,4111111111111111,2027-04,,
\"B, 2\",3782 822463 10005,04/27,1234567890,2026-12-01
C-3,5555-5555-5555-4444,4/2027,,2027-01-31
";

const CARDS: [&str; 3] = [
    "2 A-1 411111XXXXXX1111 2027-04 - -",
    "3 B, 2 378282XXXXX0005 2027-04 1234567890 2026-12-01",
    "4 C-3 555555XXXXXX4444 2027-04 - 2027-01-31",
];

#[test]
fn columns_come_in_any_order_and_values_in_every_documented_spelling() {
    let turned = "\
next_billing , se_number,expiry, pan ,reference
,,2027-04,4111111111111111,A-1
2026-12-01,1234567890,04/27, 3782 822463 10005 ,\"B, 2\"
2027-01-31,,4/2027,5555-5555-5555-4444,C-3
";
    for content in [CSV, turned] {
        let place = Place::of("csv");
        place.write("cards.csv", content);
        let (cards, taken) = read(&place.ready()).unwrap();
        assert_eq!(cards, CARDS);
        assert_eq!((taken.cards, taken.rejected), (3, 0));
        assert_eq!(taken.rejects, None);
    }
}

#[test]
fn a_line_of_json_says_the_same_as_one_of_csv() {
    let place = Place::of("jsonl");
    place.write(
        "cards.jsonl",
        r#"
{"reference":"A-1","pan":"4111111111111111","expiry":"2027-04"}
{"reference":"B, 2","pan":"3782 822463 10005","expiry":"04\/27","se_number":"1234567890","next_billing":"2026-12-01"}
{"next_billing":"2027-01-31","expiry":"4/2027","se_number":null,"pan":"5555-5555-5555-4444","reference":"C\u002d3"}
"#,
    );
    assert_eq!(read(&place.ready()).unwrap().0, CARDS);
}

#[test]
fn what_editors_and_spreadsheets_add_changes_neither_cards_nor_lines() {
    for content in [
        format!("\u{feff}{CSV}"),
        CSV.replace('\n', "\r\n"),
        CSV.trim_end().to_owned(),
        format!("{CSV}\n\r\n"),
        format!(
            "\u{feff}{}",
            CSV.replace("A-1,4111111111111111,", "\"A-1\",\"4111111111111111\",")
        ),
    ] {
        let place = Place::of("csv");
        place.write("cards.csv", &content);
        assert_eq!(read(&place.ready()).unwrap().0, CARDS, "{content:?}");
    }
    let place = Place::of("csv");
    place.write(
        "cards.csv",
        CSV.replace("B, 2", "B\r\n\"\"2")
            .replace("A-1", "\r\n\nA-1"),
    );
    let (cards, taken) = read(&place.ready()).unwrap();
    // The reference that has a line break is rejected, and the lines after it are counted right.
    assert_eq!(
        cards,
        [
            "4 A-1 411111XXXXXX1111 2027-04 - -",
            "7 C-3 555555XXXXXX4444 2027-04 - 2027-01-31"
        ]
    );
    assert_eq!(taken.rejected, 1);
}

#[test]
fn tokens_say_their_kind_and_may_leave_their_expiry_to_the_provider() {
    let place = Place::of("csv");
    place.write(
        "cards.csv",
        "reference,token,token_kind,expiry\nA,9CCD3AE24DD9E254,customer,\nB,9E12345678,customer,2027-04\n",
    );
    assert_eq!(
        read(&place.ready()).unwrap().0,
        [
            "2 A customer 9CCD3AE24DD9E254 - - -",
            "3 B customer 9E12345678 2027-04 - -"
        ]
    );
}

#[test]
fn a_file_without_rows_is_no_mistake() {
    let place = Place::of("csv");
    place.write("cards.csv", "reference,pan,expiry\n");
    let (cards, taken) = read(&place.ready()).unwrap();
    assert_eq!((cards.len(), taken.cards, taken.rejected), (0, 0, 0));
}

/// Most cards do not lie within one piece of the file.
#[test]
fn no_card_of_a_long_file_is_lost_or_changed() {
    let rows = 1..=20_000;
    let csv = rows
        .clone()
        .map(|row| format!("ref-{row},4111111111111111,2027-04\n"));
    let csv = format!("reference,pan,expiry\n{}", csv.collect::<String>());
    let jsonl = rows.clone().map(|row| {
        format!(
            "{{\"reference\":\"ref-{row}\",\"pan\":\"4111111111111111\",\"expiry\":\"2027-04\"}}\n"
        )
    });
    for (kind, content, above) in [("csv", csv, 1), ("jsonl", jsonl.collect(), 0)] {
        let place = Place::of(kind);
        place.write("cards", content);
        let (cards, taken) = read(&place.ready()).unwrap();
        assert_eq!((taken.cards, taken.rejected), (20_000, 0));
        for (row, card) in rows.clone().zip(cards) {
            assert_eq!(
                card,
                format!("{} ref-{row} 411111XXXXXX1111 2027-04 - -", row + above)
            );
        }
    }
}

#[test]
fn an_encrypted_file_is_opened_with_the_identity() {
    let keys = tempfile::tempdir().unwrap();
    let identity = Identity::generate();
    let key = keys.path().join("identity");
    let text = age::secrecy::ExposeSecret::expose_secret(&identity.to_string()).to_owned();
    fs::write(&key, format!("# created: today\n# public key: …\n{text}\n")).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(&key, mode).unwrap();
    let place = Place::with("csv", &format!("identity = {{ file = {key:?} }}"));

    let encrypted = age::encrypt(&identity.to_public(), CSV.as_bytes()).unwrap();
    let path = place.write("cards.csv.age", &encrypted);
    assert_eq!(read(&place.ready()).unwrap().0, CARDS);

    fs::write(&path, &encrypted[..encrypted.len() - 1]).unwrap();
    let error = read(&place.ready()).unwrap_err();
    assert!(
        place
            .text(error)
            .starts_with("cards.csv.age: it is not a whole age file; encrypt it anew")
    );

    let other = age::encrypt(&Identity::generate().to_public(), CSV.as_bytes()).unwrap();
    fs::write(&path, other).unwrap();
    let error = read(&place.ready()).unwrap_err();
    assert!(place.text(error).starts_with(
        "cards.csv.age: the source's `identity` does not open it; encrypt it with age, to the \
         recipient that `age-keygen -y` prints"
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Every row of a usable file is a card or a reject, and no reject shows a number.
    #[test]
    fn every_row_counts_once(rows in prop::collection::vec("[^\r\n\"]{0,40}|[A-C],[0-9]{13,19},20(27|19)-04", 0..20)) {
        let place = Place::of("csv");
        place.write("cards.csv", format!("reference,pan,expiry\n{}", rows.join("\n")));
        let (cards, taken) = read(&place.ready()).unwrap();
        let filled = rows.iter().filter(|row| !row.is_empty()).count() as u64;
        prop_assert_eq!(cards.len() as u64, taken.cards);
        prop_assert_eq!(taken.cards + taken.rejected, filled);
        if let Some(rejects) = taken.rejects {
            let rejects = fs::read_to_string(rejects).unwrap();
            let longest = rejects.split(|each: char| !each.is_ascii_digit()).map(str::len).max();
            prop_assert!(longest < Some(11), "{}", rejects);
        }
    }

    /// Whatever a producer renames in.
    #[test]
    fn bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 1..400), csv: bool) {
        let place = Place::of(if csv { "csv" } else { "jsonl" });
        place.write("cards", bytes);
        let _ = read(&place.ready());
    }
}

#[test]
fn cards_that_a_person_names_need_no_more_than_a_name() {
    let given = |text: &'static str| {
        let mut named = Vec::new();
        crate::source::for_each_given(text, |identifier| {
            named.push(match identifier {
                Identifier::Pan(pan) => pan.masked(),
                Identifier::Token { kind, token } => format!("{kind} {token}"),
            });
        })
        .map(|()| named)
    };
    assert_eq!(
        given("reference,pan,expiry\n,4111111111111111,\nx,5555555555554444,01/20\n"),
        Ok(vec!["411111XXXXXX1111".into(), "555555XXXXXX4444".into()])
    );
    assert_eq!(
        given("{\"token\":\"abc\",\"token_kind\":\"customer\"}\n"),
        Ok(vec!["customer abc".into()])
    );
    let wrong = given("reference,pan,expiry\na,4111111111111111,\nb,4111111111111112,\n");
    let why = wrong.unwrap_err();
    assert!(why.starts_with("line 3: "), "{why}");
    assert!(!why.contains("4111111111111112"), "{why}");
    assert!(given("").is_err());
}
