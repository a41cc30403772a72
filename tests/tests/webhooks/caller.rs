//! Whoever calls a webhook: byte by byte, so that everything can be wrong with it.

use std::io::{Read, Write};
use std::net::TcpStream;

use reissue_tests::{PATIENCE, World};

/// What was answered: everything but the date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find_map(|(header, value)| (header == name).then_some(value.as_str()))
    }
}

/// A connection to the daemon's webhooks.
pub(crate) struct Caller(TcpStream);

impl Caller {
    pub(crate) fn of(world: &World) -> Self {
        let url = world.webhooks();
        let stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(stream)
    }

    /// Sends some bytes of a request.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        // Whoever is not heard any more learns it from the answer.
        let _ = self.0.write_all(bytes.as_ref());
    }

    /// What is answered; none where the connection is closed without a word.
    pub(crate) fn answer(mut self) -> Option<Answer> {
        let mut bytes = Vec::new();
        let _ = self.0.read_to_end(&mut bytes);
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().unwrap();
        let headers = lines.map(|line| line.split_once(": ").unwrap());
        let mut headers: Vec<(String, String)> = headers
            .filter(|(name, _)| *name != "date")
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        headers.sort();
        Some(Answer {
            status,
            headers,
            body: body.to_owned(),
        })
    }
}

/// Sends a whole request, and gives the answer.
#[track_caller]
pub(crate) fn call(world: &World, method: &str, path: &str, headers: &str, body: &str) -> Answer {
    let mut caller = Caller::of(world);
    let length = body.len();
    caller.send(format!(
        "{method} {path} HTTP/1.1\r\nhost: us\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    ));
    caller.answer().expect("an answer")
}

pub(crate) const JSON: &str = "content-type: application/json\r\n";

/// Calls as the provider does.
#[track_caller]
pub(crate) fn post(world: &World, path: &str, body: &str) -> Answer {
    call(world, "POST", path, JSON, body)
}
