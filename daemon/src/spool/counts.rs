//! How many updates there were of each outcome and code.

use reissue_connector_api::mask_pans;

use crate::ledger::event::OutcomeCount;

/// Counters by outcome, code and reason. There are a few dozen pairs at most, so a list that is
/// searched from its last hit is faster than a map, and nothing is allocated for a pair seen before.
#[derive(Debug, Default)]
pub struct Counts {
    rows: Vec<OutcomeCount>,
    last: usize,
}

/// A provider that invents codes without end must not fill the memory: further ones count as `…`.
const MOST: usize = 200;

impl Counts {
    /// Counts one update.
    pub fn count(&mut self, outcome: &str, code: &str, reason: &str) {
        self.count_many(outcome, code, reason, 1);
    }

    /// Adds another counter's row.
    pub fn add(&mut self, row: &OutcomeCount) {
        self.count_many(&row.outcome, &row.code, &row.reason, row.count);
    }

    fn count_many(&mut self, outcome: &str, code: &str, reason: &str, many: u64) {
        let is =
            |row: &OutcomeCount| row.outcome == outcome && row.code == code && row.reason == reason;
        if !self.rows.get(self.last).is_some_and(is) {
            self.last = match self.rows.iter().position(is) {
                Some(at) => at,
                None if self.rows.len() >= MOST && code != "…" => {
                    return self.count_many(outcome, "…", "", many);
                }
                None => {
                    // Counters are kept in the clear, so they show no card number.
                    if let Some((code, reason)) = masked(code, reason) {
                        return self.count_many(outcome, &code, &reason, many);
                    }
                    self.rows.push(OutcomeCount {
                        outcome: outcome.to_owned(),
                        code: code.to_owned(),
                        reason: reason.to_owned(),
                        count: 0,
                    });
                    self.rows.len() - 1
                }
            };
        }
        self.rows[self.last].count += many;
    }

    /// How many in all.
    pub fn sum(&self) -> u64 {
        self.rows.iter().map(|row| row.count).sum()
    }

    /// The counters, most frequent first.
    pub fn into_rows(mut self) -> Vec<OutcomeCount> {
        self.rows
            .sort_by(|a, b| b.count.cmp(&a.count).then(a.code.cmp(&b.code)));
        self.rows
    }
}

/// Code and reason with every card number masked; `None` where there is none.
fn masked(code: &str, reason: &str) -> Option<(String, String)> {
    let (masked_code, masked_reason) = (mask_pans(code), mask_pans(reason));
    if masked_code.is_none() && masked_reason.is_none() {
        return None;
    }
    Some((
        masked_code.unwrap_or_else(|| code.to_owned()),
        masked_reason.unwrap_or_else(|| reason.to_owned()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_number_in_a_code_is_counted_masked() {
        let mut counts = Counts::default();
        for _ in 0..2 {
            counts.count("failed", "ERR", "card 4111111111111111");
        }
        let [row] = counts.into_rows().try_into().unwrap();
        assert_eq!(
            (row.reason.as_str(), row.count),
            ("card 411111XXXXXX1111", 2)
        );
    }

    #[test]
    fn endless_codes_are_counted_in_bounded_memory() {
        let mut counts = Counts::default();
        for code in 0..1_000 {
            counts.count("unknown", &code.to_string(), "");
        }
        counts.count("closed", "ACL", "800");
        counts.count("closed", "ACL", "800");
        assert_eq!(counts.sum(), 1_002);
        let rows = counts.into_rows();
        assert!(rows.len() <= MOST + 2);
        let row = |row: usize| {
            (
                rows[row].outcome.as_str(),
                &*rows[row].code,
                rows[row].count,
            )
        };
        assert_eq!(row(0), ("unknown", "…", 800));
        assert_eq!(row(1), ("closed", "…", 2));
    }
}
