//! The files of certificates, read before anybody is called, and what TLS says, in words that say what to do.

use std::path::{Path, PathBuf};

use rustls::AlertDescription as Alert;
use rustls::CertificateError as Bad;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use vigie_core::port::{MetropolisError, TlsTrouble};

use crate::address::TlsFiles;

/// The files of a target, found to hold what they should.
pub(crate) struct PemFiles {
    /// The authorities of all files, one after the other; empty when none is named.
    pub(crate) authorities: Vec<u8>,
    /// The certificate that this desk shows, and its key.
    pub(crate) pair: Option<(PathBuf, PathBuf)>,
}

impl PemFiles {
    /// Reads them. The private key is only looked at.
    pub(crate) fn read(files: &TlsFiles) -> Result<Self, MetropolisError> {
        let mut authorities = Vec::new();
        for path in &files.authorities {
            authorities.extend(certificates(path)?.0);
            authorities.push(b'\n');
        }
        let pair = files.pair().map_err(|why| files_trouble(&why))?;
        if let Some((certificate, key)) = pair {
            certificates(certificate)?;
            match PrivateKeyDer::from_pem_file(key) {
                Ok(_) => {}
                Err(pem::Error::NoItemsFound) => {
                    let why = "it holds no private key in clear (an encrypted one cannot be used)";
                    return Err(files_trouble(&format!("{}: {why}", key.display())));
                }
                Err(error) => return Err(files_trouble(&format!("{}: {error}", key.display()))),
            }
        }
        Ok(Self { authorities, pair: pair.map(|(certificate, key)| (certificate.to_owned(), key.to_owned())) })
    }
}

/// A PEM file and the certificates in it: one at least.
pub(crate) fn certificates(path: &Path) -> Result<(Vec<u8>, Vec<CertificateDer<'static>>), MetropolisError> {
    let told = |why: &str| files_trouble(&format!("{}: {why}", path.display()));
    let text = std::fs::read(path).map_err(|e| told(&e.to_string()))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok((text, found)),
        Ok(_) => Err(told("it holds no certificate in PEM form")),
        Err(error) => Err(told(&error.to_string())),
    }
}

fn files_trouble(why: &str) -> MetropolisError {
    let why = format!("the certificate files of this desk cannot be used: {why}");
    MetropolisError::Tls { trouble: TlsTrouble::Files, why }
}

/// What an error of the driver says of TLS; none when it speaks of something else.
pub(crate) fn tls_trouble(error: &sqlx::Error, place: &str) -> Option<MetropolisError> {
    let (trouble, why) = match error {
        sqlx::Error::Io(error) => judge(rustls_said(error)?),
        sqlx::Error::Tls(error) => match error.downcast_ref::<rustls::Error>() {
            Some(said) => judge(said),
            // The driver's own words, which have no type.
            None if error.to_string().contains("does not support TLS") => {
                (TlsTrouble::Plain, "it offers no TLS: IT must turn it on (ssl = on, with a certificate)".to_owned())
            }
            None => (TlsTrouble::Failed, error.to_string()),
        },
        _ => return None,
    };
    Some(MetropolisError::Tls { trouble, why: format!("{place}: {why}") })
}

/// The error of rustls that an error of a socket carries.
pub(crate) fn rustls_said(error: &std::io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

fn judge(error: &rustls::Error) -> (TlsTrouble, String) {
    let (trouble, what) = match error {
        rustls::Error::InvalidCertificate(bad) => match bad {
            Bad::UnknownIssuer | Bad::BadSignature => (
                TlsTrouble::UnknownAuthority,
                "its certificate comes from an authority that this machine does not know: name the file of your \
                 authority with --ca (sslrootcert), or have IT install it in the system",
            ),
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => (
                TlsTrouble::WrongName,
                "its certificate is for another name: use the name that is in the certificate, or have IT issue one for \
                 this name",
            ),
            Bad::Expired | Bad::ExpiredContext { .. } | Bad::NotValidYet | Bad::NotValidYetContext { .. } => (
                TlsTrouble::Expired,
                "its certificate is over or not begun: IT must renew it; check this machine's date too",
            ),
            _ => (TlsTrouble::Failed, "its certificate is not accepted: have IT issue one for a server"),
        },
        rustls::Error::AlertReceived(
            Alert::UnknownCA
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateExpired
            | Alert::CertificateRevoked
            | Alert::CertificateUnknown
            | Alert::CertificateRequired
            | Alert::AccessDenied
            | Alert::DecryptError,
        ) => (
            TlsTrouble::ClientRefused,
            "it does not accept this desk's certificate: have IT issue one by an authority that the server knows",
        ),
        _ => (TlsTrouble::Failed, "TLS fails"),
    };
    (trouble, format!("{what} ({error})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(files: &TlsFiles) -> String {
        let Err(MetropolisError::Tls { trouble: TlsTrouble::Files, why }) = PemFiles::read(files) else {
            panic!("accepted")
        };
        why
    }

    #[test]
    fn a_file_that_holds_no_certificate_is_named_before_anybody_is_called() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.pem");
        let files = TlsFiles { authorities: vec![path.clone()], ..TlsFiles::default() };
        assert!(refused(&files).contains("ca.pem"));
        std::fs::write(&path, "a text").unwrap();
        assert!(refused(&files).contains("no certificate"));
    }
}
