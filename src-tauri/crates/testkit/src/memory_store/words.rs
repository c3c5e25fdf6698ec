//! Words as a search compares them: split at what is neither letter nor digit, case and accents folded.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// The folded words of a text.
pub(super) fn words(text: &str) -> Vec<String> {
    let joins = |c: char| c.is_alphanumeric() || is_combining_mark(c);
    text.split(|c| !joins(c))
        .map(|word| word.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect::<String>())
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn case_accents_and_punctuation_do_not_matter() {
        assert_eq!(words("Hôtel-de-VILLE, l'été"), ["hotel", "de", "ville", "l", "ete"]);
        assert_eq!(words("e\u{301}te\u{301}"), ["ete"]);
        assert!(words(" -- ").is_empty());
    }
}
