//! Example's messages as documented, read as leniently as is safe: a counter may be a text, and a
//! key that only explains may be missing.

use reissue_connector_api::lenient::{Count, Text, owned};
use serde::Deserialize;

/// A page of the list of reports.
#[derive(Deserialize)]
pub(crate) struct Page {
    pub(crate) reports: Vec<Report>,
    pub(crate) more: bool,
}

/// A report, as the list and its own address show it.
#[derive(Deserialize)]
pub(crate) struct Report {
    #[serde(deserialize_with = "owned")]
    pub(crate) id: String,
    pub(crate) state: String,
    #[serde(default)]
    pub(crate) reason: String,
    #[serde(default)]
    pub(crate) records: Count,
    #[serde(default)]
    pub(crate) created_at: String,
    #[serde(default)]
    pub(crate) purged_at: String,
}

/// A line of a report's records. Borrows from the body: a report may hold millions.
#[derive(Deserialize)]
pub(crate) struct Record<'a> {
    /// Example's id of the record.
    #[serde(borrow)]
    pub(crate) id: Text<'a>,
    /// What became of the card.
    #[serde(borrow)]
    pub(crate) code: Text<'a>,
    /// The card as it was.
    #[serde(borrow)]
    pub(crate) card: Card<'a>,
    /// The card as it is, where the code promises one.
    #[serde(borrow, default)]
    pub(crate) new_card: Option<Card<'a>>,
}

/// A card in Example's vault.
#[derive(Deserialize)]
pub(crate) struct Card<'a> {
    #[serde(borrow)]
    pub(crate) token: Text<'a>,
    /// Such as `411111XXXXXX1111`.
    #[serde(borrow, default)]
    pub(crate) number: Text<'a>,
    /// Such as `04/27`.
    #[serde(borrow, default)]
    pub(crate) expires: Text<'a>,
    /// Such as `visa`.
    #[serde(borrow, default)]
    pub(crate) network: Text<'a>,
}

/// The body of a refusal.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Refusal {
    pub(crate) error: String,
}
