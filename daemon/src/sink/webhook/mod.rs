//! The `webhook` sink: updates posted to a billing system as Standard Webhooks describes, in pages, in
//! order within a batch.
//!
//! A page's id depends on nothing but which updates of which batch it holds, and the ledger remembers every
//! page that the receiver has acknowledged. So a page comes again only when its answer was lost, and then
//! with the id that it had: whoever remembers ids sees each update once.

mod page;
mod sender;
mod sign;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::io::Write;

use age::armor::{ArmoredWriter, Format};
use age::x25519::Recipient;
use chrono::{DateTime, SecondsFormat, Utc};
use reissue_connector_api::Fault;
use serde::Serialize;
use serde_json::value::RawValue;

pub use self::page::{Page, Pages};
pub use self::sender::{Sender, message_id};
pub use self::sign::Signer;
use crate::egress::Stop;
use crate::ledger::Batch;
use crate::ledger::batch::Position;
use crate::seal::{SealError, SealedFrames};
use crate::spool::without_pan;

/// The largest body, in bytes.
const LARGEST: usize = 256 * 1024;

/// A configured `webhook` sink.
pub struct WebhookSink {
    name: String,
    sender: Sender,
    /// Who can open the updates with their full card numbers; with nobody those are left out.
    recipients: Vec<Recipient>,
}

impl WebhookSink {
    /// Posts through this sender; with recipients full card numbers too, encrypted to them.
    pub fn new(name: &str, sender: Sender, recipients: Vec<Recipient>) -> Self {
        Self {
            name: name.to_owned(),
            sender,
            recipients,
        }
    }

    /// The pages of a batch that the receiver does not have yet.
    ///
    /// # Errors
    /// When the spool cannot be read.
    pub fn pages(
        &self,
        batch: &Batch,
        position: Position,
        spool: SealedFrames,
    ) -> Result<Pages, SealError> {
        let sends: fn(&[u8]) -> Cow<'_, [u8]> = match self.recipients.is_empty() {
            true => without_pan,
            false => whole,
        };
        Pages::after(position, spool, self.room(batch), sends)
    }

    /// Posts a page and waits until the receiver says that it has it.
    ///
    /// # Errors
    /// As [`Sender::post`].
    pub fn post(&self, batch: &Batch, page: &Page, stop: &Stop) -> Result<(), Fault> {
        let body = self.body(batch, page);
        let body = body
            .map_err(|why| Fault::garbled(format!("a page cannot be made of the spool: {why}")))?;
        self.sender.post(&self.id(batch, page), body, stop)
    }

    /// Named by its updates and not by its number alone: where pages are cut may change while one is on
    /// its way, and another page under its id would be taken for it.
    fn id(&self, batch: &Batch, page: &Page) -> String {
        let Position { pages, updates } = page.position();
        let key = &batch.key;
        message_id(
            "upd",
            &[
                &self.name,
                &key.account,
                &key.id,
                &pages.to_string(),
                &page.after.updates.to_string(),
                &updates.to_string(),
            ],
        )
    }

    fn body(&self, batch: &Batch, page: &Page) -> std::io::Result<Vec<u8>> {
        let (array, encrypted);
        let content = match self.recipients.is_empty() {
            true => {
                array = array_of(&page.lines);
                Content::Updates(serde_json::from_slice(&array)?)
            }
            false => {
                encrypted = self.encrypt(&page.lines)?;
                Content::Encrypted(&encrypted)
            }
        };
        Ok(serde_json::to_vec(&message(
            batch,
            page.position().pages,
            page.last,
            content,
        ))?)
    }

    fn encrypt(&self, lines: &[u8]) -> std::io::Result<String> {
        let recipients = self.recipients.iter().map(|one| one as &dyn age::Recipient);
        let encryptor =
            age::Encryptor::with_recipients(recipients).map_err(std::io::Error::other)?;
        let armored = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)?;
        let mut plain = encryptor.wrap_output(armored)?;
        plain.write_all(lines)?;
        let armored = plain.finish()?.finish()?;
        String::from_utf8(armored).map_err(std::io::Error::other)
    }

    /// How many bytes of lines a page has room for beside all else that it says.
    fn room(&self, batch: &Batch) -> usize {
        let around = serde_json::to_vec(&message(batch, u64::MAX, false, Content::Encrypted("")));
        let room = LARGEST.saturating_sub(around.map_or(0, |around| around.len()));
        match self.recipients.len() {
            0 => room,
            // Armour takes 66 bytes for 48, its line ends escaped; a header has a stanza for each.
            many => (room / 10 * 7).saturating_sub(1_000 + many * 150),
        }
    }
}

/// What is posted.
#[derive(Serialize)]
struct Message<'m> {
    r#type: &'static str,
    /// When the updates were collected.
    timestamp: String,
    data: Data<'m>,
}

#[derive(Serialize)]
struct Data<'m> {
    account: &'m str,
    job: &'m str,
    batch: &'m str,
    page: u64,
    last: bool,
    #[serde(flatten)]
    content: Content<'m>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Content<'m> {
    Updates(&'m RawValue),
    Encrypted(&'m str),
}

fn message<'m>(batch: &'m Batch, page: u64, last: bool, content: Content<'m>) -> Message<'m> {
    let collected = batch.collected.as_ref();
    let at: DateTime<Utc> = collected.map_or(batch.changed, |it| it.at);
    Message {
        r#type: "reissue.updates",
        timestamp: at.to_rfc3339_opts(SecondsFormat::Secs, true),
        data: Data {
            account: &batch.key.account,
            job: &batch.job,
            batch: batch.outer_id(),
            page,
            last,
            content,
        },
    }
}

fn whole(line: &[u8]) -> Cow<'_, [u8]> {
    Cow::Borrowed(line)
}

/// Lines as one array.
fn array_of(lines: &[u8]) -> Vec<u8> {
    let mut array = Vec::with_capacity(lines.len() + 2);
    array.push(b'[');
    for byte in lines.trim_ascii_end() {
        // A line end inside a text is escaped there.
        array.push(if *byte == b'\n' { b',' } else { *byte });
    }
    array.push(b']');
    array
}
