//! `reissue check`: all problems at once, and the next slots. Nothing is sent.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::ask::How;
use super::{print, schedules};
use crate::admin::observe::Observer;
use crate::admin::view::PlannedView;
use crate::clock;
use crate::connector::{Catalogue, stage};
use crate::failure::Failure;
use crate::generation::Generation;
use crate::service;
use crate::store::Reading;

#[derive(Serialize)]
struct Checked {
    accounts: usize,
    schedules: usize,
    sinks: usize,
    next: Vec<PlannedView>,
    connectors_refused: Vec<stage::Refused>,
}

pub(super) fn run(how: &How) -> Result<(), Failure> {
    let config = how.load()?;
    // This process ends before anybody could overwrite a file, so nothing need be staged.
    let (staged, refused) = stage::in_place(&config.daemon.connector_dirs);
    let catalogue = Catalogue::load(staged, refused);
    let credentials = service::credentials();
    let runtime = tokio::runtime::Handle::current();
    let generation = Generation::build(config, catalogue, credentials.as_deref(), &runtime)
        .map_err(Failure::configuration)?;
    service::keyring(&generation.config)?;
    let observer = Observer {
        config: &generation.config,
        records: &Reading::default(),
        context: None,
        now: clock::now(),
    };
    let checked = Checked {
        accounts: generation.accounts.len(),
        schedules: generation.schedules.len(),
        sinks: generation.sinks.len(),
        next: observer.planned(clock::now(), DateTime::<Utc>::MAX_UTC, 3),
        connectors_refused: generation.catalogue.refused,
    };
    if how.json {
        return print::json(&checked);
    }
    for refused in &checked.connectors_refused {
        println!("not used: {} {}", refused.source.display(), refused.why);
    }
    println!(
        "{} is good: {} accounts, {} schedules, {} sinks",
        how.config.display(),
        checked.accounts,
        checked.schedules,
        checked.sinks
    );
    println!();
    schedules::show(&checked.next);
    Ok(())
}
