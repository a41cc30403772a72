//! Accounts that are given cards: one at each provider that can be asked about them, and one with which
//! cards are subscribed.

use clap::ValueEnum;

use super::merchant;

/// Whom a schedule asks, or with whom it subscribes cards.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub(crate) enum Asks {
    /// smartpayFuse, with tokens of its vault.
    SmartpayFuse,
    /// CardSync, with card numbers.
    CardSync,
    /// BlueSnap, with card numbers.
    BlueSnap,
    /// Another merchant of CardSync's, with American Express cards that are subscribed.
    #[value(skip)]
    Amex,
}

/// Whether anybody waits for the answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answers {
    /// They come within seconds, where a provider takes days.
    Awaited,
    /// Nobody looks for them, so that nothing but the asking is measured.
    Ignored,
}

impl Asks {
    /// All that are asked, those first that take the most cards in one submission.
    pub(crate) const ALL: [Self; 3] = [Self::SmartpayFuse, Self::CardSync, Self::BlueSnap];

    /// The name of the account, the source and the schedule.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::SmartpayFuse => "smartpayfuse",
            Self::CardSync => "cardsync",
            Self::BlueSnap => "bluesnap",
            Self::Amex => "amex",
        }
    }

    /// The name of the connector.
    pub(super) fn connector(self) -> &'static str {
        match self {
            Self::Amex => Self::CardSync.name(),
            asked => asked.name(),
        }
    }

    /// The job that the cards are for.
    pub(crate) fn job(self) -> &'static str {
        match self {
            Self::SmartpayFuse => "one-off",
            Self::CardSync | Self::BlueSnap => "inquiry",
            Self::Amex => "amex-subscription",
        }
    }

    /// Where the answers go: full card numbers only to where they are encrypted.
    fn sinks(self) -> &'static str {
        match self {
            Self::SmartpayFuse => r#"["billing"]"#,
            Self::CardSync | Self::BlueSnap => r#"["vault"]"#,
            Self::Amex => r#"["vault", "push"]"#,
        }
    }

    /// Its secret's name in the account, and the file that holds it.
    fn secret(self) -> (&'static str, &'static str) {
        match self {
            Self::SmartpayFuse => ("shared_secret", SHARED_SECRET),
            // The merchant's own key is what enrolment yields.
            Self::CardSync => ("partner_key", PARTNER_KEY),
            Self::BlueSnap => ("password", SHARED_SECRET),
            Self::Amex => ("merchant_key", SHARED_SECRET),
        }
    }

    /// The entries of `[accounts]` and `[sources]`, for a provider at `base_url`.
    pub(super) fn config(self, answers: Answers, folder: &str, base_url: &str) -> String {
        let (name, connector, sinks) = (self.name(), self.connector(), self.sinks());
        let (secret, file) = self.secret();
        let (cards_per_day, timings) = match answers {
            Answers::Awaited => (1_000, r#"first_poll = "2s", poll_every = "1s""#),
            Answers::Ignored => (
                1_000_000_000,
                r#"first_poll = "20d", overdue_after = "30d""#,
            ),
        };
        let settings = match self {
            Self::SmartpayFuse => format!(
                "{{ merchant_id = \"{MERCHANT}\", key_id = \"{KEY_ID}\", \
                 notification_email = \"ops@example.com\" }}"
            ),
            Self::CardSync => merchant::SETTINGS.to_owned(),
            Self::BlueSnap => format!("{{ username = \"{USER}\" }}"),
            Self::Amex => "{}".to_owned(),
        };
        format!(
            r#"
[accounts.{name}]
connector = "{connector}"
base_url = "{base_url}"
settings = {settings}
secrets = {{ {secret} = {{ file = "{folder}/{file}" }} }}
sinks = {sinks}
cards_per_day = {cards_per_day}
timings = {{ {timings} }}
limits = {{ requests_per_second = 10000 }}

[sources.{name}]
kind = "csv"
path = "{folder}/cards-{name}/*.csv"
# Files are renamed in when they are complete.
settle = "0s"
"#
        )
    }
}

/// The file with what opens every account but for the partner's at CardSync, which has a key of its own.
pub(super) const SHARED_SECRET: &str = "shared-secret";
/// As above.
pub(super) const PARTNER_KEY: &str = "partner-key";
/// The merchant at smartpayFuse, and the id of its key.
pub(super) const MERCHANT: &str = "demo_merchant_001";
/// As above.
pub(super) const KEY_ID: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
/// The API user at BlueSnap.
pub(super) const USER: &str = "API_17000000000001";
