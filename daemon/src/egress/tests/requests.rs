//! What is sent, and what is not.

use super::*;

/// Sends a request to a server that answers it, and returns what arrived.
fn arrived(request: Request) -> (Vec<String>, Vec<u8>) {
    let (origin, requests) = wire::serve();
    let sending = std::thread::spawn(move || fetch(&mut call_to(&origin), request));
    let mut asked = requests.recv().unwrap();
    asked.say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    let answer = sending.join().unwrap();
    assert_eq!(answer, Ok((200, b"ok".to_vec())));
    let authority = asked.connection.local_addr().unwrap().to_string();
    let mut head: Vec<String> = asked
        .head
        .iter()
        .map(|line| line.replace(&authority, "AUTHORITY"))
        .collect();
    head[1..].sort();
    (head, asked.body)
}

const USER_AGENT: &str = concat!("user-agent: reissue/", env!("CARGO_PKG_VERSION"));

#[test]
fn a_get_carries_the_connectors_headers_and_three_of_ours() {
    let request = Request::get("/v1/batches/{batch}")
        .param("batch", "a/b")
        .query("limit", 1)
        .header("X-Signed", "host date");
    let (head, body) = arrived(request);
    assert_eq!(
        head,
        [
            "GET /v1/batches/a%2Fb?limit=1 HTTP/1.1",
            "accept: */*",
            "host: AUTHORITY",
            USER_AGENT,
            "x-signed: host date",
        ]
    );
    assert_eq!(body, b"");
}

#[test]
fn a_connector_may_say_itself_what_it_accepts() {
    let request = Request::get("/").header("Accept", "application/hal+json");
    let (head, _) = arrived(request);
    assert_eq!(
        head,
        [
            "GET / HTTP/1.1",
            "accept: application/hal+json",
            "host: AUTHORITY",
            USER_AGENT,
        ]
    );
}

#[test]
fn a_body_goes_with_any_method() {
    for method in ["POST", "DELETE", "PUT", "PATCH"] {
        let mut request = Request::post("/v1", "application/json", b"{\"a\":1}".to_vec());
        request.method = method.into();
        let (head, body) = arrived(request);
        assert_eq!(
            head,
            [
                &format!("{method} /v1 HTTP/1.1"),
                "accept: */*",
                "content-length: 7",
                "content-type: application/json",
                "host: AUTHORITY",
                USER_AGENT,
            ]
        );
        assert_eq!(body, b"{\"a\":1}");
    }
}

#[test]
fn the_authority_has_the_port_that_is_not_the_schemes_own() {
    let authority = |origin| egress_to(origin, wide()).authority().to_owned();
    assert_eq!(authority("https://api.example.com"), "api.example.com");
    assert_eq!(authority("https://api.example.com:443"), "api.example.com");
    assert_eq!(
        authority("https://api.example.com:8443"),
        "api.example.com:8443"
    );
    assert_eq!(authority("http://127.0.0.1:9100"), "127.0.0.1:9100");
}

#[test]
fn a_path_that_leaves_the_origin_or_would_be_altered_is_not_sent() {
    let mut server = mockito::Server::new();
    let never = server.mock("GET", mockito::Matcher::Any).expect(0).create();
    let host = server.host_with_port();
    for path in [
        "//evil.example/steal",
        "/\\evil.example/steal",
        "\\\\evil.example/steal",
        "https://evil.example/steal",
        "@evil.example/steal",
        ":pass@evil.example/steal",
        ".evil.example/steal",
        ":1/steal",
        "steal",
        "",
        "?steal",
        "/a/../steal",
        "/a/%2e%2e/steal",
        "/./steal",
        "/steal#fragment",
        "/ste al",
        "/ste\tal",
        "/ste\nal",
        "/stéal",
        "/v1/{unfilled}",
    ] {
        let mut request = Request::get("/template");
        request.path = path.into();
        let expected = format!(
            "the connector asked for something other than a plain path below http://{host}/; the \
             daemon sent nothing"
        );
        let fault = call_to(&server.url()).send(request, 1).err();
        let expected = Fault::new(Kind::Refused, expected);
        assert_eq!(fault, Some(expected), "{path:?}");
    }
    never.assert();
}

#[test]
fn what_is_not_http_is_not_sent() {
    let header = |name: &'static str, value: &str| Request::get("/").header(name, value);
    let mut method = Request::get("/");
    method.method = "GE T".into();
    for (request, what) in [
        (header("not a name", "1"), "header"),
        (header("x-split", "1\r\nx-other: 2"), "header"),
        (method, "method"),
    ] {
        let (origin, requests) = wire::serve();
        let fault = call_to(&origin).send(request, 1).err().unwrap();
        assert_eq!((fault.kind, fault.sent), (Kind::Refused, false));
        let expected = format!("the connector's {what} is not HTTP");
        assert!(fault.message.ends_with(&expected), "{fault}");
        assert!(requests.try_recv().is_err());
    }
}
