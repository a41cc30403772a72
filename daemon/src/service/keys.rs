//! The keyring that a configuration names.

use std::path::{Path, PathBuf};

use reissue_config::Config;

use crate::failure::Failure;
use crate::seal::{Keyring, MasterKey};

/// systemd's directory of credentials.
pub fn credentials() -> Option<PathBuf> {
    std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from)
}

/// Opens the keyring of a configuration.
///
/// # Errors
/// One sentence: the key or the keyring is missing or wrong.
pub fn keyring(config: &Config) -> Result<Keyring, Failure> {
    let text = config
        .daemon
        .key
        .resolve(credentials().as_deref())
        .map_err(|why| {
            Failure::configuration(format!(
                "daemon.key: {why} (`reissue keys init` makes a key)"
            ))
        })?;
    let master = MasterKey::from_base64(&text).map_err(Failure::configuration)?;
    let path = keyring_path(&config.daemon.state_dir);
    if !path.exists() {
        let message = format!(
            "there is no keyring at {}: run `reissue keys init`",
            path.display()
        );
        return Err(Failure::configuration(message));
    }
    Keyring::open(&path, &master).map_err(Failure::configuration)
}

/// Where the keyring lies.
pub fn keyring_path(state: &Path) -> PathBuf {
    state.join("keyring.json")
}
