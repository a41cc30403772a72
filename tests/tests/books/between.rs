//! What happens between two slots: files are handed in or taken back, and cards get other numbers.

use std::fs;
use std::time::Instant;

use fastrand::Rng;
use reissue_tests::{Asks, PATIENCE};
use serde_json::{Value, json};

use crate::books::{is_subscribed, pairs, shown};
use crate::round::Source;
use crate::subject::{AMEX, Subject, run};
use crate::wanted::file;

impl Subject {
    /// A card gets another number, and the daemon hears of it.
    pub(crate) fn renumber(&mut self, random: &mut Rng) {
        self.take_back();
        run(&self.world).unwrap();
        let Some((card, number)) = self.wanted.renumbers(random) else {
            return;
        };
        let books = self.world.sandbox.subscriptions();
        let there = books.iter().filter(is_subscribed);
        let there: Vec<&Value> = there.filter(|pair| pair["card"] == *card).collect();
        if there.is_empty() {
            return;
        }
        // What is being removed is not followed.
        let shown = shown(&self.world);
        let is_wanted =
            |key: &Value| pairs(&shown).any(|it| it["key"] == *key && it["wanted"] == true);
        for pair in there.iter().filter(|pair| is_wanted(&pair["id"])) {
            let se_number = pair["se_number"].as_str().unwrap();
            self.wanted.is_renumbered(&card, se_number, &number);
        }
        self.world.sandbox.answer(json!({
            "card": card,
            "status": "updated_card",
            "new": { "card": number, "exp": "04/34" },
        }));
        let event = self.world.sandbox.make_event(json!({ "cards": [card] }));
        self.until_collected(&format!("{AMEX}/{event}"));
    }

    fn until_collected(&self, key: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let shown = self.world.reissue(&["batch", "show", key, "--json"]);
            let batch = serde_json::from_str::<Value>(&shown.out).unwrap_or_default();
            if !batch["collected"].is_null() {
                return;
            }
            // The account may be parked.
            self.world.reissue(&["batch", "retry", key]);
            assert!(Instant::now() < until, "{shown:?}");
        }
    }

    /// Takes back what no slot has read.
    pub(crate) fn take_back(&self) {
        if let Ok(entries) = fs::read_dir(self.world.path("cards/amex")) {
            for entry in entries {
                // The daemon may take it just now.
                let _ = fs::remove_file(entry.unwrap().path());
            }
        }
    }

    /// Hands in what the next slot is to find.
    pub(crate) fn hand_in(&mut self, source: Source, random: &mut Rng) {
        self.take_back();
        let mut files = 1;
        let mut rows = match source {
            Source::Nothing => return,
            Source::Changed(change) => {
                self.wanted.change(&change, random);
                files = change.files;
                let mut rows = self.wanted.rows(random);
                rows.extend(
                    change
                        .doubled
                        .then(|| self.wanted.doubled(random))
                        .flatten(),
                );
                rows
            }
            Source::Less => {
                self.wanted.halve(random);
                self.wanted.rows(random)
            }
            Source::Half | Source::Unreadable => self.wanted.rows(random),
        };
        if let Source::Half = source {
            rows.truncate(rows.len() / 2);
        }
        if let Source::Unreadable = source {
            self.world.put_cards(Asks::Amex, "none.csv", "who;knows\n");
        }
        for number in 0..files {
            let rows = rows.iter().skip(number).step_by(files);
            self.world
                .put_cards(Asks::Amex, &format!("{number}.csv"), file(rows));
        }
    }
}
