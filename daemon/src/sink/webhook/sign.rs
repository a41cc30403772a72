//! Signatures of Standard Webhooks: HMAC-SHA256 over id, timestamp and body, so that a receiver knows who
//! sends, that nothing was altered, and that nobody plays an old page again.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reissue_connector_api::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// What a secret begins with when people handle it.
const PREFIX: &str = "whsec_";
/// How many random bytes a secret has, as the specification says.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// Signs with a secret, or with two while one takes the other's place.
pub struct Signer(Vec<hmac::Key>);

impl Signer {
    /// Signs with all of these.
    ///
    /// # Errors
    /// Which of them, counted from 0, is no secret of a webhook.
    pub fn new(secrets: &[SecretString]) -> Result<Self, usize> {
        let keys = secrets.iter().enumerate();
        let keys = keys.map(|(number, secret)| key(secret.expose_secret()).ok_or(number));
        keys.collect::<Result<_, _>>().map(Self)
    }

    /// The value of the header `webhook-signature`.
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let head = format!("{id}.{timestamp}.");
        let signatures = self.0.iter().map(|key| {
            let mut signing = hmac::Context::with_key(key);
            signing.update(head.as_bytes());
            signing.update(body);
            format!("v1,{}", STANDARD.encode(signing.sign()))
        });
        signatures.collect::<Vec<_>>().join(" ")
    }
}

fn key(secret: &str) -> Option<hmac::Key> {
    let bytes = Zeroizing::new(STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()?);
    let fits = LENGTHS.contains(&bytes.len());
    fits.then(|| hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of the reference libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const TIMESTAMP: i64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn signer(secrets: &[&str]) -> Result<Signer, usize> {
        let secrets: Vec<_> = secrets.iter().map(|one| SecretString::from(*one)).collect();
        Signer::new(&secrets)
    }

    #[test]
    fn the_published_vector_is_signed_as_published() {
        assert_eq!(
            signer(&[SECRET]).unwrap().sign(ID, TIMESTAMP, BODY),
            SIGNATURE
        );
    }

    #[test]
    fn the_reference_library_verifies_what_either_of_two_secrets_signs() {
        let new = format!("whsec_{}", STANDARD.encode([7; 64]));
        // It takes nothing that is older than five minutes.
        let now = crate::clock::now().timestamp();
        let signed = signer(&[&new, SECRET]).unwrap().sign("upd_1", now, BODY);
        assert_eq!(signed.split(' ').count(), 2);
        let mut headers = axum::http::HeaderMap::new();
        headers.insert("webhook-id", "upd_1".parse().unwrap());
        headers.insert("webhook-timestamp", now.into());
        headers.insert("webhook-signature", signed.parse().unwrap());
        for secret in [new.as_str(), SECRET] {
            let oracle = standardwebhooks::Webhook::new(secret).unwrap();
            oracle.verify(BODY, &headers).unwrap();
            assert!(oracle.verify(b"{}", &headers).is_err());
        }
        let other = format!("whsec_{}", STANDARD.encode([8; 24]));
        let oracle = standardwebhooks::Webhook::new(&other).unwrap();
        assert!(oracle.verify(BODY, &headers).is_err());
    }

    #[test]
    fn what_is_no_secret_of_a_webhook_is_refused() {
        let short = format!("whsec_{}", STANDARD.encode([7; 23]));
        let long = format!("whsec_{}", STANDARD.encode([7; 65]));
        for bad in [
            "",
            "whsec_",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_no base64 at all, however long it may be",
            "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            &short,
            &long,
        ] {
            assert_eq!(signer(&[SECRET, bad]).err(), Some(1), "{bad}");
        }
    }
}
