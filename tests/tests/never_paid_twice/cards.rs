//! Files of cards: those to ask about, each of them another card of the world, and beside them those
//! that are not to be asked about.

use std::fmt::Write;

use reissue_tests::{Asks, pan};

/// What one provider was given so far.
#[derive(Debug, Default)]
pub(crate) struct Cards {
    /// How many different valid cards.
    pub(crate) valid: u64,
    /// How many rows that are no cards.
    pub(crate) wrong: u64,
    /// How many rows with a card that an earlier file held.
    pub(crate) repeated: u64,
    files: u64,
}

impl Cards {
    /// The next file, with so many cards that no file held before.
    pub(crate) fn file(&mut self, whom: Asks, cards: u64) -> (String, String) {
        let mut text = match whom {
            Asks::SmartpayFuse => "reference,token,token_kind\n".to_owned(),
            _ => "reference,pan,expiry\n".to_owned(),
        };
        if self.valid > 0 {
            self.repeated += 1;
            row(&mut text, whom, "again", 0);
        }
        for number in self.valid..self.valid + cards {
            row(&mut text, whom, &format!("order-{number}"), number);
        }
        self.valid += cards;
        // Without a reference it is nobody's card.
        self.wrong += 1;
        row(&mut text, whom, "", self.valid);
        self.files += 1;
        (format!("{:04}.csv", self.files), text)
    }
}

fn row(text: &mut String, whom: Asks, reference: &str, number: u64) {
    match whom {
        Asks::SmartpayFuse => {
            writeln!(text, "{reference},F{number:031X},payment_instrument").unwrap();
        }
        _ => writeln!(text, "{reference},{},2031-04", pan(number)).unwrap(),
    }
}
