//! The master key: the one secret of sealing that the operator keeps, outside the state directory.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::SealError;
use super::key::{Key, Wrapper};

/// Unlocks a keyring. Wiped on drop; drop it as soon as the keyring is open.
pub struct MasterKey(Key);

impl MasterKey {
    /// A new random key as the text that `daemon.key` refers to: base64, 44 characters.
    pub fn generate() -> SecretString {
        let key = Key::generate();
        let mut text = String::with_capacity(44);
        BASE64_STANDARD.encode_string(key.expose(), &mut text);
        text.into()
    }

    /// The key that `text` spells in base64; white space around it is allowed, since files end in a
    /// newline.
    ///
    /// # Errors
    /// [`SealError::NotAKey`] for anything but 32 bytes; it never shows the text.
    pub fn from_base64(text: &SecretString) -> Result<Self, SealError> {
        let text = text.expose_secret().trim();
        // Room for all of it beforehand, so that decoding never leaves bytes in a buffer that it
        // outgrew.
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
        // The decoder's own error is dropped because it quotes a character of the key.
        BASE64_STANDARD
            .decode_vec(text, &mut bytes)
            .map_err(|_| SealError::NotAKey {
                found: "text that is not base64".to_owned(),
            })?;
        Key::from_bytes(&bytes)
            .map(Self)
            .ok_or_else(|| SealError::NotAKey {
                found: format!("{} bytes", bytes.len()),
            })
    }

    /// Eight hexadecimal digits that tell one master key from another and are no secret: 32 bits of
    /// a MAC say which key made it and help nobody to find a key of 256.
    pub fn check_value(&self) -> String {
        let tag = self.authenticate("reissue master key check v1");
        tag.as_ref()[..4]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// A MAC over `text`.
    pub(super) fn authenticate(&self, text: &str) -> hmac::Tag {
        hmac::sign(&self.mac_key(), text.as_bytes())
    }

    /// Whether `mac` is what [`authenticate`](Self::authenticate) made for `text`, in constant
    /// time.
    pub(super) fn authenticates(&self, text: &str, mac: &[u8]) -> bool {
        hmac::verify(&self.mac_key(), text.as_bytes(), mac).is_ok()
    }

    /// This key in its role of wrapping the wrapping keys.
    pub(super) fn wrapper(&self) -> Wrapper {
        Wrapper::new(&self.0)
    }

    fn mac_key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.0.expose())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn refusal(text: &str) -> String {
        let Err(error) = MasterKey::from_base64(&text.into()) else {
            panic!("`{text}` was accepted");
        };
        error.to_string()
    }

    #[test]
    fn white_space_around_the_text_makes_no_difference() {
        let plain = MasterKey::from_base64(&TEXT.into()).unwrap();
        let padded = MasterKey::from_base64(&format!("\t {TEXT}\r\n").into()).unwrap();
        assert_eq!(plain.check_value(), padded.check_value());
    }

    #[test]
    fn the_check_value_is_pinned_because_keyrings_hold_it() {
        let key = MasterKey::from_base64(&TEXT.into()).unwrap();
        assert_eq!(key.check_value(), "fe9e5ec0");
    }

    #[test]
    fn a_generated_key_is_accepted_and_never_repeats() {
        let (one, other) = (MasterKey::generate(), MasterKey::generate());
        assert_eq!(one.expose_secret().len(), 44);
        assert_ne!(one.expose_secret(), other.expose_secret());
        assert!(MasterKey::from_base64(&one).is_ok());
    }

    #[test]
    fn a_wrong_length_is_one_sentence_without_the_value() {
        for (text, bytes) in [("", 0), (&TEXT[..40], 30), ("c2hvcnQ=", 5)] {
            assert_eq!(
                refusal(text),
                format!(
                    "the key in daemon.key is not usable: expected 32 bytes in base64, found {bytes} bytes; \
                     `reissue keys init` makes a good one"
                )
            );
        }
    }

    #[test]
    fn what_is_not_base64_is_not_quoted() {
        let message = refusal("correct-horse-battery-staple");
        assert!(message.contains("found text that is not base64"));
        assert!(!message.contains("horse") && !message.contains('-'));
    }
}
