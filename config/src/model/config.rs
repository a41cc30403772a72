//! The whole configuration, with the places of its keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{
    Account, Admin, Alarms, Connector, Daemon, Fees, Schedule, Sink, Source, Telemetry, Webhooks,
};
use crate::place::{Place, Places};
use crate::problem::Problem;
use crate::sources::Sources;

/// Everything that `reissue.toml` and `conf.d/*.toml` say.
#[derive(Debug, Clone)]
pub struct Config {
    /// `[daemon]`
    pub daemon: Daemon,
    /// `[admin]`
    pub admin: Admin,
    /// `[webhooks]`; none where no provider calls us.
    pub webhooks: Option<Webhooks>,
    /// `[telemetry]`
    pub telemetry: Telemetry,
    /// `[connectors.NAME]`; an account uses every one of them.
    pub connectors: BTreeMap<String, Connector>,
    /// `[accounts.NAME]`
    pub accounts: BTreeMap<String, Account>,
    /// `[fees.NAME]`; an account uses every connector that they are named after.
    pub fees: BTreeMap<String, Fees>,
    /// `[schedules.NAME]`; every account named here exists.
    pub schedules: BTreeMap<String, Schedule>,
    /// `[sources.NAME]`; each is read for at most one schedule.
    pub sources: BTreeMap<String, Source>,
    /// `[sinks.NAME]`
    pub sinks: BTreeMap<String, Sink>,
    /// `[alarms]`, where somebody is to be told.
    pub alarms: Option<Alarms>,
    pub(crate) text: Arc<Sources>,
    pub(crate) places: Places,
}

impl Config {
    /// Where the key at `path` stands, such as `["accounts", "NAME", "settings", "KEY"]`; an element
    /// of an array by its position, `["accounts", "NAME", "sinks", "0"]`.
    ///
    /// The nearest ancestor that exists if the key itself is absent; none if not even its section is
    /// written.
    pub fn place(&self, path: &[&str]) -> Option<Place> {
        let span = self.places.nearest(path)?;
        Some(Place::new(&self.text, span))
    }

    /// A problem at the key that [`Config::place`] finds, else with the main file as a whole.
    ///
    /// A connector's settings are free-form, so a secret in the wrong place looks like any other
    /// setting: the value of a setting with a problem is never shown. Nor is a webhook's URL, whose path
    /// may be one.
    pub fn problem(&self, path: &[&str], message: impl Into<String>) -> Problem {
        let place = self
            .place(path)
            .unwrap_or_else(|| Place::new(&self.text, 0..0));
        let problem = Problem::new(place, message);
        match path {
            ["accounts", _, "settings", _, ..] | ["sinks", _, "url"] | ["alarms", "url"] => {
                problem.conceal(self.places.values(path).unwrap_or_default().iter().cloned())
            }
            _ => problem,
        }
    }
}
