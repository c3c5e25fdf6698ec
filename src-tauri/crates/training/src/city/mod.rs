//! The city: every row of a metropolis, made from a seed. The same options give the same bytes.
//!
//! Real figures: names, sizes and populations of the communes, the number of objects of each kind, two gauge codes.
//! Everything else is made up, and the ground says "schematic".

mod birth;
mod building;
mod commune;
mod equipment;
mod feeder;
mod gauge;
mod ground;
mod light;
mod names;
mod network;
mod people;
mod plan;
pub mod plane;
pub(crate) mod river;
mod service;
mod street;
mod zone;

use vigie_core::table::{
    Commune, Desk, Equipment, EquipmentState, Ground, Inundation, Person, RiverReach, Service, Shift, StateHistory,
    Zone,
};
use vigie_core::time::Timestamp;

pub use people::{Account, DEFAULT_LOGIN};

/// Objects of the whole city at its real size, about.
pub const DEFAULT_OBJECTS: u32 = 36_000;
const LIGHTS: f64 = 34_000.0;
const CONTAINERS: f64 = 1_200.0;
/// A light on which a command always succeeds: it lights no crossing, is in order and in reach, in every city.
pub const RELIABLE_LIGHT: &str = "L-00001";

/// What city to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CityOptions {
    /// Another seed, another city.
    pub seed: u64,
    /// About how many objects in all; lights and containers are scaled to it.
    pub objects: u32,
    /// The city's time at birth.
    pub at: Timestamp,
}

impl CityOptions {
    /// The whole city of a seed.
    pub const fn new(seed: u64, at: Timestamp) -> Self {
        Self { seed, objects: DEFAULT_OBJECTS, at }
    }
}

/// A city as rows.
#[derive(Debug, Clone, PartialEq)]
pub struct City {
    /// The seed it was made from.
    pub seed: u64,
    /// Its time at birth.
    pub at: Timestamp,
    /// Communes.
    pub communes: Vec<Commune>,
    /// Ground.
    pub ground: Vec<Ground>,
    /// Zones.
    pub zones: Vec<Zone>,
    /// Municipal services.
    pub services: Vec<Service>,
    /// People of the room.
    pub persons: Vec<Person>,
    /// Desks.
    pub desks: Vec<Desk>,
    /// Shifts open at birth.
    pub shifts: Vec<Shift>,
    /// Logins; not a synced table.
    pub accounts: Vec<Account>,
    /// Equipment.
    pub equipment: Vec<Equipment>,
    /// Its states.
    pub states: Vec<EquipmentState>,
    /// Reaches under vigilance.
    pub reaches: Vec<RiverReach>,
    /// What each level of the water takes.
    pub inundations: Vec<Inundation>,
    /// A little history of what is not in order.
    pub history: Vec<StateHistory>,
}

/// Makes the city.
pub fn generate(options: &CityOptions) -> City {
    let CityOptions { seed, at, .. } = *options;
    let scale = f64::from(options.objects) / f64::from(DEFAULT_OBJECTS);
    let plan = plan::Plan::draw(seed, ((LIGHTS * scale).round() as u32).max(120));
    let watched = zone::watched(&plan, 20);

    let mut equipment = lights(&plan);
    equipment.extend(equipment::junctions(&plan, 113));
    equipment.extend(equipment::cameras(&plan, 269, &watched));
    let buildings = building::buildings(&plan, 180);
    let zones = zone::zones(&plan, &watched, &buildings);
    equipment.extend(buildings);
    equipment.extend(equipment::bollards(&plan, 26));
    equipment.extend(gauge::gauges(&plan));
    equipment.extend(equipment::containers(&plan, ((CONTAINERS * scale).round() as usize).max(12)));
    equipment.extend(equipment::signs(&plan, 24));
    equipment.extend(equipment::pumps(&plan, 12));
    equipment.extend(feeder::feeders(&plan));

    let (states, history) = birth::states(seed, at, &equipment);
    let (persons, desks, shifts, accounts) = people::staff(seed, at);
    let services = service::services(seed);
    let inundations = river::inundations(seed, &equipment, &zones, &services);
    let communes: Vec<(String, String)> = plan.cells.iter().map(|c| (c.insee.clone(), c.name.clone())).collect();
    City {
        seed,
        at,
        communes: plan.cells.iter().map(|c| commune::row(seed, c)).collect(),
        ground: ground::rows(seed, &plan.features, &plan.streets, &communes),
        zones,
        reaches: river::reaches(&plan, at),
        inundations,
        services,
        persons,
        desks,
        shifts,
        accounts,
        equipment,
        states,
        history,
    }
}

/// Lights as rows. The first one away from a crossing takes the first reference, on which checks rely; so do a few more.
fn lights(plan: &plan::Plan) -> Vec<Equipment> {
    let plain = |l: &light::Light| l.crossing.is_none();
    let first = plan.lights.iter().position(|(l, _)| plain(l)).unwrap_or(0);
    plan.lights
        .iter()
        .enumerate()
        .filter_map(|(i, (light, concentrator))| {
            let street = plan.streets.get(light.street)?;
            let number = match i {
                0 => first + 1,
                i if i == first => 1,
                i => i + 1,
            };
            let reliable = number == 1 || (plain(light) && i % 2_000 == 1_000);
            Some(light::row(plan.seed, format!("L-{number:05}"), light, street, *concentrator, reliable))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;
    use vigie_core::equipment::{EquipmentKind, Reach, is_stale};

    /// 2026-11-23 21:00 UTC.
    const AT: Timestamp = Timestamp(1_795_467_600_000);

    fn count(city: &City, kind: EquipmentKind) -> usize {
        city.equipment.iter().filter(|e| e.kind == kind).count()
    }

    #[test]
    fn the_whole_city_has_its_real_numbers_and_references_are_unique() {
        let city = generate(&CityOptions::new(1, AT));
        let expected = [
            (EquipmentKind::StreetLight, 34_000),
            (EquipmentKind::SignalJunction, 113),
            (EquipmentKind::Camera, 269),
            (EquipmentKind::Gauge, 24),
            (EquipmentKind::Container, 1_200),
            (EquipmentKind::Bollard, 26),
            (EquipmentKind::Building, 180),
            (EquipmentKind::MessageSign, 24),
            (EquipmentKind::Pump, 12),
        ];
        for (kind, wanted) in expected {
            assert_eq!(count(&city, kind), wanted, "{kind}");
        }
        let references: HashSet<_> = city.equipment.iter().map(|e| &e.reference).collect();
        assert_eq!(references.len(), city.equipment.len());
        let ids: HashSet<_> = city.equipment.iter().map(|e| e.equipment_id).collect();
        assert_eq!(ids.len(), city.equipment.len());
        assert_eq!((city.communes.len(), city.states.len()), (23, city.equipment.len()));
        assert!(city.equipment.iter().all(|e| city.communes.iter().any(|c| c.insee_code == e.insee_code)));
        let kept = |kind| city.equipment.iter().filter(|e| e.kind == kind).all(|e| e.service_id.is_some());
        assert!(EquipmentKind::ALL.iter().all(|kind| kept(*kind) == (*kind != EquipmentKind::Substation)));
        let known: HashSet<_> = city.services.iter().map(|s| Some(s.service_id)).chain([None]).collect();
        assert!(city.equipment.iter().all(|e| known.contains(&e.service_id)) && known.len() == 8);
        assert!(city.zones.iter().filter(|z| z.kind == "cctv").count() == 20);
        assert!(city.zones.iter().filter(|z| z.kind == "closed_building").count() == 12);
    }

    #[test]
    fn the_levels_of_the_ouche_take_zones_with_cabinets_that_may_be_switched_off() {
        let city = generate(&CityOptions::new(1, AT));
        assert_eq!((city.reaches.len(), city.inundations.len()), (2, 5));
        assert!(city.reaches.iter().all(|reach| reach.geometry["coordinates"].as_array().unwrap().len() > 50));
        assert!(city.inundations.iter().all(|level| !level.zones.is_empty() && !level.calls.is_empty()));
        assert!(city.inundations.iter().any(|level| !level.switch_off.is_empty()));
        let gauges = || city.equipment.iter().filter(|e| e.kind == EquipmentKind::Gauge);
        let with_levels = gauges().filter(|e| e.attributes.get("alert_mm").is_some()).count();
        assert_eq!((gauges().count(), with_levels), (24, 21), "the canal has none");
    }

    #[test]
    fn the_same_options_give_the_same_city_and_another_seed_another() {
        let options = CityOptions { seed: 3, objects: 2_500, at: AT };
        assert_eq!(generate(&options), generate(&options));
        assert_ne!(generate(&options).equipment, generate(&CityOptions { seed: 4, ..options }).equipment);
    }

    #[test]
    fn a_small_city_and_a_large_one_keep_about_their_number_of_objects() {
        for objects in [400, 5_000, 80_000] {
            let city = generate(&CityOptions { seed: 2, objects, at: AT });
            let lights = count(&city, EquipmentKind::StreetLight) as f64;
            let wanted = (f64::from(objects) * LIGHTS / f64::from(DEFAULT_OBJECTS)).max(120.0);
            assert!((lights / wanted - 1.0).abs() < 0.02, "{objects}: {lights}");
        }
    }

    #[test]
    fn lights_stand_in_rows_with_ranks_and_some_of_them_at_crossings() {
        let city = generate(&CityOptions { seed: 1, objects: 6_000, at: AT });
        let lights: Vec<_> = city.equipment.iter().filter(|e| e.kind == EquipmentKind::StreetLight).collect();
        let crossing = lights.iter().filter(|l| l.attributes["crossing"] == true).count() as f64 / lights.len() as f64;
        assert!((0.08..0.45).contains(&crossing), "{crossing}");
        let mut places: HashMap<(&str, &str, i64), plane::P> = HashMap::new();
        for light in &lights {
            let rank = light.attributes["rank"].as_i64().unwrap();
            let p = plane::P::from_degrees(light.lon, light.lat);
            assert!(places.insert((&light.insee_code, &light.street, rank), p).is_none(), "{} twice", light.name);
        }
        let gaps: Vec<f64> = places
            .iter()
            .filter_map(|((insee, street, rank), p)| places.get(&(*insee, *street, rank + 1)).map(|q| p.to(*q)))
            .collect();
        let near = gaps.iter().filter(|g| (18.0..36.0).contains(*g)).count() as f64 / gaps.len() as f64;
        assert!(near > 0.85, "{near}");
    }

    #[test]
    fn at_birth_little_is_out_of_order_and_the_rest_is_fresh() {
        for seed in [1, 2, 3] {
            let city = generate(&CityOptions::new(seed, AT));
            let kinds: HashMap<_, _> = city.equipment.iter().map(|e| (e.equipment_id, e)).collect();
            let stale: Vec<_> = city
                .states
                .iter()
                .filter(|s| is_stale(kinds[&s.equipment_id].kind, &s.source, s.observed_at, AT))
                .collect();
            assert!((90..=130).contains(&stale.len()), "{}", stale.len());
            let cut_off = city.states.iter().filter(|s| s.reach == Reach::GatewayLost).count();
            assert!((80..=120).contains(&cut_off), "{cut_off}");
            let dark: Vec<_> = city.states.iter().filter(|s| s.reading.text("aspect") == Some("dark")).collect();
            assert_eq!(dark.len(), 1);
            let faults = city.states.iter().filter(|s| s.reading.text("fault").is_some()).count() as f64;
            assert!((0.009..0.016).contains(&(faults / 34_000.0)), "{faults}");
            assert!(!city.history.is_empty());
        }
    }

    #[test]
    fn checks_have_a_light_to_rely_on() {
        for objects in [400, 3_000] {
            let city = generate(&CityOptions { seed: 5, objects, at: AT });
            let light = city.equipment.iter().find(|e| e.reference == RELIABLE_LIGHT).unwrap();
            assert_eq!(light.attributes["training_reliable"], true);
            assert_eq!(light.attributes["crossing"], false);
            let state = city.states.iter().find(|s| s.equipment_id == light.equipment_id).unwrap();
            assert_eq!((state.reach, state.reading.text("fault")), (Reach::Reachable, None));
        }
    }

    #[test]
    fn checks_have_a_junction_and_a_bollard_to_rely_on() {
        let city = generate(&CityOptions { seed: 7, objects: 3_000, at: AT });
        for reference in ["TL-001", "BO-01"] {
            let object = city.equipment.iter().find(|e| e.reference == reference).unwrap();
            assert_eq!(object.attributes["training_reliable"], true, "{reference}");
        }
    }

    #[test]
    fn numbers_to_call_are_of_the_ranges_kept_for_fiction() {
        let city = generate(&CityOptions { seed: 1, objects: 1_000, at: AT });
        let phones: Vec<_> = city.equipment.iter().filter_map(|e| e.attributes["phone"].as_str()).collect();
        assert!(!phones.is_empty() && phones.iter().all(|p| p.starts_with("03 53 01 ")));
        for kind in
            [EquipmentKind::SignalJunction, EquipmentKind::Bollard, EquipmentKind::Building, EquipmentKind::Pump]
        {
            assert!(
                city.equipment.iter().filter(|e| e.kind == kind).all(|e| e.attributes["phone"].is_string()),
                "{kind}"
            );
        }
    }
}
