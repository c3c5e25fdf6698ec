//! The communes of the metropolis: by them a place has its INSEE code.

use crate::geo::{Outline, Position};
use crate::inventory::Refusal;
use crate::table::Commune;

/// How far outside the drawn communes an object may stand that names its own, degrees (about 20 km): a gauge stands
/// upstream, a message sign on the way in. What this catches is a place in another region.
const MARGIN: f64 = 0.2;

/// The communes and their outlines.
#[derive(Debug, Clone, Default)]
pub struct Territory {
    communes: Vec<(String, Option<(Frame, Outline)>)>,
}

impl Territory {
    /// Of these communes. One whose outline cannot be read is known by its code only.
    pub fn new(communes: &[Commune]) -> Self {
        let drawn = |commune: &Commune| Outline::read(&commune.outline).ok().map(|o| (Frame::of(&o), o));
        Self { communes: communes.iter().map(|c| (c.insee_code.clone(), drawn(c))).collect() }
    }

    /// The INSEE code of a place: the one it names, when it can be, or that of the commune around it. A metropolis
    /// without communes has nothing to compare with: there a place is believed, and must name its code.
    pub fn insee_code(&self, named: Option<String>, at: Position) -> Result<String, Refusal> {
        match named {
            Some(code) if self.communes.is_empty() => Ok(code),
            Some(code) if !self.communes.iter().any(|(known, _)| *known == code) => Err(Refusal::UnknownCommune(code)),
            Some(code) if self.is_near(at) => Ok(code),
            Some(_) => Err(Refusal::OutsideCommunes(at.lon, at.lat)),
            None if self.communes.is_empty() => Err(Refusal::Missing("insee_code")),
            None => self.around(at).ok_or(Refusal::OutsideCommunes(at.lon, at.lat)),
        }
    }

    fn around(&self, at: Position) -> Option<String> {
        let holds = |drawn: &Option<(Frame, Outline)>| {
            drawn.as_ref().is_some_and(|(frame, outline)| frame.holds(at, 0.0) && outline.contains(at))
        };
        self.communes.iter().find(|(_, drawn)| holds(drawn)).map(|(code, _)| code.clone())
    }

    fn is_near(&self, at: Position) -> bool {
        let mut drawn = self.communes.iter().filter_map(|(_, drawn)| drawn.as_ref()).peekable();
        drawn.peek().is_none() || drawn.any(|(frame, _)| frame.holds(at, MARGIN))
    }
}

/// The rectangle around an outline, degrees.
#[derive(Debug, Clone, Copy)]
struct Frame {
    least: Position,
    most: Position,
}

impl Frame {
    fn of(outline: &Outline) -> Self {
        let empty = Self {
            least: Position { lon: f64::INFINITY, lat: f64::INFINITY },
            most: Position { lon: f64::NEG_INFINITY, lat: f64::NEG_INFINITY },
        };
        outline.positions().fold(empty, |frame, p| Self {
            least: Position { lon: frame.least.lon.min(p.lon), lat: frame.least.lat.min(p.lat) },
            most: Position { lon: frame.most.lon.max(p.lon), lat: frame.most.lat.max(p.lat) },
        })
    }

    fn holds(&self, at: Position, margin: f64) -> bool {
        (self.least.lon - margin..=self.most.lon + margin).contains(&at.lon)
            && (self.least.lat - margin..=self.most.lat + margin).contains(&at.lat)
    }
}
