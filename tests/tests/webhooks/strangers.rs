//! Who knows no secret learns nothing, and takes nothing away from those who do.

use super::caller::{Answer, Caller, JSON, call, post};
use super::*;

#[test]
fn every_stranger_gets_the_same_answer() {
    let world = world();
    let _daemon = world.daemon();
    subscribe(&world);
    let good = path(&world);
    let (hook, secret) = good.rsplit_once('/').unwrap();
    let other = format!("{hook}/{}", secret.chars().rev().collect::<String>());
    let nobodys = good.replace("/amex/", "/amexx/");
    let another_account = good.replace("/amex/", "/barclays-uk/");
    let long = "x".repeat(4000);
    let paths = [
        "/",
        "/hooks",
        "/hooks/amex",
        "/hooks/amex/",
        "/healthz",
        "//hooks/amex/x",
        "/hooks/../hooks/amex/x",
        &other,
        &good[..good.len() - 1],
        &format!("{good}x"),
        &format!("{good}/"),
        &format!("/reissue{good}"),
        &nobodys,
        &another_account,
        &format!("/hooks/amex/{long}"),
    ];
    let answers: Vec<Answer> = paths
        .iter()
        .flat_map(|path| {
            [
                post(&world, path, &body("x")),
                post(&world, path, "no JSON"),
                post(&world, path, &"x".repeat(100_000)),
                call(&world, "GET", path, "", ""),
                call(&world, "DELETE", path, JSON, "{}"),
                call(&world, "BREW", path, "content-type: text/plain\r\n", "tea"),
            ]
        })
        .collect();

    assert_eq!(answers[0].status, 404);
    assert_eq!(answers[0].body, "");
    for answer in &answers {
        assert_eq!(answer, &answers[0]);
    }
    assert_eq!(webhook(&world), Value::Null);
    assert_eq!(post(&world, &good, "{}").status, 200);
}

#[test]
fn strangers_have_limits_of_their_own() {
    let world = World::with(&config());
    let _daemon = world.daemon();
    subscribe(&world);
    let good = path(&world);

    let strangers: Vec<Answer> = (0..200)
        .map(|_| post(&world, "/hooks/amex/x", "{}"))
        .collect();

    let turned_away = strangers.iter().filter(|answer| answer.status == 429);
    assert!(turned_away.count() > 0);
    let others = strangers.iter().filter(|answer| answer.status != 429);
    assert!(others.into_iter().all(|answer| answer.status == 404));
    assert_eq!(post(&world, &good, "{}").status, 200);
}

#[test]
fn slow_senders_keep_nobody_out() {
    let world = world();
    let _daemon = world.daemon();
    subscribe(&world);
    let good = path(&world);

    let mut crowd: Vec<Caller> = (0..600).map(|_| Caller::of(&world)).collect();
    for caller in &mut crowd {
        caller.send("POST /hooks/amex/x HTTP/1.1\r\nhost: ");
    }

    assert_eq!(post(&world, &good, "{}").status, 200);
    // Those who came first had to go, without a word.
    assert_eq!(crowd.remove(0).answer(), None);
}

#[test]
fn a_head_that_does_not_end_is_not_waited_for() {
    let world = world();
    let _daemon = world.daemon();
    let mut slow = Caller::of(&world);
    slow.send("POST / HTTP/1.1\r\nhost: us\r\n");
    assert_eq!(slow.answer(), None);
    let mut long = Caller::of(&world);
    long.send(format!(
        "GET / HTTP/1.1\r\nhost: us\r\nx: {}\r\n\r\n",
        "x".repeat(9000)
    ));
    assert_eq!(long.answer().unwrap().status, 431);
}

#[test]
fn they_are_counted_and_their_paths_are_not_told() {
    let world = world();
    let mut daemon = world.daemon();
    for _ in 0..3 {
        post(&world, "/hooks/amex/guessing", "{}");
    }
    let mut told = 0;
    while told < 3 {
        let line = daemon.until("Somebody asked for what is no webhook.");
        told += line["strangers"].as_u64().unwrap();
    }
    assert_eq!(told, 3);
    assert!(!world.log().contains("guessing"));
}
