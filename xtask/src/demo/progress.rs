//! What has become of the batches, told as it happens.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::question::Question;
use crate::scene::{Batch, Made};

/// A large report takes a while: nobody should think that nothing happens.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// Follows batches to their files: from their appearance at the provider, or from our question.
pub(super) struct Progress {
    began: Instant,
    spoke: Instant,
    /// By the provider's id, or by the account that is given cards: each has one file.
    batches: BTreeMap<String, Followed>,
}

struct Followed {
    /// Its job, or the account that is given cards.
    label: &'static str,
    /// What was said of it last.
    told: String,
}

impl Progress {
    /// Of batches that the provider made just now, and of cards that are given now.
    pub(super) fn of<'q>(batches: &[Made], given: impl Iterator<Item = &'q Question>) -> Self {
        let began = Instant::now();
        let mut progress = Self {
            began,
            spoke: began,
            batches: BTreeMap::new(),
        };
        for made in batches {
            progress.follow(&made.id, made.job);
        }
        for name in given.map(|question| question.whom.name()) {
            progress.follow(name, name);
        }
        progress
    }

    /// One more batch from now on.
    pub(super) fn follow(&mut self, name: &str, label: &'static str) {
        let told = String::new();
        let followed = Followed { label, told };
        self.batches.insert(name.to_owned(), followed);
    }

    /// Tells what changed; something once all are delivered.
    ///
    /// # Errors
    /// A batch ended, or stands, where it will not be delivered.
    pub(super) fn tell(&mut self, ledger: &[Batch]) -> Result<Option<()>> {
        let mut delivered = 0;
        for batch in ledger {
            let id = batch.id();
            let name = match batch.cards {
                Some(_) => batch.account(),
                None => id,
            };
            let Some(followed) = self.batches.get_mut(name) else {
                bail!("the ledger has a batch {id}, which nobody knows of");
            };
            let now = match &batch.fault {
                Some(fault) => format!("{}: {}", batch.state, fault.message),
                None => batch.state.clone(),
            };
            if let "held" | "refused" | "expired" = &*batch.state {
                bail!("batch {id} of {} is {now}", followed.label);
            }
            if followed.told != now {
                let label = followed.label;
                followed.told.clone_from(&now);
                self.say(&format!("{label:<17}  {id:<26}  {now}"));
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
