//! What happens in a round: all of it follows from the seed.

use std::fmt;

use fastrand::Rng;
use reissue_tests::{Call, Moment, goes_wrong};
use serde_json::{Value, json};

/// More pairs than a submission holds.
const LARGE: u64 = 10_020;

/// A round.
#[derive(Debug)]
pub(crate) struct Round {
    /// From which it follows.
    pub(crate) seed: u64,
    /// What happens, slot by slot.
    pub(crate) slots: Vec<Slot>,
}

/// A slot, and what happens until the next one.
#[derive(Debug)]
pub(crate) struct Slot {
    /// Whether a card gets another number before it.
    pub(crate) renumbers: bool,
    /// What is handed in for it.
    pub(crate) source: Source,
    /// What the provider, or the network, does wrong.
    pub(crate) faults: Vec<Fault>,
    /// When the daemon is killed.
    pub(crate) killed: Killed,
    /// How the daemon is started again.
    pub(crate) starts: Starts,
    /// Whether a person decides what is left to a person.
    pub(crate) decides: bool,
}

/// What is handed in for a slot.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source {
    /// No file.
    Nothing,
    /// All that is wanted, after these changes.
    Changed(Change),
    /// A file that broke off half way.
    Half,
    /// Half of what is wanted is no longer, and a person says that it is right.
    Less,
    /// A file that is none, beside those of what is wanted.
    Unreadable,
}

/// How many pairs come and go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change {
    /// Are wanted for the first time.
    pub(crate) new: u64,
    /// The same, and no connector takes them.
    pub(crate) refused: u64,
    /// Are wanted no longer.
    pub(crate) gone: u64,
    /// Are wanted again.
    pub(crate) back: u64,
    /// Whether the source learns the numbers that cards have by now.
    pub(crate) learns: bool,
    /// How many files hold them.
    pub(crate) files: usize,
    /// Whether one of them is in a file twice.
    pub(crate) doubled: bool,
}

/// A fault of the sandbox's.
#[derive(Debug)]
pub(crate) struct Fault {
    /// What to match it with.
    pub(crate) matches: Value,
    /// What goes wrong.
    pub(crate) then: Value,
}

/// When the daemon is killed.
#[derive(Debug)]
pub(crate) enum Killed {
    /// At this one of the calls that change what a crash leaves behind, if it comes to it.
    At(Call, Moment),
    /// When the provider has changed its books and the answer is still on its way.
    WhenDone,
    /// It lives on.
    Never,
}

/// How a daemon is started again that was killed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Starts {
    /// At once.
    Well,
    /// It is killed at this call of its start, or when it is ready, and started anew.
    Killed(u64, Moment),
    /// Not before the next files are handed in.
    Later,
    /// At once; and a daemon that was not killed is stopped and started.
    Anew,
}

impl Round {
    /// The round of this seed, with many pairs or few; `calls` are those of an undisturbed slot.
    pub(crate) fn of(seed: u64, is_large: bool, calls: &[Call]) -> Self {
        let mut random = Rng::with_seed(seed);
        let mut slots: Vec<Slot> = (0..random.u32(2..5))
            .map(|_| Slot::of(&mut random, calls))
            .collect();
        if is_large {
            // Two are enough: to compare so many pairs takes a while.
            slots.truncate(2);
            slots[0].source = Source::Changed(Change {
                new: LARGE,
                ..Change::of(&mut random)
            });
        }
        Self { seed, slots }
    }
}

impl Slot {
    fn of(random: &mut Rng, calls: &[Call]) -> Self {
        let killed = match random.u32(..10) {
            0 => Killed::WhenDone,
            1..=3 => Killed::Never,
            _ => {
                let call = random.choice(calls).unwrap();
                Killed::At(
                    call.clone(),
                    random.choice(call.moments()).copied().unwrap(),
                )
            }
        };
        let mut faults = Vec::new();
        for endpoint in ["subscribe", "unsubscribe"] {
            let then = match killed {
                Killed::WhenDone => json!({ "kind": "late", "milliseconds": 60_000 }),
                _ if random.bool() => goes_wrong(random),
                _ => continue,
            };
            faults.push(Fault {
                matches: json!({ "endpoint": endpoint, "nth": random.u64(1..3), "times": random.u64(1..4) }),
                then,
            });
        }
        Self {
            renumbers: random.u32(..3) == 0,
            source: Source::of(random),
            faults,
            killed,
            starts: match random.u32(..6) {
                0 | 1 => Starts::Well,
                2 | 3 => {
                    let moments = [Moment::Before, Moment::After, Moment::Torn];
                    let moment = random.choice(moments).unwrap();
                    Starts::Killed(random.u64(1..12), moment)
                }
                4 => Starts::Later,
                _ => Starts::Anew,
            },
            decides: random.bool(),
        }
    }
}

impl Source {
    fn of(random: &mut Rng) -> Self {
        match random.u32(..10) {
            0 | 1 => Self::Nothing,
            2 => Self::Half,
            3 => Self::Less,
            4 => Self::Unreadable,
            _ => Self::Changed(Change::of(random)),
        }
    }
}

impl Change {
    fn of(random: &mut Rng) -> Self {
        Self {
            new: random.u64(..8),
            refused: random.u64(..8).saturating_sub(5),
            gone: random.u64(..4),
            back: random.u64(..3),
            learns: random.bool(),
            files: random.usize(1..3),
            doubled: random.u32(..4) == 0,
        }
    }
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "REISSUE_SEED={}", self.seed)?;
        self.slots
            .iter()
            .try_for_each(|slot| write!(f, "\n  {slot}"))
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let renumbers = if self.renumbers {
            "another number, "
        } else {
            ""
        };
        write!(f, "{renumbers}{:?}", self.source)?;
        for Fault { matches, then } in &self.faults {
            write!(f, ", {then} of {matches}")?;
        }
        match &self.killed {
            Killed::At(call, moment) => write!(f, ", killed {moment:?} {call}")?,
            Killed::WhenDone => write!(f, ", killed before the answer")?,
            Killed::Never => {}
        }
        write!(f, ", starts {:?}", self.starts)?;
        match self.decides {
            true => write!(f, ", a person decides"),
            false => Ok(()),
        }
    }
}
