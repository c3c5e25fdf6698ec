//! Where a metropolis is, and how one signs in: an address without its password, a password that is never printed.
//!
//! An address may name several servers, as libpq's do: `postgres://login@db1:5432,db2:5433/vigie?sslmode=…`. All of them
//! hold the same metropolis; [`crate::endpoints`] finds the one to speak with.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use vigie_core::port::MetropolisError;
use zeroize::Zeroizing;

use crate::address::{Address, url_has_password};
use crate::hearing::Reads;
use crate::trust::PemFiles;

/// A password in memory, for the session. Never printed, wiped when dropped.
///
/// The driver keeps a copy of its own, not wiped, as long as the connection's options live.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes a password.
    pub fn new(password: impl Into<String>) -> Self {
        Self(Zeroizing::new(password.into()))
    }

    /// The password itself, for what must have it: a connection, the seal of the local files. Never a log.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A metropolis and how to sign in.
#[derive(Debug, Clone)]
pub struct ConnectTarget {
    /// `postgres://login@host:port,host:port/database?sslmode=…`, without a password: an address is seen by everyone on
    /// the machine. Servers are tried in this order, the one that answered last first. Its options name files of
    /// certificates as libpq's do; [`TlsFiles`](crate::TlsFiles) puts them there.
    /// `reads=standby` lets it pull from a standby where one will do.
    pub url: String,
    /// The password typed at sign-in; otherwise `PGPASSFILE`, `~/.pgpass` or `PGPASSWORD` are asked.
    pub password: Option<Password>,
    /// Shown in the server's list of connections.
    pub application_name: String,
}

/// Each server that an address names, as the driver reads it: for who writes about an address, not for connecting.
pub fn servers(url: &str) -> Result<Vec<PgConnectOptions>, MetropolisError> {
    let target = ConnectTarget { url: url.to_owned(), password: None, application_name: String::new() };
    Ok(Endpoint::all(&target)?.into_iter().map(|endpoint| endpoint.options).collect())
}

/// One server of a target, made ready to connect.
#[derive(Clone)]
pub(crate) struct Endpoint {
    /// For [`crate::sign_in`] only, which looks before a password leaves.
    pub(crate) options: PgConnectOptions,
    /// Whether there is a password for it at all.
    pub(crate) has_password: bool,
    /// On this machine: a socket, or a loopback address.
    pub(crate) here: bool,
    /// The certificate that this desk shows, when it shows one.
    pub(crate) shows: Option<PathBuf>,
    /// From where the address asks to pull.
    pub(crate) reads: Reads,
}

impl Endpoint {
    /// The servers of a target, in its order. Refuses an address with a password in it. TLS with a verified host name is
    /// the default for each, except on this machine when no authority is named.
    pub(crate) fn all(target: &ConnectTarget) -> Result<Vec<Self>, MetropolisError> {
        if url_has_password(&target.url) {
            return Err(MetropolisError::SignInRefused(
                "the address holds a password: put it in the file that PGPASSFILE names, or type it at sign-in".into(),
            ));
        }
        let unreadable = |why: String| MetropolisError::Unreachable(format!("the address cannot be read: {why}"));
        let address = Address::parse(&target.url).map_err(unreadable)?;
        let files = PemFiles::read(&address.tls)?;
        address.servers.iter().map(|server| Self::new(server, &address, &files, target).map_err(unreadable)).collect()
    }

    fn new(server: &str, address: &Address, files: &PemFiles, target: &ConnectTarget) -> Result<Self, String> {
        let mut options = PgConnectOptions::from_str(server)
            .map_err(|e| e.to_string())?
            .application_name(&target.application_name)
            // The server ends what a dropped connection leaves behind.
            .options([
                ("TimeZone", "UTC"),
                ("idle_in_transaction_session_timeout", "60s"),
                ("tcp_keepalives_idle", "30"),
                ("tcp_keepalives_interval", "10"),
                ("tcp_keepalives_count", "3"),
            ]);
        if let Some(password) = &target.password {
            options = options.password(password.expose());
        }
        let here = options.get_socket().is_some() || is_loopback(options.get_host());
        let mode = mode(&options, address.names_sslmode, here, !files.authorities.is_empty());
        options = options.ssl_mode(mode);
        if !files.authorities.is_empty() {
            options = options.ssl_root_cert_from_pem(files.authorities.clone());
        }
        if let Some((certificate, key)) = &files.pair {
            // By name: what IT renews is read at the next connection.
            options = options.ssl_client_cert(certificate).ssl_client_key(key);
        }
        // Statements are logged nowhere: they may hold what people wrote.
        let mut options = options.disable_statement_logging();
        // Asked under a plain name: sqlx writes an address to be read again, and panics on a login that breaks it.
        let has_password = options.clone().username("login").host("host").to_url_lossy().password().is_some();
        if let Some(bare) = options.get_host().strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            // Brackets belong to the address; a certificate names the number alone.
            let bare = bare.to_owned();
            options = options.host(&bare);
        }
        let shows = files.pair.as_ref().map(|(certificate, _)| certificate.clone());
        Ok(Self { options, has_password, here, shows, reads: address.reads })
    }

    /// The server as messages name it.
    pub(crate) fn place(&self) -> String {
        match self.options.get_socket() {
            Some(folder) => folder.display().to_string(),
            None if self.options.get_host().contains(':') => {
                format!("[{}]:{}", self.options.get_host(), self.options.get_port())
            }
            None => format!("{}:{}", self.options.get_host(), self.options.get_port()),
        }
    }
}

/// How much a server must prove. Whoever names an authority means it to be asked, as with libpq.
fn mode(options: &PgConnectOptions, named: bool, here: bool, authority: bool) -> PgSslMode {
    match options.get_ssl_mode() {
        PgSslMode::Require if named && authority => PgSslMode::VerifyCa,
        asked if named => asked,
        _ if here && !authority => PgSslMode::Prefer,
        _ => PgSslMode::VerifyFull,
    }
}

fn is_loopback(host: &str) -> bool {
    host.starts_with('/')
        || host == "localhost"
        || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> ConnectTarget {
        ConnectTarget { url: url.into(), password: None, application_name: "test".into() }
    }

    #[test]
    fn an_address_with_a_password_is_seen_wherever_it_hides() {
        for with in [
            "postgres://anna:secret@db.example/vigie",
            "postgres://anna:@db.example/vigie",
            "postgres://anna@db.example/vigie?sslmode=require&password=secret",
            "postgres://anna@db.example/vigie?%70assword=secret",
            "postgres://anna:secret@db1,db2/vigie",
            "postgres://anna:se@cret@db.example",
        ] {
            assert!(url_has_password(with), "{with}");
            assert!(matches!(Endpoint::all(&target(with)), Err(MetropolisError::SignInRefused(_))), "{with}");
        }
        for without in
            ["postgres://anna@db.example:5432/vigie", "postgres://db.example/vi:gie", "postgres://[::1]:5432/vigie"]
        {
            assert!(!url_has_password(without), "{without}");
        }
    }

    fn all(url: &str) -> Vec<Endpoint> {
        Endpoint::all(&target(url)).unwrap()
    }

    fn modes(url: &str) -> Vec<String> {
        all(url).iter().map(|e| format!("{:?}", e.options.get_ssl_mode())).collect()
    }

    #[test]
    fn a_distant_server_must_prove_its_name_unless_the_address_says_otherwise() {
        assert_eq!(modes("postgres://a@db.example/v"), ["VerifyFull"]);
        assert_eq!(modes("postgres://a@db.example/v?sslmode=require"), ["Require"]);
        for here in [
            "postgres://a@127.0.0.1/v",
            "postgres://a@localhost/v",
            "postgres://a@[::1]/v",
            "postgres://a@%2Frun%2Fpg/v",
        ] {
            assert_eq!(modes(here), ["Prefer"], "{here}");
        }
    }

    #[test]
    fn each_server_of_a_list_is_judged_by_itself() {
        assert_eq!(modes("postgres://a@localhost,db.example/v"), ["Prefer", "VerifyFull"]);
        assert_eq!(modes("postgres://a@localhost,db.example/v?sslmode=verify-ca"), ["VerifyCa", "VerifyCa"]);
        // The word in a value, or in a name, is no such option.
        assert_eq!(modes("postgres://a@db.example/sslmode=disable"), ["VerifyFull"]);
        assert_eq!(modes("postgres://a@db.example/v?options=-c%20x.sslmode=disable"), ["VerifyFull"]);
        assert_eq!(modes("postgres://a@db.example/v?%73slmode=require"), ["Require"]);
    }

    #[test]
    fn an_address_names_several_servers_as_libpq_writes_them() {
        let places = |url: &str| all(url).iter().map(Endpoint::place).collect::<Vec<_>>();
        for url in [
            "postgres://a@db1:5432,db2:5433/v",
            "postgresql://a@db1,db2:5433/v?target_session_attrs=read-write",
            "postgres://a@/v?host=db1,db2&port=5432,5433",
            "postgres://a@db1,db2/v?port=5432,5433",
        ] {
            assert_eq!(places(url), ["db1:5432", "db2:5433"], "{url}");
            assert!(all(url).iter().all(|e| e.options.get_database() == Some("v")), "{url}");
            assert!(all(url).iter().all(|e| e.options.get_username() == "a"), "{url}");
        }
        assert_eq!(places("postgres://a@[::1]:5433,10.0.0.2/v"), ["[::1]:5433", "10.0.0.2:5432"]);
        assert_eq!(places("postgres://a@db1,db2,db3/v?port=6000"), ["db1:6000", "db2:6000", "db3:6000"]);
    }

    #[test]
    fn an_address_that_cannot_be_meant_is_refused_in_words() {
        for (url, word) in [
            ("postgres://a@db1,,db2/v", "empty"),
            ("postgres://a@db1,db2/v?port=1,2,3", "2 hosts and 3 ports"),
            ("postgres://a@db1/v?target_session_attrs=standby", "primary"),
            ("mysql://a@db1/v", "postgres://"),
            ("postgres://a@db1:port/v", "cannot be read"),
        ] {
            let Err(MetropolisError::Unreachable(told)) = Endpoint::all(&target(url)) else { panic!("{url} accepted") };
            assert!(told.contains(word), "{told}");
        }
    }

    #[test]
    fn a_login_that_breaks_an_address_is_only_a_login() {
        let endpoints = all("postgres://a%3A99999999%2F@db.example/v");
        assert_eq!(endpoints[0].options.get_username(), "a:99999999/");
    }

    #[test]
    fn a_password_is_never_printed() {
        let target = ConnectTarget { password: Some(Password::new("s3cret")), ..target("postgres://a@h/v") };
        assert!(!format!("{target:?}").contains("s3cret"));
    }
}
