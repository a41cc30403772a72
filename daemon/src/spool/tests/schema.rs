//! The published schema of an update: it is what the line's type says, and every line passes.

use jsonschema::Validator;
use reissue_connector_api::Pan;
use serde_json::Value;

use super::line::read;
use super::*;
use crate::spool::update_schema;

const PUBLISHED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../config/schema/update.schema.json"
);

#[test]
fn the_published_schema_is_what_the_type_says() {
    let schema = serde_json::to_string_pretty(&update_schema()).unwrap() + "\n";
    if std::env::var_os("REISSUE_PIN").is_some() {
        std::fs::write(PUBLISHED, &schema).unwrap();
    }
    assert!(
        std::fs::read_to_string(PUBLISHED).unwrap_or_default() == schema,
        "{PUBLISHED} is not what the type says; `cargo xtask schemas` writes it anew"
    );
}

#[test]
fn the_fullest_and_the_emptiest_line_of_every_outcome_pass() {
    let validator = validator();
    let full = Card {
        pan: Some(Pan::parse("4111111111111111").unwrap()),
        expiry: Some(Expiry::new(2027, 12).unwrap()),
        brand: Some(Brand::Other("elo")),
        funding: "credit",
        ..example().old
    };
    for word in Outcome::WORDS {
        for card in [full.clone(), Card::default()] {
            let empty = Update::new(Outcome::from_word(word, Some(card.clone())));
            let full = Update {
                outcome: Outcome::from_word(word, Some(card.clone())),
                old: card,
                provider_message: "try later",
                se_number: "1234567890",
                ..example()
            };
            for update in [empty, full] {
                let line = read(&update);
                let wrong = validator.validate(&line).map_err(|why| why.to_string());
                assert_eq!(wrong, Ok(()), "{line}");
            }
        }
    }
}

#[test]
fn what_no_line_may_be_does_not_pass() {
    let validator = validator();
    let good = read(&example());
    assert!(validator.is_valid(&good));
    let spoilt: [fn(&mut Value); 6] = [
        |line| line["outcome"] = "renewed".into(),
        |line| line["outcome"] = "closed".into(),
        |line| line["new"]["expiry"] = "07/21".into(),
        |line| line["collected_at"] = "yesterday".into(),
        |line| line["billable"] = "yes".into(),
        |line| _ = line.as_object_mut().unwrap().remove("id"),
    ];
    for (number, spoil) in spoilt.into_iter().enumerate() {
        let mut line = good.clone();
        spoil(&mut line);
        assert!(!validator.is_valid(&line), "{number}: {line}");
    }
}

fn validator() -> Validator {
    jsonschema::draft7::new(&update_schema()).unwrap()
}
