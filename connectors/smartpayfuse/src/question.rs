//! A submission as the provider takes it.

use reissue_connector_api::{Fault, Run, Submission};
use serde::Serialize;

use crate::jobs;
use crate::wire::Token;

/// The kind of token that has no expiry of its own in the vault.
const INSTRUMENT_IDENTIFIER: &str = "instrument_identifier";

/// The body that submits the cards. The submission's id becomes the batch's reference, by which it is
/// found again.
///
/// # Errors
/// `settings` for a card without a token, and where tokens of two kinds meet: the provider takes one
/// kind in a batch. And what taking the cards says.
pub(crate) fn body(
    run: &Run<'_>,
    job: &str,
    submission: &Submission,
    notification_email: &str,
) -> Result<Vec<u8>, Fault> {
    let asked = match job {
        jobs::AMEX_REGISTRATION => "amexRegistration",
        _ => "oneOff",
    };
    let mut body = format!(r#"{{"type":"{asked}","included":{{"tokens":["#).into_bytes();
    let mut kind = None;
    submission.for_each(run, |card| {
        if card.token.is_empty() {
            return Err(Fault::settings(format!(
                "card `{}` has no token, and the provider is asked by tokens: give the source a \
                 `token` column",
                card.key
            )));
        }
        match &kind {
            None => kind = Some(card.token_kind.to_owned()),
            Some(kind) if kind == card.token_kind => body.push(b','),
            Some(kind) => {
                return Err(Fault::settings(format!(
                    "card `{}` has a token of the kind `{}` among those of the kind `{kind}`: the \
                     provider takes one kind in a batch",
                    card.key, card.token_kind
                )));
            }
        }
        let expiry = card
            .expiry
            .filter(|_| card.token_kind == INSTRUMENT_IDENTIFIER);
        let token = Token {
            id: card.token,
            expiration_month: expiry.map(|expiry| format!("{:02}", expiry.month())),
            expiration_year: expiry.map(|expiry| expiry.year().to_string()),
        };
        write(&mut body, &token);
        Ok(())
    })?;
    body.extend_from_slice(br#"]},"merchantReference":"#);
    write(&mut body, &submission.id);
    body.extend_from_slice(br#","notificationEmail":"#);
    write(&mut body, &notification_email);
    body.push(b'}');
    Ok(body)
}

fn write(to: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(to, value).expect("texts can always be written to memory");
}
