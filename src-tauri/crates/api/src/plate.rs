//! `plate.json`: what is said of an account's closed files at their door. Its login, when it was here, how much of what it
//! wrote is not sent. Written beside the files, in clear, so that another account sees that something waits; what waits is
//! inside.

use std::path::Path;

use serde::{Deserialize, Serialize};
use vigie_core::time::Timestamp;

use crate::dto::{AccountLine, Door};

const FILE: &str = "plate.json";

/// The plate at the door of a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plate {
    /// `host:port/database` of the metropolis's first server.
    pub place: String,
    /// The account.
    pub login: String,
    /// Metropolis time when it was last heard from here.
    pub heard_at: Option<Timestamp>,
    /// Written here and not with the metropolis.
    pub unsent: u32,
}

impl Plate {
    /// The plate of a folder; none where there is none that can be read.
    pub(crate) fn read(folder: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(folder.join(FILE)).ok()?).ok()
    }

    /// Writes it, all or nothing. It only informs: one that cannot be written stops nobody.
    pub(crate) fn write(&self, folder: &Path) {
        let side = folder.join("plate.new");
        let written = serde_json::to_vec(self)
            .map_err(std::io::Error::other)
            .and_then(|text| std::fs::write(&side, text))
            .and_then(|()| std::fs::rename(&side, folder.join(FILE)));
        if let Err(error) = written {
            tracing::warn!(%error, "the plate of this account's files could not be written");
        }
    }
}

/// Who may sign in here, of the folders of a metropolis: the account that was here last comes first.
pub(crate) fn door<'a>(folders: impl IntoIterator<Item = &'a Path>, place: &str) -> Door {
    let plates = folders.into_iter().filter_map(Plate::read).filter(|plate| plate.place == place);
    // The view shared during a cut has a plate without a login.
    let (accounts, views): (Vec<_>, Vec<_>) = plates.partition(|plate| !plate.login.is_empty());
    let mut accounts: Vec<_> = accounts
        .into_iter()
        .map(|Plate { login, heard_at, unsent, .. }| AccountLine { login, heard_at, unsent })
        .collect();
    accounts.sort_by(|a, b| b.heard_at.cmp(&a.heard_at).then_with(|| a.login.cmp(&b.login)));
    Door { accounts, view_at: views.into_iter().find_map(|plate| plate.heard_at) }
}
