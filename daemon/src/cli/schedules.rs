//! `reissue schedules`: the slots to come, and what would become of them if the daemon were down.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use reissue_config::Config;

use super::ask::How;
use super::print::{self, say};
use crate::admin::observe::Observer;
use crate::admin::view::{CatchUpView, PlannedView, RehearsalView, Status};
use crate::clock;
use crate::failure::Failure;
use crate::schedule::MISSED_CAP;
use crate::store::Reading;

/// Slots of one schedule that are printed at most.
const MOST: usize = 1000;

pub(super) async fn run(
    how: &How,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
) -> Result<(), Failure> {
    let config = how.load()?;
    let now = clock::now();
    let from = from.unwrap_or(now);
    let week = from.checked_add_signed(TimeDelta::days(7));
    let to = to.or(week).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let observer = Observer {
        config: &config,
        // Slots to come follow from the configuration alone.
        records: &Reading::default(),
        context: None,
        now,
    };
    let slots = observer.planned(from, to, MOST);
    let catch_up = observer.catch_up(from, to);
    let waits = waits(how, &config).await;
    if how.json {
        return print::json(&RehearsalView {
            slots,
            catch_up,
            waits,
        });
    }
    if slots.is_empty() {
        say!(
            "no slot between {} and {}",
            print::time(from),
            print::time(to)
        );
    }
    show(&slots);
    if config
        .schedules
        .keys()
        .any(|name| count(&slots, name) == MOST)
    {
        say!("of a schedule the first {MOST} slots are shown; an earlier --to shows them all");
    }
    if !waits.is_empty() {
        say!();
    }
    for (schedule, why) in &waits {
        say!("{schedule} waits although it is due: {why}");
    }
    if !catch_up.is_empty() {
        say!();
        say!(
            "had the daemon been down from {} to {}:",
            print::time(from),
            print::time(to)
        );
        catch_up.iter().for_each(show_catch_up);
    }
    Ok(())
}

/// What the running daemon says of schedules that wait. The slots to come do not depend on it.
async fn waits(how: &How, config: &Config) -> BTreeMap<String, String> {
    let Ok(client) = how.daemon(config).await else {
        return BTreeMap::new();
    };
    let status: Result<Status, _> = client.get("/v1/status", &()).await;
    let schedules = status.map(|status| status.schedules).unwrap_or_default();
    let waits = schedules
        .into_iter()
        .filter_map(|schedule| Some((schedule.name, schedule.waits?)));
    waits.collect()
}

fn count(slots: &[PlannedView], schedule: &str) -> usize {
    slots
        .iter()
        .filter(|slot| slot.schedule == schedule)
        .count()
}

fn show_catch_up(view: &CatchUpView) {
    let CatchUpView {
        schedule, missed, ..
    } = view;
    let slots = match missed {
        1 => "1 slot".to_owned(),
        2..=MISSED_CAP => format!("{missed} slots"),
        _ => format!("more than {MISSED_CAP} slots"),
    };
    match view.serves {
        Some(slot) if *missed == 1 => {
            say!(
                "  {schedule} would run late, for the slot of {}",
                print::time(slot)
            );
        }
        Some(slot) => say!(
            "  {schedule} would run once for {slots}, as the last of them, {}",
            print::time(slot)
        ),
        None => say!("  {schedule} would pass over {slots} (missed = \"skip\")"),
    }
}

/// Prints slots.
pub(super) fn show(planned: &[PlannedView]) {
    print::table(
        &["SLOT (UTC)", "LOCAL", "SCHEDULE", "RUNS AT", "NOTE"],
        planned
            .iter()
            .map(|slot| {
                vec![
                    print::time(slot.slot),
                    slot.local.clone(),
                    slot.schedule.clone(),
                    print::time(slot.rings_at),
                    slot.note.clone().unwrap_or_default(),
                ]
            })
            .collect(),
    );
}
