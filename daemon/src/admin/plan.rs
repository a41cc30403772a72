//! `reissue plan SCHEDULE`: what the next slot would ask, by the code that plans slots.

use axum::Json;
use axum::extract::{Query, State as Shared};
use reissue_connector_api::Verb;

use super::named;
use super::refusal::Refusal;
use super::request::PlanRequest;
use super::server::{Face, look};
use super::view::PlanView;
use crate::ledger::plan::preview;

pub(super) async fn plan(
    Shared(face): Shared<Face>,
    Query(PlanRequest { schedule }): Query<PlanRequest>,
) -> Result<Json<PlanView>, Refusal> {
    let context = face.context.clone();
    look(face, move |observer| {
        let generation = context.generation();
        let ready = named::schedule(&generation, &schedule)?;
        if ready.job.verb == Verb::Subscribe {
            return Err(Refusal::conflict(format!(
                "schedule `{schedule}` keeps subscriptions: `reissue subscriptions {}` shows what its next \
                 slot changes",
                ready.account
            )));
        }
        let source = ready.source.as_ref().ok_or_else(|| {
            let job = ready.job.name;
            Refusal::conflict(format!(
                "schedule `{schedule}` asks about no cards: its job `{job}` looks for what the provider \
                 has made"
            ))
        })?;
        let account = &generation.accounts[&ready.account];
        let preview = preview(&context, account, ready, source)
            .map_err(|why| Refusal::conflict(format!("the slot would fail: {why}")))?;
        Ok(PlanView {
            schedule: ready.name.clone(),
            account: ready.account.clone(),
            job: ready.job.name.to_owned(),
            next: observer.next(&ready.name),
            fees: observer.estimate(&ready.account, preview.ask)?,
            preview,
        })
    })
    .await
}
