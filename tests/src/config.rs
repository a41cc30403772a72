//! The configuration of a test: what nearly all of them share, and what one wants besides.

use std::fmt::Write;
use std::net::SocketAddr;
use std::path::Path;

use crate::asks::Asks;

/// The account that every configuration has unless it is asked not to.
pub const ACCOUNT: &str = "barclays-uk";

/// The account and the schedule of an animal of the zoo.
pub const ZOO: &str = "zoo";

/// A slot that no test lives to see, so that only `reissue run` opens one.
const NEVER: &str = "0 0 29 2 *";

/// A configuration: the account [`ACCOUNT`] at the sandbox, the schedules `amex-daily` and `harvest`
/// which never fall due by themselves, and the sink `billing`.
#[derive(Debug, Clone)]
pub struct Config {
    cron: String,
    accounts: Vec<String>,
    schedules: Vec<[String; 3]>,
    timings: String,
    in_accounts: String,
    in_schedules: String,
    in_sink: String,
    zoo: Option<String>,
    asks: Vec<(Asks, String)>,
    pushes: Option<String>,
    more: String,
}

impl Default for Config {
    fn default() -> Self {
        let empty = Self {
            cron: NEVER.into(),
            accounts: Vec::new(),
            schedules: Vec::new(),
            timings: r#"first_poll = "1s", poll_every = "1s""#.into(),
            in_accounts: String::new(),
            in_schedules: String::new(),
            in_sink: String::new(),
            zoo: None,
            asks: Vec::new(),
            pushes: None,
            more: String::new(),
        };
        empty
            .account(ACCOUNT)
            .schedule("amex-daily", ACCOUNT, "amex-daily")
            .schedule("harvest", ACCOUNT, "harvest")
    }
}

impl Config {
    /// Every schedule falls due by this line.
    pub fn cron(mut self, cron: &str) -> Self {
        self.cron = cron.into();
        self
    }

    /// One more account, with the same credentials, so that it sees the same batches.
    pub fn account(mut self, name: &str) -> Self {
        self.accounts.push(name.into());
        self
    }

    /// One more schedule.
    pub fn schedule(mut self, name: &str, account: &str, job: &str) -> Self {
        self.schedules.push([name, account, job].map(Into::into));
        self
    }

    /// Other timings in every account than a first look after a second, and one every second.
    pub fn timings(mut self, timings: &str) -> Self {
        self.timings = timings.into();
        self
    }

    /// A further line in every account.
    pub fn in_accounts(mut self, line: &str) -> Self {
        writeln!(self.in_accounts, "{line}").unwrap();
        self
    }

    /// A further line in every schedule.
    pub fn in_schedules(mut self, line: &str) -> Self {
        writeln!(self.in_schedules, "{line}").unwrap();
        self
    }

    /// A further line in the sink.
    pub fn in_sink(mut self, line: &str) -> Self {
        writeln!(self.in_sink, "{line}").unwrap();
        self
    }

    /// An account of the connector `zoo`, with these lines, and its schedule.
    pub fn zoo(mut self, lines: &str) -> Self {
        self.zoo = Some(lines.to_owned());
        self
    }

    /// An account that is given cards, with these lines, and its schedule and source.
    pub fn asks(mut self, whom: Asks, lines: &str) -> Self {
        self.asks.push((whom, lines.to_owned()));
        self
    }

    /// The sink `push` in every account, with these lines: it posts to the sandbox's
    /// [receiver](crate::Sandbox::receiver) of that name.
    pub fn pushes(mut self, lines: &str) -> Self {
        self.pushes = Some(lines.to_owned());
        self
    }

    /// Further tables.
    pub fn more(mut self, toml: &str) -> Self {
        writeln!(self.more, "{toml}").unwrap();
        self
    }

    /// The connectors that those who are given cards need.
    pub(crate) fn connectors(&self) -> impl Iterator<Item = &'static str> {
        self.asks.iter().map(|(whom, _)| whom.connector())
    }

    /// The TOML for a world in this folder, a provider at this address, and a daemon that is called at that
    /// one.
    pub(crate) fn render(&self, folder: &Path, provider: &str, webhooks: SocketAddr) -> String {
        let Self {
            cron,
            timings,
            in_accounts,
            in_schedules,
            in_sink,
            more,
            ..
        } = self;
        let folder = folder.display();
        let sinks = match self.pushes {
            Some(_) => r#"["billing", "push"]"#,
            None => r#"["billing"]"#,
        };
        let mut toml = format!(
            r#"[daemon]
state_dir = "{folder}/state"
connector_dirs = ["{folder}/connectors"]
key = {{ file = "{folder}/key" }}

[admin]
socket = "{folder}/admin.sock"

[telemetry]
log = "debug"

[sinks.billing]
kind = "files"
dir = "{folder}/updates"
{in_sink}
"#
        );
        if let Some(lines) = &self.pushes {
            let push = format!(
                r#"[sinks.push]
kind = "webhook"
url = "{provider}/_receiver/push"
secrets = [{{ file = "{folder}/push-secret" }}]
{lines}
"#
            );
            toml.push_str(&push);
        }
        if self.asks.iter().any(|(whom, _)| *whom == Asks::Amex) {
            let called = format!(
                r#"[webhooks]
listen = "{webhooks}"
public_url = "http://{webhooks}"
"#
            );
            toml.push_str(&called);
        }
        for name in &self.accounts {
            let account = format!(
                r#"[accounts.{name}]
connector = "smartpayfuse"
base_url = "{provider}"
settings = {{ merchant_id = "demo_merchant_001", key_id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301" }}
secrets = {{ shared_secret = {{ file = "{folder}/secret" }} }}
sinks = {sinks}
timings = {{ {timings} }}
{in_accounts}
"#
            );
            toml.push_str(&account);
        }
        if let Some(lines) = &self.zoo {
            let zoo = format!(
                r#"[accounts.{ZOO}]
connector = "zoo"
base_url = "{provider}"
sinks = {sinks}
{lines}

[schedules.{ZOO}]
account = "{ZOO}"
job = "listing"
cron = "{cron}"
"#
            );
            toml.push_str(&zoo);
        }
        for (whom, lines) in &self.asks {
            let name = whom.name();
            let (account, job) = whom.account();
            let account = account.replace("FOLDER", &folder.to_string());
            let asks = format!(
                r#"[accounts.{name}]
{account}
base_url = "{provider}"
sinks = {sinks}
cards_per_day = 1000000
timings = {{ {timings} }}
{in_accounts}
{lines}

[sources.{name}]
kind = "csv"
path = "{folder}/cards/{name}/*.csv"
settle = "1s"

[schedules.{name}]
account = "{name}"
job = "{job}"
source = "{name}"
cron = "{cron}"
{in_schedules}
"#
            );
            toml.push_str(&asks);
        }
        for [name, account, job] in &self.schedules {
            let schedule = format!(
                "[schedules.{name}]\naccount = \"{account}\"\njob = \"{job}\"\ncron = \"{cron}\"\n{in_schedules}\n"
            );
            toml.push_str(&schedule);
        }
        toml + more
    }
}
