//! What has become of the batches, told as it happens.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::question::Question;
use crate::scene::{Batch, Made};

/// A large report takes a while: nobody should think that nothing happens.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// Follows batches to their files: from their appearance at the provider, or from our question.
pub(super) struct Progress<'b> {
    began: Instant,
    spoke: Instant,
    /// By the provider's id, or by the account that asks: each has one question.
    batches: BTreeMap<&'b str, Followed>,
}

struct Followed {
    /// Its job, or the account that asks.
    label: &'static str,
    /// What was said of it last.
    told: String,
}

impl<'b> Progress<'b> {
    /// Of batches that the provider made just now, and of questions that are asked now.
    pub(super) fn of(batches: &'b [Made], questions: &[Question]) -> Self {
        let began = Instant::now();
        let made = batches.iter().map(|made| (&*made.id, made.job));
        let asked = questions.iter().map(|question| question.whom.name());
        let follow = |(name, label)| {
            let told = String::new();
            (name, Followed { label, told })
        };
        Self {
            began,
            spoke: began,
            batches: made
                .chain(asked.map(|name| (name, name)))
                .map(follow)
                .collect(),
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
                self.say(&format!("{label:<12}  {id:<26}  {now}"));
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
