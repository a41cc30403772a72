//! Where a command's answer comes from: the running daemon, or the journal while it is down.

use std::path::PathBuf;

use reissue_config::Config;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::admin::client::{Client, ClientError};
use crate::admin::observe::Observer;
use crate::clock;
use crate::failure::{Failure, exit};
use crate::store::{Reading, StoreError};

/// How a command was called.
pub(super) struct How {
    pub(super) config: PathBuf,
    pub(super) json: bool,
}

impl How {
    /// The configuration.
    pub(super) fn load(&self) -> Result<Config, Failure> {
        reissue_config::load(&self.config).map_err(Failure::configuration)
    }

    /// The running daemon.
    pub(super) async fn daemon(&self, config: &Config) -> Result<Client, Failure> {
        Ok(Client::connect(&config.admin.socket).await?)
    }

    /// What the daemon says, or what the journal says while the daemon is down.
    pub(super) async fn view<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &impl Serialize,
        or: impl FnOnce(&Observer<'_>) -> Result<T, StoreError>,
    ) -> Result<T, Failure> {
        let config = self.load()?;
        match Client::connect(&config.admin.socket).await {
            Ok(client) => Ok(client.get(path, query).await?),
            Err(error @ ClientError::Forbidden(_)) => Err(error.into()),
            Err(_) => {
                let records = Reading::of(&config.daemon.state_dir)?;
                Ok(or(&Observer {
                    config: &config,
                    records: &records,
                    context: None,
                    now: clock::now(),
                })?)
            }
        }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let code = match error {
            ClientError::NoDaemon(_) | ClientError::Forbidden(_) => exit::UNAVAILABLE,
            _ => 1,
        };
        Self {
            code,
            message: error.to_string(),
        }
    }
}
