//! Signing a request, in either of the provider's two ways. Both use the same key and shared secret.
//!
//! Pure functions of the request, the credentials and the instant, so that they can be compared with
//! what the provider's own kits produce. Nothing is serialised anew: the path with its query and the
//! body's bytes are signed exactly as they will be sent.

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, Mac};
use reissue_connector_api::{Account, ExposeSecret, Fault, Request};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::Settings;

/// Who signs, for which host.
pub(crate) struct Credentials {
    merchant_id: String,
    portfolio_id: Option<String>,
    key_id: String,
    secret: Zeroizing<Vec<u8>>,
    authority: String,
}

impl Credentials {
    pub(crate) fn new(settings: Settings, account: &Account) -> Result<Self, Fault> {
        let secret = account.secret("shared_secret")?.expose_secret().trim();
        let secret = BASE64_STANDARD.decode(secret).map(Zeroizing::new);
        let secret = secret.ok().filter(|bytes| !bytes.is_empty());
        Ok(Self {
            merchant_id: settings.merchant_id,
            portfolio_id: settings.portfolio_id,
            key_id: settings.key_id,
            secret: secret.ok_or_else(|| {
                Fault::settings(
                    "the secret `shared_secret` is not base64: copy it as the provider's portal \
                     shows it, with the `=` at its end",
                )
            })?,
            authority: account.authority.clone(),
        })
    }

    /// Who owns the key: the portfolio, where the key is a portfolio's, else the merchant.
    fn owner(&self) -> &str {
        self.portfolio_id.as_deref().unwrap_or(&self.merchant_id)
    }

    fn hmac(&self, text: &str) -> Vec<u8> {
        let mut hmac =
            Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes a key of any length");
        hmac.update(text.as_bytes());
        hmac.finalize().into_bytes().to_vec()
    }
}

/// Adds a JSON web token that names the request and lives two minutes.
pub(crate) fn with_jwt(
    request: Request,
    by: &Credentials,
    now: DateTime<Utc>,
    jti: Uuid,
) -> Request {
    let digest = request.body.as_ref().map(|body| digest(body));
    let header = Header {
        alg: "HS256",
        kid: &by.key_id,
        typ: "JWT",
    };
    let claims = Claims {
        digest_algorithm: digest.as_ref().map(|_| "SHA-256"),
        digest,
        exp: (now + TimeDelta::minutes(2)).timestamp(),
        iat: now.timestamp(),
        iss: by.owner(),
        jti: jti.to_string(),
        request_host: &by.authority,
        request_method: &request.method,
        request_resource_path: &request.path,
        version: "2",
        merchant_id: &by.merchant_id,
    };
    let signed = format!("{}.{}", part(&header), part(&claims));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(by.hmac(&signed));
    request.header("Authorization", format!("Bearer {signed}.{signature}"))
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    kid: &'a str,
    typ: &'a str,
}

/// The documentation's spelling, which is that of the provider's Python kit, and in that kit's order;
/// its Node kit spells two claims otherwise.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Claims<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(rename = "digestAlgorithm", skip_serializing_if = "Option::is_none")]
    digest_algorithm: Option<&'a str>,
    exp: i64,
    iat: i64,
    iss: &'a str,
    jti: String,
    request_host: &'a str,
    request_method: &'a str,
    request_resource_path: &'a str,
    #[serde(rename = "v-c-jwt-version")]
    version: &'a str,
    #[serde(rename = "v-c-merchant-id")]
    merchant_id: &'a str,
}

fn part(of_token: &impl Serialize) -> String {
    let json = serde_json::to_vec(of_token).expect("texts and numbers can always be written");
    BASE64_URL_SAFE_NO_PAD.encode(json)
}

/// Adds `Date`, `v-c-merchant-id`, `Digest` where there is a body, and a `Signature` over them.
pub(crate) fn with_http_signature(
    request: Request,
    by: &Credentials,
    now: DateTime<Utc>,
) -> Request {
    let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let digest = request.body.as_ref().map(|body| digest(body));
    let digest = digest.map(|digest| format!("SHA-256={digest}"));
    let method = request.method.to_ascii_lowercase();
    let target = format!("{method} {}", request.path);

    // With a portfolio's key the signed merchant differs from the header's: the provider wants it so.
    let mut covered = vec![
        ("host", by.authority.as_str()),
        ("date", &date),
        ("request-target", &target),
    ];
    covered.extend(digest.as_deref().map(|digest| ("digest", digest)));
    covered.push(("v-c-merchant-id", by.owner()));

    let names: Vec<&str> = covered.iter().map(|(name, _)| *name).collect();
    let lines: Vec<String> = covered
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    let signature = format!(
        r#"keyid="{}", algorithm="HmacSHA256", headers="{}", signature="{}""#,
        by.key_id,
        names.join(" "),
        BASE64_STANDARD.encode(by.hmac(&lines.join("\n"))),
    );

    let mut signed = request
        .header("Date", date)
        .header("v-c-merchant-id", &by.merchant_id);
    if let Some(digest) = digest {
        signed = signed.header("Digest", digest);
    }
    signed.header("Signature", signature)
}

fn digest(body: &[u8]) -> String {
    BASE64_STANDARD.encode(Sha256::digest(body))
}
