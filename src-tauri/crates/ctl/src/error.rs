//! What can go wrong, each with what to do about it.

use std::path::PathBuf;

use vigie_core::port::{MetropolisError, MetropolisMode};

/// Why a command of `vigiectl` ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum CtlError {
    /// Anyone on the machine reads addresses.
    #[error(
        "the address holds a password, which process lists and shell histories show. Put the line \
         host:port:database:login:password in a file that only you can read (chmod 600), name it in PGPASSFILE, \
         and give the address without the password"
    )]
    PasswordInAddress,
    /// The address is not one.
    #[error("the address cannot be read ({0}): it looks like postgres://login@host:5432/database")]
    Address(String),
    /// The server asks for a password and none was found.
    #[error(
        "the metropolis asks for a password: put it in the file that PGPASSFILE names (host:port:database:login:password)"
    )]
    PasswordNeeded,
    /// A new metropolis needs to be told what it is for, for good.
    #[error("there is no metropolis in this database yet: say --live or --rehearsal; it is fixed for good")]
    ModeNeeded,
    /// What was asked is for rehearsals only.
    #[error("{0}: this metropolis is {1}, and only a rehearsal may be played with")]
    NotARehearsal(&'static str, MetropolisMode),
    /// The journal is not what was sealed.
    #[error(
        "the journal is not what was sealed: {0}. Keep this database as it is, and compare it with a backup and with the heads \
         that were kept elsewhere"
    )]
    JournalBroken(String),
    /// An account is somebody's.
    #[error("say whose account it is: --person NAME, or --person-id of someone who has an account already")]
    PersonNeeded,
    /// No new password was given.
    #[error("type the new password at a terminal, or name a file that holds it with --password-file")]
    NewPasswordNeeded,
    /// The two passwords typed are not the same.
    #[error("the two passwords differ: nothing was changed")]
    PasswordsDiffer,
    /// The terminal cannot be read.
    #[error("the password cannot be read: {0}")]
    Prompt(std::io::Error),
    /// A city comes with logins, and their passwords go somewhere.
    #[error("name a new file for the passwords with --passfile")]
    PassfileNeeded,
    /// The passfile exists.
    #[error("{0} exists already: name another file, or remove it first")]
    PassfileExists(PathBuf),
    /// The passfile cannot be written.
    #[error("{0} cannot be written: {1}")]
    Passfile(PathBuf, std::io::Error),
    /// A file cannot be read.
    #[error("{0} cannot be read: {1}")]
    Read(PathBuf, std::io::Error),
    /// A file is there already, or its folder cannot be written.
    #[error("{0} cannot be written: {1}")]
    Write(PathBuf, std::io::Error),
    /// A file that would be replaced.
    #[error("{0} exists already: name another file, or remove it first")]
    Exists(PathBuf),
    /// A file whose format is not known.
    #[error("{0}: name a file that ends in .geojson, .json or .csv")]
    Format(PathBuf),
    /// A file that is not what its name says, as a whole.
    #[error("{path}, line {line}: {why}. Nothing was loaded")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Where, from 1.
        line: u64,
        /// What is wrong, and what to do.
        why: String,
    },
    /// Some records were refused.
    #[error("{0} records were refused; the others were loaded")]
    Refused(u64),
    /// Some records would be refused.
    #[error("{0} records would be refused; nothing was written")]
    WouldRefuse(u64),
    /// Some records were refused, and all or nothing was asked.
    #[error("{0} records were refused, and nothing was loaded (--all-or-nothing)")]
    AllOrNothing(u64),
    /// The thread that reads the file ended unheard.
    #[error("the file was not read to its end. Nothing was loaded")]
    ReaderLost,
    /// An attribute that would come back as something else.
    #[error(
        "{reference} has an attribute named {name}, which is the name of a column: rename it in the metropolis first"
    )]
    AttributeHidden {
        /// Of which object.
        reference: String,
        /// Its name.
        name: String,
    },
    /// A row of the metropolis that this program does not know how to read.
    #[error("{0}")]
    BadRow(vigie_core::table::BadRow),
    /// What the metropolis says.
    #[error("{0}")]
    Metropolis(MetropolisError),
}

impl From<MetropolisError> for CtlError {
    fn from(error: MetropolisError) -> Self {
        match error {
            MetropolisError::PasswordNeeded => Self::PasswordNeeded,
            error => Self::Metropolis(error),
        }
    }
}
