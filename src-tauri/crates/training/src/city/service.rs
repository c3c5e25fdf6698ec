//! The municipal services, and which of them keeps what. The grid's substations belong to none.

use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::ServiceId;
use vigie_core::table::Service;

use super::names::phone;
use crate::chance::uuid_of;

const SERVICES: &[(&str, &str, &[EquipmentKind])] = &[
    ("EP", "Éclairage public", &[EquipmentKind::StreetLight, EquipmentKind::Cabinet]),
    ("SIG", "Signalisation", &[EquipmentKind::SignalJunction, EquipmentKind::MessageSign]),
    ("CSU", "Vidéoprotection (CSU)", &[EquipmentKind::Camera]),
    ("EAU", "Eau et assainissement", &[EquipmentKind::Gauge, EquipmentKind::Pump]),
    ("PRO", "Propreté", &[EquipmentKind::Container]),
    ("PAT", "Patrimoine bâti", &[EquipmentKind::Building]),
    ("VOI", "Voirie", &[EquipmentKind::Bollard]),
];

fn id(seed: u64, code: &str) -> ServiceId {
    ServiceId(uuid_of(seed, &format!("service/{code}")))
}

/// All services.
pub(crate) fn services(seed: u64) -> Vec<Service> {
    let row = |(code, name, _): &(&str, &str, &[EquipmentKind])| Service {
        service_id: id(seed, code),
        code: (*code).to_owned(),
        name: (*name).to_owned(),
        phone: phone(seed, &format!("service/{code}")),
    };
    SERVICES.iter().map(row).collect()
}

/// The service that keeps a kind of equipment.
pub(crate) fn service_of(seed: u64, kind: EquipmentKind) -> Option<ServiceId> {
    SERVICES.iter().find(|(_, _, kinds)| kinds.contains(&kind)).map(|(code, ..)| id(seed, code))
}
