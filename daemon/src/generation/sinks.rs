//! Sinks, and the receiver of alarms. Nothing is sent.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use reissue_config::{self as config, Proxy, SecretRef, WebhookUrl};

use super::build::Builder;
use crate::egress::{Egress, Limits, Whose};
use crate::sink::webhook::{Sender, Signer};
use crate::sink::{FilesSink, Sink, WebhookSink, recipients};

impl Builder<'_> {
    pub(super) fn sinks(&mut self) -> BTreeMap<String, Arc<Sink>> {
        let mut sinks = BTreeMap::new();
        let mut directories = BTreeMap::new();
        for (name, settings) in &self.config.sinks {
            let sink = match settings {
                config::Sink::Files(settings) => {
                    self.check_directory(name, &settings.dir, &mut directories);
                    self.files(name, settings).map(Sink::Files)
                }
                config::Sink::Webhook(settings) => self.webhook(name, settings).map(Sink::Webhook),
            };
            sinks.extend(sink.map(|sink| (name.clone(), Arc::new(sink))));
        }
        sinks
    }

    /// The way to whoever is told what needs a person.
    pub(super) fn alarms(&mut self) -> Option<Arc<Sender>> {
        let alarms = self.config.alarms.as_ref()?;
        let receiver = Receiver {
            place: &["alarms"],
            url: &alarms.url,
            secrets: &alarms.secrets,
            timeout: alarms.timeout,
            proxy: alarms.proxy.as_ref(),
            ca: alarms.ca.as_ref(),
        };
        self.sender(&receiver).map(Arc::new)
    }

    fn files(&mut self, name: &str, settings: &config::FilesSink) -> Option<FilesSink> {
        FilesSink::new(settings)
            .map_err(|(key, why)| self.problem(&["sinks", name, key], why, None))
            .ok()
    }

    fn check_directory<'d>(
        &mut self,
        name: &'d str,
        directory: &'d Path,
        others: &mut BTreeMap<&'d Path, &'d str>,
    ) {
        let place = ["sinks", name, "dir"];
        if let Some(other) = others.insert(directory, name) {
            let message = format!("sink `{other}` writes into the same directory");
            let help = "give each sink a directory of its own: their files have the same names";
            self.problem(&place, message, Some(help.into()));
        }
        let state = &self.config.daemon.state_dir;
        if directory.starts_with(state) || state.starts_with(directory) {
            let message = format!(
                "sink `{name}` and the daemon's state_dir {} lie in one another",
                state.display()
            );
            let help = "give the sink a directory apart: whoever reads it must not reach the state";
            self.problem(&place, message, Some(help.into()));
        }
    }

    fn webhook(&mut self, name: &str, settings: &config::WebhookSink) -> Option<WebhookSink> {
        let place = ["sinks", name, "recipients"];
        match (settings.include_pan, settings.recipients.is_empty()) {
            (true, true) => {
                let message =
                    "full card numbers are sent encrypted only, and nobody could open them";
                let help = "add `recipients = [\"age1…\"]`, or leave out `include_pan`";
                let place = ["sinks", name, "include_pan"];
                self.problem(&place, message, Some(help.into()));
            }
            (false, false) => {
                let message =
                    "without `include_pan` nothing is encrypted, so there is nothing to open";
                let help = "remove `recipients`, or add `include_pan = true`";
                self.problem(&place, message, Some(help.into()));
            }
            _ => {}
        }
        let recipients = recipients(&settings.recipients)
            .map_err(|why| self.problem(&place, why, None))
            .ok();
        let receiver = Receiver {
            place: &["sinks", name],
            url: &settings.url,
            secrets: &settings.secrets,
            timeout: settings.timeout,
            proxy: settings.proxy.as_ref(),
            ca: settings.ca.as_ref(),
        };
        let sender = self.sender(&receiver)?;
        Some(WebhookSink::new(name, sender, recipients?))
    }

    fn sender(&mut self, receiver: &Receiver<'_>) -> Option<Sender> {
        let place = |key| [receiver.place, &[key]].concat();
        let signer = self.signer(&place("secrets"), receiver.secrets);
        let way = self.way(receiver.place, Whose::Webhook, receiver.proxy, receiver.ca)?;
        // One message at a time, and its answer is hardly read.
        let limits = Limits {
            requests_per_second: 1_000.0,
            response_bytes: 64 * 1024,
            idle: receiver.timeout,
            call: 2 * receiver.timeout,
        };
        let egress = Egress::new(&receiver.url.origin(), way, limits, self.runtime.clone())
            .map_err(|why| self.problem(&place("url"), why, None))
            .ok()?;
        Some(Sender::new(egress, receiver.url.path(), signer?))
    }

    fn signer(&mut self, place: &[&str], references: &[SecretRef]) -> Option<Signer> {
        const MAKE: &str = "`echo whsec_$(openssl rand -base64 32)` makes one";
        if !(1..=2).contains(&references.len()) {
            let message = "a webhook has one secret, or two while one takes the other's place";
            self.problem(place, message, Some(MAKE.into()));
            return None;
        }
        let mut secrets = Vec::new();
        for (number, reference) in references.iter().enumerate() {
            match reference.resolve(self.credentials) {
                Ok(secret) => secrets.push(secret),
                Err(why) => {
                    let number = number.to_string();
                    self.problem(&[place, &[&number]].concat(), why.to_string(), None);
                }
            }
        }
        if secrets.len() < references.len() {
            return None;
        }
        let refuse = |number: usize| {
            let message = format!(
                "{} holds no webhook's secret, which is `whsec_` and 24 to 64 bytes in base64",
                references[number]
            );
            let number = number.to_string();
            self.problem(&[place, &[&number]].concat(), message, Some(MAKE.into()));
        };
        Signer::new(&secrets).map_err(refuse).ok()
    }
}

/// What is configured of a webhook's receiver, and where.
struct Receiver<'c> {
    place: &'c [&'c str],
    url: &'c WebhookUrl,
    secrets: &'c [SecretRef],
    timeout: Duration,
    proxy: Option<&'c Proxy>,
    ca: Option<&'c PathBuf>,
}
