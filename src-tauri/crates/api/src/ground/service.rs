//! Asking a service on the web, as the house's network wants it: through its proxy, trusting its authorities and the system's.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// A tile that has not come by then is not worth waiting for.
const PATIENCE: Duration = Duration::from_secs(10);
/// A service that does not take a call by then is not there.
const CALL: Duration = Duration::from_secs(3);

pub(super) struct Service {
    agent: Agent,
}

impl Service {
    /// `proxy`: of the house; none for what the system's environment says (`HTTPS_PROXY`, `NO_PROXY`).
    ///
    /// # Errors
    /// Which file, or which address of a proxy, is of no use.
    pub(super) fn new(authorities: &[PathBuf], proxy: Option<&str>) -> Result<Self, String> {
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
            .timeout_global(Some(PATIENCE))
            .timeout_connect(Some(CALL))
            .max_redirects(3)
            .http_status_as_error(false)
            .user_agent(concat!("Vigie/", env!("CARGO_PKG_VERSION")));
        if let Some(proxy) = proxy {
            config = config.proxy(Some(ureq::Proxy::new(proxy).map_err(|e| format!("{proxy}: {e}"))?));
        }
        Ok(Self { agent: config.build().into() })
    }

    /// What is at an address, at most so many bytes; none where the service has nothing there.
    ///
    /// # Errors
    /// Why it cannot be had, in words.
    pub(super) fn get(&self, address: &str, most: u64) -> Result<Option<Vec<u8>>, String> {
        let mut response = self.agent.get(address).call().map_err(|e| e.to_string())?;
        match response.status().as_u16() {
            200 => response.body_mut().with_config().limit(most).read_to_vec().map(Some).map_err(|e| e.to_string()),
            204 | 404 | 410 => Ok(None),
            other => Err(format!("the service answers {other}")),
        }
    }
}
