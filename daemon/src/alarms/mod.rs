//! Tells a webhook what needs a person, for whoever has no monitoring that asks the daemon: what `reissue
//! status` shows first, each alarm once while it stands.
//!
//! It looks by itself and posts by itself, so nobody waits for it; what it has to tell is what stands, so
//! a receiver that is down for a week costs one line an alarm.

mod told;

use std::sync::Arc;
use std::time::{Duration, Instant};

use reissue_connector_api::Fault;
use serde::Serialize;

use self::told::{Raised, Told};
use crate::admin::observe::Observer;
use crate::clock;
use crate::ledger::alarm::{Alarm, Matter};
use crate::ledger::context::Context;
use crate::ledger::pace::Pace;
use crate::sink::webhook::{Sender, message_id};
use crate::store::StoreError;

/// What the receiver of alarms is called among what needs a person. That it cannot be told is not told.
const OURSELVES: &str = "[alarms]";

/// Looks and tells until the daemon stops.
pub async fn tell(context: Arc<Context>) {
    let mut herald = Herald {
        told: Told::read(&context.state),
        pace: Pace::default(),
        context: Arc::clone(&context),
    };
    loop {
        let began = Instant::now();
        let looked = tokio::task::spawn_blocking(move || {
            herald.look();
            herald
        });
        // The panic hook has logged it, and telling is not worth the daemon.
        let Ok(back) = looked.await else { return };
        herald = back;
        // A look costs what is open: at most a hundredth of the time goes into it.
        let rest = (began.elapsed() * 100).clamp(Duration::from_secs(1), Duration::from_secs(60));
        let stopped = tokio::time::timeout(rest, context.stop.stopped());
        if stopped.await.is_ok() {
            return;
        }
    }
}

struct Herald {
    context: Arc<Context>,
    told: Told,
    /// When the receiver is tried again, if it takes nothing.
    pace: Pace<()>,
}

impl Herald {
    fn look(&mut self) {
        let Some(sender) = self.context.generation().alarms.clone() else {
            // Whoever is to be told from some time on is told all that stands then.
            self.told.forget();
            self.context.note_untold(None);
            return;
        };
        match self.standing() {
            Ok(standing) => self.told.stands(standing, clock::now()),
            // The keeper meets it too, and says so.
            Err(_) => return,
        }
        if self
            .pace
            .wait(&())
            .is_some_and(|wait| !wait.is_over(clock::now()))
        {
            return;
        }
        while let Some(alarm) = self.told.next(clock::now()) {
            let answer = self.post(&sender, &alarm);
            self.context.note_untold(answer.as_ref().err());
            if let Err(fault) = answer {
                tracing::warn!(
                    fault = fault.message,
                    "An alarm cannot be told; it will be tried again."
                );
                self.pace.failed((), clock::now(), fault, Duration::ZERO);
                return;
            }
            self.pace.clear(&());
            self.told.is_told(&alarm);
            tracing::info!(about = alarm.about, matter = ?alarm.matter, "An alarm was told.");
        }
    }

    /// What `reissue status` shows first.
    fn standing(&self) -> Result<Vec<Alarm>, StoreError> {
        let generation = self.context.generation();
        let observer = Observer {
            config: &generation.config,
            records: &*self.context.store,
            context: Some(&self.context),
            now: clock::now(),
        };
        let mut attention = observer.status()?.attention;
        attention.retain(|alarm| alarm.about != OURSELVES);
        Ok(attention)
    }

    fn post(&self, sender: &Sender, alarm: &Raised) -> Result<(), Fault> {
        let since = alarm.since.to_rfc3339();
        let matter = format!("{:?}", alarm.matter);
        let id = message_id("alarm", &[&alarm.about, &matter, &since]);
        let message = Message {
            r#type: "reissue.alarm",
            timestamp: &since,
            data: Data {
                about: &alarm.about,
                matter: alarm.matter,
                text: &alarm.text,
            },
        };
        let body = serde_json::to_vec(&message);
        let body = body.map_err(|why| Fault::garbled(format!("it cannot be written: {why}")))?;
        sender.post(&id, body, &self.context.stop)
    }
}

/// What needs a person where alarms cannot be told.
pub fn untold(why: &str) -> Alarm {
    Alarm {
        about: OURSELVES.to_owned(),
        matter: Matter::Failing,
        text: format!("takes no alarms, and is tried again: {why}"),
    }
}

/// What is posted.
#[derive(Serialize)]
struct Message<'a> {
    r#type: &'static str,
    /// Since when it stands.
    timestamp: &'a str,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    about: &'a str,
    matter: Matter,
    text: &'a str,
}
