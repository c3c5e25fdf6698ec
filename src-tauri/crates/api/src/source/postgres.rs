//! A metropolitan database: an address without a password, a login, a password kept in memory for the session.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use vigie_core::port::{Metropolis, MetropolisError};
use vigie_engine::Connector;
use vigie_metropolis::{ConnectTarget, Password, PgMetropolis, url_has_password};

use crate::error::ApiError;
use crate::launch::folder_name;
use crate::source::Account;
use crate::vault::Sealing;

/// For reaching the server. A try that began just before a dead link came back costs all of it, and work must go on within
/// five seconds.
const DEADLINE: Duration = Duration::from_millis(2500);

pub(crate) struct PostgresSource {
    address: Address,
    signed_in: Mutex<Option<SignedIn>>,
}

#[derive(Clone)]
struct SignedIn {
    login: String,
    password: Arc<Mutex<Option<Password>>>,
    sealing: Arc<Sealing>,
}

impl SignedIn {
    fn new(login: String) -> Self {
        Self { login, password: Arc::default(), sealing: Arc::default() }
    }

    fn password(&self) -> Option<Password> {
        self.password.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl PostgresSource {
    pub(crate) fn new(url: &str, login: Option<String>) -> Result<Self, ApiError> {
        if url_has_password(url) {
            return Err(ApiError::new(
                "bad_request",
                "the address holds a password, which everyone on this machine can read: put it in the file that PGPASSFILE \
                 names (host:port:database:login:password), or type it when Vigie asks for it",
            ));
        }
        let address = Address::parse(url)?;
        let login = login.or_else(|| address.login.clone());
        let signed_in = login.map(SignedIn::new);
        Ok(Self { address, signed_in: Mutex::new(signed_in) })
    }

    fn held(&self) -> Option<SignedIn> {
        self.signed_in.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn login(&self) -> Option<String> {
        self.held().map(|s| s.login)
    }

    /// The address as shown: no login, no options.
    pub(crate) fn shown(&self) -> String {
        self.address.place.clone()
    }

    /// The metropolis as the local files know it.
    pub(crate) fn place(&self) -> String {
        self.address.first()
    }

    /// The address, without a password.
    pub(crate) fn address(&self) -> ConnectTarget {
        let login = self.login().unwrap_or_else(|| "vigie".to_owned());
        ConnectTarget { url: self.address.with_login(&login), password: None, application_name: "vigie".to_owned() }
    }

    /// Forgets who is signed in, and his password.
    pub(crate) fn sign_out(&self) {
        if let Some(former) = self.signed_in.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // The engine that is ending may still hold this one.
            *former.password.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    pub(crate) fn account(&self) -> Option<Account> {
        Some(self.account_of(self.held()?))
    }

    /// The account of a login and a password, beside the one that is signed in. Without a password only as the one that is
    /// signed in came: by a certificate, or by what the system's session holds.
    pub(crate) fn candidate(&self, login: &str, password: &str) -> Result<Account, ApiError> {
        let without = |held: SignedIn| held.login == login && held.password().is_none();
        if login.trim().is_empty() || (password.is_empty() && !self.held().is_some_and(without)) {
            return Err(ApiError::new("password_needed", "a password is needed"));
        }
        let candidate = SignedIn::new(login.to_owned());
        let password = Some(password.to_owned()).filter(|password| !password.is_empty()).map(Password::new);
        *candidate.password.lock().unwrap_or_else(PoisonError::into_inner) = password;
        Ok(self.account_of(candidate))
    }

    fn account_of(&self, signed_in: SignedIn) -> Account {
        Account {
            login: signed_in.login.clone(),
            password: signed_in.password(),
            sealing: signed_in.sealing.clone(),
            folder: folder_name(&format!("{}-{}", self.address.first(), signed_in.login)),
            connector: Arc::new(PostgresConnector { url: self.address.with_login(&signed_in.login), signed_in }),
        }
    }

    pub(crate) fn sign_in(&self, login: String, password: String) -> Result<Account, ApiError> {
        if login.trim().is_empty() {
            return Err(ApiError::new("bad_request", "a login is needed"));
        }
        {
            let mut held = self.signed_in.lock().unwrap_or_else(PoisonError::into_inner);
            let same = held.as_ref().filter(|s| s.login == login).cloned();
            let signed_in = same.unwrap_or_else(|| SignedIn::new(login));
            signed_in.sealing.typed();
            // Nothing typed is no password: the desk's certificate signs in.
            let password = Some(password).filter(|password| !password.is_empty()).map(Password::new);
            *signed_in.password.lock().unwrap_or_else(PoisonError::into_inner) = password;
            *held = Some(signed_in);
        }
        self.account().ok_or_else(|| ApiError::new("not_ready", "sign in first"))
    }
}

/// An address taken apart, so that a login can be put into it.
struct Address {
    scheme: String,
    login: Option<String>,
    /// `host:port,host:port/database`.
    place: String,
    options: String,
}

impl Address {
    fn parse(url: &str) -> Result<Self, ApiError> {
        let bad = || ApiError::new("bad_request", "an address looks like postgres://login@host:5432/database");
        let (scheme, rest) = url.split_once("://").ok_or_else(bad)?;
        if !matches!(scheme, "postgres" | "postgresql") {
            return Err(bad());
        }
        let (rest, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (login, place) = match rest.rsplit_once('@') {
            Some((login, place)) => (Some(login.to_owned()).filter(|l| !l.is_empty()), place),
            None => (None, rest),
        };
        if place.is_empty() {
            return Err(bad());
        }
        Ok(Self { scheme: scheme.to_owned(), login, place: place.to_owned(), options: options.to_owned() })
    }

    /// `host:port/database` of the first server. It names the local files: standbys may join the address without these being
    /// left behind, with what they hold unsent.
    fn first(&self) -> String {
        let first = |hosts: &str| hosts.split(',').next().unwrap_or(hosts).to_owned();
        match self.place.split_once('/') {
            Some((hosts, database)) => format!("{}/{database}", first(hosts)),
            None => first(&self.place),
        }
    }

    fn with_login(&self, login: &str) -> String {
        let encoded: String = login
            .bytes()
            .map(|b| match b {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'%' => char::from(b).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect();
        let options = if self.options.is_empty() { String::new() } else { format!("?{}", self.options) };
        format!("{}://{encoded}@{}{options}", self.scheme, self.place)
    }
}

struct PostgresConnector {
    url: String,
    signed_in: SignedIn,
}

#[async_trait]
impl Connector for PostgresConnector {
    async fn connect(&self) -> Result<Arc<dyn Metropolis>, MetropolisError> {
        let password = self.signed_in.password();
        let target =
            ConnectTarget { url: self.url.clone(), password: password.clone(), application_name: "vigie".to_owned() };
        let metropolis = PgMetropolis::connect(target, DEADLINE).await?;
        self.signed_in.sealing.accepted(password);
        Ok(Arc::new(metropolis))
    }

    fn shut_out(&self) {
        self.signed_in.sealing.refused(self.signed_in.password());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_a_password_is_refused_with_the_way_to_do_it() {
        let Err(error) = PostgresSource::new("postgres://anna:secret@db/vigie", None) else { panic!("accepted") };
        assert!(error.message.contains("PGPASSFILE") && !error.message.contains("secret"), "{error}");
    }

    #[test]
    fn a_login_typed_at_sign_in_goes_into_the_address() {
        let address = Address::parse("postgres://db.example:5433/vigie?sslmode=require").unwrap();
        assert_eq!(address.with_login("c.martin"), "postgres://c.martin@db.example:5433/vigie?sslmode=require");
        assert_eq!(address.with_login("a b@c"), "postgres://a%20b%40c@db.example:5433/vigie?sslmode=require");
    }

    #[test]
    fn a_server_that_joins_the_address_leaves_the_local_files_where_they_are() {
        let folder = |url| PostgresSource::new(url, None).unwrap().account().unwrap().folder;
        let alone = folder("postgres://anna@db1:5432/vigie");
        assert_eq!(alone, "db1_5432_vigie-anna");
        assert_eq!(folder("postgres://anna@db1:5432,db2:5432/vigie?sslmode=verify-full"), alone);
        assert_ne!(folder("postgres://anna@db2:5432/vigie"), alone);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in ["db.example/vigie", "mysql://db/vigie", "postgres://anna@"] {
            assert!(PostgresSource::new(bad, None).is_err(), "{bad}");
        }
    }
}
