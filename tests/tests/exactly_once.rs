//! Killed at any named point of discover, collect and deliver, and started again: every update is
//! delivered once, in whole files.
//!
//! A first run lists the calls that change what a crash leaves behind: writes, fsyncs and renames of
//! the journal, the spools and the sink. Then, for each of them, a daemon with a fresh state is killed
//! there.

use std::os::unix::process::ExitStatusExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use reissue_tests::{Call, Config, Delivered, KillPoint, Moment, World};
use serde_json::json;

/// Rounds wait for processes and disks more than they compute.
const WORKERS: usize = 4;
const SCHEDULES: [&str; 2] = ["amex-daily", "harvest"];

#[test]
fn a_kill_at_any_point_loses_nothing_and_repeats_nothing() {
    let calls = Subject::new().calls();
    let rounds: Vec<(Call, Moment)> = calls
        .into_iter()
        .flat_map(|call| call.moments().iter().map(move |at| (call.clone(), *at)))
        .collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                let subject = Subject::new();
                while let Some((call, moment)) = rounds.get(next.fetch_add(1, Ordering::Relaxed)) {
                    println!("killed {moment:?} {call}");
                    subject.survives(call, *moment);
                }
            });
        }
    });
}

/// A world whose provider has a daily report and a harvest.
struct Subject {
    world: World,
    shim: KillPoint,
    batches: [String; 2],
}

impl Subject {
    fn new() -> Self {
        // One connector's call at a time, and the same bytes in each world, so that the system's
        // calls come in the same order.
        let config = Config::default()
            .in_accounts("limits = { concurrent_calls = 1, requests_per_second = 1000 }");
        let world = World::with(&config);
        let orders = [
            json!({ "id": "1001", "source": "AMEX_MAINTENANCE", "records": 3 }),
            json!({ "id": "1002", "source": "SCHEDULER", "records": 300 }),
        ];
        // The first start of all stages the connector, which later ones find.
        drop(world.daemon());
        world.forget();
        Self {
            shim: KillPoint::new(&world),
            batches: orders.map(|order| world.sandbox.batch(order)),
            world,
        }
    }

    /// What an undisturbed run does to the disk.
    fn calls(&self) -> Vec<Call> {
        let daemon = self.world.start_with(&self.shim.list()).ready();
        for schedule in SCHEDULES {
            self.world.run(schedule);
        }
        drop(daemon);
        self.world.assert_delivered(&self.batches);
        let calls = self.shim.calls();
        for name in ["write", "fsync", "fdatasync", "rename"] {
            let seen = calls.iter().any(|call| call.name == name);
            assert!(seen, "the daemon does no {name}: {calls:?}");
        }
        calls
    }

    fn survives(&self, call: &Call, moment: Moment) {
        self.world.forget();
        let mut billing = Delivered::default();

        let mut daemon = self.world.start_with(&self.shim.at(call.number, moment));
        if daemon.became_ready() {
            for schedule in SCHEDULES {
                // Fails when the daemon dies, which is what it is for.
                self.world.reissue(&["run", schedule, "--wait"]);
            }
        }
        assert_eq!(daemon.ended().signal(), Some(9), "not killed at {call}");
        billing.take(&self.world);
        billing.assert_complete(&self.world.sandbox);

        let _daemon = self.world.daemon();
        for _ in ["what was left", "nothing new"] {
            for schedule in SCHEDULES {
                self.world.run(schedule);
            }
            billing.take(&self.world);
            billing.assert_are(&self.batches, &self.world.sandbox);
        }
    }
}
