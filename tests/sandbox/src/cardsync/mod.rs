//! CardSync: merchants, their enrolment, and batches of cards (version 1 of the API, `/api/…`); subscribed American
//! Express cards, and the events that a webhook announces (`/v2/…`, in `amex`).
//!
//! One merchant is enrolled from the start, so that cards can be sent at once; others are made with the partner's
//! key. Any card with a right check digit is taken, the published test cards have results, and all others did not
//! change. Nothing happens to a subscribed card until an event is made. The control interface has, for this provider:
//!
//! | request | does |
//! |---|---|
//! | `GET /_sandbox/cardsync` | merchants with their keys and webhooks, and batches |
//! | `GET /_sandbox/cardsync/submitted` | how often cards were asked about, in counts, merchant by merchant |
//! | `GET /_sandbox/cardsync/submitted/cards` | the same card by card, one JSON object a line, with what was submitted |
//! | `GET /_sandbox/cardsync/expected/BATCH` | what a client should get out of a batch or an event, in counts |
//! | `GET /_sandbox/cardsync/expected/BATCH/cards` | the same card by card, one JSON object a line |
//! | `POST /_sandbox/cardsync/answers` | says what becomes of a card: `{"card": "4111111111111111", "status": "updated_card", "new": {"card": "…", "exp": "12/29"}}`; without `new` one is made up |
//! | `GET /_sandbox/cardsync/subscriptions` | the books, one pair of card and SE number a line, also those of requests whose answer was lost: `subscribed` now or not, and how often it was `added`, `added_again` while it was subscribed, `removed`, `removed_unknown` while it was not |
//! | `POST /_sandbox/cardsync/events` | makes an event, and calls the webhook: `{}` for all subscribed cards to which something happens, published or among the answers; also `cards` (numbers; an empty list makes an empty event), `merchant`, `expires_in` (`24h`), and `"deliver": false` to call nobody yet |
//! | `GET /_sandbox/cardsync/events` | every event, with what its calls were answered and how many are `under_way` |
//! | `POST /_sandbox/cardsync/calls` | calls the webhook for events, once more or at last: `{"events": [ID, …]}` in this order and spelling, where an id that is no event's is a forgery; also `forged` (so many more ids), `times`, `at_once`, `merchant` |

mod amex;
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

pub use amex::{Again, Options as AmexOptions};
pub(crate) use control::control;

use amex::{Event, Pairs};
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

    /// How its American Express product behaves
    #[command(flatten)]
    pub amex: amex::Options,
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
    /// Calls webhooks.
    http: reqwest::Client,
}

#[derive(Debug)]
struct Known {
    ids: Ids,
    merchants: Vec<Merchant>,
    batches: Vec<Arc<Batch>>,
    pairs: Pairs,
    events: Vec<Event>,
    /// How often a webhook was called.
    calls: u64,
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
                pairs: Pairs::default(),
                events: Vec::new(),
                calls: 0,
                answers: HashMap::new(),
            }),
            http: amex::client(),
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

    /// As random ones are written.
    fn next_uuid(&mut self) -> String {
        let digits = self.digits(32, b"0123456789abcdef");
        let (head, tail) = (&digits[..8], &digits[20..]);
        format!(
            "{head}-{}-4{}-8{}-{tail}",
            &digits[8..12],
            &digits[13..16],
            &digits[17..20]
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
    Router::new()
        .route("/api/{*rest}", any(call::serve))
        .route("/v2/{*rest}", any(call::serve))
}
