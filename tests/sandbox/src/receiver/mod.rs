//! A billing system's end of the sink `webhook`: `POST /_receiver/NAME`, for any name, verifies each message by
//! Standard Webhooks and keeps it.
//!
//! A message whose signature, time or content is not right is refused. One whose id came before is taken again and
//! not counted again. What a careful consumer would complain about but could not refuse, such as a page out of order,
//! is noted as a `problem`. Faults are scripted as everywhere, with the receiver's name for a batch:
//! `{"match": {"endpoint": "receiver", "batch": "NAME", "times": 3}, "then": {"kind": "status", "status": 503}}`; a
//! `served` one has taken the message. The control interface has:
//!
//! | request | does |
//! |---|---|
//! | `GET /_sandbox/receiver/NAME` | counts of what came; the `ids` in their order; what was `refused`, and why; `problems`; how often the first, second … secret verified a message (`signed_by`) |
//! | `GET /_sandbox/receiver/NAME/pages` | one page a line, without what is on it |
//! | `GET /_sandbox/receiver/NAME/updates` | one update a line; a page that is encrypted is one line, `{"encrypted": …}` |
//! | `GET /_sandbox/receiver/NAME/alarms` | one alarm a line |
//! | `POST /_sandbox/receiver/NAME/secrets` | puts other secrets in place of those of the command line: `{"secrets": ["whsec_…"]}` |

mod call;
mod control;
mod inbox;
mod message;
mod signature;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::routing::post;
use clap::Args;

use crate::World;

pub(crate) use control::control;
pub use signature::Secret;

use inbox::Inbox;

/// Whom the receivers believe.
#[derive(Debug, Clone, Args)]
#[group(id = "receiver")]
#[command(next_help_heading = "Receiver of updates")]
pub struct Options {
    /// A secret that messages may be signed with; give it twice while one replaces the other
    #[arg(id = "receiver_secret", long = "receiver-secret", value_name = "whsec_BASE64", value_parser = Secret::parse,
          default_value = "whsec_cmVpc3N1ZS1zYW5kYm94LXJlY2VpdmVyLXNlY3JldC0x")]
    pub secrets: Vec<Secret>,
}

impl Options {
    /// The sink to put into `reissue.toml`, and how to hand it the secret.
    pub fn sink(&self, url: &str) -> String {
        let secret = self.secrets.first().map_or("", |secret| &secret.text);
        format!(
            "[sinks.sandbox]\n\
             kind = \"webhook\"\n\
             url = \"{url}/_receiver/sandbox\"\n\
             secrets = [{{ env = \"SANDBOX_RECEIVER_SECRET\" }}]  # {secret}\n"
        )
    }
}

/// Every receiver by its name.
#[derive(Debug)]
pub(crate) struct Receivers {
    secrets: Vec<Secret>,
    inboxes: Mutex<BTreeMap<String, Inbox>>,
}

impl Receivers {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            secrets: options.secrets.clone(),
            inboxes: Mutex::default(),
        }
    }

    /// What the receiver of this name does with its inbox.
    fn with<T>(&self, name: &str, then: impl FnOnce(&mut Inbox) -> T) -> T {
        let mut inboxes = self.inboxes();
        let inbox = inboxes.entry(name.to_owned());
        then(inbox.or_insert_with(|| Inbox::new(self.secrets.clone())))
    }

    fn inboxes(&self) -> MutexGuard<'_, BTreeMap<String, Inbox>> {
        self.inboxes
            .lock()
            .expect("nothing panics while holding it")
    }
}

pub(crate) fn router() -> Router<Arc<World>> {
    Router::new().route("/_receiver/{name}", post(call::serve))
}
