//! What the ledger knows of an account's enrolment, as the fold of its events: where the account
//! stands, and whether the answer to something that was sent is missing.
//!
//! ```text
//!              ┌──────────────────────────────── settled by a person ◄─┐
//!              ▼                                                       │
//! answered ─► begun ─► answered      the provider's answer is known    │
//!               └────► unanswered    a crash or a lost answer: only looked at from here on
//! ```

use chrono::{DateTime, TimeDelta, Utc};
use reissue_connector_api::{EnrolState, Signatory};
use serde::{Deserialize, Serialize};

use super::event::{Event, FaultNote};

/// How often a provider is asked whether it has admitted an account.
const EVERY: TimeDelta = TimeDelta::days(1);

/// An account's enrolment, everything that is known of it but what is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// Where the account stands, as far as the last answer goes.
    pub state: EnrolState,
    /// How far the last step is that may have sent something.
    pub step: Step,
    /// How many steps have begun that might send something; the number of the last one.
    pub steps: u32,
    /// Who accepted the provider's terms.
    pub signatory: Option<Signatory>,
    /// The last fault that is not yet overcome.
    pub fault: Option<FaultNote>,
    /// When the provider answered last.
    pub answered: Option<DateTime<Utc>>,
    /// When its state last changed.
    pub changed: DateTime<Utc>,
    /// Which webhook of ours the provider has, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<Registered>,
}

/// A webhook that the provider has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// The digest of its URL.
    pub digest: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// How far a step is that may send a request other than `GET`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Its answer is known, or nothing was sent.
    Answered,
    /// It is being taken, or was when the daemon ended.
    Begun,
    /// Its answer was lost, and nobody has settled yet what became of it.
    Unanswered,
}

impl Enrolment {
    /// One that nothing was done for.
    pub fn new(at: DateTime<Utc>) -> Self {
        Self {
            state: EnrolState::NotEnrolled,
            step: Step::Answered,
            steps: 0,
            signatory: None,
            fault: None,
            answered: None,
            changed: at,
            webhook: None,
        }
    }

    /// The enrolment after one more event; one that does not fit changes nothing.
    pub fn apply(before: Option<Self>, event: &Event, at: DateTime<Utc>) -> Self {
        let mut after = before.unwrap_or_else(|| Self::new(at));
        match event {
            Event::TermsAccepted { signatory, .. } => after.signatory = Some(signatory.clone()),
            Event::EnrolmentStepping { .. } if after.may_send() => {
                after.step = Step::Begun;
                after.steps += 1;
                // Who is admitted stays so while the provider learns another URL of the webhook.
                if after.state != EnrolState::Active {
                    after.move_to(&EnrolState::NotEnrolled, at);
                }
            }
            Event::EnrolmentStepped { state, webhook, .. } => {
                // A look that needs a person has not found out what became of the request.
                let is_still_lost = after.is_lost() && needs_a_person(state);
                if !is_still_lost {
                    after.step = Step::Answered;
                }
                after.fault = None;
                after.answered = Some(at);
                after.move_to(state, at);
                if let Some(digest) = webhook {
                    after.has_webhook(digest, at);
                }
            }
            Event::EnrolmentFailed {
                fault, unanswered, ..
            } => {
                after.fault = Some(fault.clone());
                if after.step == Step::Begun {
                    after.step = match unanswered {
                        true => Step::Unanswered,
                        false => Step::Answered,
                    };
                }
            }
            Event::EnrolmentSettled { .. } if after.is_lost() => {
                after.step = Step::Answered;
                after.fault = None;
                after.move_to(&EnrolState::NotEnrolled, at);
            }
            _ => {}
        }
        after
    }

    fn move_to(&mut self, state: &EnrolState, at: DateTime<Utc>) {
        if self.state != *state {
            self.state = state.clone();
            self.changed = at;
        }
    }

    fn has_webhook(&mut self, digest: &str, at: DateTime<Utc>) {
        if self.webhook.as_ref().is_none_or(|it| it.digest != digest) {
            let digest = digest.to_owned();
            self.webhook = Some(Registered { digest, since: at });
        }
    }

    /// Whether the account may be used.
    pub fn is_active(&self) -> bool {
        self.state == EnrolState::Active && self.step == Step::Answered
    }

    /// Whether it says where the account stands. A step that failed before anything was answered says
    /// nothing: an account that was in use before it still is.
    pub fn counts(&self) -> bool {
        self.answered.is_some() || self.step != Step::Answered
    }

    /// Whether the answer to a request was lost, and nobody has settled what became of it.
    pub fn is_lost(&self) -> bool {
        self.step == Step::Unanswered
    }

    /// Whether a person must find out what became of a request: a look did not.
    pub fn is_held(&self) -> bool {
        self.is_lost() && needs_a_person(&self.state)
    }

    /// Whether the next step may send a request other than `GET`. While the provider works, and while an
    /// answer is missing, a step only looks.
    pub fn may_send(&self) -> bool {
        self.step == Step::Answered && self.state != EnrolState::Pending
    }

    /// When to look where the account stands, without anybody asking.
    pub fn look_at(&self) -> Option<DateTime<Utc>> {
        match self.step {
            Step::Answered if self.state == EnrolState::Pending => {
                Some(self.answered.unwrap_or(self.changed) + EVERY)
            }
            Step::Answered => None,
            Step::Begun => Some(DateTime::UNIX_EPOCH),
            Step::Unanswered => (!self.is_held()).then_some(DateTime::UNIX_EPOCH),
        }
    }
}

fn needs_a_person(state: &EnrolState) -> bool {
    matches!(state, EnrolState::ActionNeeded { .. })
}

/// Why what needs an active enrolment waits: a sentence about the account.
pub fn why_waits(account: &str, enrolment: Option<&Enrolment>) -> String {
    match enrolment.map(|it| &it.state) {
        Some(EnrolState::Pending) => format!(
            "account `{account}` is not enrolled yet: the provider works on it, and is asked every day"
        ),
        _ => format!("account `{account}` is not enrolled yet: run `reissue enrol {account}`"),
    }
}

/// The word of a state.
pub fn word(state: &EnrolState) -> &'static str {
    match state {
        EnrolState::Active => "active",
        EnrolState::NotEnrolled => "not-enrolled",
        EnrolState::ActionNeeded { .. } => "action-needed",
        EnrolState::Refused(_) => "refused",
        EnrolState::Pending => "pending",
    }
}

/// What a person must do, and where.
pub fn linked(link: Option<&str>, text: &str) -> String {
    match link {
        Some(link) => format!("{text} ({link})"),
        None => text.to_owned(),
    }
}
