//! Lists whose pages do not end, repeat, shift, or lead elsewhere.

use std::io::ErrorKind;
use std::net::TcpListener;

use reissue_tests::{Config, World};
use serde_json::json;

use crate::answers::{answer, redirect};
use crate::{daily, recovers};

/// A host that must not be talked to.
struct Stranger(TcpListener);

impl Stranger {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn host(&self) -> String {
        self.0.local_addr().unwrap().to_string()
    }

    /// Fails if anybody has connected, be it without a word.
    #[track_caller]
    fn was_left_alone(&self) {
        assert_eq!(self.0.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    }
}

#[test]
fn a_stranger_would_notice_a_connection() {
    let stranger = Stranger::new();
    stranger.was_left_alone();
    std::net::TcpStream::connect(stranger.host()).unwrap();
    assert!(std::panic::catch_unwind(|| stranger.was_left_alone()).is_err());
}

#[test]
fn a_next_link_to_another_host_is_not_followed() {
    let stranger = Stranger::new();
    let world = World::new();
    let one = daily(&world, "100");
    let then = json!({ "kind": "next_link", "host": stranger.host() });
    world
        .sandbox
        .fault(json!({ "endpoint": "list", "times": 0 }), then);
    let _daemon = world.daemon();

    let run = world.run("amex-daily");

    assert_eq!(run["listed"], 1);
    world.assert_delivered(&[one]);
    stranger.was_left_alone();
}

#[test]
fn a_redirect_to_another_host_is_not_followed_whatever_was_asked_for() {
    let stranger = Stranger::new();
    let world = World::new();
    let one = daily(&world, "100");
    let daemon = world.daemon();
    for endpoint in ["list", "status", "report"] {
        let there = redirect(&format!(
            "http://{}/accountupdater/v1/batches",
            stranger.host()
        ));
        world.sandbox.fault(json!({ "endpoint": endpoint }), there);
        world.reissue(&["run", "amex-daily", "--wait"]);
    }

    stranger.was_left_alone();
    world.assert_delivered(&[]);
    recovers(&world, daemon, &[one], &[]);
}

#[test]
fn pages_without_end_end_with_the_calls_requests() {
    let world = World::with(&Config::default().in_accounts(MANY));
    let one = daily(&world, "100");
    // Short ones: the sandbox's own endless pages hold 500 rows each.
    for nth in 1..=1001 {
        let page = json!({
            "_links": [{ "rel": "next", "href": "/" }],
            "_embedded": { "batches": [{ "batchId": nth, "batchSource": "AMEX_MAINTENANCE" }] },
        });
        let matches = json!({ "endpoint": "list", "nth": nth });
        world.sandbox.fault(matches, answer(200, &page.to_string()));
    }
    let daemon = world.daemon();

    let run = world.reissue(&["run", "amex-daily", "--wait", "--json"]);

    assert_eq!(run.code, Some(1));
    assert_eq!(
        run.json()["fault"]["message"],
        "the call already made 1000 requests; the daemon ends it, because the provider's pages do not \
         seem to"
    );
    assert_eq!(world.sandbox.requests()["counts"]["list"], 1000);
    assert_eq!(
        world.reissue(&["batch", "list", "--json"]).ok().json(),
        json!([])
    );
    recovers(&world, daemon, &[one], &[]);
}

#[test]
fn pages_without_end_end_with_the_calls_time() {
    let config = Config::default();
    let short = "limits = { requests_per_second = 10000, call_timeout = \"1s\" }";
    let world = World::with(&config.clone().in_accounts(short));
    let one = daily(&world, "100");
    let endless = json!({ "kind": "endless_paging" });
    world
        .sandbox
        .fault(json!({ "endpoint": "list", "times": 0 }), endless);
    let daemon = world.daemon();

    let run = world.reissue(&["run", "amex-daily", "--wait", "--json"]);

    assert_eq!(run.json()["fault"]["kind"], "unreachable");
    let sentence = run.json()["fault"]["message"].as_str().unwrap().to_owned();
    assert!(
        sentence.ends_with("the call took longer than 1s (limits.call_timeout of the account)"),
        "{sentence}"
    );
    assert_eq!(
        world.reissue(&["batch", "list", "--json"]).ok().json(),
        json!([])
    );
    world.configure(&config);
    recovers(&world, daemon, &[one], &[]);
}

#[test]
fn pages_that_repeat_end_and_bring_each_batch_once() {
    let world = World::new();
    let one = daily(&world, "100");
    world.sandbox.fault(
        json!({ "endpoint": "list", "times": 0 }),
        json!({ "kind": "repeat_page" }),
    );
    let _daemon = world.daemon();

    let run = world.run("amex-daily");

    assert_eq!(run["listed"], 1);
    world.assert_delivered(&[one]);
    let lists = &world.sandbox.requests()["counts"]["list"];
    assert!(
        lists.as_u64().is_some_and(|lists| lists <= 3),
        "{lists} requests for one page"
    );
}

#[test]
fn pages_that_shift_lose_no_batch() {
    let world = World::new();
    let now = world.sandbox.state()["now"].clone();
    let make = |source: &str, id: String| {
        let order = json!({ "source": source, "records": 1, "id": id, "created": now });
        world.sandbox.batch(order)
    };
    // The list shows the highest id first, and 500 rows a page, so ours lie on both sides of its end.
    for id in 0..498 {
        make("SCHEDULER", format!("9{id:03}"));
    }
    for id in 0..5 {
        make("AMEX_MAINTENANCE", format!("1{id:03}"));
    }
    let shifting = json!({ "kind": "shifting" });
    world
        .sandbox
        .fault(json!({ "endpoint": "list", "times": 0 }), shifting);
    let _daemon = world.daemon();

    world.run("amex-daily");
    world.sandbox.heal();
    world.run("amex-daily");

    let state = world.sandbox.state();
    let all = state["batches"].as_array().unwrap().iter();
    let daily = all.filter(|batch| batch["source"] == "AMEX_MAINTENANCE");
    let daily: Vec<String> = daily
        .map(|it| it["id"].as_str().unwrap().to_owned())
        .collect();
    assert!(daily.len() > 5, "batches appeared meanwhile");
    world.assert_delivered(&daily);
}

/// Requests without number: pace is tested elsewhere.
const MANY: &str = "limits = { requests_per_second = 10000 }";
