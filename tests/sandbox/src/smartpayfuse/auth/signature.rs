//! The HTTP signature: an HMAC over a few header fields and the request line.

use base64::Engine;
use chrono::{DateTime, Utc};
use hmac::Mac;

use super::{BASE64, Credentials, SKEW, Signed, expect};

pub(super) const SIGNATURE: &str = "signature";

pub(super) fn verify(
    request: &Signed<'_>,
    credentials: &Credentials,
    now: DateTime<Utc>,
) -> Result<(), String> {
    let field = request.header(SIGNATURE)?;
    expect("keyid", parameter(field, "keyid")?, &credentials.key_id)?;
    expect("algorithm", parameter(field, "algorithm")?, "HmacSHA256")?;
    expect(
        "headers",
        parameter(field, "headers")?,
        signed_headers(request),
    )?;
    expect(
        "v-c-merchant-id",
        request.header("v-c-merchant-id")?,
        &credentials.merchant,
    )?;

    let date = request.header("date")?;
    let sent = DateTime::parse_from_rfc2822(date)
        .map_err(|e| format!("date {date:?} is not an HTTP date: {e}"))?;
    if (now - sent.to_utc()).abs() > SKEW {
        return Err(format!(
            "date {date:?} is more than five minutes from ours, {}",
            now.to_rfc2822()
        ));
    }
    if request.has_digest() {
        expect(
            "digest",
            request.header("digest")?,
            &format!("SHA-256={}", request.digest()),
        )?;
    }
    let signature = parameter(field, "signature")?;
    let signature = BASE64
        .decode(signature)
        .map_err(|e| format!("signature is not base64: {e}"))?;
    let signed = string_to_sign(request, credentials.signer())?;
    credentials
        .mac(signed.as_bytes())
        .verify_slice(&signature)
        .map_err(|_| format!("the signature does not match; the string to sign is {signed:?}"))
}

/// The documented fields in the documented order, from the request as it came.
fn string_to_sign(request: &Signed<'_>, signer: &str) -> Result<String, String> {
    let method = request.method.to_ascii_lowercase();
    let digest = match request.has_digest() {
        true => format!("digest: {}\n", request.header("digest")?),
        false => String::new(),
    };
    Ok(format!(
        "host: {}\ndate: {}\nrequest-target: {method} {}\n{digest}v-c-merchant-id: {signer}",
        request.host()?,
        request.header("date")?,
        request.target,
    ))
}

fn signed_headers(request: &Signed<'_>) -> &'static str {
    match request.has_digest() {
        true => "host date request-target digest v-c-merchant-id",
        false => "host date request-target v-c-merchant-id",
    }
}

fn parameter<'a>(field: &'a str, name: &str) -> Result<&'a str, String> {
    field
        .split(", ")
        .find_map(|part| {
            part.strip_prefix(name)?
                .strip_prefix("=\"")?
                .strip_suffix('"')
        })
        .ok_or_else(|| format!("the signature header has no {name}=\"…\""))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Vector, credentials, vectors};
    use super::*;

    const NOW: &str = "2019-07-18T00:18:03Z";

    fn checked(vector: &Vector, now: &str) -> Result<(), String> {
        verify(&vector.signed(), &credentials(), now.parse().unwrap())
    }

    #[test]
    fn accepts_what_the_vendors_sdks_sign() {
        let vectors = vectors("/http_signature");
        assert_eq!(vectors.len(), 4);
        for vector in vectors {
            let signed = string_to_sign(&vector.signed(), &credentials().merchant).unwrap();
            assert_eq!(signed, vector.text("string_to_sign"));
            assert_eq!(checked(&vector, NOW), Ok(()));
        }
    }

    #[test]
    fn refuses_a_date_that_is_five_minutes_off() {
        let vector = &vectors("/http_signature")[0];
        assert_eq!(checked(vector, "2019-07-18T00:23:03Z"), Ok(()));
        assert!(
            checked(vector, "2019-07-18T00:23:04Z")
                .unwrap_err()
                .contains("five minutes")
        );
        assert!(
            checked(vector, "2019-07-18T00:13:02Z")
                .unwrap_err()
                .contains("five minutes")
        );
    }

    #[test]
    fn refuses_another_request_with_the_same_signature() {
        let mut vector = vectors("/http_signature").remove(0);
        vector.target.push_str("&limit=500");
        assert!(
            checked(&vector, NOW)
                .unwrap_err()
                .contains("does not match")
        );
    }

    #[test]
    fn refuses_a_body_that_was_changed() {
        let mut vector = vectors("/http_signature").remove(3);
        vector.body.push(' ');
        assert!(checked(&vector, NOW).unwrap_err().starts_with("digest is"));
    }

    #[test]
    fn refuses_the_old_spelling_of_the_request_target() {
        let mut vector = vectors("/http_signature").remove(0);
        let old =
            &super::super::tests::document()["http_signature_legacy_parenthesised_request_target"];
        let field = old["vectors"][0]["signature_header"].as_str().unwrap();
        vector.headers.insert(SIGNATURE, field.parse().unwrap());
        assert!(checked(&vector, NOW).unwrap_err().starts_with("headers is"));
    }

    #[test]
    fn a_portfolio_key_signs_for_the_portfolio() {
        let vector = &vectors("/http_signature")[0];
        let portfolio = Credentials {
            portfolio: Some("demo_portfolio".into()),
            ..credentials()
        };
        let refused = verify(&vector.signed(), &portfolio, NOW.parse().unwrap()).unwrap_err();
        assert!(
            refused.contains("v-c-merchant-id: demo_portfolio"),
            "{refused}"
        );
    }
}
