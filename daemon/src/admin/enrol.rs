//! `reissue enrol ACCOUNT`: a person goes on with an account's enrolment, and what it comes to, in one
//! sentence.

use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, State as Shared};
use reissue_connector_api::{EnrolState, Fault};

use super::named;
use super::refusal::Refusal;
use super::request::EnrolRequest;
use super::server::{Face, Peer, look};
use super::view::{EnrolView, EnrolmentView};
use crate::ledger::alarm::settle;
use crate::ledger::context::Context;
use crate::ledger::enrol::{Wish, enrol as go_on};
use crate::ledger::enrolment::{Enrolment, Step, linked, why_waits, word};
use crate::ledger::event::FaultNote;

pub(super) async fn enrol(
    Shared(face): Shared<Face>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Json(request): Json<EnrolRequest>,
) -> Result<Json<EnrolView>, Refusal> {
    let account = request.account;
    let wish = Arc::new(Wish {
        signatory: request.signatory,
        settled: request.settled,
        rotate: request.rotate_webhook,
        by: peer.name(),
    });
    let mut changed = face.context.changed.subscribe();
    loop {
        changed.borrow_and_update();
        let (context, account, wish) = (
            Arc::clone(&face.context),
            account.clone(),
            Arc::clone(&wish),
        );
        let served = look(face.clone(), move |_| serve(&context, account, &wish)).await?;
        if let Some(view) = served.0 {
            return Ok(Json(view));
        }
        // The daemon looks where the account stands, or somebody else is at it: once that is over there is
        // more to go on from.
        tokio::select! {
            _ = changed.changed() => {}
            () = face.context.stop.stopped() => return Err(Refusal::stopping()),
        }
    }
}

/// What it comes to; none while the enrolment is under way already.
fn serve(context: &Context, account: String, wish: &Wish) -> Result<Option<EnrolView>, Refusal> {
    if let Some(connector) = needs_none(context, &account)? {
        return Ok(Some(EnrolView {
            said: format!(
                "account `{account}` needs no enrolment: no job of its connector `{connector}` does"
            ),
            account,
            enrolment: None,
            fault: None,
        }));
    }
    if wish.rotate && !context.needs_webhook(&account) {
        return Err(Refusal::conflict(format!(
            "account `{account}` has no webhook: no schedule of it has a job that its provider calls us for"
        )));
    }
    let Some(outcome) = go_on(context, &account, wish)? else {
        return Ok(None);
    };
    let enrolment = context.store.enrolment(&account)?;
    let fault = outcome.err();
    Ok(Some(EnrolView {
        said: sentence(&account, enrolment.as_ref(), fault.as_ref()),
        account,
        enrolment: enrolment.as_ref().map(EnrolmentView::of),
        fault: fault.map(|fault| FaultNote {
            kind: fault.kind,
            message: fault.message,
        }),
    }))
}

/// The connector of an account that needs no enrolment.
fn needs_none(context: &Context, account: &str) -> Result<Option<&'static str>, Refusal> {
    let generation = context.generation();
    let configured = named::account(&generation, account)?;
    let needs = configured.needs_enrolment() || context.needs_webhook(account);
    Ok((!needs).then(|| configured.connector.manifest().name))
}

fn sentence(account: &str, enrolment: Option<&Enrolment>, fault: Option<&Fault>) -> String {
    let is_lost = enrolment.is_some_and(|enrolment| enrolment.step != Step::Answered);
    if let Some(fault) = fault {
        let why = &fault.message;
        return match is_lost {
            _ if enrolment.is_some_and(Enrolment::is_active) => format!(
                "the webhook of account `{account}` could not be registered: {why}. Then `reissue enrol \
                 {account}` tries again"
            ),
            true => format!(
                "the answer to a step of the enrolment of account `{account}` was lost, and what became \
                 of it cannot be found out now: {why}. Nothing is sent again before it is; the daemon \
                 goes on asking"
            ),
            false => format!(
                "account `{account}` could not be enrolled: {why}. Then `reissue enrol {account}` tries \
                 again"
            ),
        };
    }
    match enrolment.map(|enrolment| &enrolment.state) {
        Some(EnrolState::Active) => {
            match enrolment.and_then(|enrolment| enrolment.webhook.as_ref()) {
                Some(_) => {
                    format!("account `{account}` is enrolled, and its webhook is registered")
                }
                None => format!("account `{account}` is enrolled"),
            }
        }
        Some(EnrolState::ActionNeeded { link, text }) if is_lost => format!(
            "the enrolment of account `{account}` is held: {}",
            settle(account, link.as_deref(), text)
        ),
        Some(EnrolState::ActionNeeded { link, text }) => format!(
            "account `{account}` is not enrolled yet: {}",
            linked(link.as_deref(), text)
        ),
        Some(EnrolState::Refused(words)) => {
            format!("the provider refused to enrol account `{account}`: {words}")
        }
        Some(EnrolState::Pending | EnrolState::NotEnrolled) | None => why_waits(account, enrolment),
    }
}

impl EnrolmentView {
    /// What is shown of an enrolment.
    pub fn of(enrolment: &Enrolment) -> Self {
        let (link, text) = match &enrolment.state {
            EnrolState::ActionNeeded { link, text } => (link.clone(), Some(text.clone())),
            EnrolState::Refused(words) => (None, Some(words.clone())),
            _ => (None, None),
        };
        Self {
            state: match enrolment.is_held() {
                true => "held",
                false => word(&enrolment.state),
            }
            .to_owned(),
            since: enrolment.changed,
            answered: enrolment.answered,
            link,
            text,
            terms_accepted_by: enrolment.signatory.clone(),
            fault: enrolment.fault.clone(),
        }
    }
}
