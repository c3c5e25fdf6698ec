//! An address as libpq writes it: one or several servers, options, and never a password.

use std::path::{Path, PathBuf};

use url::form_urlencoded;

use crate::hearing::Reads;

/// Whether a password stands in the address, where process lists and shell histories show it.
pub fn url_has_password(url: &str) -> bool {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let authority = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = authority.split_once('/').map_or(authority, |(authority, _)| authority);
    let in_authority = authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'));
    let in_query = form_urlencoded::parse(query.as_bytes()).any(|(key, _)| key == "password");
    in_authority || in_query
}

/// The files of certificates that a person names, for every server of an address. libpq's own options and variables
/// (`sslrootcert`, `PGSSLROOTCERT`…) say the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsFiles {
    /// PEM files of authorities that are believed beside the system's.
    pub authorities: Vec<PathBuf>,
    /// PEM file of the certificate that this desk shows, its intermediates after it.
    pub certificate: Option<PathBuf>,
    /// PEM file of its private key.
    pub key: Option<PathBuf>,
}

impl TlsFiles {
    /// The address with these files named in it. What it already names stays.
    pub fn put_into(&self, url: &str) -> String {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        let named = self.authorities.iter().map(|path| ("sslrootcert", path));
        let named = named.chain(self.certificate.iter().map(|path| ("sslcert", path)));
        for (key, path) in named.chain(self.key.iter().map(|path| ("sslkey", path))) {
            pairs.append_pair(key, &path.to_string_lossy());
        }
        match (pairs.finish(), url.contains('?')) {
            (none, _) if none.is_empty() => url.to_owned(),
            (query, true) => format!("{url}&{query}"),
            (query, false) => format!("{url}?{query}"),
        }
    }

    /// Takes an option of an address, when it is one of ours.
    fn take(&mut self, key: &str, value: &str) -> bool {
        let path = || PathBuf::from(value);
        match key {
            // libpq's word for the authorities of the system, which are believed anyway.
            "sslrootcert" | "ssl-root-cert" | "ssl-ca" if value == "system" => {}
            "sslrootcert" | "ssl-root-cert" | "ssl-ca" => self.authorities.push(path()),
            "sslcert" | "ssl-cert" => self.certificate = Some(path()),
            "sslkey" | "ssl-key" => self.key = Some(path()),
            _ => return false,
        }
        true
    }

    /// What neither the address nor the command line names, the environment may.
    fn or_from(mut self, variable: impl Fn(&str) -> Option<String>) -> Self {
        let (none_believed, none_shown) =
            (self.authorities.is_empty(), self.certificate.is_none() && self.key.is_none());
        for (key, name, wanted) in [
            ("sslrootcert", "PGSSLROOTCERT", none_believed),
            ("sslcert", "PGSSLCERT", none_shown),
            ("sslkey", "PGSSLKEY", none_shown),
        ] {
            if let Some(value) = variable(name).filter(|value| wanted && !value.is_empty()) {
                self.take(key, &value);
            }
        }
        self
    }

    /// The certificate and its key; neither without the other.
    pub(crate) fn pair(&self) -> Result<Option<(&Path, &Path)>, String> {
        match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
            (None, None) => Ok(None),
            (Some(_), None) => Err("a certificate is named and not its key: add --key (sslkey)".into()),
            (None, Some(_)) => Err("a key is named and not its certificate: add --cert (sslcert)".into()),
        }
    }
}

/// An address taken apart into addresses of one server each, which is all that the driver reads.
pub(crate) struct Address {
    pub(crate) servers: Vec<String>,
    pub(crate) names_sslmode: bool,
    pub(crate) tls: TlsFiles,
    pub(crate) reads: Reads,
}

impl Address {
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let (scheme, rest) = address.split_once("://").ok_or("it does not begin with postgres://")?;
        if !matches!(scheme, "postgres" | "postgresql") {
            return Err("it does not begin with postgres://".into());
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, hosts) = authority.rsplit_once('@').map_or(("", authority), |(login, hosts)| (login, hosts));

        let (mut hosts, mut ports): (Vec<String>, Vec<String>) = (list(hosts), Vec::new());
        let (mut hosts_in_query, mut names_sslmode, mut reads) = (false, false, Reads::default());
        let (mut kept, mut tls) = (Vec::new(), TlsFiles::default());
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "host" | "hostaddr" => (hosts, hosts_in_query) = (list(&value), true),
                "port" => ports = list(&value),
                "target_session_attrs" => may_ask_for(&value)?,
                "reads" => reads = read_from(&value)?,
                key_of_tls if tls.take(key_of_tls, &value) => {}
                _ => {
                    names_sslmode |= key == "sslmode" || key == "ssl-mode";
                    kept.push((key, value));
                }
            }
        }
        if hosts.len() > 1 && hosts.iter().any(String::is_empty) {
            return Err("one of its hosts is empty".into());
        }
        if ports.len() > 1 && ports.len() != hosts.len() {
            return Err(format!("it names {} hosts and {} ports", hosts.len(), ports.len()));
        }
        let servers = hosts.iter().enumerate().map(|(rank, host)| {
            let mut pairs = form_urlencoded::Serializer::new(String::new());
            pairs.extend_pairs(&kept);
            // The driver takes the query's word over the authority's.
            let authority = if hosts_in_query {
                pairs.append_pair("host", host);
                "localhost"
            } else {
                host
            };
            if let Some(port) = ports.get(rank).or_else(|| ports.first()) {
                pairs.append_pair("port", port);
            }
            let login = if login.is_empty() { String::new() } else { format!("{login}@") };
            format!("postgres://{login}{authority}/{path}?{}", pairs.finish())
        });
        let tls = tls.or_from(|name| std::env::var(name).ok());
        Ok(Self { servers: servers.collect(), names_sslmode, tls, reads })
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::to_owned).collect()
}

/// libpq's own option is taken where it asks for what is done anyway: what is written goes to the primary.
fn may_ask_for(session: &str) -> Result<(), String> {
    match session {
        "read-write" | "primary" => Ok(()),
        other => Err(format!("target_session_attrs={other}: what is written here goes to a primary (read-write)")),
    }
}

/// Our own option: from where a workstation pulls.
fn read_from(server: &str) -> Result<Reads, String> {
    match server {
        "primary" => Ok(Reads::Primary),
        "standby" => Ok(Reads::Standby),
        other => Err(format!("reads={other}: it is primary or standby")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_ask_to_read_from_a_standby() {
        let reads = |query: &str| Address::parse(&format!("postgres://a@db1,db2/v{query}")).map(|a| a.reads);
        assert_eq!(reads(""), Ok(Reads::Primary));
        assert_eq!(reads("?reads=standby&sslmode=require"), Ok(Reads::Standby));
        assert!(reads("?reads=anywhere").is_err());
        let servers = Address::parse("postgres://a@db1,db2/v?reads=standby").unwrap().servers;
        assert!(servers.iter().all(|server| !server.contains("reads")), "it is no option of the driver: {servers:?}");
    }

    #[test]
    fn the_files_of_certificates_go_into_an_address_and_come_out_of_it() {
        let files = TlsFiles {
            authorities: vec!["/etc/ssl/ville & métropole.pem".into(), "C:\\ca.pem".into()],
            certificate: Some("/home/anna/anna.pem".into()),
            key: Some("/home/anna/anna.key".into()),
        };
        for url in ["postgres://a@db/v", "postgres://a@db/v?sslmode=verify-ca"] {
            let read = Address::parse(&files.put_into(url)).unwrap();
            assert_eq!(read.tls, files, "{url}");
            assert!(!read.servers[0].contains("ssl-") && !read.servers[0].contains("sslcert"), "{}", read.servers[0]);
        }
        assert_eq!(TlsFiles::default().put_into("postgres://a@db/v"), "postgres://a@db/v");
    }

    #[test]
    fn the_environment_names_files_only_where_nothing_else_does() {
        let variable = |name: &str| Some(format!("/env/{name}"));
        let from_environment = TlsFiles::default().or_from(variable);
        assert_eq!(from_environment.authorities, [PathBuf::from("/env/PGSSLROOTCERT")]);
        assert_eq!(from_environment.key, Some("/env/PGSSLKEY".into()));
        // A certificate of the command line is never paired with a key of the environment.
        let named = TlsFiles { certificate: Some("/own.pem".into()), ..TlsFiles::default() }.or_from(variable);
        assert_eq!((named.certificate, named.key), (Some("/own.pem".into()), None));
        let system = TlsFiles::default().or_from(|name| (name == "PGSSLROOTCERT").then(|| "system".into()));
        assert_eq!(system, TlsFiles::default());
    }

    #[test]
    fn a_certificate_and_its_key_come_together() {
        let alone = TlsFiles { certificate: Some("/own.pem".into()), ..TlsFiles::default() };
        assert!(alone.pair().unwrap_err().contains("--key"));
        let alone = TlsFiles { key: Some("/own.key".into()), ..TlsFiles::default() };
        assert!(alone.pair().unwrap_err().contains("--cert"));
        assert_eq!(TlsFiles::default().pair(), Ok(None));
    }
}
