//! What an enrolment left: values and secrets that its steps asked us to remember, sealed in
//! `STATE/enrolment/ACCOUNT`.
//!
//! Some of it a provider shows once, so it is durable before the event that says how the step ended,
//! and it says itself whose answer it is: after a crash in between, the step is known to be answered.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use reissue_connector_api::{EnrolState, EnrolStep, Secrets};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::seal::durable::{self, Temporary};
use crate::seal::{Keyring, SealError, SealedReader, SealedWriter};

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
}

impl Remembered {
    /// What the enrolment of an account left; nothing where it left nothing.
    ///
    /// # Errors
    /// When the file is damaged, or was sealed as something else or by another keyring.
    pub fn read(state: &Path, account: &str, keyring: &Keyring) -> Result<Self, SealError> {
        let path = path(state, account);
        if !path.exists() {
            return Ok(Self::default());
        }
        let mut reader = SealedReader::open(&path, keyring, &place(account))?;
        let damaged = || SealError::Damaged {
            path: path.clone(),
            frame: 1,
        };
        let frame = reader.next_frame()?.ok_or_else(damaged)?;
        let remembered = serde_json::from_slice(frame).map_err(|_| damaged())?;
        match reader.next_frame()? {
            None => Ok(remembered),
            Some(_) => Err(damaged()),
        }
    }

    /// Adds what the step of this number asked to remember.
    pub fn add(&mut self, number: u32, step: EnrolStep) {
        self.step = number;
        self.state = step.state;
        self.values.extend(step.remember);
        self.secrets.0.extend(step.secrets.0);
    }

    /// Puts it in place of what was there, durably.
    ///
    /// # Errors
    /// [`SealError::Write`].
    pub fn seal(&self, state: &Path, account: &str, keyring: &Keyring) -> Result<(), SealError> {
        /// Larger than what a provider hands out: a buffer that grows leaves copies behind.
        const ROOM: usize = 64 * 1024;
        let path = path(state, account);
        let parent = path.parent().unwrap_or(&path);
        durable::make_directory(parent, 0o700)?;
        let temp = Temporary::at(parent.join(format!(".{account}.part")));
        let mut frame = Zeroizing::new(Vec::with_capacity(ROOM));
        serde_json::to_writer(&mut *frame, self).expect("plain texts can be written");
        let mut writer = SealedWriter::create(temp.path(), keyring, &place(account))?;
        writer.write_frame(&mut frame)?;
        writer.finish()?;
        durable::publish(temp.path(), &path)
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
            remembered.add(number, step(value, secret));
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
