//! The file that names the services: `vigie-gateway --rivers FILE`.
//!
//! ```toml
//! proxy = "http://proxy.metropole.local:3128"   # none: what the system's environment says
//! authorities = ["/etc/vigie/ca.pem"]           # of the house's proxy, where it opens what passes
//!
//! [hubeau]
//! every_s = 300
//! [[hubeau.station]]
//! code = "U132401001"                           # the station's, not the site's
//! reference = "H-U132401001"                    # the gauge's in the metropolis
//!
//! [vigicrues]
//! every_s = 600
//! territories = ["18"]                          # services that watch the reaches wanted; none: all
//! reaches = ["ouche", "saône"]                  # words of their names, whatever their case and accents; none: all
//! forecasts = true                              # of the stations above
//! ```

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use vigie_core::search::words;

use crate::rivers::web::Web;

/// A file that cannot be used, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{}: {why}", path.display())]
pub(crate) struct BadConfig {
    path: PathBuf,
    why: String,
}

/// The file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    proxy: Option<String>,
    #[serde(default)]
    authorities: Vec<PathBuf>,
    hubeau: Option<HubeauFile>,
    vigicrues: Option<VigicruesFile>,
}

/// Hub'Eau as the file names it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HubeauFile {
    #[serde(default = "hubeau_title")]
    pub title: String,
    #[serde(default = "hubeau_address")]
    pub address: String,
    #[serde(default = "five_minutes")]
    every_s: u64,
    #[serde(default, rename = "station")]
    pub stations: Vec<StationFile>,
}

/// A station of it, and the gauge that it is here.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StationFile {
    pub code: String,
    pub reference: String,
}

/// Vigicrues as the file names it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VigicruesFile {
    #[serde(default = "vigicrues_title")]
    pub title: String,
    #[serde(default = "vigicrues_address")]
    pub address: String,
    #[serde(default = "ten_minutes")]
    every_s: u64,
    #[serde(default)]
    pub territories: Vec<String>,
    #[serde(default)]
    pub reaches: Vec<String>,
    #[serde(default)]
    pub forecasts: bool,
}

fn hubeau_title() -> String {
    vigie_core::flood::hubeau::ATTRIBUTION.to_owned()
}

fn hubeau_address() -> String {
    "https://hubeau.eaufrance.fr/api/v2/hydrometrie".to_owned()
}

fn vigicrues_title() -> String {
    vigie_core::flood::vigicrues::ATTRIBUTION.to_owned()
}

fn vigicrues_address() -> String {
    "https://www.vigicrues.gouv.fr/services".to_owned()
}

fn five_minutes() -> u64 {
    300
}

fn ten_minutes() -> u64 {
    600
}

/// More often would be no newer, and unkind: bulletins are kept two minutes on their way, stations send by the quarter.
const SOONEST_S: u64 = 60;

impl HubeauFile {
    /// Between two askings.
    pub(crate) fn every(&self) -> Duration {
        Duration::from_secs(self.every_s.max(SOONEST_S))
    }
}

impl VigicruesFile {
    /// Between two askings.
    pub(crate) fn every(&self) -> Duration {
        Duration::from_secs(self.every_s.max(SOONEST_S))
    }
}

/// What a file names, looked through.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    path: PathBuf,
    proxy: Option<String>,
    authorities: Vec<PathBuf>,
    pub hubeau: Option<HubeauFile>,
    pub vigicrues: Option<VigicruesFile>,
}

impl Config {
    /// Reads a file and what it names, so that a mistake is told at the start.
    pub(crate) fn read(path: &Path) -> Result<Self, BadConfig> {
        let bad = |why: String| BadConfig { path: path.to_owned(), why };
        let text = std::fs::read_to_string(path).map_err(|e| bad(format!("it cannot be read: {e}")))?;
        let mut file: File = toml::from_str(&text).map_err(|e| bad(e.to_string()))?;
        if let Some(hubeau) = &mut file.hubeau {
            hubeau.address = base(&hubeau.address).map_err(|why| bad(format!("hubeau: {why}")))?;
            if hubeau.stations.is_empty() {
                return Err(bad("hubeau names no station: add [[hubeau.station]] with code and reference".into()));
            }
            for (at, station) in hubeau.stations.iter().enumerate() {
                if !(8..=12).contains(&station.code.len()) || !station.code.bytes().all(|b| b.is_ascii_alphanumeric()) {
                    return Err(bad(format!(
                        "{:?} is no code of a station: ten letters and digits, such as U132401001 (a site has eight)",
                        station.code
                    )));
                }
                let twice = |other: &&StationFile| other.code == station.code || other.reference == station.reference;
                if hubeau.stations.iter().take(at).any(|other| twice(&other)) {
                    return Err(bad(format!("station {} or gauge {} is named twice", station.code, station.reference)));
                }
            }
        }
        if let Some(vigicrues) = &mut file.vigicrues {
            vigicrues.address = base(&vigicrues.address).map_err(|why| bad(format!("vigicrues: {why}")))?;
            vigicrues.reaches = vigicrues.reaches.iter().flat_map(|said| words(said)).collect();
            if vigicrues.territories.is_empty() && vigicrues.reaches.is_empty() {
                return Err(bad(
                    "vigicrues names neither territories nor reaches: it would bring those of all France".into()
                ));
            }
        }
        if file.hubeau.is_none() && file.vigicrues.is_none() {
            return Err(bad("it names no service: add [hubeau] or [vigicrues]".into()));
        }
        let this = Self {
            path: path.to_owned(),
            proxy: file.proxy,
            authorities: file.authorities,
            hubeau: file.hubeau,
            vigicrues: file.vigicrues,
        };
        this.web()?;
        Ok(this)
    }

    /// What services are asked with.
    pub(super) fn web(&self) -> Result<Web, BadConfig> {
        let web = Web::new(&self.authorities, self.proxy.as_deref(), None);
        web.map_err(|why| BadConfig { path: self.path.clone(), why })
    }
}

/// An address without the stroke at its end: over TLS, unless it is on this machine.
fn base(address: &str) -> Result<String, String> {
    let here = |rest: &str| {
        let host = rest.split(['/', ':']).next().unwrap_or_default();
        matches!(host, "localhost" | "127.0.0.1")
    };
    let sound = match address.split_once("://") {
        Some(("https", rest)) => !rest.is_empty(),
        Some(("http", rest)) => here(rest),
        _ => false,
    };
    if !sound || address.contains(['@', '?', '#', ' ']) {
        return Err("address is https://host/path, without a password, a question or a fragment".to_owned());
    }
    Ok(address.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rivers.toml");
        std::fs::write(&path, text).unwrap();
        Config::read(&path).map_err(|e| e.to_string())
    }

    const HUBEAU: &str = "[hubeau]\n[[hubeau.station]]\ncode = \"U132401001\"\nreference = \"H-1\"\n";

    #[test]
    fn a_file_that_says_little_asks_the_public_services_at_their_rhythm() {
        let config = read(&format!("{HUBEAU}[vigicrues]\nterritories = [\"18\"]\nreaches = [\"Saône\"]\n")).unwrap();
        let (hubeau, vigicrues) = (config.hubeau.unwrap(), config.vigicrues.unwrap());
        assert_eq!((hubeau.every(), vigicrues.every()), (Duration::from_secs(300), Duration::from_secs(600)));
        assert!(hubeau.address.starts_with("https://hubeau.") && vigicrues.address.ends_with("/services"));
        assert_eq!(vigicrues.reaches, ["saone"]);
        assert_eq!(vigicrues.title, "© VIGICRUES");
        let eager = read(&HUBEAU.replace("[hubeau]", "[hubeau]\nevery_s = 1")).unwrap();
        assert_eq!(eager.hubeau.unwrap().every(), Duration::from_secs(60));
    }

    #[test]
    fn a_mistake_is_told_at_the_start_with_its_remedy() {
        let said = |text: &str| read(text).unwrap_err();
        assert!(said("").contains("names no service"));
        assert!(said("[hubeau]").contains("[[hubeau.station]]"));
        assert!(said(&HUBEAU.replace("U132401001", "U13*")).contains("U132401001"));
        assert!(
            said(&format!("{HUBEAU}[[hubeau.station]]\ncode = \"U122401001\"\nreference = \"H-1\"\n"))
                .contains("twice")
        );
        assert!(said("[vigicrues]").contains("all France"));
        assert!(said(&HUBEAU.replace("[hubeau]", "[hubeau]\naddress = \"http://elsewhere/api\"")).contains("https://"));
        assert!(
            said(&HUBEAU.replace("[hubeau]", "[hubeau]\naddress = \"https://me:secret@host\"")).contains("password")
        );
        assert!(said(&format!("authorities = [\"/nowhere.pem\"]\n{HUBEAU}")).contains("/nowhere.pem"));
        assert!(said(&HUBEAU.replace("code", "kode")).contains("kode"));
    }
}
