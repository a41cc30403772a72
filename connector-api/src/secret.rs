//! Secrets by name, masked in `Debug` and wiped from memory.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

/// Secrets by name.
///
/// They serialise in the clear, because that is how they cross the boundary, and how they are sealed:
/// inside one process, in a buffer that is wiped. Nothing else may serialise them.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Secrets(pub BTreeMap<String, SecretString>);

impl Serialize for Secrets {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(
            self.0
                .iter()
                .map(|(name, secret)| (name, secret.expose_secret())),
        )
    }
}
