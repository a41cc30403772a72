//! BlueSnap's account updater, in XML: a batch of cards under an id of the client's, results days later.
//!
//! Its own sandbox never has results, so what becomes of a card is ours: see `cards`. Every accepted card has a
//! result. The control interface has, for this provider:
//!
//! | request | does |
//! |---|---|
//! | `GET /_sandbox/bluesnap` | batches |
//! | `GET /_sandbox/bluesnap/submitted` | how often cards were asked about, in counts, user by user; cards that were refused at once cost nothing and do not count |
//! | `GET /_sandbox/bluesnap/submitted/cards` | the same card by card, one JSON object a line |
//! | `GET /_sandbox/bluesnap/expected/BATCH` | what a client should get out of a batch, in counts |
//! | `GET /_sandbox/bluesnap/expected/BATCH/cards` | the same card by card, one JSON object a line |
//! | `POST /_sandbox/bluesnap/answers` | says what becomes of a card: `{"card": "4111111111111111", "code": "500", "new": {"card": "…", "exp": "12/29"}}`; without `new` one is made up |

mod batch;
mod call;
mod cards;
mod control;
mod document;
mod question;
mod say;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::routing::any;
use chrono::TimeDelta;
use clap::Args;

use crate::World;

pub(crate) use control::control;

use batch::Batch;
use cards::Answer;

const PATH: &str = "/services/2/account-updater";
const NAMESPACE: &str = "http://ws.plimus.com";

/// How the provider behaves where it can be asked to.
#[derive(Debug, Clone, Args)]
#[group(id = "bluesnap")]
#[command(next_help_heading = "BlueSnap")]
pub struct Options {
    /// The API user; several, separated by commas, are merchants that do not see each other's batches
    #[arg(
        long = "bluesnap-username",
        value_name = "NAME",
        value_delimiter = ',',
        default_value = "API_17000000000001"
    )]
    pub usernames: Vec<String>,

    /// The password of all users
    #[arg(
        long = "bluesnap-password",
        value_name = "PASSWORD",
        default_value = "sandbox-Password-of-BlueSnap"
    )]
    pub password: String,

    /// How long a batch is worked on
    #[arg(id = "bluesnap_results_after", long = "bluesnap-results-after", value_name = "DURATION", default_value = "5d", value_parser = humantime::parse_duration)]
    pub results_after: Duration,
}

impl Options {
    /// The account to put into `reissue.toml`, and how to hand it the secret.
    pub fn account(&self, url: &str) -> String {
        let username = self.usernames.first().map_or("", String::as_str);
        format!(
            "[accounts.sandbox-bluesnap]\n\
             connector = \"bluesnap\"\n\
             base_url = {url:?}\n\
             settings = {{ username = {username:?} }}\n\
             secrets = {{ password = {{ env = \"SANDBOX_BLUESNAP_PASSWORD\" }} }}  # {}\n",
            self.password
        )
    }
}

/// The provider's state.
#[derive(Debug)]
pub(crate) struct BlueSnap {
    options: Options,
    results_after: TimeDelta,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// By user and id.
    batches: HashMap<(String, String), Arc<Batch>>,
    /// What a test said about cards.
    answers: HashMap<String, Answer>,
}

impl BlueSnap {
    pub(crate) fn new(options: &crate::Options) -> Self {
        let options = options.bluesnap.clone();
        Self {
            results_after: TimeDelta::from_std(options.results_after)
                .unwrap_or(TimeDelta::days(36_500)),
            options,
            known: Mutex::default(),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().expect("nothing panics while holding it")
    }
}

pub(crate) fn router() -> Router<Arc<World>> {
    Router::new().route("/services/{*rest}", any(call::serve))
}
