//! One schedule's slots: which instants they are and when each rings.
//!
//! A slot is its planned instant, and that never moves: it is the key under which a run is
//! recorded. Jitter only delays the *ring* of a slot. It is computed from the schedule's name and
//! the slot rather than drawn, so that a restart between slot and ring rings at the same instant.

use std::{iter::successors, time::Duration};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use croner::{
    Cron, Direction,
    errors::CronError,
    parser::{CronParser, Seconds, Year},
};

use reissue_config::{Missed, Schedule};

use super::wall_clock;

/// The slots of one schedule.
#[derive(Clone, Debug)]
pub struct Timetable {
    name: String,
    cron: Cron,
    timezone: Tz,
    jitter: Duration,
    missed: Missed,
}

/// Why a cron text is no timetable.
#[derive(Debug, thiserror::Error)]
pub enum TimetableError {
    /// It does not follow the grammar.
    #[error(
        "schedule `{name}`: cron `{cron}` cannot be read; expected five fields (minute hour \
         day-of-month month day-of-week), or six with leading seconds"
    )]
    Unreadable {
        /// The schedule.
        name: String,
        /// Its cron text.
        cron: String,
        /// What croner dislikes.
        source: CronError,
    },
    /// No date meets it, such as 30 February.
    #[error(
        "schedule `{name}`: cron `{cron}` names no date that ever comes; correct its day, month \
         or weekday"
    )]
    Never {
        /// The schedule.
        name: String,
        /// Its cron text.
        cron: String,
    },
}

impl Timetable {
    /// The slots of a configured schedule.
    ///
    /// # Errors
    /// What is wrong with its cron line.
    pub fn of(name: &str, settings: &Schedule) -> Result<Self, TimetableError> {
        let cron = settings.cron.as_str();
        Self::new(
            name,
            cron,
            settings.timezone,
            settings.jitter,
            settings.missed,
        )
    }

    /// Reads a schedule: `cron` has five fields, or six with leading seconds, and is read in
    /// `timezone`; where it restricts both day of month and day of week, either suffices. Every
    /// ring is delayed by less than `jitter`, in whole seconds.
    pub fn new(
        name: &str,
        cron: &str,
        timezone: Tz,
        jitter: Duration,
        missed: Missed,
    ) -> Result<Self, TimetableError> {
        let parsed = CronParser::builder()
            .seconds(Seconds::Optional)
            .year(Year::Disallowed)
            .build()
            .parse(cron)
            .map_err(|source| TimetableError::Unreadable {
                name: name.to_owned(),
                cron: cron.to_owned(),
                source,
            })?;
        let timetable = Self {
            name: name.to_owned(),
            cron: parsed,
            timezone,
            jitter,
            missed,
        };
        match timetable.next_after(DateTime::UNIX_EPOCH) {
            Some(_) => Ok(timetable),
            None => Err(TimetableError::Never {
                name: timetable.name,
                cron: cron.to_owned(),
            }),
        }
    }

    /// The first slot later than `instant`.
    pub fn next_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.slots(
            wall_clock::shows(self.timezone, instant),
            Direction::Forward,
        )
        .find(|slot| *slot > instant)
    }

    /// The last slot not later than `instant`.
    pub fn latest_at_or_before(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.slots(
            wall_clock::has_shown_at_most(self.timezone, instant),
            Direction::Backward,
        )
        .find(|slot| *slot <= instant)
    }

    /// When `slot` rings: at `slot` or later by the jitter, and always before the next slot, so
    /// that slots ring in order.
    pub fn rings_at(&self, slot: DateTime<Utc>) -> DateTime<Utc> {
        let room = self
            .next_after(slot)
            .map_or(i64::MAX, |next| (next - slot).num_seconds());
        let jitter = i64::try_from(self.jitter.as_secs())
            .unwrap_or(i64::MAX)
            .min(room);
        let mut hash = crc32fast::Hasher::new();
        hash.update(self.name.as_bytes());
        hash.update(&slot.timestamp().to_le_bytes());
        slot + TimeDelta::seconds(i64::from(hash.finalize()) % jitter.max(1))
    }

    /// The zone that the cron text is read in.
    pub fn timezone(&self) -> Tz {
        self.timezone
    }

    /// What becomes of missed slots.
    pub fn missed(&self) -> Missed {
        self.missed
    }

    /// The local time that the cron text names for `slot`: earlier than what the clock shows then
    /// if the clock jumped over it.
    pub(super) fn names(&self, slot: DateTime<Utc>) -> NaiveDateTime {
        let shown = wall_clock::shows(self.timezone, slot);
        wall_clock::skipped_from(self.timezone, slot)
            .and_then(|skipped| self.local_times(skipped, Direction::Forward).next())
            .unwrap_or(shown)
    }

    /// The slots of the named local times from `local` on, in order; those of one gap are equal.
    fn slots(
        &self,
        local: NaiveDateTime,
        direction: Direction,
    ) -> impl Iterator<Item = DateTime<Utc>> {
        self.local_times(local, direction)
            .map(|local| wall_clock::first_reaches(self.timezone, local))
    }

    /// The local times that the cron text names, from `local` on.
    fn local_times(
        &self,
        local: NaiveDateTime,
        direction: Direction,
    ) -> impl Iterator<Item = NaiveDateTime> {
        let find = move |from: &NaiveDateTime, inclusive| match direction {
            Direction::Forward => self.cron.find_next_occurrence(from, inclusive).ok(),
            Direction::Backward => self.cron.find_previous_occurrence(from, inclusive).ok(),
        };
        successors(find(&local, true), move |found| find(found, false))
    }
}
