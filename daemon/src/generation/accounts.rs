//! Accounts: a connector with an environment, secrets and a way to the provider. Nothing is sent, but the
//! connector opens each, so what it refuses of the settings is known before a slot needs them.

use std::collections::BTreeMap;
use std::sync::Arc;

use reissue_config::{self as config, Sink, nearest};
use reissue_connector_api::{self as api, Manifest};

use super::build::Builder;
use crate::account::Account;
use crate::connector::Connector;
use crate::egress::{Egress, Limits, Whose};

impl Builder<'_> {
    pub(super) fn accounts(&mut self) -> BTreeMap<String, Arc<Account>> {
        let mut accounts = BTreeMap::new();
        for (name, settings) in &self.config.accounts {
            if let Some(account) = self.account(name, settings) {
                accounts.insert(name.clone(), Arc::new(account));
            }
        }
        accounts
    }

    fn account(&mut self, name: &str, settings: &config::Account) -> Option<Account> {
        let before = self.problems.len();
        let connector = self.connector(name, &settings.connector)?;
        let manifest = *connector.manifest();
        let origin = self.origin(name, settings, &manifest)?;
        let limits = Limits {
            requests_per_second: f64::from(settings.limits.requests_per_second.get()),
            response_bytes: settings.limits.response_bytes,
            idle: settings.limits.idle_timeout,
            call: settings.limits.call_timeout,
        };
        let place = ["accounts", name];
        let (proxy, ca) = (settings.proxy.as_ref(), settings.ca.as_ref());
        let way = self.way(&place, Whose::Account, proxy, ca)?;
        let egress = match Egress::new(&origin, way, limits, self.runtime.clone()) {
            Ok(egress) => Arc::new(egress),
            Err(why) => {
                self.problem(&["accounts", name, "base_url"], why, None);
                return None;
            }
        };
        let mut secrets = self.secrets(name, settings, &manifest);
        self.recall(name, &mut secrets, &manifest);
        self.guard_pans(name, settings, &manifest);
        if self.problems.len() > before {
            return None;
        }
        let identity = api::Account {
            name: name.to_owned(),
            authority: egress.authority().to_owned(),
            secrets,
        };
        let opened = Account::open(settings, connector, egress, identity);
        opened
            .map_err(|fault| self.refused_settings(name, &fault.message))
            .ok()
    }

    fn connector(&mut self, account: &str, name: &str) -> Option<Arc<Connector>> {
        if let Some(connector) = self.catalogue.connectors.get(name) {
            return Some(Arc::clone(connector));
        }
        if self.catalogue.may_be_quarantined(name) {
            self.waiting.insert(account.to_owned(), name.to_owned());
            return None;
        }
        let known: Vec<&str> = self.catalogue.connectors.keys().copied().collect();
        let directories: Vec<String> = self
            .config
            .daemon
            .connector_dirs
            .iter()
            .map(|directory| directory.display().to_string())
            .collect();
        let refused: Vec<String> = self
            .catalogue
            .refused
            .iter()
            .map(|refused| format!("{} {}", refused.source.display(), refused.why))
            .collect();
        let help = match (nearest(name, known.iter().copied()), known.as_slice()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, []) if !refused.is_empty() => {
                format!("found but not used: {}", refused.join("; "))
            }
            (None, []) => format!("put its .so into {}", directories.join(" or ")),
            (None, known) if refused.is_empty() => format!("loaded are: {}", known.join(", ")),
            (None, known) => format!(
                "loaded are: {}; found but not used: {}",
                known.join(", "),
                refused.join("; ")
            ),
        };
        let message = format!("there is no connector `{name}`");
        self.problem(&["accounts", account, "connector"], message, Some(help));
        None
    }

    /// Where its provider is.
    fn origin(
        &mut self,
        name: &str,
        settings: &config::Account,
        manifest: &Manifest,
    ) -> Option<String> {
        if let Some(origin) = &settings.base_url {
            return Some(origin.to_string());
        }
        let wanted = settings.environment.as_deref().unwrap_or_default();
        let known = || {
            manifest
                .environments
                .iter()
                .map(|environment| environment.name)
        };
        if let Some(found) = manifest.environments.iter().find(|one| one.name == wanted) {
            return Some(found.base_url.into());
        }
        let help = match nearest(wanted, known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has: {}", known().collect::<Vec<_>>().join(", ")),
        };
        let message = format!(
            "connector `{}` has no environment `{wanted}`",
            manifest.name
        );
        self.problem(&["accounts", name, "environment"], message, Some(help));
        None
    }

    /// Full card numbers leave only encrypted, or by an explicit word.
    fn guard_pans(&mut self, name: &str, settings: &config::Account, manifest: &Manifest) {
        if !manifest.pans.received() {
            return;
        }
        for sink in &settings.sinks {
            if let Some(Sink::Files(files)) = self.config.sinks.get(sink)
                && !files.may_hold_pans()
            {
                let message = format!(
                    "sink `{sink}` would hold full card numbers in the clear: account `{name}` \
                     receives them"
                );
                let help =
                    "add `recipients = [\"age1…\"]`, or accept it with `plaintext = \"i-accept\"`";
                self.problem(&["sinks", sink], message, Some(help.into()));
            }
        }
    }

    /// A connector's complaint about settings: placed at the key that it names, if it names one. What
    /// stands in the settings is not repeated: a person may have put a secret there.
    fn refused_settings(&mut self, account: &str, message: &str) {
        let settings = &self.config.accounts[account];
        let mut message = message.to_owned();
        for value in settings
            .settings
            .as_object()
            .into_iter()
            .flat_map(|it| it.values())
        {
            if let Some(text) = value.as_str().filter(|text| !text.is_empty()) {
                message = message
                    .replace(&format!("unknown variant `{text}`"), "an unknown value")
                    .replace(&format!("`{text}`"), "this value");
            }
        }
        let named = message.split('`').nth(1).unwrap_or_default().to_owned();
        let expected: Vec<&str> = message
            .split_once("expected")
            .map(|(_, rest)| rest.split('`').skip(1).step_by(2).collect())
            .unwrap_or_default();
        let help = match nearest(&named, expected.iter().copied()) {
            Some(near) => Some(format!("did you mean `{near}`?")),
            // A connector's own sentence says what to do; what only tells of types does not.
            None => ["missing field", "expected"]
                .iter()
                .any(|word| message.contains(word))
                .then(|| {
                    let connector = &settings.connector;
                    format!("`reissue connectors inspect {connector}` explains its settings")
                }),
        };
        let section = match settings.secrets.contains_key(&named) {
            true if settings.settings.get(&named).is_none() => "secrets",
            _ => "settings",
        };
        let path = ["accounts", account, section, &named];
        let known = settings.settings.get(&named).is_some() || section == "secrets";
        let path = if known { &path[..] } else { &path[..3] };
        self.problem(
            path,
            format!("the connector refuses the settings: {message}"),
            help,
        );
    }
}
