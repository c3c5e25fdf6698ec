//! `cargo xtask bundle`: the Linux packages, and a look into them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, bail, ensure};
use clap::Args;

use crate::process::{answers, npm, output, run as start};
use crate::{interface, packages, place};

/// The packager: prebuilt, by exact version, from the npm registry.
const PACKAGER: &str = "@tauri-apps/cli@2.12.5";

/// How to package.
#[derive(Debug, Args)]
pub(crate) struct BundleArgs {
    /// Unoptimised programs: to try the packaging itself.
    #[arg(long)]
    debug: bool,
}

/// Makes the packages and checks what is in them.
pub(crate) fn run(args: &BundleArgs) -> anyhow::Result<ExitCode> {
    ensure!(
        cfg!(target_os = "linux"),
        "packages are made on Linux for now; those of Windows and macOS come with the release workflow"
    );
    packages::ensure(packages::WINDOW)?;
    interface::install()?;
    interface::build()?;

    let tools = place::tools();
    fs::create_dir_all(&tools)?;
    let packager = tools.join("node_modules/.bin/tauri");
    let version = PACKAGER.rsplit('@').next().unwrap_or_default();
    if !output(Command::new(&packager).arg("--version")).is_ok_and(|said| said.contains(version)) {
        let prefix = tools.to_string_lossy().into_owned();
        start(&mut npm(&["install", "--prefix", &prefix, "--no-save", "--no-package-lock", PACKAGER], &tools))?;
    }
    let mut build = Command::new(&packager);
    build.args(["build", "--bundles", "deb,rpm", "--ci"]).current_dir(place::root());
    if args.debug {
        build.arg("--debug");
    }
    start(&mut build)?;

    let bundles = place::target().join(if args.debug { "debug" } else { "release" }).join("bundle");
    let deb = newest(&bundles.join("deb"), ".deb")?;
    let rpm = newest(&bundles.join("rpm"), ".rpm")?;
    look_into_deb(&deb)?;
    look_into_rpm(&rpm)?;
    println!("{}\n{}", deb.display(), rpm.display());
    Ok(ExitCode::SUCCESS)
}

fn newest(folder: &Path, end: &str) -> anyhow::Result<PathBuf> {
    let entries = fs::read_dir(folder).with_context(|| format!("{} was not made", folder.display()))?;
    let files = entries.flatten().map(|entry| entry.path()).filter(|path| path.to_string_lossy().ends_with(end));
    files
        .max_by_key(|path| fs::metadata(path).and_then(|data| data.modified()).ok())
        .with_context(|| format!("no {end} was made"))
}

/// What an installed Vigie consists of.
const CONTENTS: &[&str] =
    &["usr/bin/vigie", "usr/share/applications/Vigie.desktop", "usr/share/icons/hicolor/128x128/apps/vigie.png"];

fn look_into_deb(deb: &Path) -> anyhow::Result<()> {
    if !answers("dpkg-deb", "--version") {
        eprintln!("dpkg-deb is not here: the .deb was not looked into");
        return Ok(());
    }
    let contents = output(Command::new("dpkg-deb").arg("--contents").arg(deb))?;
    for wanted in CONTENTS {
        ensure!(contents.contains(wanted), "the .deb lacks {wanted}:\n{contents}");
    }
    let depends = output(Command::new("dpkg-deb").args(["--field"]).arg(deb).arg("Depends"))?;
    ensure!(depends.contains("libwebkit2gtk-4.1-0"), "the .deb does not ask for the web view: {depends}");
    Ok(())
}

fn look_into_rpm(rpm: &Path) -> anyhow::Result<()> {
    // The lead of every RPM file; its contents only where `rpm` is installed.
    let bytes = fs::read(rpm)?;
    if !bytes.starts_with(&[0xed, 0xab, 0xee, 0xdb]) {
        bail!("{} is no RPM", rpm.display());
    }
    if answers("rpm", "--version") {
        let contents = output(Command::new("rpm").args(["-qpl", "--nosignature"]).arg(rpm))?;
        for wanted in CONTENTS {
            ensure!(contents.contains(wanted), "the .rpm lacks {wanted}:\n{contents}");
        }
    } else {
        eprintln!("rpm is not here: of the .rpm only the format was looked at");
    }
    Ok(())
}
