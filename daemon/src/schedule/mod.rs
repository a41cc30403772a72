//! When things are due: the one place that knows time.
//!
//! A schedule is a [`Timetable`]; [`due`] looks at the last slot served and at the clock and says
//! what to do now; [`rehearse`] shows the same slots ahead of time; [`Bell`] says when to look
//! again. Only the bell does IO. The others are functions of their arguments, because a decision
//! that money hangs on must be the same after a restart, a lost ring or a changed clock.
//!
//! A **slot** is the first instant at which the zone's wall clock has reached a local time that
//! the cron text names. That one sentence settles daylight saving time for every pattern: a local
//! time that does not exist runs at the first instant after the gap, one that exists twice runs
//! once, at the first. croner alone would do so for patterns that name a single time of day, but
//! would skip `0 2,14 * * *` in a gap and run it twice in a repeated hour. So croner is only asked
//! about local times, and the private module `wall_clock` alone turns these into instants.

mod bell;
mod due;
mod rehearsal;
mod timetable;
mod wall_clock;

#[cfg(test)]
mod tests;

pub use bell::{Bell, BellError};
pub use due::{Due, MISSED_CAP, due};
pub use rehearsal::{CatchUp, Planned, catch_up, rehearse};
pub use timetable::{Timetable, TimetableError};
