//! Generates a report: a stream of records from a seed, of any size in constant memory.
//!
//! The shapes of the records come round in one shuffled cycle, so that the totals, which a report states before its
//! first record, are known without writing it.

use std::sync::Arc;

use axum::body::Bytes;

use crate::mix::mix;

use super::batch::Source;
use super::shapes::{CYCLE, Shape, shapes};
use super::template::{Draw, first_id};

/// Large enough that a socket, not a loop of ours, sets the pace; small enough to stay in a cache.
const CHUNK_BYTES: usize = 256 * 1024;
const LONGEST_RECORD: usize = 2048;

/// A report that is written when it is asked for.
#[derive(Debug)]
pub(super) struct Generated {
    pub(super) records: u64,
    key: u64,
    shapes: Vec<Shape>,
    /// Which shape each record of a cycle has.
    cycle: Vec<u8>,
    /// The tokens that the records are about, where somebody asked about them.
    tokens: Option<Arc<[String]>>,
}

impl Generated {
    /// The same seed, batch, source and number of records make the same report.
    pub(super) fn new(seed: u64, batch: &str, source: Source, records: u64) -> Self {
        let key = batch
            .bytes()
            .fold(mix(seed), |key, byte| mix(key ^ u64::from(byte)));
        let shapes = shapes(source);
        let mut cycle: Vec<u8> = Vec::with_capacity(CYCLE);
        for (n, shape) in (0..).zip(&shapes) {
            cycle.resize(cycle.len() + shape.weight, n);
        }
        let mut draw = key;
        for last in (1..cycle.len()).rev() {
            draw = mix(draw);
            cycle.swap(last, (draw % (last as u64 + 1)) as usize);
        }
        Self {
            records,
            key,
            shapes,
            cycle,
            tokens: None,
        }
    }

    /// The same about these tokens, one record each.
    pub(super) fn of_tokens(self, tokens: Arc<[String]>) -> Self {
        Self {
            tokens: Some(tokens),
            ..self
        }
    }

    /// How often each shape occurs.
    pub(super) fn tally(&self) -> impl Iterator<Item = (&Shape, u64)> {
        let (cycles, rest) = (self.records / CYCLE as u64, self.records % CYCLE as u64);
        let rest = &self.cycle[..rest as usize];
        (0..).zip(&self.shapes).map(move |(n, shape)| {
            let in_rest = rest.iter().filter(|&&shape| shape == n).count();
            (shape, cycles * shape.weight as u64 + in_rest as u64)
        })
    }

    /// The sum of all record ids.
    pub(super) fn id_sum(&self) -> u128 {
        let (first, n) = (u128::from(first_id(self.key)), u128::from(self.records));
        n * first + n * n.saturating_sub(1) / 2
    }

    /// Writes one record.
    pub(super) fn write(&self, index: u64, out: &mut Vec<u8>) {
        let shape = self.cycle[(index % CYCLE as u64) as usize];
        let draw = Draw::new(self.key, index);
        let start = out.len();
        self.shapes[usize::from(shape)].template.write(&draw, out);
        let token = self
            .tokens
            .as_ref()
            .and_then(|tokens| tokens.get(index as usize));
        if let Some(token) = token {
            rename(out, start, token);
        }
    }

    /// The whole document in chunks: the head, which ends where the first record begins, then the records. A first
    /// record is given where a fault replaces it.
    pub(super) fn chunks(
        self: Arc<Self>,
        head: Vec<u8>,
        first: Option<Vec<u8>>,
    ) -> impl Iterator<Item = Bytes> {
        let mut start = head;
        let mut next = 0;
        if let Some(first) = first {
            start.extend(first);
            next = 1;
        }
        Chunks {
            report: self,
            start,
            next,
            ended: false,
        }
    }
}

/// Puts another token in place of the first one of the record that begins there, which is that of its card.
fn rename(out: &mut Vec<u8>, start: usize, token: &str) {
    const KEY: &[u8] = br#""token":""#;
    let record = &out[start..];
    let key = record.windows(KEY.len()).position(|bytes| bytes == KEY);
    let from = start + key.expect("every shape has a token") + KEY.len();
    let length = out[from..].iter().position(|byte| *byte == b'"');
    let to = from + length.expect("the token is a text");
    out.splice(from..to, token.bytes());
}

struct Chunks {
    report: Arc<Generated>,
    start: Vec<u8>,
    next: u64,
    ended: bool,
}

impl Iterator for Chunks {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        if self.ended {
            return None;
        }
        let mut chunk = Vec::with_capacity(CHUNK_BYTES + LONGEST_RECORD);
        chunk.append(&mut self.start);
        while chunk.len() < CHUNK_BYTES && self.next < self.report.records {
            if self.next > 0 {
                chunk.push(b',');
            }
            self.report.write(self.next, &mut chunk);
            self.next += 1;
        }
        if self.next == self.report.records {
            chunk.extend_from_slice(b"]}");
            self.ended = true;
        }
        Some(chunk.into())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::Value;

    use super::*;

    const BATCH: &str = "15797780137010000506182090";
    const SOURCES: [Source; 4] = [
        Source::AmexMaintenance,
        Source::Scheduler,
        Source::TokenApi,
        Source::AmexRegistryApi,
    ];

    fn document(report: Generated) -> Vec<u8> {
        Arc::new(report)
            .chunks(b"{\"records\":[".to_vec(), None)
            .flatten()
            .collect()
    }

    fn records(report: Generated) -> Vec<Value> {
        let mut document: Value = serde_json::from_slice(&document(report)).unwrap();
        serde_json::from_value(document["records"].take()).unwrap()
    }

    #[test]
    fn every_table_fills_its_cycle() {
        for source in SOURCES {
            let weights: usize = shapes(source).iter().map(|shape| shape.weight).sum();
            assert_eq!(weights, CYCLE, "{source:?}");
        }
    }

    #[test]
    fn the_same_seed_and_batch_make_the_same_bytes() {
        let make = |seed, batch| document(Generated::new(seed, batch, Source::Scheduler, 2500));
        assert_eq!(make(1, BATCH), make(1, BATCH));
        assert_ne!(make(1, BATCH), make(2, BATCH));
        assert_ne!(make(1, BATCH), make(1, "15797780137010000506182091"));
    }

    #[test]
    fn the_tally_says_what_the_records_hold() {
        for source in SOURCES {
            let mut told: BTreeMap<String, u64> = BTreeMap::new();
            for (shape, count) in Generated::new(7, BATCH, source, 2345).tally() {
                *told
                    .entry(format!("{} {}", shape.response, shape.reason))
                    .or_default() += count;
            }
            told.retain(|_, count| *count > 0);
            let mut found: BTreeMap<String, u64> = BTreeMap::new();
            for record in records(Generated::new(7, BATCH, source, 2345)) {
                let answer = &record["responseRecord"];
                let code = format!(
                    "{} {}",
                    answer["response"].as_str().unwrap(),
                    answer["reason"].as_str().unwrap()
                );
                *found.entry(code).or_default() += 1;
            }
            assert_eq!(told, found, "{source:?}");
        }
    }

    #[test]
    fn ids_and_tokens_are_unique_and_add_up() {
        let report = Generated::new(3, BATCH, Source::Scheduler, 5000);
        let sum = report.id_sum();
        let records = records(report);
        let ids: BTreeSet<u128> = records
            .iter()
            .map(|r| r["id"].as_str().unwrap().parse().unwrap())
            .collect();
        let tokens: BTreeSet<&str> = records
            .iter()
            .map(|r| r["sourceRecord"]["token"].as_str().unwrap())
            .collect();
        assert_eq!((ids.len(), tokens.len()), (5000, 5000));
        assert_eq!(ids.iter().sum::<u128>(), sum);
    }

    #[test]
    fn fields_occur_as_documented() {
        for record in records(Generated::new(5, BATCH, Source::Scheduler, 1000)) {
            let answer = record["responseRecord"].as_object().unwrap();
            let has = |field| answer.contains_key(field);
            match answer["response"].as_str().unwrap() {
                "NAN" => {
                    assert!(
                        has("token")
                            && has("cardNumber")
                            && has("cardType")
                            && has("cardExpiryYear")
                    );
                    assert!(answer["instrumentIdentifierCreated"].is_string());
                }
                "NED" => assert!(has("cardExpiryMonth") && has("cardExpiryYear") && !has("token")),
                "ACL" => assert!(!has("token") && !has("cardExpiryYear")),
                _ => assert_eq!(answer.len(), 2),
            }
        }
        for record in records(Generated::new(5, BATCH, Source::AmexRegistryApi, 100)) {
            assert!(
                record.get("id").is_none() && record["sourceRecord"].get("cardNumber").is_none()
            );
        }
    }

    #[test]
    fn harvest_records_have_the_size_that_benchmarks_assume() {
        let bytes = document(Generated::new(1, BATCH, Source::Scheduler, 1000)).len();
        assert!(
            (650..=700).contains(&(bytes / 1000)),
            "{} bytes a record",
            bytes / 1000
        );
    }

    #[test]
    fn a_report_of_no_records_is_a_document() {
        assert!(records(Generated::new(1, BATCH, Source::Scheduler, 0)).is_empty());
    }
}
