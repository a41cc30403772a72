//! Killed at every durable operation of an enrolment, and asked to go on: the merchant is created at most
//! once, and a person is asked only where an answer may be lost.

use std::os::unix::process::ExitStatusExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use reissue_tests::{Call, KillPoint, Moment};

use super::*;

/// Rounds wait for processes and disks more than they compute.
const WORKERS: usize = 4;

#[test]
fn a_kill_at_any_point_creates_no_second_merchant() {
    let calls = Subject::new().calls();
    let sealed = calls.iter().filter(|call| is_sealed(call)).count();
    assert!(sealed >= 2, "nothing is sealed: {calls:?}");
    let rounds: Vec<(Call, Moment)> = calls
        .into_iter()
        .flat_map(|call| call.moments().iter().map(move |at| (call.clone(), *at)))
        .collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                let subject = Subject::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some((call, moment)) = rounds.get(number) else {
                        return;
                    };
                    println!("killed {moment:?} {call}");
                    subject.survives(&format!("Acme {number}"), call, *moment);
                }
            });
        }
    });
}

/// Whether the call gives what an enrolment left its name.
fn is_sealed(call: &Call) -> bool {
    call.name == "rename" && call.path.starts_with("state/enrolment/")
}

/// A world whose partner has Interim Activation.
struct Subject {
    world: World,
    shim: KillPoint,
}

impl Subject {
    fn new() -> Self {
        let world = world(&INTERIM);
        // The first start of all stages the connectors, which later ones find.
        drop(world.daemon());
        Self {
            shim: KillPoint::new(&world),
            world,
        }
    }

    /// What an undisturbed enrolment does to the disk.
    fn calls(&self) -> Vec<Call> {
        self.world.forget();
        let daemon = self.world.start_with(&self.shim.list()).ready();
        enrol(&self.world).ok();
        drop(daemon);
        self.shim.calls()
    }

    /// Each round has a merchant of its own, because the provider does not forget one.
    fn survives(&self, name: &str, call: &Call, moment: Moment) {
        let Self { world, shim } = self;
        world.forget();
        merchant(world, name);
        let mut daemon = world.start_with(&shim.at(call.number, moment));
        if daemon.became_ready() {
            // Fails when the daemon dies, which is what it is for.
            enrol(world);
        }
        assert_eq!(daemon.ended().signal(), Some(9), "not killed at {call}");
        let created = world.sandbox.merchants(name).len();
        assert!(created <= 1, "{created} merchants at {call}");

        let _daemon = world.daemon();
        let said = enrol(world);
        let is_held = said.code == Some(79);
        // An answer that is sealed is not lost, whether the ledger names it or not.
        let is_known = is_sealed(call) && moment == Moment::After;
        assert!(!(is_held && is_known), "{said:?}");
        match is_held {
            false => _ = said.ok(),
            true if said.out.contains("whether CardSync created the merchant") && created == 1 => {
                assert_eq!(enrol(world).out, said.out, "what is held stays held");
                assert_eq!(world.sandbox.merchants(name).len(), 1);
                return;
            }
            true => _ = enrol_again(world, &["--settled"]).ok(),
        }
        let merchants = world.sandbox.merchants(name);
        assert_eq!(merchants.len(), 1, "{merchants:?}");
        assert_eq!(merchants[0]["enrolment"], "active");
    }
}
