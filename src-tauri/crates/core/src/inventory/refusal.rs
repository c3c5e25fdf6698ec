//! Why a record is not loaded, in words for whoever keeps the file.

use crate::equipment::EquipmentKind;
use crate::geo::OutlineFault;
use crate::zone::ZoneKind;

/// A record that is not loaded.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// Its reference, when it has one.
    pub reference: Option<String>,
    /// Why.
    pub why: Refusal,
}

/// Why a record is not loaded.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Something needed is not there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// No kind of equipment has this code.
    #[error("unknown kind of equipment: {0}")]
    UnknownKind(String),
    /// No kind of zone has this code.
    #[error("unknown kind of zone: {0}")]
    UnknownZoneKind(String),
    /// Another record of the file has the reference.
    #[error("this reference stands in the file twice: here and at {0}")]
    Duplicate(String),
    /// A number was needed.
    #[error("{0} is not a number: {1}")]
    NotANumber(&'static str, String),
    /// True or false was needed.
    #[error("{0} is neither true nor false: {1}")]
    NotAFlag(&'static str, String),
    /// Not on the globe, or not where the projection serves.
    #[error("the coordinates are out of range: {0}, {1}")]
    OutOfRange(f64, f64),
    /// Metres where degrees were expected.
    #[error("the coordinates look like metres, not degrees: {0}, {1}")]
    Metric(f64, f64),
    /// Latitude and longitude exchanged.
    #[error("longitude and latitude are exchanged: {0}, {1}")]
    Swapped(f64, f64),
    /// Not in the metropolis.
    #[error("{0}, {1} lies outside all communes")]
    OutsideCommunes(f64, f64),
    /// Not a commune of the metropolis.
    #[error("no commune of the metropolis has the INSEE code {0}")]
    UnknownCommune(String),
    /// Not a service of the metropolis.
    #[error("no service of the metropolis has the code {0}")]
    UnknownService(String),
    /// Not a gauge of the metropolis.
    #[error("no gauge of the metropolis has the reference {0}")]
    UnknownGauge(String),
    /// Not a zone of the metropolis.
    #[error("no zone of the metropolis has the reference {0}")]
    UnknownZone(String),
    /// Nobody to call.
    #[error("this is not somebody to call: {0}")]
    BadCall(String),
    /// A text is longer than it may be.
    #[error("{0} is longer than {1} characters")]
    TooLong(&'static str, usize),
    /// The geometry is not a point.
    #[error("the geometry is {0}, not a Point")]
    NotAPoint(String),
    /// The geometry is not an outline.
    #[error("{0}")]
    Outline(#[from] OutlineFault),
    /// A text that cannot be stored.
    #[error("a text holds the character NUL")]
    Nul,
    /// Not a record at all.
    #[error("this is not {0}")]
    Malformed(&'static str),
}

impl Refusal {
    /// What to do about it.
    pub fn remedy(&self) -> String {
        let codes = |codes: Vec<&str>| format!("use one of {}", codes.join(", "));
        match self {
            Self::Missing(name) => format!("fill in {name}"),
            Self::UnknownKind(_) => codes(EquipmentKind::ALL.iter().map(|k| k.code()).collect()),
            Self::UnknownZoneKind(_) => codes(ZoneKind::ALL.iter().map(|k| k.code()).collect()),
            Self::Duplicate(_) => "keep one of the two; the first was taken".into(),
            Self::NotANumber(..) => "write digits with a decimal point or comma, without a unit".into(),
            Self::NotAFlag(..) => "write true or false".into(),
            Self::OutOfRange(..) => "check the place, and that --crs says what the file holds".into(),
            Self::Metric(..) => "say --crs lambert93 if the file is in Lambert-93".into(),
            Self::Swapped(..) => "write the longitude first (lon, about 5 in Dijon), then the latitude".into(),
            Self::OutsideCommunes(..) => "check the place; an object in the metropolis may name its insee_code".into(),
            Self::UnknownCommune(_) => "correct insee_code, or leave it out: the place then says which commune".into(),
            Self::UnknownService(_) => "load it first (--services), correct the code, or leave it out".into(),
            Self::UnknownGauge(_) => "load it first (--equipment), or correct the reference".into(),
            Self::UnknownZone(_) => "load or draw it first (--zones), or correct the reference".into(),
            Self::BadCall(_) => "write who, a colon and the number; divide several by |".into(),
            Self::TooLong(..) => "shorten it".into(),
            Self::NotAPoint(_) => "give a Point with [longitude, latitude]".into(),
            Self::Outline(OutlineFault::NotAPolygon(_) | OutlineFault::Malformed) => {
                "give a Polygon or a MultiPolygon of [longitude, latitude]".into()
            }
            Self::Outline(OutlineFault::TooShort) => "draw at least three corners and end at the first".into(),
            Self::Outline(OutlineFault::NotClosed) => "repeat the first point at the end of the ring".into(),
            Self::Nul => "remove it in the source and export the file again".into(),
            Self::Malformed(_) => "export the file again from its source".into(),
        }
    }
}
