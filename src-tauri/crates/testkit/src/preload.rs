//! A library loaded before libc, so that one process meets a machine that is not well.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds one in a folder, by the linker's own driver, which every Rust toolchain has; none where this machine does not
/// permit it.
pub fn library(folder: &Path, name: &str, source: &str) -> std::io::Result<Option<PathBuf>> {
    if !cfg!(target_os = "linux") {
        return Ok(None);
    }
    let (text, library) = (folder.join(format!("{name}.c")), folder.join(format!("{name}.so")));
    std::fs::write(&text, source)?;
    let mut command = Command::new("cc");
    command.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(&text).arg("-ldl");
    Ok(command.output().is_ok_and(|done| done.status.success()).then_some(library))
}

/// Builds the one that makes a process's wall clock wrong; none where this machine does not permit it.
pub fn clock(folder: &Path) -> std::io::Result<Option<PathBuf>> {
    library(folder, "clock", include_str!("clock.c"))
}

/// The environment of a process whose wall clock is wrong by so many seconds.
pub fn wrong_clock(clock: &Path, seconds: i64) -> [(String, String); 2] {
    let clock = clock.to_string_lossy().into_owned();
    [("LD_PRELOAD".to_owned(), clock), ("VIGIE_CLOCK_OFFSET_S".to_owned(), seconds.to_string())]
}
