//! What an event is about. Folds, the index and whoever follows a batch ask this, and nobody else has to
//! know which event is whose.

use super::Event;
use crate::ledger::key::BatchKey;

/// What an event is about: the entity whose fold it joins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject<'e> {
    /// A batch.
    Batch(&'e BatchKey),
    /// A schedule.
    Schedule(&'e str),
    /// The enrolment of an account.
    Enrolment(&'e str),
    /// The daemon itself; recorded, folded into nothing.
    Daemon,
}

impl Event {
    /// What the event is about.
    pub fn subject(&self) -> Subject<'_> {
        match self {
            Self::DaemonStarted { .. } => Subject::Daemon,
            Self::ScheduleSet { schedule, .. }
            | Self::SlotOpened { schedule, .. }
            | Self::SlotsMissed { schedule, .. }
            | Self::SlotOverlapped { schedule, .. }
            | Self::SlotFailed { schedule, .. }
            | Self::CardsTaken { schedule, .. }
            | Self::InputsLeftOut { schedule, .. }
            | Self::InputsFinished { schedule }
            | Self::SubscriptionsWritten { schedule, .. }
            | Self::MissingAccepted { schedule, .. }
            | Self::SlotServed { schedule, .. } => Subject::Schedule(schedule),
            Self::TermsAccepted { account, .. }
            | Self::EnrolmentStepping { account }
            | Self::EnrolmentStepped { account, .. }
            | Self::EnrolmentFailed { account, .. }
            | Self::EnrolmentSettled { account, .. }
            | Self::WebhookRotated { account, .. } => Subject::Enrolment(account),
            Self::SubmissionPlanned { batch, .. }
            | Self::SubmissionSending { batch }
            | Self::SubmissionReturned { batch, .. }
            | Self::SubmissionUncertain { batch, .. }
            | Self::SubmissionAccepted { batch, .. }
            | Self::BatchFound { batch, .. }
            | Self::BatchFailed { batch, .. }
            | Self::BatchWaits { batch }
            | Self::Collected { batch, .. }
            | Self::BatchRefused { batch, .. }
            | Self::BatchExpired { batch, .. }
            | Self::BatchUnfounded { batch }
            | Self::Publishing { batch, .. }
            | Self::PageDelivered { batch, .. }
            | Self::SinkFailed { batch, .. }
            | Self::Delivered { batch, .. }
            | Self::Resolved { batch, .. }
            | Self::Redelivered { batch, .. }
            | Self::SuppressionsLifted { batch, .. }
            | Self::SpoolDeleted { batch } => Subject::Batch(batch),
        }
    }
}
