//! `reissue status`

use super::ask::How;
use super::print::{self, say};
use crate::admin::view::{AccountView, ScheduleView, SinkView, Status, WebhookView};
use crate::clock;
use crate::failure::Failure;
use crate::ledger::slots::Input;
use crate::wording::{counted, span};

pub(super) async fn run(how: &How) -> Result<(), Failure> {
    let status: Status = how
        .view("/v1/status", &(), |observer| observer.status())
        .await?;
    if how.json {
        return print::json(&status);
    }
    show(&status);
    Ok(())
}

fn show(status: &Status) {
    match status.running {
        true => say!("reissue {} is running", status.version),
        false => say!("the daemon is not running; this is what the journal says"),
    }
    if status.attention.is_empty() {
        say!("nothing needs a person");
    } else {
        print::heading("NEEDS A PERSON");
        for one in &status.attention {
            say!("  {} {}", one.about, one.text);
        }
    }
    say!();
    print::table(
        &[
            "ACCOUNT",
            "CONNECTOR",
            "ENVIRONMENT",
            "OPEN BATCHES",
            "CALLS",
            "NOTE",
        ],
        status
            .accounts
            .iter()
            .map(|account| {
                vec![
                    account.name.clone(),
                    account.connector.clone(),
                    account.environment.clone(),
                    account.open_batches.to_string(),
                    account.calls.to_string(),
                    note(account),
                ]
            })
            .collect(),
    );
    say!();
    print::table(
        &["SCHEDULE", "JOB", "LAST", "FOUND", "NEXT", "NOTE"],
        status.schedules.iter().map(schedule).collect(),
    );
    for schedule in &status.schedules {
        if let Some(read) = &schedule.input {
            input(&schedule.name, read);
        }
        for rejects in schedule.rejects.keys() {
            say!("    the rejected rows are in {}", rejects.display());
        }
    }
    let batches: Vec<String> = status
        .batches
        .iter()
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    match batches.as_slice() {
        [] => print::heading("no batches yet"),
        batches => print::heading(&format!("batches: {}", batches.join(", "))),
    }
    for (account, cards) in &status.cards {
        let fates = cards.fates.iter();
        let fates = sum(fates.map(|(fate, count)| (fate.as_str(), *count)));
        let asked = counted(cards.asked, "card");
        say!("  {account} has asked about {asked}: {fates}");
    }
    for deadline in status.deadlines.iter().take(5) {
        let left = span(deadline.purge - clock::now());
        say!(
            "  {} is purged in {left} ({})",
            deadline.batch,
            print::time(deadline.purge)
        );
    }
    say!();
    print::table(
        &["SINK", "TARGET", "BACKLOG", "NOTE"],
        status
            .sinks
            .iter()
            .map(|sink| {
                vec![
                    sink.name.clone(),
                    sink.target.clone(),
                    sink.backlog.to_string(),
                    sink_note(sink),
                ]
            })
            .collect(),
    );
}

/// What became of the rows of an input: sums that a person can check.
fn input(schedule: &str, input: &Input) {
    let verdicts = input.verdicts.iter();
    let cards = counted(input.cards, "card");
    say!(
        "  {schedule} last read {} at {}: {} rejected + {cards}",
        counted(input.rejected + input.cards, "row"),
        print::time(input.at),
        input.rejected
    );
    let waited = match input.waited {
        0 => String::new(),
        waited => format!(" + {waited} that had waited"),
    };
    say!(
        "    {cards}{waited}: {}",
        sum(verdicts.map(|(verdict, count)| (verdict.as_str(), *count)))
    );
}

/// `3 answered + 2 waiting`
fn sum<'w>(parts: impl Iterator<Item = (&'w str, u64)>) -> String {
    let parts: Vec<_> = parts
        .map(|(word, count)| format!("{count} {word}"))
        .collect();
    match parts.is_empty() {
        true => "none".into(),
        false => parts.join(" + "),
    }
}

fn note(account: &AccountView) -> String {
    let mut notes = Vec::new();
    if !account.enabled {
        notes.push("disabled: its schedules rest".to_owned());
    }
    if !account.deliver {
        notes.push("shadow mode: nothing is delivered".to_owned());
    }
    if let Some(enrolment) = account
        .enrolment
        .as_ref()
        .filter(|it| it.state == "pending")
    {
        notes.push(format!(
            "enrolment pending since {}",
            print::time(enrolment.since)
        ));
    }
    if let Some(webhook) = account.webhook {
        notes.push(format!("webhook: {}", counts(webhook)));
    }
    if let Some(until) = account.parked_until {
        notes.push(format!("parked, tried at {}", print::time(until)));
    }
    notes.join(", ")
}

fn sink_note(sink: &SinkView) -> String {
    let held = (sink.held > 0).then(|| format!("{} held", sink.held));
    let again = sink
        .again
        .map(|again| format!("tried again at {}", print::time(again)));
    let failing = sink
        .fault
        .as_ref()
        .map(|_| again.unwrap_or_else(|| "fails".into()));
    held.into_iter()
        .chain(failing)
        .collect::<Vec<_>>()
        .join(", ")
}

/// What of it there is.
fn counts(webhook: WebhookView) -> String {
    let counts = [
        (webhook.waiting, "waiting"),
        (webhook.unconfirmed, "unconfirmed"),
        (webhook.unfounded, "unfounded"),
        (webhook.garbled, "garbled"),
    ];
    sum(counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| (word, count)))
}

fn schedule(schedule: &ScheduleView) -> Vec<String> {
    let found = |it: &crate::ledger::slots::ServedSlot| format!("{} new of {}", it.new, it.listed);
    let mut notes = Vec::new();
    if let Some(open) = &schedule.open {
        notes.push(match open.again {
            _ if open.running => "running".into(),
            _ if schedule.waits.is_some() => "a slot is due".into(),
            Some(again) => format!("tried again at {}", print::time(again)),
            None => "waits".into(),
        });
    }
    notes.extend(schedule.waits.clone());
    let rejected: u64 = schedule.rejects.values().sum();
    for (count, what) in [
        (rejected, "rows rejected"),
        (schedule.missed, "missed"),
        (schedule.overlapped, "overlapped"),
    ] {
        if count > 0 {
            notes.push(format!("{count} {what}"));
        }
    }
    vec![
        schedule.name.clone(),
        format!("{}/{}", schedule.account, schedule.job),
        print::maybe_time(schedule.last.as_ref().map(|last| last.at)),
        schedule.last.as_ref().map_or_else(|| "-".into(), found),
        print::maybe_time(schedule.next),
        notes.join(", "),
    ]
}
