//! What needs a person although no batch and no schedule is at fault: the disk, accounts, connectors.
//! Only the running daemon knows of these.

use crate::alarms::untold;
use crate::connector::under_way;
use crate::generation::Generation;
use crate::ledger::alarm::{Alarm, Matter};
use crate::ledger::context::Context;

/// What a person should know beside the ledger.
pub(super) fn about_daemon(context: &Context) -> Vec<Alarm> {
    let generation = context.generation();
    let full = context.is_full().then(|| Alarm {
        about: generation.config.daemon.state_dir.display().to_string(),
        matter: Matter::Full,
        text: "has no space left for the journal: make space; nothing is lost, and the daemon goes on \
               by itself"
            .into(),
    });
    let parked = generation.accounts.keys().filter_map(|name| {
        let parked = context.parked(name)?;
        Some(Alarm {
            about: name.clone(),
            matter: Matter::Parked,
            text: format!(
                "is parked: the provider refuses its credentials ({}). Mend them and `reissue \
                 reload`; it is tried once an hour meanwhile",
                parked.why
            ),
        })
    });
    let mut alarms: Vec<Alarm> = full.into_iter().chain(parked).collect();
    alarms.extend(context.why_untold().map(|why| untold(&why)));
    alarms.extend(about_connectors(&generation));
    alarms
}

/// Calls that hang, accounts that wait, what has crashed and what is not used.
fn about_connectors(generation: &Generation) -> Vec<Alarm> {
    let hanging = under_way::hanging().into_iter().map(|call| Alarm {
        about: call.account,
        matter: Matter::Hanging,
        text: format!(
            "has a call that hangs: `{}` of the connector `{}` has not returned since {}, and its time \
             is up. Restart the daemon",
            call.verb,
            call.connector,
            call.since.format("%Y-%m-%d %H:%M:%S UTC")
        ),
    });
    let waiting = generation.waiting.keys().filter_map(|account| {
        let fault = generation.why_waits(account)?;
        Some(Alarm {
            about: account.clone(),
            matter: Matter::Quarantined,
            text: format!("waits: {}", fault.message),
        })
    });
    let catalogue = &generation.catalogue;
    let crashed = catalogue.crashed.iter().map(|(name, strike)| Alarm {
        about: (*name).to_owned(),
        matter: Matter::Crashed,
        text: strike.warning(),
    });
    let refused = catalogue.refused.iter().map(|refused| Alarm {
        about: refused.source.display().to_string(),
        matter: Matter::ConnectorRefused,
        text: refused.why.clone(),
    });
    hanging
        .chain(waiting)
        .chain(crashed)
        .chain(refused)
        .collect()
}
