//! Whether BlueSnap has a submission whose answer was lost: it is asked for our own id.

use reissue_connector_api::testkit::Answer;
use reissue_connector_api::{Fault, FoundState, Kind, Reconciled};

use super::{daemon, data, retrieve, submission, xml};

fn reconcile(answer: Answer) -> Result<Reconciled, Fault> {
    let mut daemon = daemon();
    daemon.expect(&retrieve("sub-1"), answer);
    let reconciled = daemon.reconcile("inquiry", &submission("sub-1", 2));
    assert!(daemon.requests().iter().all(|one| one.method == "GET"));
    reconciled
}

#[test]
fn a_batch_that_is_there_was_accepted_ready_or_not() {
    for (body, state) in [
        (data!("retrieve_not_ready_200.xml"), FoundState::Running),
        (data!("retrieve_completed_200.xml"), FoundState::Ready),
    ] {
        let Ok(Reconciled::Accepted(receipt)) = reconcile(xml(body)) else {
            panic!("it is there");
        };
        assert_eq!(receipt.found.id, "sub-1");
        assert_eq!(receipt.found.submission.as_deref(), Some("sub-1"));
        assert_eq!(receipt.found.state, state);
        // What was refused at once is never told again.
        assert_eq!((receipt.accepted, receipt.refused.len()), (None, 0));
    }
}

#[test]
fn a_batch_that_is_unknown_was_not_seen() {
    let answer = Answer::new(403, data!("messages.xml"));
    assert_eq!(reconcile(answer), Ok(Reconciled::NotSeen));
}

#[test]
fn anything_else_leaves_it_open() {
    for (status, kind) in [
        (401, Kind::Credentials),
        (404, Kind::Refused),
        (429, Kind::Busy),
        (500, Kind::Busy),
    ] {
        assert_eq!(
            reconcile(Answer::new(status, "")).unwrap_err().kind,
            kind,
            "{status}"
        );
    }
    let half = &data!("retrieve_completed_200.xml")[..900];
    assert_eq!(reconcile(xml(half)).unwrap_err().kind, Kind::Garbled);
}
