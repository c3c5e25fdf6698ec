//! How what a person types is compared with the words of the city: case and accents folded, beginnings read, a slip of the
//! finger forgiven.
//!
//! Words split where SQLite's `unicode61` tokenizer splits them, so that the replica and whatever stands in for it in a test
//! find the same.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use uuid::Uuid;

/// Words of a question that are read: a pasted page is no question.
pub const WORDS: usize = 16;
/// Shorter words are too near to each other to be guessed at.
const GUESSED: usize = 4;
/// From this length on, two slips are forgiven.
const LONG: usize = 8;

crate::table::codes! {
    /// A part of the territory that has a name, in the order in which they are shown.
    PlaceKind {
        /// A commune.
        Commune = "commune",
        /// A zone: vidéoprotection, flood area, closed building, district.
        Zone = "zone",
        /// A street, known by the objects that stand in it.
        Street = "street",
    }
}

/// A place that a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// What it is.
    pub kind: PlaceKind,
    /// The key of the commune or zone; a street has none.
    pub key: Option<Uuid>,
    /// Short reference of a zone, else empty.
    pub reference: String,
    /// Name.
    pub name: String,
    /// Name of the commune of a street, else empty.
    pub commune: String,
    /// For a street: how many objects stand in it.
    pub objects: u32,
    /// For a street, degrees WGS 84, west, south, east, north: holds all its objects, and may be larger for a while after one
    /// has left.
    pub bounds: Option<[f64; 4]>,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<T> {
    /// Best first.
    pub hits: Vec<T>,
    /// Nothing has the words as they were typed: these have words near them.
    pub near: bool,
}

impl<T> Found<T> {
    /// Nothing.
    pub fn nothing() -> Self {
        Self { hits: Vec::new(), near: false }
    }
}

/// The folded words of a text.
pub fn words(text: &str) -> Vec<String> {
    text.nfd()
        // A letter and its accent may come as two characters; folded together they stay one word.
        .filter(|c| !('\u{300}'..='\u{36f}').contains(c))
        .map(|c| if is_letter(c) { c } else { ' ' })
        .flat_map(char::to_lowercase)
        .collect::<String>()
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

/// Letters and numbers; circled letters are symbols, and vowel signs are marks.
fn is_letter(c: char) -> bool {
    let circled = matches!(c, '\u{24b6}'..='\u{24e9}' | '\u{1f130}'..='\u{1f189}');
    c.is_alphanumeric() && !circled && !is_combining_mark(c)
}

/// How many slips make `word` of what was `typed`: a letter too many, too few, another, or two exchanged (optimal string
/// alignment). None when they are more than a word of this length is forgiven. Of a word that is still being typed, `begun`,
/// the beginning is compared. Ligatures are as good as their letters.
pub fn near(typed: &str, word: &str, begun: bool) -> Option<usize> {
    let typed: Vec<char> = spread(typed);
    let word: Vec<char> = spread(word);
    let most = slips(&typed)?;
    if word.len() + most < typed.len() || (!begun && word.len() > typed.len() + most) {
        return None;
    }
    // One row of the table per letter typed, of which the last three are kept.
    let (mut before, mut above): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=word.len()).collect());
    for (i, letter) in typed.iter().enumerate() {
        let mut row = Vec::with_capacity(above.len());
        row.push(i + 1);
        for (j, other) in word.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX - 1);
            let mut least =
                (at(&above, j) + usize::from(letter != other)).min(at(&above, j + 1) + 1).min(at(&row, j) + 1);
            let exchanged = i > 0 && j > 0 && typed.get(i - 1) == Some(other) && word.get(j - 1) == Some(letter);
            if exchanged {
                least = least.min(at(&before, j - 1) + 1);
            }
            row.push(least);
        }
        if row.iter().min().is_some_and(|least| *least > most) {
            return None;
        }
        before = std::mem::replace(&mut above, row);
    }
    let found = if begun { above.iter().min() } else { above.last() };
    found.copied().filter(|found| *found <= most)
}

/// Slips forgiven in what was typed; none where nothing is guessed.
fn slips(typed: &[char]) -> Option<usize> {
    let guessed = typed.len() >= GUESSED && typed.iter().all(|c| c.is_alphabetic());
    guessed.then_some(if typed.len() >= LONG { 2 } else { 1 })
}

fn spread(word: &str) -> Vec<char> {
    let mut letters = Vec::with_capacity(word.len());
    for c in word.chars() {
        match c {
            'œ' => letters.extend(['o', 'e']),
            'æ' => letters.extend(['a', 'e']),
            'ß' => letters.extend(['s', 's']),
            _ => letters.push(c),
        }
    }
    letters
}

/// Puts places in the order in which they are shown: those named just so, those whose name begins so, the others; in each,
/// communes, zones, streets, by name and commune, the street with the most objects first where these are the same.
pub fn rank(text: &str, places: &mut [Place]) {
    let typed = words(text).join(" ");
    places.sort_by_cached_key(|place| {
        let name = words(&place.name).join(" ");
        let far = if name == typed || words(&place.reference).join(" ") == typed {
            0
        } else if name.starts_with(&typed) {
            1
        } else {
            2
        };
        let kind = PlaceKind::ALL.iter().position(|kind| *kind == place.kind);
        let exact = (place.key, place.name.clone(), std::cmp::Reverse(place.objects));
        (far, kind, name, place.commune.clone(), exact)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_punctuation_do_not_matter() {
        assert_eq!(words("Hôtel-de-VILLE, l'été"), ["hotel", "de", "ville", "l", "ete"]);
        assert_eq!(words("e\u{301}te\u{301}"), ["ete"]);
        assert_eq!(words("TL-042"), ["tl", "042"]);
        assert!(words(" -- \u{24b6} ").is_empty());
    }

    #[test]
    fn one_slip_of_any_sort_is_forgiven() {
        for typed in ["gambeta", "gambettta", "gambetto", "gmabetta", "ambetta"] {
            assert!(near(typed, "gambetta", false).is_some(), "{typed}");
        }
        assert_eq!(near("gambetta", "gambetta", false), Some(0));
        assert_eq!(near("foch", "roche", false), None);
    }

    #[test]
    fn two_slips_are_forgiven_in_a_long_word_only() {
        assert_eq!(near("repulbiqe", "republique", false), Some(2));
        assert_eq!(near("dracy", "darcy", false), Some(1));
        assert_eq!(near("dracu", "darcy", false), None);
    }

    #[test]
    fn a_word_being_typed_is_compared_with_beginnings() {
        assert_eq!(near("libret", "liberte", true), Some(1));
        assert_eq!(near("libret", "liberte", false), None);
        assert_eq!(near("gmab", "gambetta", true), Some(1));
    }

    #[test]
    fn short_words_and_numbers_are_taken_as_they_are() {
        assert_eq!(near("rua", "rue", false), None);
        assert_eq!(near("0421", "0412", false), None);
    }

    #[test]
    fn ligatures_are_their_letters() {
        assert_eq!(near("coeur", "cœur", false), Some(0));
        assert_eq!(near("sœurs", "soeurs", false), Some(0));
    }

    #[test]
    fn the_commune_comes_before_the_streets_that_bear_its_name() {
        let place = |kind, name: &str| Place {
            kind,
            key: None,
            reference: String::new(),
            name: name.into(),
            commune: String::new(),
            objects: 0,
            bounds: None,
        };
        let mut places = vec![
            place(PlaceKind::Street, "rue de Talant"),
            place(PlaceKind::Street, "Talantière"),
            place(PlaceKind::Zone, "Talant centre"),
            place(PlaceKind::Commune, "Talant"),
        ];
        rank("TALANT", &mut places);
        let names: Vec<&str> = places.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["Talant", "Talant centre", "Talantière", "rue de Talant"]);
    }
}
