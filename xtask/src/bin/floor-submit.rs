//! `floor-submit PROVIDER URL SECRET CARDS OUT`: the least that submitting a file of cards can cost, as
//! something to compare the daemon with.
//!
//! A throw-away program that reads a CSV row by row, checks each number, takes a keyed hash of it (whoever
//! wants to know whether he asked before must, and never looks), writes each submission to a file, and
//! sends it. It seals nothing, keeps no ledger, chooses nothing, and would pay twice after a crash.

#![expect(
    clippy::disallowed_methods,
    reason = "a program of its own, without the daemon's clock"
)]

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use csv::{Reader, StringRecord};
use hmac::{Hmac, Mac};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [provider, url, secret, cards, out] = arguments.as_slice() else {
        bail!("usage: floor-submit PROVIDER URL SECRET CARDS OUT");
    };
    let provider = match provider.as_str() {
        "smartpayfuse" => &SMARTPAYFUSE,
        "cardsync" => &CARDSYNC,
        "bluesnap" => &BLUESNAP,
        other => bail!("there is no provider {other}"),
    };
    let key = Hmac::<Sha256>::new_from_slice(secret.as_bytes())?;
    let mut hashes = Vec::new();
    let mut batch = Batch::begin(provider, 0);
    let mut reader = Reader::from_path(cards)?;
    let columns = reader.headers()?.clone();
    let mut row = StringRecord::new();
    while reader.read_record(&mut row)? {
        let card: Card<'_> = row.deserialize(Some(&columns))?;
        ensure!(card.pan.is_empty() || luhn(card.pan), "a number is wrong");
        let mut hash = key.clone();
        hash.update(card.pan.as_bytes());
        hash.update(card.token.as_bytes());
        hashes.push(hash.finalize().into_bytes());
        batch.add(&card)?;
        if batch.cards == provider.largest {
            let number = batch.number + 1;
            batch.send(url, secret, out)?;
            batch = Batch::begin(provider, number);
        }
    }
    if batch.cards > 0 {
        batch.send(url, secret, out)?;
    }
    Ok(())
}

#[derive(Deserialize)]
struct Card<'a> {
    #[serde(default)]
    pan: &'a str,
    #[serde(default)]
    token: &'a str,
    /// `2031-04`
    #[serde(default)]
    expiry: &'a str,
}

fn luhn(number: &str) -> bool {
    let digits = number.bytes().rev().enumerate();
    let sum: u32 = digits
        .map(|(at, digit)| match (at % 2, u32::from(digit - b'0')) {
            (1, digit @ 5..) => digit * 2 - 9,
            (1, digit) => digit * 2,
            (_, digit) => digit,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// How a provider is asked.
struct Provider {
    path: &'static str,
    content_type: &'static str,
    largest: u32,
    begin: fn(&str) -> String,
    card: fn(&mut String, u32, &Card<'_>) -> std::fmt::Result,
    end: fn(&str) -> String,
    authorization: fn(&str, &str, &[u8]) -> Result<String>,
}

const SMARTPAYFUSE: Provider = Provider {
    path: "/accountupdater/v1/batches",
    content_type: "application/json",
    largest: 100_000,
    begin: |_| r#"{"type":"oneOff","included":{"tokens":["#.to_owned(),
    card: |body, number, card| {
        let comma = if number > 0 { "," } else { "" };
        write!(body, r#"{comma}{{"id":"{}"}}"#, card.token)
    },
    end: |id| format!(r#"]}},"merchantReference":"{id}","notificationEmail":"ops@example.com"}}"#),
    authorization: |host, secret, body| {
        let secret = BASE64_STANDARD.decode(secret)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let header = json!({ "alg": "HS256", "kid": KEY_ID, "typ": "JWT" });
        let claims = json!({
            "digest": BASE64_STANDARD.encode(Sha256::digest(body)),
            "digestAlgorithm": "SHA-256",
            "exp": now.as_secs() + 120,
            "iat": now.as_secs(),
            "iss": MERCHANT,
            "jti": format!("floor-{}", now.as_nanos()),
            "request-host": host,
            "request-method": "POST",
            "request-resource-path": SMARTPAYFUSE.path,
            "v-c-jwt-version": "2",
            "v-c-merchant-id": MERCHANT,
        });
        let part = |part: serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let mut signature = Hmac::<Sha256>::new_from_slice(&secret)?;
        signature.update(signed.as_bytes());
        let signature = BASE64_URL_SAFE_NO_PAD.encode(signature.finalize().into_bytes());
        Ok(format!("Bearer {signed}.{signature}"))
    },
};

const CARDSYNC: Provider = Provider {
    path: "/api/cardsync/batch",
    content_type: "application/json",
    largest: 10_000,
    begin: |_| r#"{"cards":["#.to_owned(),
    card: |body, number, card| {
        let comma = if number > 0 { "," } else { "" };
        let (pan, year, month) = (card.pan, &card.expiry[2..4], &card.expiry[5..]);
        write!(
            body,
            r#"{comma}{{"id":"k{number}","card":"{pan}","exp":"{month}/{year}"}}"#
        )
    },
    end: |_| "]}".to_owned(),
    authorization: |_, secret, _| Ok(secret.to_owned()),
};

const BLUESNAP: Provider = Provider {
    path: "/services/2/account-updater",
    content_type: "application/xml",
    largest: 2_000,
    begin: |id| {
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?><batch-account-update xmlns="http://ws.plimus.com"><account-update-batch-id>{id}</account-update-batch-id>"#
        )
    },
    card: |body, number, card| {
        let (pan, year, month) = (card.pan, &card.expiry[..4], &card.expiry[5..]);
        write!(
            body,
            "<account-update><merchant-updater-id>k{number}</merchant-updater-id><original-card>\
             <credit-card><card-number>{pan}</card-number><expiration-month>{month}</expiration-month>\
             <expiration-year>{year}</expiration-year></credit-card></original-card></account-update>"
        )
    },
    end: |_| "</batch-account-update>".to_owned(),
    authorization: |_, secret, _| {
        let credentials = BASE64_STANDARD.encode(format!("{USER}:{secret}"));
        Ok(format!("Basic {credentials}"))
    },
};

/// As the scene's accounts have it.
const MERCHANT: &str = "demo_merchant_001";
const KEY_ID: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
const USER: &str = "API_17000000000001";

/// A submission in the making.
struct Batch {
    provider: &'static Provider,
    number: u32,
    id: String,
    body: String,
    cards: u32,
}

impl Batch {
    fn begin(provider: &'static Provider, number: u32) -> Self {
        let id = format!("floor-{}-{number}", std::process::id());
        Self {
            provider,
            number,
            body: (provider.begin)(&id),
            id,
            cards: 0,
        }
    }

    fn add(&mut self, card: &Card<'_>) -> Result<()> {
        (self.provider.card)(&mut self.body, self.cards, card)?;
        self.cards += 1;
        Ok(())
    }

    /// In HTTP/1.0, a connection each: nothing could cost less.
    fn send(mut self, url: &str, secret: &str, out: &str) -> Result<()> {
        let provider = self.provider;
        self.body += &(provider.end)(&self.id);
        fs::write(out, &self.body)?;
        let host = url.trim_start_matches("http://");
        let authorization = (provider.authorization)(host, secret, self.body.as_bytes())?;
        let mut stream = TcpStream::connect(host)?;
        write!(
            stream,
            "POST {} HTTP/1.0\r\nHost: {host}\r\nAuthorization: {authorization}\r\nAccept: {}\r\nContent-Type: {}\r\n\
             Content-Length: {}\r\n\r\n",
            provider.path,
            provider.content_type,
            provider.content_type,
            self.body.len()
        )?;
        stream.write_all(self.body.as_bytes())?;
        let mut answer = BufReader::new(stream);
        let mut status = String::new();
        answer.read_line(&mut status)?;
        ensure!(status.contains(" 20"), "{}: {}", self.id, status.trim_end());
        std::io::copy(&mut answer, &mut std::io::sink()).context("the answer breaks off")?;
        Ok(())
    }
}
