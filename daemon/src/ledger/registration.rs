//! Whether the provider has the URL of an account's webhook, and another one when a person wants it.
//!
//! An account needs a webhook while one of its schedules has a job that does. Its URL is handed to each
//! step of the enrolment, and the one that was handed to a step which ended well is the one that the
//! provider has. The ledger keeps a digest of it: the URL holds a secret.

use reissue_connector_api::{Fault, SecretString};

use super::alarm::{Alarm, Matter};
use super::context::Context;
use super::event::Event;
use crate::spool::own_disk;
use crate::store::StoreError;

/// What a step of an enrolment is told of the account's webhook.
#[derive(Default)]
pub(super) struct Told {
    /// Its URL, where the account needs one.
    pub(super) url: Option<SecretString>,
    /// Its digest.
    pub(super) digest: Option<String>,
}

impl Context {
    /// Whether the provider calls the account's webhook for one of its schedules.
    pub fn needs_webhook(&self, account: &str) -> bool {
        let generation = self.generation();
        let mut schedules = generation.schedules.values();
        schedules.any(|schedule| schedule.account == account && schedule.job.needs_webhook)
    }

    /// Why what needs the account's webhook waits, if the provider does not have it.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn why_unregistered(&self, account: &str) -> Result<Option<String>, StoreError> {
        let hooks = self.hooks.as_ref();
        let wanted = hooks.and_then(|hooks| hooks.digest(account));
        let enrolment = self.store.enrolment(account)?;
        let has = enrolment.and_then(|enrolment| enrolment.webhook);
        let is_registered = wanted.is_some() && wanted == has.map(|webhook| webhook.digest);
        Ok((!is_registered).then(|| {
            format!(
                "the webhook of account `{account}` is not registered with its provider yet: run \
                 `reissue enrol {account}`"
            )
        }))
    }

    /// That a webhook is needed which the provider of an enrolled account does not have.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn unregistered_webhook(&self, account: &str) -> Result<Option<Alarm>, StoreError> {
        let generation = self.generation();
        let Some(configured) = generation.accounts.get(account) else {
            return Ok(None);
        };
        let is_next = self.needs_webhook(account) && self.why_not_active(configured)?.is_none();
        if !is_next || self.why_unregistered(account)?.is_none() {
            return Ok(None);
        }
        Ok(Some(Alarm {
            about: account.to_owned(),
            matter: Matter::WebhookUnregistered,
            text: format!(
                "has a webhook that is not registered with its provider yet: run `reissue enrol {account}`"
            ),
        }))
    }

    /// What a step is to be told. Makes the account's first secret.
    ///
    /// # Errors
    /// `unreachable` with what our own disk says.
    pub(super) fn webhook_of(&self, account: &str) -> Result<Told, Fault> {
        let Some(hooks) = self.hooks.as_ref().filter(|_| self.needs_webhook(account)) else {
            return Ok(Told::default());
        };
        Ok(Told {
            url: Some(hooks.url(account).map_err(|error| own_disk(&error))?),
            digest: hooks.digest(account),
        })
    }

    /// Gives the account's webhook another secret because a person wants it. Known before it is done, so
    /// that nobody does it unnamed.
    ///
    /// # Errors
    /// When the state fails; or what our own disk says, and then the secret is the old one.
    pub(super) fn rotate_webhook(
        &self,
        account: &str,
        by: &str,
    ) -> Result<Result<(), Fault>, StoreError> {
        let Some(hooks) = &self.hooks else {
            return Ok(Ok(()));
        };
        self.commit(&[Event::WebhookRotated {
            account: account.to_owned(),
            by: by.to_owned(),
        }])?;
        tracing::info!(account, by, "The secret of the webhook is another one.");
        Ok(hooks.rotate(account).map_err(|error| own_disk(&error)))
    }
}
