//! Disks that fail for real: a small file system that fills, flushes that fail, writes that stop half-way.
//!
//! Each runs in a process of its own, on a file system or under a library that only it has.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};
use vigie_testkit::preload::library;

use super::room::Room;

/// Bytes of the small file system.
const SMALL: &str = "6m";

/// How a disk fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disk {
    /// It has no room left, and later has some again.
    Full,
    /// `fsync` fails for a while.
    Flush,
    /// Writes stop half-way for a while.
    Short,
}

impl Disk {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Full, Self::Flush, Self::Short];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full disk",
            Self::Flush => "failed flush",
            Self::Short => "short write",
        }
    }

    /// Runs the trial in a process of its own; what it counted, or none when this machine does not permit it.
    pub fn attempt(self, program: &Path) -> anyhow::Result<Option<String>> {
        let folder = tempfile::tempdir()?;
        let mut command = match self {
            Self::Full => {
                // A file system that exists in this process alone: needs root, or a system that lets users make namespaces.
                let script = format!("mount -t tmpfs -o size={SMALL} tmpfs \"$0\" && exec \"$@\"");
                let mut command = Command::new("unshare");
                command.args(["--mount", "sh", "-c", &script]).arg(folder.path()).arg(program);
                let allowed = Command::new("unshare").args(["--mount", "true"]).output();
                if !allowed.is_ok_and(|done| done.status.success()) {
                    return Ok(None);
                }
                command
            }
            Self::Flush | Self::Short => {
                let Some(library) = library(folder.path(), "disk", include_str!("disk.c"))? else { return Ok(None) };
                let mut command = Command::new(program);
                command.env("LD_PRELOAD", library).env("VIGIE_DISK_FAULT", folder.path().join("fault"));
                command
            }
        };
        command.args(["storage-trial", self.name()]).arg(folder.path().join("desk"));
        if self == Self::Full {
            // The file system hides what was in the folder.
            command.current_dir("/");
        }
        let done = command.output()?;
        let said = String::from_utf8_lossy(&done.stdout);
        let last = said.lines().last().unwrap_or_default().to_owned();
        if !done.status.success() {
            let why = String::from_utf8_lossy(&done.stderr);
            let why = why.lines().filter(|l| !l.contains("ERROR CORE")).collect::<Vec<_>>().join(" ");
            bail!("{}: {last} {why} ({})", self.name(), done.status);
        }
        Ok(Some(last))
    }

    /// The trial itself, in the process that was started for it.
    pub async fn run(name: &str, folder: &Path) -> anyhow::Result<()> {
        let disk = Self::ALL.into_iter().find(|d| d.name() == name).context("no such trial")?;
        let mut room = Room::open(folder).await?;
        for _ in 0..5 {
            ensure!(room.operate().await?.is_ok(), "a good disk refused");
        }
        disk.spoil(folder)?;
        let (mut refused, mut said) = (Vec::new(), Vec::new());
        for n in 0..60 {
            if let Err(error) = room.operate().await? {
                refused.push(format!("order-{}", n + 6));
                said.push((error.code(), error.to_string()));
            }
        }
        ensure!(!refused.is_empty(), "nothing was refused on a bad disk");
        let others: Vec<_> = said.iter().filter(|(code, _)| *code != "store_disk").collect();
        ensure!(others.is_empty(), "another reason was given: {others:?}");
        disk.mend(folder)?;
        let mut good = 0;
        for _ in 0..20 {
            good += usize::from(room.operate().await?.is_ok());
        }
        ensure!(good >= 15, "of 20 orders on a mended disk {} were refused", 20 - good);
        room = room.reopen(folder).await?;
        let lost = room.lost().await?;
        ensure!(lost.is_empty(), "promised and lost: {lost:?}");
        let there = room.tags().await?;
        let ghosts: Vec<_> = refused.iter().filter(|tag| there.contains(tag)).collect();
        ensure!(ghosts.is_empty(), "refused and recorded all the same: {ghosts:?}");
        let differences = room.differences().await?;
        ensure!(differences.is_empty(), "the replica differs: {differences:?}");
        let kept = room.promised.len();
        room.close().await;
        let said = said.last().map_or("", |(_, words)| words);
        println!("{} refused, {kept} kept, none lost; said: {said}", refused.len());
        Ok(())
    }

    fn spoil(self, folder: &Path) -> anyhow::Result<()> {
        match self {
            Self::Full => {
                use std::io::Write;
                let mut ballast = std::fs::File::create(folder.join("ballast"))?;
                // Ends with no room left.
                while ballast.write_all(&[0; 4096]).is_ok() {}
                Ok(())
            }
            Self::Flush => Ok(std::fs::write(control()?, "f")?),
            Self::Short => Ok(std::fs::write(control()?, "s")?),
        }
    }

    fn mend(self, folder: &Path) -> anyhow::Result<()> {
        match self {
            Self::Full => Ok(std::fs::remove_file(folder.join("ballast"))?),
            Self::Flush | Self::Short => Ok(std::fs::remove_file(control()?)?),
        }
    }
}

fn control() -> anyhow::Result<PathBuf> {
    std::env::var_os("VIGIE_DISK_FAULT").map(PathBuf::from).context("no control file")
}
