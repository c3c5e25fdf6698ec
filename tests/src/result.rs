//! What a campaign or a measure found, as one object and as a page: counts, figures, seed, machine, commit.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use serde_json::{Map, Value, json};

/// What was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// Name, as in `docs/results/`.
    pub name: String,
    /// What was done, in a sentence or two.
    pub what: String,
    /// Whether its target is met, for the counts that were run.
    pub met: bool,
    /// What was counted and measured.
    pub figures: Map<String, Value>,
    /// The same of others, in the same run.
    pub peers: Map<String, Value>,
    /// What must be said beside the figures: what was left out, what failed and how to see it again.
    pub notes: Vec<String>,
    /// From which everything random was drawn.
    pub seed: u64,
    /// The command that found it.
    pub command: String,
}

impl Found {
    /// Nothing found yet.
    pub fn new(name: &str, what: &str, seed: u64) -> Self {
        Self {
            name: name.to_owned(),
            what: what.to_owned(),
            met: false,
            figures: Map::new(),
            peers: Map::new(),
            notes: Vec::new(),
            seed,
            command: String::new(),
        }
    }

    /// Adds a figure.
    pub fn figure(&mut self, name: &str, value: impl Into<Value>) {
        self.figures.insert(name.to_owned(), value.into());
    }

    /// The object that `--json` prints, and that is kept.
    pub fn object(&self) -> Value {
        json!({
            "name": self.name, "met": self.met, "figures": self.figures, "peers": self.peers, "seed": self.seed,
            "commit": commit(), "machine": machine(), "command": self.command, "date": today(), "notes": self.notes,
        })
    }

    /// The page.
    pub fn page(&self) -> String {
        let mut page = format!("# {}: {}\n\n{}\n\n", self.name, if self.met { "met" } else { "NOT met" }, self.what);
        let _ = writeln!(
            page,
            "`{}` · seed {} · {} · commit {}  \n{}\n",
            self.command,
            self.seed,
            today(),
            commit(),
            machine()
        );
        for (title, figures) in [("figure", &self.figures), ("peer", &self.peers)] {
            if figures.is_empty() {
                continue;
            }
            let _ = writeln!(page, "| {title} | |\n|---|---|");
            for (name, value) in figures {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let _ = writeln!(page, "| {name} | {text} |");
            }
            page.push('\n');
        }
        for note in &self.notes {
            let _ = writeln!(page, "- {note}");
        }
        page
    }

    /// Writes both into a folder.
    pub fn write(&self, folder: &Path) -> anyhow::Result<PathBuf> {
        std::fs::create_dir_all(folder)?;
        let page = folder.join(format!("{}.md", self.name));
        std::fs::write(&page, self.page()).with_context(|| format!("{} cannot be written", page.display()))?;
        let object = serde_json::to_string_pretty(&self.object())? + "\n";
        std::fs::write(folder.join(format!("{}.json", self.name)), object)?;
        Ok(page)
    }
}

/// The top of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

fn today() -> String {
    jiff::Zoned::now().strftime("%Y-%m-%d").to_string()
}

/// The commit that runs, and whether anything was changed since.
fn commit() -> String {
    let git = |args: &[&str]| {
        let output = Command::new("git").args(args).current_dir(root()).output().ok().filter(|o| o.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let changed =
        git(&["status", "--porcelain", "--untracked-files=no", "--", ":!docs"]).is_some_and(|s| !s.is_empty());
    let commit = git(&["rev-parse", "--short=10", "HEAD"]).unwrap_or_else(|| "unknown".to_owned());
    if changed { commit + " and changes" } else { commit }
}

/// Processor, cores, memory, system.
fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, key: &str, mark: char| {
        let line = text.lines().find(|l| l.starts_with(key))?;
        Some(line.split_once(mark)?.1.trim().trim_matches('"').to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let processor =
        field(&read("/proc/cpuinfo"), "model name", ':').unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let memory = field(&read("/proc/meminfo"), "MemTotal", ':').and_then(|m| m.split(' ').next()?.parse::<u64>().ok());
    let system = field(&read("/etc/os-release"), "PRETTY_NAME", '=').unwrap_or_else(|| std::env::consts::OS.to_owned());
    let memory = memory.map_or_else(String::new, |kb| format!(", {} GB", kb.div_ceil(1024 * 1024)));
    format!("{processor}, {cores} cores{memory}, {system}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_whether_it_was_met_with_its_command_and_figures() {
        let mut found = Found::new("prove-x", "Something was tried.", 7);
        found.figure("kills", 10);
        found.command = "cargo xtask prove x".to_owned();
        assert!(found.page().starts_with("# prove-x: NOT met"));
        found.met = true;
        let page = found.page();
        assert!(page.contains("| kills | 10 |") && page.contains("`cargo xtask prove x` · seed 7"), "{page}");
        assert_eq!(found.object().get("met"), Some(&Value::Bool(true)));
    }
}
