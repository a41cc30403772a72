//! One update as the JSON line that billing systems consume: the product's main interface, described
//! in the README.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};
use reissue_connector_api::{Card, Related, Update, mask_pans};
use serde::Serialize;

/// What the daemon knows of a batch and each of its lines repeats.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The account.
    pub account: String,
    /// The connector's name.
    pub connector: &'static str,
    /// The job.
    pub job: String,
    /// The provider's batch id.
    pub batch: String,
    /// When the collecting began.
    pub collected_at: DateTime<Utc>,
}

/// Writes updates as lines.
pub struct Lines {
    origin: Origin,
    collected_at: String,
    /// `account/batch/`, to which the record's id is added.
    id: String,
    prefix: usize,
    position: u64,
}

impl Lines {
    /// The lines of a batch.
    pub fn of(origin: Origin) -> Self {
        let id = format!("{}/{}/", origin.account, origin.batch);
        Self {
            collected_at: origin
                .collected_at
                .to_rfc3339_opts(SecondsFormat::Secs, true),
            prefix: id.len(),
            id,
            origin,
            position: 0,
        }
    }

    /// Appends an update to `out`, with its line end.
    ///
    /// # Errors
    /// None in practice: every value is a text or a number.
    pub fn write(&mut self, update: &Update<'_>, out: &mut Vec<u8>) -> serde_json::Result<()> {
        use std::fmt::Write;

        self.position += 1;
        self.id.truncate(self.prefix);
        // Without a record id of the provider's the position serves.
        match update.record {
            "" => _ = write!(self.id, "{}", self.position),
            record => self.id.push_str(record),
        }
        let line = Line {
            id: &self.id,
            account: &self.origin.account,
            connector: self.origin.connector,
            job: &self.origin.job,
            batch: &self.origin.batch,
            record: &self.id[self.prefix..],
            reference: update.reference,
            outcome: update.outcome.as_str(),
            provider_code: masked(update.provider_code),
            provider_reason: masked(update.provider_reason),
            provider_message: masked(update.provider_message),
            billable: update.billable,
            se_number: update.se_number,
            old: CardLine::of(&update.old),
            new: update.outcome.new_card().and_then(CardLine::of),
            related: update.related.iter().map(RelatedLine::of).collect(),
            reported_at: update
                .reported_at
                .map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            collected_at: &self.collected_at,
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.push(b'\n');
        Ok(())
    }
}

/// A field that is empty is left out.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    account: &'a str,
    connector: &'a str,
    job: &'a str,
    batch: &'a str,
    record: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    reference: &'a str,
    outcome: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    provider_code: Cow<'a, str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    provider_reason: Cow<'a, str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    provider_message: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billable: Option<bool>,
    #[serde(skip_serializing_if = "str::is_empty")]
    se_number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<CardLine<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<CardLine<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<RelatedLine<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reported_at: Option<String>,
    collected_at: &'a str,
}

#[derive(Serialize)]
struct CardLine<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    token: &'a str,
    /// The full number, which is why a spool is sealed and a sink encrypts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pan: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pan_masked: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry: Option<ExpiryText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    brand: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    funding: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    customer: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    payment_instrument: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    instrument_identifier: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instrument_identifier_created: Option<bool>,
}

impl<'a> CardLine<'a> {
    /// `None` for a card of which nothing is known.
    fn of(card: &'a Card<'_>) -> Option<Self> {
        let line = Self {
            token: card.token,
            pan: card.pan.as_ref().map(|pan| pan.expose()),
            pan_masked: match &card.pan {
                Some(pan) if card.pan_masked.is_empty() => Cow::Owned(pan.masked()),
                _ => masked(card.pan_masked),
            },
            expiry: card.expiry.map(ExpiryText),
            brand: card.brand.map(|brand| brand.as_str()),
            funding: card.funding,
            customer: card.customer,
            payment_instrument: card.payment_instrument,
            instrument_identifier: card.instrument_identifier,
            instrument_identifier_created: card.instrument_identifier_created,
        };
        let known = [
            line.token,
            &line.pan_masked,
            line.funding,
            line.customer,
            line.payment_instrument,
            line.instrument_identifier,
        ];
        let empty = known.iter().all(|text| text.is_empty())
            && line.expiry.is_none()
            && line.brand.is_none();
        (!empty).then_some(line)
    }
}

/// `2027-04` without an allocation.
struct ExpiryText(reissue_connector_api::Expiry);

impl Serialize for ExpiryText {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

#[derive(Serialize)]
struct RelatedLine<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    customer: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    payment_instrument: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    creator: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    state: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    message: Cow<'a, str>,
}

impl<'a> RelatedLine<'a> {
    fn of(related: &'a Related<'_>) -> Self {
        Self {
            customer: related.customer,
            payment_instrument: related.payment_instrument,
            creator: related.creator,
            state: related.state,
            message: masked(related.message),
        }
    }
}

/// A provider's text with any full card number masked. Tokens are left alone: some look like card
/// numbers, and billing must get them as they are.
fn masked(text: &str) -> Cow<'_, str> {
    mask_pans(text).map_or(Cow::Borrowed(text), Cow::Owned)
}
