//! `floor-pull URL FILE`: the least that the daemon's main work can cost, as something to compare it with.
//!
//! A throw-away program that fetches a report over HTTP into memory, reads record after record with
//! serde_json in borrowed texts, writes the same updates as JSON lines, and fsyncs once. It signs
//! nothing, checks nothing, seals nothing, keeps no ledger, and would deliver twice what it delivered
//! before.

use std::env;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::net::TcpStream;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Deserializer;

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let (url, file) = arguments
        .next()
        .zip(arguments.next())
        .context("usage: floor-pull URL FILE")?;
    let (_, batch) = url.rsplit_once('/').context("a URL has a path")?;
    let body = fetch(&url).with_context(|| format!("cannot fetch {url}"))?;
    let mut out = BufWriter::new(File::create(&file)?);
    let mut records = records(&body).context("the report has no records")?;
    while !records.starts_with(b"}") {
        let mut first = Deserializer::from_slice(records).into_iter();
        let record: Record<'_> = first.next().context("the report ends early")??;
        serde_json::to_writer(&mut out, &Update::of(&record, batch))?;
        out.write_all(b"\n")?;
        // A comma, or the end of the list.
        records = &records[first.byte_offset() + 1..];
    }
    out.into_inner()?.sync_all()?;
    Ok(())
}

/// What follows the beginning of the list.
fn records(body: &[u8]) -> Option<&[u8]> {
    const LIST: &[u8] = b"\"records\":[";
    let at = body.windows(LIST.len()).position(|bytes| bytes == LIST)?;
    Some(&body[at + LIST.len()..])
}

/// In HTTP/1.0, where the body ends with the connection: nothing could cost less.
fn fetch(url: &str) -> Result<Vec<u8>> {
    let (address, path) = url
        .trim_start_matches("http://")
        .split_once('/')
        .context("a URL has a path")?;
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET /{path} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
    let mut answer = BufReader::new(stream);
    let mut line = String::new();
    while answer.read_line(&mut line)? > "\r\n".len() {
        line.clear();
    }
    let mut body = Vec::new();
    answer.read_to_end(&mut body)?;
    Ok(body)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    id: &'a str,
    #[serde(borrow)]
    source_record: Card<'a>,
    #[serde(borrow)]
    response_record: Answer<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Card<'a> {
    token: &'a str,
    card_number: Option<&'a str>,
    card_expiry_month: Option<&'a str>,
    card_expiry_year: Option<&'a str>,
    card_type: Option<&'a str>,
    customer_id: Option<&'a str>,
    payment_instrument_id: Option<&'a str>,
    instrument_identifier_id: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    response: &'a str,
    reason: &'a str,
    token: Option<&'a str>,
    card_number: Option<&'a str>,
    card_expiry_month: Option<&'a str>,
    card_expiry_year: Option<&'a str>,
    card_type: Option<&'a str>,
    instrument_identifier_id: Option<&'a str>,
    instrument_identifier_created: Option<&'a str>,
    #[serde(borrow, default)]
    additional_updates: Vec<Related<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Related<'a> {
    customer_id: &'a str,
    payment_instrument_id: &'a str,
    creator: &'a str,
    state: &'a str,
    message: &'a str,
}

/// An update as the daemon writes it.
#[derive(Serialize)]
struct Update<'a> {
    id: String,
    account: &'a str,
    connector: &'a str,
    job: &'a str,
    batch: &'a str,
    record: &'a str,
    reference: &'a str,
    outcome: &'a str,
    provider_code: &'a str,
    provider_reason: &'a str,
    billable: bool,
    old: NormalCard<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<NormalCard<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<NormalRelated<'a>>,
    reported_at: &'a str,
    collected_at: &'a str,
}

#[derive(Serialize)]
struct NormalCard<'a> {
    token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pan_masked: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    brand: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_instrument: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instrument_identifier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instrument_identifier_created: Option<bool>,
}

#[derive(Serialize)]
struct NormalRelated<'a> {
    customer: &'a str,
    payment_instrument: &'a str,
    creator: &'a str,
    state: String,
    message: &'a str,
}

impl<'a> Update<'a> {
    fn of(record: &'a Record<'a>, batch: &'a str) -> Self {
        let Record {
            id,
            source_record: card,
            response_record: answer,
        } = record;
        let (outcome, billable) = match (answer.response, answer.reason) {
            ("NAN", "800") => ("new_number", true),
            ("NED", "800") => ("new_expiry", true),
            ("ACL", "800") => ("closed", true),
            ("CCH", "800") => ("contact_cardholder", true),
            ("CUR", "800") => ("valid", false),
            ("NUP", _) => ("no_match", false),
            ("UNA", _) => ("inconclusive", false),
            ("DEC", "862") => ("opted_out", false),
            ("DEC", _) => ("rejected", false),
            ("ERR", _) => ("failed", false),
            _ => ("unknown", false),
        };
        Self {
            id: format!("barclays-uk/{batch}/{id}"),
            account: "barclays-uk",
            connector: "smartpayfuse",
            job: "harvest",
            batch,
            record: id,
            reference: card.token,
            outcome,
            provider_code: answer.response,
            provider_reason: answer.reason,
            billable,
            old: NormalCard {
                token: card.token,
                pan_masked: card.card_number,
                expiry: expiry(card.card_expiry_year, card.card_expiry_month),
                brand: card.card_type.map(brand),
                customer: card.customer_id,
                payment_instrument: card.payment_instrument_id,
                instrument_identifier: card.instrument_identifier_id,
                instrument_identifier_created: None,
            },
            new: matches!(outcome, "new_number" | "new_expiry").then(|| NormalCard {
                token: answer.token.unwrap_or_default(),
                pan_masked: answer.card_number,
                expiry: expiry(answer.card_expiry_year, answer.card_expiry_month),
                brand: answer.card_type.map(brand),
                customer: None,
                payment_instrument: None,
                instrument_identifier: answer.instrument_identifier_id,
                instrument_identifier_created: answer
                    .instrument_identifier_created
                    .map(|created| created == "true"),
            }),
            related: answer
                .additional_updates
                .iter()
                .map(|other| NormalRelated {
                    customer: other.customer_id,
                    payment_instrument: other.payment_instrument_id,
                    creator: other.creator,
                    state: other.state.to_lowercase(),
                    message: other.message,
                })
                .collect(),
            reported_at: "2026-11-22T06:30:03Z",
            collected_at: "2026-11-22T06:30:04Z",
        }
    }
}

fn expiry(year: Option<&str>, month: Option<&str>) -> Option<String> {
    year.zip(month)
        .map(|(year, month)| format!("{year}-{month}"))
}

fn brand(card_type: &str) -> &str {
    match card_type {
        "001" => "visa",
        "002" => "mastercard",
        "003" => "amex",
        other => other,
    }
}
