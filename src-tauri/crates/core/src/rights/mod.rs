//! Roles, and the one file that says what each may read and write.
//!
//! `rights.toml` is the source: `vigiectl migrate` turns it into grants and row-level security, training obeys it as is,
//! [`document`] writes `docs/rights.md` from it. What has no entry there is readable and writable by none.

mod document;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::equipment::EquipmentKind;
use crate::table::{Cell, Row, TableSpec};

pub use document::document;

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
    /// Roles that read it: every row and column, less what follows.
    pub read: Vec<Role>,
    /// Columns of text that some of these roles are given empty.
    #[serde(default)]
    pub hidden: BTreeMap<String, Vec<Role>>,
    /// Rows that some of these roles do not see.
    #[serde(default)]
    pub rows: Option<RowRights>,
}

/// Rows kept from some roles, by the value of one column. A row that takes such a value leaves their replicas.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct RowRights {
    /// The column, of text.
    pub column: String,
    /// By value: roles that do not see these rows.
    pub hidden: BTreeMap<String, Vec<Role>>,
}

/// Who may do one thing: submit a kind, command a kind of equipment, ask a query.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    /// Roles that may.
    pub may: Vec<Role>,
}

/// Who administers accounts. The metropolis's owner does everything.
#[derive(Debug, Clone, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct AccountRights {
    /// Roles that create accounts, lock them, change their role and their password.
    pub manage: Vec<Role>,
    /// Roles that list them.
    pub list: Vec<Role>,
    /// Roles that those who manage may give, and whose accounts they may touch.
    pub give: Vec<Role>,
}

/// The whole matrix.
#[derive(Debug, Clone, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Rights {
    /// By table name.
    pub table: BTreeMap<String, TableRights>,
    /// By query of what is not replicated.
    pub fetch: BTreeMap<String, Allowed>,
    /// By kind of submission.
    pub submission: BTreeMap<String, Allowed>,
    /// By kind of equipment: roles that may command it.
    pub pilot: BTreeMap<EquipmentKind, Allowed>,
    /// Accounts.
    pub accounts: AccountRights,
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

    /// A row as a role is given it: none when it does not see it, with empty text where a column is hidden from it.
    pub fn shown<'a>(&self, role: Role, table: &TableSpec, row: &'a Row) -> Option<Cow<'a, Row>> {
        let rights = self.table.get(table.name).filter(|rights| rights.read.contains(&role))?;
        if let Some(rows) = &rights.rows
            && let Some(Cell::Text(value)) = table.position(&rows.column).and_then(|at| row.cells.get(at))
            && rows.hidden.get(value).is_some_and(|roles| roles.contains(&role))
        {
            return None;
        }
        let mut shown = Cow::Borrowed(row);
        for (column, _) in rights.hidden.iter().filter(|(_, roles)| roles.contains(&role)) {
            if let Some(cell) = table.position(column).and_then(|at| shown.to_mut().cells.get_mut(at)) {
                *cell = Cell::Text(String::new());
            }
        }
        Some(shown)
    }

    /// Whether a role may ask a query of what is not replicated.
    pub fn may_fetch(&self, role: Role, query: &str) -> bool {
        self.fetch.get(query).is_some_and(|f| f.may.contains(&role))
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
    Rights::parse(RIGHTS_TOML).unwrap_or_default()
});

/// The rights this program was built with.
pub fn rights() -> &'static Rights {
    &RIGHTS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{ColumnType, TABLES, TableRow, Zone, table};

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

    #[test]
    fn only_columns_of_text_are_hidden_or_decide_over_rows_and_only_from_readers() {
        for (name, rights) in &rights().table {
            let spec = table(name).unwrap_or_else(|| panic!("{name} is no synced table"));
            let rows = rights.rows.iter();
            let columns = rights.hidden.keys().chain(rows.clone().map(|rows| &rows.column));
            for column in columns {
                let at = spec.position(column).unwrap_or_else(|| panic!("{name} has no column {column}"));
                let found = &spec.columns[at];
                assert!(found.kind == ColumnType::Text && !found.nullable, "{name}.{column}");
            }
            let kept_from = rights.hidden.values().chain(rows.flat_map(|rows| rows.hidden.values())).flatten();
            assert!(kept_from.clone().all(|role| rights.read.contains(role)), "{name}");
        }
    }

    #[test]
    fn a_role_sees_a_row_whole_in_part_or_not_at_all() {
        let rights = Rights::parse(
            r#"
            submission = {}
            fetch = {}
            pilot = {}
            accounts = { manage = [], list = [], give = [] }
            [table.zone]
            read = ["supervisor", "manager", "call_agent"]
            hidden = { name = ["manager"] }
            rows = { column = "kind", hidden = { cctv = ["call_agent"] } }
            "#,
        )
        .unwrap();
        let zone = Zone {
            zone_id: crate::ids::ZoneId(uuid::Uuid::nil()),
            reference: "Z-1".into(),
            name: "Gare".into(),
            kind: "cctv".into(),
            outline: serde_json::json!([]),
            revision: None,
            person_id: None,
            changed_at: None,
        };
        let row = zone.to_row();
        let seen = |role| rights.shown(role, &Zone::SPEC, &row).map(|row| Zone::from_row(&row).unwrap().name);
        assert_eq!(seen(Role::Supervisor).as_deref(), Some("Gare"));
        assert_eq!(seen(Role::Manager).as_deref(), Some(""));
        assert_eq!(seen(Role::CallAgent), None);
        assert_eq!(seen(Role::Auditor), None);
    }

    #[test]
    fn nobody_gives_a_role_that_administers_audits_or_runs_programs() {
        let give = &rights().accounts.give;
        for role in [Role::ItAdmin, Role::Auditor, Role::Gateway, Role::House] {
            assert!(!give.contains(&role), "{role}");
        }
    }
}
