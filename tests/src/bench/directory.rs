//! A territory with names as real ones have: streets that share their words, lights named after their street, and what people
//! type to find them.

use uuid::Uuid;
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::EquipmentId;
use vigie_core::table::{Commune, Equipment};
use vigie_training::chance::Dice;

const COMMUNES: [&str; 12] = [
    "Dijon",
    "Chenôve",
    "Talant",
    "Quetigny",
    "Longvic",
    "Fontaine-lès-Dijon",
    "Marsannay-la-Côte",
    "Saint-Apollinaire",
    "Chevigny-Saint-Sauveur",
    "Plombières-lès-Dijon",
    "Ahuy",
    "Daix",
];
const WAYS: [&str; 8] = ["rue", "avenue", "boulevard", "impasse", "allée", "place", "chemin", "quai"];
const LINKS: [&str; 5] = ["", "de la ", "du ", "des ", "de l'"];
const FIRST: [&str; 16] = [
    "",
    "",
    "",
    "",
    "Jean ",
    "Pierre ",
    "Marie ",
    "Louis ",
    "Victor ",
    "Émile ",
    "Georges ",
    "Hélène ",
    "Général ",
    "Docteur ",
    "Président ",
    "Saint ",
];
const SYLLABLES: [&str; 24] = [
    "ba", "bel", "cha", "cor", "da", "fau", "gau", "gra", "la", "lé", "mar", "mé", "mon", "nor", "pa", "pré", "ro",
    "ron", "sé", "ta", "tré", "va", "ver", "vi",
];
const ENDINGS: [&str; 12] = ["ard", "eau", "ier", "in", "ot", "oux", "ay", "ert", "is", "ois", "ette", "ville"];
/// Objects in a street, so that streets grow with the city.
const STREET: u64 = 40;

/// A street and its commune.
struct Street {
    name: String,
    commune: usize,
}

/// The names of a territory of so many objects.
pub struct Directory {
    streets: Vec<Street>,
    objects: u64,
}

impl Directory {
    /// From a seed.
    pub fn new(objects: u64, seed: u64) -> Self {
        let mut dice = Dice::new(seed, "streets");
        let mut one = |of: &[&'static str]| of.get(dice.below(of.len())).copied().unwrap_or_default();
        let count = usize::try_from(objects.div_ceil(STREET)).unwrap_or(usize::MAX);
        let streets = (0..count).map(|n| {
            let subject = [one(&SYLLABLES), one(&SYLLABLES), one(&ENDINGS)].concat();
            let mut letters = subject.chars();
            let subject: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
            let name = format!("{} {}{}{subject}", one(&WAYS), one(&LINKS), one(&FIRST));
            Street { name, commune: n % COMMUNES.len() }
        });
        Self { streets: streets.collect(), objects }
    }

    /// The communes.
    pub fn communes(&self) -> Vec<Commune> {
        let commune = |(n, name): (usize, &&str)| Commune {
            commune_id: Uuid::from_u128(1 + n as u128),
            insee_code: code(n),
            name: (*name).to_owned(),
            lon: 5.0,
            lat: 47.3,
            population: 10_000,
            outline: serde_json::json!({"type": "Polygon", "coordinates": []}),
        };
        COMMUNES.iter().enumerate().map(commune).collect()
    }

    /// Object number `n`: a light in nine of ten, named after its street.
    pub fn object(&self, n: u64) -> Equipment {
        let street = self.street(n);
        let (kind, name) = match n % 10 {
            0 => (EquipmentKind::Camera, format!("Caméra {n:06} {}", street.name)),
            _ => (EquipmentKind::StreetLight, format!("{} {}", street.name, n % STREET + 1)),
        };
        Equipment {
            equipment_id: EquipmentId(Uuid::from_u128((1 << 80) + u128::from(n))),
            reference: format!("EC-{n:07}"),
            name,
            kind,
            insee_code: code(street.commune),
            street: street.name.clone(),
            lon: 5.0 + (n % 1000) as f64 * 1e-4,
            lat: 47.3 + (n / 1000) as f64 * 1e-5,
            attributes: serde_json::json!({"cabinet": n / 200}),
            service_id: None,
        }
    }

    fn street(&self, n: u64) -> &Street {
        // Neighbouring numbers are of different streets, as inventories that grew over years are.
        const NOWHERE: &Street = &Street { name: String::new(), commune: 0 };
        let at = n.wrapping_mul(7_919) % self.streets.len().max(1) as u64;
        self.streets.get(usize::try_from(at).unwrap_or(0)).unwrap_or(NOWHERE)
    }

    /// What one types to find an object: its street with its commune, its street with its number, or its street's last words with
    /// the commune.
    pub fn question(&self, dice: &mut Dice) -> String {
        let n = dice.below(usize::try_from(self.objects).unwrap_or(usize::MAX)) as u64;
        let street = self.street(n);
        let commune = COMMUNES.get(street.commune).copied().unwrap_or_default();
        let last = street.name.rsplit(' ').next().unwrap_or_default();
        match dice.below(4) {
            0 => format!("{} {commune}", street.name),
            1 => format!("{} {}", street.name, n % STREET + 1),
            2 => format!("{last} {commune}"),
            _ => format!("{commune} {}", street.name),
        }
    }
}

fn code(commune: usize) -> String {
    format!("21{commune:03}")
}

/// The same with one slip in its longest word, if that is long enough for one: two letters exchanged, one lost, or one doubled.
pub fn slip(text: &str, dice: &mut Dice) -> Option<String> {
    let longest = text.split(' ').max_by_key(|word| word.chars().count())?;
    let mut letters: Vec<char> = longest.chars().collect();
    if letters.len() < 6 || !letters.iter().all(|c| c.is_alphabetic()) {
        return None;
    }
    let at = 1 + dice.below(letters.len() - 3);
    match dice.below(3) {
        0 => letters.swap(at, at + 1),
        1 => drop(letters.remove(at)),
        _ => letters.insert(at, *letters.get(at)?),
    }
    let wrong: String = letters.into_iter().collect();
    (wrong != longest).then(|| text.replacen(longest, &wrong, 1))
}
