//! What a person names, as it is configured: an account, a schedule. A name that nothing has is answered
//! with the nearest one that something has.

use std::sync::Arc;

use super::refusal::Refusal;
use crate::account::Account;
use crate::generation::{Generation, Schedule};

/// The account of that name, if its connector may be used.
pub(super) fn account<'g>(
    generation: &'g Generation,
    name: &str,
) -> Result<&'g Arc<Account>, Refusal> {
    may_be_used(generation, name)?;
    let accounts = &generation.accounts;
    accounts.get(name).ok_or_else(|| {
        let known = accounts.keys().map(String::as_str);
        unknown("account", name, known, "`reissue status` shows them")
    })
}

/// The schedule of that name, if its slots can run.
pub(super) fn schedule<'g>(
    generation: &'g Generation,
    name: &str,
) -> Result<&'g Arc<Schedule>, Refusal> {
    if let Some(configured) = generation.config.schedules.get(name) {
        may_be_used(generation, &configured.account)?;
    }
    let schedules = &generation.schedules;
    let schedule = schedules.get(name).ok_or_else(|| {
        let known = schedules.keys().map(String::as_str);
        unknown("schedule", name, known, "`reissue schedules` shows them")
    })?;
    let account = &schedule.account;
    if !generation.accounts[account].enabled {
        return Err(Refusal::conflict(format!(
            "account `{account}` has `enabled = false`, so its schedules rest: set it to true and \
             `reissue reload`"
        )));
    }
    Ok(schedule)
}

/// There is no sink, account or schedule of that name.
pub(super) fn unknown<'k>(
    what: &str,
    name: &str,
    known: impl Iterator<Item = &'k str>,
    or: &str,
) -> Refusal {
    let help = match reissue_config::nearest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => or.to_owned(),
    };
    Refusal::not_found(format!("there is no {what} `{name}`; {help}"))
}

fn may_be_used(generation: &Generation, account: &str) -> Result<(), Refusal> {
    match generation.why_waits(account) {
        Some(fault) => Err(Refusal::conflict(format!(
            "account `{account}` waits: {}",
            fault.message
        ))),
        None => Ok(()),
    }
}
