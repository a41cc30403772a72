//! The sink for full card numbers, and the key that reads it. An operator gives the daemon the public
//! half alone; a scene has both, because it plays the billing system too.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use age::Decryptor;
use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use anyhow::{Context, Result};

/// A directory of encrypted files.
pub(crate) struct Vault {
    /// Where the sink puts its files.
    pub(crate) directory: PathBuf,
    identity: Identity,
}

impl Vault {
    /// One with a new key.
    pub(super) fn new(directory: PathBuf) -> Self {
        Self {
            directory,
            identity: Identity::generate(),
        }
    }

    /// The sink's entry.
    pub(super) fn config(&self) -> String {
        format!(
            r#"
[sinks.vault]
kind = "files"
dir = "{}"
recipients = ["{}"]
"#,
            self.directory.display(),
            self.identity.to_public()
        )
    }

    /// What `age --identity` reads.
    pub(super) fn identity_file(&self) -> String {
        format!("{}\n", self.identity.to_string().expose_secret())
    }

    /// A file's text.
    pub(crate) fn read(&self, file: &Path) -> Result<String> {
        let decrypt = || -> Result<String> {
            let decryptor = Decryptor::new(BufReader::new(File::open(file)?))?;
            let mut text = String::new();
            decryptor
                .decrypt(std::iter::once(&self.identity as &dyn age::Identity))?
                .read_to_string(&mut text)?;
            Ok(text)
        };
        decrypt().with_context(|| format!("cannot decrypt {}", file.display()))
    }
}
