//! What stands between the daemon and the provider on the network of a billing host: a proxy, and TLS
//! with certificates of a test's own making.
//!
//! They pass bytes on and know nothing of what passes, so the sandbox behind them stays the provider.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().unwrap()
});

/// A certificate authority.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate, in PEM.
    pub pem: String,
}

impl Authority {
    /// One that nobody trusts yet.
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        Self { issuer, pem }
    }

    /// Serves TLS before a server on this host, with a certificate for `name` that is good from and
    /// until these years; gives the port.
    pub fn serve(&self, before: SocketAddr, name: &str, [from, until]: [i32; 2]) -> u16 {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            );
        let acceptor = TlsAcceptor::from(Arc::new(config.unwrap()));
        let address = listen(move |client| {
            let acceptor = acceptor.clone();
            async move {
                // A client that distrusts the certificate goes away here.
                if let Ok(mut client) = acceptor.accept(client).await {
                    let mut server = TcpStream::connect(before).await.unwrap();
                    let _ = copy_bidirectional(&mut client, &mut server).await;
                }
            }
        });
        address.port()
    }
}

/// A proxy for HTTP that connects to any port of this host, or answers everything with one status.
pub struct Proxy {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Default for Proxy {
    fn default() -> Self {
        Self::new()
    }
}

impl Proxy {
    /// One that does its work.
    pub fn new() -> Self {
        Self::with(None)
    }

    /// One that answers everything with this status, and connects nobody.
    pub fn refusing(status: u16) -> Self {
        Self::with(Some(status))
    }

    fn with(status: Option<u16>) -> Self {
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&heads);
        let address = listen(move |mut client| {
            let kept = Arc::clone(&kept);
            async move {
                let head = head(&mut client).await;
                kept.lock().unwrap().push(head.clone());
                match status {
                    Some(status) => {
                        let answer = format!("HTTP/1.1 {status} No\r\ncontent-length: 0\r\n\r\n");
                        let _ = client.write_all(answer.as_bytes()).await;
                    }
                    None => pass_on(client, &head).await,
                }
            }
        });
        Self { address, heads }
    }

    /// Its address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The first head of every connection that came.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

const BAD_GATEWAY: &[u8] = b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n";

/// `CONNECT host:port` becomes a tunnel; `GET http://host:port/path` goes on as it is, which servers
/// understand.
async fn pass_on(mut client: TcpStream, head: &str) {
    let mut words = head.split(' ');
    let tunnel = words.next() == Some("CONNECT");
    let target = words.next().unwrap_or_default();
    let target = target.trim_start_matches("http://").split('/').next();
    let port = target.and_then(|target| target.rsplit(':').next()?.parse::<u16>().ok());
    let server = TcpStream::connect(("127.0.0.1", port.expect("a target with a port")));
    let Ok(mut server) = server.await else {
        return client.write_all(BAD_GATEWAY).await.unwrap();
    };
    match tunnel {
        true => client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap(),
        false => server.write_all(head.as_bytes()).await.unwrap(),
    }
    let _ = copy_bidirectional(&mut client, &mut server).await;
}

/// Reads up to the empty line that ends a head.
async fn head(client: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match client.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

/// Serves each connection to a free port of this host, until the process ends.
fn listen<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = RUNTIME.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    RUNTIME.spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(serve(client));
        }
    });
    address
}
