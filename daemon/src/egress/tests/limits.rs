//! What one call may do: so many requests, one of them paid, so many bytes, so long.

use super::*;

fn post() -> Request {
    Request::post("/v1/inquiries", "application/json", b"{}".to_vec())
}

#[test]
fn a_second_request_other_than_get_is_not_sent() {
    for second in ["POST", "PUT", "DELETE", "PATCH", "HEAD"] {
        let mut server = mockito::Server::new();
        let posts = server.mock("POST", "/v1/inquiries").expect(1).create();
        let others = server
            .mock(second, "/v1/inquiries")
            .match_header("x-second", "yes")
            .expect(0)
            .create();
        let gets = server.mock("GET", "/v1/inquiries").expect(2).create();
        let mut call = call_to(&server.url());
        let get = || Request::get("/v1/inquiries");
        fetch(&mut call, get()).unwrap();
        assert!(!call.has_posted());
        fetch(&mut call, post()).unwrap();
        assert!(call.has_posted());

        let mut request = post().header("x-second", "yes");
        request.method = second.into();
        let fault = call.send(request, 1).err().unwrap();
        let expected = format!(
            "the connector tried a {second} that the daemon holds no durable intent for; nothing was \
             sent"
        );
        assert_eq!(fault, Fault::new(Kind::Refused, expected));

        fetch(&mut call, get()).unwrap();
        posts.assert();
        others.assert();
        gets.assert();
    }
}

#[test]
fn a_call_that_may_send_nothing_but_gets_sends_nothing_else() {
    let (origin, requests) = wire::serve();
    let mut call = egress_to(&origin, wide()).call(0, Stop::default());
    let fault = call.send(post(), 1).err().unwrap();
    assert_eq!((fault.kind, fault.sent), (Kind::Refused, false));
    assert!(requests.try_recv().is_err());
}

#[test]
fn a_request_that_surely_did_not_arrive_is_no_post() {
    let (origin, _socket) = broken::nobody_there();
    let mut call = call_to(&origin);
    call.send(post(), 1).err().unwrap();
    assert!(!call.has_posted());
}

#[test]
fn a_call_that_never_ends_is_ended() {
    let mut server = mockito::Server::new();
    let pages = server.mock("GET", "/page").expect(1_000).create();
    let mut call = call_to(&server.url());
    for _ in 0..1_000 {
        fetch(&mut call, Request::get("/page")).unwrap();
    }
    let fault = call.send(Request::get("/page"), 1).err().unwrap();
    let expected = "the call already made 1000 requests; the daemon ends it, because the provider's \
                    pages do not seem to";
    assert_eq!(fault, Fault::new(Kind::Refused, expected));
    pages.assert();
}

#[test]
fn an_answer_may_be_as_long_as_allowed_and_no_longer() {
    let mut server = mockito::Server::new();
    server.mock("GET", "/").with_body("0123456789").create();
    let fetch_at_most = |response_bytes| {
        let limits = Limits {
            response_bytes,
            ..wide()
        };
        let mut call = egress_to(&server.url(), limits).call(0, Stop::default());
        fetch(&mut call, Request::get("/"))
    };
    assert_eq!(fetch_at_most(10), Ok((200, b"0123456789".to_vec())));
    assert_eq!(
        fetch_at_most(9),
        Err(Fault::refused(
            "the answer is longer than 9 bytes (limits.response_bytes of the account)"
        ))
    );
}

#[test]
fn a_call_whose_time_is_up_ends() {
    let (origin, _requests) = wire::serve();
    let limits = Limits {
        call: Duration::ZERO,
        ..wide()
    };
    let mut call = egress_to(&origin, limits).call(0, Stop::default());
    let fault = call.send(confidential(), 1).err().unwrap();
    assert_eq!((fault.kind, fault.sent), (Kind::Unreachable, true));
    let expected = "the call took longer than 0s (limits.call_timeout of the account)";
    assert!(fault.message.ends_with(expected), "{fault}");
    keeps_its_secrets(&fault);
}

#[test]
fn an_answer_that_is_silent_for_too_long_ends() {
    let (origin, _requests) = wire::serve();
    let limits = Limits {
        idle: Duration::from_millis(20),
        ..wide()
    };
    let mut call = egress_to(&origin, limits).call(0, Stop::default());
    let fault = call.send(confidential(), 1).err().unwrap();
    assert_eq!((fault.kind, fault.sent), (Kind::Unreachable, true));
    let expected = "nothing came for 20ms (limits.idle_timeout of the account)";
    assert!(fault.message.ends_with(expected), "{fault}");
}
