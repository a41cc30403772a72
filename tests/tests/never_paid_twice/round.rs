//! What happens in a round: all of it follows from the seed.

use std::fmt;

use fastrand::Rng;
use reissue_tests::{Asks, Call, Moment, goes_wrong};
use serde_json::{Value, json};

/// How many cards each provider takes at once.
const LARGEST: [u64; 3] = [10_000, 2_000, 100_000];

/// A round.
#[derive(Debug)]
pub(crate) struct Round {
    /// From which it follows.
    pub(crate) seed: u64,
    /// Who is asked.
    pub(crate) whom: Asks,
    /// How many cards the file holds; more than the provider takes at once become more than one
    /// submission.
    pub(crate) cards: u64,
    /// What the provider, or the network, does wrong.
    pub(crate) fault: Option<Fault>,
    /// When the daemon is killed.
    pub(crate) killed: Killed,
}

/// A fault of the sandbox's.
#[derive(Debug)]
pub(crate) struct Fault {
    /// The first submission that meets it, counted from 1.
    pub(crate) nth: u64,
    /// How many meet it.
    pub(crate) times: u64,
    /// What goes wrong.
    pub(crate) then: Value,
}

/// When the daemon is killed.
#[derive(Debug)]
pub(crate) enum Killed {
    /// At this one of the calls that change what a crash leaves behind, if it comes to it.
    At(Call, Moment),
    /// When the provider has a submission whose answer is still on its way.
    WhenTaken,
    /// It lives on.
    Never,
}

impl Round {
    /// The round of this seed; `calls` are those of an undisturbed one, provider by provider.
    pub(crate) fn of(seed: u64, calls: &[Vec<Call>]) -> Self {
        let mut random = Rng::with_seed(seed);
        let place = random.usize(..Asks::ALL.len());
        let cards = match random.u32(..20) {
            0 => 25_000,
            1..=3 => random.u64(2_001..6_000),
            _ => random.u64(20..200),
        };
        let killed = match random.u32(..10) {
            0 => Killed::WhenTaken,
            1..=3 => Killed::Never,
            _ => {
                let call = random.choice(&calls[place]).unwrap();
                Killed::At(
                    call.clone(),
                    random.choice(call.moments()).copied().unwrap(),
                )
            }
        };
        let fault = match killed {
            Killed::WhenTaken => Some(json!({ "kind": "late", "milliseconds": 60_000 })),
            Killed::Never => Some(goes_wrong(&mut random)),
            Killed::At(..) => random.bool().then(|| goes_wrong(&mut random)),
        };
        let fault = fault.map(|then| Fault {
            nth: random.u64(1..=1 + cards / LARGEST[place]),
            times: random.u64(1..3),
            then,
        });
        Self {
            seed,
            whom: Asks::ALL[place],
            cards,
            fault,
            killed,
        }
    }
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            seed, whom, cards, ..
        } = self;
        write!(f, "REISSUE_SEED={seed}: {cards} cards to {}", whom.name())?;
        if let Some(Fault { nth, times, then }) = &self.fault {
            write!(f, ", {then} from submission {nth} on for {times}")?;
        }
        match &self.killed {
            Killed::At(call, moment) => write!(f, ", killed {moment:?} {call}"),
            Killed::WhenTaken => write!(f, ", killed before the answer"),
            Killed::Never => write!(f, ""),
        }
    }
}
