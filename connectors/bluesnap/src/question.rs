//! The question: a batch of cards in XML, in the documented order of elements.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use reissue_connector_api::{CardToAsk, Fault, Run, Submission};
use zeroize::Zeroizing;

use crate::wire::{NAMESPACE, ROOT};

/// More than a card takes in XML, in bytes, so that the document never moves: what a growing buffer
/// leaves behind is not wiped.
const ROOM_A_CARD: usize = 512;

/// The body that asks about the cards of a submission.
///
/// # Errors
/// `settings` for a card without a number, and what taking the cards says.
pub(crate) fn of(run: &Run<'_>, submission: &Submission) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let room = (submission.cards as usize + 1).saturating_mul(ROOM_A_CARD);
    let mut body = Zeroizing::new(Vec::with_capacity(room));
    let mut xml = Xml(Writer::new(&mut *body));
    xml.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
    let root = BytesStart::new(ROOT).with_attributes([("xmlns", NAMESPACE)]);
    xml.event(Event::Start(root));
    xml.text("account-update-batch-id", &submission.id);
    submission.for_each(run, |card| xml.card(&card))?;
    xml.end(ROOT);
    Ok(body)
}

struct Xml<'b>(Writer<&'b mut Vec<u8>>);

impl Xml<'_> {
    /// Without `card-type`: one that disagreed with the number would fail the call.
    fn card(&mut self, card: &CardToAsk<'_>) -> Result<(), Fault> {
        let Some(pan) = card.pan else {
            return Err(Fault::settings(format!(
                "card `{}` has no number, and BlueSnap is asked by numbers: give the source a `pan` \
                 column",
                card.key
            )));
        };
        self.start("account-update");
        self.text("merchant-updater-id", card.key);
        self.start("original-card");
        self.start("credit-card");
        self.text("card-number", pan.expose());
        if let Some(expiry) = card.expiry {
            self.text("expiration-month", &format!("{:02}", expiry.month()));
            self.text("expiration-year", &expiry.year().to_string());
        }
        self.end("credit-card");
        self.end("original-card");
        self.end("account-update");
        Ok(())
    }

    fn text(&mut self, name: &str, text: &str) {
        self.start(name);
        self.event(Event::Text(BytesText::new(text)));
        self.end(name);
    }

    fn start(&mut self, name: &str) {
        self.event(Event::Start(BytesStart::new(name)));
    }

    fn end(&mut self, name: &str) {
        self.event(Event::End(BytesEnd::new(name)));
    }

    fn event(&mut self, event: Event<'_>) {
        let written = self.0.write_event(event);
        written.expect("writing to memory cannot fail");
    }
}
