//! `reissue suppressions ACCOUNT [--lift FILE]`

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Query, State as Shared};
use axum::http::StatusCode;

use super::request::AccountName;
use super::server::{Face, Peer, Refusal, look};
use crate::account::Account;
use crate::generation::Generation;
use crate::ledger::suppressions::{
    Lifted, Suppressed, SuppressionsError, fingerprint, lift, suppressed,
};
use crate::source::for_each_given;

/// How many cards may be named at once: their fingerprints are one record of the journal.
const MOST: usize = 1_000;

pub(super) async fn show(
    Shared(face): Shared<Face>,
    Query(AccountName { account }): Query<AccountName>,
) -> Result<Json<Vec<Suppressed>>, Refusal> {
    let context = Arc::clone(&face.context);
    look(face, move |_| {
        known(&context.generation(), &account)?;
        Ok(suppressed(&context, &account)?)
    })
    .await
}

/// The body is the cards, in the form of a source's file.
pub(super) async fn lift_given(
    Shared(face): Shared<Face>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Query(AccountName { account }): Query<AccountName>,
    body: Bytes,
) -> Result<Json<Lifted>, Refusal> {
    let context = Arc::clone(&face.context);
    look(face, move |_| {
        let account = known(&context.generation(), &account)?;
        let mut cards = BTreeSet::new();
        for_each_given(body, |card| {
            cards.insert(fingerprint(&context, &account, &card));
        })
        .map_err(|why| {
            refusal(format!(
                "the cards cannot be read, and nothing is lifted: {why}"
            ))
        })?;
        if cards.len() > MOST {
            return Err(refusal(format!(
                "{} cards are named, and at most {MOST} are lifted at once: split the file",
                cards.len()
            )));
        }
        Ok(lift(&context, &account.name, &cards, &peer.name())?)
    })
    .await
}

fn known(generation: &Generation, account: &str) -> Result<Arc<Account>, Refusal> {
    generation.accounts.get(account).cloned().ok_or_else(|| {
        let known = generation.accounts.keys().map(String::as_str);
        let help = match reissue_config::nearest(account, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`reissue status` shows them".into(),
        };
        let message = format!("there is no account `{account}`, or its connector waits; {help}");
        Refusal(StatusCode::NOT_FOUND, message)
    })
}

fn refusal(message: String) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, message)
}

impl From<SuppressionsError> for Refusal {
    fn from(error: SuppressionsError) -> Self {
        match error {
            SuppressionsError::State(error) => error.into(),
            SuppressionsError::Sealed(error) => {
                Self(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
            }
        }
    }
}
