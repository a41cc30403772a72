//! A world that rounds happen to, one after the other.

use std::thread;
use std::time::Instant;

use fastrand::Rng;
use reissue_tests::{Asks, Call, Config, Daemon, KillPoint, PATIENCE, World};
use serde_json::Value;

use crate::books;
use crate::person;
use crate::round::{Change, Killed, Round, Slot, Source, Starts};
use crate::wanted::Wanted;

pub(crate) const AMEX: &str = "amex";

/// A world, and what its source wants.
pub(crate) struct Subject {
    pub(crate) world: World,
    shim: KillPoint,
    daemon: Daemon,
    pub(crate) wanted: Wanted,
}

impl Subject {
    pub(crate) fn new() -> Self {
        let world = world();
        let shim = KillPoint::new(&world);
        let daemon = world.start_with(&shim.on_order()).ready();
        // It is admitted, and learns where to call us.
        world.reissue(&["enrol", AMEX]).ok();
        Self {
            daemon,
            shim,
            world,
            wanted: Wanted::default(),
        }
    }

    /// What an undisturbed slot does to the disk that adds and removes pairs, after one that did.
    pub(crate) fn calls(&mut self) -> Vec<Call> {
        let mut random = Rng::with_seed(0);
        let change = Change {
            new: 12,
            refused: 1,
            gone: 1,
            back: 0,
            learns: true,
            files: 2,
            doubled: true,
        };
        // The first file of all makes directories besides.
        for _ in ["the first", "the second", "any other"] {
            self.renumber(&mut random);
            self.hand_in(Source::Changed(change), &mut random);
            self.shim.order(None);
            run(&self.world).unwrap();
        }
        self.come_to_rest(&mut random);
        self.shim.calls()
    }

    /// Plays the round, and fails if the ledger does not show what the provider has, or does not come to
    /// what is wanted.
    pub(crate) fn survives(&mut self, round: &Round) {
        let mut random = Rng::with_seed(round.seed);
        for slot in &round.slots {
            if slot.renumbers && self.daemon.is_alive() {
                self.renumber(&mut random);
            }
            self.hand_in(slot.source, &mut random);
            self.serve(slot);
            if slot.decides && self.daemon.is_alive() {
                person::give_up(&self.world, &mut random);
                person::decide(&self.world, &mut random);
            }
        }
        self.come_to_rest(&mut random);
        books::check(&self.world, &self.wanted);
        books::check_rejected(&self.world, &self.wanted);
    }

    /// Fails if a full number is where it must not be.
    pub(crate) fn leaks_nothing(&self) {
        for place in ["state", "daemon.log", "cards"] {
            books::check_masked(&self.world.path(place), &self.wanted);
        }
    }

    /// One slot, and whatever happens until the daemon is at rest again.
    fn serve(&mut self, slot: &Slot) {
        if !self.daemon.is_alive() {
            self.start();
        }
        match slot.source {
            Source::Less => self.let_it_lack(),
            // What a person said of a file that was never read would let it pass.
            Source::Half if !self.waits() => self.take_back(),
            _ => {}
        }
        for fault in &slot.faults {
            self.world
                .sandbox
                .fault(fault.matches.clone(), fault.then.clone());
        }
        self.live(slot);
        if !self.daemon.is_alive() {
            match slot.starts {
                Starts::Later => {
                    self.world.sandbox.heal();
                    return;
                }
                Starts::Killed(call, moment) => {
                    let mut daemon = self.world.start_with(&self.shim.at(call, moment));
                    daemon.became_ready();
                    daemon.kill();
                    self.start();
                }
                Starts::Well | Starts::Anew => self.start(),
            }
            books::check_shown(&self.world);
        } else if let Starts::Anew = slot.starts {
            self.daemon.kill();
            self.start();
        }
        self.world.sandbox.heal();
        books::check_shown(&self.world);
    }

    /// Lets the daemon do what it can until it is killed.
    fn live(&mut self, slot: &Slot) {
        match &slot.killed {
            Killed::Never => self.run_well(),
            Killed::At(call, moment) => {
                self.shim.order(Some((call.number, *moment)));
                if run(&self.world).is_none() {
                    self.daemon.ended();
                }
                self.shim.order(None);
            }
            Killed::WhenDone => {
                let Self { world, daemon, .. } = self;
                thread::scope(|scope| {
                    let books = world.sandbox.subscriptions();
                    let run = scope.spawn(|| run(world));
                    let until = Instant::now() + PATIENCE;
                    while world.sandbox.subscriptions() == books && !run.is_finished() {
                        assert!(Instant::now() < until, "nothing is done");
                    }
                    daemon.kill();
                });
            }
        }
    }

    /// A slot does what was said that it would.
    fn run_well(&mut self) {
        let said = books::shown(&self.world)["next"].take();
        let ran = run(&self.world).unwrap();
        let waits = said["waits"] == true || !said["unreadable"].is_null();
        assert_eq!(ran["served"], !waits, "{said:#} {ran:#}");
    }

    /// Heals what is broken, decides what is left, and runs slots until nothing changes.
    fn come_to_rest(&mut self, random: &mut Rng) {
        self.world.sandbox.heal();
        if !self.daemon.is_alive() {
            self.start();
        }
        let all = Change {
            new: 0,
            refused: 0,
            gone: 0,
            back: 0,
            learns: false,
            files: 1,
            doubled: false,
        };
        self.hand_in(Source::Changed(all), random);
        let until = Instant::now() + PATIENCE;
        loop {
            self.let_it_lack();
            run(&self.world).unwrap();
            let was_open = person::decide(&self.world, random);
            let shown = books::shown(&self.world);
            if !was_open && is_done(&shown) {
                return;
            }
            assert!(Instant::now() < until, "{shown:#}");
        }
    }

    /// A person says that what the source lacks is right.
    fn let_it_lack(&self) {
        let next = books::shown(&self.world)["next"].take();
        if next["waits"] == true {
            let missing = next["missing"].to_string();
            self.world
                .reissue(&["subscriptions", AMEX, "--may-lack", &missing])
                .ok();
        }
    }

    fn waits(&self) -> bool {
        books::shown(&self.world)["next"]["waits"] == true
    }

    fn start(&mut self) {
        self.daemon = self.world.start_with(&self.shim.on_order()).ready();
    }
}

/// A world whose account is a merchant of CardSync's.
pub(crate) fn world() -> World {
    let config = Config::default()
        .asks(Asks::Amex, "")
        .in_sink("plaintext = \"i-accept\"")
        .in_accounts(
            "limits = { concurrent_calls = 1, requests_per_second = 1000, idle_timeout = \"1s\" }",
        );
    World::with(&config)
}

/// What a slot came to, well or not; nothing if the daemon ended.
pub(crate) fn run(world: &World) -> Option<Value> {
    let until = Instant::now() + PATIENCE;
    loop {
        let ran = world.reissue(&["run", AMEX, "--wait", "--json"]);
        // A daemon that was started again goes on with the slot that was open.
        let is_busy = ran.err.contains("is running already");
        if !is_busy || Instant::now() > until {
            return serde_json::from_str(&ran.out).ok();
        }
    }
}

fn is_done(shown: &Value) -> bool {
    let next = &shown["next"];
    // What is no longer there is forgotten by the slot after.
    let has_forgotten = shown["pairs"]["absent"].is_null();
    next["given"].is_null() && next["add"] == 0 && next["remove"] == 0 && has_forgotten
}
