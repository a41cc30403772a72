//! What a loan comes to in the end, whatever the connector made of it.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use mockito::{Server, ServerGuard};
use reissue_connector_api::abi::host::Host;
use reissue_connector_api::{Fault, Kind, Outcome, Pans, Request, Update};
use tokio::runtime::{Builder, Runtime};

use crate::connector::{Loan, Updates};
use crate::egress::{Call, Egress, Limits, Stop, Way};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().unwrap()
});

fn call(server: &ServerGuard, stop: Stop) -> Call {
    call_of(server, stop, Duration::from_secs(3_600))
}

fn call_of(server: &ServerGuard, stop: Stop, time: Duration) -> Call {
    let limits = Limits {
        requests_per_second: 1e9,
        response_bytes: 100,
        idle: Duration::from_secs(60),
        call: time,
    };
    let egress = Egress::new(
        &server.url(),
        Way::default(),
        limits,
        RUNTIME.handle().clone(),
    )
    .unwrap();
    Arc::new(egress).call(1, stop)
}

fn loan(server: &ServerGuard) -> Loan<'static> {
    Loan::without_updates(call(server, Stop::default()))
}

fn fault_of(loan: Loan<'_>, outcome: Result<(), Fault>) -> Fault {
    loan.settle(outcome).err().unwrap()
}

#[test]
fn a_garbled_answer_is_named_by_length_and_checksum() {
    let mut server = Server::new();
    server.mock("GET", "/").with_body("123456789").create();
    let mut loan = loan(&server);
    let head = loan.http(Request::get("/")).unwrap();
    while !loan.read(head.response).unwrap().is_empty() {}
    let fault = fault_of(loan, Err(Fault::garbled("not JSON")));
    assert_eq!(fault.message, "not JSON (9 bytes read, CRC-32 cbf43926)");
}

#[test]
fn a_card_number_in_a_fault_is_masked() {
    let server = Server::new();
    let fault = Fault::refused("no card 4111111111111111 12/27");
    assert_eq!(
        fault_of(loan(&server), Err(fault)).message,
        "no card 411111XXXXXX1111 12/27"
    );
}

#[test]
fn whatever_fails_after_a_post_the_provider_may_have_it() {
    let mut server = Server::new();
    server.mock("POST", "/").with_status(202).create();
    server.mock("GET", "/").create();
    let own_fault = || Err(Fault::new(Kind::Unreachable, "the connector's own"));

    let mut reading = loan(&server);
    reading.http(Request::get("/")).unwrap();
    assert!(!fault_of(reading, own_fault()).sent);

    let mut posting = loan(&server);
    let post = Request::post("/", "text/plain", b"1".to_vec());
    posting.http(post).unwrap();
    assert!(fault_of(posting, own_fault()).sent);
}

#[test]
fn what_a_provider_answers_to_a_post_says_whether_it_may_have_it() {
    let may_have_it = |status| {
        let mut server = Server::new();
        let answer = server.mock("POST", "/").with_status(status);
        answer.with_header("location", "/elsewhere").create();
        let mut loan = loan(&server);
        let post = Request::post("/", "text/plain", b"1".to_vec());
        let answer = loan.http(post);
        // As `Response::fault` makes it.
        let fault = answer.map(|_| Fault::new(Kind::Busy, "").sent());
        fault_of(loan, fault.and_then(Err)).sent
    };
    assert!(!may_have_it(429), "it did nothing");
    for status in [200, 302, 400, 401, 403, 408, 409, 425, 500, 502, 503, 504] {
        assert!(may_have_it(status), "{status}");
    }
}

#[test]
fn an_older_answer_cannot_be_read_any_more() {
    let mut server = Server::new();
    server.mock("GET", "/").with_body("1").expect(2).create();
    let mut loan = loan(&server);
    let older = loan.http(Request::get("/")).unwrap();
    let newer = loan.http(Request::get("/")).unwrap();
    assert_eq!(
        loan.read(older.response).err().unwrap(),
        Fault::refused("the connector read an answer after its next request")
    );
    assert_eq!(loan.read(newer.response).unwrap(), b"1");
}

#[test]
fn updates_are_taken_in_collect_alone() {
    let server = Server::new();
    let mut loan = loan(&server);
    let fault = loan.emit(&Update::new(Outcome::Valid)).unwrap_err();
    assert_eq!(fault, Fault::unsupported("report updates in this call"));
}

#[test]
fn updates_go_where_the_call_says() {
    struct Full;
    impl Updates for Full {
        fn take(&mut self, _: &Update<'_>) -> Result<(), Fault> {
            Err(full())
        }
    }
    fn full() -> Fault {
        Fault::new(Kind::Unreachable, "the disk is full")
    }
    let server = Server::new();
    let call = call(&server, Stop::default());
    let mut full_disk = Full;
    let mut loan = Loan::for_collect(call, &mut full_disk, Pans::None);
    assert_eq!(loan.emit(&Update::new(Outcome::Valid)), Err(full()));
}

#[test]
fn a_daemon_that_stops_takes_nothing_more() {
    let mut server = Server::new();
    let never = server.mock("GET", "/").expect(0).create();
    let stop = Stop::default();
    let mut loan = Loan::without_updates(call(&server, stop.clone()));
    assert!(!loan.cancelled());
    stop.stop();
    assert!(loan.cancelled());
    let fault = loan.http(Request::get("/")).unwrap_err();
    assert_eq!((fault.kind, fault.sent), (Kind::Cancelled, false));
    let fault = loan.emit(&Update::new(Outcome::Valid)).unwrap_err();
    assert_eq!(fault.kind, Kind::Cancelled);
    never.assert();
}

#[test]
fn after_the_deadline_nothing_is_lent() {
    let mut server = Server::new();
    let never = server.mock("GET", "/").expect(0).create();
    let call = call_of(&server, Stop::default(), Duration::ZERO);
    let mut loan = Loan::without_updates(call);
    assert!(loan.cancelled());
    let up = Fault::new(
        Kind::Unreachable,
        "the call took longer than 0s (limits.call_timeout of the account)",
    );
    assert_eq!(loan.http(Request::get("/")), Err(up.clone()));
    assert_eq!(loan.read(1), Err(up.clone()));
    assert_eq!(loan.emit(&Update::new(Outcome::Valid)), Err(up.clone()));
    // A connector that looks at `cancelled` and says so was not cancelled.
    let cancelled = Err(Fault::new(Kind::Cancelled, "as you wish"));
    assert_eq!(fault_of(loan, cancelled), up);
    never.assert();
}

#[test]
fn nobody_is_cancelled_while_the_daemon_goes_on() {
    let server = Server::new();
    let cancelled = || Err(Fault::new(Kind::Cancelled, "as you wish"));
    assert_eq!(
        fault_of(loan(&server), cancelled()),
        Fault::garbled("the connector says that it was cancelled, and nobody did")
    );
    let stop = Stop::default();
    let stopping = Loan::without_updates(call(&server, stop.clone()));
    stop.stop();
    assert_eq!(fault_of(stopping, cancelled()).kind, Kind::Cancelled);
}
