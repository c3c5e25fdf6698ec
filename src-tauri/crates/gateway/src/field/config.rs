//! The file that names the lines of the field: `vigie-gateway --field FILE`.
//!
//! ```toml
//! [[line]]
//! name = "eclairage"               # source of the states that come by it: letters without accents, digits, - and _
//! title = "Éclairage public"       # what the sources' panel calls it
//! profile = "talq"                 # talq, rsmp, sparkplug, plain
//! broker = "mqtts://broker.metropole.local:8883"
//! authority = "/etc/vigie/ca.pem"  # who the broker is proved by
//! user = "vigie"
//! password_file = "/etc/vigie/broker.pass"
//! prefix = "dijon/eclairage"       # the group, for sparkplug
//! kinds = ["street_light"]         # plain and sparkplug only
//! silent_after_s = 300             # nothing heard for so long: the line is lost
//! ```

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use vigie_core::equipment::EquipmentKind;

use crate::contact::Contact;
use crate::field::adapter::Adapter;
use crate::field::connection::Broker;
use crate::field::mqtt::Mqtt;
use crate::field::plain::Plain;
use crate::field::profile::Profile;
use crate::field::rsmp::Rsmp;
use crate::field::sparkplug::Sparkplug;
use crate::field::talq::Talq;

/// A file that cannot be used, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{}: {why}", path.display())]
pub(crate) struct BadConfig {
    path: PathBuf,
    why: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    line: Vec<LineFile>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Spoken {
    Talq,
    Rsmp,
    Sparkplug,
    Plain,
}

/// One line as the file names it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineFile {
    pub name: String,
    title: Option<String>,
    pub profile: Spoken,
    broker: String,
    authority: Option<PathBuf>,
    user: Option<String>,
    password_file: Option<PathBuf>,
    security_code_file: Option<PathBuf>,
    pub prefix: String,
    #[serde(default)]
    pub kinds: Vec<EquipmentKind>,
    #[serde(default = "five_minutes")]
    silent_after_s: u64,
}

fn five_minutes() -> u64 {
    300
}

/// The lines of a file.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    path: PathBuf,
    lines: Vec<LineFile>,
}

impl Config {
    /// Reads a file and everything that it names, so that a mistake is told at the start.
    pub(crate) fn read(path: &Path) -> Result<Self, BadConfig> {
        let bad = |why: String| BadConfig { path: path.to_owned(), why };
        let text = std::fs::read_to_string(path).map_err(|e| bad(format!("it cannot be read: {e}")))?;
        let file: File = toml::from_str(&text).map_err(|e| bad(e.to_string()))?;
        let this = Self { path: path.to_owned(), lines: file.line };
        if this.lines.is_empty() {
            return Err(bad("it names no line: add one [[line]]".into()));
        }
        for (at, line) in this.lines.iter().enumerate() {
            let elsewhere = this.lines.iter().take(at);
            if elsewhere.clone().any(|other| other.name == line.name) {
                return Err(bad(format!("two lines are named {}", line.name)));
            }
            let code = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
            if !(1..=60).contains(&line.name.len()) || !line.name.bytes().all(code) {
                return Err(bad(format!(
                    "the name {:?} is not made of a-z, 0-9, - and _ (title takes any words)",
                    line.name
                )));
            }
            let kinds = this.kinds(line)?;
            if kinds.is_empty() {
                return Err(bad(format!("line {} names no kinds of equipment", line.name)));
            }
            // Which of them an order goes by must not depend on who looks first.
            for other in elsewhere {
                if let Some(kind) = this.kinds(other)?.iter().find(|kind| kinds.contains(kind)) {
                    return Err(bad(format!("lines {} and {} both carry {kind}", other.name, line.name)));
                }
            }
            this.broker(line, "vigie")?;
        }
        Ok(this)
    }

    /// The lines, in the file's order.
    pub(crate) fn lines(&self) -> &[LineFile] {
        &self.lines
    }

    /// After how long without a word a line is lost.
    pub(crate) fn silent_after(line: &LineFile) -> Duration {
        Duration::from_secs(line.silent_after_s.max(10))
    }

    /// What is told of a line as a source of values.
    pub(crate) fn contact(&self, line: &LineFile) -> Result<Contact, BadConfig> {
        let title = line.title.as_deref().unwrap_or(&line.name);
        Ok(Contact::new(&line.name, title, self.kinds(line)?, Self::silent_after(line)))
    }

    /// A line's adapter; `program` keeps two programs apart at the broker.
    pub(crate) fn adapter(&self, line: &LineFile, program: uuid::Uuid) -> Result<Box<dyn Adapter>, BadConfig> {
        let client_id = format!("vigie-{}-{}", line.name, program.simple());
        Ok(Box::new(Mqtt::new(self.broker(line, &client_id)?, self.profile(line)?)))
    }

    /// What controllers of a line want to be told with each order; empty where none is named.
    pub(crate) fn security_code(&self, line: &LineFile) -> Result<String, BadConfig> {
        let code = line.security_code_file.as_deref().map(|path| self.secret(line, path)).transpose()?;
        Ok(code.unwrap_or_default())
    }

    /// The kinds of equipment on a line.
    pub(crate) fn kinds(&self, line: &LineFile) -> Result<Vec<EquipmentKind>, BadConfig> {
        Ok(self.profile(line)?.kinds())
    }

    fn bad(&self, line: &LineFile, why: impl std::fmt::Display) -> BadConfig {
        BadConfig { path: self.path.clone(), why: format!("line {}: {why}", line.name) }
    }

    fn secret(&self, line: &LineFile, path: &Path) -> Result<String, BadConfig> {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|e| self.bad(line, format!("{} cannot be read: {e}", path.display())))?;
        Ok(text.trim_end_matches(['\r', '\n']).to_owned())
    }

    fn profile(&self, line: &LineFile) -> Result<Box<dyn Profile>, BadConfig> {
        let prefix = line.prefix.clone();
        if prefix.is_empty() || prefix.contains(['#', '+']) || prefix.starts_with('/') || prefix.ends_with('/') {
            return Err(self.bad(line, "prefix is a topic without wildcards, and without / at either end"));
        }
        Ok(match line.profile {
            Spoken::Talq => Box::new(Talq::new(prefix)),
            Spoken::Rsmp => Box::new(Rsmp::new(prefix, self.security_code(line)?)),
            Spoken::Sparkplug => Box::new(Sparkplug::new(prefix, host(line), line.kinds.clone())),
            Spoken::Plain => Box::new(Plain::new(prefix, line.kinds.clone())),
        })
    }

    /// Where a line's broker is.
    pub(crate) fn broker(&self, line: &LineFile, client_id: &str) -> Result<Broker, BadConfig> {
        let wanted =
            "broker is mqtt://host:port or mqtts://host:port, without a password in it (password_file names one)";
        let (tls, rest) = match line.broker.split_once("://") {
            Some(("mqtt", rest)) => (false, rest),
            Some(("mqtts", rest)) => (true, rest),
            _ => return Err(self.bad(line, wanted)),
        };
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| self.bad(line, wanted))?),
            None => (rest, if tls { 8883 } else { 1883 }),
        };
        let here = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        if host.is_empty() || rest.contains(['@', '/']) {
            return Err(self.bad(line, wanted));
        }
        if !tls && !here {
            return Err(self.bad(line, "a broker elsewhere is spoken to over TLS: mqtts://"));
        }
        let authority = match (&line.authority, tls) {
            (Some(path), true) => {
                Some(std::fs::read(path).map_err(|e| self.bad(line, format!("{}: {e}", path.display())))?)
            }
            (None, true) => return Err(self.bad(line, "authority names the file that the broker is proved by")),
            (_, false) => None,
        };
        let login = match (&line.user, &line.password_file) {
            (Some(user), Some(path)) => Some((user.clone(), self.secret(line, path)?)),
            (None, None) => None,
            _ => return Err(self.bad(line, "user and password_file go together")),
        };
        Ok(Broker { host: host.to_owned(), port, authority, login, client_id: client_id.to_owned() })
    }
}

/// The name that nodes of a Sparkplug line know this program by.
pub(crate) fn host(line: &LineFile) -> String {
    format!("vigie-{}", line.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("field.toml");
        std::fs::write(&path, text).unwrap();
        Config::read(&path).map_err(|e| e.to_string())
    }

    fn line(more: &str) -> String {
        format!(
            "[[line]]\nname = \"a\"\nprofile = \"talq\"\nprefix = \"x/y\"\nbroker = \"mqtt://127.0.0.1:1883\"\n{more}"
        )
    }

    #[test]
    fn a_line_is_read_with_what_it_names() {
        let config = read(&line("")).unwrap();
        let only = &config.lines()[0];
        assert_eq!((only.name.as_str(), Config::silent_after(only)), ("a", Duration::from_secs(300)));
        assert_eq!(config.broker(only, "x").unwrap().port, 1883);
    }

    #[test]
    fn a_mistake_is_told_at_the_start_with_its_remedy() {
        let said = |text: &str| read(text).unwrap_err();
        assert!(said("").contains("line"), "{}", said(""));
        assert!(said(&line("collor = 1")).contains("collor"));
        assert!(said(&line("").replace("\"a\"", "\"Éclairage\"")).contains("title"));
        assert!(said(&(line("") + &line(""))).contains("two lines are named a"));
        let twice = line("") + &line("").replace("\"a\"", "\"b\"");
        assert!(said(&twice).contains("a and b both carry street_light"));
        assert!(said(&line("").replace("mqtt://127.0.0.1", "mqtt://broker")).contains("mqtts://"));
        assert!(said(&line("").replace("mqtt://127.0.0.1", "mqtt://me:secret@127.0.0.1")).contains("password_file"));
        assert!(said(&line("").replace("mqtt://127.0.0.1:1883", "mqtts://broker")).contains("authority"));
        assert!(said(&line("user = \"vigie\"")).contains("go together"));
        assert!(said(&line("").replace("x/y", "x/#")).contains("wildcards"));
        assert!(said(&line("").replace("talq", "plain")).contains("kinds"));
    }
}
