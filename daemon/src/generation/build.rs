//! What becomes of a configuration's sections, and everything that can be wrong with them beyond
//! their form.
//!
//! Every problem is reported at once, so nothing here ends at the first: what cannot be made is left
//! out, with its problem, and whatever needs it is silent about it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use reissue_config::{Config, Problem, Problems};
use tokio::runtime::Handle;

use crate::connector::Catalogue;
use crate::seal::Keyring;
use crate::source::Source;

/// Resolves section after section and collects the problems.
pub(super) struct Builder<'c> {
    pub(super) config: &'c Config,
    pub(super) catalogue: &'c Catalogue,
    pub(super) credentials: Option<&'c Path>,
    /// Opens what enrolments left.
    pub(super) keyring: Option<&'c Keyring>,
    pub(super) runtime: &'c Handle,
    pub(super) waiting: BTreeMap<String, String>,
    pub(super) sources: BTreeMap<String, Arc<Source>>,
    /// The schedules that keep an account's subscriptions, by account.
    pub(super) keepers: BTreeMap<String, String>,
    pub(super) problems: Problems,
}

impl Builder<'_> {
    pub(super) fn problem(
        &mut self,
        path: &[&str],
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let problem: Problem = self.config.problem(path, message);
        self.problems.push(match help {
            Some(help) => problem.help(help),
            None => problem,
        });
    }
}
