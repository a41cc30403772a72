//! An HTTP status is an answer; a redirect is not followed.

use super::*;

#[test]
fn every_status_but_a_redirect_is_an_answer() {
    let mut server = mockito::Server::new();
    for status in [200, 201, 204, 400, 401, 403, 404, 410, 422, 429, 500, 503] {
        let mock = server
            .mock("GET", "/v1/status?a=1")
            .with_status(status)
            .with_body(if status == 204 { "" } else { "body" })
            .create();
        let request = Request::get("/v1/status").query("a", 1);
        let (code, body) = fetch(&mut call_to(&server.url()), request).unwrap();
        assert_eq!(usize::from(code), status);
        assert_eq!(body, if status == 204 { &b""[..] } else { b"body" });
        mock.assert();
        mock.remove();
    }
}

#[test]
fn headers_arrive_in_lower_case() {
    let mut server = mockito::Server::new();
    server
        .mock("GET", "/")
        .with_status(429)
        .with_header("Retry-After", "60")
        .with_header("X-Correlation-Id", "abc")
        .create();
    let (head, _) = call_to(&server.url()).send(Request::get("/"), 7).unwrap();
    assert_eq!((head.response, head.status), (7, 429));
    let given = |name: &str| {
        let header = head.headers.iter().find(|(given, _)| given == name);
        header.map(|(_, value)| value.as_str())
    };
    assert_eq!(given("retry-after"), Some("60"));
    assert_eq!(given("x-correlation-id"), Some("abc"));
}

#[test]
fn a_compressed_answer_stays_compressed() {
    let mut server = mockito::Server::new();
    server
        .mock("GET", "/")
        .with_header("content-encoding", "gzip")
        .with_body("not really gzip")
        .create();
    let answer = fetch(&mut call_to(&server.url()), Request::get("/"));
    assert_eq!(answer, Ok((200, b"not really gzip".to_vec())));
}

#[test]
fn a_redirect_is_not_followed_and_names_the_host_alone() {
    for status in [301, 302, 303, 307, 308] {
        for (location, host) in [
            ("https://evil.example/steal?token=t0ken", "evil.example"),
            ("//evil.example/steal", "evil.example"),
            ("/elsewhere", "127.0.0.1"),
            ("http://[", "an unreadable place"),
        ] {
            let mut server = mockito::Server::new();
            let elsewhere = server.mock("GET", "/elsewhere").expect(0).create();
            server
                .mock("GET", mockito::Matcher::Regex("^/v1/cards/".into()))
                .with_status(status)
                .with_header("location", location)
                .create();
            let fault = call_to(&server.url())
                .send(confidential(), 1)
                .err()
                .unwrap();
            let expected = format!(
                "GET /v1/cards/{{card}}: HTTP {status} sends us to {host}; the daemon follows no \
                 redirect: check the account's address"
            );
            assert_eq!(fault, Fault::garbled(expected));
            elsewhere.assert();
        }
    }
}

#[test]
fn a_redirect_to_nowhere_is_not_followed_either() {
    let mut server = mockito::Server::new();
    server.mock("GET", "/").with_status(302).create();
    let fault = call_to(&server.url())
        .send(Request::get("/"), 1)
        .err()
        .unwrap();
    assert!(fault.message.contains("an unreadable place"), "{fault}");
}
