//! What the system must have. On Debian and Ubuntu the missing packages are named, then installed; elsewhere they are named.

use std::process::Command;

use anyhow::{Context, bail};

use crate::process;

/// To compile and open the window; OpenSSL encrypts the local files.
pub(crate) const WINDOW: &[&str] = &["build-essential", "pkg-config", "libwebkit2gtk-4.1-dev", "libssl-dev"];
/// To have a display where there is none.
pub(crate) const DISPLAY: &[&str] = &["xvfb"];

/// The broker of the field's tests.
pub(crate) const BROKER: &[&str] = &["mosquitto"];

/// What the measures run beside.
pub(crate) const PEERS: &[&str] = &["postgresql-client", "sqlite3"];

/// The web view of Linux by itself, with its driver.
pub(crate) const WEB_VIEW: &[&str] = &["webkit2gtk-driver"];

/// What the window's tests find on a workstation: a session's bus, screens that come and go.
pub(crate) const SESSION: &[&str] = &["dbus-daemon", "x11-utils", "x11-xserver-utils"];

/// Makes sure that the system has these Debian packages, or their like elsewhere.
pub(crate) fn ensure(wanted: &[&str]) -> anyhow::Result<()> {
    if cfg!(target_os = "linux") {
        let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
        if is_debian(&release) { install_missing(wanted) } else { elsewhere(wanted) }
    } else if cfg!(target_os = "macos") {
        macos()
    } else {
        windows()
    }
}

/// Debian, Ubuntu, or made from them.
pub(crate) fn is_debian(release: &str) -> bool {
    let ids = release.lines().filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")));
    ids.flat_map(|ids| ids.trim_matches('"').split_whitespace()).any(|id| id == "debian" || id == "ubuntu")
}

fn install_missing(wanted: &[&str]) -> anyhow::Result<()> {
    let missing: Vec<&str> = wanted.iter().copied().filter(|name| !is_installed(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    eprintln!("Missing system packages: {}", missing.join(" "));
    let root = process::output(Command::new("id").arg("-u"))?.trim() == "0";
    if !root && !process::answers("sudo", "--version") {
        bail!("run this as root, then try again:\n  apt-get update && apt-get install -y {}", missing.join(" "));
    }
    apt_get(root, &["update", "-q"])?;
    let install = ["install", "-q", "-y", "--no-install-recommends"];
    apt_get(root, &[&install[..], &missing].concat()).context("the packages could not be installed")
}

fn is_installed(name: &str) -> bool {
    let asked = process::output(Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Status}", name]));
    asked.is_ok_and(|status| status == "installed")
}

fn apt_get(root: bool, args: &[&str]) -> anyhow::Result<()> {
    // Another installation may hold the lock: a fresh machine often updates itself while one works on it.
    let line = ["DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300"];
    let mut command = if root { Command::new("env") } else { Command::new("sudo") };
    if !root {
        command.arg("env");
    }
    process::run(command.args(line).args(args))
}

/// A Linux whose package names we do not know: the window's library is asked for by its own name.
fn elsewhere(wanted: &[&str]) -> anyhow::Result<()> {
    let library = process::answers("pkg-config", "--version")
        && process::output(Command::new("pkg-config").args(["--exists", "webkit2gtk-4.1"])).is_ok();
    if wanted.contains(&"libwebkit2gtk-4.1-dev") && !library {
        bail!(
            "this Linux is neither Debian nor Ubuntu: install by hand what these Debian packages hold, then try again: {}\n  \
             Fedora: dnf install gcc gcc-c++ make pkgconf webkit2gtk4.1-devel openssl-devel",
            wanted.join(" ")
        );
    }
    if wanted.contains(&"xvfb") && !process::answers("Xvfb", "-help") {
        bail!("install Xvfb (Fedora: dnf install xorg-x11-server-Xvfb), then try again");
    }
    Ok(())
}

fn macos() -> anyhow::Result<()> {
    if process::output(Command::new("xcode-select").arg("-p")).is_err() {
        bail!("the Xcode command line tools are missing: run `xcode-select --install`, then try again");
    }
    Ok(())
}

fn windows() -> anyhow::Result<()> {
    let mut missing = Vec::new();
    let runtime = r"SOFTWARE\WOW6432Node\Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}";
    let has_runtime = ["HKLM", "HKCU"].iter().any(|hive| {
        process::output(Command::new("reg").args(["query", &format!(r"{hive}\{runtime}"), "/v", "pv"])).is_ok()
    });
    if !has_runtime {
        missing.push("the WebView2 runtime (winget install Microsoft.EdgeWebView2Runtime)");
    }
    let visual_studio = r"C:\Program Files (x86)\Microsoft Visual Studio\Installer\vswhere.exe";
    let tools = process::output(Command::new(visual_studio).args([
        "-latest",
        "-products",
        "*",
        "-requires",
        "Microsoft.VisualStudio.Component.VC.Tools.x86.x64",
        "-property",
        "installationPath",
    ]));
    if tools.map_or(true, |path| path.trim().is_empty()) {
        missing.push("the C++ Build Tools (winget install Microsoft.VisualStudio.2022.BuildTools, workload \"Desktop development with C++\")");
    }
    // OpenSSL is compiled along there, by a script in Perl.
    if !process::answers("perl", "--version") {
        missing.push("Perl (winget install StrawberryPerl.StrawberryPerl)");
    }
    if !missing.is_empty() {
        bail!("this machine lacks {}; install it, then try again", missing.join(" and "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_and_what_is_made_from_it_are_told_from_the_rest() {
        assert!(is_debian("PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n"));
        assert!(is_debian("ID=ubuntu\nID_LIKE=debian\n"));
        assert!(is_debian("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"));
        assert!(!is_debian("ID=fedora\nID_LIKE=\"rhel centos\"\nNAME=\"debian-lookalike\"\n"));
    }
}
