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

    /// The digest of that URL, by which the ledger remembers it; none before it has a secret.
    pub fn digest(&self, account: &str) -> Option<String> {
        let known = self.read();
        let url = self.url_of(account, known.get(account)?);
        let mac = self.digests.sign(url.expose_secret().as_bytes());
        Some(format!("{:032x}", u128::from_be_bytes(mac)))
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

    /// The provider has had the URL of this digest since then.
    pub fn registered(&self, account: &str, digest: &str, since: DateTime<Utc>) {
        if self.digest(account).as_deref() != Some(digest) {
            return;
        }
        if let Some(hook) = self.write().get_mut(account) {
            hook.registered = Some(since);
        }
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
        let sealed = hook.secrets();
        document::write(&self.path(account), &self.keyring, &place(account), &sealed)?;
        self.write().insert(account.to_owned(), hook);
        Ok(())
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
