//! What has become of the batches, told as it happens.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::reissue::Batch;
use super::world::ACCOUNT;

/// A large report takes a while: nobody should think that nothing happens.
const SIGN_OF_LIFE: Duration = Duration::from_secs(10);

/// Follows batches from their appearance at the provider to their files.
pub(super) struct Progress<'b> {
    began: Instant,
    spoke: Instant,
    batches: BTreeMap<&'b str, Followed>,
}

struct Followed {
    job: &'static str,
    told: String,
}

impl<'b> Progress<'b> {
    /// Of batches with these ids, each with the job that finds it.
    pub(super) fn of(batches: impl Iterator<Item = (&'b str, &'static str)>) -> Self {
        let began = Instant::now();
        let follow = |(id, job)| {
            let told = String::new();
            (id, Followed { job, told })
        };
        Self {
            began,
            spoke: began,
            batches: batches.map(follow).collect(),
        }
    }

    /// Tells what changed; something once all are delivered.
    ///
    /// # Errors
    /// A batch ended, or stands, where it will not be delivered.
    pub(super) fn tell(&mut self, ledger: &[Batch]) -> Result<Option<()>> {
        let mut delivered = 0;
        for batch in ledger {
            let id = batch.key.trim_start_matches(ACCOUNT).trim_start_matches('/');
            let Some(followed) = self.batches.get_mut(id) else {
                bail!("batch {id} appeared, which the provider does not have");
            };
            let fault = batch.fault.as_ref().map(|fault| &*fault.message);
            if let "held" | "refused" | "expired" = batch.state.as_str() {
                let why = fault.unwrap_or("see the log");
                bail!("batch {id} of {} is {}: {why}", followed.job, batch.state);
            }
            let now = match fault {
                Some(fault) => format!("{}: {fault}", batch.state),
                None => batch.state.clone(),
            };
            if followed.told != now {
                self.spoke = Instant::now();
                let seconds = self.began.elapsed().as_secs_f64();
                println!("{seconds:6.1} s  {:<10}  {id}  {now}", followed.job);
                followed.told = now;
            }
            delivered += usize::from(batch.state == "delivered");
        }
        let all = self.batches.len();
        if self.spoke.elapsed() > SIGN_OF_LIFE {
            self.spoke = Instant::now();
            let seconds = self.began.elapsed().as_secs_f64();
            println!("{seconds:6.1} s  {delivered} of {all} batches delivered so far");
        }
        Ok((delivered == all).then_some(()))
    }
}
