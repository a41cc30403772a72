//! Manifests that say too little, or what cannot be.

use std::time::Duration;

use reissue_connector_api::*;

use crate::model::{DAILY, Flaw, MANIFEST, refused};

/// Declares a flaw of the manifest.
macro_rules! flawed {
    ($name:ident, $manifest:expr) => {
        struct $name;

        impl Flaw for $name {
            const MANIFEST: Manifest = $manifest;
        }
    };
}

flawed!(
    Shouting,
    Manifest {
        name: "Model One",
        ..MANIFEST
    }
);
flawed!(
    Silent,
    Manifest {
        summary: " ",
        ..MANIFEST
    }
);
flawed!(
    WithPath,
    Manifest {
        environments: &[Environment {
            name: "production",
            base_url: "https://provider.test/v1",
        }],
        ..MANIFEST
    }
);
flawed!(
    SilentSecret,
    Manifest {
        secrets: &[SecretName {
            name: "key",
            summary: "",
            optional: false,
            from_enrolment: false,
        }],
        ..MANIFEST
    }
);
flawed!(
    Idle,
    Manifest {
        jobs: &[],
        ..MANIFEST
    }
);
flawed!(
    Twice,
    Manifest {
        jobs: &[DAILY, DAILY],
        ..MANIFEST
    }
);
flawed!(
    OddCron,
    Manifest {
        jobs: &[Job {
            suggested_cron: "daily",
            ..DAILY
        }],
        ..MANIFEST
    }
);
flawed!(
    LooksNowhere,
    Manifest {
        jobs: &[Job {
            first_lookback: Duration::ZERO,
            ..DAILY
        }],
        ..MANIFEST
    }
);
flawed!(
    SubmitsNothing,
    Manifest {
        jobs: &[Job {
            verb: Verb::Submit,
            largest_submission: 0,
            ..DAILY
        }],
        ..MANIFEST
    }
);
flawed!(
    OverdueAtOnce,
    Manifest {
        jobs: &[Job {
            timing: Timing {
                overdue_after: minutes(1),
                ..DAILY.timing
            },
            ..DAILY
        }],
        ..MANIFEST
    }
);

#[test]
fn names_are_fit_for_the_configuration() {
    refused::<Shouting>(
        "the manifest's `name` is `Model One`: it is written in the configuration, so use \
         lower-case letters, digits and hyphens, a letter first",
    );
}

#[test]
fn everything_is_described() {
    refused::<Silent>("the manifest's `summary` is empty: say it in one line, for operators");
    refused::<SilentSecret>(
        "the `summary` of secret `key` is empty: say it in one line, for operators",
    );
}

#[test]
fn an_environment_is_an_origin() {
    refused::<WithPath>(
        "environment `production` has the `base_url` `https://provider.test/v1`: write an origin \
         alone, such as `https://api.example.com`; paths are the connector's",
    );
}

#[test]
fn there_is_a_job_and_each_once() {
    refused::<Idle>("the manifest has no job: a schedule could name nothing");
    refused::<Twice>("the manifest has the job `daily` twice: name each once");
}

#[test]
fn a_job_says_when_and_how_much() {
    refused::<OddCron>(
        "job `daily` suggests the cron line `daily`: write minute, hour, day of month, month and \
         day of week, such as `30 6 * * *`",
    );
    refused::<LooksNowhere>(
        "job `daily` has no `first_lookback`: say how far back its first run looks, such as \
         `days(7)`",
    );
    refused::<SubmitsNothing>(
        "job `daily` has no `largest_submission`: say how many cards the provider takes in one \
         request",
    );
    refused::<OverdueAtOnce>(
        "job `daily` has a `timing` that cannot be: `poll_every` must be above zero, and \
         `overdue_after` later than `first_poll`",
    );
}
