//! One set of credentials with one provider, as a connector sees it.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::secret::Secrets;

/// The account that a connector is opened for.
#[derive(Debug, Serialize, Deserialize)]
pub struct Account {
    /// Its name in the configuration.
    pub name: String,
    /// The host, and the port where it is not the scheme's own: what the `Host` header will say and
    /// what a signature must cover.
    pub authority: String,
    /// The secrets by name. Their `Debug` is masked and their memory is wiped.
    pub secrets: Secrets,
}

impl Account {
    /// The secret of that name.
    ///
    /// # Errors
    /// A `settings` fault that names the missing secret.
    pub fn secret(&self, name: &str) -> Result<&SecretString, Fault> {
        self.secrets.0.get(name).ok_or_else(|| {
            Fault::settings(format!(
                "the secret `{name}` is missing: give it under `secrets` of account `{}`",
                self.name
            ))
        })
    }
}
