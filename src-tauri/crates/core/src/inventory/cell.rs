//! The cells of a table, which are only text, and the values they stand for.

use serde_json::Value;

use crate::inventory::record::number_of;

/// The value of a cell: what JSON reads in it (numbers, `true`, `false`, lists), a number with a decimal comma, or else
/// its text. Nothing when it is empty. Leading zeros are not JSON: a code such as `01234` stays a text.
pub fn value_of(cell: &str) -> Option<Value> {
    let cell = cell.trim();
    if cell.is_empty() {
        return None;
    }
    let value = serde_json::from_str(cell).ok().or_else(|| decimal_comma(cell));
    Some(value.unwrap_or_else(|| Value::String(cell.to_owned())))
}

/// The cell of a value: [`value_of`] gives the value back. A text that would be read as something else is quoted.
pub fn cell_of(value: &Value) -> String {
    match value {
        Value::String(text) if value_of(text).as_ref() == Some(value) => text.clone(),
        value => value.to_string(),
    }
}

fn decimal_comma(cell: &str) -> Option<Value> {
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '-' | ',');
    let whole = cell.split(',').next()?.trim_start_matches('-');
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    (cell.contains(',') && cell.chars().all(plain) && !leading_zero).then(|| number_of(cell)).flatten().map(Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_cell_is_the_number_the_flag_or_the_text_that_it_shows() {
        for (cell, value) in [
            ("40", json!(40)),
            ("12,5", json!(12.5)),
            (" true ", json!(true)),
            ("01234", json!("01234")),
            ("01,5", json!("01,5")),
            ("+33 3 80", json!("+33 3 80")),
            ("1,2,3", json!("1,2,3")),
            ("\"40\"", json!("40")),
            ("NaN", json!("NaN")),
        ] {
            assert_eq!(value_of(cell), Some(value), "{cell}");
        }
        assert_eq!(value_of("  "), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_comes_back_from_its_cell(text: String) {
            let value = Value::String(text);
            proptest::prop_assert_eq!(value_of(&cell_of(&value)), Some(value));
        }

        #[test]
        fn any_number_comes_back_from_its_cell(number: i64) {
            let value = Value::from(number);
            proptest::prop_assert_eq!(value_of(&cell_of(&value)), Some(value));
        }
    }
}
