//! Accounts: PostgreSQL logins in one group role each.

use std::fmt::Write;

use sqlx::Row;
use vigie_core::ids::{DeskId, PersonId};
use vigie_core::port::MetropolisError;
use vigie_core::rights::Role;

use crate::admin::{Admin, rights::group, verifier::verifier};
use crate::error::map;
use crate::target::Password;

impl Admin {
    /// Makes a login, or gives an existing one this password, role, person and desk. It is in one group role, and in no
    /// other of Vigie's; it may make neither roles nor databases.
    pub async fn create_login(
        &mut self,
        login: &str,
        password: &Password,
        role: Role,
        person: Option<PersonId>,
        desk: Option<DeskId>,
    ) -> Result<(), MetropolisError> {
        let name = quoted(login)?;
        let others = Role::ALL.iter().filter(|r| **r != role).map(|r| group(*r)).collect::<Vec<_>>().join(", ");
        let verifier = verifier(password, &self.salt().await?);
        let exists = self.exists_login(login).await?;
        let verb = if exists { "ALTER" } else { "CREATE" };
        let mut sql = format!(
            "BEGIN; {verb} ROLE {name} LOGIN INHERIT NOCREATEROLE NOCREATEDB PASSWORD '{verifier}'; GRANT {} TO {name};",
            group(role)
        );
        if exists {
            // Writing to a String cannot fail.
            let _ = write!(sql, "REVOKE {others} FROM {name};");
        }
        let made = self.run(sql).await;
        let written = match made {
            Ok(()) => sqlx::query(
                "INSERT INTO vigie.account (login, role, person_id, desk_id) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (login) DO UPDATE SET role = EXCLUDED.role, person_id = EXCLUDED.person_id, \
                 desk_id = EXCLUDED.desk_id",
            )
            .bind(login.to_owned())
            .bind(role.code())
            .bind(person.map(|p| p.0))
            .bind(desk.map(|d| d.0))
            .execute(&mut self.connection)
            .await
            .map(|_| ())
            .map_err(|e| map(&e)),
            Err(error) => Err(error),
        };
        self.run(if written.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
        written
    }

    /// Locks an account or opens it again: at once it reads and submits nothing, whatever connection it holds.
    pub async fn set_locked(&mut self, login: &str, locked: bool) -> Result<(), MetropolisError> {
        let done = sqlx::query("UPDATE vigie.account SET locked = $2 WHERE login = $1")
            .bind(login.to_owned())
            .bind(locked)
            .execute(&mut self.connection)
            .await
            .map_err(|e| map(&e))?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(MetropolisError::Denied(format!("no account {login}"))) }
    }

    async fn exists_login(&mut self, login: &str) -> Result<bool, MetropolisError> {
        sqlx::query("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
            .bind(login.to_owned())
            .fetch_one(&mut self.connection)
            .await
            .and_then(|row| row.try_get(0))
            .map_err(|e| map(&e))
    }

    /// Sixteen bytes of the server's own chance.
    async fn salt(&mut self) -> Result<Vec<u8>, MetropolisError> {
        sqlx::query("SELECT uuid_send(gen_random_uuid())")
            .fetch_one(&mut self.connection)
            .await
            .and_then(|row| row.try_get(0))
            .map_err(|e| map(&e))
    }
}

/// A login as an identifier. Only what needs no thought in a passfile, an address or a log is taken.
fn quoted(login: &str) -> Result<String, MetropolisError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if login.is_empty() || login.len() > 63 || !login.chars().all(plain) || login.starts_with("pg_") {
        return Err(MetropolisError::Denied(format!(
            "{login:?} cannot be a login: letters, digits, '_', '-' and '.' only"
        )));
    }
    Ok(format!("\"{login}\""))
}
