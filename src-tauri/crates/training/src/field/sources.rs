//! The systems that the simulated devices report through: each says every minute that it is in contact, unless a scenario
//! silences it; then its devices are silent too.

use std::time::Duration;

use uuid::Uuid;
use vigie_core::equipment::EquipmentKind;
use vigie_core::source::SourceContact;
use vigie_core::submission::Body;
use vigie_core::time::Timestamp;

use crate::chance::luck;

/// Between two contacts.
const CONTACT: Duration = Duration::from_secs(60);
/// Longest time between two contacts when all is well, seconds.
const PERIOD_S: i64 = 180;

/// A system of the city: code, name, what it covers, how old its values are when they arrive, ms.
type Declared = (&'static str, &'static str, &'static [EquipmentKind], u32);

/// The systems of the training city.
const SYSTEMS: &[Declared] = &[
    (
        "lighting",
        "Éclairage public (télégestion)",
        &[EquipmentKind::StreetLight, EquipmentKind::Cabinet, EquipmentKind::Substation],
        1_800,
    ),
    ("signals", "Carrefours à feux (poste central)", &[EquipmentKind::SignalJunction], 400),
    ("access", "Bornes et contrôle d'accès", &[EquipmentKind::Bollard], 600),
    ("signs", "Panneaux à messages", &[EquipmentKind::MessageSign], 900),
    ("water", "Pompes et vannes", &[EquipmentKind::Pump], 2_500),
    ("buildings", "Gestion technique des bâtiments", &[EquipmentKind::Building], 5_000),
    ("gauges", "Stations de hauteur et de débit", &[EquipmentKind::Gauge], 1_600_000),
    // Reaches are no equipment: it speaks where there are gauges.
    ("vigicrues", "© VIGICRUES (formation)", &[], 3_600_000),
    ("containers", "Capteurs des conteneurs", &[EquipmentKind::Container], 600_000),
    ("cameras", "Vidéoprotection (état des caméras)", &[EquipmentKind::Camera], 700),
];

/// Their contacts.
#[derive(Default)]
pub(super) struct Sources {
    /// When each next speaks.
    next: Vec<Option<Timestamp>>,
    silent: Option<&'static str>,
}

impl Sources {
    /// From now on this one says nothing; none lets all speak.
    pub(super) fn silence(&mut self, code: Option<&'static str>) {
        self.silent = code;
    }

    /// Whether the system of a kind is silent.
    pub(super) fn is_silent(&self, kind: EquipmentKind) -> bool {
        self.silent.is_some_and(|code| SYSTEMS.iter().any(|(c, _, covers, _)| *c == code && covers.contains(&kind)))
    }

    /// The contacts due at `now`, of systems that have devices here.
    pub(super) fn due(&mut self, now: Timestamp, seed: u64, has: impl Fn(EquipmentKind) -> bool) -> Vec<Body> {
        self.next.resize(SYSTEMS.len(), None);
        let mut bodies = Vec::new();
        for (number, (system, next)) in (0_u64..).zip(SYSTEMS.iter().zip(&mut self.next)) {
            let (code, name, covers, delay) = *system;
            let of: &[EquipmentKind] = if covers.is_empty() { &[EquipmentKind::Gauge] } else { covers };
            if next.is_some_and(|next| next > now) || !of.iter().any(|kind| has(*kind)) {
                continue;
            }
            *next = Some(now.plus(CONTACT));
            if self.silent == Some(code) {
                continue;
            }
            let share = luck(seed ^ number, 90, now.0.unsigned_abs());
            bodies.push(Body::SourceContact(SourceContact {
                source_id: identifier(code),
                code: code.to_owned(),
                name: name.to_owned(),
                covers: covers.to_vec(),
                period_s: PERIOD_S,
                at: now,
                delay_ms: Some((f64::from(delay) * (0.6 + 0.8 * share)).round() as i64),
                error: None,
            }));
        }
        bodies
    }
}

/// The same at each start: a source is declared once.
fn identifier(code: &str) -> Uuid {
    const SOURCES: Uuid = Uuid::from_u128(0x6f2d_6c1e_8a47_4c1b_9d35_7f0e_21b4_c8a1);
    Uuid::new_v5(&SOURCES, code.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_equipment_has_one_system_that_it_reports_through() {
        for kind in EquipmentKind::ALL {
            assert_eq!(SYSTEMS.iter().filter(|(_, _, covers, _)| covers.contains(kind)).count(), 1, "{kind}");
        }
    }

    #[test]
    fn a_system_speaks_each_minute_and_a_silenced_one_does_not() {
        let mut sources = Sources::default();
        let spoken = |bodies: Vec<Body>| {
            let codes = bodies.into_iter().map(|body| match body {
                Body::SourceContact(contact) => contact.code,
                other => panic!("{other:?}"),
            });
            codes.collect::<Vec<_>>()
        };
        let at = |seconds: i64| Timestamp(seconds * 1_000);
        let lights = |kind| kind == EquipmentKind::StreetLight;
        assert_eq!(spoken(sources.due(at(0), 7, lights)), ["lighting"], "no system without devices");
        assert_eq!(spoken(sources.due(at(59), 7, lights)), [""; 0]);
        assert_eq!(spoken(sources.due(at(60), 7, |_| true)).len(), SYSTEMS.len());
        sources.silence(Some("lighting"));
        assert!(sources.is_silent(EquipmentKind::StreetLight) && !sources.is_silent(EquipmentKind::Camera));
        assert!(!spoken(sources.due(at(120), 7, |_| true)).contains(&"lighting".to_owned()));
        sources.silence(None);
        assert!(spoken(sources.due(at(180), 7, |_| true)).contains(&"lighting".to_owned()));
    }
}
