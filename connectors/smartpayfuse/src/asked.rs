//! What the provider is asked, and what an answer other than 2xx means.
//!
//! The provider says `FORBIDDEN_RESPONSE` with 401 as well as with 403, for credentials that it does
//! not accept as well as for a batch that is not ours. So what was asked decides, and then the
//! status. The body only explains: it may be missing, cut off or a gateway's page.

use std::fmt;

use reissue_connector_api::{Fault, Kind, Request, Response, Window};
use serde::Deserialize;
use serde_json::Value;

use crate::list::LIMIT;
use crate::wire::Refusal;

/// What was asked for.
#[derive(Clone, Copy)]
pub(crate) enum Asked<'a> {
    /// A page of the batches that were created in a window.
    List {
        /// The window.
        window: Window,
        /// Where the page begins, in the provider's undecided unit.
        offset: u64,
    },
    /// How far a batch has got.
    Status(&'a str),
    /// What became of a batch's cards.
    Report(&'a str),
    /// That a submission become a batch.
    Create(&'a str),
}

impl fmt::Display for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List { .. } => f.write_str("listing the batches"),
            Self::Status(batch) => write!(f, "reading the status of batch {batch}"),
            Self::Report(batch) => write!(f, "reading the report of batch {batch}"),
            Self::Create(submission) => write!(f, "submitting {submission}"),
        }
    }
}

impl Asked<'_> {
    /// The request. URLs are built from ids: the links in answers are sometimes wrong. The body of a
    /// submission is not in it yet.
    pub(crate) fn request(&self) -> Request {
        const COMPACT: &str = "%Y%m%dT%H%M%SZ";
        match self {
            Self::List { window, offset } => Request::get("/accountupdater/v1/batches")
                .query("offset", offset)
                .query("limit", LIMIT)
                .query("fromDate", window.from.format(COMPACT))
                .query("toDate", window.to.format(COMPACT)),
            Self::Status(batch) => {
                Request::get("/accountupdater/v1/batches/{batch}/status").param("batch", batch)
            }
            Self::Report(batch) => {
                Request::get("/accountupdater/v1/batches/{batch}/report").param("batch", batch)
            }
            Self::Create(_) => Request::new("POST", "/accountupdater/v1/batches")
                .header("Content-Type", "application/json"),
        }
    }

    /// The answer, or the fault that its status means.
    pub(crate) fn accept<'r>(&self, mut response: Response<'r>) -> Result<Response<'r>, Fault> {
        if response.is_success() {
            return Ok(response);
        }
        let body = response.text().unwrap_or_default();
        let document: Value = serde_json::from_str(&body).unwrap_or_default();
        let refusal = Refusal::deserialize(&document).unwrap_or_default();
        let mut fault = response.fault(&self.to_string(), &explanation(&refusal));
        fault.kind = self.kind(response.status(), &refusal.code);
        fault
            .message
            .push_str(self.remedy(fault.kind, response.status()));
        Err(fault)
    }

    /// What a person can do about it; nothing for what mends itself.
    fn remedy(&self, kind: Kind, status: u16) -> &'static str {
        match (kind, self) {
            (Kind::Credentials, _) => {
                "; check `merchant_id`, `key_id`, `shared_secret`, the clock, and that Account Updater \
                 is enabled for the merchant"
            }
            (Kind::Refused, Self::List { .. }) if status == 404 => {
                "; check the account's `environment`; if it is right, ask the provider"
            }
            (Kind::Refused, Self::List { .. }) => "; ask the provider",
            (Kind::Refused, Self::Status(_) | Self::Report(_)) => {
                "; ask the provider about this batch"
            }
            _ => "",
        }
    }

    /// Says what was being done when something failed.
    pub(crate) fn fails(&self) -> impl FnOnce(Fault) -> Fault {
        move |mut fault| {
            fault.message = format!("{self}: {}", fault.message);
            fault
        }
    }

    /// The answer is JSON, but not the document that we asked for.
    pub(crate) fn lacks(&self, key: &str) -> Fault {
        Fault::garbled(format!("{self}: the answer has no `{key}`"))
    }

    /// A 401 for a status may be about this batch alone, which is why the ledger waits until a
    /// second call is refused; a report's cannot be about the credentials, because they were good
    /// enough for the status a moment before. 404 is not documented: an unknown batch most likely
    /// answers 403, nobody says how long a report is kept, and a gateway's 404 must not end a batch.
    /// 410 leaves no doubt.
    fn kind(&self, status: u16, code: &str) -> Kind {
        match (status, self) {
            (408 | 425 | 429 | 500.., _) => Kind::Busy,
            _ if code == "SERVER_ERROR" => Kind::Busy,
            (401 | 403, Self::List { .. } | Self::Create(_)) | (401, Self::Status(_)) => {
                Kind::Credentials
            }
            (410, Self::Status(_) | Self::Report(_)) => Kind::Gone,
            _ => Kind::Refused,
        }
    }
}

fn explanation(refusal: &Refusal<'_>) -> String {
    let either =
        |first: &str, second: &str| if first.is_empty() { second } else { first }.to_owned();
    let mut said = vec![
        either(&refusal.code, &refusal.reason),
        either(&refusal.detail, &refusal.message),
    ];
    let fields = refusal.fields.iter();
    said.extend(fields.map(|field| format!("{}: {}", field.path, field.message)));
    if !refusal.correlation_id.is_empty() {
        said.push(format!("correlation id {}", refusal.correlation_id));
    }
    said.retain(|part| !part.is_empty());
    said.join("; ")
}
