//! What answers cost: exact, and never more decimals than say something.

use std::fs;

use reissue_config::Fees;
use reissue_connector_api::Outcome;

use crate::ledger::event::OutcomeCount;
use crate::ledger::fees::{cost, estimate};
use crate::ledger::tally::Tally;

/// `[fees.example]` with these lines.
fn fees(lines: &str) -> Fees {
    let directory = tempfile::tempdir().unwrap();
    let toml = format!(
        r#"
        [daemon]
        key = {{ env = "KEY" }}
        [accounts.acme]
        connector = "example"
        environment = "test"
        sinks = ["billing"]
        [sinks.billing]
        kind = "files"
        dir = "/updates"
        [fees.example]
        currency = "USD"
        {lines}
        "#
    );
    let file = directory.path().join("reissue.toml");
    fs::write(&file, toml).unwrap();
    let config = reissue_config::load(&file).unwrap_or_else(|problems| panic!("{problems}"));
    config.fees["example"].clone()
}

fn count(outcome: &str, count: u64) -> OutcomeCount {
    OutcomeCount {
        outcome: outcome.into(),
        code: String::new(),
        reason: String::new(),
        count,
    }
}

#[test]
fn every_outcome_can_have_a_price() {
    for outcome in Outcome::WORDS {
        let fees = fees(&format!("{outcome} = \"0.25\""));
        assert_eq!(
            cost(&fees, &[count(outcome, 2)]).amount,
            "0.50",
            "{outcome}"
        );
        assert_eq!(estimate(&fees, 3, &Tally::default()).at_most.amount, "0.75");
    }
}

#[test]
fn sums_are_exact_and_as_short_as_they_can_be() {
    let fees = fees("new_number = \"1.50\"\nclosed = \"0.0001\"\nvalid = \"0.1\"");
    for (counts, expected) in [
        (vec![], "0.00"),
        (vec![count("new_number", 3)], "4.50"),
        (vec![count("valid", 3)], "0.30"),
        (vec![count("closed", 1)], "0.0001"),
        (vec![count("closed", 10)], "0.001"),
        (vec![count("new_number", 1), count("closed", 3)], "1.5003"),
        (vec![count("no_match", 1_000)], "0.00"),
        (
            vec![count("new_number", u64::MAX)],
            "27670116110564327422.50",
        ),
    ] {
        let cost = cost(&fees, &counts);
        assert_eq!(cost.to_string(), format!("{expected} USD"), "{counts:?}");
    }
}

#[test]
fn what_is_expected_is_drawn_from_the_accounts_own_answers() {
    let fees = fees("new_number = \"1.50\"\nclosed = \"0.50\"");
    let nothing_known = estimate(&fees, 100, &Tally::default());
    assert_eq!(nothing_known.at_most.amount, "150.00");
    assert_eq!(nothing_known.expected, None);

    let earlier = Tally {
        collected: 300,
        answers: [
            ("new_number".into(), 10),
            ("closed".into(), 4),
            ("valid".into(), 250),
        ]
        .into(),
        ..Tally::default()
    };
    let estimate = estimate(&fees, 100, &earlier);
    // 17.00 for 300 cards.
    assert_eq!(estimate.expected.unwrap().amount, "5.6667");
    assert_eq!(estimate.learnt_from, 300);
}
