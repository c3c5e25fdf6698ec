//! Addresses of metropolises: never with a password in them, and the same one for another login.

use vigie_metropolis::{servers, url_has_password};

use crate::error::CtlError;

/// An address without a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    url: String,
    /// Host and port of each server it names.
    servers: Vec<(String, u16)>,
    database: String,
}

impl Address {
    /// Reads an address; refuses one that holds a password.
    pub(crate) fn new(url: &str) -> Result<Self, CtlError> {
        if url_has_password(url) {
            return Err(CtlError::PasswordInAddress);
        }
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(CtlError::Address("it does not begin with postgres://".into()));
        }
        let servers = servers(url).map_err(|e| CtlError::Address(e.to_string()))?;
        let database = servers
            .first()
            .and_then(|server| server.get_database())
            .ok_or_else(|| CtlError::Address("it names no database".into()))?
            .to_owned();
        let servers = servers.iter().map(|server| (server.get_host().to_owned(), server.get_port())).collect();
        Ok(Self { url: url.to_owned(), servers, database })
    }

    /// As given.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The same database for another login.
    pub(crate) fn for_login(&self, login: &str) -> String {
        let Some((scheme, rest)) = self.url.split_once("://") else { return self.url.clone() };
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        format!("{scheme}://{login}@{host}{after}")
    }

    /// The lines of a passfile for a login, one for each server.
    pub(crate) fn pass_lines(&self, login: &str, password: &str) -> Vec<String> {
        let line = |(host, port): &(String, u16)| {
            let port = port.to_string();
            let fields = [host.as_str(), &port, &self.database, login, password];
            fields.map(|field| field.replace('\\', "\\\\").replace(':', "\\:")).join(":")
        };
        self.servers.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_the_address_is_refused_with_the_way_to_do_it() {
        let refused = Address::new("postgres://anna:secret@db.example/vigie").unwrap_err();
        assert!(matches!(refused, CtlError::PasswordInAddress));
        let said = refused.to_string();
        assert!(said.contains("PGPASSFILE") && !said.contains("secret"));
    }

    #[test]
    fn what_is_not_an_address_of_a_database_is_refused() {
        for bad in ["db.example/vigie", "https://db.example/vigie", "postgres://anna@db.example", "postgres://a@h:x/v"]
        {
            assert!(matches!(Address::new(bad), Err(CtlError::Address(_))), "{bad}");
        }
    }

    #[test]
    fn the_same_database_is_reached_by_another_login() {
        for (url, expected) in [
            (
                "postgres://anna@db.example:5433/vigie?sslmode=require",
                "postgres://bob@db.example:5433/vigie?sslmode=require",
            ),
            ("postgres://anna@db1,db2:5433/vigie", "postgres://bob@db1,db2:5433/vigie"),
            ("postgresql://db.example/vigie", "postgresql://bob@db.example/vigie"),
            ("postgres://an%40na@[::1]/vigie", "postgres://bob@[::1]/vigie"),
        ] {
            assert_eq!(Address::new(url).unwrap().for_login("bob"), expected);
        }
    }

    #[test]
    fn a_line_of_the_passfile_escapes_what_separates_its_fields() {
        let address = Address::new("postgres://anna@db.example:5433,db2.example/vigie").unwrap();
        assert_eq!(
            address.pass_lines("bob", r"a:b\c"),
            [r"db.example:5433:vigie:bob:a\:b\\c", r"db2.example:5432:vigie:bob:a\:b\\c"]
        );
    }
}
