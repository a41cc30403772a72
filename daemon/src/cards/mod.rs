//! Cards on their way to a provider: whom to ask about, what was asked, whose answer it is.
//!
//! | file | holds | from, to |
//! |---|---|---|
//! | `intake/ACCOUNT/.SCHEDULE.part` | an input's cards | while one slot is planned |
//! | `cards/ACCOUNT/SUBMISSION` | the cards of a submission | planned … its answers are collected |
//! | `refusals/ACCOUNT/SUBMISSION` | the cards that the provider refused at once | accepted … its answers are collected; of pairs, the next slot |
//! | `replacements/ACCOUNT/BATCH` | subscribed cards under their new numbers | collected … the next slot |
//! | `subscriptions/ACCOUNT/NAME` | the pairs of an account | planned … the next slot |
//! | `deferred/SCHEDULE/SLOT` | cards that the day's budget had no room for | planned … the schedule's next slot |
//! | `asked/ACCOUNT/SUBMISSION` | their fingerprints, sorted | planned … no schedule looks back so far |
//! | `suppressed/ACCOUNT/BATCH` | fingerprints not to ask about again, sorted | collected … for ever |
//!
//! All are sealed, written once and named by an event of the ledger; nothing about a single card is in
//! the ledger itself. The way of an input is [`Intake`] → [`Candidates`] → [`Remembered`] → [`select`]
//! → [`TakenIn::submit`]; of a submission [`CardsReader`]; of its answers [`Answers`] →
//! [`remember_suppressed`].

mod answers;
mod candidates;
mod card;
mod file;
mod fingerprint;
mod intake;
mod kept;
mod key;
mod reader;
mod record;
mod refusals;
mod segment;
mod selection;
#[cfg(test)]
mod tests;
mod writer;

pub use answers::{Answers, Asked};
pub use candidates::{Candidates, Remembered};
pub use card::{CardOnFile, NotATokenKind, Number, TokenKind};
pub use file::SealedFile;
pub use fingerprint::{Fingerprint, Fingerprints};
pub use intake::{Intake, Named, Planned, Submitted, TakenIn};
pub use kept::Kept;
pub use key::{numbered, write_numbered};
pub use reader::{Cards, CardsReader, unreadable};
pub use record::{Mark, Marked};
pub use refusals::{for_each_refusal, retain_asked, write_refusals};
pub use segment::{Suppression, for_each_suppressed, remember_suppressed};
pub use selection::{Budget, Rules, Selection, Verdict, select};
pub use writer::CardsWriter;
