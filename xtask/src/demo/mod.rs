//! `cargo xtask demo`: everything once, for real, on this machine alone. A sandbox plays the providers.
//! What they report by themselves the daemon finds by its own schedules; what they must be asked, it asks
//! from files of test cards; about subscribed cards they call it. It collects and delivers, to files and
//! to a billing system that the sandbox plays as well, and afterwards every record is compared with what
//! the sandbox says it gave, and every card that was handed over with what became of it.
//!
//! The provider has its reports only once the daemon has looked and found nothing, so that what is
//! measured begins with an idle daemon.

mod account;
mod decrypted;
mod left_over;
mod progress;
mod pushed;
mod question;
mod report;
mod verify;

use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;

use self::account::Account;
use self::progress::Progress;
use self::question::{QUESTIONS, Question, SUBSCRIBED, files};
use self::verify::Delivered;
use crate::scene::{
    self, ACCOUNT, Answers, Asks, Batch, Made, Meter, Order, Provider, Received, Scene, Schedule,
};

const MINUTE: Duration = Duration::from_secs(60);
/// A hundred times what a record takes, for a machine that is busy with something else.
const A_RECORD_AT_MOST: Duration = Duration::from_millis(1);
/// The jobs whose batches the provider makes by itself.
const FOUND: [&str; 2] = ["amex-daily", "harvest"];

/// How the demo is wanted.
#[derive(Args)]
pub(crate) struct Options {
    /// End once everything is delivered; fail if anything is missing, doubled or left over
    #[arg(long)]
    once: bool,
    /// How many records the harvest holds
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    records: u32,
}

/// Plays the demo.
///
/// # Errors
/// What went wrong and where to look, or that someone interrupted.
pub(crate) fn demo(options: &Options) -> Result<()> {
    // Due every three seconds, where a provider would be asked once a day.
    let found = FOUND.map(|job| Schedule {
        name: job.to_owned(),
        job,
        cron: "*/3 * * * * *".to_owned(),
        asks: None,
    });
    let given = files().map(|file| Schedule::given(file.whom, Answers::Awaited));
    let schedules: Vec<Schedule> = found.into_iter().chain(given).collect();
    scene::play(&schedules, |scene| play(options, scene))
}

fn play(options: &Options, scene: &mut Scene<'_>) -> Result<()> {
    println!(
        "\nThe daemon is up and looks at one provider every three seconds. Nothing there yet."
    );
    scene.wait_for("the first look", MINUTE, |scene| {
        Ok(scene.reissue.status()?.have_served(&FOUND).then_some(()))
    })?;
    scene.reissue.enrol(Asks::CardSync.name())?;
    println!("Another admits only who is enrolled: `reissue enrol cardsync` has done that.");
    scene.reissue.enrol(Asks::Amex.name())?;
    println!(
        "Cards can be subscribed there too: `reissue enrol amex` has told it where to call us."
    );

    let meter = Meter::start(scene.daemon());
    let batches = make_batches(&scene.provider, options.records)?;
    println!("The first has a daily report and two harvests now, one of them unfinished.");
    for file in files() {
        file.hand_over(scene.world)?;
        scene.reissue.start(file.whom.name())?;
    }
    println!(
        "Three files of test cards to ask about and one of cards to subscribe are handed over, and their\n\
         schedules run.\n"
    );
    let mut progress = Progress::of(&batches, files());
    let limit = 2 * MINUTE + A_RECORD_AT_MOST * options.records;
    scene.wait_for("the delivery", limit, |scene| {
        progress.tell(&scene.reissue.batches()?)
    })?;
    println!("\nThree of the subscribed cards change, and the provider calls us.\n");
    let event = scene.provider.change_subscribed_cards()?;
    progress.follow(&event.id, event.job);
    scene.wait_for("the delivery of the changes", limit, |scene| {
        progress.tell(&scene.reissue.batches()?)
    })?;
    let cost = meter.and_then(Meter::stop);

    let mut delivered = Vec::new();
    for batch in &batches {
        let file = format!("{ACCOUNT}/{}/{}.jsonl", batch.job, batch.id);
        let path = scene.world.updates().join(file);
        delivered.push(verify::verify(&scene.provider, batch.job, &batch.id, path)?);
    }
    let ledger = scene.reissue.batches()?;
    let mut accounts = Vec::new();
    for question in &QUESTIONS {
        let (answers, account) = answers(scene, question, &ledger)?;
        delivered.push(answers);
        accounts.push(account);
    }
    let (changes, received) = changes(scene, &event.id)?;
    delivered.push(changes);
    left_over::nothing(scene.world, &delivered)?;

    report::outcomes(&delivered);
    report::questions(&accounts);
    report::files(scene.world, &delivered)?;
    report::pushed(&received);
    report::samples(scene.world, &delivered)?;
    report::cost(&cost, &delivered);
    if options.once {
        return Ok(());
    }
    report::next(scene, &ledger, &delivered);
    scene.go_on_until_interrupted()
}

/// What was delivered in answer to a question, and what became of its cards.
fn answers(
    scene: &Scene<'_>,
    question: &Question,
    ledger: &[Batch],
) -> Result<(Delivered, Account)> {
    let (world, provider) = (scene.world, &scene.provider);
    let (name, job) = (question.whom.name(), question.whom.job());
    let mut asked = ledger.iter().filter(|batch| batch.account() == name);
    let batch = asked.next().context("the ledger has lost a submission")?;
    let id = batch.found();
    let delivered = match question.whom {
        Asks::SmartpayFuse => {
            let path = world.updates().join(format!("{name}/{job}/{id}.jsonl"));
            verify::verify(provider, name, id, path)?
        }
        _ => in_the_vault(scene, question, id)?.0,
    };
    let account = account::account(provider, question, batch, &delivered)?;
    Ok((delivered, account))
}

/// What was delivered of an event, into the vault and to the billing system.
fn changes(scene: &Scene<'_>, event: &str) -> Result<(Delivered, Received)> {
    let (delivered, text) = in_the_vault(scene, &SUBSCRIBED, event)?;
    let received = pushed::verify(&scene.provider, &text)?;
    Ok((delivered, received))
}

/// What a batch's file in the vault holds.
fn in_the_vault(scene: &Scene<'_>, question: &Question, id: &str) -> Result<(Delivered, String)> {
    let vault = &scene.world.vault;
    let (schedule, job) = (question.whom.name(), question.whom.job());
    let path = vault
        .directory
        .join(format!("{schedule}/{job}/{id}.jsonl.age"));
    let text = vault.read(&path)?;
    let outcomes = decrypted::verify(&scene.provider, question, id, &text)
        .with_context(|| format!("{} is not what was expected", path.display()))?;
    let delivered = Delivered {
        schedule,
        path,
        outcomes,
    };
    Ok((delivered, text))
}

fn make_batches(provider: &Provider, harvest: u32) -> Result<[Made; 3]> {
    let make = |job, source, records, ready_after| {
        provider.make(&Order {
            job,
            source,
            records,
            ready_after,
            past: None,
        })
    };
    Ok([
        make("amex-daily", "AMEX_MAINTENANCE", 25, None)?,
        make("harvest", "SCHEDULER", harvest, None)?,
        make("harvest", "SCHEDULER", 500, Some("6s"))?,
    ])
}
