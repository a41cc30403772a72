//! A 256-bit key, and the one operation that the hierarchy of keys is made of: a key wraps the key
//! below it.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::rand;
use secrecy::{ExposeSecret, SecretBox};

/// Length of a key in bytes.
pub(super) const KEY_LEN: usize = 32;
/// Length of an AES-256-GCM tag in bytes.
pub(super) const TAG_LEN: usize = 16;
/// Length of a wrapped key in bytes: nonce, ciphertext, tag.
pub(super) const WRAPPED_LEN: usize = NONCE_LEN + KEY_LEN + TAG_LEN;

const CIPHERTEXT: std::ops::Range<usize> = NONCE_LEN..NONCE_LEN + KEY_LEN;

/// The bytes of a key: on the heap, so that moving it leaves no copies behind, and wiped on drop.
pub(super) struct Key(SecretBox<[u8; KEY_LEN]>);

impl Key {
    /// A new random key.
    pub(super) fn generate() -> Self {
        Self::init_with(|bytes| {
            rand::fill(bytes).expect("AWS-LC aborts the process when it has no randomness");
        })
    }

    /// A key of the given bytes, if they are of the right number.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == KEY_LEN).then(|| Self::init_with(|key| key.copy_from_slice(bytes)))
    }

    /// The bytes, for the ciphers.
    pub(super) fn expose(&self) -> &[u8; KEY_LEN] {
        self.0.expose_secret()
    }

    fn init_with(fill: impl FnOnce(&mut [u8; KEY_LEN])) -> Self {
        Self(SecretBox::init_with_mut(fill))
    }
}

/// A key as it lies on disk.
pub(super) type WrappedKey = [u8; WRAPPED_LEN];

/// A key in its role of wrapping others. Its nonces are random: it wraps one key per file, far from
/// the 2^32 at which random nonces become unsafe. AWS-LC wipes its copy of the key when it frees
/// it.
#[derive(Debug)]
pub(super) struct Wrapper(RandomizedNonceKey);

impl Wrapper {
    /// Makes `key` ready to wrap.
    pub(super) fn new(key: &Key) -> Self {
        let cipher = RandomizedNonceKey::new(&AES_256_GCM, key.expose())
            .expect("32 bytes are a key of AES-256-GCM");
        Self(cipher)
    }

    /// Wraps `key`, bound to `context`.
    pub(super) fn wrap_key(&self, key: &Key, context: &str) -> WrappedKey {
        let mut wrapped = [0; WRAPPED_LEN];
        wrapped[CIPHERTEXT].copy_from_slice(key.expose());
        let (nonce, tag) = self
            .0
            .seal_in_place_separate_tag(Aad::from(context), &mut wrapped[CIPHERTEXT])
            .expect("AES-256-GCM seals whatever is shorter than 64 GiB");
        wrapped[..NONCE_LEN].copy_from_slice(nonce.as_ref());
        wrapped[CIPHERTEXT.end..].copy_from_slice(tag.as_ref());
        wrapped
    }

    /// The key inside `wrapped`, or none if this key did not wrap it for `context`.
    pub(super) fn unwrap_key(&self, wrapped: &WrappedKey, context: &str) -> Option<Key> {
        let (nonce, sealed) = wrapped.split_at(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = zeroize::Zeroizing::new(<[u8; KEY_LEN + TAG_LEN]>::try_from(sealed).ok()?);
        let key = self
            .0
            .open_in_place(nonce, Aad::from(context), sealed.as_mut())
            .ok()?;
        Key::from_bytes(key)
    }
}
