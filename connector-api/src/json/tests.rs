use super::*;
use crate::fault::Kind;

/// A body in pieces of a given size.
struct Pieces<'a>(std::slice::Chunks<'a, u8>);

impl Source for Pieces<'_> {
    fn read_into(&mut self, to: &mut Vec<u8>) -> Result<usize, Fault> {
        let piece = self.0.next().unwrap_or_default();
        to.extend_from_slice(piece);
        Ok(piece.len())
    }
}

fn reader(text: &str, size: usize) -> JsonReader<Pieces<'_>> {
    JsonReader::new(Pieces(text.as_bytes().chunks(size)))
}

#[derive(Deserialize)]
struct Record<'a> {
    id: &'a str,
}

fn ids(text: &str, size: usize) -> Result<(Vec<String>, usize), Fault> {
    let (mut ids, mut odd) = (Vec::new(), 0);
    let mut reader = reader(text, size);
    reader.object(|key, reader| match key {
        "records" => reader.array(|item| {
            match item.read::<Record>()? {
                Some(record) => ids.push(record.id.to_owned()),
                None => odd += 1,
            }
            Ok(())
        }),
        _ => reader.skip(),
    })?;
    reader.end()?;
    Ok((ids, odd))
}

#[test]
fn records_are_the_same_however_the_body_is_cut_and_wherever_the_header_stands() {
    let text =
        r#"{"a":12, "records":[{"id":"1"}, {"id":"2","x":[1,{}]} ,{"id":3},{"id":"4"}],"n":7} "#;
    for size in 1..=text.len() {
        let (ids, odd) = ids(text, size).unwrap();
        assert_eq!(
            (ids.join(","), odd),
            ("1,2,4".into(), 1),
            "in pieces of {size}"
        );
    }
}

#[test]
fn a_long_body_moves_through_a_small_window() {
    let records: Vec<_> = (0..60_000).map(|n| format!(r#"{{"id":"{n}"}}"#)).collect();
    let text = format!(r#"{{"records":[{}]}}"#, records.join(","));
    let mut seen = 0;
    let mut reader = reader(&text, 7_001);
    reader
        .object(|_, reader| {
            reader.array(|item| {
                let record: Option<Record> = item.read()?;
                assert_eq!(record.unwrap().id, seen.to_string());
                seen += 1;
                Ok(())
            })
        })
        .unwrap();
    assert_eq!(seen, 60_000);
    assert!(reader.window.capacity() <= 4 * FILL);
}

#[test]
fn broken_documents_are_garbled_with_the_place() {
    for (text, expected) in [
        ("", "at byte 0 of the answer: expected an object"),
        ("<html>", "at byte 0 of the answer: expected an object"),
        (
            r#"{"records":[{"id":"1"} {"id":"2"}]}"#,
            "at byte 23 of the answer: expected a comma or the end of the array",
        ),
        (
            r#"{"records":[{"id":"1"}"#,
            "at byte 22 of the answer: expected a comma or the end of the array",
        ),
        (
            r#"{"records":[{"id":"1"#,
            "at byte 20 of the answer: expected valid JSON",
        ),
        (
            r#"{"records":[{"id":x}]}"#,
            "at byte 18 of the answer: expected valid JSON",
        ),
        (
            r#"{"records":[]} x"#,
            "at byte 15 of the answer: expected the end of the document",
        ),
        (
            r#"{ version": 1}"#,
            "at byte 2 of the answer: expected valid JSON",
        ),
    ] {
        for size in [1, 5, 64] {
            let fault = ids(text, size).unwrap_err();
            assert_eq!(fault.kind, Kind::Garbled);
            assert_eq!(fault.message, expected, "{text} in pieces of {size}");
        }
    }
}

#[test]
fn a_fault_of_the_reader_of_records_ends_the_walk() {
    let mut reader = reader(r#"[{"id":"1"},{"id":"2"}]"#, 64);
    let fault = reader.array(|item| {
        item.read::<Record>()?;
        Err(Fault::new(Kind::Cancelled, "the daemon is stopping"))
    });
    assert_eq!(fault.unwrap_err().kind, Kind::Cancelled);
}

#[test]
fn a_list_may_lack_its_brackets() {
    for (text, expected) in [
        (r#"{"records":[{"id":"1"},{"id":"2"}]}"#, vec!["1", "2"]),
        (r#"{"records":{"id":"1"}}"#, vec!["1"]),
        (r#"{"records": null}"#, vec![]),
        (r#"{"records":[]}"#, vec![]),
    ] {
        for size in [1, 7, 1000] {
            let mut ids = Vec::new();
            let mut reader = reader(text, size);
            let whole = reader.object(|_, reader| {
                reader.list(|item| {
                    ids.extend(item.read::<Record>()?.map(|record| record.id.to_owned()));
                    Ok(())
                })
            });
            assert_eq!(
                (whole, &ids),
                (Ok(()), &expected.iter().map(ToString::to_string).collect())
            );
        }
    }
    let broken = reader(r#"{"records":nil}"#, 100).object(|_, reader| reader.list(|_| Ok(())));
    assert_eq!(broken.unwrap_err().kind, Kind::Garbled);
}
