//! What of an account's enrolment needs a person's eye.

use reissue_connector_api::EnrolState;

use super::{Alarm, Matter};
use crate::ledger::enrolment::{Enrolment, Step, linked};

impl Alarm {
    /// What is the matter with an account's enrolment; `met` is the fault that the daemon met last. One that
    /// the provider works on is not the matter.
    pub fn of_enrolment(account: &str, enrolment: &Enrolment, met: Option<String>) -> Option<Self> {
        let fault = met.or_else(|| enrolment.fault.as_ref().map(|fault| fault.message.clone()));
        let again = format!("`reissue enrol {account}`");
        let (matter, text) = match (&enrolment.state, fault) {
            (EnrolState::ActionNeeded { link, text }, _) if enrolment.is_held() => (
                Matter::Held,
                format!(
                    "is held in its enrolment: {}",
                    settle(account, link.as_deref(), text)
                ),
            ),
            (_, fault) if enrolment.step != Step::Answered => (
                Matter::Unknown,
                format!(
                    "sent something for its enrolment whose answer was lost, and does not send it again; \
                     the provider is asked: {}",
                    fault.as_deref().unwrap_or("it has not answered yet")
                ),
            ),
            (EnrolState::ActionNeeded { link, text }, _) => (
                Matter::NotEnrolled,
                format!("waits to be enrolled: {}", linked(link.as_deref(), text)),
            ),
            (EnrolState::Refused(words), _) => (
                Matter::Refused,
                format!("was refused by the provider: {words}. Mend it, then {again}"),
            ),
            (EnrolState::NotEnrolled, Some(why)) => (
                Matter::Failing,
                format!("could not be enrolled: {why}. Then {again} tries again"),
            ),
            (EnrolState::NotEnrolled, None) => (
                Matter::NotEnrolled,
                format!("is not enrolled yet: {again} goes on"),
            ),
            (EnrolState::Pending, Some(why)) => (
                Matter::Failing,
                format!("is being enrolled, and the provider does not say how far it is: {why}"),
            ),
            (EnrolState::Pending, None) | (EnrolState::Active, _) => return None,
        };
        Some(Self {
            about: account.to_owned(),
            matter,
            text,
        })
    }
}

/// What a person must find out, and what then.
pub fn settle(account: &str, link: Option<&str>, text: &str) -> String {
    let text = linked(link, text);
    format!("{text}. Once that is settled, `reissue enrol {account} --settled` goes on")
}
