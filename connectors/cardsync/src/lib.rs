//! CardSync: it is given full card numbers, and answers with full card numbers.
//!
//! A partner of CardSync makes merchants with the key of its own (`partner_key`); each merchant gets
//! a key (`merchant_key`), which is shown once and serves for everything else. A merchant accepts
//! the terms, asks to be enrolled, says where it is to be called, and waits for days. Then there are
//! two services.
//!
//! - Visa, Mastercard and Discover: it sends cards in batches, looks for days how far a batch has
//!   got, and fetches its results.
//! - American Express: it subscribes cards, each at a merchant number (SE). When one of them changes
//!   CardSync calls the webhook with the id of an event, whose results are there at once. It goes on
//!   until the card is unsubscribed, and costs until then.
//!
//! Results of both are purged ten days after they were there; the call of an event may say sooner.
//!
//! Batches have the paths of the API's first version (`/api/…`), subscriptions those of its second
//! (`/v2/…`), which renamed some keys and words: both spellings are read. Neither version can list
//! batches, events or subscriptions, or takes a reference of ours, so a submission whose answer was
//! lost cannot be found again: `reconcile` is the trait's default, and a person must ask CardSync.

mod call;
mod enrol;
mod inquiry;
mod map;
mod notification;
mod question;
mod results;
mod settings;
mod subscription;
#[cfg(test)]
mod tests;
mod webhook;
mod wire;

use reissue_connector_api::{
    Account, Announced, Batch, Collected, Connector, EnrolStep, Environment, Fault, Job, Manifest,
    Notification, Pans, Progress, Receipt, Refused, Run, SecretName, SecretString, Submission,
    Timing, Verb, days, export_connector, hours, minutes,
};

use crate::settings::Settings;

export_connector!(Cardsync);

/// An account at the provider: one merchant.
pub struct Cardsync {
    /// Its name in the configuration.
    account: String,
    settings: Settings,
    partner_key: Option<SecretString>,
    merchant_key: Option<SecretString>,
}

/// The names of the secrets.
mod secret {
    pub(crate) const PARTNER_KEY: &str = "partner_key";
    pub(crate) const MERCHANT_KEY: &str = "merchant_key";
}

/// The names of the jobs.
mod job {
    pub(crate) const INQUIRY: &str = "inquiry";
    pub(crate) const SUBSCRIPTION: &str = "amex-subscription";
}

impl Connector for Cardsync {
    const MANIFEST: Manifest = Manifest {
        name: "cardsync",
        version: env!("CARGO_PKG_VERSION"),
        summary: "CardSync Universal and American Express Account Updater",
        // The host of production is in none of its documents: an account gives its `base_url`.
        environments: &[Environment {
            name: "sandbox",
            base_url: "https://sandbox.cardsync.io",
        }],
        secrets: &[
            SecretName {
                name: secret::PARTNER_KEY,
                summary: "The partner's master key, with which enrolment creates the merchant",
                optional: true,
                from_enrolment: false,
            },
            SecretName {
                name: secret::MERCHANT_KEY,
                summary: "The merchant's key; remembered from enrolment, or given for a merchant \
                          that exists already",
                optional: true,
                from_enrolment: true,
            },
        ],
        pans: Pans::Both,
        jobs: &[
            Job {
                name: job::INQUIRY,
                verb: Verb::Submit,
                summary: "Asks what became of given Visa, Mastercard and Discover cards",
                suggested_cron: "0 2 * * MON",
                first_lookback: days(0),
                largest_submission: 10_000,
                needs_enrolment: true,
                needs_webhook: false,
                // Production answers after three to five days, or about five business days. Results
                // are purged ten days after they were there, so ten days after they could be there
                // first is safe whenever that was. The sandbox answers within the hour.
                timing: Timing {
                    first_poll: days(3),
                    poll_every: hours(6),
                    kept_for: Some(days(10)),
                    overdue_after: days(8),
                },
            },
            Job {
                name: job::SUBSCRIPTION,
                verb: Verb::Subscribe,
                summary: "Keeps given American Express cards subscribed, and collects what CardSync's \
                          calls announce",
                suggested_cron: "0 3 * * *",
                first_lookback: days(0),
                largest_submission: 10_000,
                needs_enrolment: true,
                needs_webhook: true,
                // An event's results are there when it is announced.
                timing: Timing {
                    first_poll: minutes(0),
                    poll_every: minutes(15),
                    kept_for: Some(days(10)),
                    overdue_after: hours(6),
                },
            },
        ],
    };

    type Settings = Settings;

    fn open(settings: Settings, account: &Account) -> Result<Self, Fault> {
        let partner_key = settings::key(account, secret::PARTNER_KEY)?;
        let merchant_key = settings::key(account, secret::MERCHANT_KEY)?;
        settings.check(partner_key.is_some(), merchant_key.is_some())?;
        Ok(Self {
            account: account.name.clone(),
            settings,
            partner_key,
            merchant_key,
        })
    }

    fn enrol(&self, run: &Run<'_>, so_far: &Progress) -> Result<EnrolStep, Fault> {
        self.next_step(run, so_far)
    }

    fn submit(&self, run: &Run<'_>, _job: &str, submission: &Submission) -> Result<Receipt, Fault> {
        inquiry::submit(run, self.key()?, submission)
    }

    fn subscribe(
        &self,
        run: &Run<'_>,
        _job: &str,
        add: &Submission,
    ) -> Result<Vec<Refused>, Fault> {
        subscription::add(run, self.key()?, add)
    }

    fn unsubscribe(
        &self,
        run: &Run<'_>,
        _job: &str,
        remove: &Submission,
    ) -> Result<Vec<Refused>, Fault> {
        subscription::remove(run, self.key()?, remove)
    }

    fn receive(&self, notification: &Notification) -> Result<Vec<Announced>, Fault> {
        notification::announced(notification)
    }

    fn collect(&self, run: &Run<'_>, batch: &Batch) -> Result<Collected, Fault> {
        match batch.job.as_str() {
            job::SUBSCRIPTION => subscription::collect(run, self.key()?, batch),
            _ => inquiry::collect(run, self.key()?, batch.id()),
        }
    }
}

impl Cardsync {
    /// The key for everything but creating the merchant.
    fn key(&self) -> Result<&SecretString, Fault> {
        self.merchant_key.as_ref().ok_or_else(|| {
            Fault::settings(format!(
                "the secret `{}` is missing: `reissue enrol {}` yields it, or give it under \
                 `secrets`",
                secret::MERCHANT_KEY,
                self.account
            ))
        })
    }
}
