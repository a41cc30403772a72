//! What bad connectors make of a webhook call, and of the address for it.

use reissue_connector_api::*;

use crate::model::{Flaw, JSON, Listed, announced, found, refused, send};

/// Declares a flaw of `receive`.
macro_rules! receives {
    ($name:ident, $notification:ident => $receive:block) => {
        struct $name;

        impl Flaw for $name {
            fn receive($notification: &Notification) -> Result<Vec<Announced>, Fault> {
                $receive
            }
        }
    };
}

fn named(notification: &Notification) -> Result<Found, Fault> {
    let listed: Listed = serde_json::from_str(&notification.body)
        .map_err(|_| Fault::garbled("the notification is not JSON"))?;
    Ok(found(&listed))
}

receives!(BelievesAnything, _notification => {
    Ok(vec![announced(Found::new("b-1", FoundState::Ready))])
});
receives!(TakesAPageForSilence, notification => {
    Ok(named(notification).into_iter().map(announced).collect())
});
receives!(AnnouncesTheNameless, notification => {
    if !notification.body.starts_with(['{', '[', 'n', '7', '"']) {
        return Err(Fault::garbled("the notification is not JSON"));
    }
    let nameless = Found::new("", FoundState::Ready);
    Ok(vec![announced(named(notification).unwrap_or(nameless))])
});
receives!(AnnouncesForAnotherJob, notification => {
    let (job, found) = ("daily".into(), named(notification)?);
    Ok(vec![Announced { job, found }])
});
receives!(NumberInAFact, notification => {
    let found = named(notification)?;
    Ok(vec![announced(found.fact("first card", "4111111111111111"))])
});

#[test]
fn a_notification_is_read_before_it_is_believed() {
    refused::<BelievesAnything>(
        "`receive`, when the body is a page of HTML, went on as if it were an answer: return a \
         fault (`garbled`); a status that is documented for this request belongs into a script",
    );
    refused::<TakesAPageForSilence>(
        "`receive`, when the body is a page of HTML, went on as if it were an answer: return a \
         fault (`garbled`); a status that is documented for this request belongs into a script",
    );
    refused::<AnnouncesTheNameless>(
        "`receive`, when the body is `{}`, announced a batch that the body does not name: anybody \
         can call a webhook, and every batch that it announces is asked for at the provider",
    );
}

#[test]
fn a_batch_is_announced_for_a_job_that_collects_it() {
    refused::<AnnouncesForAnotherJob>(
        "`receive` announces a batch for `daily`, which is no job of the manifest that needs a \
         webhook: name the job that collects it, and set its `needs_webhook`",
    );
}

#[test]
fn a_number_in_what_a_person_sees_of_a_batch_is_not_shown() {
    refused::<NumberInAFact>(
        "`receive` put a full card number into what it returned: it belongs into `Card::pan` or \
         a request's body and nowhere else",
    );
}

/// Tells a person the address.
struct TellsTheAddress;

impl Flaw for TellsTheAddress {
    fn enrol(run: &Run<'_>, so_far: &Progress) -> Result<EnrolStep, Fault> {
        send(run, Request::post("/enrolment", JSON, b"{}".to_vec()))?;
        let url = so_far.webhook_url.as_deref().unwrap_or_default();
        Ok(EnrolStep {
            state: EnrolState::ActionNeeded {
                link: None,
                text: format!("give the provider the address {url}"),
            },
            ..EnrolStep::default()
        })
    }
}

#[test]
fn the_address_of_the_webhook_is_a_secret() {
    refused::<TellsTheAddress>(
        "`enrol` put the secret `webhook_url` into what it returned: a secret goes into a header \
         or a body and nowhere else",
    );
}
