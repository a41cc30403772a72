//! Settings that nobody can know of, and secrets that are not missed or not kept.

use reissue_connector_api::testkit::{Provider, violations};
use reissue_connector_api::*;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::model::{Flaw, KEY, MANIFEST, provider, refused};

/// A connector with such settings and nothing else.
macro_rules! with_settings {
    ($name:ident, $settings:ty) => {
        struct $name;

        impl Connector for $name {
            const MANIFEST: Manifest = MANIFEST;
            type Settings = $settings;

            fn open(_: $settings, account: &Account) -> Result<Self, Fault> {
                account.secret("key")?;
                Ok(Self)
            }
        }
    };
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Undocumented {
    #[serde(rename = "merchant")]
    _merchant: String,
}

#[derive(Deserialize, JsonSchema)]
struct Open {
    /// Whose account it is.
    #[serde(rename = "merchant")]
    _merchant: String,
}

with_settings!(Mute, Undocumented);
with_settings!(Trusting, Open);

struct NeedsNoSecret;

impl Flaw for NeedsNoSecret {
    fn open(_: &Account) -> Result<(), Fault> {
        Ok(())
    }
}

struct NeedsOptionalSecret;

impl Flaw for NeedsOptionalSecret {
    const MANIFEST: Manifest = Manifest {
        secrets: &[SecretName {
            optional: true,
            from_enrolment: false,
            ..MANIFEST.secrets[0]
        }],
        ..MANIFEST
    };
}

struct ShowsSecret;

impl Flaw for ShowsSecret {
    fn open(account: &Account) -> Result<(), Fault> {
        match account.secret("key")?.expose_secret() {
            KEY => Ok(()),
            other => Err(Fault::settings(format!("`key` is wrong: {other}"))),
        }
    }
}

struct ClaimsNoSecret;

impl Flaw for ClaimsNoSecret {
    const MANIFEST: Manifest = Manifest {
        secrets: &[],
        ..MANIFEST
    };
}

#[track_caller]
fn refused_with<C: Connector>(provider: &Provider, sentence: &str) {
    assert_eq!(violations::<C>(provider)[0], sentence);
}

#[test]
fn settings_are_documented_and_closed() {
    refused_with::<Mute>(
        &provider(),
        "the setting `merchant` is not documented: write a doc comment above the field; \
         operators read it in `reissue connectors inspect`",
    );
    refused_with::<Trusting>(
        &provider(),
        "a setting that does not exist is accepted: put `#[serde(deny_unknown_fields)]` on \
         `Settings`, so that a typo is an error with a name",
    );
}

#[test]
fn the_scripted_account_can_be_opened() {
    let other = Provider::new(json!({})).secret("key", KEY);
    refused_with::<Mute2>(
        &other,
        "the scripted account cannot be opened: settings: missing field `merchant`; give \
         `Provider` settings and secrets that are right",
    );
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Documented {
    /// Whose account it is.
    #[serde(rename = "merchant")]
    _merchant: String,
}

with_settings!(Mute2, Documented);

#[test]
fn a_secret_is_claimed_missed_and_never_shown() {
    refused::<NeedsNoSecret>(
        "leaving out the secret `key` is accepted: take it with `Account::secret` in `open`",
    );
    refused::<NeedsOptionalSecret>(
        "the manifest says that the secret `key` is optional, and without it the account cannot \
         be opened: settings: the secret `key` is missing: give it under `secrets` of account \
         `test-account`",
    );
    refused::<ShowsSecret>(
        "a wrong secret `key` is repeated in the fault of `open`: say what is wrong with it and \
         never the value",
    );
    refused_with::<crate::model::With<ClaimsNoSecret>>(
        &provider(),
        "the secret `key` is scripted, and the manifest does not claim it: operators could not \
         know of it; add it to `secrets`",
    );
    let none = Provider::new(json!({ "merchant": "acme" }));
    refused_with::<Mute2>(
        &none,
        "the manifest claims the secret `key`, which is not scripted: add `.secret(\"key\", …)` \
         to the `Provider`",
    );
}
