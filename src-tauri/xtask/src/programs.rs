//! cargo: building the programs and finding them.

use std::path::PathBuf;

use crate::place;
use crate::process::{cargo, run};

/// A program of the workspace.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Program {
    /// Package.
    pub(crate) package: &'static str,
    /// Binary.
    pub(crate) binary: &'static str,
}

/// The window.
pub(crate) const WINDOW: Program = Program { package: "vigie", binary: "vigie" };
/// The development host.
pub(crate) const DEVHOST: Program = Program { package: "vigie-devhost", binary: "vigie-devhost" };
/// The administration of a metropolis.
pub(crate) const CTL: Program = Program { package: "vigie-ctl", binary: "vigiectl" };

/// An empty window, the peer of a measure.
pub(crate) const EMPTY_WINDOW: Program = Program { package: "vigie-empty-window", binary: "vigie-empty-window" };

impl Program {
    /// Builds it, showing progress.
    pub(crate) fn build(self, release: bool) -> anyhow::Result<PathBuf> {
        eprintln!("Building {}", self.binary);
        let mut command = cargo(&["build", "--package", self.package, "--bin", self.binary]);
        if release {
            command.arg("--release");
        }
        run(&mut command)?;
        Ok(self.path(release))
    }

    /// Where cargo puts it.
    pub(crate) fn path(self, release: bool) -> PathBuf {
        let profile = if release { "release" } else { "debug" };
        place::target().join(profile).join(format!("{}{}", self.binary, std::env::consts::EXE_SUFFIX))
    }
}
