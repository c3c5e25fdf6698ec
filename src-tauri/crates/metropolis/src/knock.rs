//! A knock at a server's door, for what the driver does not tell: its certificate, and how it would have us sign in.
//! Nothing secret is said: a login at most. Whether the server is to be believed is not decided here.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use sqlx::postgres::PgSslMode;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use vigie_core::port::MetropolisError;

use crate::target::{ConnectTarget, Endpoint};

/// Codes of PostgreSQL's protocol (postgresql.org/docs/current/protocol-message-formats.html).
const SSL_REQUEST: u32 = 80_877_103;
const VERSION_3: u32 = 196_608;
const CLEAR_PASSWORD: u32 = 3;
const MD5_PASSWORD: u32 = 5;

/// What a server asks of who signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// The password itself.
    Clear,
    /// What lets the password be guessed at leisure.
    Md5,
    /// A proof (SCRAM), nothing, or an end with a reason, which the driver will meet as well.
    Other,
}

/// What a server of this machine would ask this login for.
pub(crate) async fn what_it_asks(endpoint: &Endpoint) -> Result<Asked, MetropolisError> {
    ask(endpoint).await.map_err(|e| unreachable(endpoint, &e))
}

/// Whether any server of a target answers within `patience`: as PostgreSQL does, whoever we are.
pub async fn answers(target: &ConnectTarget, patience: Duration) -> bool {
    let Ok(endpoints) = Endpoint::all(target) else { return false };
    let each = endpoints.iter().map(|endpoint| tokio::time::timeout(patience, ask(endpoint)));
    join_all(each).await.into_iter().any(|answer| matches!(answer, Ok(Ok(_))))
}

/// The certificate of a server; none when it offers no TLS.
pub(crate) async fn certificate(endpoint: &Endpoint) -> Result<Option<CertificateDer<'static>>, MetropolisError> {
    let shown = async {
        let stream = call(endpoint).await?;
        let Some(secured) = secure(stream, endpoint).await?.ok() else { return Ok(None) };
        let chain = secured.get_ref().1.peer_certificates().unwrap_or_default();
        Ok(chain.first().map(|leaf| leaf.clone().into_owned()))
    };
    shown.await.map_err(|e: io::Error| unreachable(endpoint, &e))
}

fn unreachable(endpoint: &Endpoint, error: &io::Error) -> MetropolisError {
    MetropolisError::Unreachable(format!("{}: {error}", endpoint.place()))
}

async fn ask(endpoint: &Endpoint) -> io::Result<Asked> {
    #[cfg(unix)]
    if let Some(folder) = endpoint.options.get_socket() {
        let path = folder.join(format!(".s.PGSQL.{}", endpoint.options.get_port()));
        return introduce(tokio::net::UnixStream::connect(path).await?, endpoint).await;
    }
    let stream = call(endpoint).await?;
    if matches!(endpoint.options.get_ssl_mode(), PgSslMode::Disable | PgSslMode::Allow) {
        return introduce(stream, endpoint).await;
    }
    match secure(stream, endpoint).await? {
        Ok(secured) => introduce(secured, endpoint).await,
        Err(plain) => introduce(plain, endpoint).await,
    }
}

async fn call(endpoint: &Endpoint) -> io::Result<TcpStream> {
    TcpStream::connect((endpoint.options.get_host(), endpoint.options.get_port())).await
}

/// Asks for TLS; gives the stream back as it is when the server offers none.
async fn secure(mut stream: TcpStream, endpoint: &Endpoint) -> io::Result<Result<TlsStream<TcpStream>, TcpStream>> {
    let mut request = [0_u8; 8];
    request[..4].copy_from_slice(&8_u32.to_be_bytes());
    request[4..].copy_from_slice(&SSL_REQUEST.to_be_bytes());
    stream.write_all(&request).await?;
    if stream.read_u8().await? != b'S' {
        return Ok(Err(stream));
    }
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Onlooker(provider)))
        .with_no_client_auth();
    let name = ServerName::try_from(endpoint.options.get_host().to_owned()).map_err(io::Error::other)?;
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.map(Ok)
}

/// Says a login, hears what is asked of it, and leaves.
async fn introduce(mut stream: impl AsyncRead + AsyncWrite + Unpin, endpoint: &Endpoint) -> io::Result<Asked> {
    let mut words = Vec::from(VERSION_3.to_be_bytes());
    let database = endpoint.options.get_database().unwrap_or(endpoint.options.get_username());
    for word in ["user", endpoint.options.get_username(), "database", database] {
        words.extend(word.as_bytes());
        words.push(0);
    }
    words.push(0);
    let length = u32::try_from(words.len() + 4).map_err(io::Error::other)?;
    stream.write_u32(length).await?;
    stream.write_all(&words).await?;
    stream.flush().await?;
    if stream.read_u8().await? != b'R' {
        return Ok(Asked::Other);
    }
    let _length = stream.read_u32().await?;
    Ok(match stream.read_u32().await? {
        CLEAR_PASSWORD => Asked::Clear,
        MD5_PASSWORD => Asked::Md5,
        _ => Asked::Other,
    })
}

/// Takes any certificate, to look at it.
#[derive(Debug)]
struct Onlooker(Arc<CryptoProvider>);

impl ServerCertVerifier for Onlooker {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
