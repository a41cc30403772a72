//! What has become of the batches, told as it happens.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::scene::{Batch, Made};

/// A large report takes a while: nobody should think that nothing happens.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// Follows batches from their appearance at the provider to their files.
pub(super) struct Progress<'b> {
    began: Instant,
    spoke: Instant,
    batches: BTreeMap<&'b str, Followed>,
}

struct Followed {
    job: &'static str,
    /// What was said of it last.
    told: String,
}

impl<'b> Progress<'b> {
    /// Of batches that the provider made just now.
    pub(super) fn of(batches: &'b [Made]) -> Self {
        let began = Instant::now();
        let follow = |made: &'b Made| {
            let told = String::new();
            (
                &*made.id,
                Followed {
                    job: made.job,
                    told,
                },
            )
        };
        Self {
            began,
            spoke: began,
            batches: batches.iter().map(follow).collect(),
        }
    }

    /// Tells what changed; something once all are delivered.
    ///
    /// # Errors
    /// A batch ended, or stands, where it will not be delivered.
    pub(super) fn tell(&mut self, ledger: &[Batch]) -> Result<Option<()>> {
        let mut delivered = 0;
        for batch in ledger {
            let id = batch.id();
            let Some(followed) = self.batches.get_mut(id) else {
                bail!("the ledger has a batch {id}, which the provider does not have");
            };
            let now = match &batch.fault {
                Some(fault) => format!("{}: {}", batch.state, fault.message),
                None => batch.state.clone(),
            };
            if let "held" | "refused" | "expired" = &*batch.state {
                bail!("batch {id} of {} is {now}", followed.job);
            }
            if followed.told != now {
                let job = followed.job;
                followed.told.clone_from(&now);
                self.say(&format!("{job:<10}  {id}  {now}"));
            }
            delivered += usize::from(batch.state == "delivered");
        }
        let all = self.batches.len();
        if self.spoke.elapsed() > SIGN_OF_LIFE {
            self.say(&format!("{delivered} of {all} batches delivered so far"));
        }
        Ok((delivered == all).then_some(()))
    }

    fn say(&mut self, what: &str) {
        println!("{:6.1} s  {what}", self.began.elapsed().as_secs_f64());
        self.spoke = Instant::now();
    }
}
