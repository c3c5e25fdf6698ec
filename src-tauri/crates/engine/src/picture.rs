//! The city in memory: what the map draws and the lists read. Rebuilt with the replica, moved on by each cut.

use std::collections::{BTreeSet, HashMap};
use std::f64::consts::PI;

use serde_json::Value;
use vigie_core::command::{Surroundings, Word};
use vigie_core::equipment::{
    Break, EquipmentKind, Freshness, Limit, Look, Mark, Mode, Reach, Reading, freshness, limit_of, look, point_state,
};
use vigie_core::geo::Position;
use vigie_core::ids::{EquipmentId, ServiceId};
use vigie_core::link::LinkState;
use vigie_core::lock::LockState;
use vigie_core::port::LocalId;
use vigie_core::table::{Equipment, EquipmentState, Service};
use vigie_core::time::Timestamp;

/// An object with its last known state.
#[derive(Debug, Clone)]
pub struct Object {
    /// Its number in this replica.
    pub point: LocalId,
    /// What is fixed about it.
    pub equipment: Equipment,
    /// Its state; none when the metropolis holds none.
    pub state: Option<EquipmentState>,
    /// How it looks.
    pub look: Look,
    /// Its state byte as last told.
    pub byte: u8,
    /// Lost in the flood: its last value says nothing, and is not shown.
    pub lost: bool,
    limit: Limit,
}

impl Object {
    fn new(point: LocalId, equipment: Equipment) -> Self {
        let limit = limit_of(equipment.kind, "");
        Self { point, equipment, state: None, look: Look::NoValue, byte: 0, lost: false, limit }
    }

    fn set_state(&mut self, state: Option<EquipmentState>) {
        let known = state.as_ref().filter(|_| !self.lost);
        self.look = known.map_or(Look::NoValue, |s| look(self.equipment.kind, &s.reading, s.quality, s.mode));
        self.limit = limit_of(self.equipment.kind, state.as_ref().map_or("", |s| &s.source));
        self.state = state;
    }

    /// It is lost in the flood, or no more.
    fn set_lost(&mut self, lost: bool) {
        self.lost = lost;
        let state = self.state.take();
        self.set_state(state);
    }

    /// What it reports, as far as that is to be shown.
    pub fn reading(&self) -> Reading {
        self.state.as_ref().filter(|_| !self.lost).map(|state| state.reading.clone()).unwrap_or_default()
    }

    /// How old its value may be.
    pub fn limit(&self) -> Limit {
        self.limit
    }

    /// Where the chain to it is broken, if it is.
    pub fn broken(&self, link: LinkState) -> Option<Break> {
        Break::of(link, self.state.as_ref().map_or(Reach::Reachable, |s| s.reach))
    }

    /// What the age of its value makes of it.
    pub fn freshness(&self, link: LinkState, now: Timestamp) -> Freshness {
        self.aged(self.broken(link), now)
    }

    /// Whether its value is older than promised, or was never seen, whoever answers or not.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        matches!(self.aged(None, now), Freshness::Stale | Freshness::Never)
    }

    fn aged(&self, broken: Option<Break>, now: Timestamp) -> Freshness {
        let Some(state) = &self.state else { return Freshness::Never };
        freshness(&self.limit, state.observed_at, state.quality, broken, now)
    }

    /// The map shows the link over all of it at once: a point says what is its own.
    fn byte_at(&self, now: Timestamp, word: Option<Word>) -> u8 {
        let command = match word {
            Some(Word::Unknown) => Some(Mark::Unknown),
            Some(Word::UnderWay | Word::ToSend) => Some(Mark::Pending),
            _ => None,
        };
        let forced = self.state.as_ref().is_some_and(|s| s.mode == Mode::Override).then_some(Mark::Override);
        point_state(self.look, self.freshness(LinkState::Live, now), command.into_iter().chain(forced))
    }

    /// Recomputes its state byte; its point with it, if it moved.
    fn look_again(&mut self, now: Timestamp, word: Option<Word>) -> Option<(LocalId, u8)> {
        let byte = self.byte_at(now, word);
        let moved = std::mem::replace(&mut self.byte, byte) != byte;
        moved.then_some((self.point, byte))
    }

    /// The marks of its state byte.
    pub fn marks(&self) -> Vec<Mark> {
        Mark::ALL.iter().copied().filter(|mark| self.byte & mark.bit() != 0).collect()
    }

    fn attribute(&self, key: &str) -> Option<&Value> {
        self.equipment.attributes.get(key)
    }
}

/// The whole city.
#[derive(Debug, Default)]
pub struct Picture {
    /// Generation of the replica it was read from.
    pub generation: u32,
    /// Communes' names by INSEE code.
    pub communes: HashMap<String, String>,
    /// Municipal services, by code.
    services: Vec<Service>,
    objects: Vec<Object>,
    by_id: HashMap<EquipmentId, usize>,
    by_point: HashMap<LocalId, usize>,
    by_street: HashMap<(String, String), Vec<usize>>,
    words: HashMap<EquipmentId, Word>,
    locks: HashMap<EquipmentId, LockState>,
    lost: BTreeSet<EquipmentId>,
}

impl Picture {
    /// A picture of these rows.
    pub fn new(
        generation: u32,
        communes: HashMap<String, String>,
        equipment: Vec<(LocalId, Equipment)>,
        states: Vec<EquipmentState>,
    ) -> Self {
        let mut picture = Self { generation, communes, ..Self::default() };
        for (point, row) in equipment {
            picture.insert(point, row);
        }
        for state in states {
            if let Some(object) = picture.by_id.get(&state.equipment_id).and_then(|i| picture.objects.get_mut(*i)) {
                object.set_state(Some(state));
            }
        }
        picture
    }

    /// The same picture, with the services that keep its objects.
    #[must_use]
    pub fn with_services(mut self, mut services: Vec<Service>) -> Self {
        services.sort_by(|a, b| a.code.cmp(&b.code));
        self.services = services;
        self
    }

    /// Every service, by code.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// A service.
    pub fn service(&self, id: ServiceId) -> Option<&Service> {
        self.services.iter().find(|service| service.service_id == id)
    }

    fn insert(&mut self, point: LocalId, row: Equipment) {
        let index = self.objects.len();
        self.by_id.insert(row.equipment_id, index);
        self.by_point.insert(point, index);
        if row.kind == EquipmentKind::StreetLight {
            self.by_street.entry((row.insee_code.clone(), row.street.clone())).or_default().push(index);
        }
        self.objects.push(Object::new(point, row));
    }

    /// Every object, in local id order.
    pub fn objects(&self) -> &[Object] {
        &self.objects
    }

    /// An object by identifier.
    pub fn object(&self, id: EquipmentId) -> Option<&Object> {
        self.by_id.get(&id).and_then(|i| self.objects.get(*i))
    }

    /// An object by point.
    pub fn at_point(&self, point: LocalId) -> Option<&Object> {
        self.by_point.get(&point).and_then(|i| self.objects.get(*i))
    }

    /// Whether a crew lock stands on an object, and which.
    pub fn lock(&self, id: EquipmentId) -> Option<LockState> {
        self.locks.get(&id).copied()
    }

    /// The crew locks by object.
    pub fn set_locks(&mut self, locks: HashMap<EquipmentId, LockState>) {
        self.locks = locks;
    }

    /// Name of a commune, or its code.
    pub fn commune<'a>(&'a self, insee_code: &'a str) -> &'a str {
        self.communes.get(insee_code).map_or(insee_code, String::as_str)
    }

    /// Writes a state; the object's point with its byte as it is now, if the object is known.
    pub fn set_state(&mut self, state: EquipmentState, now: Timestamp) -> Option<(LocalId, u8)> {
        let word = self.words.get(&state.equipment_id).copied();
        let object = self.by_id.get(&state.equipment_id).and_then(|i| self.objects.get_mut(*i))?;
        object.set_state(Some(state));
        object.look_again(now, word);
        Some((object.point, object.byte))
    }

    /// Says which objects have commands under way or unknown: the worst word of each. The points whose byte moved.
    pub fn set_words(&mut self, words: HashMap<EquipmentId, Word>, now: Timestamp) -> Vec<(LocalId, u8)> {
        let before = std::mem::replace(&mut self.words, words);
        let mut moved = Vec::new();
        for id in before.keys().chain(self.words.keys()) {
            let object = self.by_id.get(id).and_then(|i| self.objects.get_mut(*i));
            moved.extend(object.and_then(|o| o.look_again(now, self.words.get(id).copied())));
        }
        moved
    }

    /// Says which gauges are lost in the flood. The points whose byte moved.
    pub fn set_lost(&mut self, lost: &BTreeSet<EquipmentId>, now: Timestamp) -> Vec<(LocalId, u8)> {
        if self.lost == *lost {
            return Vec::new();
        }
        let mut moved = Vec::new();
        for id in self.lost.symmetric_difference(lost) {
            if let Some(object) = self.by_id.get(id).and_then(|i| self.objects.get_mut(*i)) {
                object.set_lost(lost.contains(id));
                moved.extend(object.look_again(now, self.words.get(id).copied()));
            }
        }
        self.lost.clone_from(lost);
        moved
    }

    /// Recomputes every state byte, since all values age; the points whose byte moved. It goes through the whole city: once a
    /// second, never at each pull.
    pub fn refresh(&mut self, now: Timestamp) -> Vec<(LocalId, u8)> {
        let mut moved = Vec::new();
        for object in &mut self.objects {
            let word =
                if self.words.is_empty() { None } else { self.words.get(&object.equipment.equipment_id).copied() };
            moved.extend(object.look_again(now, word));
        }
        moved
    }

    /// What stands around a light that can make dimming it dangerous. `pending` gives the level that a pending command asks
    /// of an object, if any.
    pub fn surroundings(&self, id: EquipmentId, pending: impl Fn(EquipmentId) -> Option<f64>) -> Surroundings {
        let Some(object) = self.object(id) else { return Surroundings::default() };
        let rank = |o: &Object| o.attribute("rank").and_then(Value::as_i64);
        let street = (object.equipment.insee_code.clone(), object.equipment.street.clone());
        let neighbours = self.by_street.get(&street).into_iter().flatten().filter_map(|i| self.objects.get(*i));
        let own_rank = rank(object);
        let neighbours_below = neighbours
            .filter(|o| o.equipment.equipment_id != id)
            .filter(|o| own_rank.zip(rank(o)).is_some_and(|(a, b)| (a - b).abs() <= 2))
            .filter(|o| {
                let target = o.state.as_ref().and_then(|s| s.target.as_ref()).and_then(|t| t.number("level"));
                let asked = pending(o.equipment.equipment_id);
                let floor = safety_level(o);
                [target, asked].into_iter().flatten().any(|level| level < floor as f64)
            })
            .count();
        Surroundings {
            crossing: object.attribute("crossing").and_then(Value::as_bool).unwrap_or(false),
            safety_level: safety_level(object),
            neighbours_below: u32::try_from(neighbours_below).unwrap_or(u32::MAX),
            lowest: None,
        }
    }

    /// The middle of what stands here; none while nothing does.
    pub fn centre(&self) -> Option<Position> {
        let count = self.objects.len();
        let sum = |of: fn(&Equipment) -> f64| self.objects.iter().map(|o| of(&o.equipment)).sum::<f64>() / count as f64;
        (count > 0).then(|| Position { lon: sum(|e| e.lon), lat: sum(|e| e.lat) })
    }

    /// The highest safety level of a light, %: what no programme for whichever of them may fall under.
    pub fn highest_safety_level(&self) -> i64 {
        let lights = self.objects.iter().filter(|o| o.equipment.kind == EquipmentKind::StreetLight);
        lights.map(safety_level).max().unwrap_or(0)
    }
}

fn safety_level(object: &Object) -> i64 {
    object.attribute("safety_level").and_then(Value::as_i64).unwrap_or(0)
}

/// Web Mercator (EPSG:3857) metres of a position in degrees.
pub fn mercator(lon: f64, lat: f64) -> (f64, f64) {
    const RADIUS: f64 = 6_378_137.0;
    let lat = lat.clamp(-85.051_128_78, 85.051_128_78).to_radians();
    (RADIUS * lon.to_radians(), RADIUS * (PI / 4.0 + lat / 2.0).tan().ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gauge_that_is_lost_in_the_flood_shows_no_value_until_it_is_found_again() {
        let id = EquipmentId(uuid::Uuid::from_u128(1));
        let at = Timestamp(1_000_000);
        let equipment = Equipment {
            equipment_id: id,
            reference: "H-1".into(),
            name: String::new(),
            kind: EquipmentKind::Gauge,
            insee_code: String::new(),
            street: String::new(),
            lon: 5.0,
            lat: 47.3,
            attributes: serde_json::json!({}),
            service_id: None,
        };
        let state = |mm: i64| EquipmentState {
            equipment_id: id,
            reading: Reading::from(serde_json::json!({ "height_mm": mm })),
            quality: vigie_core::equipment::Quality::Good,
            observed_at: Some(at),
            received_at: at,
            source: "local".into(),
            reach: Reach::Reachable,
            mode: Mode::Programme,
            target: None,
            effect_until: None,
            version: 1,
            control_version: 1,
        };
        let mut picture = Picture::new(1, HashMap::new(), vec![(7, equipment)], vec![state(900)]);
        picture.refresh(at);
        assert_eq!(picture.set_lost(&BTreeSet::from([id]), at).len(), 1);
        let shown = |picture: &Picture| {
            let object = picture.object(id).unwrap();
            (object.look, object.reading().number("height_mm"))
        };
        assert_eq!(shown(&picture), (Look::NoValue, None));
        picture.set_state(state(905), at);
        assert_eq!(shown(&picture), (Look::NoValue, None), "whatever it says while it is lost");
        assert!(picture.set_lost(&BTreeSet::from([id]), at).is_empty());
        picture.set_lost(&BTreeSet::new(), at);
        assert_eq!(shown(&picture), (Look::Normal, Some(905.0)));
    }

    #[test]
    fn dijon_falls_where_web_mercator_puts_it() {
        let (x, y) = mercator(5.0415, 47.322);
        assert!((x - 561_217.2).abs() < 1.0, "{x}");
        assert!((y - 5_994_792.0).abs() < 1.0, "{y}");
    }
}
