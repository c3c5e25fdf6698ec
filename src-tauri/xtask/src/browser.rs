//! Chromium for the browser journeys.

use std::path::PathBuf;

use anyhow::bail;

use crate::packages;

/// Names it, for whoever starts it.
pub(crate) const VARIABLE: &str = "VIGIE_CHROMIUM";
/// Names under which systems have it. Debian's comes first: Ubuntu's `chromium-browser` only asks for a snap.
const NAMES: &[&str] = &["chromium", "google-chrome", "google-chrome-stable", "chromium-browser", "microsoft-edge"];

/// The browser; on Debian it is installed when there is none.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        let named = PathBuf::from(named);
        if !named.is_file() {
            bail!("{VARIABLE} is {}, which is no program", named.display());
        }
        return Ok(named);
    }
    if let Some(found) = find() {
        return Ok(found);
    }
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    if release.lines().any(|line| line == "ID=debian") {
        packages::ensure(&["chromium"])?;
    }
    match find() {
        Some(found) => Ok(found),
        None => bail!("install Chromium or Chrome, or name one with {VARIABLE}: the browser journeys need it"),
    }
}

fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let in_path = NAMES.iter().flat_map(|name| {
        folders.iter().map(move |folder| folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
    });
    let elsewhere = [
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    ];
    in_path.chain(elsewhere.map(PathBuf::from)).find(|program| program.is_file())
}
