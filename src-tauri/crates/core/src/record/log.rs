//! The log (main courante): one line for each decision and event, append-only. A correction is a new line.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::{DeskId, PersonId, RecordId, ShiftId};
use crate::record::{Stated, Statement};
use crate::rights::Role;
use crate::table::LogEntry;
use crate::time::Timestamp;

/// Longest text of a line, in characters.
pub const TEXT_MAX: usize = 4_000;
/// Most objects that a line may be linked to.
const LINKS_MAX: usize = 20;

crate::table::codes! {
    /// What a line tells.
    LogKind {
        /// Something happened.
        Event = "event",
        /// Someone decided.
        Decision = "decision",
    }
}

crate::table::codes! {
    /// What a line may be linked to.
    LinkKind {
        /// A piece of equipment.
        Equipment = "equipment",
        /// A zone.
        Zone = "zone",
        /// A command.
        Command = "command",
    }
}

/// An object that a line speaks of. It need not exist any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Link {
    /// What it is.
    pub kind: LinkKind,
    /// Its identifier.
    #[cfg_attr(feature = "ts", ts(as = "String"))]
    pub id: Uuid,
}

/// The objects that a line speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(as = "Vec<Link>"))]
pub struct Links(pub Vec<Link>);

crate::table::json_fields!(Links);

impl std::fmt::Display for Links {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (n, link) in self.0.iter().enumerate() {
            write!(f, "{}{}={}", if n > 0 { "," } else { "" }, link.kind, link.id)?;
        }
        Ok(())
    }
}

/// A line as its author wrote it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogLine {
    /// UUIDv7 made by the author's workstation; the key of the row.
    pub log_id: RecordId,
    /// When, in the metropolis's time as estimated there.
    pub written_at: Timestamp,
    /// The author's desk, where he held one.
    pub desk_id: Option<DeskId>,
    /// His shift, where one was open.
    pub shift_id: Option<ShiftId>,
    /// Number among the author's lines at this workstation: a number that is missing is a line that is missing.
    pub sequence: i64,
    /// The author.
    pub person_id: PersonId,
    /// His role then.
    pub role: Role,
    /// Decision or event.
    pub kind: LogKind,
    /// The words.
    pub text: String,
    /// The line that this one corrects.
    pub corrects: Option<RecordId>,
    /// What it speaks of.
    pub links: Links,
}

impl LogLine {
    /// Whether the metropolis can take it: words, not too many, and none that a database cannot hold.
    pub fn is_well_formed(&self) -> bool {
        !self.text.trim().is_empty()
            && self.text.chars().count() <= TEXT_MAX
            && !self.text.contains('\0')
            && self.links.0.len() <= LINKS_MAX
            && self.sequence > 0
    }
}

impl Stated for LogLine {
    fn statement(&self) -> Statement {
        Statement::of("log_entry")
            .field("log_id", self.log_id)
            .field("written_at", self.written_at.0)
            .maybe("desk_id", self.desk_id)
            .maybe("shift_id", self.shift_id)
            .field("sequence", self.sequence)
            .field("person_id", self.person_id)
            .field("role", self.role)
            .field("kind", self.kind)
            .field("text", &self.text)
            .maybe("corrects", self.corrects)
            .field("links", &self.links)
    }
}

impl From<&LogEntry> for LogLine {
    /// What the author wrote of a row: what his signature stands for.
    fn from(row: &LogEntry) -> Self {
        Self {
            log_id: row.log_id,
            written_at: row.written_at,
            desk_id: row.desk_id,
            shift_id: row.shift_id,
            sequence: row.sequence,
            person_id: row.person_id,
            role: row.role,
            kind: row.kind,
            text: row.text.clone(),
            corrects: row.corrects,
            links: row.links.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> LogLine {
        LogLine {
            log_id: RecordId(Uuid::from_u128(1)),
            written_at: Timestamp(1_795_500_000_000),
            desk_id: Some(DeskId(Uuid::from_u128(2))),
            shift_id: None,
            sequence: 3,
            person_id: PersonId(Uuid::from_u128(4)),
            role: Role::RemoteOperator,
            kind: LogKind::Decision,
            text: "Passerelle fermée.\nGardien prévenu.".into(),
            corrects: None,
            links: Links(vec![Link { kind: LinkKind::Equipment, id: Uuid::from_u128(5) }]),
        }
    }

    #[test]
    fn what_is_signed_is_the_form_recorded() {
        insta::assert_snapshot!(String::from_utf8(line().statement().bytes().to_vec()).unwrap());
    }

    #[test]
    fn a_line_needs_words_that_a_database_can_hold() {
        assert!(line().is_well_formed());
        for text in [" \n".to_owned(), "a\0b".into(), "é".repeat(TEXT_MAX + 1)] {
            assert!(!LogLine { text, ..line() }.is_well_formed());
        }
    }
}
