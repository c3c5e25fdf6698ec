//! Where a metropolis is, and how one signs in: an address without its password, a password that is never printed.

use std::fmt;
use std::str::FromStr;

use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use vigie_core::port::MetropolisError;

/// A password in memory, for the session. Never printed.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// Takes a password.
    pub fn new(password: impl Into<String>) -> Self {
        Self(password.into())
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
    /// `postgres://login@host:port/database?sslmode=…`, without a password: an address is seen by everyone on the machine.
    pub url: String,
    /// The password typed at sign-in; otherwise `PGPASSFILE`, `~/.pgpass` or `PGPASSWORD` are asked.
    pub password: Option<Password>,
    /// Shown in the server's list of connections.
    pub application_name: String,
}

/// Whether a password stands in the address, where process lists and shell histories show it.
pub fn url_has_password(url: &str) -> bool {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let authority = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = authority.split_once('/').map_or(authority, |(authority, _)| authority);
    let in_authority = authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'));
    let in_query = query.split('&').filter_map(|pair| pair.split_once('=')).any(|(key, _)| key == "password");
    in_authority || in_query
}

/// A target made ready to connect, with whether it has a password at all.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) options: PgConnectOptions,
    pub(crate) has_password: bool,
}

impl Endpoint {
    /// Refuses an address with a password in it. TLS with a verified host name is the default, except on this machine.
    pub(crate) fn new(target: &ConnectTarget) -> Result<Self, MetropolisError> {
        if url_has_password(&target.url) {
            return Err(MetropolisError::SignInRefused(
                "the address holds a password: put it in the file that PGPASSFILE names, or type it at sign-in".into(),
            ));
        }
        let mut options = PgConnectOptions::from_str(&target.url)
            .map_err(|e| MetropolisError::Unreachable(format!("the address cannot be read: {e}")))?
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
        if !target.url.contains("sslmode=") && !target.url.contains("ssl-mode=") {
            let here = options.get_socket().is_some() || is_loopback(options.get_host());
            options = options.ssl_mode(if here { PgSslMode::Prefer } else { PgSslMode::VerifyFull });
        }
        // Statements are logged nowhere: they may hold what people wrote.
        let options = options.disable_statement_logging();
        let has_password = options.to_url_lossy().password().is_some();
        Ok(Self { options, has_password })
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
            "postgres://anna:se@cret@db.example",
        ] {
            assert!(url_has_password(with), "{with}");
            assert!(matches!(Endpoint::new(&target(with)), Err(MetropolisError::SignInRefused(_))), "{with}");
        }
        for without in
            ["postgres://anna@db.example:5432/vigie", "postgres://db.example/vi:gie", "postgres://[::1]:5432/vigie"]
        {
            assert!(!url_has_password(without), "{without}");
        }
    }

    #[test]
    fn a_distant_server_must_prove_its_name_unless_the_address_says_otherwise() {
        let mode = |url: &str| Endpoint::new(&target(url)).unwrap().options.get_ssl_mode();
        assert!(matches!(mode("postgres://a@db.example/v"), PgSslMode::VerifyFull));
        assert!(matches!(mode("postgres://a@db.example/v?sslmode=require"), PgSslMode::Require));
        for here in [
            "postgres://a@127.0.0.1/v",
            "postgres://a@localhost/v",
            "postgres://a@[::1]/v",
            "postgres://a@%2Frun%2Fpg/v",
        ] {
            assert!(matches!(mode(here), PgSslMode::Prefer), "{here}");
        }
    }

    #[test]
    fn a_password_is_never_printed() {
        let target = ConnectTarget { password: Some(Password::new("s3cret")), ..target("postgres://a@h/v") };
        assert!(!format!("{target:?}").contains("s3cret"));
    }
}
