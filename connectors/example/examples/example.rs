//! A local Example with one report, to run the daemon against; `connectors/README.md` says how.
#![allow(clippy::print_stdout, reason = "it says where it listens")]

use mockito::{Matcher, Server, ServerOpts};

const REPORT: &str = r#"{"id":"r-7","state":"ready","records":3}"#;
const RECORDS: &str = r#"{"id":"1","code":"extended","card":{"token":"tok-1","expires":"11/26"},"new_card":{"token":"tok-1","expires":"11/30"}}
{"id":"2","code":"closed","card":{"token":"tok-2"}}
{"id":"3","code":"current","card":{"token":"tok-3"}}
"#;

fn main() {
    let mut server = Server::new_with_opts(ServerOpts {
        port: 9100,
        ..ServerOpts::default()
    });
    // Who has another key, or asks for something else. Mockito prefers a mock that still expects
    // requests, so this one expects none.
    let _refused = server
        .mock("GET", Matcher::Any)
        .with_status(401)
        .with_body(r#"{"error":"who are you, and what do you want?"}"#)
        .expect(0)
        .create();
    let page = format!(r#"{{"reports":[{REPORT}],"more":false}}"#);
    let of_merchant = Matcher::UrlEncoded("merchant".into(), "acme".into());
    let _kept = [
        server
            .mock("GET", "/v1/reports")
            .match_query(of_merchant)
            .with_body(page),
        server.mock("GET", "/v1/reports/r-7").with_body(REPORT),
        server
            .mock("GET", "/v1/reports/r-7/records")
            .with_body(RECORDS),
    ]
    .map(|mock| mock.match_header("x-api-key", "k-0123456789").create());
    println!("listening on {}; Ctrl-C ends it", server.url());
    loop {
        std::thread::park();
    }
}
