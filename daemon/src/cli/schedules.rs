//! `reissue schedules`

use chrono::{DateTime, TimeDelta, Utc};

use super::ask::How;
use super::print::{self, say};
use crate::admin::observe::Observer;
use crate::admin::view::PlannedView;
use crate::clock;
use crate::failure::Failure;
use crate::store::Reading;

/// Slots of one schedule that are printed at most.
const MOST: usize = 1000;

pub(super) fn run(
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
    let planned = observer.planned(from, to, MOST);
    if how.json {
        return print::json(&planned);
    }
    if planned.is_empty() {
        say!(
            "no slot between {} and {}",
            print::time(from),
            print::time(to)
        );
    }
    show(&planned);
    Ok(())
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
