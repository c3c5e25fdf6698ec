//! How the program is started: the same arguments for the window and for the development host.

use std::path::PathBuf;
use std::time::Duration;

use vigie_metropolis::TlsFiles;

use crate::error::ApiError;

/// Minutes until a session suspends itself on a real metropolis, when nobody said otherwise.
const SUSPEND_AFTER: u32 = 10;

/// Where the key of the local files is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum KeyPlace {
    /// In the system's own store; in a file where the host has none.
    System,
    /// In a file that only its owner reads: for hosts without a session, and tests.
    File,
}

/// Whether a view is shared during a cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum SharedView {
    /// Who cannot open his files sees the map and the last states, and commands nothing.
    On,
    /// Nobody sees anything without an account.
    Off,
}

/// Arguments shared by every host.
#[derive(Debug, Clone, clap::Args)]
pub struct Launch {
    /// Address of a metropolitan database, `postgres://login@host/database`, without a password in it.
    /// Without it, Vigie opens in training mode.
    #[arg(long, value_name = "URL", env = "VIGIE_METROPOLIS")]
    pub metropolis: Option<String>,
    /// Login to sign in with, when the address has none. In training, whose place one takes: `c.martin` (remote operator) by default,
    /// `s.bernard` (supervisor), `t.colas` (IT)…
    #[arg(long)]
    pub login: Option<String>,
    /// PEM file of an authority that signs the servers' certificates, beside the system's own; several may be named.
    /// `sslrootcert` in the address and PGSSLROOTCERT say the same.
    #[arg(long, value_name = "FILE", env = "VIGIE_CA", value_delimiter = ',')]
    pub ca: Vec<PathBuf>,
    /// PEM file of the certificate that this desk shows instead of a password, or beside it (`sslcert`, PGSSLCERT).
    #[arg(long, value_name = "FILE", env = "VIGIE_CERT", requires = "key")]
    pub cert: Option<PathBuf>,
    /// PEM file of its private key, in clear, for its owner's eyes only (`sslkey`, PGSSLKEY).
    #[arg(long, value_name = "FILE", env = "VIGIE_KEY", requires = "cert")]
    pub key: Option<PathBuf>,
    /// Folder of the local files; by default the system's place for them.
    #[arg(long, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
    /// Where the key of the local files is kept.
    #[arg(long, value_enum, default_value = "system", env = "VIGIE_KEYS")]
    pub keys: KeyPlace,
    /// Whether who has no account here may look, during a cut, at the map and the last states.
    #[arg(long, value_enum, default_value = "on", env = "VIGIE_SHARED_VIEW")]
    pub shared_view: SharedView,
    /// Minutes after which a session that nobody touches suspends itself, 0 for never; by default 10, in training never.
    #[arg(long, value_name = "MINUTES", env = "VIGIE_SUSPEND_AFTER")]
    pub suspend_after: Option<u32>,
    /// A `.pmtiles` file of the ground, drawn under the map; without it, the ground is the metropolis's own lines.
    #[arg(long, value_name = "FILE", env = "VIGIE_GROUND")]
    pub ground: Option<PathBuf>,
    /// A service whose pictures are the ground instead: an address with `{z}`, `{x}` and `{y}` in it, or, with --ground-layer, that of
    /// the capabilities of a WMTS. Nothing is asked of anyone where none is named.
    #[arg(long, value_name = "URL", env = "VIGIE_GROUND_TILES", conflicts_with = "ground")]
    pub ground_tiles: Option<String>,
    /// The layer wanted of a WMTS.
    #[arg(long, value_name = "NAME", env = "VIGIE_GROUND_LAYER", requires = "ground_tiles")]
    pub ground_layer: Option<String>,
    /// Whom the pictures are owed to, shown under the map; a WMTS says it itself.
    #[arg(long, value_name = "TEXT", env = "VIGIE_GROUND_CREDIT")]
    pub ground_credit: Option<String>,
    /// The proxy that leads to the service, `http://host:port`; by default what the system says (`HTTPS_PROXY`, `NO_PROXY`).
    #[arg(long, value_name = "URL", env = "VIGIE_GROUND_PROXY")]
    pub ground_proxy: Option<String>,
    /// Most that is kept of it on this machine, MB.
    #[arg(long, value_name = "MB", default_value_t = 256, value_parser = clap::value_parser!(u32).range(16..=16_384), env = "VIGIE_GROUND_CACHE")]
    pub ground_cache: u32,
    /// Training: seed of the city.
    #[arg(long, default_value_t = 21_000)]
    pub seed: u64,
    /// Training: about how many objects.
    #[arg(long, default_value_t = 36_000, value_parser = clap::value_parser!(u32).range(500..=1_000_000))]
    pub objects: u32,
    /// Training: scenario to start with (`ordinary-night`, `cut-link`, `silent-source`, `alarm-flood`, `rising-river`).
    #[arg(long, default_value = "ordinary-night")]
    pub scenario: String,
    /// Training: speed of the simulated clock, 0 (paused) to 3600.
    #[arg(long, default_value_t = 1.0, value_parser = speed)]
    pub speed: f64,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (0.0..=3600.0).contains(&speed) => Ok(speed),
        _ => Err("a number from 0 to 3600".to_owned()),
    }
}

impl Launch {
    /// The address of the metropolis, with the files of certificates that were named beside it.
    pub(crate) fn address(&self) -> Option<String> {
        let (authorities, certificate, key) = (self.ca.clone(), self.cert.clone(), self.key.clone());
        self.metropolis.as_deref().map(|url| TlsFiles { authorities, certificate, key }.put_into(url))
    }

    /// After how long a session that nobody touches suspends itself; none for never.
    pub(crate) fn suspend_after(&self) -> Option<Duration> {
        let minutes = self.suspend_after.unwrap_or(if self.metropolis.is_some() { SUSPEND_AFTER } else { 0 });
        (minutes > 0).then(|| Duration::from_secs(u64::from(minutes) * 60))
    }

    /// The folder of the local files, asked for or the system's.
    ///
    /// # Errors
    /// `store_disk` where the system knows no such place.
    pub fn data_dir(&self) -> Result<PathBuf, ApiError> {
        self.data_dir.clone().or_else(|| dirs::data_local_dir().map(|dir| dir.join("vigie"))).ok_or_else(|| {
            ApiError::new("store_disk", "no folder for local files is known here: say one with --data-dir")
        })
    }
}

/// A folder name for a metropolis and an account: letters, digits, dots and dashes only.
pub(crate) fn folder_name(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' || c == '-' { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_cannot_name_a_folder_outside_its_own() {
        assert_eq!(folder_name("../../etc/passwd"), ".._.._etc_passwd");
        assert_eq!(folder_name("db.dijon.fr-5432-vigie-c.martin"), "db.dijon.fr-5432-vigie-c.martin");
    }

    #[test]
    fn a_speed_is_a_number_up_to_an_hour_a_second() {
        assert!(speed("60").is_ok() && speed("0").is_ok());
        for bad in ["-1", "3601", "NaN", "vite"] {
            assert!(speed(bad).is_err(), "{bad}");
        }
    }
}
