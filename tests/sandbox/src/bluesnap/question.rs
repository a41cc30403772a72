//! What the provider accepts: the documented elements in the documented order, and no others.

use super::document::Node;

/// The most cards in a batch.
const LARGEST: usize = 2_000;
/// The longest id of a batch.
const LONGEST_ID: usize = 25;

/// A batch that a client wants.
#[derive(Debug)]
pub(super) struct NewBatch {
    pub(super) id: String,
    pub(super) cards: Vec<Question>,
}

/// One card that is asked about.
#[derive(Debug, Clone, Default)]
pub(super) struct Question {
    /// The merchant's; nobody makes sure that it is unique.
    pub(super) id: String,
    /// Without spaces and hyphens, which the provider lets pass.
    pub(super) card: String,
    pub(super) kind: Option<String>,
    pub(super) month: String,
    pub(super) year: String,
}

impl NewBatch {
    /// The batch, or what is wrong with the request as a whole. What is wrong with a card is told card by card.
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        let root = Node::read(body)?;
        if root.name != "batch-account-update" {
            return Err(format!("{} is not expected", root.name));
        }
        let [id, cards @ ..] = root.only(&["account-update-batch-id", "account-update"])? else {
            return Err("batch-account-update is empty".into());
        };
        let id = id.text.trim().to_owned();
        if id.is_empty() || id.len() > LONGEST_ID {
            return Err(format!(
                "account-update-batch-id has 1 to {LONGEST_ID} characters"
            ));
        }
        if !(1..=LARGEST).contains(&cards.len()) {
            return Err(format!(
                "a batch has 1 to {LARGEST} cards, not {}",
                cards.len()
            ));
        }
        let cards = cards.iter().map(Question::read).collect::<Result<_, _>>()?;
        Ok(Self { id, cards })
    }
}

impl Question {
    fn read(node: &Node) -> Result<Self, String> {
        let [id, original] = node.only(&["merchant-updater-id", "original-card"])? else {
            return Err("account-update names one card".into());
        };
        let [card] = original.only(&["credit-card"])? else {
            return Err("original-card holds one credit-card".into());
        };
        let mut question = Self {
            id: id.text.trim().to_owned(),
            ..Self::default()
        };
        const ORDER: [&str; 4] = [
            "card-number",
            "card-type",
            "expiration-month",
            "expiration-year",
        ];
        let mut order = ORDER.iter();
        for field in &card.children {
            if !order.any(|name| *name == field.name) {
                return Err(format!(
                    "{} is not expected here in credit-card",
                    field.name
                ));
            }
            let text = field.text.trim().to_owned();
            match field.name.as_str() {
                "card-number" => question.card = text.replace([' ', '-'], ""),
                "card-type" => question.kind = Some(text),
                "expiration-month" => question.month = text,
                _ => question.year = text,
            }
        }
        match question.id.is_empty() || question.card.is_empty() {
            true => Err("merchant-updater-id and card-number are required".into()),
            false => Ok(question),
        }
    }
}
