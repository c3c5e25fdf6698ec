//! The plan of the city while it is being made: what the rest of the equipment is placed on.

use std::collections::HashMap;

use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::EquipmentId;
use vigie_core::table::Equipment;

use super::commune::{self, Cell};
use super::ground::{self, Feature};
use super::light::{self, Light};
use super::plane::{P, inside};
use super::service::service_of;
use super::street::{self, Density, Street};
use crate::chance::{Dice, uuid_of};

/// Where two streets meet.
#[derive(Debug, Clone)]
pub(crate) struct Crossing {
    /// Where.
    pub at: P,
    /// INSEE code of its commune.
    pub insee: String,
    /// Names of the two streets.
    pub streets: [String; 2],
}

/// Communes, streets, lights and crossings.
pub(crate) struct Plan {
    /// Seed of the city.
    pub seed: u64,
    /// Communes, in the order of the figures.
    pub cells: Vec<Cell>,
    /// The drawn ground.
    pub features: Vec<Feature>,
    /// Streets of all communes.
    pub streets: Vec<Street>,
    /// Lights with their concentrator, commune after commune.
    pub lights: Vec<(Light, usize)>,
    /// Crossings, at most one every 40 m.
    pub crossings: Vec<Crossing>,
}

impl Plan {
    /// Draws the plan for so many lights.
    pub(crate) fn draw(seed: u64, lights: u32) -> Self {
        let (cells, features) = (commune::communes(seed), ground::features());
        let scale = (f64::from(lights) / 34_000.0).max(1.0);
        let mut plan = Self { seed, cells, features, streets: Vec::new(), lights: Vec::new(), crossings: Vec::new() };
        let mut concentrator = 1;
        for (cell, count) in plan.cells.iter().zip(light::shares(&plan.cells, lights)) {
            let metres = f64::from(count) * light::SPACING / scale.sqrt() * 1.02;
            let (streets, network) = street::streets(seed, cell, &plan.features, Density { metres, scale });
            let mut dice = Dice::new(seed, &format!("lights/{}", cell.insee));
            let mut placed = light::lights(&streets, &network, count, scale, &mut dice);
            let numbers = light::concentrators(&placed, concentrator);
            concentrator = numbers.iter().max().map_or(concentrator, |last| last + 1);
            plan.crossings.extend(crossings(cell, &streets, &placed));
            let base = plan.streets.len();
            for light in &mut placed {
                light.street += base;
            }
            plan.streets.extend(streets);
            plan.lights.extend(placed.into_iter().zip(numbers));
        }
        plan
    }

    /// The commune a point is in, or the nearest.
    pub(crate) fn commune_at(&self, p: P) -> Option<&Cell> {
        self.cells
            .iter()
            .find(|c| inside(&c.ring, p))
            .or_else(|| self.cells.iter().min_by(|a, b| p.square_to(a.centre).total_cmp(&p.square_to(b.centre))))
    }

    /// So many crossings that are at least `apart` metres from each other, shared among communes by `weight`, the more
    /// likely the nearer to their commune's centre.
    pub(crate) fn spread(
        &self,
        dice: &mut Dice,
        count: usize,
        apart: f64,
        weight: impl Fn(&Cell) -> f64,
    ) -> Vec<&Crossing> {
        let total: f64 = self.cells.iter().map(&weight).sum();
        let mut chosen: Vec<&Crossing> = Vec::with_capacity(count);
        let mut reserve: Vec<&Crossing> = Vec::new();
        for cell in &self.cells {
            let mut wanted = (count as f64 * weight(cell) / total.max(1e-9)).floor() as usize;
            let mut near: Vec<(f64, &Crossing)> = self
                .crossings
                .iter()
                .filter(|c| c.insee == cell.insee)
                .map(|c| (c.at.to(cell.centre) * dice.between(0.1, 1.0), c))
                .collect();
            near.sort_by(|a, b| a.0.total_cmp(&b.0));
            for (_, crossing) in near {
                let free = chosen.iter().all(|c| c.at.square_to(crossing.at) > apart * apart);
                if wanted > 0 && free {
                    chosen.push(crossing);
                    wanted -= 1;
                } else {
                    reserve.push(crossing);
                }
            }
        }
        // What rounding or a small commune left goes wherever there is room, then anywhere.
        for gap in [apart, apart * 0.4, 0.0] {
            for crossing in &reserve {
                if chosen.len() >= count {
                    break;
                }
                if chosen.iter().all(|c| c.at.square_to(crossing.at) > gap * gap) {
                    chosen.push(crossing);
                }
            }
        }
        chosen.truncate(count);
        chosen
    }

    /// A row of equipment at a point.
    pub(crate) fn equipment(
        &self,
        kind: EquipmentKind,
        reference: String,
        name: String,
        at: P,
        (insee, street): (&str, &str),
        attributes: serde_json::Value,
    ) -> Equipment {
        Equipment {
            equipment_id: EquipmentId(uuid_of(self.seed, &reference)),
            reference,
            name,
            kind,
            insee_code: insee.to_owned(),
            street: street.to_owned(),
            lon: at.lon(),
            lat: at.lat(),
            attributes,
            service_id: service_of(self.seed, kind),
        }
    }
}

fn key(p: P) -> (i64, i64) {
    ((p.x * 100.0).round() as i64, (p.y * 100.0).round() as i64)
}

fn crossings(cell: &Cell, streets: &[Street], lights: &[Light]) -> Vec<Crossing> {
    let mut owner = HashMap::new();
    for street in streets {
        for p in &street.points {
            owner.entry(key(*p)).or_insert(street.name.as_str());
        }
    }
    let mut seen = std::collections::HashSet::new();
    lights
        .iter()
        .filter_map(|light| {
            let at = light.crossing?;
            let first = streets.get(light.street)?.name.as_str();
            let second = owner.get(&key(at)).copied()?;
            let square = ((at.x / 40.0).floor() as i64, (at.y / 40.0).floor() as i64);
            (first != second && seen.insert(square)).then(|| Crossing {
                at,
                insee: cell.insee.clone(),
                streets: [first.to_owned(), second.to_owned()],
            })
        })
        .collect()
}
