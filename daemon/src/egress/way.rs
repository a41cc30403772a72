//! The way out of this host to one receiver, an account's provider or a webhook's: straight, or through a
//! proxy; and whom to believe at its end.
//!
//! A configured proxy is the operator's own, so it may stand in the own network. It resolves the
//! provider's name, out of the daemon's sight: which addresses it may reach is for its own rules. An
//! origin that *is* a private address is refused all the same.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use reissue_connector_api::{ExposeSecret, SecretString};
use reqwest::{Certificate, ClientBuilder};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::guard;

/// How requests leave this host.
#[derive(Default)]
pub struct Way {
    /// Whose they are.
    pub whose: Whose,
    /// Through whom, if not straight.
    pub proxy: Option<Proxy>,
    /// Whom to trust besides the host's own authorities.
    pub authorities: Option<Authorities>,
}

/// Whose requests they are: this decides which addresses they may reach, and what sentences call the one
/// whose keys are to be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Whose {
    /// An account's, at a provider on the internet.
    #[default]
    Account,
    /// A webhook's of the operator's own, at a receiver that may stand in the own network.
    Webhook,
}

impl Whose {
    /// The word in a sentence.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Webhook => "webhook",
        }
    }
}

/// A proxy.
pub struct Proxy {
    /// Scheme, host and port, without credentials.
    pub url: String,
    /// What it is told when it asks who we are.
    pub login: Option<Login>,
}

/// A user of a proxy.
pub struct Login {
    /// The name.
    pub user: String,
    /// The password.
    pub password: SecretString,
}

impl Way {
    /// Leads a client's requests this way, and never the way that the environment names.
    pub(super) fn lead(
        &self,
        client: ClientBuilder,
        loopback: bool,
    ) -> reqwest::Result<ClientBuilder> {
        let client = client.no_proxy();
        let client = match &self.proxy {
            None => client.dns_resolver(Arc::new(guard::Guarded {
                whose: self.whose,
                loopback,
            })),
            Some(proxy) => client.proxy(proxy.all()?),
        };
        let Some(Authorities(certificates)) = &self.authorities else {
            return Ok(client);
        };
        let certificates: reqwest::Result<Vec<_>> = certificates
            .iter()
            .map(|one| Certificate::from_der(one))
            .collect();
        Ok(client.tls_certs_merge(certificates?))
    }
}

impl Proxy {
    fn all(&self) -> reqwest::Result<reqwest::Proxy> {
        let proxy = reqwest::Proxy::all(&self.url)?;
        Ok(match &self.login {
            Some(login) => proxy.basic_auth(&login.user, login.password.expose_secret()),
            None => proxy,
        })
    }
}

/// Certificate authorities out of a file.
pub struct Authorities(Vec<CertificateDer<'static>>);

impl Authorities {
    /// Reads a PEM file. What is no certificate in it is passed over, such as the texts that tools
    /// write between them.
    ///
    /// # Errors
    /// One sentence that names the file: it cannot be read, others can change it, or it holds no
    /// certificate that can be used.
    pub fn read(path: &Path) -> Result<Self, String> {
        use std::os::unix::fs::PermissionsExt;

        let file = path.display();
        let refuse = |error: std::io::Error| match error.kind() {
            ErrorKind::NotFound => format!("{file} does not exist"),
            kind => format!("{file} cannot be read: {kind}"),
        };
        let mode = std::fs::metadata(path)
            .map_err(refuse)?
            .permissions()
            .mode();
        if mode & 0o002 != 0 {
            return Err(format!(
                "{file} can be changed by every user of this machine, who could then read this \
                 traffic; run: chmod o-w '{file}', and look at what it holds"
            ));
        }
        let pem = std::fs::read(path).map_err(refuse)?;
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        let certificates = certificates.map_err(|error| {
            format!("{file} is not PEM ({error}); copy the certificate again, with its BEGIN and END lines")
        })?;
        if certificates.is_empty() {
            return Err(format!(
                "{file} holds no certificate; it needs the authority's in PEM, which begins with \
                 -----BEGIN CERTIFICATE-----"
            ));
        }
        for (number, certificate) in (1..).zip(&certificates) {
            if RootCertStore::empty().add(certificate.clone()).is_err() {
                return Err(format!(
                    "certificate {number} in {file} is damaged; copy it again from whoever issued it"
                ));
            }
        }
        Ok(Self(certificates))
    }
}
