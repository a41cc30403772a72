//! CardSync: merchants, their enrolment, and batches of cards (version 1 of the API, `/api/…`).
//!
//! One merchant is enrolled from the start, so that cards can be sent at once; others are made with the partner's
//! key. Any card with a right check digit is taken, the published test cards have results, and all others did not
//! change. The control interface has, for this provider:
//!
//! | request | does |
//! |---|---|
//! | `GET /_sandbox/cardsync` | merchants with their keys, and batches |
//! | `GET /_sandbox/cardsync/submitted` | how often cards were asked about, in counts, merchant by merchant |
//! | `GET /_sandbox/cardsync/submitted/cards` | the same card by card, one JSON object a line, with what was submitted |
//! | `GET /_sandbox/cardsync/expected/BATCH` | what a client should get out of a batch, in counts |
//! | `GET /_sandbox/cardsync/expected/BATCH/cards` | the same card by card, one JSON object a line |
//! | `POST /_sandbox/cardsync/answers` | says what becomes of a card: `{"card": "4111111111111111", "status": "updated_card", "new": {"card": "…", "exp": "12/29"}}`; without `new` one is made up |

mod batch;
mod call;
mod cards;
mod control;
mod merchant;
mod request;
mod say;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::routing::any;
use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, ValueEnum};

use crate::World;
use crate::mix::mix;

pub(crate) use control::control;

use batch::Batch;
use cards::Answer;
use merchant::Merchant;

/// How the provider behaves where it can be asked to.
#[derive(Debug, Clone, Args)]
#[group(id = "cardsync")]
#[command(next_help_heading = "CardSync")]
pub struct Options {
    /// The partner's key, which creates merchants
    #[arg(
        long = "cardsync-partner-key",
        value_name = "KEY",
        default_value = "api_0sandboxPartnerOfCardSync00"
    )]
    pub partner_key: String,

    /// The key of the merchant that is enrolled from the start
    #[arg(
        long = "cardsync-merchant-key",
        value_name = "KEY",
        default_value = "api_1sandboxMerchantOfCardSync1"
    )]
    pub merchant_key: String,

    /// How long a batch is worked on
    #[arg(id = "cardsync_results_after", long = "cardsync-results-after", value_name = "DURATION", default_value = "1h", value_parser = humantime::parse_duration)]
    pub results_after: Duration,

    /// How long an enrolment is pending; with 0s it is active at once, as for partners with Interim Activation
    #[arg(long = "cardsync-enrolled-after", value_name = "DURATION", default_value = "5d", value_parser = humantime::parse_duration)]
    pub enrolled_after: Duration,

    /// Which of the provider's spellings it uses
    #[arg(long = "cardsync-spelling", value_enum, default_value = "v1")]
    pub spelling: Spelling,
}

/// The second version of the API renamed a key and a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Spelling {
    /// `msg`, `contact_closed`
    V1,
    /// `message`, `closed`
    V2,
}

impl Options {
    /// The account to put into `reissue.toml`, and how to hand it the secret.
    pub fn account(&self, url: &str) -> String {
        format!(
            "[accounts.sandbox-cardsync]\n\
             connector = \"cardsync\"\n\
             base_url = {url:?}\n\
             secrets = {{ merchant_key = {{ env = \"SANDBOX_CARDSYNC_KEY\" }} }}  # {}\n",
            self.merchant_key
        )
    }
}

/// The provider's state.
#[derive(Debug)]
pub(crate) struct Cardsync {
    options: Options,
    results_after: TimeDelta,
    enrolled_after: TimeDelta,
    known: Mutex<Known>,
}

#[derive(Debug)]
struct Known {
    ids: Ids,
    merchants: Vec<Merchant>,
    batches: Vec<Arc<Batch>>,
    /// What a test said about cards.
    answers: HashMap<String, Answer>,
}

/// Ids as the provider makes them: twenty digits to the base of 32.
#[derive(Debug)]
struct Ids {
    seed: u64,
    made: u64,
}

impl Cardsync {
    pub(crate) fn new(options: &crate::Options, now: DateTime<Utc>) -> Self {
        let mut ids = Ids {
            seed: options.seed,
            made: 0,
        };
        let options = options.cardsync.clone();
        let merchants = vec![Merchant::enrolled(
            &mut ids,
            options.merchant_key.clone(),
            now,
        )];
        let delta = |duration| TimeDelta::from_std(duration).unwrap_or(TimeDelta::days(36_500));
        Self {
            results_after: delta(options.results_after),
            enrolled_after: delta(options.enrolled_after),
            options,
            known: Mutex::new(Known {
                ids,
                merchants,
                batches: Vec::new(),
                answers: HashMap::new(),
            }),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().expect("nothing panics while holding it")
    }
}

impl Ids {
    fn next(&mut self) -> String {
        self.digits(20, b"0123456789abcdefghijklmnopqrstuv")
    }

    /// `api_` and 27 letters and digits.
    fn next_key(&mut self) -> String {
        format!(
            "api_{}",
            self.digits(
                27,
                b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
            )
        )
    }

    fn digits(&mut self, count: u64, alphabet: &[u8]) -> String {
        self.made += 1;
        let key = mix(mix(self.seed) ^ self.made);
        let digit = |at| alphabet[(mix(key.wrapping_add(at)) % alphabet.len() as u64) as usize];
        (0..count).map(|at| char::from(digit(at))).collect()
    }
}

pub(crate) fn router() -> Router<Arc<World>> {
    Router::new().route("/api/{*rest}", any(call::serve))
}
