//! Write a Reissue connector.
//!
//! A connector is a pure translator between one account-updater provider and Reissue's vocabulary.
//! It holds no state, no cursor, no runtime, no retry and no clock: it is straight-line blocking
//! code on a thread that the daemon owns. Every byte that it sends and every update that it reports
//! goes through [`Run`], which the daemon lends it for one call. Waiting is data
//! ([`Collected::NotReady`]), never a blocked thread; trying again is the daemon's business.
//!
//! ```
//! use reissue_connector_api::*;
//!
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! struct Settings {}
//!
//! struct Example;
//!
//! impl Connector for Example {
//!     const MANIFEST: Manifest = Manifest {
//!         name: "example",
//!         version: env!("CARGO_PKG_VERSION"),
//!         summary: "A provider that does not exist",
//!         environments: &[],
//!         secrets: &[],
//!         pans: Pans::None,
//!         jobs: &[],
//!     };
//!     type Settings = Settings;
//!
//!     fn open(_: Settings, _: &Account) -> Result<Self, Fault> {
//!         Ok(Self)
//!     }
//! }
//!
//! export_connector!(Example);
//! ```

pub mod abi;
mod account;
mod batch;
mod card;
mod enrolment;
mod fault;
pub mod json;
pub mod lenient;
pub mod lines;
mod manifest;
mod notification;
mod run;
mod seconds;
mod secret;
mod submission;
pub mod testkit;
mod update;
mod word;
#[cfg(feature = "xml")]
pub mod xml;

pub use account::Account;
pub use batch::{Batch, Collected, Found, FoundState, Origin, Totals, Window};
pub use card::{Brand, Expiry, NotAPan, NotAnExpiry, Pan, mask_pans};
pub use enrolment::{EnrolState, EnrolStep, Progress, Signatory};
pub use fault::{Fault, Kind};
pub use manifest::{
    Environment, Job, Manifest, Pans, SecretName, Timing, Verb, days, hours, minutes,
};
pub use notification::{Announced, Notification};
pub use run::{Head, Level, Request, Response, Run};
pub use secrecy::{ExposeSecret, SecretString};
pub use secret::Secrets;
pub use submission::{CardToAsk, Receipt, Reconciled, Refused, Submission};
pub use update::{Card, Outcome, Related, Update};

/// A translator between one provider and Reissue's vocabulary.
///
/// A connector implements the verbs of the jobs in its manifest; the others keep their default,
/// which says that the connector does not do this. At most one request other than `GET` may be sent
/// in one call: the daemon has a durable intent for exactly one.
pub trait Connector: Sized + Send + Sync + 'static {
    /// Name, version, environments, jobs with their timings, which card numbers it handles, the
    /// names of its secrets.
    const MANIFEST: Manifest;

    /// The account's `settings` table. Deny unknown fields, so that a typo is an error with a name.
    type Settings: serde::de::DeserializeOwned + schemars::JsonSchema;

    /// Makes an instance for an account. No IO: `reissue check` calls it too.
    ///
    /// # Errors
    /// `settings`, with a sentence that names the key.
    fn open(settings: Self::Settings, account: &Account) -> Result<Self, Fault>;

    /// Takes the next step of the account's enrolment. What it asks to remember is sealed before the
    /// step after it begins.
    ///
    /// While the enrolment is pending, and while `so_far.unanswered` says that an answer was lost, a
    /// step only looks: no request other than `GET` is let out.
    ///
    /// Where a job needs a webhook, an active account is one whose provider has been told
    /// `so_far.webhook_url`: registering another address than before is a step like any other.
    ///
    /// # Errors
    /// Any fault; the step will be taken again.
    fn enrol(&self, run: &Run<'_>, so_far: &Progress) -> Result<EnrolStep, Fault> {
        let _ = (run, so_far);
        Ok(EnrolStep::active())
    }

    /// Lists the batches of a discover job that were created in the window, in any order. Batches
    /// that are listed again are recognised by their id.
    ///
    /// # Errors
    /// Any fault; the window will be listed again.
    fn discover(&self, run: &Run<'_>, job: &str, window: Window) -> Result<Vec<Found>, Fault> {
        let _ = (run, window);
        Err(Fault::unsupported(&format!("discover `{job}`")))
    }

    /// Sends a submission in one request. It is never repeated by itself once the request may have
    /// left, so `Fault::sent` must be true then.
    ///
    /// # Errors
    /// Any fault.
    fn submit(&self, run: &Run<'_>, job: &str, submission: &Submission) -> Result<Receipt, Fault> {
        let _ = (run, submission);
        Err(Fault::unsupported(&format!("submit `{job}`")))
    }

    /// Finds out, without sending anything that costs, whether the provider has a submission.
    ///
    /// # Errors
    /// Any fault; it will be asked again.
    fn reconcile(
        &self,
        run: &Run<'_>,
        job: &str,
        submission: &Submission,
    ) -> Result<Reconciled, Fault> {
        let _ = (run, job, submission);
        Ok(Reconciled::Unknowable)
    }

    /// Adds standing orders for the cards in one request; returns those that were refused, which are
    /// not subscribed then.
    ///
    /// # Errors
    /// Any fault; `sent` says whether the provider may have them.
    fn subscribe(&self, run: &Run<'_>, job: &str, add: &Submission) -> Result<Vec<Refused>, Fault> {
        let _ = (run, add);
        Err(Fault::unsupported(&format!("subscribe `{job}`")))
    }

    /// Removes standing orders in one request; returns those that cannot be there, because the provider
    /// would not have taken them. A removal is repeated until it is confirmed, so it may come again for
    /// what is removed already.
    ///
    /// # Errors
    /// Any fault, also where one of them may still be there.
    fn unsubscribe(
        &self,
        run: &Run<'_>,
        job: &str,
        remove: &Submission,
    ) -> Result<Vec<Refused>, Fault> {
        let _ = (run, remove);
        Err(Fault::unsupported(&format!("unsubscribe `{job}`")))
    }

    /// Names the batches that a webhook call announces, and the job of each. Pure: the body is only a
    /// hint, and nothing of it is believed but the name of a batch.
    ///
    /// # Errors
    /// `garbled` where it announces nothing that is documented.
    fn receive(&self, notification: &Notification) -> Result<Vec<Announced>, Fault> {
        let _ = notification;
        Err(Fault::unsupported("receive webhooks"))
    }

    /// Reads the batch's status and, once it is ready, its results; every update goes out through
    /// `run.emit`. Called again after a crash, it reports everything again.
    ///
    /// # Errors
    /// Any fault. Only `gone` ends a batch; a body that breaks off must never end in `Complete`.
    fn collect(&self, run: &Run<'_>, batch: &Batch) -> Result<Collected, Fault> {
        let _ = (run, batch);
        Err(Fault::unsupported("collect"))
    }
}

/// Exports a connector from its `cdylib`: the one symbol that the daemon looks for.
#[macro_export]
macro_rules! export_connector {
    ($connector:ty) => {
        #[doc(hidden)]
        #[allow(unsafe_code, non_upper_case_globals, missing_docs)]
        #[unsafe(no_mangle)]
        pub static reissue_connector_v0: $crate::abi::table::ConnectorTable =
            $crate::abi::table::ConnectorTable {
                // Asked here, because what a panic does is decided where the library is linked.
                flags: if cfg!(panic = "abort") {
                    $crate::abi::table::PANICS_ABORT
                } else {
                    0
                },
                ..$crate::abi::author::table_of::<$connector>()
            };
    };
}
