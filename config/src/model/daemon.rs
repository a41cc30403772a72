//! `[daemon]` and `[admin]`: what the process needs for itself.

use std::net::SocketAddr;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::value::path;
use crate::fault::fault;
use crate::secret::SecretRef;

/// `[daemon]`
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Daemon {
    /// Where the journal, its index and the sealed files live. Default `/var/lib/reissue`, the
    /// directory that the unit's `StateDirectory=` makes.
    #[serde(default = "state_dir", deserialize_with = "path::absolute")]
    #[schemars(regex(pattern = path::PATTERN))]
    pub state_dir: PathBuf,
    /// Where connectors are looked for; every one that is found is loaded. Default
    /// `/usr/lib/reissue/connectors`, where packages put them.
    #[serde(default = "connector_dirs", deserialize_with = "path::absolutes")]
    #[schemars(inner(regex(pattern = path::PATTERN)))]
    pub connector_dirs: Vec<PathBuf>,
    /// The key that seals everything sensitive at rest: 32 bytes in base64. Required, since a key
    /// that is kept beside what it seals would seal nothing.
    pub key: SecretRef,
}

fn state_dir() -> PathBuf {
    PathBuf::from("/var/lib/reissue")
}

fn connector_dirs() -> Vec<PathBuf> {
    vec![PathBuf::from("/usr/lib/reissue/connectors")]
}

/// `[admin]`
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Admin {
    /// The socket on which the command line talks to the daemon. Default `/run/reissue/admin.sock`,
    /// inside the directory that the unit's `RuntimeDirectory=` makes.
    #[serde(deserialize_with = "path::absolute")]
    #[schemars(regex(pattern = path::PATTERN))]
    pub socket: PathBuf,
    /// Where `/healthz` and `/readyz` are served, on loopback only: they answer anyone
    /// who can connect. Default: nowhere.
    #[serde(deserialize_with = "loopback")]
    #[schemars(with = "Option<String>")]
    pub listen: Option<SocketAddr>,
}

impl Default for Admin {
    fn default() -> Self {
        Self {
            socket: PathBuf::from("/run/reissue/admin.sock"),
            listen: None,
        }
    }
}

fn loopback<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let help = "write an address and port of this machine, such as \"127.0.0.1:8787\"";
    match text.parse::<SocketAddr>() {
        Ok(address) if address.ip().is_loopback() => Ok(Some(address)),
        Ok(_) => Err(fault(
            format_args!(
                "`{text}` is not a loopback address, and this listener asks nobody who they are"
            ),
            help,
        )),
        Err(_) => Err(fault(
            format_args!("`{text}` is not an address with a port"),
            help,
        )),
    }
}
