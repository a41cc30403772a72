//! BlueSnap's messages as documented, read as they really come: no XSD holds for them. The answer to a
//! question and the answer to a retrieval have the same shape, and either may lack what the XSD calls
//! mandatory. Codes and ids are texts, whatever they look like.

use reissue_connector_api::json::Source;
use reissue_connector_api::xml::{self, Element};
use reissue_connector_api::{Expiry, Fault, Pan};

/// The default namespace of every message.
pub(crate) const NAMESPACE: &str = "http://ws.plimus.com";
/// The element that every message but a refusal is.
pub(crate) const ROOT: &str = "batch-account-update";

/// What an answer says of the batch as a whole.
#[derive(Default)]
pub(crate) struct Answer {
    batch: String,
    code: String,
    message: String,
}

impl Answer {
    /// Reads an answer to its end; `with` gets each of its records, to be read or not.
    ///
    /// # Errors
    /// `garbled` where it is not the documented XML, and what `with` returns.
    pub(crate) fn read<S: Source>(
        source: S,
        mut with: impl FnMut(Element<'_, S>) -> Result<(), Fault>,
    ) -> Result<Self, Fault> {
        let mut answer = Self::default();
        xml::read(source, NAMESPACE, ROOT, |root| {
            root.children(|name, element| {
                match name {
                    "account-update-batch-id" => answer.batch = element.text(str::to_owned)?,
                    "response-code" => answer.code = element.text(str::to_owned)?,
                    "response-message" => answer.message = element.text(str::to_owned)?,
                    "account-update" => with(element)?,
                    _ => {}
                }
                Ok(())
            })
        })?;
        Ok(answer)
    }

    /// Whether all is well with this batch; not ready is HTTP 200 too, and only the code tells.
    ///
    /// # Errors
    /// `garbled` where the answer is about another batch or has no code, or another one than the two:
    /// none is documented, so it proves neither that there is a batch nor that there is none.
    pub(crate) fn is_ready(&self, batch: &str) -> Result<bool, Fault> {
        if !self.batch.is_empty() && self.batch != batch {
            return Err(Fault::garbled(format!(
                "the answer is about batch {}",
                self.batch
            )));
        }
        match self.code.as_str() {
            "0" => Ok(true),
            "20005" => Ok(false),
            "" => Err(Fault::garbled("the answer has no `response-code`")),
            code => Err(Fault::garbled(format!(
                "BlueSnap answered {code}: {}",
                self.message
            ))),
        }
    }
}

/// One card of an answer.
#[derive(Default)]
pub(crate) struct Record {
    /// Our key.
    pub(crate) key: String,
    pub(crate) code: String,
    pub(crate) message: String,
    /// The card as it was asked about.
    pub(crate) old: Card,
    /// The card as it is now, where something changed.
    pub(crate) new: Option<Card>,
}

impl Record {
    /// A record of the results.
    pub(crate) fn read(element: Element<'_, impl Source>) -> Result<Self, Fault> {
        Self::of(element, |record, name, element| {
            match name {
                "original-card" => record.old = Card::read(element)?.unwrap_or_default(),
                "updated-card" => record.new = Card::read(element)?,
                _ => {}
            }
            Ok(())
        })
    }

    /// A record of what is said at once. It repeats the card, which is passed over: nobody needs it.
    pub(crate) fn acknowledged(element: Element<'_, impl Source>) -> Result<Self, Fault> {
        Self::of(element, |_, _, _| Ok(()))
    }

    fn of<S: Source>(
        element: Element<'_, S>,
        cards: impl Fn(&mut Self, &str, Element<'_, S>) -> Result<(), Fault>,
    ) -> Result<Self, Fault> {
        let mut record = Self::default();
        element.children(|name, element| {
            match name {
                "merchant-updater-id" => record.key = element.text(str::to_owned)?,
                "update-response-code" => record.code = element.text(str::to_owned)?,
                "update-response-message" => record.message = element.text(str::to_owned)?,
                _ => cards(&mut record, name, element)?,
            }
            Ok(())
        })?;
        Ok(record)
    }
}

/// A card. The XSD allows it 22 elements.
#[derive(Default)]
pub(crate) struct Card {
    pub(crate) number: Option<Pan>,
    pub(crate) expiry: Option<Expiry>,
    /// `VISA`, in small letters.
    pub(crate) brand: String,
    /// `CREDIT` or `DEBIT`, in small letters.
    pub(crate) funding: String,
}

impl Card {
    /// The `credit-card` in an element, if there is one.
    fn read(element: Element<'_, impl Source>) -> Result<Option<Self>, Fault> {
        let mut card = None;
        element.children(|name, element| {
            if name == "credit-card" {
                card = Some(Self::of(element)?);
            }
            Ok(())
        })?;
        Ok(card)
    }

    /// A year has two digits in BlueSnap's example and four in its tables.
    fn of(element: Element<'_, impl Source>) -> Result<Self, Fault> {
        let mut card = Self::default();
        let (mut year, mut month) = (String::new(), String::new());
        element.children(|name, element| {
            match name {
                "card-number" => card.number = element.text(|text| Pan::received(text).ok())?,
                "card-type" => card.brand = element.text(str::to_ascii_lowercase)?,
                "card-sub-type" => card.funding = element.text(str::to_ascii_lowercase)?,
                "expiration-month" => month = element.text(str::to_owned)?,
                "expiration-year" => year = element.text(str::to_owned)?,
                _ => {}
            }
            Ok(())
        })?;
        card.expiry = Expiry::from_texts(&year, &month).ok();
        Ok(card)
    }
}

/// The body of a refusal: why, as far as it may be repeated. The value of a wrong property may be a
/// card's.
///
/// # Errors
/// `garbled` where it is not the documented XML: whoever answered may be a gateway.
pub(crate) fn reasons(source: impl Source) -> Result<String, Fault> {
    let mut said = Vec::new();
    xml::read(source, NAMESPACE, "messages", |root| {
        root.children(|name, message| match name {
            "message" => message.children(|name, element| {
                match name {
                    "error-name" | "code" | "description" => {
                        said.push(element.text(str::to_owned)?);
                    }
                    "invalid-property" => element.children(|name, element| {
                        if name == "name" {
                            said.push(element.text(str::to_owned)?);
                        }
                        Ok(())
                    })?,
                    _ => {}
                }
                Ok(())
            }),
            _ => Ok(()),
        })
    })?;
    said.retain(|part| !part.is_empty());
    Ok(said.join("; "))
}
