//! What becomes of rows that cannot be asked about, pinned word for word.

use super::*;

/// The reject file of a file, which must have one.
fn rejects(kind: &str, content: impl AsRef<[u8]>) -> (Vec<String>, String) {
    let place = Place::of(kind);
    place.write("cards", content);
    let (cards, taken) = read(&place.ready()).unwrap();
    let rejects = fs::read_to_string(taken.rejects.unwrap()).unwrap();
    assert_eq!(rejects.lines().count() as u64, taken.rejected + 1);
    (cards, rejects)
}

#[test]
fn every_mistake_in_a_row_has_its_sentence() {
    let (cards, rejects) = rejects(
        "csv",
        b"reference,pan,token,token_kind,expiry,se_number,next_billing
good,4111111111111111,,,2027-04,,
,4111111111111111,,,2027-04,,
good,5555555555554444,,,2027-04,,
4111 1111 1111 1111 x,4111111111111111,,,2027-04,,
1.57978E+25,4111111111111111,,,2027-04,,
luhn,4111111111111112,,,2027-04,,
short,41111111111,,,2027-04,,
long,41111111111111111111,,,2027-04,,
letters,41111111l1111111,,,2027-04,,
excel,4.11E+15,,,2027-04,,
elsewhere,\"4,11E+15\",,,2027-04,,
both,4111111111111111,9CCD3AE24DD9E254,customer,2027-04,,
neither,,,,2027-04,,
expired,4111111111111111,,,2024-10,,
lately,4111111111111111,,,11/24,,
month,4111111111111111,,,13/27,,
none,4111111111111111,,,,,
day,4111111111111111,,,2027-04,,31.12.2026
merchant,4111111111111111,,,2027-04,12-34,
fewer,4111111111111111,2027-04
latin,4111111111111111,,,2027-04,,\xfc
\"line
break\",4111111111111111,,,2027-04,,
m\xfcller,4111111111111111,,,2027-04,,
",
    );
    assert_eq!(
        cards,
        [
            "2 good 411111XXXXXX1111 2027-04 - -",
            "16 lately 411111XXXXXX1111 2024-11 - -"
        ]
    );
    assert_eq!(
        rejects,
        r#"line,column,value,reason
3,reference,"","the reference is missing"
4,reference,"good","the reference stands in line 2 already"
5,reference,"4111 11XX XXXX 1111 x","the reference is the card number, and it must be another name of the card"
6,reference,"1.57978E+25","a spreadsheet rounded this to scientific notation, and its digits are lost: export the column as text"
7,pan,"411111XXXXXX1112","the card number's check digit is wrong"
8,pan,"411111X1111","a card number has 12 to 19 digits"
9,pan,"411111XXXXXXXXXX1111","a card number has 12 to 19 digits"
10,pan,"411111XXlXXX1111","a card number has digits only"
11,pan,"4.11E+15","a spreadsheet rounded this to scientific notation, and its digits are lost: export the column as text"
12,pan,"4,11E+15","a spreadsheet rounded this to scientific notation, and its digits are lost: export the column as text"
13,pan,"411111XXXXXX1111","there are a card number and a token, and one of them names a card"
14,pan,"","there is neither a card number nor a token"
15,expiry,"2024-10","the card expired more than two years ago, and asking about it would be in vain"
17,expiry,"13/27","an expiry is written 2027-04, 04/27 or 04/2027"
18,expiry,"","the expiry is missing"
19,next_billing,"31.12.2026","a day is written 2027-04-30"
20,se_number,"12-34","a merchant number (se_number) is at most 20 letters and digits"
21,,"","this row has 3 values, and the first line names 7 columns"
22,next_billing,"�","this is not UTF-8, but most likely Latin-1: export the file as UTF-8"
23,reference,"line break","a reference has no line breaks or other control characters; most likely a quotation mark is out of place"
25,reference,"m�ller","this is not UTF-8, but most likely Latin-1: export the file as UTF-8"
"#
    );
}

/// A merchant number is shown as it is.
#[test]
fn a_card_number_is_no_merchant_number() {
    let (cards, rejects) = rejects(
        "csv",
        "reference,pan,expiry,se_number\nA,4111111111111111,2027-04,4111111111111111\n",
    );
    assert_eq!(cards, [""; 0]);
    assert_eq!(
        rejects,
        r#"line,column,value,reason
2,se_number,"411111XXXXXX1111","the merchant number (se_number) is the card number; most likely columns are swapped"
"#
    );
}

#[test]
fn a_row_of_many_values_is_one_row() {
    let many = ",".repeat(99);
    let (cards, rejects) = rejects(
        "csv",
        format!("reference,pan,expiry\nA{many}\nB,4111111111111111,2027-04\n"),
    );
    assert_eq!(cards, ["3 B 411111XXXXXX1111 2027-04 - -"]);
    assert_eq!(
        rejects,
        r#"line,column,value,reason
2,,"","this row has 100 values, and the first line names 3 columns"
"#
    );
}

#[test]
fn tokens_have_mistakes_of_their_own() {
    let (cards, rejects) = rejects(
        "csv",
        "reference,token,token_kind,expiry
good,9CCD3AE24DD9E254,instrument_identifier,2027-04
kind,9CCD3AE24DD9E254,card,2027-04
none,9CCD3AE24DD9E254,,2027-04
expiry,9CCD3AE24DD9E254,instrument_identifier,
space,9CCD 3AE2,instrument_identifier,2027-04
excel,7.02E+21,instrument_identifier,2027-04
",
    );
    assert_eq!(cards.len(), 1);
    assert_eq!(
        rejects,
        r#"line,column,value,reason
3,token_kind,"card","a token's kind is customer, payment_instrument or instrument_identifier"
4,token_kind,"","a token's kind is customer, payment_instrument or instrument_identifier"
5,expiry,"","the expiry is missing"
6,token,"9CCD 3AE2","a token is at most 128 letters, digits and signs, without spaces"
7,token,"7.02E+21","a spreadsheet rounded this to scientific notation, and its digits are lost: export the column as text"
"#
    );
}

#[test]
fn lines_of_json_have_mistakes_of_their_own() {
    let (cards, rejects) = rejects(
        "jsonl",
        br#"{"reference":"good","pan":"4111111111111111","expiry":"2027-04"}
{"reference":"cut","pan":"4111111111111111"
reference,pan,expiry
["4111111111111111"]
{"reference":"number","pan":4111111111111111,"expiry":"2027-04"}
{"reference":"key","pan":"4111111111111111","exp":"2027-04"}
{"reference":"twice","pan":"4111111111111111","pan":"4111111111111111"}
{"reference":"m@ller","pan":"4111111111111111","expiry":"2027-04"}
{"reference":"luhn","pan":"4111111111111112","expiry":"2027-04"}
"#
        .map(|byte| if byte == b'@' { 0xFC } else { byte }),
    );
    assert_eq!(cards.len(), 1);
    assert_eq!(
        rejects,
        r#"line,column,value,reason
2,,"{""reference"":""cut"",""pan"":""411111XXXXXX1111""","this is not JSON from column 43 on"
3,,"reference,pan,expiry","this is not a JSON object"
4,,"[""411111XXXXXX1111""]","this is not a JSON object"
5,,"{""reference"":""number"",""pan"":411111XXXXXXXXXX,""expiry"":""XX27-04""}","invalid type: integer `411111XXXXXX1111`, expected a string in quotes"
6,,"{""reference"":""key"",""pan"":""411111XXXXXXXXXX"",""exp"":""XX27-04""}","unknown field `exp`, expected one of `reference`, `pan`, `token`, `token_kind`, …"
7,,"{""reference"":""twice"",""pan"":""411111XXXXXXXXXX"",""pan"":""XXXXXXXXXXXX1111""}","duplicate field `pan`"
8,,"{""reference"":""m�ller"",""pan"":""411111XXXXXXXXXX"",""expiry"":""XX27-04""}","this is not UTF-8, but most likely Latin-1: export the file as UTF-8"
9,pan,"411111XXXXXX1112","the card number's check digit is wrong"
"#
    );
}

/// Tomorrow's file may have the same name.
#[test]
fn the_reject_file_lies_beside_the_file_under_a_name_of_its_own() {
    let place = Place::of("csv");
    let path = place.write("cards.csv", "reference,pan,expiry\nA,4,2027-04\n");
    let (_, taken) = read(&place.ready()).unwrap();
    let changed = changed(&path).format("%Y%m%dT%H%M%SZ");
    let rejects = place.path(&format!("cards.csv.{changed}.rejected.csv"));
    assert_eq!(taken.rejects, Some(rejects.clone()));

    // It is no file of cards, and reading the file again writes it again.
    let (_, again) = read(&place.ready()).unwrap();
    assert_eq!(again, taken);
    assert_eq!(fs::read_to_string(rejects).unwrap().lines().count(), 2);
}

#[test]
fn an_attempt_that_fails_leaves_no_reject_file() {
    let place = Place::of("csv");
    let rows = "A,4,2027-04\nB,4111111111111111,2027-04\n";
    place.write("cards.csv", format!("reference,pan,expiry\n{rows}"));
    let count = || fs::read_dir(place.directory.path()).unwrap().count();
    let before = count();
    let failed = place.ready().read(today(), |_| {
        assert_eq!(count(), before + 1, "it is written under a hidden name");
        Err(crate::source::Why::Empty.about("elsewhere"))
    });
    assert!(failed.is_err());
    assert_eq!(count(), before);
}

#[test]
fn a_preview_says_what_a_reading_will_come_to_and_leaves_nothing() {
    let place = Place::of("csv");
    let text = "reference,pan,expiry\na,4111111111111111,2027-04\nb,4111111111111112,2027-04\n";
    place.write("cards.csv", text);
    let file = place.ready();
    let listed = || fs::read_dir(place.directory.path()).unwrap().count();

    let seen = |card: Card<'_>| -> Result<(), SourceError> {
        assert_eq!(card.reference, "a");
        Ok(())
    };
    let before = listed();

    let previewed = file.preview(today(), seen).unwrap();

    assert_eq!(listed(), before, "no reject file");
    let taken = file.read(today(), seen).unwrap();
    assert_eq!(
        (previewed.cards, previewed.rejected),
        (taken.cards, taken.rejected)
    );
    let rejects = fs::read_to_string(taken.rejects.unwrap()).unwrap();
    let [one] = previewed.rejects.as_slice() else {
        panic!("{previewed:?}");
    };
    let line = format!(
        "{},{},\"{}\",\"{}\"",
        one.line, one.column, one.value, one.reason
    );
    assert_eq!(rejects.lines().last(), Some(line.as_str()));
}
