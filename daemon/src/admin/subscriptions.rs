//! `reissue subscriptions ACCOUNT`: where its pairs stand, by the code that plans slots; and a person's word
//! that a source may lack what it had.

use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, Query, State as Shared};
use reissue_connector_api::Verb;

use super::named;
use super::refusal::Refusal;
use super::request::{MayLack, SubscriptionsOf};
use super::server::{Face, Peer, look};
use super::view::SubscriptionsView;
use crate::generation::{Generation, Schedule};
use crate::ledger::Event;
use crate::ledger::pace::Task;
use crate::ledger::plan::pairs::preview;
use crate::wording::counted;

pub(super) async fn show(
    Shared(face): Shared<Face>,
    Query(SubscriptionsOf { account, pairs }): Query<SubscriptionsOf>,
) -> Result<Json<SubscriptionsView>, Refusal> {
    let context = Arc::clone(&face.context);
    look(face, move |_| {
        let generation = context.generation();
        let configured = named::account(&generation, &account)?;
        let schedule = keeper(&generation, &account)?;
        let source = schedule.source.as_ref().ok_or_else(|| none(&account))?;
        let mut listed = Vec::new();
        let standings = preview(&context, configured, schedule, source, &mut |pair| {
            if pairs {
                listed.push(pair);
            }
        })
        .map_err(|why| Refusal::conflict(format!("its subscriptions cannot be shown: {why}")))?;
        Ok(SubscriptionsView {
            account,
            standings,
            pairs: listed,
        })
    })
    .await
}

pub(super) async fn may_lack(
    Shared(face): Shared<Face>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Json(MayLack { account, missing }): Json<MayLack>,
) -> Result<String, Refusal> {
    let context = Arc::clone(&face.context);
    let said = look(face, move |_| {
        let generation = context.generation();
        named::account(&generation, &account)?;
        let schedule = keeper(&generation, &account)?;
        context.commit(&[Event::MissingAccepted {
            schedule: schedule.name.clone(),
            missing,
            by: peer.name(),
        }])?;
        tracing::warn!(
            account,
            missing,
            by = peer.name(),
            "A person lets a source lack pairs."
        );
        context.hurry(&Task::Slot(schedule.name.clone()));
        Ok(format!(
            "the next slot of {} may remove {} that its source lacks, and no more\n",
            schedule.name,
            counted(missing, "pair")
        ))
    });
    said.await.map(|Json(said)| said)
}

/// The schedule that keeps an account's subscriptions.
fn keeper<'g>(generation: &'g Generation, account: &str) -> Result<&'g Schedule, Refusal> {
    let mut schedules = generation.schedules.values();
    let keeper = schedules
        .find(|schedule| schedule.account == account && schedule.job.verb == Verb::Subscribe);
    keeper.map(|it| &**it).ok_or_else(|| none(account))
}

fn none(account: &str) -> Refusal {
    Refusal::conflict(format!(
        "no schedule keeps subscriptions for account `{account}`: it needs one whose job does"
    ))
}
