//! Schedules: each needs a job that its account's connector has, and one that asks about cards needs to
//! know which, and what they may cost.

use std::collections::BTreeMap;
use std::sync::Arc;

use reissue_config::{self as config, nearest};
use reissue_connector_api::{Job, Manifest, Verb};

use super::Schedule;
use super::build::Builder;
use crate::schedule::Timetable;
use crate::source::Source;

impl Builder<'_> {
    pub(super) fn schedules(&mut self) -> BTreeMap<String, Arc<Schedule>> {
        let mut schedules = BTreeMap::new();
        for (name, settings) in &self.config.schedules {
            if let Some(schedule) = self.schedule(name, settings) {
                schedules.insert(name.clone(), Arc::new(schedule));
            }
        }
        schedules
    }

    fn schedule(&mut self, name: &str, settings: &config::Schedule) -> Option<Schedule> {
        let timetable = match Timetable::of(name, settings) {
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
        self.webhook_for(name, job);
        Some(Schedule {
            name: name.to_owned(),
            account: settings.account.clone(),
            job,
            timetable,
            times: format!("{} {}", settings.cron, settings.timezone.name()),
            expect_every: settings.expect_every,
            first_lookback: settings.first_lookback.unwrap_or(job.first_lookback),
            source: self.source_of(name, settings, job),
            rules: self.rules(name, settings, job),
            follow_updates: self.follow_updates(name, settings, job),
        })
    }

    /// Whether the new number of a subscribed card takes the place of the old one; and an account keeps
    /// one set of subscriptions, which one schedule alone compares with what is wanted.
    fn follow_updates(&mut self, name: &str, settings: &config::Schedule, job: &Job) -> bool {
        if job.verb != Verb::Subscribe {
            if settings.follow_updates.is_some() {
                let message = format!("job `{}` keeps no subscriptions", job.name);
                let help = "remove the key, or name a job that does";
                self.problem(
                    &["schedules", name, "follow_updates"],
                    message,
                    Some(help.into()),
                );
            }
            return false;
        }
        let account = &settings.account;
        if let Some(other) = self.keepers.insert(account.clone(), name.to_owned()) {
            let message =
                format!("schedule `{other}` keeps the subscriptions of account `{account}`");
            let help = "give the account one such schedule; its source may be of many files";
            self.problem(&["schedules", name, "job"], message, Some(help.into()));
        }
        settings.follow_updates.unwrap_or(true)
    }

    /// A job that asks about cards needs to know which, and what it may cost.
    fn source_of(
        &mut self,
        name: &str,
        settings: &config::Schedule,
        job: &Job,
    ) -> Option<Arc<Source>> {
        let asks = matches!(job.verb, Verb::Submit | Verb::Subscribe);
        match (asks, &settings.source) {
            (true, None) => {
                let does = match job.verb {
                    Verb::Subscribe => "subscribes",
                    _ => "asks about",
                };
                let message = format!("job `{}` {does} cards, and nobody says which", job.name);
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
            let (does, what) = match job.verb {
                Verb::Subscribe => ("subscribes", "pair"),
                _ => ("asks about", "answer"),
            };
            let message = format!(
                "account `{}` {does} cards, and nobody says how many it may in a day",
                settings.account
            );
            let help = format!("each {what} is paid for: cards_per_day = 50000");
            self.problem(&["accounts", &settings.account], message, Some(help));
        }
        self.sources.get(settings.source.as_ref()?).cloned()
    }

    /// A job whose provider calls us needs a place where it can.
    fn webhook_for(&mut self, schedule: &str, job: &Job) {
        if !job.needs_webhook || self.config.webhooks.is_some() {
            return;
        }
        let message = format!(
            "the provider calls us for job `{}`, and nobody says where",
            job.name
        );
        let help = "add [webhooks] with `listen` and `public_url`; reissue.toml explains them";
        self.problem(&["schedules", schedule, "job"], message, Some(help.into()));
    }

    fn job(&mut self, schedule: &str, wanted: &str, manifest: &Manifest) -> Option<&'static Job> {
        let known = || manifest.jobs.iter().map(|job| job.name);
        let (message, help) = match manifest.job(wanted) {
            Some(job) if job.verb != Verb::Unknown => return Some(job),
            Some(_) => (
                format!(
                    "job `{wanted}` asks of the connector what this version of the daemon does not know"
                ),
                Some("update the daemon, or use an older connector".to_owned()),
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
}
