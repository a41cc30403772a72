//! One update as the JSON line that billing systems consume: the product's main interface, described
//! in the README and in `config/schema/update.schema.json`, which is made from the types here.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};
use reissue_config::published_schema;
use reissue_connector_api::{Card, Outcome, Related, Update, mask_pans};
use schemars::JsonSchema;
use schemars::generate::Contract;
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
    /// When the provider was asked, of a submission.
    pub asked_at: Option<DateTime<Utc>>,
    /// When the collecting began.
    pub collected_at: DateTime<Utc>,
}

/// Writes updates as lines.
pub struct Lines {
    origin: Origin,
    collected_at: String,
    asked_at: Option<String>,
    /// `account/batch/`, to which the record's id is added.
    id: String,
    prefix: usize,
    position: u64,
    /// The last report's time and its text: a batch has one.
    reported_at: Option<(DateTime<Utc>, String)>,
}

impl Lines {
    /// The lines of a batch.
    pub fn of(origin: Origin) -> Self {
        let id = format!("{}/{}/", origin.account, origin.batch);
        let seconds = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
        Self {
            collected_at: seconds(origin.collected_at),
            asked_at: origin.asked_at.map(seconds),
            prefix: id.len(),
            id,
            origin,
            position: 0,
            reported_at: None,
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
        if update.reported_at != self.reported_at.as_ref().map(|(time, _)| *time) {
            self.reported_at = update
                .reported_at
                .map(|time| (time, time.to_rfc3339_opts(SecondsFormat::AutoSi, true)));
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
            asked_at: self.asked_at.as_deref(),
            reported_at: self.reported_at.as_ref().map(|(_, text)| &**text),
            collected_at: &self.collected_at,
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.push(b'\n');
        Ok(())
    }
}

/// The JSON schema of a line.
pub fn update_schema() -> serde_json::Value {
    published_schema::<Line<'_>>(Contract::Serialize)
}

/// One answer about one card: a line of a delivered file. What a provider does not give is absent.
/// Fields may be added; outcomes are a closed list.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "Update", extend("if" = a_new_card_may_come(), "else" = no_new_card()))]
struct Line<'a> {
    /// `account/batch/record`. It names the update for ever: what was seen with it was seen.
    id: &'a str,
    /// The account in the configuration.
    account: &'a str,
    /// The connector of the account.
    connector: &'a str,
    /// The job that found the batch.
    job: &'a str,
    /// The provider's id of the batch; our own of a submission that it refused altogether.
    batch: &'a str,
    /// The provider's id of the record, or the position in the batch where it gives none.
    record: &'a str,
    /// What you know the card by: your own reference, or the token that is stored.
    #[serde(skip_serializing_if = "str::is_empty")]
    reference: &'a str,
    /// What became of the card. `new_number`: replace it, `new` is the card; `new_expiry`: the number
    /// stands, `new` has the expiry; `closed`: stop charging, ask the customer; `contact_cardholder`:
    /// ask the customer; `valid`, `no_match`, `not_participating`, `no_change`: nothing to change;
    /// `opted_out`: nothing to change, stop asking; `inconclusive`, `failed`: the provider could not
    /// tell; `rejected`: the provider refused what it was asked; `unknown`: conclude nothing.
    #[schemars(extend("enum" = Outcome::WORDS))]
    outcome: &'a str,
    /// The provider's own code for it.
    #[serde(skip_serializing_if = "str::is_empty")]
    provider_code: Cow<'a, str>,
    /// The provider's reason for the code.
    #[serde(skip_serializing_if = "str::is_empty")]
    provider_reason: Cow<'a, str>,
    /// The provider's words, with card numbers masked.
    #[serde(skip_serializing_if = "str::is_empty")]
    provider_message: Cow<'a, str>,
    /// Whether the provider charges for this answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    billable: Option<bool>,
    /// The American Express merchant number that the answer belongs to.
    #[serde(skip_serializing_if = "str::is_empty")]
    se_number: &'a str,
    /// The card that is on file.
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<CardLine<'a>>,
    /// The card that takes its place; only with `new_number` and `new_expiry`.
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<CardLine<'a>>,
    /// Records in the provider's vault that still point at the old card and need follow-up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<RelatedLine<'a>>,
    /// When the provider was asked about the card; absent where it reports by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    asked_at: Option<&'a str>,
    /// When the provider reported it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    reported_at: Option<&'a str>,
    /// When the batch was collected.
    #[schemars(extend("format" = "date-time"))]
    collected_at: &'a str,
}

fn a_new_card_may_come() -> serde_json::Value {
    let mut words = Outcome::WORDS.to_vec();
    words.retain(|word| {
        Outcome::from_word(word, Some(Card::default()))
            .new_card()
            .is_some()
    });
    serde_json::json!({ "properties": { "outcome": { "enum": words } } })
}

fn no_new_card() -> serde_json::Value {
    serde_json::json!({ "not": { "required": ["new"] } })
}

/// What is known of a card.
#[derive(Serialize, JsonSchema)]
struct CardLine<'a> {
    /// The provider's handle for the stored card.
    #[serde(skip_serializing_if = "str::is_empty")]
    token: &'a str,
    /// The full number, where the provider gives it. It is the reason why a spool is sealed and a sink
    /// encrypts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[0-9]{12,19}$"))]
    pan: Option<&'a str>,
    /// The masked number, as the provider masks it.
    #[serde(skip_serializing_if = "str::is_empty")]
    pan_masked: Cow<'a, str>,
    /// Year and month.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", regex(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$"))]
    expiry: Option<ExpiryText>,
    /// The network: `visa`, `mastercard`, `amex`, `discover`, or the provider's word for another.
    #[serde(skip_serializing_if = "Option::is_none")]
    brand: Option<&'a str>,
    /// `credit`, `debit` and so on, in the provider's word.
    #[serde(skip_serializing_if = "str::is_empty")]
    funding: &'a str,
    /// The vault's customer.
    #[serde(skip_serializing_if = "str::is_empty")]
    customer: &'a str,
    /// The vault's payment instrument.
    #[serde(skip_serializing_if = "str::is_empty")]
    payment_instrument: &'a str,
    /// The vault's instrument identifier.
    #[serde(skip_serializing_if = "str::is_empty")]
    instrument_identifier: &'a str,
    /// Whether the vault made that identifier for this update.
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

/// A record in the provider's vault that still points at the old card.
#[derive(Serialize, JsonSchema)]
struct RelatedLine<'a> {
    /// The vault's customer.
    #[serde(skip_serializing_if = "str::is_empty")]
    customer: &'a str,
    /// The vault's payment instrument.
    #[serde(skip_serializing_if = "str::is_empty")]
    payment_instrument: &'a str,
    /// Who made it.
    #[serde(skip_serializing_if = "str::is_empty")]
    creator: &'a str,
    /// Its state, in lower case.
    #[serde(skip_serializing_if = "str::is_empty")]
    state: &'a str,
    /// The provider's words.
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
