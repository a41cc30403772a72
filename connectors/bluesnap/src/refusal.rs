//! What we ask BlueSnap for, and what an answer other than 2xx means.
//!
//! 403 is a lack of permission, an address that is not allowed, or something that does not exist. To a
//! question only the first two can apply; of a batch it says nothing certain, and a batch must not end
//! by it. The body only explains, and may be a gateway's.

use std::fmt;

use reissue_connector_api::{Fault, Kind, Response};

use crate::wire;

/// The plain texts that BlueSnap's own gateway answers, where they tell more than their status.
const TEXTS: [&str; 4] = [
    "Client request rate is too high",
    "Client request concurrency is too high",
    "Request rate for service is too high",
    "Request concurrency to specific service is too high",
];

/// What was asked for.
#[derive(Clone, Copy)]
pub(crate) enum Asked<'a> {
    /// That a batch be made.
    Create(&'a str),
    /// What became of a batch.
    Retrieve(&'a str),
}

impl fmt::Display for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create(batch) => write!(f, "submitting batch {batch}"),
            Self::Retrieve(batch) => write!(f, "retrieving batch {batch}"),
        }
    }
}

impl Asked<'_> {
    /// The answer, or the fault that its status means.
    pub(crate) fn accept<'r>(&self, mut response: Response<'r>) -> Result<Response<'r>, Fault> {
        if response.is_success() {
            return Ok(response);
        }
        let body = response.text().unwrap_or_default();
        let mut fault = response.fault(&self.to_string(), &explanation(&body));
        fault.kind = self.kind(response.status());
        if matches!(response.status(), 401 | 403) {
            fault.message.push_str(
                "; check `username`, `password`, and that the API settings of BlueSnap's portal list \
                 the address that we call from",
            );
        }
        if fault.kind == Kind::Refused && response.status() == 403 {
            fault.message.push_str(
                "; BlueSnap answers the same for a batch that it does not know or has purged",
            );
        }
        Err(fault)
    }

    /// Says what was being done when something failed.
    pub(crate) fn fails(&self) -> impl FnOnce(Fault) -> Fault {
        move |mut fault| {
            fault.message = format!("{self}: {}", fault.message);
            fault
        }
    }

    /// 409 is a request with the same id that is under way. 404 is not documented, and a gateway's must
    /// not end a batch; 410 leaves no doubt.
    fn kind(&self, status: u16) -> Kind {
        match (status, self) {
            (408 | 409 | 425 | 429 | 500.., _) => Kind::Busy,
            (401, _) | (403, Self::Create(_)) => Kind::Credentials,
            (410, Self::Retrieve(_)) => Kind::Gone,
            _ => Kind::Refused,
        }
    }
}

fn explanation(body: &str) -> String {
    let known = TEXTS.iter().find(|text| body.contains(**text));
    match known {
        Some(text) => (*text).to_owned(),
        None => wire::reasons(body.as_bytes()).unwrap_or_default(),
    }
}
