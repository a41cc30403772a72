//! Slots to come, which follow from the configuration alone.

use chrono::{DateTime, Utc};

use super::Observer;
use crate::admin::view::{CatchUpView, PlannedView};
use crate::schedule::{Timetable, catch_up, rehearse};

impl Observer<'_> {
    /// The slots of all schedules between two instants, at most `most` of each.
    pub fn planned(&self, from: DateTime<Utc>, to: DateTime<Utc>, most: usize) -> Vec<PlannedView> {
        let mut planned: Vec<PlannedView> = self
            .config
            .schedules
            .keys()
            .filter_map(|name| Some((name, self.timetable(name)?)))
            .flat_map(|(name, timetable)| {
                let slots = rehearse(&timetable, from, to).take(most);
                let views = slots.map(|slot| PlannedView {
                    schedule: name.clone(),
                    slot: slot.slot,
                    local: slot.local.format("%a %Y-%m-%d %H:%M:%S %Z").to_string(),
                    rings_at: slot.rings_at,
                    note: slot.note,
                });
                views.collect::<Vec<_>>()
            })
            .collect();
        planned.sort_by(|a, b| (a.slot, &a.schedule).cmp(&(b.slot, &b.schedule)));
        planned
    }

    /// What each schedule would do at `to`, had the daemon been down since `from`.
    pub fn catch_up(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<CatchUpView> {
        let schedules = self.config.schedules.keys();
        let caught_up = schedules.filter_map(|name| {
            let caught_up = catch_up(&self.timetable(name)?, from, to)?;
            Some(CatchUpView {
                schedule: name.clone(),
                missed: caught_up.missed,
                serves: caught_up.serves,
            })
        });
        caught_up.collect()
    }

    /// When a schedule rings next.
    pub fn next(&self, schedule: &str) -> Option<DateTime<Utc>> {
        let timetable = self.timetable(schedule)?;
        let slot = timetable.next_after(self.now)?;
        Some(timetable.rings_at(slot))
    }

    fn timetable(&self, name: &str) -> Option<Timetable> {
        Timetable::of(name, self.config.schedules.get(name)?).ok()
    }
}
