//! Cells: the few storage types that travel, and how Rust types become them.

use uuid::Uuid;

use crate::time::Timestamp;

/// How a column is stored and transmitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// UUID; 16 bytes in the replica.
    Uuid,
    /// 64-bit integer.
    Int,
    /// Double precision.
    Real,
    /// Text.
    Text,
    /// Boolean; 0 or 1 in the replica.
    Bool,
    /// Instant; `timestamptz` in PostgreSQL, milliseconds since 1970 in the replica.
    Time,
    /// JSON; `jsonb` in PostgreSQL, text in the replica.
    Json,
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// No value.
    Null,
    /// A UUID.
    Uuid(Uuid),
    /// Integers, booleans (0, 1) and instants (milliseconds).
    Int(i64),
    /// A double.
    Real(f64),
    /// Text, and JSON as text.
    Text(String),
}

/// A row does not fit its declaration: the metropolis and this program disagree on the schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {table}.{column} does not fit its declaration: update Vigie or run `vigiectl migrate`")]
pub struct BadRow {
    /// Table name.
    pub table: &'static str,
    /// Column name.
    pub column: &'static str,
}

/// A Rust type that is one column.
pub trait Field: Sized {
    /// How it is stored.
    const TYPE: ColumnType;
    /// Whether null is a value of it.
    const NULLABLE: bool = false;
    /// As a cell.
    fn to_cell(&self) -> Cell;
    /// From a cell, when it fits.
    fn from_cell(cell: &Cell) -> Option<Self>;
}

impl Field for i64 {
    const TYPE: ColumnType = ColumnType::Int;
    fn to_cell(&self) -> Cell {
        Cell::Int(*self)
    }
    fn from_cell(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Int(v) => Some(*v),
            _ => None,
        }
    }
}

impl Field for f64 {
    const TYPE: ColumnType = ColumnType::Real;
    fn to_cell(&self) -> Cell {
        Cell::Real(*self)
    }
    fn from_cell(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Real(v) => Some(*v),
            Cell::Int(v) => Some(*v as f64),
            _ => None,
        }
    }
}

impl Field for bool {
    const TYPE: ColumnType = ColumnType::Bool;
    fn to_cell(&self) -> Cell {
        Cell::Int(i64::from(*self))
    }
    fn from_cell(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Int(v @ 0..=1) => Some(*v == 1),
            _ => None,
        }
    }
}

impl Field for String {
    const TYPE: ColumnType = ColumnType::Text;
    fn to_cell(&self) -> Cell {
        Cell::Text(self.clone())
    }
    fn from_cell(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Text(v) => Some(v.clone()),
            _ => None,
        }
    }
}

impl Field for Timestamp {
    const TYPE: ColumnType = ColumnType::Time;
    fn to_cell(&self) -> Cell {
        Cell::Int(self.0)
    }
    fn from_cell(cell: &Cell) -> Option<Self> {
        i64::from_cell(cell).map(Timestamp)
    }
}

impl<T: Field> Field for Option<T> {
    const TYPE: ColumnType = T::TYPE;
    const NULLABLE: bool = true;
    fn to_cell(&self) -> Cell {
        self.as_ref().map_or(Cell::Null, Field::to_cell)
    }
    fn from_cell(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Null => Some(None),
            other => T::from_cell(other).map(Some),
        }
    }
}

macro_rules! uuid_fields {
    ($($id:ty),*) => {$(
        impl Field for $id {
            const TYPE: ColumnType = ColumnType::Uuid;
            fn to_cell(&self) -> Cell {
                Cell::Uuid(self.0)
            }
            fn from_cell(cell: &Cell) -> Option<Self> {
                match cell {
                    Cell::Uuid(v) => Some(Self(*v)),
                    _ => None,
                }
            }
        }
    )*};
}
uuid_fields!(
    crate::ids::EquipmentId,
    crate::ids::ZoneId,
    crate::ids::ServiceId,
    crate::ids::CommandId,
    crate::ids::GroupId,
    crate::ids::SavedGroupId,
    crate::ids::PersonId,
    crate::ids::DeskId,
    crate::ids::ShiftId,
    crate::ids::RecordId,
    crate::ids::KeyId,
    crate::ids::AlarmId,
    crate::ids::LiveId,
    crate::ids::RequestId,
    crate::ids::ProgrammeId
);

impl Field for Uuid {
    const TYPE: ColumnType = ColumnType::Uuid;
    fn to_cell(&self) -> Cell {
        Cell::Uuid(*self)
    }
    fn from_cell(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Uuid(v) => Some(*v),
            _ => None,
        }
    }
}

/// Declares that types which serialise are columns of JSON.
macro_rules! json_fields {
    ($($document:ty),* $(,)?) => {$(
        impl $crate::table::Field for $document {
            const TYPE: $crate::table::ColumnType = $crate::table::ColumnType::Json;
            fn to_cell(&self) -> $crate::table::Cell {
                serde_json::to_string(self).map_or($crate::table::Cell::Null, $crate::table::Cell::Text)
            }
            fn from_cell(cell: &$crate::table::Cell) -> Option<Self> {
                match cell {
                    $crate::table::Cell::Text(text) => serde_json::from_str(text).ok(),
                    _ => None,
                }
            }
        }
    )*};
}
pub(crate) use json_fields;

/// Declares that an enum with a `code()` and `from_code()` is a text column.
macro_rules! text_fields {
    ($($code:ty),* $(,)?) => {$(
        impl $crate::table::Field for $code {
            const TYPE: $crate::table::ColumnType = $crate::table::ColumnType::Text;
            fn to_cell(&self) -> $crate::table::Cell {
                $crate::table::Cell::Text(self.code().to_owned())
            }
            fn from_cell(cell: &$crate::table::Cell) -> Option<Self> {
                match cell {
                    $crate::table::Cell::Text(v) => Self::from_code(v),
                    _ => None,
                }
            }
        }
    )*};
}
pub(crate) use text_fields;

/// Declares a closed list of codes: an enum, its spelling in the database and on the wire, and the list of all of them.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS))]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $code)] $variant,)+
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The spelling used in the database, on the wire and in the catalogues of texts.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The value of a spelling.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }

        $crate::table::text_fields!($name);
    };
}
pub(crate) use codes;
