//! Street lights, at regular spacing along the streets, with their rank, their crossing and their concentrator.

use serde_json::json;
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::EquipmentId;
use vigie_core::table::Equipment;

use super::commune::Cell;
use super::names::phone;
use super::network::Network;
use super::plane::{P, length, walk};
use super::service::service_of;
use super::street::Street;
use crate::chance::{Dice, uuid_of};

/// Distance between lights of the real city, m.
pub(crate) const SPACING: f64 = 27.0;

/// A light while the city is being made.
#[derive(Debug, Clone)]
pub(crate) struct Light {
    /// Where it stands.
    pub at: P,
    /// Place of its street in the list of streets.
    pub street: usize,
    /// Place on its street, from 1.
    pub rank: i64,
    /// The crossing that it lights.
    pub crossing: Option<P>,
}

/// Shares `total` lights out by population, every commune having at least a few.
pub(crate) fn shares(cells: &[Cell], total: u32) -> Vec<u32> {
    let people: f64 = cells.iter().map(|c| f64::from(c.population)).sum();
    let wanted = |c: &Cell| f64::from(total) * f64::from(c.population) / people;
    let mut shares: Vec<u32> = cells.iter().map(|c| (wanted(c) as u32).max(4)).collect();
    // What rounding left goes to the largest commune, which is first in the figures.
    let given: u32 = shares.iter().sum();
    if let Some(first) = shares.first_mut() {
        *first = (*first + total).saturating_sub(given).max(4);
    }
    shares
}

/// The lights of a commune's streets: exactly `count` of them, on the second side of the streets too if need be.
pub(crate) fn lights(streets: &[Street], network: &Network, count: u32, scale: f64, dice: &mut Dice) -> Vec<Light> {
    let mut lights: Vec<Light> = Vec::with_capacity(count as usize);
    let mut last_rank = vec![0_i64; streets.len()];
    for (side, shift) in [(4.0, 0.5), (-4.0, 0.0), (5.0, 0.25), (-5.0, 0.75)] {
        for (index, (street, rank)) in streets.iter().zip(&mut last_rank).enumerate() {
            let spacing = SPACING * dice.between(0.90, 1.08) / scale.sqrt();
            let places = (length(&street.points) / spacing - shift).max(0.0) as usize + 1;
            for place in 0..places {
                if lights.len() >= count as usize {
                    return lights;
                }
                let metres = (place as f64 + shift) * spacing + dice.between(-1.2, 1.2);
                let Some((on, angle)) = walk(&street.points, metres.max(0.0)) else { continue };
                *rank += 1;
                let at = on.towards(angle + std::f64::consts::FRAC_PI_2, side);
                let crossing = network.crossing(on, street.family, 15.0);
                lights.push(Light { at, street: index, rank: *rank, crossing });
            }
        }
    }
    lights
}

/// Groups the lights of a commune under concentrators of about 120 lights that stand together: the number of each one's.
pub(crate) fn concentrators(lights: &[Light], first: usize) -> Vec<usize> {
    let mut order: Vec<(i64, i64, usize)> = lights
        .iter()
        .enumerate()
        .map(|(i, l)| {
            let band = (l.at.y / 600.0).floor() as i64;
            // Back and forth, so that one band goes on where the last one ended.
            let along = if band % 2 == 0 { l.at.x } else { -l.at.x };
            (band, (along * 10.0) as i64, i)
        })
        .collect();
    order.sort_unstable();
    let mut numbers = vec![first; lights.len()];
    for (place, (_, _, light)) in order.into_iter().enumerate() {
        if let Some(number) = numbers.get_mut(light) {
            *number = first + place / 120;
        }
    }
    numbers
}

/// A light as a row.
pub(crate) fn row(
    seed: u64,
    reference: String,
    light: &Light,
    street: &Street,
    concentrator: usize,
    reliable: bool,
) -> Equipment {
    let mut attributes = json!({
        "rank": light.rank,
        "crossing": light.crossing.is_some(),
        "safety_level": 30,
        "concentrator": format!("C-{concentrator:03}"),
        "fed_by": format!("ARM-{concentrator:03}"),
        "phone": phone(seed, &street.insee),
    });
    if let (true, Some(map)) = (reliable, attributes.as_object_mut()) {
        map.insert("training_reliable".into(), true.into());
    }
    Equipment {
        equipment_id: EquipmentId(uuid_of(seed, &reference)),
        reference,
        name: format!("{} {}", street.name, light.rank),
        kind: EquipmentKind::StreetLight,
        insee_code: street.insee.clone(),
        street: street.name.clone(),
        lon: light.at.lon(),
        lat: light.at.lat(),
        attributes,
        service_id: service_of(seed, EquipmentKind::StreetLight),
    }
}
