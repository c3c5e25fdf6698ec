//! Objects: the line of a list, the sheet, the history.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use vigie_core::command::{ClassCode, Params};
use vigie_core::equipment::{Break, EquipmentKind, Freshness, Look, Mark, Mode, Quality, Reading};
use vigie_core::ids::{EquipmentId, ZoneId};
use vigie_core::lock::LockState;
use vigie_core::search::PlaceKind;
use vigie_core::time::Timestamp;

use crate::dto::{CommandView, LockView, ObjectProgramme, ServiceView};

/// By identifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ObjectArgs {
    /// Which object.
    pub equipment_id: EquipmentId,
}

/// By point of the map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PointArgs {
    /// Which point, of the present generation.
    pub point: u32,
}

/// A search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SearchArgs {
    /// Words typed.
    pub text: String,
    /// At most so many.
    pub limit: u32,
}

/// Objects that a search found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ObjectsFound {
    /// Nothing has the words as typed: these have words near them.
    pub near: bool,
    /// Best first.
    pub lines: Vec<ObjectLine>,
}

/// Places that a search found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PlacesFound {
    /// Nothing has the words as typed: these have words near them.
    pub near: bool,
    /// Best first.
    pub places: Vec<PlaceView>,
}

/// A commune, a zone or a street.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PlaceView {
    /// What it is.
    pub kind: PlaceKind,
    /// Which zone; a commune is known by its name, a street by its name and commune.
    pub zone_id: Option<ZoneId>,
    /// Short reference of a zone, else empty.
    pub reference: String,
    /// Name.
    pub name: String,
    /// Commune of a street, else empty.
    pub commune: String,
    /// For a street: how many objects stand in it.
    pub objects: u32,
    /// For a street, degrees WGS 84: west, south, east, north.
    pub bounds: Option<[f64; 4]>,
}

/// What the list twin shows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct ObjectFilter {
    /// Only these kinds; all when empty.
    pub kinds: Vec<EquipmentKind>,
    /// Only objects that look like a notice or worse, are stale, unreachable, pending or unknown.
    pub abnormal: bool,
    /// `[west, south, east, north]` in degrees: only inside.
    pub bounds: Option<[f64; 4]>,
    /// Only these looks; all when empty.
    pub looks: Vec<Look>,
    /// Only in these communes, by INSEE code; all when empty.
    pub communes: Vec<String>,
    /// Only of these services, by code, the empty one for objects of none; all when empty.
    pub services: Vec<String>,
    /// Only values of these ages; all when empty.
    pub ages: Vec<Freshness>,
    /// Only these points, of the present generation; all when empty.
    pub points: Vec<u32>,
    /// First line wanted.
    pub offset: u32,
    /// At most so many lines.
    pub limit: u32,
}

/// Which points a filter keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PointRuns {
    /// Generation of the points.
    pub generation: u32,
    /// `[first, last]` identifiers, both kept; what lies between them in the packed points is kept too.
    pub runs: Vec<[u32; 2]>,
    /// Points with an open alarm of priority 1: shown whatever is chosen.
    pub urgent: Vec<u32>,
}

/// How many objects each choice of a filter would keep, the choices of the other sorts standing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Tally {
    /// In the scope of the filter (abnormal, bounds, points), whatever is chosen.
    pub total: u32,
    /// Kept by what is chosen.
    pub kept: u32,
    /// In the order of `EquipmentKind`.
    pub kinds: Vec<u32>,
    /// In the order of `Look`.
    pub looks: Vec<u32>,
    /// In the order of `Freshness`.
    pub ages: Vec<u32>,
    /// Every commune, by INSEE code.
    pub communes: Vec<CommuneCount>,
    /// Every service by code, and last, without a code, the objects of none.
    pub services: Vec<ServiceCount>,
}

/// How many objects of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ServiceCount {
    /// Its code; empty for the objects of none.
    pub code: String,
    /// Its name; empty for the objects of none.
    pub name: String,
    /// How many.
    pub objects: u32,
}

/// How many objects of a commune.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CommuneCount {
    /// INSEE code.
    pub insee_code: String,
    /// Its name.
    pub name: String,
    /// How many.
    pub objects: u32,
}

/// One page of the list twin: worst first, then by reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ObjectPage {
    /// Lines that match in all.
    pub total: u32,
    /// Objects that would be listed but for what is chosen.
    pub hidden: u32,
    /// Among them, how many by look, in the order of `Look`.
    pub by_look: Vec<u32>,
    /// The lines wanted.
    pub lines: Vec<ObjectLine>,
}

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ObjectLine {
    /// Identifier.
    pub equipment_id: EquipmentId,
    /// Its point on the map.
    pub point: u32,
    /// Short reference.
    pub reference: String,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: EquipmentKind,
    /// Commune's name.
    pub commune: String,
    /// Degrees WGS 84.
    pub lon: f64,
    /// Degrees WGS 84.
    pub lat: f64,
    /// How it looks.
    pub look: Look,
    /// What is drawn over it.
    pub marks: Vec<Mark>,
    /// What the age of its value makes of it, the desk's own link included.
    pub freshness: Freshness,
    /// What it reports.
    pub reading: Reading,
    /// When it was measured.
    pub observed_at: Option<Timestamp>,
    /// Whether a crew lock stands on it (R10), and whether that is in force.
    pub lock: Option<LockState>,
}

/// What the windows of a desk look at together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Selection {
    /// The object; none when nothing is selected.
    pub equipment_id: Option<EquipmentId>,
    /// The window that says so, by a name of its own choice: it ignores its own echo.
    pub window: String,
}

/// The whole sheet of an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ObjectSheet {
    /// The line.
    pub line: ObjectLine,
    /// Street.
    pub street: String,
    /// What is fixed about it.
    pub attributes: serde_json::Value,
    /// How far the reading can be trusted.
    pub quality: Quality,
    /// When the metropolis received it.
    pub received_at: Option<Timestamp>,
    /// Where it comes from.
    pub source: String,
    /// Older than this its value is ageing, ms.
    pub ageing_after_ms: f64,
    /// Older than this its value is stale, ms.
    pub fresh_for_ms: f64,
    /// Which part of the chain does not answer, if any.
    pub out_of_reach: Option<Break>,
    /// Who decides what it does.
    pub mode: Mode,
    /// What was asked of it and is in force.
    pub target: Option<Params>,
    /// End of the override in force.
    pub effect_until: Option<Timestamp>,
    /// The programme that was applied to it, if ever one was.
    pub programme: Option<ObjectProgramme>,
    /// Version of the state shown.
    #[ts(as = "f64")]
    pub version: i64,
    /// The precondition a command takes from this sheet (R4).
    #[ts(as = "f64")]
    pub control_version: i64,
    /// Actions this role may ask, in the order of the catalogue.
    pub actions: Vec<ActionView>,
    /// This role may move it by a held key (class L).
    pub live: bool,
    /// The service that keeps it.
    pub service: Option<ServiceView>,
    /// Phone to call when a dangerous action is out of reach.
    pub phone: Option<String>,
    /// Crew locks on it; those that are over last.
    pub locks: Vec<LockView>,
    /// Commands on it, own and others', newest first (the last 20).
    pub commands: Vec<CommandView>,
    /// Its past states, newest first (the last 50 held here).
    pub history: Vec<HistoryLine>,
}

/// An action as offered on a sheet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ActionView {
    /// Code; its text is `action.<code>` in the catalogues.
    pub code: String,
    /// Class before surroundings.
    pub class: ClassCode,
    /// What it takes.
    pub parameter: ParameterView,
    /// Longest effect in minutes; none when it has no lasting effect.
    #[ts(as = "Option<f64>")]
    pub max_effect_minutes: Option<u64>,
    /// Goes in the safe direction (R17).
    pub safe_direction: bool,
}

/// What an action takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ParameterView {
    /// Nothing.
    None,
    /// A whole number.
    Number {
        /// Key.
        key: String,
        /// Lowest.
        #[ts(as = "f64")]
        min: i64,
        /// Highest.
        #[ts(as = "f64")]
        max: i64,
    },
    /// A text.
    Text {
        /// Key.
        key: String,
        /// Longest, in characters.
        max: u32,
    },
    /// One of a list.
    OneOf {
        /// Key.
        key: String,
        /// Values.
        values: Vec<String>,
    },
    /// A programme: applied from its own panel.
    Programme,
}

/// More history of an object, beyond what is held here: asks the metropolis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HistoryArgs {
    /// Which object.
    pub equipment_id: EquipmentId,
    /// Before this instant.
    pub before: Timestamp,
}

/// A past state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct HistoryLine {
    /// When.
    pub observed_at: Timestamp,
    /// What it reported.
    pub reading: Reading,
    /// How it looked then.
    pub look: Look,
    /// How far it can be trusted.
    pub quality: Quality,
    /// Who decided what it did.
    pub mode: Mode,
    /// Where it comes from.
    pub source: String,
}
