//! Refusals as a person and the ledger see them.

use std::time::Duration;

use reissue_connector_api::testkit::Answer;
use reissue_connector_api::{Fault, Kind};

use super::{CREATE, batch, card, daemon, data, retrieve, submission};

fn of_create(answer: Answer) -> Fault {
    let mut daemon = daemon();
    daemon.set_cards([card("k1", "4111111111111111", "2027-04")]);
    daemon.expect(CREATE, answer);
    let fault = daemon
        .submit("inquiry", &submission("sub-1", 1))
        .unwrap_err();
    assert!(fault.sent);
    fault
}

fn of_retrieve(answer: Answer) -> Fault {
    let mut daemon = daemon();
    daemon.expect(&retrieve("sub-1"), answer);
    daemon.collect(&batch("sub-1")).unwrap_err()
}

#[test]
fn what_was_asked_decides_what_a_refusal_means() {
    for (http, create, retrieve) in [
        (400, Kind::Refused, Kind::Refused),
        (401, Kind::Credentials, Kind::Credentials),
        (403, Kind::Credentials, Kind::Refused),
        (404, Kind::Refused, Kind::Refused),
        (409, Kind::Busy, Kind::Busy),
        (410, Kind::Refused, Kind::Gone),
        (422, Kind::Refused, Kind::Refused),
        (429, Kind::Busy, Kind::Busy),
        (500, Kind::Busy, Kind::Busy),
        (503, Kind::Busy, Kind::Busy),
    ] {
        assert_eq!(
            of_create(Answer::new(http, "")).kind,
            create,
            "create, {http}"
        );
        assert_eq!(
            of_retrieve(Answer::new(http, "")).kind,
            retrieve,
            "retrieve, {http}"
        );
    }
}

/// The value of the wrong property stays out: it may be a card's.
#[test]
fn a_refusal_is_told_in_one_sentence() {
    assert_eq!(
        of_create(Answer::new(400, data!("messages.xml"))).message,
        "submitting batch sub-1: HTTP 400: EXAMPLE_ERROR_NAME; 10000; Example description; \
         expiration-month"
    );
    assert_eq!(
        of_retrieve(Answer::new(403, "")).message,
        "retrieving batch sub-1: HTTP 403; check `username`, `password`, and that the API settings of \
         BlueSnap's portal list the address that we call from; BlueSnap answers the same for a batch \
         that it does not know or has purged"
    );
    assert_eq!(
        of_retrieve(Answer::new(429, "Client request rate is too high\n")).message,
        "retrieving batch sub-1: HTTP 429: Client request rate is too high"
    );
}

#[test]
fn a_body_that_explains_nothing_is_no_further_fault() {
    for body in ["<html><body>Forbidden</body></html>", "", "{}", "<messages"] {
        let fault = of_create(Answer::new(400, body));
        assert_eq!(fault.message, "submitting batch sub-1: HTTP 400");
    }
}

#[test]
fn the_providers_wish_for_when_to_come_back_is_kept() {
    let fault = of_retrieve(Answer::new(429, "").header("retry-after", "120"));
    assert_eq!(fault.retry_after, Some(Duration::from_secs(120)));
}
