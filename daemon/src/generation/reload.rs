//! Another generation while the daemon runs.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use reissue_config::{Config, Problems};
use reissue_connector_api::Verb;

use super::{Generation, Schedule};
use crate::connector::{Catalogue, stage};
use crate::failure::Failure;
use crate::ledger::context::Context;
use crate::ledger::event::Subscriptions;
use crate::ledger::slots::Slots;
use crate::seal::Keyring;
use crate::store::Store;
use crate::wording::counted;

/// Where connectors are loaded from.
#[derive(Debug, Clone)]
pub enum Staging {
    /// The daemon copies them into its state directory.
    Own(PathBuf),
    /// Root has staged them into this directory.
    Root(PathBuf),
}

impl Staging {
    /// Stages and loads what the connector directories hold.
    pub fn catalogue(&self, config: &Config) -> Catalogue {
        let (staged, refused) = match self {
            Self::Own(into) => {
                let found = stage::stage(&config.daemon.connector_dirs, into);
                if let Err(error) = stage::forget_others(into, &found.0) {
                    tracing::warn!(%error, "Copies of connectors that are gone cannot be removed.");
                }
                found
            }
            Self::Root(directory) => stage::in_place(std::slice::from_ref(directory)),
        };
        Catalogue::load(staged, refused, config)
    }
}

/// Builds another generation while the daemon runs.
pub struct Reloader {
    /// Where the configuration lies.
    pub config: PathBuf,
    /// Where connectors are loaded from.
    pub staging: Staging,
    /// systemd's directory of credentials.
    pub credentials: Option<PathBuf>,
    /// Opens what enrolments left.
    pub keyring: Arc<Keyring>,
    /// Where accounts do their waiting.
    pub runtime: tokio::runtime::Handle,
}

impl Reloader {
    /// Reads the configuration again. The new generation is whole before it takes over; with any
    /// problem the old one stays.
    ///
    /// # Errors
    /// Every problem, as text.
    pub fn reload(&self, context: &Context) -> Result<String, String> {
        let _one_at_a_time = context.turn();
        let build = || -> Result<Generation, String> {
            let config = reissue_config::load(&self.config).map_err(|it| it.to_string())?;
            let now = context.generation();
            let (old, new) = (&now.config, &config);
            if (&old.daemon, &old.admin, &old.webhooks, &old.telemetry)
                != (&new.daemon, &new.admin, &new.webhooks, &new.telemetry)
            {
                return Err(
                    "[daemon], [admin], [webhooks] and [telemetry] take effect at a restart only; \
                            nothing was changed: restart the daemon, or put them back"
                        .into(),
                );
            }
            let generation = self.generation(config).map_err(|it| it.to_string())?;
            check_nothing_is_lost(context.store.as_ref(), &generation).map_err(|it| it.message)?;
            Ok(generation)
        };
        match build() {
            Ok(generation) => {
                let summary = format!(
                    "reloaded: {}, {}, {}\n",
                    counted(generation.accounts.len(), "account"),
                    counted(generation.schedules.len(), "schedule"),
                    counted(generation.sinks.len(), "sink")
                );
                context
                    .adopt(Arc::new(generation))
                    .map_err(|error| error.to_string())?;
                tracing::info!("The configuration was reloaded.");
                Ok(summary)
            }
            Err(why) => {
                tracing::error!(
                    why,
                    "The configuration was not reloaded; the old one stays."
                );
                Err(why)
            }
        }
    }

    /// Resolves a configuration with the connectors of the moment.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn generation(&self, config: Config) -> Result<Generation, Problems> {
        let catalogue = self.staging.catalogue(&config);
        let credentials = self.credentials.as_deref();
        let keyring = Some(&*self.keyring);
        Generation::build(config, catalogue, credentials, keyring, &self.runtime)
    }
}

/// Nobody else can go on with what is not over: an account with open batches must stay, and a schedule
/// whose cards wait for its next slot, or whose file was read and is not deleted yet.
///
/// # Errors
/// Which are missing.
pub fn check_nothing_is_lost(store: &dyn Store, generation: &Generation) -> Result<(), Failure> {
    let mut lost = BTreeMap::<String, u64>::new();
    for batch in store.live()? {
        if batch.state.is_open() && !generation.has_account(&batch.key.account) {
            *lost.entry(batch.key.account).or_default() += 1;
        }
    }
    let accounts = lost.into_iter().map(|(account, batches)| {
        format!(
            "account `{account}` is not configured any more and has open batches ({batches}): put \
             it back until they are delivered (an account cannot be renamed either)"
        )
    });
    let mut sentences: Vec<String> = accounts.collect();
    store.schedules(
        &mut |schedule, slots| match generation.schedules.get(schedule) {
            None => sentences.extend(unfinished(schedule, &slots)),
            Some(kept) => sentences.extend(gone_elsewhere(kept, &slots)),
        },
    )?;
    if sentences.is_empty() {
        return Ok(());
    }
    Err(Failure::configuration(sentences.join("\n")))
}

/// What only this schedule would go on with.
fn unfinished(schedule: &str, slots: &Slots) -> Option<String> {
    let gone = format!("schedule `{schedule}` is not configured any more, and");
    if let Some(deferred) = &slots.deferred {
        return Some(format!(
            "{gone} {} wait for its next slot: put it back until they are asked about, which a larger \
             `cards_per_day` and `reissue run {schedule}` do at once (a schedule cannot be renamed \
             before either)",
            counted(deferred.cards, "card")
        ));
    }
    if let Some(file) = slots.subscriptions.as_ref().filter(|file| file.pairs > 0) {
        return Some(format!("{gone} {}", keeps(file)));
    }
    let taken = slots.inputs.iter().find(|taken| taken.file.path.exists())?;
    Some(format!(
        "{gone} the file {}, whose cards were read, is still there: put the schedule back, which deletes \
         it, or delete it",
        taken.file.path.display()
    ))
}

/// What a schedule would forget that does something else from now on, or for somebody else.
fn gone_elsewhere(schedule: &Schedule, slots: &Slots) -> Option<String> {
    let file = slots.subscriptions.as_ref().filter(|file| file.pairs > 0)?;
    let goes_on = schedule.account == file.account && schedule.job.verb == Verb::Subscribe;
    (!goes_on).then(|| {
        format!(
            "schedule `{}` does not keep the subscriptions of account `{}` any more, and {}",
            schedule.name,
            file.account,
            keeps(file)
        )
    })
}

fn keeps(file: &Subscriptions) -> String {
    format!(
        "keeps {} at the provider or on the way there, which cost money until they are removed: put it \
         back, and hand in a file without cards, before it goes (a schedule cannot be renamed either)",
        counted(file.pairs, "pair")
    )
}
