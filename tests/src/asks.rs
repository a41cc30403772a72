//! Whom tests give cards.

const CARDSYNC: &str = r#"connector = "cardsync"
secrets = { merchant_key = { file = "FOLDER/merchant-key" } }"#;

/// Whom a schedule gives cards. The account and the schedule bear the same name; the schedule takes
/// `cards/NAME/*`, which [`World::put_cards`](crate::World::put_cards) fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// An enrolled merchant of CardSync.
    CardSync,
    /// BlueSnap.
    BlueSnap,
    /// The job `one-off` of smartpayFuse, with payment instruments.
    SmartpayFuse,
    /// The same merchant of CardSync, with whom American Express cards are subscribed.
    Amex,
}

impl Asks {
    /// All who are asked about cards.
    pub const ALL: [Self; 3] = [Self::CardSync, Self::BlueSnap, Self::SmartpayFuse];

    /// The name of the account and of the schedule.
    pub fn name(self) -> &'static str {
        match self {
            Self::CardSync => "cardsync",
            Self::BlueSnap => "bluesnap",
            Self::SmartpayFuse => "one-off",
            Self::Amex => "amex",
        }
    }

    /// The account's lines, and the job of its schedule.
    pub(crate) fn account(self) -> (&'static str, &'static str) {
        match self {
            Self::CardSync => (CARDSYNC, "inquiry"),
            Self::Amex => (CARDSYNC, "amex-subscription"),
            Self::BlueSnap => (
                r#"connector = "bluesnap"
settings = { username = "API_17000000000001" }
secrets = { password = { file = "FOLDER/password" } }"#,
                "inquiry",
            ),
            Self::SmartpayFuse => (
                r#"connector = "smartpayfuse"
settings = { merchant_id = "demo_merchant_001", key_id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301", notification_email = "ops@example.com" }
secrets = { shared_secret = { file = "FOLDER/secret" } }"#,
                "one-off",
            ),
        }
    }

    /// The connector's file.
    pub(crate) fn connector(self) -> &'static str {
        match self {
            Self::CardSync | Self::Amex => "libreissue_cardsync.so",
            Self::BlueSnap => "libreissue_bluesnap.so",
            Self::SmartpayFuse => "libreissue_smartpayfuse.so",
        }
    }
}
