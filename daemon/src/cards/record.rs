//! A card as a record of a sealed file, and 256 of them as a frame.
//!
//! Every frame but the last holds the same number, so the position of a card says which frame holds
//! it. A file may mark each card with more than the card itself; a submission marks nothing.

use std::marker::PhantomData;

use chrono::{Datelike, NaiveDate};
use reissue_connector_api::{Expiry, Pan};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{CardOnFile, Fingerprint, Number, TokenKind};

/// Cards in a frame.
pub(super) const FRAME: u32 = 256;
/// The first byte of a frame: how its records are written.
const FORMAT: u8 = 1;
/// More than a record and its mark need besides the card's texts.
const OVERHEAD: usize = 192;

/// What a file says of a card besides the card: at most 128 bytes.
pub trait Mark: Serialize + DeserializeOwned {}

impl<M: Serialize + DeserializeOwned> Mark for M {}

#[derive(Serialize, Deserialize)]
struct Record<'a, M> {
    fingerprint: [u8; Fingerprint::BYTES],
    token_kind: Option<TokenKind>,
    number: &'a str,
    expiry: Option<(u16, u8)>,
    reference: &'a str,
    se_number: &'a str,
    /// In days since the first of January of the year 1.
    next_billing: Option<i32>,
    mark: M,
}

/// A frame that is being filled.
pub(super) struct Filling<M = ()> {
    /// Never grows in place: the memory that it would leave behind keeps card numbers.
    bytes: Zeroizing<Vec<u8>>,
    cards: u32,
    marks: PhantomData<M>,
}

impl<M: Mark> Filling<M> {
    /// An empty frame, which has room for the usual card.
    pub(super) fn new() -> Self {
        Self {
            bytes: Zeroizing::new(Vec::with_capacity(64 * 1024)),
            cards: 0,
            marks: PhantomData,
        }
    }

    /// Adds a card, and says whether the frame is now full.
    pub(super) fn add(
        &mut self,
        card: &CardOnFile<'_>,
        fingerprint: Fingerprint,
        mark: &M,
    ) -> bool {
        let record = Record {
            fingerprint: *fingerprint.as_bytes(),
            token_kind: card.number.token_kind(),
            number: match card.number {
                Number::Pan(pan) => pan.expose(),
                Number::Token(_, token) => token,
            },
            expiry: card.expiry.map(|expiry| (expiry.year(), expiry.month())),
            reference: card.reference,
            se_number: card.se_number,
            next_billing: card.next_billing.map(|day| day.num_days_from_ce()),
            mark,
        };
        let texts = [record.number, record.reference, record.se_number];
        let most = OVERHEAD + texts.iter().map(|text| text.len()).sum::<usize>();
        self.make_room(most);
        if self.cards == 0 {
            self.bytes.push(FORMAT);
        }
        let start = self.bytes.len();
        self.bytes.resize(start + most, 0);
        let written = postcard::to_slice(&record, &mut self.bytes[start..])
            .expect("a record needs less than its texts and the overhead")
            .len();
        self.bytes.truncate(start + written);
        self.cards += 1;
        self.cards == FRAME
    }

    /// Whether it holds nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.cards == 0
    }

    /// The bytes, for the one who seals and empties them.
    pub(super) fn take(&mut self) -> &mut Vec<u8> {
        self.cards = 0;
        &mut self.bytes
    }

    fn make_room(&mut self, bytes: usize) {
        // One more for the format.
        let needed = self.bytes.len() + bytes + 1;
        if needed > self.bytes.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(2 * needed));
            larger.extend_from_slice(&self.bytes);
            self.bytes = larger;
        }
    }
}

/// A frame that was opened.
pub(super) struct Opened<M = ()> {
    bytes: Zeroizing<Vec<u8>>,
    /// Where each record begins.
    starts: Vec<u32>,
    marks: PhantomData<M>,
}

/// A card out of a frame. The number stays with the frame until it is asked for.
pub(super) struct Found<'a, M>(Record<'a, M>);

/// A card with its fingerprint, and what the file says of it besides.
pub type Marked<'a, M> = (CardOnFile<'a>, Fingerprint, M);

impl<M: Mark> Opened<M> {
    /// The frame of these bytes; none if they are not one.
    pub(super) fn of(bytes: Zeroizing<Vec<u8>>) -> Option<Self> {
        let mut rest = bytes.strip_prefix(&[FORMAT])?;
        let mut starts = Vec::with_capacity(FRAME as usize);
        while !rest.is_empty() {
            starts.push(u32::try_from(bytes.len() - rest.len()).ok()?);
            (_, rest) = postcard::take_from_bytes::<Record<'_, M>>(rest).ok()?;
        }
        Some(Self {
            bytes,
            starts,
            marks: PhantomData,
        })
    }

    /// How many cards it holds.
    pub(super) fn cards(&self) -> u32 {
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX)
    }

    /// How much memory it takes.
    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity() + size_of::<u32>() * self.starts.capacity()
    }

    /// Its memory, for another frame.
    pub(super) fn into_buffer(self) -> Zeroizing<Vec<u8>> {
        self.bytes
    }

    /// The card at that position of the frame; none if there is none.
    pub(super) fn card(&self, at: u32) -> Option<Found<'_, M>> {
        let start = *self.starts.get(at as usize)? as usize;
        let (record, _) = postcard::take_from_bytes(&self.bytes[start..]).ok()?;
        Some(Found(record))
    }
}

impl<'a, M: Mark> Found<'a, M> {
    /// The card, with `pan` as the place for its number; none if the record makes no sense.
    pub(super) fn read(self, pan: &'a mut Option<Pan>) -> Option<Marked<'a, M>> {
        let Record { number, .. } = self.0;
        let number = match self.0.token_kind {
            Some(kind) => Number::Token(kind, number),
            // Without the Luhn check: it was made when the card came in.
            None => Number::Pan(pan.insert(Pan::received(number).ok()?)),
        };
        let expiry = match self.0.expiry {
            Some((year, month)) => Some(Expiry::new(year, month).ok()?),
            None => None,
        };
        let card = CardOnFile {
            reference: self.0.reference,
            number,
            expiry,
            se_number: self.0.se_number,
            next_billing: match self.0.next_billing {
                Some(day) => Some(NaiveDate::from_num_days_from_ce_opt(day)?),
                None => None,
            },
        };
        Some((
            card,
            Fingerprint::from_bytes(self.0.fingerprint),
            self.0.mark,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A submission may wait for its answers while Reissue is upgraded.
    #[test]
    fn the_format_is_pinned() {
        let pan = Pan::parse("4111111111111111").unwrap();
        let mut frame = Filling::<()>::new();
        for number in [
            Number::Pan(&pan),
            Number::Token(TokenKind::InstrumentIdentifier, "9CCD"),
        ] {
            let card = CardOnFile {
                reference: "order 1",
                number,
                expiry: Some(Expiry::new(2027, 4).unwrap()),
                se_number: "98",
                next_billing: NaiveDate::from_ymd_opt(2026, 12, 1),
            };
            frame.add(&card, Fingerprint::from_bytes(*b"0123456789abcdef"), &());
        }
        let expected = "\x010123456789abcdef\x00\x104111111111111111\x01\u{eb}\x0f\x04\x07order 1\x0298\x01\u{de}\u{a9}Z\
             0123456789abcdef\x01\x02\x049CCD\x01\u{eb}\x0f\x04\x07order 1\x0298\x01\u{de}\u{a9}Z";
        let expected: Vec<u8> = expected.chars().map(|byte| byte as u8).collect();
        assert_eq!(frame.take(), &expected);
    }

    #[test]
    fn bytes_of_another_format_are_no_frame() {
        let whole = b"\x010123456789abcdef\x00\x00\x00\x00\x00\x00";
        let cards = |bytes: &[u8]| Some(Opened::<()>::of(Zeroizing::new(bytes.to_vec()))?.cards());
        assert_eq!(cards(whole), Some(1));
        for at in 2..whole.len() {
            assert_eq!(cards(&whole[..at]), None, "{at}");
        }
        assert_eq!(cards(b"\x020123456789abcdef\x00\x00\x00\x00\x00\x00"), None);
        assert_eq!(cards(b""), None);
    }
}
