//! Who knows the secret is told what is wrong.

use super::caller::{Caller, JSON, call, post};
use super::*;

#[test]
fn what_is_wrong_is_said() {
    let world = world();
    let _daemon = world.daemon();
    subscribe(&world);
    let good = path(&world);

    for method in ["GET", "PUT", "DELETE"] {
        let answer = call(&world, method, &good, JSON, "{}");
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, Some("POST")),
            "{method}"
        );
    }
    for media in [
        "",
        "content-type: text/plain\r\n",
        "content-type: application/jsonp\r\n",
    ] {
        assert_eq!(
            call(&world, "POST", &good, media, "{}").status,
            415,
            "{media}"
        );
    }
    let with_charset = "content-type: Application/JSON; charset=utf-8\r\n";
    assert_eq!(call(&world, "POST", &good, with_charset, "{}").status, 200);
    // Of a body that says its size nothing is read.
    let mut huge = Caller::of(&world);
    huge.send(format!(
        "POST {good} HTTP/1.1\r\nhost: us\r\ncontent-length: 10485760\r\n{JSON}\r\n"
    ));
    assert_eq!(huge.answer().unwrap().status, 413);
    assert_eq!(post(&world, &good, &"x".repeat(64 * 1024)).status, 200);
    assert_eq!(post(&world, &good, &"x".repeat(64 * 1024 + 1)).status, 413);
    let mut endless = Caller::of(&world);
    endless.send(format!(
        "POST {good} HTTP/1.1\r\nhost: us\r\ntransfer-encoding: chunked\r\n{JSON}\r\n"
    ));
    let piece = format!("{:x}\r\n{}\r\n", 4096, "x".repeat(4096));
    for _ in 0..20 {
        endless.send(&piece);
    }
    assert_eq!(endless.answer().unwrap().status, 413);
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for() {
    let world = world();
    let _daemon = world.daemon();
    subscribe(&world);
    let mut slow = Caller::of(&world);
    let good = path(&world);
    slow.send(format!(
        "POST {good} HTTP/1.1\r\nhost: us\r\ncontent-length: 100\r\n{JSON}\r\n{{"
    ));
    assert_eq!(slow.answer().unwrap().status, 408);
    assert_eq!(webhook(&world), Value::Null);
}

#[test]
fn too_many_are_told_when_to_come_again() {
    let world = World::with(&config());
    let _daemon = world.daemon();
    subscribe(&world);
    let good = path(&world);

    let answers: Vec<_> = (0..100)
        .map(|_| call(&world, "GET", &good, "", ""))
        .collect();

    let turned_away: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 429)
        .collect();
    assert!(!turned_away.is_empty());
    for answer in turned_away {
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    // Who comes again is let in.
    until(&world, "somebody is let in", |world| {
        call(world, "GET", &good, "", "").status == 405
    });
}

#[test]
fn a_trusted_proxy_says_who_calls() {
    let world = World::with(&config());
    let line = format!(
        "public_url = \"{}\"\ntrusted_proxies = [\"127.0.0.1\"]",
        world.webhooks()
    );
    world.edit("public_url", &line);
    let _daemon = world.daemon();
    subscribe(&world);
    let good = path(&world);
    let from = |source: &str| {
        // What stands before the last entry is whatever the source liked to say.
        let header = format!("x-forwarded-for: 203.0.113.9, {source}\r\n");
        call(&world, "GET", &good, &header, "").status
    };

    let first = (0..100).filter(|_| from("192.0.2.1") == 429).count();
    assert!(first > 0);
    assert_eq!(from("192.0.2.2"), 405);
}
