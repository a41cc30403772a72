//! The heartbeat: wakes the daemon about once a second to ask what is due.
//!
//! This is all that tokio-cron-scheduler is trusted with. Its jobs keep the UTC offset of the day
//! they were added, get lost or doubled in bursts, and after the clock was set back stand still
//! until the old time comes round again. One UTC job that carries no meaning makes all of that
//! harmless, and a watchdog on the monotonic clock replaces the job when it falls silent.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::Notify,
    time::{Instant, timeout, timeout_at},
};
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

/// The job is due each second; silent for so long, it is stuck.
const SILENCE: Duration = Duration::from_secs(5);

/// A bell that rings about once a second.
pub struct Bell {
    rings: Arc<Notify>,
    scheduler: JobScheduler,
    job: Job,
    /// Kept here and not in `rung`, whose future a `select!` may drop many times before it ends.
    silent_at: Instant,
}

/// The bell could not be hung.
#[derive(Debug, thiserror::Error)]
#[error("the heartbeat of the schedules cannot start; without it nothing would ever fall due")]
pub struct BellError(#[from] JobSchedulerError);

impl Bell {
    /// Hangs the bell in the current tokio runtime. It rings as long as that runtime lives.
    pub async fn start() -> Result<Self, BellError> {
        let rings = Arc::new(Notify::new());
        let scheduler = JobScheduler::new().await?;
        let job = heartbeat(&rings)?;
        scheduler.add(job.clone()).await?;
        scheduler.start().await?;
        Ok(Self {
            rings,
            scheduler,
            job,
            silent_at: Instant::now() + SILENCE,
        })
    }

    /// Waits for the next ring, a few seconds at most. Rings that nobody waited for are one ring.
    /// The future may be dropped at any time.
    pub async fn rung(&mut self) {
        let heard = timeout_at(self.silent_at, self.rings.notified()).await;
        self.silent_at = Instant::now() + SILENCE;
        if heard.is_err() {
            self.replace_job().await;
        }
    }

    async fn replace_job(&mut self) {
        tracing::warn!("The heartbeat was silent, as after the clock was set back; replacing it.");
        // The scheduler answers through its own tasks: if these are stuck too, ringing from here
        // must go on.
        match timeout(SILENCE, self.try_replace_job()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "The heartbeat could not be replaced."),
            Err(_) => tracing::error!("The heartbeat could not be replaced: no answer."),
        }
    }

    async fn try_replace_job(&mut self) -> Result<(), JobSchedulerError> {
        self.scheduler.remove(&self.job.guid()).await?;
        self.job = heartbeat(&self.rings)?;
        self.scheduler.add(self.job.clone()).await?;
        Ok(())
    }
}

fn heartbeat(rings: &Arc<Notify>) -> Result<Job, JobSchedulerError> {
    let rings = Arc::clone(rings);
    Job::new("* * * * * *", move |_, _| rings.notify_one())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Only bounds a test that would hang otherwise.
    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn the_job_rings_without_the_watchdog() {
        let bell = Bell::start().await.unwrap();
        timeout(LONG, bell.rings.notified()).await.unwrap();
        timeout(LONG, bell.rings.notified()).await.unwrap();
    }

    #[tokio::test]
    async fn a_silent_job_is_rung_for_and_replaced() {
        let mut bell = Bell::start().await.unwrap();
        let stuck = bell.job.guid();
        bell.scheduler.remove(&stuck).await.unwrap();
        timeout(LONG, async {
            // More than once only if the first job rang just before it was removed.
            while bell.job.guid() == stuck {
                bell.silent_at = Instant::now();
                bell.rung().await;
            }
            bell.rings.notified().await;
            bell.rings.notified().await;
        })
        .await
        .unwrap();
    }
}
