//! `reissue batch`: the ledger, and what a person decides about one batch

use clap::Subcommand;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::Serialize;

use super::ask::How;
use super::print::{self, say};
use crate::admin::request::{
    BatchFilter, BatchName, Decision, RedeliverRequest, ResolveRequest, no_batch,
};
use crate::admin::view::BatchView;
use crate::failure::Failure;
use crate::ledger::State;
use crate::ledger::batch::SinkState;
use crate::ledger::event::Change;
use crate::wording::counted;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List batches, latest first.
    List {
        /// Only those in this state.
        #[arg(long, value_parser = state())]
        state: Option<State>,
        /// Only those of this account.
        #[arg(long)]
        account: Option<String>,
    },
    /// Everything that is known of one batch.
    Show {
        /// The batch as `list` shows it; the provider's id suffices where only one account has it.
        batch: String,
    },
    /// Try a batch now, whatever it waits for: collect it, or deliver it.
    Retry {
        /// The batch as `list` shows it.
        batch: String,
    },
    /// Decide about a batch that waits for a person.
    ///
    /// deliver: deliver it, although it has more updates than the brake allows.
    /// abandon: give it up; what the provider has of it may still be paid for.
    /// accepted:ID: the provider has the submission under this id; it is collected, not sent again.
    /// not-sent: the provider does not have the submission; it is sent again, and paid twice if that
    /// was wrong.
    #[command(verbatim_doc_comment)]
    Resolve {
        /// The batch as `list` shows it.
        batch: String,
        /// What becomes of it.
        #[arg(long = "as", value_name = "deliver|abandon|accepted:ID|not-sent")]
        decision: Decision,
    },
    /// Deliver a batch once more, from the updates that are kept for 7 days. Their ids are the same, and so
    /// are those of the pages that a webhook posts: a receiver that remembers ids takes nothing twice.
    Redeliver {
        /// The batch as `list` shows it.
        batch: String,
        /// Only to this sink; may be given more than once. Default: the account's sinks.
        #[arg(long = "sink", value_name = "SINK")]
        sinks: Vec<String>,
    },
}

/// The states by their words, so that help and completion know them.
fn state() -> impl TypedValueParser<Value = State> {
    PossibleValuesParser::new(State::ALL.map(State::as_str))
        .try_map(|word| State::from_word(&word).ok_or("no state"))
}

pub(super) async fn run(how: &How, command: Command) -> Result<(), Failure> {
    match command {
        Command::List { state, account } => {
            let filter = BatchFilter { state, account };
            let batches: Vec<BatchView> = how
                .view("/v1/batches", &filter, |observer| {
                    observer.batches(|batch| filter.passes(batch))
                })
                .await?;
            if how.json {
                return print::json(&batches);
            }
            show_list(&batches);
        }
        Command::Show { batch } => {
            let view = find(how, &batch).await?;
            if how.json {
                return print::json(&view);
            }
            show(&view);
        }
        Command::Retry { batch } => ask(how, "retry", &BatchName { batch }).await?,
        Command::Resolve { batch, decision } => {
            ask(how, "resolve", &ResolveRequest { batch, decision }).await?;
        }
        Command::Redeliver { batch, sinks } => {
            ask(how, "redeliver", &RedeliverRequest { batch, sinks }).await?;
        }
    }
    Ok(())
}

/// Asks the daemon for something, and says what it says.
async fn ask(how: &How, what: &str, request: &impl Serialize) -> Result<(), Failure> {
    let client = how.daemon(&how.load()?).await?;
    let said: String = client.post(&format!("/v1/batch/{what}"), request).await?;
    if how.json {
        return print::json(&said);
    }
    say!("{said}");
    Ok(())
}

/// One batch by name.
pub(super) async fn find(how: &How, name: &str) -> Result<BatchView, Failure> {
    let query = BatchName {
        batch: name.to_owned(),
    };
    let view: Option<BatchView> = how
        .view("/v1/batch", &query, |observer| observer.batch(name))
        .await?;
    view.ok_or_else(|| Failure {
        code: 1,
        message: no_batch(name),
    })
}

/// Prints batches as rows.
pub(super) fn show_list(batches: &[BatchView]) {
    if batches.is_empty() {
        say!("no batches");
    }
    let row = |view: &BatchView| {
        let batch = &view.batch;
        let collected = batch.collected.as_ref();
        vec![
            batch.key.to_string(),
            batch.state.as_str().into(),
            batch.job.clone(),
            print::maybe_time(batch.found.created),
            collected.map_or_else(|| "-".into(), |it| it.updates.to_string()),
            note(view),
        ]
    };
    print::table(
        &["BATCH", "STATE", "JOB", "CREATED", "UPDATES", "NOTE"],
        batches.iter().map(row).collect(),
    );
}

/// The one thing to know first.
fn note(view: &BatchView) -> String {
    let batch = &view.batch;
    if let Some(reason) = &batch.ended {
        return reason.clone();
    }
    if let Some(fault) = &batch.fault {
        return fault.message.clone();
    }
    if let Some(why) = &batch.braked {
        return why.clone();
    }
    if let Some((sink, failing)) = batch.failing.first_key_value() {
        return format!("sink {sink}: {}", failing.fault.message);
    }
    match (&view.waits, &batch.collected) {
        (Some(waits), _) if batch.state == State::Waiting => {
            format!("looked at again at {}", print::time(waits.until))
        }
        (_, Some(collected)) => collected.mismatches.join("; "),
        _ => String::new(),
    }
}

fn show(view: &BatchView) {
    let batch = &view.batch;
    let mut facts = vec![
        ("batch", batch.key.to_string()),
        (
            "state",
            format!(
                "{} since {}",
                batch.state.as_str(),
                print::time(batch.changed)
            ),
        ),
        ("job", batch.job.clone()),
        (
            match batch.cards {
                Some(_) => "planned by",
                None => "found by",
            },
            format!("{} at {}", batch.schedule, print::time(batch.known_since)),
        ),
    ];
    if let Some(cards) = batch.cards {
        let refused = match batch.refused {
            0 => String::new(),
            refused => format!(", {refused} refused at once"),
        };
        let what = match batch.change {
            None => "cards",
            Some(Change::Add) => "adds",
            Some(Change::Remove) => "removes",
        };
        let count = match batch.change {
            None => cards.to_string(),
            Some(_) => counted(cards, "pair"),
        };
        facts.push((what, format!("{count}{refused}")));
        facts.extend(batch.asked_at.map(|at| ("asked at", print::time(at))));
    }
    if batch.outer_id() != batch.key.id {
        facts.push(("provider's id", batch.outer_id().to_owned()));
    }
    if let Some(created) = batch.found.created {
        facts.push(("created", print::time(created)));
    }
    for (name, value) in &batch.found.facts {
        facts.push((name, value.clone()));
    }
    if let Some(purge) = batch.purge {
        facts.push(("purged at", print::time(purge)));
    }
    if let Some(waits) = view.waits.as_ref().filter(|_| batch.state.is_open()) {
        facts.push(("looked at again", print::time(waits.until)));
    }
    if let Some(fault) = &batch.fault {
        facts.push((
            "fault",
            format!("{}: {}", fault.kind.as_str(), fault.message),
        ));
    }
    if let Some(why) = &batch.braked {
        facts.push(("held before delivery", why.clone()));
    }
    if let Some(reason) = &batch.ended {
        facts.push(("ended", reason.clone()));
    }
    if let Some(collected) = &batch.collected {
        facts.push(("collected", print::time(collected.at)));
        facts.push(("updates", collected.updates.to_string()));
        if let Some(cards) = collected.cards {
            let answered = counted(cards.answered, "card");
            let answers = format!("{answered} answered, {} without an answer", cards.absent);
            facts.push(("answers", answers));
            if cards.aside > 0 {
                let aside = format!("{}, for cards that nobody asked about", cards.aside);
                facts.push(("set aside", aside));
            }
        }
        facts.extend(
            view.cost
                .iter()
                .map(|cost| ("cost by [fees]", cost.to_string())),
        );
        facts.extend(
            collected
                .mismatches
                .iter()
                .map(|it| ("mismatch", it.clone())),
        );
    }
    for (sink, state) in &batch.sinks {
        let state = match state {
            SinkState::Pending => "pending".into(),
            SinkState::Publishing { path } => format!("publishing {path}"),
            SinkState::Sending(has) => format!(
                "has {} with {}",
                counted(has.pages, "page"),
                counted(has.updates, "update")
            ),
            SinkState::Done { path, at } => match path {
                Some(path) => format!("{path} at {}", print::time(*at)),
                None => format!("has it since {}", print::time(*at)),
            },
        };
        facts.push(("sink", format!("{sink}: {state}")));
        if let Some(failing) = batch.failing.get(sink) {
            let how = match failing.held {
                true => "held and tried once a day",
                false => "fails and is tried again",
            };
            let since = print::time(failing.since);
            let why = &failing.fault.message;
            facts.push(("", format!("{how}, since {since}: {why}")));
        }
    }
    let widest = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, value) in facts {
        say!("{name:<widest$}  {value}");
    }
    if let Some(collected) = &batch.collected {
        say!();
        super::updates::show_counts(&collected.counts);
    }
}
