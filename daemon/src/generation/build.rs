//! What becomes of a configuration's sections, and everything that can be wrong with them beyond
//! their form.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::path::Path;
use std::sync::Arc;

use reissue_config::{Config, Problem, Problems, Sink, nearest};
use reissue_connector_api::{self as api, Job, Manifest, Secrets, Verb};
use tokio::runtime::Handle;

use super::Schedule;
use crate::account::{Account, Parts};
use crate::connector::{Catalogue, Connector};
use crate::egress::{Egress, Limits};
use crate::ledger::brake::Brakes;
use crate::ledger::remembered::Remembered;
use crate::schedule::Timetable;
use crate::seal::Keyring;
use crate::sink::FilesSink;
use crate::source::Source;

/// Resolves section after section and collects the problems.
pub(super) struct Builder<'c> {
    pub(super) config: &'c Config,
    pub(super) catalogue: &'c Catalogue,
    pub(super) credentials: Option<&'c Path>,
    /// Opens what enrolments left.
    pub(super) keyring: Option<&'c Keyring>,
    pub(super) runtime: &'c Handle,
    pub(super) waiting: BTreeMap<String, String>,
    pub(super) sources: BTreeMap<String, Arc<Source>>,
    pub(super) problems: Problems,
}

impl Builder<'_> {
    pub(super) fn sinks(&mut self) -> BTreeMap<String, Arc<FilesSink>> {
        let mut sinks = BTreeMap::new();
        let mut directories: BTreeMap<&Path, &str> = BTreeMap::new();
        for (name, Sink::Files(settings)) in &self.config.sinks {
            if let Some(other) = directories.insert(&settings.dir, name) {
                let message = format!("sink `{other}` writes into the same directory");
                let help = "give each sink a directory of its own: their files have the same names";
                self.problem(&["sinks", name, "dir"], message, Some(help.into()));
            }
            let state = &self.config.daemon.state_dir;
            if settings.dir.starts_with(state) || state.starts_with(&settings.dir) {
                let message = format!(
                    "sink `{name}` and the daemon's state_dir {} lie in one another",
                    state.display()
                );
                let help =
                    "give the sink a directory apart: whoever reads it must not reach the state";
                self.problem(&["sinks", name, "dir"], message, Some(help.into()));
            }
            match FilesSink::new(settings) {
                Ok(sink) => _ = sinks.insert(name.clone(), Arc::new(sink)),
                Err((key, why)) => self.problem(&["sinks", name, key], why, None),
            }
        }
        sinks
    }

    pub(super) fn accounts(&mut self) -> BTreeMap<String, Arc<Account>> {
        let mut accounts = BTreeMap::new();
        for (name, settings) in &self.config.accounts {
            let before = self.problems.len();
            let parts = self.parts(name, settings);
            if let Some(parts) = parts
                && self.problems.len() == before
            {
                match Account::open(parts) {
                    Ok(account) => _ = accounts.insert(name.clone(), Arc::new(account)),
                    Err(fault) => self.refused_settings(name, &fault.message),
                }
            }
        }
        accounts
    }

    fn parts(&mut self, name: &str, settings: &reissue_config::Account) -> Option<Parts> {
        let connector = self.connector(name, &settings.connector)?;
        let manifest = *connector.manifest();
        let (environment, origin) = self.origin(name, settings, &manifest)?;
        let limits = Limits {
            requests_per_second: f64::from(settings.limits.requests_per_second.get()),
            response_bytes: settings.limits.response_bytes,
            idle: settings.limits.idle_timeout,
            call: settings.limits.call_timeout,
        };
        let way = self.way(name, settings)?;
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
        Some(Parts {
            identity: api::Account {
                name: name.to_owned(),
                environment,
                authority: egress.authority().to_owned(),
                secrets,
            },
            connector,
            egress,
            sinks: settings.sinks.clone(),
            concurrent_calls: settings.limits.concurrent_calls.get() as usize,
            enabled: settings.enabled,
            cards_per_day: settings.cards_per_day.map(NonZeroU64::get),
            brakes: Brakes {
                updates: settings.brake_updates.map(NonZeroU64::get),
                shares: settings.brake,
            },
            no_change: settings.no_change,
            timings: settings.timings.clone(),
            settings: settings.settings.clone(),
            given: settings.secrets.keys().cloned().collect(),
        })
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

    /// The environment's name and origin.
    fn origin(
        &mut self,
        name: &str,
        settings: &reissue_config::Account,
        manifest: &Manifest,
    ) -> Option<(String, String)> {
        if let Some(origin) = &settings.base_url {
            return Some(("custom".into(), origin.to_string()));
        }
        let wanted = settings.environment.as_deref().unwrap_or_default();
        let known = || {
            manifest
                .environments
                .iter()
                .map(|environment| environment.name)
        };
        if let Some(found) = manifest.environments.iter().find(|one| one.name == wanted) {
            return Some((found.name.into(), found.base_url.into()));
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

    fn secrets(
        &mut self,
        name: &str,
        settings: &reissue_config::Account,
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
    fn recall(&mut self, name: &str, secrets: &mut Secrets, manifest: &Manifest) {
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

    /// Full card numbers leave only encrypted, or by an explicit word.
    fn guard_pans(&mut self, name: &str, settings: &reissue_config::Account, manifest: &Manifest) {
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

    pub(super) fn schedules(&mut self) -> BTreeMap<String, Arc<Schedule>> {
        let mut schedules = BTreeMap::new();
        for (name, settings) in &self.config.schedules {
            if let Some(schedule) = self.schedule(name, settings) {
                schedules.insert(name.clone(), Arc::new(schedule));
            }
        }
        schedules
    }

    fn schedule(&mut self, name: &str, settings: &reissue_config::Schedule) -> Option<Schedule> {
        let timetable = Timetable::of(name, settings);
        let timetable = match timetable {
            Ok(timetable) => timetable,
            Err(why) => {
                self.problem(&["schedules", name, "cron"], why.to_string(), None);
                return None;
            }
        };
        // An account whose connector is unknown has its own problem already.
        let connector = &self.config.accounts.get(&settings.account)?.connector;
        let manifest = self
            .catalogue
            .connectors
            .get(connector.as_str())?
            .manifest();
        let job = self.job(name, &settings.job, manifest)?;
        Some(Schedule {
            name: name.to_owned(),
            account: settings.account.clone(),
            job,
            timetable,
            times: format!("{} {}", settings.cron, settings.timezone.name()),
            expect_every: settings.expect_every,
            first_lookback: settings.first_lookback.unwrap_or(job.first_lookback),
            source: self.source_of(name, settings, job),
            rules: self.rules(name, settings),
        })
    }

    /// A job that asks about cards needs to know which, and what it may cost.
    fn source_of(
        &mut self,
        name: &str,
        settings: &reissue_config::Schedule,
        job: &Job,
    ) -> Option<Arc<Source>> {
        let asks = job.verb == Verb::Submit;
        match (asks, &settings.source) {
            (true, None) => {
                let message = format!("job `{}` asks about cards, and nobody says which", job.name);
                let help = "name a source: source = \"…\", with [sources.…] beside it";
                self.problem(&["schedules", name, "job"], message, Some(help.into()));
            }
            (false, Some(_)) => {
                let message = format!("job `{}` asks about no cards", job.name);
                let help = "remove the key, or name a job that asks";
                self.problem(&["schedules", name, "source"], message, Some(help.into()));
            }
            _ => {}
        }
        let account = &self.config.accounts[&settings.account];
        if asks && account.cards_per_day.is_none() {
            let message = format!(
                "account `{}` asks about cards, and nobody says how many it may in a day",
                settings.account
            );
            let help = "each answer is paid for: cards_per_day = 50000";
            self.problem(&["accounts", &settings.account], message, Some(help.into()));
        }
        self.sources.get(settings.source.as_ref()?).cloned()
    }

    fn job(&mut self, schedule: &str, wanted: &str, manifest: &Manifest) -> Option<&'static Job> {
        let known = || manifest.jobs.iter().map(|job| job.name);
        let (message, help) = match manifest.job(wanted) {
            Some(job) if matches!(job.verb, Verb::Discover | Verb::Submit) => return Some(job),
            Some(_) => (
                format!("job `{wanted}` keeps subscriptions, which this version cannot do yet"),
                None,
            ),
            None => (
                format!("connector `{}` has no job `{wanted}`", manifest.name),
                Some(match nearest(wanted, known()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("it has: {}", known().collect::<Vec<_>>().join(", ")),
                }),
            ),
        };
        self.problem(&["schedules", schedule, "job"], message, help);
        None
    }

    pub(super) fn problem(
        &mut self,
        path: &[&str],
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let problem: Problem = self.config.problem(path, message);
        self.problems.push(match help {
            Some(help) => problem.help(help),
            None => problem,
        });
    }
}
