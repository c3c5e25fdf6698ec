//! What a filter keeps of the city, and how many objects each of its choices would keep.
//!
//! Two things are kept apart: the *scope* of a list (abnormal, in view, under one sign) and what was *chosen* in it (kinds,
//! looks, communes, services, ages). What the choice hides is counted, so that a screen can say it; an object with an open alarm of
//! priority 1 is never hidden by a choice.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use vigie_core::equipment::{EquipmentKind, Freshness, Look};
use vigie_core::ids::{EquipmentId, ServiceId};
use vigie_core::link::LinkState;
use vigie_core::time::Timestamp;
use vigie_engine::picture::{Object, Picture};

use crate::dto::{CommuneCount, ObjectFilter, ServiceCount, Tally};

/// The priority that no choice hides.
const NEVER_HIDDEN: i64 = 1;

/// A filter as the desk stands.
pub(crate) struct Sieve<'a> {
    filter: &'a ObjectFilter,
    link: LinkState,
    at: Timestamp,
    /// Objects with an open alarm of priority 1.
    urgent: HashSet<EquipmentId>,
    /// The services chosen; a code that no service has keeps nothing.
    services: Vec<Option<ServiceId>>,
}

/// The sorts of choices, one bit each.
const KIND: u8 = 1;
const LOOK: u8 = 2;
const COMMUNE: u8 = 4;
const AGE: u8 = 8;
const SERVICE: u8 = 16;

impl<'a> Sieve<'a> {
    /// `at` is the metropolis's time; `alarms` are the objects of open alarms with their priorities.
    pub(crate) fn new(
        filter: &'a ObjectFilter,
        picture: &Picture,
        (link, at): (LinkState, Timestamp),
        alarms: impl Iterator<Item = (Option<EquipmentId>, i64)>,
    ) -> Self {
        let urgent =
            alarms.filter(|(_, priority)| *priority <= NEVER_HIDDEN).filter_map(|(object, _)| object).collect();
        let known = picture.services().iter();
        let chosen = known.filter(|service| filter.services.contains(&service.code)).map(|s| Some(s.service_id));
        let none = filter.services.iter().any(String::is_empty).then_some(None);
        Self { filter, link, at, urgent, services: chosen.chain(none).collect() }
    }

    /// Whether an open alarm of priority 1 is on it.
    pub(crate) fn is_urgent(&self, object: &Object) -> bool {
        self.urgent.contains(&object.equipment.equipment_id)
    }

    /// Whether it is listed.
    pub(crate) fn keeps(&self, object: &Object) -> bool {
        self.is_in_scope(object) && (self.missed(object) == 0 || self.is_urgent(object))
    }

    /// Whether what was chosen hides it from this list.
    pub(crate) fn hides(&self, object: &Object) -> bool {
        self.is_in_scope(object) && self.missed(object) != 0 && !self.is_urgent(object)
    }

    /// The objects of the scope, in no order. Points that are named are looked up: a cluster of ten does not read the city.
    pub(crate) fn candidates<'p>(&self, picture: &'p Picture) -> Vec<&'p Object> {
        if self.filter.points.is_empty() {
            return picture.objects().iter().filter(|o| self.is_in_scope(o)).collect();
        }
        let points: BTreeSet<u32> = self.filter.points.iter().copied().collect();
        points.into_iter().filter_map(|p| picture.at_point(p)).filter(|o| self.is_in_scope(o)).collect()
    }

    /// Counts each choice as if the choices of the other sorts stood and its own sort were open.
    pub(crate) fn tally(&self, picture: &Picture) -> Tally {
        let (mut total, mut kept) = (0, 0);
        let mut kinds = vec![0; EquipmentKind::ALL.len()];
        let mut looks = vec![0; Look::ALL.len()];
        let mut ages = vec![0; Freshness::ALL.len()];
        let mut communes: BTreeMap<&str, u32> =
            picture.communes.keys().map(|insee_code| (insee_code.as_str(), 0)).collect();
        // Those of no service are counted last.
        let keys: Vec<_> = picture.services().iter().map(|s| Some(s.service_id)).chain([None]).collect();
        let mut services = vec![0; keys.len()];
        for object in self.candidates(picture) {
            let missed = self.missed(object);
            total += 1;
            kept += u32::from(missed == 0 || self.is_urgent(object));
            if missed & !KIND == 0 {
                count(&mut kinds, usize::from(object.equipment.kind.index()));
            }
            if missed & !LOOK == 0 {
                count(&mut looks, usize::from(object.look.index()));
            }
            if missed & !AGE == 0 {
                let age = object.freshness(self.link, self.at);
                count(&mut ages, Freshness::ALL.iter().position(|one| *one == age).unwrap_or_default());
            }
            if missed & !SERVICE == 0 {
                let of = keys.iter().position(|key| *key == object.equipment.service_id);
                count(&mut services, of.unwrap_or(keys.len() - 1));
            }
            if missed & !COMMUNE == 0 {
                *communes.entry(object.equipment.insee_code.as_str()).or_default() += 1;
            }
        }
        let communes = communes.into_iter().map(|(code, objects)| CommuneCount {
            insee_code: code.to_owned(),
            name: picture.commune(code).to_owned(),
            objects,
        });
        let named =
            |at: usize| picture.services().get(at).map(|s| (s.code.clone(), s.name.clone())).unwrap_or_default();
        let services = services.into_iter().enumerate().map(|(at, objects)| {
            let (code, name) = named(at);
            ServiceCount { code, name, objects }
        });
        let (communes, services) = (communes.collect(), services.collect());
        Tally { total, kept, kinds, looks, ages, communes, services }
    }

    fn is_in_scope(&self, object: &Object) -> bool {
        let equipment = &object.equipment;
        let inside = self.filter.bounds.is_none_or(|[west, south, east, north]| {
            (west..=east).contains(&equipment.lon) && (south..=north).contains(&equipment.lat)
        });
        inside && (!self.filter.abnormal || is_abnormal(object) || self.is_urgent(object))
    }

    /// The choices that it misses: one that misses a single sort is what opening that sort would bring back.
    fn missed(&self, object: &Object) -> u8 {
        let filter = self.filter;
        let bit = |missed: bool, sort: u8| if missed { sort } else { 0 };
        // How old a value is takes longer to say than the rest: only where it is asked.
        let age = || !filter.ages.contains(&object.freshness(self.link, self.at));
        bit(misses(&filter.kinds, &object.equipment.kind), KIND)
            | bit(misses(&filter.looks, &object.look), LOOK)
            | bit(misses(&filter.communes, &object.equipment.insee_code), COMMUNE)
            | bit(!filter.services.is_empty() && !self.services.contains(&object.equipment.service_id), SERVICE)
            | bit(!filter.ages.is_empty() && age(), AGE)
    }
}

fn misses<T: PartialEq>(chosen: &[T], is: &T) -> bool {
    !chosen.is_empty() && !chosen.contains(is)
}

fn count(counts: &mut [u32], at: usize) {
    if let Some(count) = counts.get_mut(at) {
        *count += 1;
    }
}

fn is_abnormal(object: &Object) -> bool {
    // A value that is merely due is no event: thirty thousand lamps take turns at it.
    let due = matches!(object.byte >> 3, 0 | 1);
    severity(object) > 0 || !due
}

/// Order of a list: danger, fault, no value, notice, then what is only marked, then normal.
pub(crate) fn severity(object: &Object) -> u8 {
    match object.look {
        Look::Danger => 4,
        Look::Fault => 3,
        Look::NoValue => 2,
        Look::Notice => 1,
        Look::Normal | Look::Active => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use uuid::Uuid;
    use vigie_core::table::{Equipment, Service};

    use super::*;

    const LIVE: (LinkState, Timestamp) = (LinkState::Live, Timestamp(0));

    /// Four objects without a value: lights 1 and 2 in Dijon and Talant, cameras 3 and 4 in the same.
    fn city() -> Picture {
        let object = |point: u32, kind, insee_code: &str| {
            let equipment = Equipment {
                equipment_id: id(point),
                reference: point.to_string(),
                name: String::new(),
                kind,
                insee_code: insee_code.to_owned(),
                street: String::new(),
                lon: f64::from(point),
                lat: 0.0,
                attributes: serde_json::json!({}),
                service_id: (kind == EquipmentKind::StreetLight).then(|| service_id(1)),
            };
            (point, equipment)
        };
        let communes =
            HashMap::from([("21231".to_owned(), "Dijon".to_owned()), ("21617".to_owned(), "Talant".to_owned())]);
        let rows = vec![
            object(1, EquipmentKind::StreetLight, "21231"),
            object(2, EquipmentKind::StreetLight, "21617"),
            object(3, EquipmentKind::Camera, "21231"),
            object(4, EquipmentKind::Camera, "21617"),
        ];
        let service = |n: u128, code: &str| Service {
            service_id: service_id(n),
            code: code.to_owned(),
            name: code.to_lowercase(),
            phone: String::new(),
        };
        Picture::new(1, communes, rows, Vec::new()).with_services(vec![service(1, "EP"), service(2, "CSU")])
    }

    fn service_id(n: u128) -> ServiceId {
        ServiceId(Uuid::from_u128(n))
    }

    fn id(point: u32) -> EquipmentId {
        EquipmentId(Uuid::from_u128(u128::from(point)))
    }

    fn chosen(kinds: &[EquipmentKind], communes: &[&str]) -> ObjectFilter {
        ObjectFilter {
            kinds: kinds.to_vec(),
            communes: communes.iter().map(|&code| code.to_owned()).collect(),
            ..ObjectFilter::default()
        }
    }

    fn points(picture: &Picture, of: impl Fn(&Object) -> bool) -> Vec<u32> {
        picture.objects().iter().filter(|o| of(o)).map(|o| o.point).collect()
    }

    #[test]
    fn what_is_kept_and_what_is_hidden_make_up_the_scope() {
        let (city, filter) =
            (city(), ObjectFilter { bounds: Some([2.0, -1.0, 9.0, 1.0]), ..chosen(&[EquipmentKind::Camera], &[]) });
        let sieve = Sieve::new(&filter, &city, LIVE, std::iter::empty());
        assert_eq!(points(&city, |o| sieve.keeps(o)), [3, 4]);
        assert_eq!(
            points(&city, |o| sieve.hides(o)),
            [2],
            "what lies out of the scope is not hidden: it was not asked for"
        );
    }

    #[test]
    fn an_open_alarm_of_priority_1_is_never_hidden_and_one_of_priority_2_is() {
        let (city, filter) = (city(), chosen(&[EquipmentKind::Camera], &["21231"]));
        let alarms = [(Some(id(2)), 1), (Some(id(1)), 2), (None, 1)];
        let sieve = Sieve::new(&filter, &city, LIVE, alarms.into_iter());
        assert_eq!(points(&city, |o| sieve.keeps(o)), [2, 3]);
        assert_eq!(points(&city, |o| sieve.hides(o)), [1, 4]);
        assert_eq!((sieve.tally(&city).total, sieve.tally(&city).kept), (4, 2));
    }

    #[test]
    fn each_choice_is_counted_as_if_its_own_sort_were_open_and_the_others_stood() {
        let (city, filter) = (city(), chosen(&[EquipmentKind::Camera], &["21231"]));
        let tally = Sieve::new(&filter, &city, LIVE, std::iter::empty()).tally(&city);
        assert_eq!(tally.kinds.iter().sum::<u32>(), 2, "both kinds of Dijon");
        let communes: Vec<(&str, u32)> = tally.communes.iter().map(|c| (c.name.as_str(), c.objects)).collect();
        assert_eq!(communes, [("Dijon", 1), ("Talant", 1)], "cameras of each commune");
        assert_eq!(tally.ages, [0, 0, 0, 0, 1], "never seen");
    }

    #[test]
    fn points_that_are_named_are_the_scope() {
        let (city, filter) = (city(), ObjectFilter { points: vec![4, 1, 9], ..chosen(&[EquipmentKind::Camera], &[]) });
        let sieve = Sieve::new(&filter, &city, LIVE, std::iter::empty());
        assert_eq!(sieve.candidates(&city).iter().map(|o| o.point).collect::<Vec<_>>(), [1, 4]);
        assert_eq!(sieve.tally(&city).kept, 1);
    }

    #[test]
    fn objects_are_chosen_by_their_service_and_those_of_none_by_themselves() {
        let city = city();
        let of = |services: &[&str]| {
            let services = services.iter().map(|&code| code.to_owned()).collect();
            ObjectFilter { services, ..ObjectFilter::default() }
        };
        for (chosen, kept) in [
            (&["EP"][..], vec![1, 2]),
            (&[""], vec![3, 4]),
            (&["EP", ""], vec![1, 2, 3, 4]),
            (&["CSU"], vec![]),
            (&["GONE"], vec![]),
        ] {
            let filter = of(chosen);
            let sieve = Sieve::new(&filter, &city, LIVE, std::iter::empty());
            assert_eq!(points(&city, |o| sieve.keeps(o)), kept, "{chosen:?}");
        }
        let filter = ObjectFilter { communes: vec!["21231".into()], ..of(&["EP"]) };
        let tally = Sieve::new(&filter, &city, LIVE, std::iter::empty()).tally(&city);
        let counts: Vec<_> = tally.services.iter().map(|s| (s.code.as_str(), s.objects)).collect();
        assert_eq!(counts, [("CSU", 0), ("EP", 1), ("", 1)], "of Dijon, whatever service is chosen");
        assert_eq!(tally.communes.iter().map(|c| c.objects).collect::<Vec<_>>(), [1, 1], "lights of each commune");
    }
}
