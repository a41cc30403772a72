//! Enrolment step by step: each is one call of the connector's, and what it leaves is sealed before the
//! next begins.
//!
//! A step that may send a request other than `GET` has a durable intent before it, like a submission.
//! Where its answer is lost the next step only looks what became of it, and what that cannot find out
//! waits for a person: a provider may show an account's only key in the answer that was lost. Steps that
//! may send are taken for a person alone; by itself the daemon only looks.

use std::time::Duration;

use reissue_connector_api::{
    EnrolState, EnrolStep, ExposeSecret, Fault, Kind, Progress, SecretString, Secrets, Signatory,
    mask_pans,
};

use super::alarm::{Alarm, Matter};
use super::context::Context;
use super::ended::{Ended, is_news, note};
use super::enrolment::{Enrolment, Step, why_waits};
use super::event::Event;
use super::key::BatchKey;
use super::pace::Task;
use super::remembered::Remembered;
use super::verdict::{Sent, on_submission};
use crate::account::Account;
use crate::clock;
use crate::connector::Loan;
use crate::egress::Stop;
use crate::spool::own_disk;
use crate::store::StoreError;

/// More steps in a row than any provider needs.
const STEPS: usize = 20;

/// What a person wants of an account's enrolment.
#[derive(Debug)]
pub struct Wish {
    /// Who accepts the provider's terms with it.
    pub signatory: Option<Signatory>,
    /// Whether it is settled with the provider what became of a request whose answer was lost.
    pub settled: bool,
    /// Whether the webhook is to have another secret.
    pub rotate: bool,
    /// Who wants it.
    pub by: String,
}

/// What a step came to.
enum Stepped {
    /// The account stands here now.
    To(EnrolState),
    /// Its answer was lost.
    Lost,
    /// It failed, and nothing is uncertain but what was so before.
    Failed(Fault),
}

/// Takes steps for a person until the next one is not ours, and says what stopped them, if something
/// did. `None`: somebody is at it already.
///
/// # Errors
/// When the state fails.
pub fn enrol(
    context: &Context,
    account: &str,
    wish: &Wish,
) -> Result<Option<Result<(), Fault>>, StoreError> {
    let Some(_reserved) = context.reserve_enrolment(account) else {
        return Ok(None);
    };
    let span = tracing::info_span!(parent: None, "run", otel.name = "run enrolment", account);
    let _inside = span.enter();
    if !wish.rotate && nothing_is_left(context, account)? {
        return Ok(Some(Ok(())));
    }
    if let Err(fault) = heed(context, account, wish)? {
        return Ok(Some(Err(fault)));
    }
    for _ in 0..STEPS {
        if context.stop.is_stopped() {
            let stopping = Fault::new(Kind::Cancelled, "the daemon is stopping");
            return Ok(Some(Err(stopping)));
        }
        match step(context, account)? {
            Stepped::Lost | Stepped::To(EnrolState::NotEnrolled) => {}
            Stepped::To(_) => return Ok(Some(Ok(()))),
            Stepped::Failed(fault) => return Ok(Some(Err(fault))),
        }
    }
    let endless = format!("the connector took {STEPS} steps and sees no end: tell its author");
    Ok(Some(Err(Fault::garbled(endless))))
}

/// Whether the account is admitted, and its provider has the webhook where one is needed.
fn nothing_is_left(context: &Context, account: &str) -> Result<bool, StoreError> {
    let is_told = !context.needs_webhook(account) || context.why_unregistered(account)?.is_none();
    Ok(is_told && known(context, account)?.is_active())
}

/// Looks where the account stands. Nothing but `GET` is sent.
pub(super) fn look(context: &Context, account: &str) -> Result<Ended, StoreError> {
    let due = known(context, account)?.look_at();
    if due.is_none_or(|due| clock::now() < due) {
        return Ok(Ended::Well);
    }
    Ok(match step(context, account)? {
        Stepped::To(_) => Ended::Well,
        Stepped::Failed(fault) if fault.kind != Kind::Cancelled => {
            Ended::Failed(fault, Duration::ZERO)
        }
        Stepped::Lost | Stepped::Failed(_) => Ended::Later(Duration::ZERO),
    })
}

impl Context {
    /// Why a job of an account waits for its enrolment, or for its webhook, if it does.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn why_unenrolled(&self, account: &str, job: &str) -> Result<Option<String>, StoreError> {
        let generation = self.generation();
        let Some(configured) = generation.accounts.get(account) else {
            return Ok(None);
        };
        let Some(job) = configured.connector.manifest().job(job) else {
            return Ok(None);
        };
        let waits = match job.needs_enrolment {
            true => self.why_not_active(configured)?,
            false => None,
        };
        match job.needs_webhook && waits.is_none() {
            true => self.why_unregistered(account),
            false => Ok(waits),
        }
    }

    /// Why an account is not enrolled at its provider, if its connector has a job that needs it.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn why_not_active(&self, account: &Account) -> Result<Option<String>, StoreError> {
        let enrolment = self.store.enrolment(&account.name)?;
        let is_active = match enrolment.as_ref().filter(|enrolment| enrolment.counts()) {
            Some(enrolment) => enrolment.is_active(),
            None => !account.needs_enrolment() || account.has_what_enrolment_yields(),
        };
        Ok((!is_active).then(|| why_waits(&account.name, enrolment.as_ref())))
    }

    /// That an account is not enrolled and nobody began to, if that is so.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn unbegun_enrolment(&self, account: &str) -> Result<Option<Alarm>, StoreError> {
        let generation = self.generation();
        let Some(configured) = generation.accounts.get(account) else {
            return Ok(None);
        };
        Ok(self.why_not_active(configured)?.map(|_| Alarm {
            about: account.to_owned(),
            matter: Matter::NotEnrolled,
            text: format!("is not enrolled yet: run `reissue enrol {account}`"),
        }))
    }

    /// Whether a submission waits for its account's enrolment.
    pub(super) fn waits_for_enrolment(&self, key: &BatchKey) -> bool {
        // A state that cannot be read ends the daemon.
        let Ok(Some(batch)) = self.store.batch(key) else {
            return true;
        };
        let waits = self.why_unenrolled(&key.account, &batch.job);
        !matches!(waits, Ok(None))
    }
}

/// Records what a person says, and gives the webhook another secret where one is wanted; while an answer
/// is lost nobody knows which one the provider has.
fn heed(context: &Context, account: &str, wish: &Wish) -> Result<Result<(), Fault>, StoreError> {
    let mut events = Vec::new();
    if let Some(signatory) = &wish.signatory {
        events.push(Event::TermsAccepted {
            account: account.to_owned(),
            signatory: signatory.clone(),
            by: wish.by.clone(),
        });
    }
    if wish.settled && known(context, account)?.is_lost() {
        events.push(Event::EnrolmentSettled {
            account: account.to_owned(),
            by: wish.by.clone(),
        });
    }
    if !events.is_empty() {
        context.commit(&events)?;
    }
    match wish.rotate && !known(context, account)?.is_lost() {
        true => context.rotate_webhook(account, &wish.by),
        false => Ok(Ok(())),
    }
}

/// Takes the next step, which sends something only where nothing else is open.
fn step(context: &Context, name: &str) -> Result<Stepped, StoreError> {
    let generation = context.generation();
    let Some(account) = generation.accounts.get(name) else {
        let gone = format!("account `{name}` is not configured any more");
        return Ok(Stepped::Failed(Fault::settings(gone)));
    };
    let mut remembered = match Remembered::read(&context.state, name, &context.keyring) {
        Ok(remembered) => remembered,
        Err(error) => return Ok(Stepped::Failed(own_disk(&error))),
    };
    let told = match context.webhook_of(name) {
        Ok(told) => told,
        Err(fault) => return Ok(Stepped::Failed(fault)),
    };
    let before = known(context, name)?;
    if before.step == Step::Begun {
        if remembered.step == before.steps {
            let (state, webhook) = (remembered.state.clone(), remembered.webhook.clone());
            return answered(context, name, state, webhook, Some(&remembered));
        }
        let why = "the daemon ended while a step of it was taken";
        fail(
            context,
            &before,
            name,
            &Fault::new(Kind::Unreachable, why),
            true,
        )?;
    } else if before.may_send() {
        let account = name.to_owned();
        context.commit(&[Event::EnrolmentStepping { account }])?;
    }

    let enrolment = known(context, name)?;
    let (answer, is_lost) = call(context, account, &enrolment, &remembered, told.url);
    let mut step = match answer {
        Ok(step) => step,
        Err(fault) => {
            fail(context, &enrolment, name, &fault, is_lost)?;
            return Ok(match is_lost {
                true => Stepped::Lost,
                false => Stepped::Failed(fault),
            });
        }
    };
    mask(&mut step.state);
    let state = step.state.clone();
    if step.remember.is_empty() && step.secrets.0.is_empty() {
        return answered(context, name, state, told.digest, None);
    }
    remembered.add(enrolment.steps, step, told.digest.clone());
    if let Err(error) = remembered.seal(&context.state, name, &context.keyring) {
        let fault = own_disk(&error);
        fail(context, &enrolment, name, &fault, true)?;
        return Ok(Stepped::Failed(fault));
    }
    answered(context, name, state, told.digest, Some(&remembered))
}

/// Calls the connector; says of a failure whether something was sent whose answer nobody knows.
fn call(
    context: &Context,
    account: &Account,
    enrolment: &Enrolment,
    remembered: &Remembered,
    webhook: Option<SecretString>,
) -> (Result<EnrolStep, Fault>, bool) {
    let _span = tracing::info_span!(
        "call",
        otel.name = "enrol",
        verb = "enrol",
        account = account.name,
    )
    .entered();
    let instance = match account.instance() {
        Ok(instance) => instance,
        Err(fault) => return (Err(fault), false),
    };
    // A daemon that stops waits for an answer that may hold what is shown once.
    let (posts, stop) = match enrolment.step {
        Step::Begun => (1, Stop::default()),
        _ => (0, context.stop.clone()),
    };
    let so_far = Progress {
        state: enrolment.state.clone(),
        unanswered: enrolment.is_lost(),
        remembered: remembered.values.clone(),
        secrets: Secrets(remembered.secrets.0.clone()),
        webhook_url: webhook.map(|url| url.expose_secret().to_owned()),
        terms_accepted_by: enrolment.signatory.clone(),
    };
    let mut loan = Loan::without_updates(account.egress.call(posts, stop));
    let outcome = instance.enrol(&mut loan, so_far);
    let has_posted = loan.has_posted();
    let answer = loan.settle(outcome);
    if enrolment.state == EnrolState::Pending {
        context.note_answer(account, &Task::Enrolment(account.name.clone()), &answer);
    }
    let fault = answer.as_ref().err();
    let is_lost = has_posted && fault.is_some_and(|fault| on_submission(fault) == Sent::Unknown);
    (answer, is_lost)
}

/// The step is over; an account that has got secrets is opened with them.
fn answered(
    context: &Context,
    name: &str,
    state: EnrolState,
    webhook: Option<String>,
    remembered: Option<&Remembered>,
) -> Result<Stepped, StoreError> {
    let _turn = context.turn();
    // A provider that is not done may not have it yet.
    let webhook = webhook.filter(|_| state == EnrolState::Active);
    let at = context.commit(&[Event::EnrolmentStepped {
        account: name.to_owned(),
        state: state.clone(),
        webhook: webhook.clone(),
    }])?;
    if let (Some(hooks), Some(digest)) = (&context.hooks, webhook) {
        hooks.registered(name, &digest, at);
    }
    tracing::info!(?state, "A step of the enrolment was answered.");
    if let Some(remembered) = remembered
        && let Some(account) = context.generation().accounts.get(name)
        && let Err(fault) = account.learn(&remembered.secrets)
    {
        return Ok(Stepped::Failed(fault));
    }
    Ok(Stepped::To(state))
}

/// Records that a step failed, if that changes what is known.
fn fail(
    context: &Context,
    enrolment: &Enrolment,
    name: &str,
    fault: &Fault,
    unanswered: bool,
) -> Result<(), StoreError> {
    if fault.kind == Kind::Cancelled && enrolment.step != Step::Begun {
        return Ok(());
    }
    tracing::warn!(
        kind = fault.kind.as_str(),
        fault = fault.message,
        unanswered,
        "A step of the enrolment failed."
    );
    if enrolment.step == Step::Begun || is_news(enrolment.fault.as_ref(), fault) {
        context.commit(&[Event::EnrolmentFailed {
            account: name.to_owned(),
            fault: note(fault),
            unanswered,
        }])?;
    }
    Ok(())
}

fn known(context: &Context, account: &str) -> Result<Enrolment, StoreError> {
    let known = context.store.enrolment(account)?;
    Ok(known.unwrap_or_else(|| Enrolment::new(clock::now())))
}

/// Texts of a provider's may hold what they should not.
fn mask(state: &mut EnrolState) {
    if let EnrolState::Refused(text) | EnrolState::ActionNeeded { text, .. } = state
        && let Some(masked) = mask_pans(text)
    {
        *text = masked;
    }
}
