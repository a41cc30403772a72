//! What a scripted provider answers.

use crate::fault::Fault;

/// A scripted answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) fault: Option<Fault>,
    pub(super) breaks: bool,
}

impl Answer {
    /// An answer with that status and body, as JSON.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
            body: body.into(),
            fault: None,
            breaks: false,
        }
    }

    /// 200 with that body.
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, body)
    }

    /// No answer but this fault.
    pub fn fault(fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            ..Self::new(0, "")
        }
    }

    /// With a header; the name in lower case.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(given, _)| given != name);
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The connection breaks after the body that was given.
    pub fn broken_off(mut self) -> Self {
        self.breaks = true;
        self
    }

    pub(super) fn is_success(&self) -> bool {
        self.fault.is_none() && (200..300).contains(&self.status)
    }
}
