//! The body of a request about cards: a list of all of them, and who is left out of it.

use reissue_connector_api::{Expiry, Pan, Refused};
use zeroize::Zeroizing;

use crate::wire::Question;

/// The cards of one request. They are full numbers, so the list has its full size from the start:
/// memory that a growing buffer leaves behind is not wiped.
pub(crate) struct Questions {
    json: Zeroizing<Vec<u8>>,
    count: usize,
    refused: Vec<Refused>,
}

/// More than a card takes, in bytes.
pub(crate) const ROOM: usize = 128;
/// The code of a card that was not sent; CardSync has none for that.
const NOT_SENT: &str = "not_sent";

impl Questions {
    /// Room for so many cards.
    pub(crate) fn of(cards: u32) -> Self {
        let mut json = Vec::with_capacity(ROOM * (cards as usize + 1));
        json.extend_from_slice(br#"{"cards":["#);
        Self {
            json: Zeroizing::new(json),
            count: 0,
            refused: Vec::new(),
        }
    }

    /// Adds a card under our key, with its merchant number where it has one.
    pub(crate) fn add(&mut self, key: &str, pan: &Pan, expiry: Expiry, se_number: &str) {
        if self.count > 0 {
            self.json.push(b',');
        }
        self.count += 1;
        let question = Question {
            se_number,
            id: key,
            card: pan.expose(),
            exp: format!("{:02}/{:02}", expiry.month(), expiry.year() % 100),
        };
        serde_json::to_writer(&mut *self.json, &question).expect("memory takes plain texts");
    }

    /// Leaves a card out, and says why.
    pub(crate) fn refuse(&mut self, key: &str, why: &str) {
        self.refused.push(Refused {
            key: key.to_owned(),
            code: NOT_SENT.to_owned(),
            text: why.to_owned(),
        });
    }

    /// The body, unless it would hold no card, and the cards that were left out.
    pub(crate) fn end(mut self) -> (Option<Zeroizing<Vec<u8>>>, Vec<Refused>) {
        self.json.extend_from_slice(b"]}");
        ((self.count > 0).then_some(self.json), self.refused)
    }
}
