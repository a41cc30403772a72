//! What an enrolment left: values and secrets that its steps asked us to remember, sealed in
//! `STATE/enrolment/ACCOUNT`.
//!
//! Some of it a provider shows once, so it is durable before the event that says how the step ended,
//! and it says itself whose answer it is: after a crash in between, the step is known to be answered.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use reissue_connector_api::{EnrolState, EnrolStep, Secrets};
use serde::{Deserialize, Serialize};

use crate::seal::{Keyring, SealError, document};

/// What an enrolment left.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Remembered {
    /// The number of the step that left something here last.
    pub step: u32,
    /// What that step came to.
    pub state: EnrolState,
    /// Plain values.
    pub values: BTreeMap<String, String>,
    /// Secrets.
    pub secrets: Secrets,
    /// The digest of the webhook's URL that the step was told.
    #[serde(default)]
    pub webhook: Option<String>,
}

impl Remembered {
    /// What the enrolment of an account left; nothing where it left nothing.
    ///
    /// # Errors
    /// When the file is damaged, or was sealed as something else or by another keyring.
    pub fn read(state: &Path, account: &str, keyring: &Keyring) -> Result<Self, SealError> {
        let read = document::read(&path(state, account), keyring, &place(account))?;
        Ok(read.unwrap_or_default())
    }

    /// Adds what the step of this number, which was told of this webhook, asked to remember.
    pub fn add(&mut self, number: u32, step: EnrolStep, webhook: Option<String>) {
        self.step = number;
        self.webhook = webhook;
        self.state = step.state;
        self.values.extend(step.remember);
        self.secrets.0.extend(step.secrets.0);
    }

    /// Puts it in place of what was there, durably.
    ///
    /// # Errors
    /// [`SealError::Write`].
    pub fn seal(&self, state: &Path, account: &str, keyring: &Keyring) -> Result<(), SealError> {
        document::write(&path(state, account), keyring, &place(account), self)
    }
}

fn path(state: &Path, account: &str) -> PathBuf {
    state.join("enrolment").join(account)
}

fn place(account: &str) -> String {
    format!("enrolment/{account}")
}

#[cfg(test)]
mod tests {
    use reissue_connector_api::{ExposeSecret, SecretString};

    use super::*;
    use crate::clock;
    use crate::seal::MasterKey;

    #[test]
    fn what_is_sealed_is_added_to_and_opens_as_the_accounts_own() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path();
        let master = MasterKey::from_base64(&MasterKey::generate()).unwrap();
        let keyring = Keyring::create(&state.join("keyring.json"), &master, clock::now()).unwrap();
        let step = |value: &str, secret: &str| EnrolStep {
            state: EnrolState::NotEnrolled,
            remember: BTreeMap::from([(value.into(), "17".into())]),
            secrets: Secrets(BTreeMap::from([(
                secret.into(),
                SecretString::from("s3cret"),
            )])),
        };
        let mut remembered = Remembered::read(state, "acme", &keyring).unwrap();
        assert_eq!(remembered.step, 0);
        for (number, value, secret) in [(1, "id", "key"), (3, "form", "other")] {
            remembered.add(number, step(value, secret), None);
            remembered.seal(state, "acme", &keyring).unwrap();
            remembered = Remembered::read(state, "acme", &keyring).unwrap();
        }

        assert_eq!(
            (remembered.step, &remembered.state),
            (3, &EnrolState::NotEnrolled)
        );
        assert_eq!(remembered.values.keys().collect::<Vec<_>>(), ["form", "id"]);
        let secrets = &remembered.secrets.0;
        assert_eq!(secrets.keys().collect::<Vec<_>>(), ["key", "other"]);
        assert_eq!(secrets["key"].expose_secret(), "s3cret");
        let folder = state.join("enrolment");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
        std::fs::rename(folder.join("acme"), folder.join("other")).unwrap();
        let error = Remembered::read(state, "other", &keyring).unwrap_err();
        assert!(matches!(error, SealError::WrongPlace { .. }), "{error}");
    }
}
