//! `cargo xtask check`: what needs no server and no window, and the rules that Cargo alone does not keep.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};

use crate::plan::Plan;
use crate::process::{answers, cargo, output, program, run as start};
use crate::{bindings, interface, place};

/// What ships.
const SHIPPED: &[&str] = &["vigie", "vigie-ctl", "vigie-gateway"];
/// What must never be in it.
const DEVELOPMENT: &[&str] = &["vigie-devhost", "vigie-testkit", "vigie-tests"];
/// The core knows none of these.
const NOT_IN_THE_CORE: &[&str] = &["tokio", "sqlx", "tauri", "axum"];

/// Runs all checks.
pub(crate) fn run() -> ExitCode {
    let mut plan = Plan::default();
    plan.step("interface packages", &[], interface::install);
    plan.step("interface build", &["interface packages"], interface::build);
    steps(&mut plan, None);
    plan.close()
}

/// The checks, as steps of a longer plan, which may have built the development host already.
pub(crate) fn steps(plan: &mut Plan, devhost: Option<&Path>) {
    plan.step("format", &[], || start(&mut cargo(&["fmt", "--all", "--check"])));
    plan.step("interface types and lints", &["interface packages"], || interface::script("check"));
    plan.step("lints", &["interface build"], || {
        start(&mut cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]))
    });
    plan.step("bindings", &[], || bindings::check(devhost));
    plan.step("layers", &[], layers);
    plan.step("sources", &[], sources);
    // Only where they are installed: neither comes with the language, and both would take minutes to compile.
    if answers("typos", "--version") {
        plan.step("spelling", &[], || start(&mut program("typos", &[] as &[&str], &place::root())));
    }
    if answers("cargo-deny", "--version") {
        plan.step("licences", &[], || start(&mut cargo(&["deny", "check", "licenses", "bans", "sources"])));
    }
}

/// Layers point one way, and nothing for development ships.
fn layers() -> anyhow::Result<()> {
    for package in SHIPPED {
        forbid(package, DEVELOPMENT)?;
    }
    forbid("vigie-core", NOT_IN_THE_CORE)?;
    for package in ["vigie-store", "vigie-metropolis", "vigie-training", "vigie-engine", "vigie-api", "vigie-devhost"] {
        forbid(package, &["tauri"])?;
    }
    // What keeps time for a city knows no desk.
    forbid("vigie-gateway", &["tauri", "vigie-engine", "vigie-store", "vigie-api"])?;
    Ok(())
}

fn forbid(package: &str, unwanted: &[&str]) -> anyhow::Result<()> {
    let tree =
        ["tree", "--package", package, "--edges", "normal", "--target", "all", "--prefix", "none", "--format", "{p}"];
    let tree = output(&mut cargo(&tree))?;
    for line in tree.lines() {
        let name = line.split(' ').next().unwrap_or_default();
        if unwanted.contains(&name) {
            bail!("{package} depends on {name}: `cargo tree -p {package} -i {name}` shows through what");
        }
    }
    Ok(())
}

/// The drawings of the icon package, compiled into the interface, are the one markup that is not written in place.
const DRAWINGS: &str = "ui/src/parts/Icon.svelte";

/// Words that no source of ours may hold, and where they may stand all the same.
struct Ban {
    word: &'static str,
    why: &'static str,
    /// Only in what ships; tests may.
    shipped_only: bool,
}

const BANS: &[Ban] = &[
    // Written in two parts, so that this file passes its own check.
    Ban { word: concat!("todo", "!("), why: "nothing unfinished is named done", shipped_only: false },
    Ban { word: concat!("unimplemented", "!("), why: "nothing unfinished is named done", shipped_only: false },
    Ban { word: concat!("{@", "html"), why: "no text becomes markup", shipped_only: false },
    Ban { word: concat!("Rue ", "Devosge"), why: "sample data belongs to training", shipped_only: true },
    Ban { word: concat!("EP", "-0"), why: "sample data belongs to training", shipped_only: true },
    Ban { word: concat!("C. ", "Martin"), why: "sample data belongs to training", shipped_only: true },
];

fn sources() -> anyhow::Result<()> {
    let root = place::root();
    let mut found = Vec::new();
    for top in ["src-tauri", "tests", "ui/src"] {
        for file in files(&root.join(top))? {
            let Ok(text) = fs::read_to_string(&file) else { continue };
            let name = file.strip_prefix(&root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
            found.extend(banned(&name, &text));
        }
    }
    if !found.is_empty() {
        bail!("{}", found.join("\n  "));
    }
    Ok(())
}

/// Lines of a file that hold a banned word.
fn banned(name: &str, text: &str) -> Vec<String> {
    let may_have_samples = ["/training/", "/testkit/", "/tests/", "/tests.rs", ".test.ts", "fake"];
    let sample_free = !name.starts_with("tests/") && !may_have_samples.iter().any(|part| name.contains(part));
    // Unit tests stand at the end of their file.
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = Vec::new();
    for ban in BANS.iter().filter(|ban| name != DRAWINGS || !ban.word.ends_with("html")) {
        let scanned = if ban.shipped_only { code } else { text };
        if ban.shipped_only && !sample_free {
            continue;
        }
        for (number, line) in scanned.lines().enumerate() {
            let comment = line.trim_start().starts_with("//") || line.trim_start().starts_with('*');
            if line.contains(ban.word) && !comment {
                found.push(format!("{name}:{}: `{}`: {}", number + 1, ban.word, ban.why));
            }
        }
    }
    found
}

fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !["node_modules", "dist", "gen", "target"].contains(&name.as_str()) {
            found.extend(files(&path)?);
        } else if [".rs", ".ts", ".svelte", ".sql", ".js", ".mjs"].iter().any(|end| name.ends_with(end)) {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfinished_code_is_found_anywhere() {
        let text = format!("fn a() {{}}\nfn b() {{ {}) }}", concat!("todo", "!("));
        assert_eq!(banned("src-tauri/crates/training/src/a.rs", &text).len(), 1);
    }

    #[test]
    fn sample_data_is_found_in_what_ships_and_not_in_tests() {
        let text = format!("const A: &str = \"{}\";", concat!("Rue ", "Devosge"));
        assert_eq!(banned("src-tauri/crates/engine/src/a.rs", &text).len(), 1);
        assert!(banned("src-tauri/crates/training/src/a.rs", &text).is_empty());
        assert!(banned("src-tauri/crates/engine/src/a.rs", &format!("#[cfg(test)]\n{text}")).is_empty());
        assert!(banned("ui/src/host/fake.ts", &text).is_empty());
    }
}
