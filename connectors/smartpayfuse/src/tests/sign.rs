//! Both signatures against what the provider's own kits produce (quirk 23).

use std::collections::BTreeMap;

use chrono::DateTime;
use reissue_connector_api::{Account, Request, SecretString, Secrets};
use serde_json::Value;

use super::data;
use crate::sign::{Credentials, with_http_signature, with_jwt};
use crate::{Auth, Settings};

fn vectors() -> Value {
    serde_json::from_str(data!("signature_vectors.json")).unwrap()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap()
}

fn credentials(portfolio_id: Option<&str>) -> Credentials {
    let vectors = vectors();
    let inputs = &vectors["inputs"];
    let settings = Settings {
        merchant_id: text(inputs, "merchant_id").into(),
        key_id: text(inputs, "key_id").into(),
        auth: Auth::Jwt,
        portfolio_id: portfolio_id.map(Into::into),
        notification_email: None,
    };
    let secret = SecretString::from(text(inputs, "shared_secret_base64"));
    let account = Account {
        name: "test-account".into(),
        authority: text(inputs, "host").into(),
        secrets: Secrets(BTreeMap::from([("shared_secret".into(), secret)])),
    };
    Credentials::new(settings, &account).unwrap()
}

fn request(vector: &Value) -> Request {
    let mut request = Request::get("");
    request.method = text(vector, "method").to_owned().into();
    request.path = text(vector, "request_target").into();
    request.body = vector["body"]
        .as_str()
        .map(|body| body.as_bytes().to_vec().into());
    request
}

fn header<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    let mut headers = request.headers.iter();
    headers
        .find(|(given, _)| given == name)
        .map(|(_, value)| value.as_str())
}

#[test]
fn http_signatures_are_those_of_the_providers_kits() {
    let vectors = vectors();
    let date = text(&vectors["inputs"], "date");
    let now = DateTime::parse_from_rfc2822(date).unwrap().to_utc();
    let all = vectors["http_signature"].as_array().unwrap();
    assert_eq!(all.len(), 4);
    for vector in all {
        let signed = with_http_signature(request(vector), &credentials(None), now);
        let name = text(vector, "name");
        let signature = text(vector, "signature_header");
        assert_eq!(header(&signed, "Signature"), Some(signature), "{name}");
        assert_eq!(header(&signed, "Date"), Some(date), "{name}");
        let merchant = header(&signed, "v-c-merchant-id");
        assert_eq!(merchant, Some("demo_merchant_001"), "{name}");
        let digest = vector["digest_header"].as_str();
        assert_eq!(header(&signed, "Digest"), digest, "{name}");
    }
}

#[test]
fn tokens_are_those_of_the_providers_kit() {
    let vectors = vectors();
    let all = vectors["jwt_shared_secret_hs256"].as_array().unwrap();
    assert_eq!(all.len(), 3);
    for vector in all {
        let now = DateTime::from_timestamp(vector["iat"].as_i64().unwrap(), 0).unwrap();
        let jti = text(vector, "jti").parse().unwrap();
        let signed = with_jwt(request(vector), &credentials(None), now, jti);
        let expected = format!("Bearer {}", text(vector, "jwt"));
        let name = text(vector, "name");
        assert_eq!(header(&signed, "Authorization"), Some(&*expected), "{name}");
        assert_eq!(signed.headers.len(), 1, "{name}");
    }
}

#[test]
fn a_portfolio_signs_and_the_merchant_still_transacts() {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};

    let vectors = vectors();
    let now = DateTime::from_timestamp(1_563_409_083, 0).unwrap();
    let get = || request(&vectors["http_signature"][1]);
    let of_portfolio = credentials(Some("portfolio_7"));

    let signed = with_http_signature(get(), &of_portfolio, now);
    let merchant = header(&signed, "v-c-merchant-id");
    assert_eq!(merchant, Some("demo_merchant_001"));
    let of_merchant = with_http_signature(get(), &credentials(None), now);
    assert_ne!(
        header(&signed, "Signature"),
        header(&of_merchant, "Signature")
    );

    let signed = with_jwt(get(), &of_portfolio, now, uuid::Uuid::nil());
    let token = header(&signed, "Authorization").unwrap();
    let claims = token.split('.').nth(1).unwrap();
    let claims: Value =
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    assert_eq!(claims["iss"], "portfolio_7");
    assert_eq!(claims["v-c-merchant-id"], "demo_merchant_001");
}
