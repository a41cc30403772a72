//! What the daemon lends a connector for one call: the network, the clock, chance, and the way out
//! for updates.
//!
//! A `Run` is borrowed and stays on its thread. Everything goes through it, so every byte is traced,
//! limited and accounted for in one place, and a test can play the daemon.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::time::Duration;

use chrono::{DateTime, Utc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::abi::borrow::RunHandle;
use crate::fault::{Fault, Kind};
use crate::submission::CardToAsk;
use crate::update::Update;

/// What the daemon lends a connector for one call.
pub struct Run<'a> {
    pub(crate) handle: RunHandle<'a>,
}

impl Run<'_> {
    /// Sends a request to the account's provider and returns the head of the answer; the body is
    /// read from the `Response`. A new request ends the reading of the answer before.
    ///
    /// # Errors
    /// `unreachable`, `cancelled`, or `refused` where the daemon does not allow the request. An
    /// HTTP error status is an answer, not a fault.
    pub fn http(&self, request: &Request) -> Result<Response<'_>, Fault> {
        let head = self.handle.http(request)?;
        Ok(Response { run: self, head })
    }

    /// Reports one update. It is durable once the call ends with `Complete`.
    ///
    /// # Errors
    /// `cancelled`, or a failure of the daemon's own disk; pass it on.
    pub fn emit(&self, update: &Update<'_>) -> Result<(), Fault> {
        self.handle.emit(update)
    }

    /// The daemon's clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.handle.now()
    }

    /// Random bytes from the daemon's cryptographic generator.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.handle.random(&mut bytes);
        bytes
    }

    /// Whether the daemon wants the call to end. `http`, reading and `emit` look at it themselves;
    /// only a long computation has to ask.
    pub fn cancelled(&self) -> bool {
        self.handle.cancelled()
    }

    /// Writes a line to the daemon's log, inside the span of this call.
    pub fn log(&self, level: Level, text: impl Display) {
        self.handle.log(level, &text.to_string());
    }

    pub(crate) fn next_card(
        &self,
        with: &mut dyn FnMut(CardToAsk<'_>) -> Result<(), Fault>,
    ) -> Result<bool, Fault> {
        self.handle.next_card(with)
    }
}

/// How much a log line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A person must look.
    Error = 1,
    /// Something is not as documented, and was coped with.
    Warn = 2,
    /// A step of the provider's process.
    Info = 3,
    /// For the connector's author.
    Debug = 4,
}

/// A request to the account's provider: a path below its origin, never a URL.
///
/// The path is written as a template and filled in, so identifiers are encoded once and correctly,
/// and traces carry the template instead of the identifiers. `Debug` shows no identifier, no
/// credential and no card.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: Cow<'static, str>,
    /// The template, such as `/v1/batches/{batch}`.
    pub template: Cow<'static, str>,
    /// The path with its query, exactly as it will be sent.
    pub path: String,
    /// The headers in order. `Host` and lengths are the daemon's to add.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// The body's bytes, which cross beside this document. They are wiped when they are dropped: a
    /// question holds card numbers.
    #[serde(skip)]
    pub body: Option<Zeroizing<Vec<u8>>>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = self.body.as_ref().map_or(0, |body| body.len());
        write!(f, "{} {} ({body} bytes)", self.method, self.template)
    }
}

/// What must be encoded inside a path segment or a query value (RFC 3986, everything but
/// unreserved).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl Request {
    /// A request to a path template.
    pub fn new(method: &'static str, template: &'static str) -> Self {
        Self {
            method: method.into(),
            template: template.into(),
            path: template.to_owned(),
            headers: Vec::new(),
            body: None,
        }
    }

    /// A `GET`.
    pub fn get(template: &'static str) -> Self {
        Self::new("GET", template)
    }

    /// A `POST` with a body of the given type.
    pub fn post(
        template: &'static str,
        content_type: &str,
        body: impl Into<Zeroizing<Vec<u8>>>,
    ) -> Self {
        let mut request = Self::new("POST", template).header("Content-Type", content_type);
        request.body = Some(body.into());
        request
    }

    /// Fills in `{name}` in the template, encoded.
    pub fn param(mut self, name: &str, value: &str) -> Self {
        let value = utf8_percent_encode(value, RESERVED).to_string();
        self.path = self.path.replace(&format!("{{{name}}}"), &value);
        self
    }

    /// Adds `name=value` to the query, encoded, in the order of the calls.
    pub fn query(mut self, name: &str, value: impl Display) -> Self {
        self.path
            .push(if self.path.contains('?') { '&' } else { '?' });
        self.path.push_str(name);
        self.path.push('=');
        self.path
            .extend(utf8_percent_encode(&value.to_string(), RESERVED));
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// The head of an answer, as it crosses the boundary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Names the body for reading.
    pub response: u64,
    /// The HTTP status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
}

/// An answer whose body is still to be read.
pub struct Response<'r> {
    run: &'r Run<'r>,
    head: Head,
}

/// The largest answer that `text` and `json` take into memory, in bytes. Longer ones are for the
/// streaming readers.
const WHOLE_BODY: usize = 8 * 1024 * 1024;

/// Room for most answers that are read whole: what a growing buffer leaves behind is not wiped.
const SHORT_BODY: usize = 64 * 1024;

impl Response<'_> {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.head.status
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.head.status)
    }

    /// The header of that name, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.headers.iter();
        headers
            .find(|(given, _)| given == name)
            .map(|(_, value)| value.as_str())
    }

    /// Appends the next piece of the body to `to` and returns its length; 0 at the end.
    ///
    /// # Errors
    /// `unreachable` when the body breaks off, `cancelled`, `refused` after a later request.
    pub fn read_into(&mut self, to: &mut Vec<u8>) -> Result<usize, Fault> {
        self.run.handle.read(self.head.response, to)
    }

    /// The whole body as text, for short answers.
    ///
    /// # Errors
    /// `garbled` if it is longer than 8 MiB or not UTF-8, and what `read_into` says.
    pub fn text(&mut self) -> Result<String, Fault> {
        let mut body = Zeroizing::new(Vec::with_capacity(SHORT_BODY));
        while self.read_into(&mut body)? > 0 {
            if body.len() > WHOLE_BODY {
                return Err(Fault::garbled("the answer is longer than 8 MiB"));
            }
        }
        String::from_utf8(std::mem::take(&mut *body))
            .map_err(|_| Fault::garbled("the answer is not UTF-8"))
    }

    /// The whole body as one JSON value, for short answers.
    ///
    /// # Errors
    /// `garbled` with the position, and what `text` says.
    pub fn json<T: DeserializeOwned>(&mut self) -> Result<T, Fault> {
        let kind = self.header("content-type").unwrap_or("none").to_owned();
        // A provider may hand out a key in it.
        let text = Zeroizing::new(self.text()?);
        serde_json::from_str(&text).map_err(|error| {
            let length = text.len();
            Fault::garbled(format!(
                "the answer is not the JSON that is documented: {error} \
                 ({length} bytes, content type {kind})"
            ))
        })
    }

    /// The fault that this status usually means: 401 `credentials`, 404 and 410 `gone`, 408, 425,
    /// 429 and 5xx `busy` with the provider's `Retry-After`, everything else `refused`.
    ///
    /// `doing` says what we were doing; `detail` is the provider's own explanation, if any.
    pub fn fault(&self, doing: &str, detail: &str) -> Fault {
        let kind = match self.head.status {
            401 => Kind::Credentials,
            404 | 410 => Kind::Gone,
            408 | 425 | 429 | 500.. => Kind::Busy,
            _ => Kind::Refused,
        };
        let detail = detail.trim();
        let separator = if detail.is_empty() { "" } else { ": " };
        let message = format!("{doing}: HTTP {}{separator}{detail}", self.head.status);
        Fault::new(kind, message)
            .sent()
            .retry_after(self.retry_after())
    }

    /// `Retry-After` in either of its forms, seconds or a date (RFC 9110, 10.2.3).
    fn retry_after(&self) -> Option<Duration> {
        let value = self.header("retry-after")?.trim();
        if let Ok(seconds) = value.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let at = DateTime::parse_from_rfc2822(value).ok()?;
        (at.to_utc() - self.run.now()).to_std().ok()
    }
}
