//! Cards through files and back, on real sealed files.

mod fingerprint;
mod intake;
mod remembered;
mod selection;
mod submission;

use std::path::PathBuf;

use reissue_connector_api::{Expiry, Pan};
use tempfile::TempDir;

use super::*;
use crate::seal::{Keyring, MasterKey};

/// A state directory with a keyring.
struct State {
    dir: TempDir,
    keyring: Keyring,
}

impl State {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let master = MasterKey::from_base64(&MasterKey::generate()).unwrap();
        let made = "2026-11-22T12:00:00Z".parse().unwrap();
        let keyring = Keyring::create(&dir.path().join("keyring.json"), &master, made).unwrap();
        Self { dir, keyring }
    }

    fn submission(&self, id: &str) -> SealedFile {
        SealedFile::submission(self.dir.path(), "acme", id)
    }

    fn asked(&self, id: &str) -> SealedFile {
        SealedFile::asked(self.dir.path(), "acme", id)
    }

    /// Every file below the state directory but the keyring.
    fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut directories = vec![self.dir.path().to_owned()];
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => directories.push(path),
                    false => files.push(path),
                }
            }
        }
        files.retain(|path| !path.ends_with("keyring.json"));
        files
    }
}

/// A valid card number that `number` tells from others.
fn pan(number: u32) -> Pan {
    let start = format!("411111{number:09}");
    (0..10)
        .find_map(|digit| Pan::parse(&format!("{start}{digit}")).ok())
        .unwrap()
}

fn of_pan<'a>(reference: &'a str, pan: &'a Pan) -> CardOnFile<'a> {
    CardOnFile {
        reference,
        number: Number::Pan(pan),
        expiry: Some(Expiry::new(2027, 4).unwrap()),
        se_number: "",
        next_billing: None,
    }
}

fn of_token<'a>(reference: &'a str, kind: TokenKind, token: &'a str) -> CardOnFile<'a> {
    CardOnFile {
        reference,
        number: Number::Token(kind, token),
        expiry: None,
        se_number: "9876543210",
        next_billing: None,
    }
}

/// A fingerprint that `number` tells from others, in their order.
fn fingerprint(number: u32) -> Fingerprint {
    Fingerprint::from_bytes(u128::from(number).to_be_bytes())
}
