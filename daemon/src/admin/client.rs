//! The command line's end of the admin socket.

use std::io::ErrorKind;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

/// A connection to the running daemon.
pub struct Client {
    http: reqwest::Client,
}

/// Why the daemon did not do it.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody listens.
    #[error(
        "the daemon does not answer at {0}: start it with `reissue daemon`, or name its configuration with -c"
    )]
    NoDaemon(String),
    /// Somebody may listen, but not to us.
    #[error("you may not use {0}: run this as root or as a member of the socket's group")]
    Forbidden(String),
    /// It answered with a sentence.
    #[error("{0}")]
    Refused(String),
    /// Its answer broke off or is of another version.
    #[error("the daemon's answer was not understood: {0}")]
    Garbled(String),
}

impl Client {
    /// A client, if somebody listens at the socket.
    ///
    /// # Errors
    /// `NoDaemon`, or `Forbidden`.
    pub async fn connect(socket: &Path) -> Result<Self, ClientError> {
        let at = || socket.display().to_string();
        tokio::net::UnixStream::connect(socket)
            .await
            .map_err(|error| match error.kind() {
                ErrorKind::PermissionDenied => ClientError::Forbidden(at()),
                _ => ClientError::NoDaemon(at()),
            })?;
        let http = reqwest::Client::builder()
            .unix_socket(socket.to_owned())
            .build()
            .map_err(garbled)?;
        Ok(Self { http })
    }

    /// Asks.
    ///
    /// # Errors
    /// What the daemon says.
    pub async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &impl Serialize,
    ) -> Result<T, ClientError> {
        read(self.http.get(url(path)).query(query)).await
    }

    /// Asks for something to be done.
    ///
    /// # Errors
    /// What the daemon says.
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        read(self.http.post(url(path)).json(body)).await
    }

    /// Asks for something to be done with these bytes, which are wiped once they are sent.
    ///
    /// # Errors
    /// What the daemon says.
    pub async fn send<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &impl Serialize,
        bytes: Zeroizing<Vec<u8>>,
    ) -> Result<T, ClientError> {
        let body = bytes::Bytes::from_owner(bytes);
        read(self.http.post(url(path)).query(query).body(body)).await
    }

    /// Asks for something to be done and gives the answer's text.
    ///
    /// # Errors
    /// What the daemon says.
    pub async fn post_for_text(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<String, ClientError> {
        let answer = send(self.http.post(url(path)).json(body)).await?;
        answer.text().await.map_err(garbled)
    }

    /// Asks and passes the answer on, piece by piece.
    ///
    /// # Errors
    /// What the daemon says, or what `with` says.
    pub async fn stream(
        &self,
        path: &str,
        query: &impl Serialize,
        mut with: impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), ClientError> {
        let mut answer = send(self.http.get(url(path)).query(query)).await?;
        while let Some(piece) = answer.chunk().await.map_err(garbled)? {
            if with(&piece).is_err() {
                break;
            }
        }
        Ok(())
    }
}

fn url(path: &str) -> String {
    format!("http://reissue{path}")
}

async fn send(request: reqwest::RequestBuilder) -> Result<reqwest::Response, ClientError> {
    let answer = request.send().await.map_err(garbled)?;
    if answer.status().is_success() {
        return Ok(answer);
    }
    Err(ClientError::Refused(answer.text().await.map_err(garbled)?))
}

async fn read<T: DeserializeOwned>(request: reqwest::RequestBuilder) -> Result<T, ClientError> {
    let body = send(request).await?.bytes().await.map_err(garbled)?;
    serde_json::from_slice(&body).map_err(|error| ClientError::Garbled(error.to_string()))
}

fn garbled(error: reqwest::Error) -> ClientError {
    ClientError::Garbled(error.to_string())
}
