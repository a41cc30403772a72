use super::*;
use crate::fault::Kind;

const OURS: &str = "http://ours.test";

/// A body in pieces of a given size, which may break off at its end.
struct Pieces<'a> {
    pieces: std::slice::Chunks<'a, u8>,
    breaks: bool,
}

impl Source for Pieces<'_> {
    fn read_into(&mut self, to: &mut Vec<u8>) -> Result<usize, Fault> {
        let piece = match self.pieces.next() {
            Some(piece) => piece,
            None if self.breaks => return Err(Fault::new(Kind::Unreachable, "it broke").sent()),
            None => &[],
        };
        to.extend_from_slice(piece);
        Ok(piece.len())
    }
}

fn pieces(text: &str, size: usize) -> Pieces<'_> {
    Pieces {
        pieces: text.as_bytes().chunks(size),
        breaks: false,
    }
}

/// The text of every `n` in every `card` of the root.
fn numbers<S: Source>(source: S) -> Result<Vec<String>, Fault> {
    let mut numbers = Vec::new();
    read(source, OURS, "cards", |root| {
        root.children(|name, card| match name {
            "card" => card.children(|name, number| {
                if name == "n" {
                    numbers.push(number.text(str::to_owned)?);
                }
                Ok(())
            }),
            _ => Ok(()),
        })
    })?;
    Ok(numbers)
}

#[test]
fn a_document_is_the_same_however_it_is_cut_and_whatever_its_prefixes() {
    for text in [
        r#"<cards xmlns="http://ours.test"><card><n>1</n><n> 2 </n></card><card><n>3</n></card></cards>"#,
        "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- hello -->\n<o:cards xmlns:o='http://ours.test'>\r\n \
         <o:card a='b>'><o:n>1</o:n>text<o:n>2<!-- c --></o:n></o:card><?pi x?>\
         <o:card><o:n>3</o:n></o:card></o:cards>\n<!-- end -->\n",
        r#"<cards xmlns="http://ours.test" xmlns:t="http://theirs.test"><t:card><n>8</n></t:card>
           <other><card><n>9</n></card></other>
           <card><t:n>7</t:n><n>1<deep><n>6</n></deep></n><n><![CDATA[2]]></n><m/></card>
           <card><n>&#x33;</n></card></cards>"#,
    ] {
        for size in 1..=text.len() {
            let numbers = numbers(pieces(text, size)).unwrap();
            assert_eq!(numbers.join(","), "1,2,3", "{text} in pieces of {size}");
        }
    }
}

#[test]
fn a_text_may_hold_references_and_an_empty_element_has_an_empty_one() {
    let text = "<cards xmlns='http://ours.test'><card><n>a&lt;b &amp;&#38; <![CDATA[<c>]]></n><n/></card></cards>";
    assert_eq!(numbers(pieces(text, 3)).unwrap(), ["a<b && <c>", ""]);
}

#[test]
fn what_is_not_read_is_passed_over_and_checked_all_the_same() {
    let whole = "<cards xmlns='http://ours.test'><card><n>1</n></card></cards>";
    assert_eq!(read(pieces(whole, 5), OURS, "cards", |_| Ok(7)), Ok(7));
    let torn = &whole[..whole.len() - 3];
    let fault = read(pieces(torn, 5), OURS, "cards", |_| Ok(7)).unwrap_err();
    assert_eq!(fault.kind, Kind::Garbled);
}

#[test]
fn a_document_that_is_not_as_expected_is_garbled_with_the_place() {
    let root = "<cards xmlns='http://ours.test'>";
    let other_root = "the element `cards` of http://ours.test";
    for (text, expected) in [
        (String::new(), other_root),
        ("<html><body/></html>".into(), other_root),
        ("<cards/>".into(), other_root),
        ("<cards xmlns='http://theirs.test'/>".into(), other_root),
        (
            format!("HTTP/ 1.1 200 OK\n{root}</cards>"),
            "no text outside the document's element",
        ),
        (
            format!("{root}</cards> x"),
            "no text outside the document's element",
        ),
        (
            format!("{root}</cards>{root}</cards>"),
            "the end of the document",
        ),
        (
            format!("{root}<card><n>1</n>"),
            "more: the answer ends early",
        ),
        (format!("{root}<card><n>1</n></card></cards"), "valid XML"),
        (format!("{root}<card></cards>"), "valid XML"),
        (
            format!("{root}<card><n>\u{0}&#0;</n></card></cards>"),
            "a character's number",
        ),
        (
            format!("<!DOCTYPE cards [<!ENTITY a 'b'>]>{root}</cards>"),
            "no document type",
        ),
        (
            format!("{root}<card><n>&nbsp;</n></card></cards>"),
            "no entity but XML's own",
        ),
    ] {
        for size in [1, 7, 1024] {
            let fault = numbers(pieces(&text, size)).expect_err(&text);
            assert_eq!(fault.kind, Kind::Garbled);
            let sentence = format!(" of the answer: expected {expected}");
            assert!(fault.message.starts_with("at byte "), "{}", fault.message);
            assert!(
                fault.message.ends_with(&sentence),
                "{text}: {}",
                fault.message
            );
        }
    }
    let latin1: &[u8] = b"<cards xmlns='http://ours.test'><card><n>\xe9</n></card></cards>";
    let source = Pieces {
        pieces: latin1.chunks(9),
        breaks: false,
    };
    assert_eq!(numbers(source).unwrap_err().kind, Kind::Garbled);
}

#[test]
fn the_place_counts_the_white_space_too() {
    let text = "<cards xmlns='http://ours.test'>\n  <card>\n\n</cards>";
    for size in 1..=text.len() {
        let fault = numbers(pieces(text, size)).unwrap_err();
        let place = format!("at byte {} ", text.len());
        assert!(fault.message.starts_with(&place), "{}", fault.message);
    }
}

#[test]
fn a_body_that_breaks_off_says_why() {
    let text = "<cards xmlns='http://ours.test'><card><n>1</n></card></cards>";
    for length in 0..text.len() {
        let source = Pieces {
            pieces: text.as_bytes()[..length].chunks(6),
            breaks: true,
        };
        let fault = numbers(source).unwrap_err();
        assert_eq!(
            fault,
            Fault::new(Kind::Unreachable, "it broke").sent(),
            "after {length}"
        );
    }
}

/// An endless body of one repeated piece.
struct Endless(&'static str, String);

impl Source for Endless {
    fn read_into(&mut self, to: &mut Vec<u8>) -> Result<usize, Fault> {
        let piece = std::mem::take(&mut self.0);
        let piece = if piece.is_empty() { &self.1 } else { piece };
        to.extend_from_slice(piece.as_bytes());
        Ok(piece.len())
    }
}

#[test]
fn nothing_grows_without_end() {
    let root = "<cards xmlns='http://ours.test'><card><n>";
    for (repeated, expected) in [
        ("<n>", "at most 64 elements in each other"),
        ("text of a text of a text", "valid XML"),
        ("text<!-- comment -->", "a text of at most 1 MiB"),
        ("<![CDATA[text]]>", "a text of at most 1 MiB"),
    ] {
        let message = numbers(Endless(root, repeated.repeat(1000)))
            .unwrap_err()
            .message;
        assert!(message.ends_with(expected), "{message}");
    }
    let fault = numbers(Endless(
        "<cards xmlns='http://ours.test' a='",
        "a".repeat(1000),
    ))
    .unwrap_err();
    assert_eq!(fault.kind, Kind::Garbled);
}
