//! Who is asking: every request is signed with the merchant's shared secret, in one of two ways.
//!
//! The provider answers a bad signature with one fixed sentence. [`verify`] says what was wrong with it, for the
//! journal, as that is what a person who builds a client needs.

mod jwt;
mod signature;

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HOST};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

pub(crate) use jwt::Used;

/// How far the client's clock may be off. The provider states no figure.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// The credentials that the sandbox accepts.
#[derive(Debug, Clone, Args)]
pub struct Credentials {
    /// Merchant id
    #[arg(long, value_name = "ID", default_value = "demo_merchant_001")]
    pub merchant: String,

    /// Id of the key
    #[arg(
        long,
        value_name = "UUID",
        default_value = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
    )]
    pub key_id: String,

    /// The key's secret, base64
    #[arg(long, value_name = "BASE64", value_parser = SharedSecret::parse,
          default_value = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")]
    pub shared_secret: SharedSecret,

    /// The portfolio that the key belongs to, for a key that serves several merchants
    #[arg(long, value_name = "ID")]
    pub portfolio: Option<String>,
}

/// A made-up secret: it is printed for a person to copy.
#[derive(Debug, Clone)]
pub struct SharedSecret {
    base64: String,
    bytes: Vec<u8>,
}

impl SharedSecret {
    fn parse(text: &str) -> Result<Self, base64::DecodeError> {
        Ok(Self {
            base64: text.to_owned(),
            bytes: BASE64.decode(text)?,
        })
    }
}

impl Credentials {
    /// The account to put into `reissue.toml`, and how to hand it the secret.
    pub fn account(&self, url: &str) -> String {
        let Self {
            merchant,
            key_id,
            shared_secret,
            portfolio,
        } = self;
        let portfolio = portfolio
            .as_ref()
            .map_or(String::new(), |id| format!(", portfolio_id = {id:?}"));
        format!(
            "[accounts.sandbox]\n\
             connector = \"smartpayfuse\"\n\
             base_url = {url:?}\n\
             settings = {{ merchant_id = {merchant:?}, key_id = {key_id:?}{portfolio}, notification_email = \"nobody@example.com\" }}\n\
             secrets = {{ shared_secret = {{ env = \"SANDBOX_SHARED_SECRET\" }} }}  # {}\n",
            shared_secret.base64
        )
    }

    /// Who signs: the portfolio for its own key, else the merchant.
    fn signer(&self) -> &str {
        self.portfolio.as_ref().unwrap_or(&self.merchant)
    }

    fn mac(&self, message: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::new_from_slice(&self.shared_secret.bytes)
            .expect("HMAC takes a key of any length");
        mac.update(message);
        mac
    }
}

/// What a signature covers, exactly as it came.
#[derive(Debug)]
pub(crate) struct Signed<'a> {
    pub(crate) method: &'a str,
    /// Path and query.
    pub(crate) target: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// Verifies the request's credentials, or says what is wrong with them. `now` is the wall clock.
pub(crate) fn verify(
    request: &Signed<'_>,
    credentials: &Credentials,
    used: &Used,
    now: DateTime<Utc>,
) -> Result<(), String> {
    if let Some(authorization) = request.headers.get(AUTHORIZATION) {
        let token = authorization
            .to_str()
            .ok()
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or("the Authorization header is not `Bearer` and a token")?;
        jwt::verify(token, request, credentials, used, now)
    } else if request.headers.contains_key(signature::SIGNATURE) {
        signature::verify(request, credentials, now)
    } else {
        Err("there is neither an Authorization nor a Signature header".into())
    }
}

impl Signed<'_> {
    fn header(&self, name: &str) -> Result<&str, String> {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .ok_or_else(|| format!("the {name} header is missing"))
    }

    fn host(&self) -> Result<&str, String> {
        self.header(HOST.as_str())
    }

    /// Methods with a body sign its digest; an absent body counts as an empty one.
    fn has_digest(&self) -> bool {
        matches!(self.method, "POST" | "PUT" | "PATCH")
    }

    fn digest(&self) -> String {
        BASE64.encode(Sha256::digest(self.body))
    }
}

fn expect(what: &str, got: &str, expected: &str) -> Result<(), String> {
    match got == expected {
        true => Ok(()),
        false => Err(format!("{what} is {got:?}, expected {expected:?}")),
    }
}

#[cfg(test)]
mod tests {
    //! The published test vectors, as requests.

    use clap::Parser;
    use serde_json::Value;

    use super::*;

    pub(super) fn credentials() -> Credentials {
        crate::Options::parse_from(["reissue-sandbox"])
            .smartpayfuse
            .credentials
    }

    pub(super) fn document() -> Value {
        serde_json::from_str(include_str!(
            "../../../tests/data/cybersource_signature_vectors.json"
        ))
        .unwrap()
    }

    pub(super) struct Vector {
        value: Value,
        pub(super) target: String,
        pub(super) headers: HeaderMap,
        pub(super) body: String,
    }

    /// The vectors at a place in the document.
    pub(super) fn vectors(pointer: &str) -> Vec<Vector> {
        let document = document();
        let host = document["inputs"]["host"].as_str().unwrap();
        let vectors = document.pointer(pointer).unwrap().as_array().unwrap();
        vectors
            .iter()
            .map(|value| Vector::new(value.clone(), host))
            .collect()
    }

    impl Vector {
        fn new(value: Value, host: &str) -> Self {
            let mut headers = HeaderMap::from_iter([(HOST, host.parse().unwrap())]);
            let sent = value["headers_to_send"].as_object();
            for (name, text) in sent.into_iter().flatten() {
                let name: axum::http::HeaderName = name.parse().unwrap();
                headers.insert(name, text.as_str().unwrap().parse().unwrap());
            }
            Self {
                target: value["request_target"].as_str().unwrap().to_owned(),
                body: value["body"].as_str().unwrap_or_default().to_owned(),
                headers,
                value,
            }
        }

        pub(super) fn text(&self, path: &str) -> String {
            self.value
                .pointer(&format!("/{path}"))
                .unwrap()
                .as_str()
                .unwrap()
                .to_owned()
        }

        pub(super) fn signed(&self) -> Signed<'_> {
            Signed {
                method: self.value["method"].as_str().unwrap(),
                target: &self.target,
                headers: &self.headers,
                body: self.body.as_bytes(),
            }
        }
    }

    #[test]
    fn refuses_a_request_without_credentials() {
        let headers = HeaderMap::new();
        let request = Signed {
            method: "GET",
            target: "/",
            headers: &headers,
            body: b"",
        };
        let refused = verify(
            &request,
            &credentials(),
            &Used::default(),
            crate::clock::now(),
        );
        assert!(refused.unwrap_err().contains("neither"));
    }
}
