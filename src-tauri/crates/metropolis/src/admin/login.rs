//! Accounts: PostgreSQL logins in one group role each, administered through the metropolis's own functions.

use sqlx::Row;
use uuid::Uuid;
use vigie_core::ids::{DeskId, PersonId};
use vigie_core::port::MetropolisError;
use vigie_core::rights::Role;

use crate::admin::{Admin, get, verifier::verifier};
use crate::error::map;
use crate::target::Password;

/// An account as [`Admin::accounts`] lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLine {
    /// The PostgreSQL login.
    pub login: String,
    /// What it works as.
    pub role: Role,
    /// Whose it is.
    pub person: Option<String>,
    /// The desk it usually holds.
    pub desk: Option<String>,
    /// Whether it is locked.
    pub locked: bool,
    /// Its identifier in the journal.
    pub account_id: Uuid,
    /// Whether the server still has the login.
    pub login_exists: bool,
}

/// Whose a new account is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountHolder {
    /// Someone known.
    Person(PersonId),
    /// Someone new, by name.
    New(String),
    /// A program.
    Nobody,
}

impl Admin {
    /// Opens an account, as the owner or as an account that manages accounts. Without a password it signs in by certificate
    /// or by the directory. It is in one group role, and may make neither roles nor databases. Returns its identifier.
    pub async fn create_account(
        &mut self,
        login: &str,
        password: Option<&Password>,
        role: Role,
        holder: &AccountHolder,
        desk: Option<DeskId>,
    ) -> Result<Uuid, MetropolisError> {
        let verifier = match password {
            Some(password) => Some(verifier(password, &self.salt().await?)),
            None => None,
        };
        let (person, name) = match holder {
            AccountHolder::Person(id) => (Some(id.0), None),
            AccountHolder::New(name) => (None, Some(name.clone())),
            AccountHolder::Nobody => (None, None),
        };
        sqlx::query("SELECT vigie.account_create($1, $2, $3, $4, $5, $6)")
            .bind(login.to_owned())
            .bind(verifier)
            .bind(role.code())
            .bind(person)
            .bind(name)
            .bind(desk.map(|d| d.0))
            .fetch_one(&mut self.connection)
            .await
            .and_then(|row| row.try_get(0))
            .map_err(|e| refused(&e))
    }

    /// Opens an account, or gives an existing one this password, role, person and desk.
    pub async fn create_login(
        &mut self,
        login: &str,
        password: &Password,
        role: Role,
        person: Option<PersonId>,
        desk: Option<DeskId>,
    ) -> Result<(), MetropolisError> {
        if !self.accounts().await?.iter().any(|account| account.login == login) {
            let holder = person.map_or(AccountHolder::Nobody, AccountHolder::Person);
            return self.create_account(login, Some(password), role, &holder, desk).await.map(|_| ());
        }
        self.set_role(login, role).await?;
        self.set_password(login, password).await?;
        let place = sqlx::query("SELECT vigie.account_place($1, $2, $3)").bind(login.to_owned());
        self.done(place.bind(person.map(|p| p.0)).bind(desk.map(|d| d.0))).await
    }

    /// Locks an account or opens it again: at once it reads and submits nothing, whatever connection it holds.
    pub async fn set_locked(&mut self, login: &str, locked: bool) -> Result<(), MetropolisError> {
        self.done(sqlx::query("SELECT vigie.account_lock($1, $2)").bind(login.to_owned()).bind(locked)).await
    }

    /// Gives an account another role.
    pub async fn set_role(&mut self, login: &str, role: Role) -> Result<(), MetropolisError> {
        self.done(sqlx::query("SELECT vigie.account_set_role($1, $2)").bind(login.to_owned()).bind(role.code())).await
    }

    /// Gives an account another password. Its verifier is made here: the server never sees it in clear.
    pub async fn set_password(&mut self, login: &str, password: &Password) -> Result<(), MetropolisError> {
        let verifier = verifier(password, &self.salt().await?);
        self.done(sqlx::query("SELECT vigie.account_set_password($1, $2)").bind(login.to_owned()).bind(verifier)).await
    }

    /// Every account, in the order of logins.
    pub async fn accounts(&mut self) -> Result<Vec<AccountLine>, MetropolisError> {
        let rows = sqlx::query("SELECT * FROM vigie.account_list()")
            .fetch_all(&mut self.connection)
            .await
            .map_err(|e| map(&e))?;
        rows.iter()
            .map(|row| {
                let role: String = get(row, "role")?;
                Ok(AccountLine {
                    login: get(row, "login")?,
                    role: Role::from_code(&role)
                        .ok_or_else(|| MetropolisError::Unexpected(format!("unknown role {role}")))?,
                    person: get(row, "person")?,
                    desk: get(row, "desk")?,
                    locked: get(row, "locked")?,
                    account_id: get(row, "account_id")?,
                    login_exists: get(row, "login_exists")?,
                })
            })
            .collect()
    }

    async fn done(
        &mut self,
        query: sqlx::query::Query<'_, sqlx::Postgres, sqlx::postgres::PgArguments>,
    ) -> Result<(), MetropolisError> {
        query.execute(&mut self.connection).await.map(|_| ()).map_err(|e| refused(&e))
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

/// What an account function answers to an argument that cannot be: the caller's to mend, in its own words.
fn refused(error: &sqlx::Error) -> MetropolisError {
    match error.as_database_error() {
        Some(e) if matches!(e.code().as_deref(), Some("22023" | "23503" | "23505")) => {
            MetropolisError::Denied(e.message().to_owned())
        }
        _ => map(error),
    }
}
