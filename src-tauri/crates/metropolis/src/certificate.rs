//! How long the certificates of a desk's connection live, so that someone renews them in time.

use std::time::Duration;

use futures::future::join_all;
use rustls::pki_types::CertificateDer;
use vigie_core::port::MetropolisError;
use vigie_core::time::Timestamp;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use crate::address::{Address, TlsFiles};
use crate::knock;
use crate::target::{ConnectTarget, Endpoint};
use crate::trust::certificates;

/// Whose a certificate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// The one that this desk shows.
    Desk,
    /// A server's.
    Server,
    /// An authority's, in a file named here.
    Authority,
}

/// A certificate that someone must renew one day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CertificateLife {
    /// Its last instant.
    pub ends_at: Timestamp,
    /// Whose it is.
    pub holder: Holder,
    /// The file, or the server.
    pub name: String,
}

/// The certificates of a target: those in its files, and those that its servers show within `patience`. A server that does
/// not answer, and a file that cannot be read, are told elsewhere: they are left out. The one that ends first comes first.
pub async fn certificate_lives(
    target: &ConnectTarget,
    patience: Duration,
) -> Result<Vec<CertificateLife>, MetropolisError> {
    let endpoints = Endpoint::all(target)?;
    let knocks = endpoints.iter().filter(|endpoint| endpoint.options.get_socket().is_none()).map(async |endpoint| {
        let shown = tokio::time::timeout(patience, knock::certificate(endpoint)).await.ok()?.ok()??;
        Some(CertificateLife { ends_at: ends_at(&shown)?, holder: Holder::Server, name: endpoint.place() })
    });
    let mut lives: Vec<_> = join_all(knocks).await.into_iter().flatten().collect();
    let tls: TlsFiles = Address::parse(&target.url).map(|address| address.tls).unwrap_or_default();
    let authorities = tls.authorities.iter().map(|path| (Holder::Authority, path));
    for (holder, path) in authorities.chain(tls.certificate.iter().map(|path| (Holder::Desk, path))) {
        let found = certificates(path)?.1;
        // In the desk's own file the first is its own, the others those that vouch for it.
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let ends = found.iter().filter_map(ends_at);
        lives.extend(ends.min().map(|ends_at| CertificateLife { ends_at, holder, name }));
    }
    lives.sort();
    Ok(lives)
}

fn ends_at(certificate: &CertificateDer<'_>) -> Option<Timestamp> {
    let certificate = Certificate::from_der(certificate).ok()?;
    let ends = certificate.tbs_certificate().validity().not_after.to_unix_duration();
    Some(Timestamp(i64::try_from(ends.as_millis()).unwrap_or(i64::MAX)))
}
