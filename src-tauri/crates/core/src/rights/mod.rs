//! Roles, and the one file that says what each may read and write.
//!
//! `rights.toml` is the source: `vigiectl migrate` turns it into grants and row-level security, training obeys it as is.
//! What has no entry there is readable and writable by none.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::equipment::EquipmentKind;

crate::table::codes! {
    /// What someone works as. `gateway` and `house` are the metropolis's own programs.
    Role {
        /// Télécontrôleur.
        RemoteOperator = "remote_operator",
        /// Chef de salle.
        Supervisor = "supervisor",
        /// Agent Allô Mairie.
        CallAgent = "call_agent",
        /// Opérateur vidéo.
        CctvOperator = "cctv_operator",
        /// Agent CCAS.
        SocialWorker = "social_worker",
        /// Chef de service.
        FieldManager = "field_manager",
        /// Direction.
        Manager = "manager",
        /// DSI.
        ItAdmin = "it_admin",
        /// DPO.
        Auditor = "auditor",
        /// Field gateway.
        Gateway = "gateway",
        /// Rules and time.
        House = "house",
    }
}

/// The text of the file, as compiled in.
pub const RIGHTS_TOML: &str = include_str!("rights.toml");

/// What may be done with one table.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct TableRights {
    /// Roles that read every row and column of it.
    pub read: Vec<Role>,
}

/// Who may submit one kind.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct SubmissionRights {
    /// Roles that may.
    pub may: Vec<Role>,
}

/// The whole matrix.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Rights {
    /// By table name.
    pub table: BTreeMap<String, TableRights>,
    /// By kind of submission.
    pub submission: BTreeMap<String, SubmissionRights>,
    /// By kind of equipment: roles that may command it.
    pub pilot: BTreeMap<EquipmentKind, SubmissionRights>,
}

impl Rights {
    /// Reads a rights file.
    pub fn parse(text: &str) -> Result<Self, RightsError> {
        toml::from_str(text).map_err(|e| RightsError(e.to_string()))
    }

    /// Whether a role may read a table.
    pub fn may_read(&self, role: Role, table: &str) -> bool {
        self.table.get(table).is_some_and(|t| t.read.contains(&role))
    }

    /// Whether a role may submit a kind.
    pub fn may_submit(&self, role: Role, kind: &str) -> bool {
        self.submission.get(kind).is_some_and(|s| s.may.contains(&role))
    }

    /// Whether a role may command a kind of equipment.
    pub fn may_pilot(&self, role: Role, kind: EquipmentKind) -> bool {
        self.pilot.get(&kind).is_some_and(|p| p.may.contains(&role))
    }
}

/// The rights file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rights.toml: {0}")]
pub struct RightsError(String);

static RIGHTS: LazyLock<Rights> = LazyLock::new(|| {
    // A file that does not parse gives nobody any right; the test below keeps it parsing.
    Rights::parse(RIGHTS_TOML).unwrap_or(Rights {
        table: BTreeMap::new(),
        submission: BTreeMap::new(),
        pilot: BTreeMap::new(),
    })
});

/// The rights this program was built with.
pub fn rights() -> &'static Rights {
    &RIGHTS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::TABLES;

    #[test]
    fn the_file_parses_and_names_every_synced_table() {
        let rights = Rights::parse(RIGHTS_TOML).unwrap();
        for table in TABLES {
            assert!(rights.table.contains_key(table.name), "{} is readable by none", table.name);
        }
    }

    #[test]
    fn what_is_not_written_is_not_allowed() {
        assert!(!rights().may_read(Role::Supervisor, "nothing_of_the_sort"));
        assert!(!rights().may_submit(Role::Manager, "command"));
        assert!(!rights().may_pilot(Role::CallAgent, EquipmentKind::StreetLight));
    }

    #[test]
    fn only_the_field_reports_states_and_progress() {
        for role in Role::ALL {
            let field = matches!(role, Role::Gateway | Role::House);
            assert_eq!(rights().may_submit(*role, "progress"), field, "{role}");
            assert!(!rights().may_submit(*role, "report") || *role == Role::Gateway, "{role}");
        }
    }
}
