//! The signed token: a JWT that names the one request that it is good for, and is good once.

use std::collections::HashMap;
use std::sync::Mutex;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::Mac;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Credentials, SKEW, Signed, expect};

/// The tokens that were used, by `jti`, until they expire.
#[derive(Debug, Default)]
pub(crate) struct Used {
    expiry_by_jti: Mutex<HashMap<String, DateTime<Utc>>>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
    typ: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Claims {
    iat: i64,
    exp: i64,
    iss: String,
    jti: String,
    v_c_jwt_version: String,
    v_c_merchant_id: String,
    request_host: String,
    request_resource_path: String,
    request_method: String,
    digest: Option<String>,
    // The documented spelling, and that of one of the vendor's own SDKs.
    #[serde(rename = "digestAlgorithm", alias = "digest-algorithm")]
    digest_algorithm: Option<String>,
}

pub(super) fn verify(
    token: &str,
    request: &Signed<'_>,
    credentials: &Credentials,
    used: &Used,
    now: DateTime<Utc>,
) -> Result<(), String> {
    let (signed, signature) = token.rsplit_once('.').ok_or("the token has no signature")?;
    let (header, claims) = signed.split_once('.').ok_or("the token has no claims")?;

    let header: Header = decoded("header", header)?;
    expect("alg", &header.alg, "HS256")?;
    expect("typ", &header.typ, "JWT")?;
    expect("kid", &header.kid, &credentials.key_id)?;
    let signature = URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|e| format!("the token's signature is not base64url: {e}"))?;
    credentials
        .mac(signed.as_bytes())
        .verify_slice(&signature)
        .map_err(|_| "the token's signature does not match")?;

    let claims: Claims = decoded("claims", claims)?;
    expect("iss", &claims.iss, credentials.signer())?;
    expect(
        "v-c-merchant-id",
        &claims.v_c_merchant_id,
        &credentials.merchant,
    )?;
    expect("v-c-jwt-version", &claims.v_c_jwt_version, "2")?;
    expect(
        "request-resource-path",
        &claims.request_resource_path,
        request.target,
    )?;
    expect(
        "request-host",
        &claims.request_host,
        named(request.host()?, &claims.request_host),
    )?;
    // Upper case and lower case, as the vendor's SDKs differ; nothing in between.
    let lower = request.method.to_ascii_lowercase();
    if claims.request_method != lower {
        expect("request-method", &claims.request_method, request.method)?;
    }
    let (algorithm, digest) = match request.has_digest() {
        true => ("SHA-256", request.digest()),
        false => ("", String::new()),
    };
    expect("digest", &claims.digest.unwrap_or_default(), &digest)?;
    expect(
        "digestAlgorithm",
        &claims.digest_algorithm.unwrap_or_default(),
        algorithm,
    )?;

    let expiry = lifetime(claims.iat, claims.exp, now)?;
    used.once(claims.jti, expiry, now)
}

/// The bare host is documented, which says nothing about a port: with and without are both right.
fn named<'a>(host: &'a str, claim: &str) -> &'a str {
    match host.rsplit_once(':') {
        Some((bare, _)) if bare == claim => bare,
        _ => host,
    }
}

fn lifetime(iat: i64, exp: i64, now: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    let instant =
        |seconds| DateTime::from_timestamp(seconds, 0).ok_or("iat or exp is out of range");
    let (issued, expiry) = (instant(iat)?, instant(exp)?);
    if expiry - issued != TimeDelta::seconds(120) {
        return Err(format!("exp is {exp}, expected iat + 120"));
    }
    if issued > now + SKEW || expiry < now - SKEW {
        return Err(format!(
            "the token is good from {issued} to {expiry}; our time is {now}"
        ));
    }
    Ok(expiry)
}

impl Used {
    fn once(&self, jti: String, expiry: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), String> {
        let mut used = self
            .expiry_by_jti
            .lock()
            .expect("nothing panics while holding it");
        used.retain(|_, expiry| *expiry >= now - SKEW);
        match used.insert(jti.clone(), expiry) {
            None => Ok(()),
            Some(_) => Err(format!("jti {jti:?} was used before")),
        }
    }
}

fn decoded<T: DeserializeOwned>(part: &str, text: &str) -> Result<T, String> {
    let json = URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|e| format!("the token's {part} are not base64url: {e}"))?;
    serde_json::from_slice(&json)
        .map_err(|e| format!("the token's {part} are not as documented: {e}"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Vector, credentials, vectors};
    use super::*;

    const NOW: &str = "2019-07-18T00:18:03Z";

    fn checked(token: &str, vector: &Vector, used: &Used, now: &str) -> Result<(), String> {
        verify(
            token,
            &vector.signed(),
            &credentials(),
            used,
            now.parse().unwrap(),
        )
    }

    #[test]
    fn accepts_what_the_vendors_sdks_sign() {
        let vectors = vectors("/jwt_shared_secret_hs256/vectors");
        assert_eq!(vectors.len(), 3);
        for vector in vectors {
            for sdk in ["python_sdk", "node_sdk"] {
                let token = vector.text(&format!("{sdk}/jwt"));
                assert_eq!(
                    checked(&token, &vector, &Used::default(), NOW),
                    Ok(()),
                    "{sdk}"
                );
            }
        }
    }

    #[test]
    fn refuses_a_token_that_was_used_before() {
        let vector = &vectors("/jwt_shared_secret_hs256/vectors")[0];
        let (token, used) = (vector.text("python_sdk/jwt"), Used::default());
        assert_eq!(checked(&token, vector, &used, NOW), Ok(()));
        assert!(
            checked(&token, vector, &used, NOW)
                .unwrap_err()
                .contains("used before")
        );
    }

    #[test]
    fn refuses_a_token_for_another_request() {
        let vectors = vectors("/jwt_shared_secret_hs256/vectors");
        let token = vectors[0].text("python_sdk/jwt");
        let refused = checked(&token, &vectors[1], &Used::default(), NOW).unwrap_err();
        assert!(refused.starts_with("request-resource-path"), "{refused}");
    }

    #[test]
    fn refuses_a_token_outside_its_time() {
        let vector = &vectors("/jwt_shared_secret_hs256/vectors")[0];
        let token = vector.text("python_sdk/jwt");
        let at = |now| checked(&token, vector, &Used::default(), now);
        assert_eq!(at("2019-07-18T00:25:03Z"), Ok(()));
        assert!(
            at("2019-07-18T00:25:04Z")
                .unwrap_err()
                .contains("is good from")
        );
        assert_eq!(at("2019-07-18T00:13:03Z"), Ok(()));
        assert!(
            at("2019-07-18T00:13:02Z")
                .unwrap_err()
                .contains("is good from")
        );
    }

    #[test]
    fn refuses_another_secret() {
        let vector = &vectors("/jwt_shared_secret_hs256/vectors")[0];
        let other = Credentials {
            shared_secret: super::super::SharedSecret::parse("AAAA").unwrap(),
            ..credentials()
        };
        let token = vector.text("python_sdk/jwt");
        let refused = verify(
            &token,
            &vector.signed(),
            &other,
            &Used::default(),
            NOW.parse().unwrap(),
        );
        assert!(refused.unwrap_err().contains("does not match"));
    }

    #[test]
    fn the_host_may_be_named_with_its_port() {
        assert_eq!(named("127.0.0.1:9100", "127.0.0.1"), "127.0.0.1");
        assert_eq!(named("127.0.0.1:9100", "127.0.0.1:9100"), "127.0.0.1:9100");
        assert_eq!(named("127.0.0.1:9100", "elsewhere"), "127.0.0.1:9100");
    }
}
