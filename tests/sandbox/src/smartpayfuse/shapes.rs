//! The records that occur in a report, and how often: one table per source of batches.
//!
//! Field presence follows the documented examples: a new number carries everything, a new expiry only the expiry, a
//! closed account nothing or the other payment instruments that hold the card, all else only its codes.

use super::batch::Source;
use super::template::Template;

/// How many records the weights of a source's table add up to.
pub(super) const CYCLE: usize = 1000;

/// One kind of record.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) response: &'static str,
    pub(super) reason: &'static str,
    /// Whether other payment instruments are named that hold the card too.
    pub(super) additional: bool,
    /// How many of a thousand records look like this.
    pub(super) weight: usize,
    pub(super) template: Template,
}

/// All shapes of a source.
pub(super) fn shapes(source: Source) -> Vec<Shape> {
    match source {
        Source::AmexMaintenance => maintenance(),
        Source::Scheduler => harvest(),
        Source::TokenApi => one_off(),
        Source::AmexRegistryApi => registry(),
    }
}

const ID: &str = r#""id":"<id>","#;

/// A masked Amex number has 15 characters here; in the harvest it has 16.
const AMEX: &str = r#""token":"<token>E0533F36CF0A356E","cardNumber":"371449XXXXX<last>","cardExpiryMonth":"<month>","cardExpiryYear":"<year>","cardType":"003","customerId":"<token>E0533F36CF0A356E","paymentInstrumentId":"<instrument>E0533F36CF0A356E","instrumentIdentifierId":"<identifier>E0533F36CF0A356E""#;
const AMEX_16: &str = r#""token":"7020000<number>5","cardNumber":"371000XXXXXX<last>","cardExpiryMonth":"<month>","cardExpiryYear":"<year>","cardType":"003","instrumentIdentifierId":"7020000<number>5""#;
const VISA: &str = r#""token":"7030000<number>6","cardNumber":"411111XXXXXX<last>","cardExpiryMonth":"<month>","cardExpiryYear":"<year>","cardType":"001","customerId":"<token>E0533F36CF0A356E","paymentInstrumentId":"<instrument>E0533F36CF0A356E","instrumentIdentifierId":"7030000<number>6""#;
/// Its token has 22 digits, and it has no other ids.
const MASTERCARD: &str = r#""token":"4682345889<number>8","cardNumber":"511111XXXXXX<last>","cardExpiryMonth":"<month>","cardExpiryYear":"<year>","cardType":"002""#;
const UNKNOWN_CARD: &str =
    r#""token":"712345678<number>","cardExpiryMonth":"<month>","cardExpiryYear":"<year>""#;
const SHORT_TOKEN: &str =
    r#""token":"<number>","cardExpiryMonth":"<month>","cardExpiryYear":"<year>""#;

const NEW_AMEX: &str = r#","token":"<token>E0533F36CF0A356E","cardNumber":"371449XXXXX<new-last>","cardType":"003","instrumentIdentifierId":"<new-identifier>E0533F36CF0A9916","instrumentIdentifierCreated":"true""#;
const NEW_VISA: &str = r#","token":"7030000<new-number>3","cardNumber":"401000XXXXXX<new-last>","cardType":"001","instrumentIdentifierId":"7030000<new-number>3","instrumentIdentifierCreated":"true""#;
const NEW_MASTERCARD: &str = r#","token":"4682345889<new-number>2","cardNumber":"511111XXXXXX<new-last>","cardType":"002","instrumentIdentifierId":"7020000<new-number>2","instrumentIdentifierCreated":"false""#;
const NEW_EXPIRY: &str = r#","cardExpiryMonth":"<new-month>","cardExpiryYear":"<new-year>""#;
const ADDITIONAL: &str = r#","additionalUpdates":[{"customerId":"<other>E0533F36CF0A355E","paymentInstrumentId":"<other>E0533F36CF0A356D","creator":"demo_merchant_001","state":"CLOSED","message":"This Payment Instrument contains the source card number, which is now closed. If required, you can update manually or through the AU REST API."}]"#;

/// Only changes are reported, and every token belongs to a customer.
fn maintenance() -> Vec<Shape> {
    vec![
        shape(
            300,
            ID,
            AMEX,
            ("NAN", "800"),
            &[NEW_AMEX, NEW_EXPIRY, ADDITIONAL],
        ),
        shape(200, ID, AMEX, ("NAN", "800"), &[NEW_AMEX, NEW_EXPIRY]),
        shape(260, ID, AMEX, ("NED", "800"), &[NEW_EXPIRY]),
        shape(140, ID, AMEX, ("ACL", "800"), &[ADDITIONAL]),
        shape(40, ID, AMEX, ("ACL", "800"), &[]),
        shape(60, ID, AMEX, ("CCH", "800"), &[]),
    ]
}

/// An Amex card that became a Visa is in it, as in the documented example.
fn harvest() -> Vec<Shape> {
    vec![
        shape(
            410,
            ID,
            VISA,
            ("NAN", "800"),
            &[NEW_VISA, NEW_EXPIRY, ADDITIONAL],
        ),
        shape(30, ID, VISA, ("NAN", "800"), &[NEW_VISA, NEW_EXPIRY]),
        shape(
            120,
            ID,
            MASTERCARD,
            ("NAN", "800"),
            &[NEW_MASTERCARD, NEW_EXPIRY, ADDITIONAL],
        ),
        shape(10, ID, AMEX_16, ("NAN", "800"), &[NEW_VISA, NEW_EXPIRY]),
        shape(110, ID, VISA, ("NED", "800"), &[NEW_EXPIRY]),
        shape(50, ID, MASTERCARD, ("NED", "800"), &[NEW_EXPIRY]),
        shape(110, ID, VISA, ("ACL", "800"), &[ADDITIONAL]),
        shape(30, ID, MASTERCARD, ("ACL", "800"), &[]),
        shape(40, ID, VISA, ("CCH", "800"), &[]),
        shape(30, ID, VISA, ("CUR", "800"), &[]),
        shape(20, ID, MASTERCARD, ("NUP", "800"), &[]),
        shape(14, ID, VISA, ("UNA", "800"), &[]),
        shape(5, ID, UNKNOWN_CARD, ("DEC", "852"), &[]),
        shape(5, ID, VISA, ("DEC", "853"), &[]),
        shape(5, ID, VISA, ("DEC", "862"), &[]),
        shape(4, ID, VISA, ("ERR", "804"), &[]),
        shape(4, ID, MASTERCARD, ("ERR", "809"), &[]),
        shape(2, ID, VISA, ("ERR", "811"), &[]),
        // Codes may be added at any time.
        shape(1, ID, VISA, ("NXT", "899"), &[]),
    ]
}

/// Named tokens: many cards are current, and more are refused than in a harvest.
fn one_off() -> Vec<Shape> {
    vec![
        shape(
            250,
            ID,
            VISA,
            ("NAN", "800"),
            &[NEW_VISA, NEW_EXPIRY, ADDITIONAL],
        ),
        shape(
            100,
            ID,
            MASTERCARD,
            ("NAN", "800"),
            &[NEW_MASTERCARD, NEW_EXPIRY],
        ),
        shape(150, ID, VISA, ("NED", "800"), &[NEW_EXPIRY]),
        shape(100, ID, VISA, ("ACL", "800"), &[ADDITIONAL]),
        shape(50, ID, MASTERCARD, ("CCH", "800"), &[]),
        shape(200, ID, VISA, ("CUR", "800"), &[]),
        shape(40, ID, VISA, ("NUP", "800"), &[]),
        shape(20, ID, MASTERCARD, ("UNA", "800"), &[]),
        shape(20, ID, VISA, ("DEC", "801"), &[]),
        shape(20, ID, VISA, ("DEC", "803"), &[]),
        shape(20, ID, SHORT_TOKEN, ("DEC", "851"), &[]),
        shape(20, ID, UNKNOWN_CARD, ("DEC", "852"), &[]),
        shape(4, ID, MASTERCARD, ("ERR", "802"), &[]),
        shape(4, ID, VISA, ("ERR", "807"), &[]),
        shape(2, ID, VISA, ("NXT", "899"), &[]),
    ]
}

/// Only refusals are reported, without ids.
fn registry() -> Vec<Shape> {
    vec![
        shape(250, "", SHORT_TOKEN, ("DEC", "850"), &[]),
        shape(250, "", SHORT_TOKEN, ("DEC", "851"), &[]),
        shape(300, "", UNKNOWN_CARD, ("DEC", "852"), &[]),
        shape(100, "", UNKNOWN_CARD, ("DEC", "861"), &[]),
        shape(100, "", UNKNOWN_CARD, ("DEC", "862"), &[]),
    ]
}

fn shape(
    weight: usize,
    id: &str,
    card: &str,
    (response, reason): (&'static str, &'static str),
    fields: &[&str],
) -> Shape {
    let answer = fields.concat();
    let text = format!(
        r#"{{{id}"sourceRecord":{{{card}}},"responseRecord":{{"response":"{response}","reason":"{reason}"{answer}}}}}"#
    );
    Shape {
        response,
        reason,
        additional: fields.contains(&ADDITIONAL),
        weight,
        template: Template::new(&text),
    }
}
