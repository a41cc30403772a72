//! `reissue check`: all problems at once, and the next slots. Nothing is sent, unless `--online` asks
//! for one authenticated read at each provider.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use reissue_config::Config;
use reissue_connector_api::{Fault, Verb, Window};
use serde::Serialize;

use super::ask::How;
use super::print::say;
use super::{print, schedules};
use crate::account::Account;
use crate::admin::observe::Observer;
use crate::admin::view::{PlannedView, SinkView, Status};
use crate::clock;
use crate::connector::{Catalogue, Loan, stage};
use crate::egress::Stop;
use crate::failure::{Failure, exit};
use crate::generation::Generation;
use crate::service;
use crate::store::Reading;
use crate::wording::counted;

#[derive(Serialize)]
struct Checked {
    accounts: usize,
    schedules: usize,
    sinks: usize,
    next: Vec<PlannedView>,
    connectors_refused: Vec<stage::Refused>,
    /// Accounts whose connector is quarantined, with its name.
    waiting: BTreeMap<String, String>,
    /// Sinks that do not take what the running daemon has for them.
    failing: Vec<SinkView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    online: Option<Vec<Online>>,
}

/// What a provider answered.
#[derive(Serialize)]
struct Online {
    account: String,
    fault: Option<String>,
}

pub(super) async fn run(how: &How, online: bool) -> Result<ExitCode, Failure> {
    let config = how.load()?;
    // This process ends before anybody could overwrite a file, so nothing need be staged.
    let (staged, refused) = stage::in_place(&config.daemon.connector_dirs);
    let catalogue = Catalogue::load(staged, refused, &config);
    let credentials = service::credentials();
    let runtime = tokio::runtime::Handle::current();
    let keyring = service::keyring(&config);
    let known = keyring.as_ref().ok();
    let generation = Generation::build(config, catalogue, credentials.as_deref(), known, &runtime)
        .map_err(Failure::configuration)?;
    keyring?;
    let observer = Observer {
        config: &generation.config,
        records: &Reading::default(),
        context: None,
        now: clock::now(),
    };
    let failing = failing(how, &generation.config).await;
    let checked = Checked {
        accounts: generation.accounts.len(),
        schedules: generation.schedules.len(),
        sinks: generation.sinks.len(),
        next: observer.planned(clock::now(), DateTime::<Utc>::MAX_UTC, 3),
        connectors_refused: generation.catalogue.refused.clone(),
        waiting: generation.waiting.clone(),
        failing,
        online: if online {
            Some(ask(generation).await?)
        } else {
            None
        },
    };
    let unreachable = checked
        .online
        .iter()
        .flatten()
        .any(|one| one.fault.is_some());
    let code = ExitCode::from(if unreachable { exit::UNAVAILABLE } else { 0 });
    if how.json {
        print::json(&checked)?;
        return Ok(code);
    }
    for refused in &checked.connectors_refused {
        say!("not used: {} {}", refused.source.display(), refused.why);
    }
    for (account, connector) in &checked.waiting {
        say!("account {account} waits: its connector `{connector}` is quarantined");
    }
    for sink in &checked.failing {
        let why = sink.fault.as_ref().map_or("", |fault| &fault.message);
        let batches = counted(sink.backlog, "batch");
        say!(
            "sink {} fails, {batches} not delivered, {} held: {why}",
            sink.name,
            sink.held
        );
    }
    say!(
        "{} is good: {}, {}, {}",
        how.config.display(),
        counted(checked.accounts, "account"),
        counted(checked.schedules, "schedule"),
        counted(checked.sinks, "sink")
    );
    for one in checked.online.iter().flatten() {
        match &one.fault {
            None => say!("account {}: the provider answers and knows us", one.account),
            Some(fault) => say!("account {}: {fault}", one.account),
        }
    }
    say!();
    schedules::show(&checked.next);
    Ok(code)
}

/// What stands in the way of delivery now. A daemon that is down or does not let us ask is no fault of the
/// configuration, which is what is checked.
async fn failing(how: &How, config: &Config) -> Vec<SinkView> {
    let Ok(client) = how.daemon(config).await else {
        return Vec::new();
    };
    let status = client.get::<Status>("/v1/status", &()).await;
    let mut sinks = status.map_or_else(|_| Vec::new(), |status| status.sinks);
    sinks.retain(|sink| sink.fault.is_some());
    sinks
}

/// Lists the last hour at each provider: name resolution, TLS, credentials and clock in one read.
async fn ask(generation: Generation) -> Result<Vec<Online>, Failure> {
    let asked = tokio::task::spawn_blocking(move || {
        let accounts = generation.accounts.values().map(|account| Online {
            account: account.name.clone(),
            fault: ask_one(account).err().map(|fault| fault.message),
        });
        accounts.collect()
    });
    Ok(asked.await.context("the providers could not be asked")?)
}

fn ask_one(account: &Account) -> Result<(), Fault> {
    let jobs = account.connector.manifest().jobs;
    let Some(job) = jobs.iter().find(|job| job.verb == Verb::Discover) else {
        return Err(Fault::unsupported(
            "list batches, so there is nothing to try",
        ));
    };
    let now = clock::now();
    let window = Window {
        from: now - TimeDelta::hours(1),
        to: now,
    };
    let mut loan = Loan::without_updates(account.egress.call(0, Stop::default()));
    let outcome = account.instance()?.discover(&mut loan, job.name, window);
    loan.settle(outcome).map(drop)
}
