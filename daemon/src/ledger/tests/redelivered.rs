//! A batch that a person wants delivered once more.

use super::batch::{
    after, collected, delivered, found, in_each_state, publishing, redelivered, resolved,
    spool_deleted, then,
};
use crate::ledger::State;
use crate::ledger::batch::SinkState;
use crate::ledger::event::Resolution;

#[test]
fn delivered_once_more_means_to_the_sinks_that_were_named() {
    let delivered = &in_each_state()[6];
    let again = then(delivered, &redelivered(&["b", "c"]));
    assert!(matches!(again.sinks["a"], SinkState::Done { .. }));
    assert_eq!(again.sinks["b"], SinkState::Pending);
    assert_eq!(again.sinks["c"], SinkState::Pending);
    let without_spool = then(delivered, &spool_deleted());
    assert_eq!(
        then(&without_spool, &redelivered(&["b"])),
        without_spool,
        "there is nothing to deliver"
    );
}

#[test]
fn what_was_given_up_stays_so_for_the_sinks_that_were_not_named() {
    let abandoned = after(&[
        found(),
        collected(3, &["a", "b", "c"]),
        publishing("a"),
        publishing("c"),
        delivered("c"),
        resolved(Resolution::Abandon),
    ]);
    let again = then(&abandoned, &redelivered(&["b"]));
    assert_eq!(again.sinks.keys().collect::<Vec<_>>(), ["b", "c"]);
    let all = then(&then(&again, &publishing("b")), &delivered("b"));
    assert_eq!(all.state, State::Delivered);
}
