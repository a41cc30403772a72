//! The line that billing systems read: its fields, their order, and what must never be in it.

use reissue_connector_api::Pan;
use serde_json::{Value, json};

use super::*;
use crate::spool::Lines;

fn lines(updates: &[Update<'_>]) -> Vec<String> {
    let mut lines = Lines::of(origin());
    let mut out = Vec::new();
    for update in updates {
        lines.write(update, &mut out).unwrap();
    }
    let text = String::from_utf8(out).unwrap();
    assert!(text.ends_with('\n'));
    text.lines().map(str::to_owned).collect()
}

fn line(update: &Update<'_>) -> String {
    let mut lines = lines(std::slice::from_ref(update));
    assert_eq!(lines.len(), 1);
    lines.remove(0)
}

pub(super) fn read(update: &Update<'_>) -> Value {
    serde_json::from_str(&line(update)).unwrap()
}

#[test]
fn the_documented_example() {
    let expected = concat!(
        r#"{"id":"acme-uk/15797780137010000506182090/562239661","#,
        r#""account":"acme-uk","connector":"some-provider","job":"amex-daily","#,
        r#""batch":"15797780137010000506182090","record":"562239661","#,
        r#""reference":"9CCD3AE24DD9E254E0533F36CF0A356E","#,
        r#""outcome":"new_number","provider_code":"NAN","provider_reason":"800","billable":true,"#,
        r#""old":{"token":"9CCD3AE24DD9E254E0533F36CF0A356E","pan_masked":"371449XXXXX2009","#,
        r#""expiry":"2021-02","brand":"amex","customer":"9CCD3AE24DD9E254E0533F36CF0A356E","#,
        r#""payment_instrument":"9CCD3AE24DD8E254E0533F36CF0A356E","#,
        r#""instrument_identifier":"9CCD3AE24DD7E254E0533F36CF0A356E"},"#,
        r#""new":{"token":"9CCD3AE24DD9E254E0533F36CF0A356E","pan_masked":"371449XXXXX0102","#,
        r#""expiry":"2021-07","brand":"amex","#,
        r#""instrument_identifier":"9CCDC4D08BE0C16BE0533F36CF0A9916","#,
        r#""instrument_identifier_created":true},"#,
        r#""related":[{"customer":"8CCD3AE24DD8E254E0533F36CF0A355E","#,
        r#""payment_instrument":"9CCD3AE24DD8E254E0533F36CF0A356D","#,
        r#""creator":"aura_regress_tms_report","state":"closed","message":"…"}],"#,
        r#""reported_at":"2020-01-23T11:16:13Z","collected_at":"2026-11-22T06:30:04Z"}"#,
    );
    assert_eq!(line(&example()), expected);
}

#[test]
fn the_fields_that_only_some_providers_give_have_their_places() {
    let update = Update {
        provider_message: "try later",
        se_number: "1234567890",
        billable: Some(false),
        old: Card {
            funding: "credit",
            ..Card::default()
        },
        reported_at: Some("2020-01-23T11:16:13.25Z".parse().unwrap()),
        ..Update::new(Outcome::Inconclusive)
    };
    let expected = concat!(
        r#"{"id":"acme-uk/15797780137010000506182090/1","#,
        r#""account":"acme-uk","connector":"some-provider","job":"amex-daily","#,
        r#""batch":"15797780137010000506182090","record":"1","outcome":"inconclusive","#,
        r#""provider_message":"try later","billable":false,"se_number":"1234567890","#,
        r#""old":{"funding":"credit"},"#,
        r#""reported_at":"2020-01-23T11:16:13.250Z","collected_at":"2026-11-22T06:30:04Z"}"#,
    );
    assert_eq!(line(&update), expected);
}

#[test]
fn what_is_empty_is_left_out() {
    let expected = concat!(
        r#"{"id":"acme-uk/15797780137010000506182090/1","#,
        r#""account":"acme-uk","connector":"some-provider","job":"amex-daily","#,
        r#""batch":"15797780137010000506182090","record":"1","outcome":"closed","#,
        r#""collected_at":"2026-11-22T06:30:04Z"}"#,
    );
    assert_eq!(line(&Update::new(Outcome::Closed)), expected);

    let nothing_in_it = Update {
        related: &[Related {
            customer: "",
            payment_instrument: "",
            creator: "",
            state: "active",
            message: "",
        }],
        ..Update::new(Outcome::NewExpiry(Card::default()))
    };
    let json = read(&nothing_in_it);
    assert_eq!(json.get("new"), None);
    assert_eq!(json["related"], json!([{ "state": "active" }]));
}

#[test]
fn without_a_record_id_the_position_serves() {
    let with_id = Update {
        record: "a/b",
        ..Update::new(Outcome::Valid)
    };
    let without = Update::new(Outcome::Valid);
    let ids: Vec<[String; 2]> = lines(&[without.clone(), with_id, without])
        .iter()
        .map(|line| {
            let json: Value = serde_json::from_str(line).unwrap();
            ["id", "record"].map(|field| json[field].as_str().unwrap().to_owned())
        })
        .collect();
    let batch = "acme-uk/15797780137010000506182090";
    let expected = ["1", "a/b", "3"].map(|record| [format!("{batch}/{record}"), record.into()]);
    assert_eq!(ids, expected);
}

#[test]
fn whatever_a_text_holds_it_stays_one_line_and_the_same_text() {
    let text = "a \"quote\", a \\, a\nline\r\nend, a \u{2028}, a tab\t, a NUL \0, ü 💳";
    let update = Update {
        reference: text,
        provider_message: text,
        ..Update::new(Outcome::Valid)
    };
    let json = read(&update);
    assert_eq!(json["reference"], text);
    assert_eq!(json["provider_message"], text);
}

const NUMBER: &str = "4111111111111111";
const MASK: &str = "411111XXXXXX1111";

#[test]
fn a_full_number_stands_in_pan_and_nowhere_else() {
    let known = |token| Card {
        token,
        pan: Some(Pan::parse(NUMBER).unwrap()),
        ..Card::default()
    };
    let update = Update {
        old: known("old"),
        ..Update::new(Outcome::NewNumber(known("new")))
    };
    assert_eq!(line(&update).matches(NUMBER).count(), 2);
    let json = read(&update);
    for token in ["old", "new"] {
        let expected = json!({ "token": token, "pan": NUMBER, "pan_masked": MASK });
        assert_eq!(json[token], expected);
    }
}

#[test]
fn a_providers_own_mask_is_kept() {
    let update = Update {
        old: Card {
            pan: Some(Pan::parse(NUMBER).unwrap()),
            pan_masked: "4111-XX-1111",
            ..Card::default()
        },
        ..Update::new(Outcome::Valid)
    };
    let expected = json!({ "pan": NUMBER, "pan_masked": "4111-XX-1111" });
    assert_eq!(read(&update)["old"], expected);
}

#[test]
fn a_number_where_none_belongs_is_masked() {
    let update = Update {
        provider_message: "card 4111-1111-1111-1111 replaced",
        old: Card {
            pan_masked: NUMBER,
            ..Card::default()
        },
        related: &[Related {
            customer: "",
            payment_instrument: "",
            creator: "",
            state: "",
            message: "was 4111 1111 1111 1111 12/27",
        }],
        ..Update::new(Outcome::NewNumber(Card {
            pan_masked: "4111 1111 1111 1111",
            ..Card::default()
        }))
    };
    let json = read(&update);
    assert_eq!(json["provider_message"], format!("card {MASK} replaced"));
    assert_eq!(json["old"], json!({ "pan_masked": MASK }));
    assert_eq!(json["new"], json!({ "pan_masked": MASK }));
    assert_eq!(json["related"][0]["message"], format!("was {MASK} 12/27"));
}

#[test]
fn a_token_that_looks_like_a_number_is_left_alone() {
    let update = Update {
        reference: NUMBER,
        record: NUMBER,
        old: Card {
            token: NUMBER,
            instrument_identifier: NUMBER,
            ..Card::default()
        },
        ..Update::new(Outcome::Valid)
    };
    let json = read(&update);
    for value in [
        &json["reference"],
        &json["record"],
        &json["old"]["token"],
        &json["old"]["instrument_identifier"],
    ] {
        assert_eq!(value, NUMBER);
    }
}
