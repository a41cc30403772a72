//! The step of enrolment that tells CardSync where to call us. It is taken whenever the address is
//! another than the one that CardSync has, so a new secret in it is registered in the same way.
//!
//! CardSync cannot be asked which address it has, so a request whose answer was lost is a person's
//! matter.

use reissue_connector_api::{
    EnrolState, EnrolStep, ExposeSecret, Fault, Progress, Run, SecretString,
};

use crate::call::Asked;
use crate::enrol::{a_person_must, json};
use crate::notification::TRIGGER;
use crate::wire::Webhook;

/// The address that CardSync has, among what is remembered. It holds a secret.
const REMEMBERED: &str = "webhook_url";

/// Where the account stands once CardSync has our address too: as given where it has it or needs
/// none. `is_known` says that the enrolment is remembered: then it is this request, and no other, that
/// can be unanswered.
///
/// # Errors
/// What the answer means; the step is taken again.
pub(crate) fn registered(
    run: &Run<'_>,
    key: &SecretString,
    so_far: &Progress,
    is_known: bool,
    standing: EnrolStep,
) -> Result<EnrolStep, Fault> {
    let Some(url) = unregistered(so_far) else {
        return Ok(standing);
    };
    let only_looks = so_far.state == EnrolState::Pending;
    match standing.state {
        EnrolState::Pending if only_looks => Ok(standing),
        _ if is_known && so_far.unanswered => Ok(a_person_must(
            "it is not known whether CardSync noted the address of our webhook: ask it; going on \
             tells it once more"
                .to_owned(),
        )),
        _ if is_known && !only_looks => register(run, key, url, standing),
        _ => Ok(EnrolStep {
            state: EnrolState::NotEnrolled,
            ..standing
        }),
    }
}

/// Our address, if CardSync has another or none.
fn unregistered(so_far: &Progress) -> Option<&str> {
    let registered = so_far.secrets.0.get(REMEMBERED);
    let registered = registered.map(ExposeSecret::expose_secret);
    let url = so_far.webhook_url.as_deref()?;
    (registered != Some(url)).then_some(url)
}

fn register(
    run: &Run<'_>,
    key: &SecretString,
    url: &str,
    mut standing: EnrolStep,
) -> Result<EnrolStep, Fault> {
    let body = json(&Webhook {
        trigger_id: TRIGGER,
        url,
    });
    let answer = Asked::Webhook.answer(run, key, Some(body));
    answer.map_err(|no| without(url, no.into()))?;
    let url = SecretString::from(url);
    standing.secrets.0.insert(REMEMBERED.to_owned(), url);
    Ok(standing)
}

/// CardSync may repeat the address when it declines it, and its last part is a secret.
fn without(url: &str, mut fault: Fault) -> Fault {
    let secret = url.rsplit('/').next().filter(|part| !part.is_empty());
    if let Some(secret) = secret {
        fault.message = fault.message.replace(secret, "…");
    }
    fault
}
