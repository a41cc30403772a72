//! A connector that implements every verb. It checks what it is asked, so an `Ok` says that the
//! request crossed unchanged; a failed check is a panic, which the caller sees as a fault.

use reissue_connector_api::testkit::FakeCard;
use reissue_connector_api::*;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::said;

pub(crate) struct Everything {
    token_kind: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// What the tokens are.
    token_kind: String,
}

pub(crate) const MANIFEST: Manifest = Manifest {
    name: "everything",
    version: "1.2.3",
    summary: "A provider that can do everything",
    environments: &[Environment {
        name: "test",
        base_url: "https://provider.test",
    }],
    secrets: &[SecretName {
        name: "partner_key",
        summary: "shown once",
        optional: true,
        from_enrolment: false,
    }],
    pans: Pans::Both,
    jobs: &[Job {
        name: "listing",
        verb: Verb::Discover,
        summary: "All batches",
        suggested_cron: "30 6 * * *",
        first_lookback: days(7),
        largest_submission: 100,
        needs_enrolment: true,
        needs_webhook: true,
        timing: Timing {
            first_poll: minutes(5),
            poll_every: hours(1),
            kept_for: Some(days(30)),
            overdue_after: hours(26),
        },
    }],
};

impl Connector for Everything {
    const MANIFEST: Manifest = MANIFEST;
    type Settings = Settings;

    fn open(settings: Settings, account: &Account) -> Result<Self, Fault> {
        let secret = account.secret("partner_key")?.expose_secret();
        assert_eq!(secret, "s3cret \"ü\"");
        let Account {
            name, authority, ..
        } = account;
        assert_eq!(
            (name.as_str(), authority.as_str()),
            ("test-account", "provider.test")
        );
        Ok(Self {
            token_kind: settings.token_kind,
        })
    }

    fn enrol(&self, _: &Run<'_>, so_far: &Progress) -> Result<EnrolStep, Fault> {
        let expected = said::progress();
        assert_eq!(so_far.state, expected.state);
        assert_eq!(so_far.unanswered, expected.unanswered);
        assert_eq!(so_far.remembered, expected.remembered);
        assert_eq!(
            so_far.secrets.0["partner_key"].expose_secret(),
            "old secret"
        );
        assert_eq!(so_far.webhook_url, expected.webhook_url);
        assert_eq!(so_far.terms_accepted_by, expected.terms_accepted_by);
        Ok(EnrolStep {
            state: EnrolState::Refused("no such business".into()),
            remember: [("merchant".to_owned(), "42".to_owned())].into(),
            secrets: said::secrets("merchant_key", "new secret"),
        })
    }

    fn discover(&self, _: &Run<'_>, job: &str, window: Window) -> Result<Vec<Found>, Fault> {
        assert_eq!((job, window), ("listing", said::window()));
        Ok(said::listing())
    }

    fn submit(&self, run: &Run<'_>, job: &str, submission: &Submission) -> Result<Receipt, Fault> {
        assert_eq!(job, "inquiry");
        assert_eq!(*submission, said::submission("sub-1"));
        self.takes_the_cards(run, submission)?;
        Ok(said::receipt())
    }

    fn reconcile(
        &self,
        _: &Run<'_>,
        job: &str,
        submission: &Submission,
    ) -> Result<Reconciled, Fault> {
        assert_eq!(job, "inquiry");
        Ok(match submission.id.as_str() {
            "accepted" => Reconciled::Accepted(said::receipt()),
            "not-seen" => Reconciled::NotSeen,
            _ => Reconciled::Unknowable,
        })
    }

    fn subscribe(&self, run: &Run<'_>, job: &str, add: &Submission) -> Result<Vec<Refused>, Fault> {
        assert_eq!((job, add), ("standing", &said::submission("add")));
        self.takes_the_cards(run, add)?;
        Ok(said::refused())
    }

    fn unsubscribe(
        &self,
        run: &Run<'_>,
        job: &str,
        remove: &Submission,
    ) -> Result<Vec<Refused>, Fault> {
        assert_eq!((job, remove), ("standing", &said::submission("remove")));
        self.takes_the_cards(run, remove)?;
        Ok(said::refused())
    }

    fn receive(&self, notification: &Notification) -> Result<Vec<Announced>, Fault> {
        assert_eq!(*notification, said::notification());
        Ok(said::announced())
    }

    fn collect(&self, _: &Run<'_>, batch: &Batch) -> Result<Collected, Fault> {
        assert_eq!(*batch, said::batch(&batch.job));
        Ok(match batch.job.as_str() {
            "not-ready" => Collected::not_ready(),
            "later" => Collected::NotReady {
                retry_after: Some(std::time::Duration::from_secs(90)),
            },
            "failed" => Collected::Failed("purged by hand".into()),
            _ => Collected::Complete {
                totals: said::totals(),
            },
        })
    }
}

impl Everything {
    /// Fails unless the cards are those that the test lends.
    fn takes_the_cards(&self, run: &Run<'_>, submission: &Submission) -> Result<(), Fault> {
        let mut expected = said::cards().into_iter();
        submission.for_each(run, |card| {
            let FakeCard {
                key,
                pan,
                token,
                token_kind,
                expiry,
                se_number,
            } = expected.next().expect("no more cards than were lent");
            assert_eq!(card.key, key);
            assert_eq!(card.pan, pan.as_ref());
            assert_eq!(card.token, token);
            assert_eq!(card.token_kind, token_kind);
            assert_eq!(card.expiry, expiry);
            assert_eq!(card.se_number, se_number);
            if !token.is_empty() {
                assert_eq!(card.token_kind, self.token_kind);
            }
            Ok(())
        })?;
        assert_eq!(expected.next().map(|card| card.key), None);
        Ok(())
    }
}
