//! Posts one message to one receiver. Whether, when and how often is for others to say.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use reissue_connector_api::{Fault, Kind, Request, mask_pans};
use zeroize::Zeroizing;

use super::Signer;
use crate::clock;
use crate::egress::{Body, Call, Egress, Stop};

/// How much of a refusal is read.
const READ: usize = 1024;
/// How much of it is shown, in characters.
const SHOWN: usize = 160;

/// The way to a receiver, and what signs what goes there.
pub struct Sender {
    egress: Arc<Egress>,
    path: String,
    signer: Signer,
}

impl Sender {
    /// Posts below an origin.
    pub fn new(egress: Egress, path: &str, signer: Signer) -> Self {
        Self {
            egress: Arc::new(egress),
            path: path.to_owned(),
            signer,
        }
    }

    /// Posts a body and waits until the receiver says that it has it. The same message bears the same id
    /// however often it is posted.
    ///
    /// # Errors
    /// `refused` or `garbled` by an answer that will not be another one by itself, `busy` by one that may
    /// be, `unreachable` without one, `cancelled` when the daemon stops. The receiver may have it all the
    /// same.
    pub fn post(&self, id: &str, body: Vec<u8>, stop: &Stop) -> Result<(), Fault> {
        let timestamp = clock::now().timestamp();
        let signature = self.signer.sign(id, timestamp, &body);
        let request = Request {
            method: "POST".into(),
            // Its path may be secret.
            template: self.egress.authority().to_owned().into(),
            path: self.path.clone(),
            headers: vec![
                ("content-type".into(), "application/json".into()),
                ("webhook-id".into(), id.to_owned()),
                ("webhook-timestamp".into(), timestamp.to_string()),
                ("webhook-signature".into(), signature),
            ],
            body: Some(Zeroizing::new(body)),
        };
        let mut call = self.egress.call(1, stop.clone());
        let (head, mut body) = call.send(request, 0)?;
        let kind = match head.status {
            // What it adds is nobody's business, nor waited for.
            200..=299 => return Ok(()),
            408 | 425 | 429 | 500.. => Kind::Busy,
            400..=499 => Kind::Refused,
            _ => Kind::Garbled,
        };
        let mut headers = head.headers.iter();
        let wish = headers.find(|(name, _)| name == "retry-after");
        let wish = wish.and_then(|(_, seconds)| seconds.parse().ok());
        let said = excerpt(&mut body, &call);
        let message = format!(
            "{} answered HTTP {}{said}",
            self.egress.authority(),
            head.status
        );
        Err(Fault::new(kind, message)
            .sent()
            .retry_after(wish.map(Duration::from_secs)))
    }
}

/// The id of a message that these texts name, and no others: it holds nothing of them.
pub fn message_id(kind: &str, named_by: &[&str]) -> String {
    let mut digest = digest::Context::new(&digest::SHA256);
    for text in named_by {
        digest.update(&(text.len() as u64).to_le_bytes());
        digest.update(text.as_bytes());
    }
    let digest = digest.finish();
    let hex = digest.as_ref()[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"));
    format!("{kind}_{}", hex.collect::<String>())
}

/// The beginning of a refusal, on one line, without card numbers: a receiver may repeat what it was sent.
fn excerpt(body: &mut Body, call: &Call) -> String {
    let mut read = Zeroizing::new(Vec::with_capacity(2 * READ));
    while read.len() < READ
        && let Ok(piece @ [_, ..]) = body.read(call)
    {
        let room = READ - read.len();
        read.extend_from_slice(&piece[..piece.len().min(room)]);
    }
    let text = String::from_utf8_lossy(&read);
    let words: Vec<&str> = text
        .split(|each: char| each.is_whitespace() || each.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let line = words.join(" ");
    let line = mask_pans(&line).unwrap_or(line);
    match line.char_indices().nth(SHOWN) {
        None if line.is_empty() => String::new(),
        None => format!(": {line}"),
        Some((end, _)) => format!(": {}…", &line[..end]),
    }
}
