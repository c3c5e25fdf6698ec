//! `vigiectl account`: who may sign in, and as what.
//!
//! Runs as the metropolis's owner or as an account of IT. A password is typed at a prompt or read from a file, never an
//! argument: everyone on the machine reads those.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use uuid::Uuid;
use vigie_core::ids::{DeskId, PersonId};
use vigie_core::rights::Role;
use vigie_metropolis::{AccountHolder, AccountLine, Admin, Password};

use crate::address::Address;
use crate::error::CtlError;

/// What to do with accounts.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    act: Act,
}

/// Where, and as whom.
#[derive(Debug, clap::Args)]
struct Place {
    /// Address of the database as its owner or as an account of IT (the password by PGPASSFILE).
    #[arg(long, value_name = "URL", env = "VIGIE_METROPOLIS")]
    metropolis: String,
}

/// Where a new password comes from.
#[derive(Debug, clap::Args)]
struct Secret {
    /// Read the password from the first line of this file; without it, it is asked for twice.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

#[derive(Debug, clap::Subcommand)]
enum Act {
    /// Opens an account: a login, its role, and whose it is.
    Create {
        #[command(flatten)]
        place: Place,
        /// The login: letters, digits, `_`, `-` and `.`.
        login: String,
        /// What it works as.
        #[arg(long, value_parser = role)]
        role: Role,
        /// Name of the person, as the room's screens show it.
        #[arg(long, conflicts_with = "person_id")]
        person: Option<String>,
        /// Identifier of a person who has another account already: two accounts never make two people.
        #[arg(long)]
        person_id: Option<Uuid>,
        /// Identifier of the desk this account usually holds.
        #[arg(long)]
        desk_id: Option<Uuid>,
        /// It signs in by certificate or by the directory: no password is kept.
        #[arg(long, conflicts_with = "password_file")]
        no_password: bool,
        #[command(flatten)]
        secret: Secret,
    },
    /// Lists the accounts.
    List {
        #[command(flatten)]
        place: Place,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Locks an account: at once it reads and writes nothing, whatever connection it holds.
    Lock {
        #[command(flatten)]
        place: Place,
        /// Which.
        login: String,
    },
    /// Opens a locked account again.
    Unlock {
        #[command(flatten)]
        place: Place,
        /// Which.
        login: String,
    },
    /// Gives an account another role; its workstations copy anew what they may read.
    Role {
        #[command(flatten)]
        place: Place,
        /// Which.
        login: String,
        /// What it works as from now on.
        #[arg(value_parser = role)]
        role: Role,
    },
    /// Gives an account another password.
    Password {
        #[command(flatten)]
        place: Place,
        /// Which.
        login: String,
        #[command(flatten)]
        secret: Secret,
    },
}

fn role(text: &str) -> Result<Role, String> {
    let known = || Role::ALL.iter().map(|role| role.code()).collect::<Vec<_>>().join(", ");
    Role::from_code(text).ok_or_else(|| format!("no such role; there are {}", known()))
}

/// Does it.
pub(crate) async fn run(args: Args) -> Result<(), CtlError> {
    match args.act {
        Act::Create { place, login, role, person, person_id, desk_id, no_password, secret } => {
            let holder = match (person_id, person) {
                (Some(id), _) => AccountHolder::Person(PersonId(id)),
                (None, Some(name)) => AccountHolder::New(name),
                (None, None) if matches!(role, Role::Gateway | Role::House) => AccountHolder::Nobody,
                (None, None) => return Err(CtlError::PersonNeeded),
            };
            let mut admin = open(&place).await?;
            let password = if no_password { None } else { Some(secret.read(&login)?) };
            let id = admin.create_account(&login, password.as_ref(), role, &holder, desk_id.map(DeskId)).await?;
            println!("{login}: {role}, account {id}");
        }
        Act::List { place, json } => {
            for line in open(&place).await?.accounts().await? {
                println!("{}", if json { as_json(&line) } else { in_words(&line) });
            }
        }
        Act::Lock { place, login } => {
            open(&place).await?.set_locked(&login, true).await?;
            println!("{login}: locked");
        }
        Act::Unlock { place, login } => {
            open(&place).await?.set_locked(&login, false).await?;
            println!("{login}: open");
        }
        Act::Role { place, login, role } => {
            open(&place).await?.set_role(&login, role).await?;
            println!("{login}: {role}");
        }
        Act::Password { place, login, secret } => {
            let mut admin = open(&place).await?;
            admin.set_password(&login, &secret.read(&login)?).await?;
            println!("{login}: another password");
        }
    }
    Ok(())
}

async fn open(place: &Place) -> Result<Admin, CtlError> {
    Ok(Admin::connect(Address::new(&place.metropolis)?.url(), None).await?)
}

impl Secret {
    fn read(&self, login: &str) -> Result<Password, CtlError> {
        match &self.password_file {
            Some(path) => first_line(path),
            None if std::io::stdin().is_terminal() => typed_twice(login),
            None => Err(CtlError::NewPasswordNeeded),
        }
    }
}

fn first_line(path: &Path) -> Result<Password, CtlError> {
    let text = std::fs::read_to_string(path).map_err(|e| CtlError::Read(path.to_owned(), e))?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(Password::new(line)),
        _ => Err(CtlError::NewPasswordNeeded),
    }
}

fn typed_twice(login: &str) -> Result<Password, CtlError> {
    let ask = |what: &str| {
        // A prompt that cannot be shown is no reason not to read.
        let _ = std::io::stderr().flush();
        rpassword::prompt_password(format!("{what} for {login}: ")).map_err(CtlError::Prompt)
    };
    let (first, second) = (ask("new password")?, ask("again")?);
    if first.is_empty() {
        return Err(CtlError::NewPasswordNeeded);
    }
    if first == second { Ok(Password::new(first)) } else { Err(CtlError::PasswordsDiffer) }
}

fn in_words(line: &AccountLine) -> String {
    let state = match (line.locked, line.login_exists) {
        (_, false) => "no login on this server",
        (true, true) => "locked",
        (false, true) => "open",
    };
    let blank = || "-".to_owned();
    format!(
        "{:<24} {:<16} {:<8} {:<24} {}",
        line.login,
        line.role.code(),
        state,
        line.person.clone().unwrap_or_else(blank),
        line.desk.clone().unwrap_or_else(blank)
    )
}

fn as_json(line: &AccountLine) -> String {
    serde_json::json!({
        "login": line.login, "role": line.role.code(), "person": line.person, "desk": line.desk, "locked": line.locked,
        "account_id": line.account_id, "login_exists": line.login_exists,
    })
    .to_string()
}
