//! The accounts' webhooks: which URL a provider is given, and which secrets in it are good.
//!
//! A secret is all that stands between anybody and the inbox, so it is sealed in `STATE/webhooks/ACCOUNT`
//! and compared in constant time, also where there is no such account. Two are good while a provider
//! learns the new one: calls that were under way must not be lost. From when on only the new one is good
//! is not kept here but follows from the ledger, which knows when it was registered.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use reissue_config::PublicUrl;
use reissue_connector_api::{ExposeSecret, SecretString, Secrets};
use zeroize::Zeroizing;

use crate::seal::{Keyring, MacKey, SealError, document};

/// How long the secret before is good after the provider has got the new URL.
const OVERLAP: TimeDelta = TimeDelta::hours(24);

/// The webhooks of all accounts that have one.
pub struct Hooks {
    state: PathBuf,
    keyring: Arc<Keyring>,
    base: PublicUrl,
    digests: MacKey,
    /// Compared where there is nothing to compare with, so that it takes as long.
    nobodys: SecretString,
    known: RwLock<HashMap<String, Hook>>,
}

/// The webhook of one account.
struct Hook {
    current: SecretString,
    previous: Option<SecretString>,
    /// When the provider got the URL with the current one; none while it has another.
    registered: Option<DateTime<Utc>>,
}

impl Hooks {
    /// Opens those that there are.
    ///
    /// # Errors
    /// When a file is damaged, or was sealed by another keyring.
    pub fn open(state: &Path, keyring: Arc<Keyring>, base: PublicUrl) -> Result<Self, SealError> {
        let hooks = Self {
            state: state.to_owned(),
            digests: keyring.mac_key(&["webhook"]),
            keyring,
            base,
            nobodys: new_secret(),
            known: RwLock::default(),
        };
        for entry in fs::read_dir(state.join("webhooks")).into_iter().flatten() {
            let name = entry.map_err(SealError::reading(state))?.file_name();
            let account = name.to_string_lossy();
            if account.starts_with('.') {
                continue;
            }
            let read = document::read(&hooks.path(&account), &hooks.keyring, &place(&account))?;
            if let Some(hook) = read.and_then(Hook::of) {
                hooks.write().insert(account.into_owned(), hook);
            }
        }
        Ok(hooks)
    }

    /// The path of the public URL, which a proxy may pass on.
    pub fn base(&self) -> &PublicUrl {
        &self.base
    }

    /// The URL of an account's webhook, which has got a secret by then.
    ///
    /// # Errors
    /// When a new secret cannot be kept.
    pub fn url(&self, account: &str) -> Result<SecretString, SealError> {
        if !self.read().contains_key(account) {
            self.keep(account, new_secret(), None)?;
        }
        let known = self.read();
        Ok(self.url_of(account, &known[account]))
    }

    /// The digest of that URL, by which the ledger remembers it; none before it has a secret. It ends with
    /// the digest of the secret alone, which stays when the URL changes before it.
    pub fn digest(&self, account: &str) -> Option<String> {
        let known = self.read();
        let hook = known.get(account)?;
        let url = self.digest_of(&self.url_of(account, hook));
        Some(url + &self.digest_of(&hook.current))
    }

    /// Makes a new secret. The one before stays good until the provider has had the new URL for a day; one
    /// that no provider ever got is forgotten at once.
    ///
    /// # Errors
    /// When it cannot be kept; then all is as it was.
    pub fn rotate(&self, account: &str) -> Result<(), SealError> {
        let previous = self.read().get(account).and_then(Hook::last_registered);
        self.keep(account, new_secret(), previous)
    }

    /// The provider has had the URL of this digest since then; perhaps one that leads here no longer, which is
    /// of another public URL.
    pub fn registered(&self, account: &str, digest: &str, since: DateTime<Utc>) {
        if let Some(hook) = self.write().get_mut(account)
            && digest.ends_with(&self.digest_of(&hook.current))
        {
            hook.registered = Some(since);
        }
    }

    /// Forgets the secrets that are not good any more: whatever is registered next makes none good again.
    ///
    /// # Errors
    /// When that cannot be kept.
    pub fn forget_previous(&self, now: DateTime<Utc>) -> Result<(), SealError> {
        for (account, hook) in self.write().iter_mut() {
            if hook.previous.is_some() && hook.previous_on(now).is_none() {
                hook.previous = None;
                self.seal(account, hook)?;
            }
        }
        Ok(())
    }

    /// Whether a secret is one of an account's that are good now. Takes as long whatever it is, and
    /// whether or not there is such an account.
    pub fn admit(&self, account: &str, secret: &str, now: DateTime<Utc>) -> bool {
        let known = self.read();
        let hook = known.get(account);
        let is = |other: Option<&SecretString>| {
            let right = other.unwrap_or(&self.nobodys).expose_secret();
            verify_slices_are_equal(secret.as_bytes(), right.as_bytes()).is_ok() && other.is_some()
        };
        let previous = hook.and_then(|hook| hook.previous_on(now));
        is(hook.map(|hook| &hook.current)) | is(previous)
    }

    fn keep(
        &self,
        account: &str,
        current: SecretString,
        previous: Option<SecretString>,
    ) -> Result<(), SealError> {
        let hook = Hook {
            current,
            previous,
            registered: None,
        };
        self.seal(account, &hook)?;
        self.write().insert(account.to_owned(), hook);
        Ok(())
    }

    fn seal(&self, account: &str, hook: &Hook) -> Result<(), SealError> {
        let sealed = hook.secrets();
        document::write(&self.path(account), &self.keyring, &place(account), &sealed)
    }

    fn digest_of(&self, secret: &SecretString) -> String {
        let mac = self.digests.sign(secret.expose_secret().as_bytes());
        format!("{:032x}", u128::from_be_bytes(mac))
    }

    fn url_of(&self, account: &str, hook: &Hook) -> SecretString {
        let path = Zeroizing::new(format!("/hooks/{account}/{}", hook.current.expose_secret()));
        self.base.at(&path).into()
    }

    fn path(&self, account: &str) -> PathBuf {
        self.state.join("webhooks").join(account)
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<String, Hook>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<String, Hook>> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hook {
    fn of(mut secrets: Secrets) -> Option<Self> {
        Some(Self {
            current: secrets.0.remove("current")?,
            previous: secrets.0.remove("previous"),
            registered: None,
        })
    }

    /// What is sealed of it.
    fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        let current = ("current".to_owned(), self.current.clone());
        let previous = self.previous.clone();
        let previous = previous.map(|secret| ("previous".to_owned(), secret));
        secrets.0.extend(previous.into_iter().chain([current]));
        secrets
    }

    /// The secret that the provider has, if it has one.
    fn last_registered(&self) -> Option<SecretString> {
        match self.registered {
            Some(_) => Some(self.current.clone()),
            None => self.previous.clone(),
        }
    }

    /// The secret before, if it is still good.
    fn previous_on(&self, now: DateTime<Utc>) -> Option<&SecretString> {
        let is_over = self.registered.is_some_and(|since| now - since > OVERLAP);
        self.previous.as_ref().filter(|_| !is_over)
    }
}

/// 32 bytes that nobody guesses, as they stand in a URL.
fn new_secret() -> SecretString {
    let mut bytes = Zeroizing::new([0; 32]);
    // The generator of AWS-LC ends the process rather than return predictable bytes.
    aws_lc_rs::rand::fill(&mut *bytes).expect("AWS-LC's generator does not fail");
    BASE64_URL_SAFE_NO_PAD.encode(bytes.as_slice()).into()
}

fn place(account: &str) -> String {
    format!("webhooks/{account}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::MasterKey;

    const ACME: &str = "acme";

    /// What the provider has, and since when.
    type Has = (String, DateTime<Utc>);

    struct World {
        state: tempfile::TempDir,
        keyring: Arc<Keyring>,
    }

    impl World {
        fn new() -> Self {
            let state = tempfile::tempdir().unwrap();
            let master = MasterKey::from_base64(&MasterKey::generate()).unwrap();
            let keyring = state.path().join("keyring.json");
            let keyring = Keyring::create(&keyring, &master, crate::clock::now()).unwrap();
            Self {
                state,
                keyring: Arc::new(keyring),
            }
        }

        /// A daemon that begins at that hour and is called there, and whose ledger says what the provider has.
        fn begins(&self, hour: i64, public_url: &str, has: Option<&Has>) -> Hooks {
            let base = serde_json::from_value(public_url.into()).unwrap();
            let hooks = Hooks::open(self.state.path(), Arc::clone(&self.keyring), base).unwrap();
            if let Some((digest, since)) = has {
                hooks.registered(ACME, digest, *since);
            }
            hooks.forget_previous(at(hour)).unwrap();
            hooks
        }
    }

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hour)
    }

    fn secret(hooks: &Hooks) -> String {
        let url = hooks.url(ACME).unwrap();
        let (_, secret) = url.expose_secret().rsplit_once('/').unwrap();
        secret.to_owned()
    }

    /// The provider gets the URL of now.
    fn register(hooks: &Hooks, hour: i64) -> Has {
        let has = (hooks.digest(ACME).unwrap(), at(hour));
        hooks.registered(ACME, &has.0, has.1);
        has
    }

    #[test]
    fn a_secret_that_was_rotated_away_stays_so_when_the_public_url_changes() {
        let world = World::new();
        let hooks = world.begins(0, "https://old.example.com", None);
        let old = secret(&hooks);
        register(&hooks, 0);
        hooks.rotate(ACME).unwrap();
        let has = register(&hooks, 1);
        assert!(hooks.admit(ACME, &old, at(2)));
        assert!(!hooks.admit(ACME, &old, at(48)));

        let hooks = world.begins(48, "https://new.example.com", Some(&has));
        assert!(!hooks.admit(ACME, &old, at(48)));
        let has = register(&hooks, 49);
        let hooks = world.begins(50, "https://new.example.com", Some(&has));
        assert!(!hooks.admit(ACME, &old, at(50)));
    }

    #[test]
    fn what_the_provider_calls_stays_good_when_the_public_url_and_the_secret_change() {
        let world = World::new();
        let hooks = world.begins(0, "https://old.example.com", None);
        let called = secret(&hooks);
        let has = register(&hooks, 0);

        let hooks = world.begins(48, "https://new.example.com", Some(&has));
        assert_ne!(
            hooks.digest(ACME).unwrap(),
            has.0,
            "the provider is to be told"
        );
        hooks.rotate(ACME).unwrap();
        assert_ne!(secret(&hooks), called);
        assert!(hooks.admit(ACME, &called, at(48)));
    }
}
