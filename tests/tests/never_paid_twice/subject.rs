//! A world that rounds happen to, one after the other.

use std::time::Instant;

use reissue_tests::{Asks, Call, Config, Daemon, KillPoint, PATIENCE, World};
use serde_json::json;

use crate::books;
use crate::cards::Cards;
use crate::person;
use crate::round::{Killed, Round};

/// A world, and what it was given.
pub(crate) struct Subject {
    pub(crate) world: World,
    shim: KillPoint,
    daemon: Daemon,
    given: [Cards; 3],
}

/// The sandbox's name of the provider.
pub(crate) fn provider(whom: Asks) -> &'static str {
    match whom {
        Asks::SmartpayFuse => "smartpayfuse",
        other => other.name(),
    }
}

impl Subject {
    pub(crate) fn new() -> Self {
        // Answers are not looked for, so that nothing but submitting goes on. One call at a time, so that
        // a person can tell from when a batch was made which submission it was.
        let config = Asks::ALL
            .iter()
            .fold(Config::default(), |config, whom| config.asks(*whom, ""))
            .in_sink("plaintext = \"i-accept\"")
            .timings("first_poll = \"1d\"")
            .in_accounts(
                "limits = { concurrent_calls = 1, requests_per_second = 1000, idle_timeout = \"1s\" }",
            );
        let world = World::with(&config);
        for whom in Asks::ALL {
            let source = format!("source = \"{}\"", whom.name());
            world.edit(&source, &format!("{source}\nnot_asked_within = \"25d\""));
        }
        let shim = KillPoint::new(&world);
        Self {
            daemon: world.start_with(&shim.on_order()).ready(),
            shim,
            world,
            given: Default::default(),
        }
    }

    /// What an undisturbed round does to the disk, provider by provider.
    pub(crate) fn calls(&mut self) -> Vec<Vec<Call>> {
        let calls = Asks::ALL.map(|whom| {
            // The first file of all makes directories besides.
            for _ in ["the first", "any other"] {
                self.give(whom, 30);
                self.shim.order(None);
                self.world.run(whom.name());
                books::check(&self.world, whom, &self.given[whom as usize]);
            }
            self.shim.calls()
        });
        calls.into()
    }

    /// Plays the round, and fails if a card was asked about twice or not at all.
    pub(crate) fn survives(&mut self, round: &Round) {
        let whom = round.whom;
        self.give(whom, round.cards);
        if let Some(fault) = &round.fault {
            let matches = json!({ "endpoint": "submit", "nth": fault.nth, "times": fault.times });
            self.world.sandbox.fault(matches, fault.then.clone());
        }
        self.live(round);
        books::check_never_twice(&self.world, whom);

        self.world.sandbox.heal();
        self.shim.order(None);
        if !self.daemon.is_alive() {
            self.daemon = self.world.start_with(&self.shim.on_order()).ready();
            self.world.run(whom.name());
        }
        person::settle(&self.world, whom);
        books::check(&self.world, whom, &self.given[whom as usize]);
    }

    /// Lets the daemon do what it can until it is killed.
    fn live(&mut self, round: &Round) {
        let schedule = round.whom.name();
        match &round.killed {
            Killed::Never => drop(self.world.run(schedule)),
            Killed::At(call, moment) => {
                self.shim.order(Some((call.number, *moment)));
                let ran = self.world.reissue(&["run", schedule, "--wait"]);
                if ran.code != Some(0) {
                    self.daemon.ended();
                }
            }
            Killed::WhenTaken => {
                let before = questions(&self.world, round.whom);
                self.world.reissue(&["run", schedule]).ok();
                until_taken(&self.world, round.whom, before);
                self.daemon.kill();
            }
        }
    }

    fn give(&mut self, whom: Asks, cards: u64) {
        let (name, text) = self.given[whom as usize].file(whom, cards);
        self.world.put_cards(whom, &name, &text);
    }
}

fn questions(world: &World, whom: Asks) -> u64 {
    let counts = world.sandbox.submitted(provider(whom));
    counts["questions"].as_u64().unwrap_or(0)
}

/// Waits until the provider has taken a submission.
fn until_taken(world: &World, whom: Asks, before: u64) {
    let until = Instant::now() + PATIENCE;
    while questions(world, whom) == before {
        assert!(Instant::now() < until, "nothing was taken");
    }
}
