//! The objects of a place, for a command on many: pure over the picture.

use std::collections::BTreeMap;

use vigie_core::command::ChosenBy;
use vigie_core::equipment::EquipmentKind;
use vigie_core::geo::Position;
use vigie_core::ids::{EquipmentId, SavedGroupId};

use crate::picture::{Object, Picture};

/// By what objects are chosen.
#[derive(Debug, Clone, PartialEq)]
pub enum Choice {
    /// One by one.
    Hand(Vec<EquipmentId>),
    /// A street of a commune.
    Street {
        /// INSEE code of the commune.
        insee_code: String,
        /// Name of the street.
        street: String,
    },
    /// What a cabinet feeds, and the cabinet.
    Cabinet(EquipmentId),
    /// A commune, by its INSEE code.
    Commune(String),
    /// An area: a ring of corners, closed or not.
    Area(Vec<Position>),
    /// A list that is kept, with its objects.
    Saved(SavedGroupId, String, Vec<EquipmentId>),
}

impl Choice {
    /// As it is written down.
    pub fn chosen_by(&self) -> ChosenBy {
        match self {
            Self::Hand(_) => ChosenBy::Hand,
            Self::Street { .. } => ChosenBy::Street,
            Self::Cabinet(_) => ChosenBy::Cabinet,
            Self::Commune(_) => ChosenBy::Commune,
            Self::Area(_) => ChosenBy::Area,
            Self::Saved(..) => ChosenBy::Saved,
        }
    }

    /// What it is called: empty for an area and for what was chosen one by one.
    pub fn name(&self, picture: &Picture) -> String {
        match self {
            Self::Hand(_) | Self::Area(_) => String::new(),
            Self::Street { street, .. } => street.clone(),
            Self::Cabinet(id) => picture.object(*id).map_or_else(String::new, |o| o.equipment.reference.clone()),
            Self::Commune(insee_code) => picture.commune(insee_code).to_owned(),
            Self::Saved(_, name, _) => name.clone(),
        }
    }

    /// The objects of the place. Of a list those that are named, whether the city has them or not, in their order; of a place
    /// those that stand there, by street and rank.
    pub fn objects(&self, picture: &Picture) -> Vec<EquipmentId> {
        let standing = |keep: &dyn Fn(&Object) -> bool| {
            let mut found: Vec<_> = picture.objects().iter().filter(|o| keep(o)).collect();
            found.sort_by_key(|o| {
                let e = &o.equipment;
                (&e.insee_code, &e.street, rank(o), &e.reference)
            });
            found.into_iter().map(|o| o.equipment.equipment_id).collect()
        };
        match self {
            Self::Hand(ids) | Self::Saved(_, _, ids) => ids.clone(),
            Self::Street { insee_code, street } => {
                standing(&|o| o.equipment.insee_code == *insee_code && o.equipment.street == *street)
            }
            Self::Commune(insee_code) => standing(&|o| o.equipment.insee_code == *insee_code),
            Self::Area(ring) => standing(&|o| within(ring, Position { lon: o.equipment.lon, lat: o.equipment.lat })),
            Self::Cabinet(id) => {
                let Some(cabinet) = picture.object(*id) else { return Vec::new() };
                let reference = cabinet.equipment.reference.as_str();
                standing(&|o| o.equipment.equipment_id == *id || fed_by(o) == Some(reference))
            }
        }
    }
}

/// How many objects of each kind a choice holds.
pub fn kinds(picture: &Picture, objects: &[EquipmentId]) -> BTreeMap<EquipmentKind, usize> {
    let mut kinds = BTreeMap::new();
    for object in objects.iter().filter_map(|id| picture.object(*id)) {
        *kinds.entry(object.equipment.kind).or_insert(0) += 1;
    }
    kinds
}

/// How many streets objects stand in.
pub fn streets(picture: &Picture, objects: &[EquipmentId]) -> usize {
    let found = objects.iter().filter_map(|id| picture.object(*id)).map(|o| &o.equipment);
    found
        .filter(|e| !e.street.is_empty())
        .map(|e| (&e.insee_code, &e.street))
        .collect::<std::collections::HashSet<_>>()
        .len()
}

fn fed_by(object: &Object) -> Option<&str> {
    object.equipment.attributes.get("fed_by").and_then(serde_json::Value::as_str)
}

fn rank(object: &Object) -> i64 {
    object.equipment.attributes.get("rank").and_then(serde_json::Value::as_i64).unwrap_or(0)
}

/// Whether a position lies in a ring, by the even-odd rule; a degree is a degree, which is enough within a city.
fn within(ring: &[Position], at: Position) -> bool {
    let mut inside = false;
    let before = ring.last().into_iter().chain(ring);
    for (a, b) in before.zip(ring) {
        let crosses = (a.lat > at.lat) != (b.lat > at.lat);
        if crosses && at.lon < (b.lon - a.lon) * (at.lat - a.lat) / (b.lat - a.lat) + a.lon {
            inside = !inside;
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lon: f64, lat: f64) -> Position {
        Position { lon, lat }
    }

    #[test]
    fn an_area_holds_what_lies_in_it_whatever_its_shape_and_whether_it_is_closed() {
        let hook = [at(0.0, 0.0), at(4.0, 0.0), at(4.0, 4.0), at(3.0, 4.0), at(3.0, 1.0), at(0.0, 1.0)];
        let closed: Vec<_> = hook.iter().copied().chain([hook[0]]).collect();
        for ring in [&hook[..], &closed] {
            assert!(within(ring, at(0.5, 0.5)) && within(ring, at(3.5, 3.5)));
            assert!(!within(ring, at(1.0, 3.0)) && !within(ring, at(5.0, 0.5)) && !within(ring, at(-1.0, 0.5)));
        }
        assert!(!within(&[], at(0.0, 0.0)));
    }
}
