//! A connector opened for one account. Every way into its code leads through here, so that a crash
//! can be laid at its door and a call that does not return can be shown.

use std::sync::Arc;
use std::time::Instant;

use reissue_connector_api::abi::host::Instance;
use reissue_connector_api::{
    self as api, Announced, Collected, EnrolStep, Fault, Found, Notification, Progress, Receipt,
    Reconciled, Refused, Submission, Window,
};
use serde_json::Value;

use super::catalogue::Connector;
use super::crash::Inside;
use super::lend::Loan;
use super::reading::Reading;
use super::under_way::{self, UnderWay};
use crate::clock;

/// A connector opened for one account.
pub struct Opened {
    connector: Arc<Connector>,
    account: String,
    /// There until it is closed.
    instance: Option<Instance>,
}

impl Opened {
    /// Opens it. No IO.
    ///
    /// # Errors
    /// The connector's fault, usually `settings`.
    pub fn open(
        connector: &Arc<Connector>,
        settings: Value,
        account: &api::Account,
    ) -> Result<Self, Fault> {
        let _inside = Inside::enter(connector.note);
        Ok(Self {
            instance: Some(connector.loaded.open(settings, account)?),
            connector: Arc::clone(connector),
            account: account.name.clone(),
        })
    }

    /// Whether a call panicked; then it must be opened anew.
    pub fn is_poisoned(&self) -> bool {
        self.instance().is_poisoned()
    }

    /// Takes the next step of the account's enrolment.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn enrol(&self, loan: &mut Loan<'_>, so_far: Progress) -> Result<EnrolStep, Fault> {
        let _call = self.enter("enrol", loan.deadline());
        self.instance().enrol(loan, so_far)
    }

    /// Finds batches that the provider made by itself.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn discover(
        &self,
        loan: &mut Loan<'_>,
        job: &str,
        window: Window,
    ) -> Result<Vec<Found>, Fault> {
        let _call = self.enter("discover", loan.deadline());
        self.instance().discover(loan, job, window)
    }

    /// Collects a batch; its updates go into the loan's spool.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn collect(&self, loan: &mut Loan<'_>, batch: &api::Batch) -> Result<Collected, Fault> {
        let _call = self.enter("collect", loan.deadline());
        self.instance().collect(loan, batch)
    }

    /// Sends a submission.
    ///
    /// # Errors
    /// The connector's fault; `sent` says whether the provider may have it.
    pub fn submit(
        &self,
        loan: &mut Loan<'_>,
        job: &str,
        submission: &Submission,
    ) -> Result<Receipt, Fault> {
        let _call = self.enter("submit", loan.deadline());
        self.instance().submit(loan, job, submission)
    }

    /// Asks what the provider knows of a submission.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn reconcile(
        &self,
        loan: &mut Loan<'_>,
        job: &str,
        submission: &Submission,
    ) -> Result<Reconciled, Fault> {
        let _call = self.enter("reconcile", loan.deadline());
        self.instance().reconcile(loan, job, submission)
    }

    /// Adds standing orders for the loan's cards; returns those that were refused.
    ///
    /// # Errors
    /// The connector's fault; `sent` says whether the provider may have them.
    pub fn subscribe(
        &self,
        loan: &mut Loan<'_>,
        job: &str,
        add: &Submission,
    ) -> Result<Vec<Refused>, Fault> {
        let _call = self.enter("subscribe", loan.deadline());
        self.instance().subscribe(loan, job, add)
    }

    /// Removes the standing orders of the loan's cards; returns those that were not removed.
    ///
    /// # Errors
    /// The connector's fault; `sent` says whether the provider may have done it.
    pub fn unsubscribe(
        &self,
        loan: &mut Loan<'_>,
        job: &str,
        remove: &Submission,
    ) -> Result<Vec<Refused>, Fault> {
        let _call = self.enter("unsubscribe", loan.deadline());
        self.instance().unsubscribe(loan, job, remove)
    }

    /// Names the batches that a webhook call announces. No network is lent, and card numbers in the
    /// fault are masked.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn receive(&self, notification: Notification) -> Result<Vec<Announced>, Fault> {
        let mut reading = Reading::begin();
        let _call = self.enter("receive", reading.deadline());
        let outcome = self.instance().receive(&mut reading, notification);
        reading.settle(outcome)
    }

    fn enter(&self, verb: &'static str, deadline: Instant) -> (Inside, UnderWay) {
        let call = under_way::Call {
            connector: self.connector.manifest().name,
            account: self.account.clone(),
            verb,
            since: clock::now(),
            deadline,
        };
        (Inside::enter(self.connector.note), UnderWay::begin(call))
    }

    fn instance(&self) -> &Instance {
        let instance = self.instance.as_ref();
        instance.expect("only `drop` takes it away")
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let _inside = Inside::enter(self.connector.note);
        self.instance.take();
    }
}
