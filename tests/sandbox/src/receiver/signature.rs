//! Standard Webhooks: a message carries its id, the second at which it was sent, and a keyed hash of both and its body.

use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// How far from now a message may have been sent.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// What a secret begins with.
const PREFIX: &str = "whsec_";

/// What messages are signed with. A made-up one: it is printed for a person to copy.
#[derive(Debug, Clone)]
pub struct Secret {
    pub(super) text: String,
    bytes: Vec<u8>,
}

impl Secret {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let base64 = text.strip_prefix(PREFIX);
        let bytes = base64.and_then(|base64| BASE64.decode(base64).ok());
        let bytes = bytes.filter(|bytes| (24..=64).contains(&bytes.len()));
        match bytes {
            Some(bytes) => Ok(Self {
                text: text.to_owned(),
                bytes,
            }),
            None => Err(format!(
                "{text:?} is no secret: {PREFIX} and 24 to 64 bytes in base64"
            )),
        }
    }

    fn verifies(&self, signed: &[&[u8]], signature: &[u8]) -> bool {
        let mac = Hmac::<Sha256>::new_from_slice(&self.bytes).expect("a key may have any length");
        let mac = signed.iter().fold(mac, |mac, part| mac.chain_update(part));
        mac.verify_slice(signature).is_ok()
    }
}

/// A message that is what its sender sent.
pub(super) struct Verified<'a> {
    pub(super) id: &'a str,
    /// The places of the secrets that it is signed with, among those that were tried.
    pub(super) by: Vec<usize>,
}

/// The message's id and who signed it, or why it is not believed.
pub(super) fn verify<'a>(
    headers: &'a HeaderMap,
    body: &[u8],
    secrets: &[Secret],
    now: DateTime<Utc>,
) -> Result<Verified<'a>, String> {
    let header = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.ok_or_else(|| format!("there is no {name}"))
    };
    let (id, time) = (header("webhook-id")?, header("webhook-timestamp")?);
    let sent = time
        .parse()
        .ok()
        .and_then(|time| DateTime::from_timestamp(time, 0));
    let sent = sent.ok_or_else(|| format!("webhook-timestamp {time:?} is no time in seconds"))?;
    if (now - sent).abs() > TOLERANCE {
        return Err(format!("it was sent at {sent}, and now is {now}"));
    }
    let signed: [&[u8]; 5] = [id.as_bytes(), b".", time.as_bytes(), b".", body];
    let signatures = header("webhook-signature")?.split(' ');
    let signatures: Vec<Vec<u8>> = signatures
        .filter_map(|signature| BASE64.decode(signature.strip_prefix("v1,")?).ok())
        .collect();
    let verifies = |secret: &Secret| {
        let mut signatures = signatures.iter();
        signatures.any(|signature| secret.verifies(&signed, signature))
    };
    let by = secrets.iter().enumerate();
    let by: Vec<usize> = by
        .filter(|(_, it)| verifies(it))
        .map(|(at, _)| at)
        .collect();
    match by.is_empty() {
        true => Err("no signature is right".into()),
        false => Ok(Verified { id, by }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the standard's own libraries are tested with.
    #[test]
    fn the_published_example_is_verified() {
        let secret = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1614265330"),
            (
                "webhook-signature",
                "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        let at = |seconds: i64| DateTime::from_timestamp(1_614_265_330 + seconds, 0).unwrap();
        let verified = |body: &[u8], seconds| {
            verify(&headers, body, std::slice::from_ref(&secret), at(seconds)).is_ok()
        };
        let body = br#"{"test": 2432232314}"#;
        assert!(verified(body, 0) && verified(body, 300) && verified(body, -300));
        assert!(!verified(body, 301) && !verified(body, -301));
        assert!(!verified(br#"{"test": 2432232315}"#, 0));
    }
}
