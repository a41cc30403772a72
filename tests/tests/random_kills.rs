//! `kill -9` at random moments, one after the other, while batches of all sizes are on their way and
//! a consumer takes files whenever it likes: every update comes once.
//!
//! `REISSUE_TEST_SEED` and `REISSUE_TEST_KILLS` choose another history and a longer one.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::env;
use std::time::Duration;

use fastrand::Rng;
use reissue_tests::{Config, Daemon, Delivered, World};
use serde_json::json;

const SEED: u64 = 1;
const KILLS: u64 = 25;

#[test]
fn every_update_comes_once_whenever_the_daemon_is_killed() {
    let seed = number("REISSUE_TEST_SEED").unwrap_or(SEED);
    println!("REISSUE_TEST_SEED={seed}");
    let mut random = Rng::with_seed(seed);
    // Every second another slot, so that listing, collecting and delivering overlap.
    let config = Config::default()
        .cron("* * * * * *")
        .in_accounts("limits = { requests_per_second = 1000 }");
    let world = World::with(&config);
    let mut billing = Delivered::default();
    let mut batches = vec![order(&world, "SCHEDULER", 20_000)];

    for _ in 0..number("REISSUE_TEST_KILLS").unwrap_or(KILLS) {
        for _ in 0..random.u32(1..5) {
            let source = random.choice(["AMEX_MAINTENANCE", "SCHEDULER"]).unwrap();
            batches.push(order(&world, source, random.u32(1..800)));
        }
        let mut daemon = world.start();
        live(&mut daemon, &mut random);
        if random.bool() {
            billing.take(&world);
        }
        daemon.kill();
        if random.bool() {
            billing.take(&world);
        }
    }

    let _daemon = world.daemon();
    for _ in ["what was left", "nothing new"] {
        for schedule in ["amex-daily", "harvest"] {
            world.run(schedule);
        }
        billing.take(&world);
        billing.assert_are(&batches, &world.sandbox);
    }
}

/// Lets the daemon come some way, by what it says and then by the clock.
fn live(daemon: &mut Daemon, random: &mut Rng) {
    for _ in 0..random.u32(0..12) {
        daemon.line();
    }
    // Not to wait for anything: the kill is to come at any moment between two lines.
    std::thread::sleep(Duration::from_millis(random.u64(0..60)));
}

fn order(world: &World, source: &str, records: u32) -> String {
    world
        .sandbox
        .batch(json!({ "source": source, "records": records }))
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok()?.parse().ok()
}
