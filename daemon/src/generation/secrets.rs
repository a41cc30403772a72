//! The secrets of an account: those that the configuration refers to, and what was remembered from its
//! enrolment where it may be left out. The configuration wins, so that a lost state directory can be made
//! up for.

use reissue_config::{Account, nearest};
use reissue_connector_api::{Manifest, Secrets};

use super::build::Builder;
use crate::ledger::remembered::Remembered;

impl Builder<'_> {
    pub(super) fn secrets(
        &mut self,
        name: &str,
        settings: &Account,
        manifest: &Manifest,
    ) -> Secrets {
        let mut secrets = Secrets::default();
        for wanted in manifest.secrets {
            if !wanted.optional && !settings.secrets.contains_key(wanted.name) {
                let message = format!(
                    "the secret `{}` is missing ({})",
                    wanted.name, wanted.summary
                );
                let help = format!("secrets = {{ {} = {{ file = \"…\" }} }}", wanted.name);
                self.problem(&["accounts", name, "secrets"], message, Some(help));
            }
        }
        for (secret, reference) in &settings.secrets {
            let place = ["accounts", name, "secrets", secret];
            if !manifest.secrets.iter().any(|wanted| wanted.name == secret) {
                let known = manifest.secrets.iter().map(|wanted| wanted.name);
                let help = nearest(secret, known).map(|near| format!("did you mean `{near}`?"));
                let message = format!("connector `{}` has no secret `{secret}`", manifest.name);
                self.problem(&place, message, help);
                continue;
            }
            match reference.resolve(self.credentials) {
                Ok(value) => _ = secrets.0.insert(secret.clone(), value),
                Err(why) => self.problem(&place, why.to_string(), None),
            }
        }
        secrets
    }

    /// Adds what was remembered from the account's enrolment of the secrets that may be left out.
    pub(super) fn recall(&mut self, name: &str, secrets: &mut Secrets, manifest: &Manifest) {
        let left_out: Vec<&str> = manifest
            .secrets
            .iter()
            .filter(|secret| secret.optional && !secrets.0.contains_key(secret.name))
            .map(|secret| secret.name)
            .collect();
        let Some(keyring) = self.keyring.filter(|_| !left_out.is_empty()) else {
            return;
        };
        match Remembered::read(&self.config.daemon.state_dir, name, keyring) {
            Ok(remembered) => {
                let remembered = remembered.secrets.0.into_iter();
                let wanted = remembered.filter(|(name, _)| left_out.contains(&name.as_str()));
                secrets.0.extend(wanted);
            }
            Err(error) => {
                let message = format!("what its enrolment left cannot be opened: {error}");
                self.problem(&["accounts", name], message, None);
            }
        }
    }
}
