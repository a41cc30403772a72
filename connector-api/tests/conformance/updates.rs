//! Updates that nobody can act on, and words that mean what they cannot mean.

use reissue_connector_api::testkit::violations;
use reissue_connector_api::*;

use crate::model::{
    CardAnswer, Flaw, Good, Listed, With, ask, complete, found, provider, refused, report, update,
};

/// Declares a flaw of the updates.
macro_rules! reports {
    ($name:ident, $answer:ident => $update:expr) => {
        struct $name;

        impl Flaw for $name {
            fn update($answer: &CardAnswer) -> Update<'_> {
                $update
            }
        }
    };
}

reports!(FullNumber, answer => Update {
    old: Card {
        pan: Pan::parse("4111111111111111").ok(),
        ..Card::default()
    },
    ..update(answer)
});
reports!(NoCard, answer => Update {
    reference: "",
    ..update(answer)
});
reports!(NoCode, answer => Update {
    provider_code: "",
    ..update(answer)
});
reports!(NothingNew, answer => Update {
    outcome: Outcome::NewNumber(Card::default()),
    ..update(answer)
});
reports!(NoExpiry, answer => Update {
    outcome: Outcome::NewExpiry(Card::default()),
    ..update(answer)
});

#[test]
fn an_update_names_a_card_and_keeps_the_code() {
    refused::<NoCard>(
        "`collect` of batch `b-1` (`daily`) reports an update (record `1`) that names no card: \
         put the submitted token or our card key into `reference`",
    );
    refused::<NoCode>(
        "`collect` of batch `b-1` (`daily`) reports an update (record `1`) without the \
         provider's code: keep its own word in `provider_code`",
    );
}

#[test]
fn a_new_card_is_there() {
    let new_number = violations::<With<NothingNew>>(&provider());
    assert_eq!(
        new_number[0],
        "`collect` of batch `b-1` (`daily`) reports an update (record `1`) as `new_number` \
         without a new card: where the provider gives none, the outcome is `Unknown`"
    );
    let new_expiry = violations::<With<NoExpiry>>(&provider());
    assert_eq!(
        new_expiry[0],
        "`collect` of batch `b-1` (`daily`) reports an update (record `1`) as `new_expiry` \
         without the expiry: where the provider gives none, the outcome is `Unknown`"
    );
}

#[test]
fn full_numbers_are_announced() {
    refused::<FullNumber>(
        "`collect` of batch `b-1` (`daily`) reports an update (record `1`) with a full card \
         number, and its manifest does not say so: put `pans: Pans::Received` (or `Both`) there, \
         because it decides what must be encrypted",
    );
}

reports!(Guesses, answer => Update {
    outcome: Outcome::Closed,
    ..update(answer)
});
reports!(Translates, answer => Update {
    provider_code: match answer.code.as_str() {
        "CHANGED" => "changed-number",
        _ => "something-else",
    },
    ..update(answer)
});

/// Reports what it knows and drops the rest.
struct Drops;

impl Flaw for Drops {
    fn collect(run: &Run<'_>, batch: &Batch) -> Result<Collected, Fault> {
        let request = Request::get("/batches/{id}").param("id", batch.id());
        let mut listed: Listed = ask(run, request)?;
        listed.cards.retain(|answer| answer.code == "CHANGED");
        report(run, &listed, update)
    }
}

#[test]
fn a_code_that_is_not_known_is_kept_and_concludes_nothing() {
    refused::<Guesses>(
        "`collect` of batch `b-1` (`daily`), with `ZZZZZZZ` in place of `CHANGED`, takes a code \
         that it cannot know for another outcome than `unknown`: map the documented codes one by \
         one, and all others to `Outcome::Unknown`",
    );
    refused::<Translates>(
        "`collect` of batch `b-1` (`daily`) reports the provider's code `changed-number`, which \
         stands in no answer: keep the code as the provider wrote it",
    );
    refused::<Drops>(
        "`collect` of batch `b-1` (`daily`), with `ZZZZZZZ` in place of `CHANGED`, does not keep \
         the record: report it as `Outcome::Unknown` with the provider's code as it stands",
    );
}

/// Takes every state for the end.
struct Hasty;

impl Flaw for Hasty {
    fn collect(run: &Run<'_>, batch: &Batch) -> Result<Collected, Fault> {
        let request = Request::get("/batches/{id}").param("id", batch.id());
        let listed: Listed = ask(run, request)?;
        for answer in &listed.cards {
            run.emit(&update(answer))?;
        }
        Ok(complete())
    }
}

/// Fails on a batch whose state it does not know.
struct Strict;

impl Flaw for Strict {
    fn discover(run: &Run<'_>) -> Result<Vec<Found>, Fault> {
        let list: crate::model::List = ask(run, Request::get("/batches"))?;
        match list.batches.iter().find(|batch| batch.state != "done") {
            Some(batch) => Err(Fault::garbled(format!("batch {} is odd", batch.id))),
            None => Ok(list.batches.iter().map(found).collect()),
        }
    }
}

#[test]
fn a_state_that_is_not_known_is_running() {
    refused::<Hasty>(
        "`collect` of batch `b-1` (`daily`), with `zzzz` in place of `done`, does not take the \
         batch as still running: a state that the connector does not know is \
         `FoundState::Running` in `discover` and `NotReady` in `collect`",
    );
    refused::<Strict>(
        "`discover` of `daily`, with `zzzz` in place of `done`, does not take the batch as still \
         running: a state that the connector does not know is `FoundState::Running` in \
         `discover` and `NotReady` in `collect`",
    );
    let nowhere = provider().ready_word("READY");
    assert_eq!(
        violations::<With<Good>>(&nowhere),
        [
            "the ready word `READY` stands in no scripted answer: give `Provider::ready_word` \
             the word as the provider writes it"
        ]
    );
}
