//! Names of streets and places: the commonest ones of France, and people who never lived.

use std::collections::HashSet;

use crate::chance::Dice;

const WHOM: &[&str] = &[
    "Devosge",
    "Tivoli",
    "Berbisey",
    "Monge",
    "Chabot",
    "Trémouille",
    "Godrans",
    "Jouvence",
    "Montchapet",
    "Larrey",
    "Drapeau",
    "Mirande",
    "Stalingrad",
    "Voltaire",
    "Gambetta",
    "Carnot",
    "Victor Hugo",
    "Pasteur",
    "Jules Ferry",
    "Jean Jaurès",
    "Lamartine",
    "Molière",
    "Racine",
    "Rameau",
    "Berlioz",
    "Debussy",
    "Ravel",
    "Marie Curie",
    "Arago",
    "Ampère",
    "Buffon",
    "Diderot",
    "Rousseau",
    "George Sand",
    "Balzac",
    "Zola",
    "Verlaine",
    "Rimbaud",
    "Colette",
];
const WHAT: &[&str] = &[
    "de la Gare",
    "de l'Église",
    "du Lavoir",
    "des Écoles",
    "de la Mairie",
    "du Moulin",
    "des Tanneurs",
    "des Forges",
    "de la Fontaine",
    "du Château",
    "des Vignes",
    "des Tilleuls",
    "des Acacias",
    "des Marronniers",
    "des Platanes",
    "des Peupliers",
    "des Cerisiers",
    "des Noyers",
    "des Lilas",
    "des Roses",
    "des Glycines",
    "des Bleuets",
    "du Stade",
    "du Parc",
    "du Marché",
    "de la Liberté",
    "de la République",
    "de la Paix",
    "de l'Europe",
    "de Bourgogne",
    "de Beaune",
    "de Langres",
    "d'Auxonne",
    "de Gray",
    "de Mirebeau",
    "de l'Ouche",
    "du Suzon",
    "de la Tille",
    "du Canal",
    "du Port",
    "des Carrières",
    "des Champs",
    "des Prés",
    "du Verger",
    "de la Source",
    "du Puits",
    "des Remparts",
    "du Faubourg",
    "des Jardiniers",
    "des Maraîchers",
    "des Vignerons",
    "des Tonneliers",
    "des Charrons",
    "des Potiers",
    "des Orfèvres",
    "de l'Abbaye",
    "du Chapitre",
    "des Cordeliers",
    "des Carmélites",
    "de l'Hôpital",
    "du Collège",
    "de la Fonderie",
    "de la Tuilerie",
    "du Four",
    "de la Croix",
    "du Calvaire",
    "de la Combe",
    "du Coteau",
    "de Bellevue",
    "du Belvédère",
    "de la Plaine",
    "du Bois",
    "de la Garenne",
    "du Chêne",
    "de l'Orme",
    "du Tertre",
    "des Rossignols",
    "des Hirondelles",
    "des Alouettes",
    "du Rocher",
    "de la Toison",
    "des Lentillères",
    "des Poussots",
    "des Grésilles",
    "de la Maladière",
];
const FIRST: &[&str] = &[
    "Aline",
    "Anatole",
    "Antoinette",
    "Armand",
    "Auguste",
    "Berthe",
    "Camille",
    "Céleste",
    "Clément",
    "Denise",
    "Édouard",
    "Élise",
    "Émile",
    "Estelle",
    "Eugène",
    "Félix",
    "Firmin",
    "Gabrielle",
    "Gaston",
    "Germaine",
    "Gilbert",
    "Hélène",
    "Henriette",
    "Hippolyte",
    "Irène",
    "Jeanne",
    "Joseph",
    "Justine",
    "Léonie",
    "Lucien",
    "Madeleine",
    "Marcel",
    "Marguerite",
    "Mathilde",
    "Maurice",
    "Noël",
    "Odette",
    "Paul",
    "Pauline",
    "Raymond",
    "Simone",
    "Théodore",
    "Valentine",
];
const LAST: &[&str] = &[
    "Aubertin",
    "Bardin",
    "Bellocq",
    "Bernardot",
    "Bizouard",
    "Bonnardel",
    "Bouhey",
    "Bruley",
    "Cailloux",
    "Chaudron",
    "Chevigny",
    "Clerget",
    "Colombet",
    "Coquard",
    "Cornemuse",
    "Darcier",
    "Delorme",
    "Desbruyères",
    "Dumontet",
    "Faivret",
    "Fourneret",
    "Garreau",
    "Gauthey",
    "Girardot",
    "Grosbois",
    "Guillemard",
    "Jacotot",
    "Jobelin",
    "Lamblin",
    "Lavirotte",
    "Lhuillier",
    "Magnien",
    "Maréchal",
    "Mathey",
    "Mignardot",
    "Moreau",
    "Naudet",
    "Olivier",
    "Paillet",
    "Parigot",
    "Perronet",
    "Petitjean",
    "Poissonnier",
    "Quantin",
    "Ravier",
    "Regnault",
    "Rousselet",
    "Sauvageot",
    "Seurat",
    "Tainturier",
    "Thevenot",
    "Tissier",
    "Vadot",
    "Vallotton",
    "Verdereau",
    "Viennot",
    "Vincenot",
    "Vuillemin",
];

/// Hands out street names, each once in its commune.
#[derive(Debug, Default)]
pub(crate) struct StreetNames {
    taken: HashSet<String>,
}

impl StreetNames {
    /// A name for a street of this length.
    pub(crate) fn next(&mut self, dice: &mut Dice, metres: f64) -> String {
        for attempt in 0..40 {
            let name = format!("{} {}", way(dice, metres), subject(dice, attempt));
            if self.taken.insert(name.clone()) {
                return name;
            }
        }
        let name = format!("Voie {}", self.taken.len() + 1);
        self.taken.insert(name.clone());
        name
    }
}

fn way(dice: &mut Dice, metres: f64) -> &'static str {
    let draw = dice.unit();
    match metres {
        m if m < 170.0 && draw < 0.55 => "Impasse",
        m if m < 170.0 && draw < 0.75 => "Allée",
        m if m < 300.0 && draw < 0.15 => "Passage",
        m if m < 420.0 && draw < 0.25 => "Chemin",
        m if m > 700.0 && draw < 0.45 => "Avenue",
        m if m > 700.0 && draw < 0.65 => "Boulevard",
        m if m > 560.0 && draw < 0.20 => "Cours",
        _ => "Rue",
    }
}

fn subject(dice: &mut Dice, attempt: u32) -> String {
    let draw = dice.unit();
    let word = |dice: &mut Dice, list: &[&str]| dice.pick(list).copied().unwrap_or_default().to_owned();
    if attempt < 3 && draw < 0.20 {
        word(dice, WHOM)
    } else if attempt < 6 && draw < 0.70 {
        word(dice, WHAT)
    } else {
        format!("{} {}", word(dice, FIRST), word(dice, LAST))
    }
}

/// A street's name without its kind of way: "Rue Devosge" → "Devosge".
pub(crate) fn bare(street: &str) -> &str {
    let rest = street.split_once(' ').map_or(street, |(_, rest)| rest);
    ["de la ", "de l'", "des ", "du ", "de ", "d'"].iter().find_map(|p| rest.strip_prefix(p)).unwrap_or(rest)
}

/// A number of the ranges kept for fiction, always the same for the same thing: printed as a French number.
pub(crate) fn phone(seed: u64, what: &str) -> String {
    let bits = crate::chance::mix(seed ^ crate::chance::hash(what.as_bytes()));
    format!("03 53 01 {:02} {:02}", bits % 100, (bits >> 20) % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_streets_of_a_commune_have_the_same_name() {
        let (mut names, mut dice) = (StreetNames::default(), Dice::new(1, "names"));
        let mut seen = HashSet::new();
        for _ in 0..3_000 {
            assert!(seen.insert(names.next(&mut dice, 300.0)));
        }
        assert!(seen.iter().filter(|n| n.starts_with("Voie ")).count() < 30);
    }

    #[test]
    fn numbers_are_of_the_range_kept_for_fiction() {
        assert!(phone(1, "TL-001").starts_with("03 53 01 "));
        assert_eq!(phone(1, "TL-001").len(), 14);
        assert_eq!(bare("Rue de la Gare"), "Gare");
        assert_eq!(bare("Rue Devosge"), "Devosge");
    }
}
