//! Logs the alarms that time alone brings about, each once: a deadline that nears, a batch that is
//! overdue, a report that does not appear. What a run brings about, the run logs.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::alarm::{Alarm, Matter, UnknownBatches};
use super::context::Context;
use super::pace::Task;
use crate::store::StoreError;

/// How often the clock is compared with every deadline, which are days away.
const EVERY: Duration = Duration::from_secs(60);

/// What was logged and is still so.
#[derive(Debug, Default)]
pub(super) struct Watch {
    logged: HashSet<(String, Matter)>,
    looked: Option<Instant>,
}

impl Watch {
    /// Looks at everything, if a minute has passed.
    pub(super) fn look(&mut self, context: &Context, now: DateTime<Utc>) -> Result<(), StoreError> {
        if self.looked.is_some_and(|looked| looked.elapsed() < EVERY) {
            return Ok(());
        }
        self.looked = Some(Instant::now());
        let mut standing = HashSet::new();
        for alarm in alarms(context, now)? {
            let key = (alarm.about, alarm.matter);
            if !self.logged.contains(&key) {
                log(&key.0, key.1, &alarm.text);
            }
            standing.insert(key);
        }
        self.logged = standing;
        Ok(())
    }
}

fn alarms(context: &Context, now: DateTime<Utc>) -> Result<Vec<Alarm>, StoreError> {
    let met = |task: Task| Some(context.wait(&task)?.fault?.message);
    let mut alarms = Vec::new();
    let open = context.store.open()?;
    for batch in &open {
        let met = met(Task::Batch(batch.key.clone()));
        alarms.extend(Alarm::of_batch(batch, met, now));
    }
    alarms.extend(UnknownBatches::among(&open).alarms());
    let generation = context.generation();
    for schedule in generation.schedules.values() {
        if schedule.expect_every.is_some()
            && generation.accounts[&schedule.account].enabled
            && let Some(slots) = context.store.slots(&schedule.name)?
        {
            let (name, every) = (&schedule.name, schedule.expect_every);
            alarms.extend(Alarm::of_schedule(name, every, &slots, None, now));
        }
    }
    alarms.retain(Alarm::is_of_time);
    Ok(alarms)
}

fn log(about: &str, matter: Matter, text: &str) {
    match matter {
        Matter::Forged => tracing::error!(about, text, "A webhook is called by somebody else."),
        Matter::PurgeNears | Matter::Overdue => tracing::warn!(about, text, "A deadline nears."),
        _ => tracing::error!(about, text, "A deadline needs a person."),
    }
}
