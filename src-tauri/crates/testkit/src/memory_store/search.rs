//! What a search finds, by looking at everything.

use std::collections::{BTreeMap, HashMap};

use vigie_core::port::LocalId;
use vigie_core::search::{Found, Place, PlaceKind, WORDS, near, rank, words};
use vigie_core::table::{Commune, Equipment, Row, TableRow as _, Zone};

/// Rows as the copy holds them.
pub(super) struct City {
    communes: BTreeMap<String, Commune>,
    zones: Vec<Zone>,
    objects: Vec<(LocalId, Equipment)>,
}

impl City {
    /// Of the rows of three tables, in local id order: the first commune of a code names it.
    pub(super) fn of<'a>(
        communes: impl Iterator<Item = (LocalId, &'a Row)>,
        zones: impl Iterator<Item = (LocalId, &'a Row)>,
        objects: impl Iterator<Item = (LocalId, &'a Row)>,
    ) -> Self {
        let mut named = BTreeMap::new();
        for commune in communes.filter_map(|(_, row)| Commune::from_row(row).ok()) {
            named.entry(commune.insee_code.clone()).or_insert(commune);
        }
        Self {
            communes: named,
            zones: zones.filter_map(|(_, row)| Zone::from_row(row).ok()).collect(),
            objects: objects.filter_map(|(id, row)| Some((id, Equipment::from_row(row).ok()?))).collect(),
        }
    }

    fn commune(&self, insee_code: &str) -> &str {
        self.communes.get(insee_code).map_or("", |commune| &commune.name)
    }

    pub(super) fn objects(&self, text: &str, limit: u32) -> Found<LocalId> {
        let typed = text.trim();
        let capitals = typed.to_ascii_uppercase();
        let mut referenced: Vec<(&str, LocalId)> = self
            .objects
            .iter()
            .filter(|(_, o)| {
                !typed.is_empty() && (o.reference.starts_with(typed) || o.reference.starts_with(&capitals))
            })
            .map(|(id, o)| (o.reference.as_str(), *id))
            .collect();
        referenced.sort_unstable();
        let mut hits: Vec<LocalId> = referenced.into_iter().map(|(_, id)| id).collect();
        let mut others: Vec<&(LocalId, Equipment)> = self.objects.iter().collect();
        others.sort_by_key(|(id, o)| (o.kind.stands_in_numbers(), *id));
        let said =
            |(_, o): &&(LocalId, Equipment)| [&o.reference, &o.name, &o.street, self.commune(&o.insee_code)].join(" ");
        let found = found(text, others, said);
        let near = found.near && hits.is_empty();
        if near || !found.near {
            for (id, _) in found.hits {
                if !hits.contains(id) {
                    hits.push(*id);
                }
            }
        }
        hits.truncate(limit as usize);
        Found { hits, near }
    }

    pub(super) fn places(&self, text: &str, limit: u32) -> Found<Place> {
        let plain = |kind, key, reference: &str, name: &str| Place {
            kind,
            key,
            reference: reference.to_owned(),
            name: name.to_owned(),
            commune: String::new(),
            objects: 0,
            bounds: None,
        };
        let communes = self.communes.values().map(|c| plain(PlaceKind::Commune, Some(c.commune_id), "", &c.name));
        let zones = self.zones.iter().map(|z| plain(PlaceKind::Zone, Some(z.zone_id.0), &z.reference, &z.name));
        let all = communes.chain(zones).chain(self.streets()).collect();
        let mut found = found(text, all, |place: &Place| [&*place.reference, &place.name, &place.commune].join(" "));
        rank(text, &mut found.hits);
        found.hits.truncate(limit as usize);
        found
    }

    fn streets(&self) -> impl Iterator<Item = Place> {
        let mut streets: HashMap<(&str, &str), Place> = HashMap::new();
        for (_, o) in self.objects.iter().filter(|(_, o)| !o.street.is_empty()) {
            let street = streets.entry((&o.street, &o.insee_code)).or_insert_with(|| Place {
                kind: PlaceKind::Street,
                key: None,
                reference: String::new(),
                name: o.street.clone(),
                commune: self.commune(&o.insee_code).to_owned(),
                objects: 0,
                bounds: Some([o.lon, o.lat, o.lon, o.lat]),
            });
            street.objects += 1;
            if let Some([west, south, east, north]) = &mut street.bounds {
                (*west, *south) = (west.min(o.lon), south.min(o.lat));
                (*east, *north) = (east.max(o.lon), north.max(o.lat));
            }
        }
        streets.into_values().collect::<Vec<_>>().into_iter()
    }
}

/// Those whose text has each word begun; when none has, those that have words near them.
fn found<T>(text: &str, all: Vec<T>, said: impl Fn(&T) -> String) -> Found<T> {
    let mut asked = words(text);
    let last = asked.len().wrapping_sub(1);
    asked.truncate(WORDS);
    if asked.is_empty() {
        return Found::nothing();
    }
    let begun = |word: &str, other: &str, _: bool| other.starts_with(word);
    let nearly = |word: &str, other: &str, open: bool| {
        other.starts_with(word) || (!other.contains(|c: char| c.is_ascii_digit()) && near(word, other, open).is_some())
    };
    let (exact, others) = split(all, |item| has_all(&asked, last, &said(item), begun));
    if !exact.is_empty() {
        return Found { hits: exact, near: false };
    }
    let (hits, _) = split(others, |item| has_all(&asked, last, &said(item), nearly));
    Found { near: !hits.is_empty(), hits }
}

fn split<T>(all: Vec<T>, of: impl Fn(&T) -> bool) -> (Vec<T>, Vec<T>) {
    all.into_iter().partition(of)
}

fn has_all(asked: &[String], last: usize, text: &str, has: impl Fn(&str, &str, bool) -> bool) -> bool {
    let there = words(text);
    asked.iter().enumerate().all(|(at, word)| there.iter().any(|other| has(word, other, at == last)))
}
