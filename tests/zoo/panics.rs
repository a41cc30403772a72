//! Panics where its settings say.
#![allow(missing_docs)]

use std::collections::BTreeMap;
use std::fmt;

use reissue_connector_api::*;

struct Panics(String);

const LISTING: Job = Job {
    name: "listing",
    verb: Verb::Discover,
    summary: "Nothing",
    suggested_cron: "0 6 * * *",
    first_lookback: days(7),
    largest_submission: 0,
    needs_enrolment: false,
    needs_webhook: false,
    timing: Timing {
        first_poll: minutes(0),
        poll_every: minutes(1),
        kept_for: None,
        overdue_after: days(1),
    },
};

impl Connector for Panics {
    const MANIFEST: Manifest = Manifest {
        name: "zoo",
        version: "1",
        summary: "An animal that panics",
        environments: &[],
        secrets: &[],
        pans: Pans::None,
        jobs: &[LISTING],
    };
    type Settings = BTreeMap<String, String>;

    fn open(settings: Self::Settings, _: &Account) -> Result<Self, Fault> {
        let place = settings.get("panics_in").cloned().unwrap_or_default();
        assert_ne!(place, "open", "not today");
        Ok(Self(place))
    }

    fn discover(&self, run: &Run<'_>, _: &str, _: Window) -> Result<Vec<Found>, Fault> {
        assert_ne!(self.0, "call", "not today");
        if self.0 == "callback" {
            run.log(Level::Info, Unspeakable);
        }
        Ok(Vec::new())
    }
}

/// What cannot be said.
struct Unspeakable;

impl fmt::Display for Unspeakable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("not today");
    }
}

export_connector!(Panics);
