//! Accounts that ask about cards: one at each provider that can be asked.

use clap::ValueEnum;

/// Whom a schedule asks.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub(crate) enum Asks {
    /// smartpayFuse, with tokens of its vault.
    SmartpayFuse,
    /// CardSync, with card numbers.
    CardSync,
    /// BlueSnap, with card numbers.
    BlueSnap,
}

impl Asks {
    /// All of them, those first that take the most cards in one submission.
    pub(crate) const ALL: [Self; 3] = [Self::SmartpayFuse, Self::CardSync, Self::BlueSnap];

    /// The name of the connector, and of the account, the source and the schedule that ask.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::SmartpayFuse => "smartpayfuse",
            Self::CardSync => "cardsync",
            Self::BlueSnap => "bluesnap",
        }
    }

    /// The job that asks.
    pub(super) fn job(self) -> &'static str {
        match self {
            Self::SmartpayFuse => "one-off",
            Self::CardSync | Self::BlueSnap => "inquiry",
        }
    }

    /// Its secret's name in the account.
    fn secret(self) -> &'static str {
        match self {
            Self::SmartpayFuse => "shared_secret",
            Self::CardSync => "merchant_key",
            Self::BlueSnap => "password",
        }
    }

    /// The entries of `[accounts]` and `[sources]`, for a provider at `base_url`.
    pub(super) fn config(self, folder: &str, base_url: &str) -> String {
        let (name, secret) = (self.name(), self.secret());
        let settings = match self {
            Self::SmartpayFuse => format!(
                "{{ merchant_id = \"{MERCHANT}\", key_id = \"{KEY_ID}\", \
                 notification_email = \"ops@example.com\" }}"
            ),
            Self::CardSync => "{}".to_owned(),
            Self::BlueSnap => format!("{{ username = \"{USER}\" }}"),
        };
        format!(
            r#"
[accounts.{name}]
connector = "{name}"
base_url = "{base_url}"
settings = {settings}
secrets = {{ {secret} = {{ file = "{folder}/shared-secret" }} }}
sinks = ["billing"]
cards_per_day = 1000000000
# Nobody waits for the answers.
timings = {{ first_poll = "20d", overdue_after = "30d" }}
limits = {{ requests_per_second = 10000 }}

[sources.{name}]
kind = "csv"
path = "{folder}/cards-{name}/*.csv"
settle = "1s"
"#
        )
    }
}

/// The merchant at smartpayFuse, and the id of its key.
pub(super) const MERCHANT: &str = "demo_merchant_001";
/// As above.
pub(super) const KEY_ID: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
/// The API user at BlueSnap.
pub(super) const USER: &str = "API_17000000000001";
