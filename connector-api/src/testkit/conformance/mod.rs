//! Conformance: whether a connector keeps what its manifest claims and what the daemon relies on.
//!
//! An author scripts what the provider answers when all is well ([`Provider`]). Everything that can
//! go wrong is made of that: every answer is replaced by error statuses, gateways' pages and bodies
//! that end early, every provider's code by one that nobody knows, and the daemon stops at each of
//! its loans in turn. So a rule that is added here is kept by every connector without a word from
//! its author, and a refused connector is told in one sentence what to do.

mod answers;
mod bodies;
mod cancelling;
mod claims;
mod invariants;
mod manifest;
mod play;
mod provider;
mod settings;
mod updates;
mod words;

use self::play::Stage;
pub use self::provider::Provider;
use crate::Connector;

/// Adds the test `conforms` to a connector's tests: `conformance!(MyConnector, provider());`.
#[macro_export]
macro_rules! conformance {
    ($connector:ty, $provider:expr) => {
        #[test]
        fn conforms() {
            let violations = $crate::testkit::violations::<$connector>(&$provider);
            assert!(
                violations.is_empty(),
                "the connector does not conform:\n- {}",
                violations.join("\n- ")
            );
        }
    };
}

/// What a connector violates, a sentence each, at most one for each rule. A later group of rules is
/// tried once the earlier ones are kept: what a connector does is hard to judge while it is not what
/// its manifest says.
pub fn violations<C: Connector>(provider: &Provider) -> Vec<String> {
    let stage = Stage::of::<C>(provider);
    let groups: [&[Rule]; 3] = [
        &[manifest::check, settings::check],
        &[claims::check],
        &[
            updates::check,
            words::check,
            answers::check,
            bodies::check,
            cancelling::check,
        ],
    ];
    let violations = groups.into_iter().map(|rules| broken(rules, &stage));
    let mut violations = violations.skip_while(Vec::is_empty);
    violations.next().unwrap_or_default()
}

/// One sentence if it is violated.
type Rule = fn(&Stage<'_>) -> Result<(), String>;

fn broken(rules: &[Rule], stage: &Stage<'_>) -> Vec<String> {
    let mut sentences = Vec::new();
    for rule in rules {
        if let Err(sentence) = rule(stage)
            && !sentences.contains(&sentence)
        {
            sentences.push(sentence);
        }
    }
    sentences
}
