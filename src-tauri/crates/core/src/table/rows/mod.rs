//! The declarations: every synced table, its columns and its typed row, by what they are about.

use crate::alarm::Condition;
use crate::command::{Exclusion, Params};
use crate::equipment::Reading;
use crate::flood::{Call, ForecastPoint};
use crate::ids::{EquipmentId, ZoneId};
use crate::programme::Content;
use crate::table::{TableRow, TableSpec, json_fields};

json_fields!(
    Reading,
    serde_json::Value,
    Condition,
    Params,
    Content,
    Vec<Exclusion>,
    Vec<EquipmentId>,
    Vec<ZoneId>,
    Vec<ForecastPoint>,
    Vec<Call>,
    Vec<String>,
);

/// Declares tables: of each its typed row, and its description in the order of the columns.
macro_rules! rows {
    ($(
        $(#[$doc:meta])*
        $row:ident = $name:literal, indexed [$($index:literal),*], window $window:expr, {
            $($(#[$cdoc:meta])* $column:ident: $type:ty,)+
        }
    )+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq)]
            pub struct $row {
                $($(#[$cdoc])* pub $column: $type,)+
            }

            impl $crate::table::TableRow for $row {
                const SPEC: $crate::table::TableSpec = $crate::table::TableSpec {
                    name: $name,
                    columns: &[$($crate::table::Column {
                        name: stringify!($column),
                        kind: <$type as $crate::table::Field>::TYPE,
                        nullable: <$type as $crate::table::Field>::NULLABLE,
                    },)+],
                    indexed: &[$($index),*],
                    window: $window,
                };

                fn to_row(&self) -> $crate::table::Row {
                    let cells = vec![$($crate::table::Field::to_cell(&self.$column),)+];
                    $crate::table::Row { cells, stamp: 0 }
                }

                fn from_row(row: &$crate::table::Row) -> Result<Self, $crate::table::BadRow> {
                    let mut cells = row.cells.iter();
                    Ok(Self {
                        $($column: cells
                            .next()
                            .and_then(<$type as $crate::table::Field>::from_cell)
                            .ok_or($crate::table::BadRow { table: $name, column: stringify!($column) })?,)+
                    })
                }
            }
        )+
    };
}

mod alarm;
mod command;
mod equipment;
mod flood;
mod people;
mod procedure;
mod programme;
mod territory;

pub use alarm::*;
pub use command::*;
pub use equipment::*;
pub use flood::*;
pub use people::*;
pub use procedure::*;
pub use programme::*;
pub use territory::*;

/// Every synced table, in the order in which it is copied (parents first).
pub static TABLES: &[TableSpec] = &[
    Commune::SPEC,
    Ground::SPEC,
    Zone::SPEC,
    Person::SPEC,
    Desk::SPEC,
    Shift::SPEC,
    Service::SPEC,
    Equipment::SPEC,
    EquipmentState::SPEC,
    StateHistory::SPEC,
    Command::SPEC,
    CommandGroup::SPEC,
    SavedGroup::SPEC,
    CommandEvent::SPEC,
    PersonKey::SPEC,
    Source::SPEC,
    LogEntry::SPEC,
    AlarmRule::SPEC,
    Alarm::SPEC,
    AlarmAct::SPEC,
    Notice::SPEC,
    ApprovalRequest::SPEC,
    DeskHold::SPEC,
    SoleReview::SPEC,
    Programme::SPEC,
    ProgrammeAssignment::SPEC,
    CrewLock::SPEC,
    RiverReach::SPEC,
    GaugeForecast::SPEC,
    Inundation::SPEC,
];
