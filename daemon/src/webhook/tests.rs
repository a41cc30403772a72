//! Which secrets are good when.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use reissue_config::PublicUrl;
use reissue_connector_api::ExposeSecret;

use super::Hooks;
use crate::clock;
use crate::seal::{Keyring, MasterKey};

const DAY: TimeDelta = TimeDelta::hours(24);

fn keyring(state: &Path) -> Arc<Keyring> {
    let master = MasterKey::from_base64(&MasterKey::generate()).unwrap();
    Arc::new(Keyring::create(&state.join("keyring.json"), &master, clock::now()).unwrap())
}

fn public_url(text: &str) -> PublicUrl {
    serde_json::from_value(text.into()).unwrap()
}

fn open(state: &Path, keyring: &Arc<Keyring>) -> Hooks {
    let base = public_url("https://billing.example.com/reissue/");
    Hooks::open(state, Arc::clone(keyring), base).unwrap()
}

/// The secret in the URL of now.
fn secret(hooks: &Hooks) -> String {
    let url = hooks.url("acme").unwrap();
    let url = url.expose_secret();
    let secret = url.strip_prefix("https://billing.example.com/reissue/hooks/acme/");
    secret.unwrap().to_owned()
}

/// The provider has got the URL of now.
fn register(hooks: &Hooks, at: DateTime<Utc>) {
    hooks.registered("acme", &hooks.digest("acme").unwrap(), at);
}

#[test]
fn a_secret_is_made_once_and_opens_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let keyring = keyring(directory.path());
    let hooks = open(directory.path(), &keyring);
    let now = clock::now();
    assert_eq!(hooks.digest("acme"), None);
    assert!(!hooks.admit("acme", "", now));

    let first = secret(&hooks);

    assert_eq!(first.len(), 43);
    assert_eq!(secret(&hooks), first);
    assert!(hooks.admit("acme", &first, now));
    assert!(!hooks.admit("other", &first, now));
    for wrong in ["", &first[1..], &format!("{first}x"), &first.to_lowercase()] {
        assert!(!hooks.admit("acme", wrong, now), "{wrong}");
    }
    // The same to the next daemon.
    let digest = hooks.digest("acme");
    let hooks = open(directory.path(), &keyring);
    assert_eq!(hooks.digest("acme"), digest);
    assert_eq!(secret(&hooks), first);
}

#[test]
fn the_secret_before_is_good_until_the_new_one_was_registered_for_a_day() {
    let directory = tempfile::tempdir().unwrap();
    let keyring = keyring(directory.path());
    let hooks = open(directory.path(), &keyring);
    let now = clock::now();
    let first = secret(&hooks);
    register(&hooks, now);
    hooks.rotate("acme").unwrap();
    let second = secret(&hooks);
    let good = |at| [&first, &second].map(|secret| hooks.admit("acme", secret, at));
    assert_ne!(first, second);
    assert_eq!(good(now + DAY * 30), [true, true]);

    // Of the old URL the provider may be told as often as it likes.
    hooks.registered("acme", "another", now);
    assert_eq!(good(now + DAY * 30), [true, true]);
    register(&hooks, now);
    assert_eq!(good(now + DAY), [true, true]);
    assert_eq!(good(now + DAY + TimeDelta::seconds(1)), [false, true]);

    // And so it is after a restart, once the ledger has said when it was registered.
    let hooks = open(directory.path(), &keyring);
    register(&hooks, now);
    assert!(!hooks.admit("acme", &first, now + DAY * 2));
}

#[test]
fn one_that_no_provider_ever_got_does_not_push_out_one_that_did() {
    let directory = tempfile::tempdir().unwrap();
    let hooks = open(directory.path(), &keyring(directory.path()));
    let now = clock::now();
    let first = secret(&hooks);
    register(&hooks, now);
    hooks.rotate("acme").unwrap();
    let unused = secret(&hooks);

    hooks.rotate("acme").unwrap();

    assert!(hooks.admit("acme", &first, now));
    assert!(!hooks.admit("acme", &unused, now));
    register(&hooks, now);
    hooks.rotate("acme").unwrap();
    assert!(!hooks.admit("acme", &first, now));
}
