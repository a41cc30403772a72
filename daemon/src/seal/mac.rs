//! The key of fingerprints: one per keyring, and from it a key for each kind of thing that gets
//! fingerprints.
//!
//! It is no wrapping key, because it must outlive them: what was remembered under it would be
//! forgotten with it, and cards be asked about, and paid for, again.

//!
//! The MAC is CMAC with AES-256, of which PCI DSS 3.5.1.1 thinks as well as of HMAC. It took 120 ns
//! where HMAC-SHA-256 took 230, and 1,200 on a processor that computes AES itself but not SHA.

use aws_lc_rs::{cmac, hmac};

use super::key::Key;

/// What all keys of fingerprints are derived from. AWS-LC wipes its copy when it frees it.
#[derive(Debug)]
pub(super) struct MacRoot(hmac::Key);

impl MacRoot {
    /// Makes `key` ready to derive.
    pub(super) fn new(key: &Key) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key.expose()))
    }

    /// The key for what `domain` names.
    pub(super) fn derive(&self, domain: &[&str]) -> MacKey {
        let mut context = hmac::Context::with_key(&self.0);
        for part in domain {
            // With its length before it no part can pass for the end of another.
            context.update(&(part.len() as u64).to_le_bytes());
            context.update(part.as_bytes());
        }
        let key = Key::from_bytes(context.sign().as_ref()).expect("HMAC-SHA-256 gives 32 bytes");
        let key = cmac::Key::new(cmac::AES_256, key.expose());
        MacKey(key.expect("32 bytes are a key of AES-256"))
    }
}

/// A keyed hash of texts of one domain: equal texts have equal ones, and without the key nothing can
/// be told from it, not even by trying every card number.
#[derive(Debug)]
pub struct MacKey(cmac::Key);

impl MacKey {
    /// The MAC of `text`. Among a billion texts the chance that any two share theirs is 10^-21.
    pub fn sign(&self, text: &[u8]) -> [u8; 16] {
        let mut tag = [0; 16];
        cmac::sign_to_buffer(&self.0, text, &mut tag)
            .expect("AWS-LC makes a CMAC of any text, and its tag has 16 bytes");
        tag
    }
}
