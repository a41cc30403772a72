//! `reissue suppressions ACCOUNT [--lift FILE]`: numbers of cards come in, and only counts go out.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Query, State as Shared};

use super::named;
use super::refusal::Refusal;
use super::request::AccountName;
use super::server::{Face, Peer, look};
use crate::ledger::suppressions::{Lifted, Suppressed, lift, suppressed};
use crate::source::for_each_given;

/// How many cards may be named at once: their fingerprints are one record of the journal.
const MOST: usize = 1_000;

pub(super) async fn show(
    Shared(face): Shared<Face>,
    Query(AccountName { account }): Query<AccountName>,
) -> Result<Json<Vec<Suppressed>>, Refusal> {
    let context = Arc::clone(&face.context);
    look(face, move |_| {
        named::account(&context.generation(), &account)?;
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
        let generation = context.generation();
        let account = named::account(&generation, &account)?;
        let fingerprints = account.fingerprints(&context.keyring);
        let mut cards = BTreeSet::new();
        for_each_given(body, |card| {
            cards.insert(fingerprints.fingerprint(&card.number()));
        })
        .map_err(|why| {
            Refusal::bad_request(format!(
                "the cards cannot be read, and nothing is lifted: {why}"
            ))
        })?;
        if cards.len() > MOST {
            return Err(Refusal::bad_request(format!(
                "{} cards are named, and at most {MOST} are lifted at once: split the file",
                cards.len()
            )));
        }
        Ok(lift(&context, &account.name, &cards, &peer.name())?)
    })
    .await
}
