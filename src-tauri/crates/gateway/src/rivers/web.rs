//! Asking a public service, as the house's network wants it: through its proxy, trusting its authorities and the system's.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// What has not come whole by then does not come.
const PATIENCE: Duration = Duration::from_secs(30);
/// A service that does not take a call by then is not there.
const CALL: Duration = Duration::from_secs(5);
/// Largest answer, bytes: the national bulletin has 2.2 MB, a page of 20,000 observations 12.
const LARGEST: u64 = 32 << 20;

/// See the module.
pub(super) struct Web {
    agent: Agent,
}

impl Web {
    /// `proxy`: of the house; none for what the system's environment says (`HTTPS_PROXY`, `NO_PROXY`).
    ///
    /// # Errors
    /// Which file, or which address of a proxy, is of no use.
    pub(super) fn new(
        authorities: &[PathBuf],
        proxy: Option<&str>,
        patience: Option<Duration>,
    ) -> Result<Self, String> {
        // What of the system's store cannot be read is not trusted; the rest is.
        let mut trusted: Vec<_> = rustls_native_certs::load_native_certs().certs;
        for path in authorities {
            let named: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
            trusted.extend(named.map_err(|e| format!("{}: {e}", path.display()))?);
        }
        let trusted: Vec<_> = trusted.iter().map(|each| Certificate::from_der(each).to_owned()).collect();
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .root_certs(RootCerts::new_with_certs(&trusted))
            .build();
        let mut config = Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(patience.unwrap_or(PATIENCE)))
            .timeout_connect(Some(CALL))
            .max_redirects(3)
            .http_status_as_error(false)
            .user_agent(concat!("Vigie/", env!("CARGO_PKG_VERSION")));
        if let Some(proxy) = proxy {
            config = config.proxy(Some(ureq::Proxy::new(proxy).map_err(|e| format!("{proxy}: {e}"))?));
        }
        Ok(Self { agent: config.build().into() })
    }

    /// The text at an address: 200, or 206 where more pages follow.
    ///
    /// # Errors
    /// Why it cannot be had, as a code.
    pub(super) fn text(&self, address: &str) -> Result<String, &'static str> {
        let mut response = self.agent.get(address).call().map_err(|error| {
            tracing::info!(%error, "a service on the web cannot be asked");
            match error {
                ureq::Error::Timeout(_) => "timeout",
                ureq::Error::Io(_) | ureq::Error::ConnectionFailed => "refused",
                ureq::Error::Tls(_) | ureq::Error::Rustls(_) => "tls",
                _ => "unreachable",
            }
        })?;
        match response.status().as_u16() {
            200 | 206 => {}
            429 => return Err("too_often"),
            400..=499 => return Err("asked_wrongly"),
            other => {
                tracing::info!(status = other, "a service on the web answers with an error");
                return Err("service_error");
            }
        }
        let body = response.body_mut().with_config().limit(LARGEST).read_to_vec();
        let bytes = body.map_err(|error| {
            tracing::info!(%error, "an answer from the web did not come whole");
            if matches!(error, ureq::Error::Timeout(_)) { "timeout" } else { "malformed" }
        })?;
        String::from_utf8(bytes).map_err(|_| "malformed")
    }
}
