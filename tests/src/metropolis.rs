//! A PostgreSQL metropolis made as an administrator makes one: with `vigiectl`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};
use tempfile::TempDir;
use vigie_testkit::postgres::{Database, Server};

use crate::program::{Running, Vigie, finish};

/// A rehearsal with a small training city, played by `vigiectl simulate` while this lives.
pub struct Rehearsal {
    /// Its database.
    pub database: Database,
    folder: TempDir,
    /// Ended before the database goes.
    field: Option<Running>,
}

impl Rehearsal {
    /// Migrates, loads, plays.
    pub async fn start(objects: u32) -> anyhow::Result<Self> {
        let rehearsal = Self::load(objects).await?;
        rehearsal.play()
    }

    /// Migrates and loads; nobody plays the field.
    pub async fn load(objects: u32) -> anyhow::Result<Self> {
        let database = Server::shared()?.database().await?;
        let rehearsal = Self { database, folder: tempfile::tempdir()?, field: None };
        rehearsal.ctl(&["migrate", "--rehearsal", "--name", "Dijon métropole (répétition)"])?;
        let passfile = rehearsal.passfile().to_string_lossy().into_owned();
        rehearsal.ctl(&["load", "--training", "--objects", &objects.to_string(), "--passfile", &passfile])?;
        Ok(rehearsal)
    }

    /// Lets `vigiectl simulate` play the field.
    fn play(mut self) -> anyhow::Result<Self> {
        let mut command = Vigie::Ctl.command()?;
        command.args(["simulate", "--metropolis", &self.url("demo_gateway")]).env("PGPASSFILE", self.passfile());
        let mut field = Running::start(&mut command)?;
        // Its first line says that the city was read and is played.
        field.line(Duration::from_mins(1)).context("vigiectl simulate does not play")?;
        self.field = Some(field);
        Ok(self)
    }

    /// Runs `vigiectl` as the owner, to a good end.
    fn ctl(&self, args: &[&str]) -> anyhow::Result<()> {
        let owner = self.folder.path().join("owner.pgpass");
        write_private(&owner, &format!("*:*:*:*:{}\n", self.database.owner_password()))?;
        let mut command = Vigie::Ctl.command()?;
        command.args(args).args(["--metropolis", &self.database.owner_url()]).env("PGPASSFILE", owner);
        let said = finish(&mut command)?;
        ensure!(said.code == Some(0), "vigiectl {args:?} failed: {}{}", said.out, said.err);
        Ok(())
    }

    /// The address for a login, without a password.
    pub fn url(&self, login: &str) -> String {
        self.database.url(login)
    }

    /// The file with the passwords of the demonstration logins.
    pub fn passfile(&self) -> PathBuf {
        self.folder.path().join("demo.pgpass")
    }

    /// The window on this metropolis, as the remote operator.
    pub fn window(&self) -> anyhow::Result<Command> {
        let mut command = Vigie::Window.command()?;
        command.args(["--metropolis", &self.url("demo_remote_operator")]).env("PGPASSFILE", self.passfile());
        Ok(command)
    }
}

fn write_private(path: &PathBuf, text: &str) -> anyhow::Result<()> {
    fs::write(path, text)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // A password file that others may read is ignored.
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).context("the password file stays readable")?;
    }
    Ok(())
}
