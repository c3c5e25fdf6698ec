//! The canonical form of a record: what its author signs, and what every reader puts together again from the row.
//!
//! One line a field, `name:length:value`, in the order of declaration; an absent field is `name:-`. Lengths are in bytes,
//! so that no text can pass for the field that follows it.

/// A canonical form being put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement(Vec<u8>);

impl Statement {
    /// Begins the statement of a record of a kind.
    pub fn of(kind: &str) -> Self {
        Self(format!("vigie record 1\n{kind}\n").into_bytes())
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        let value = value.to_string();
        self.0.extend_from_slice(format!("{name}:{}:{value}\n", value.len()).as_bytes());
        self
    }

    /// Adds a field that may be absent.
    #[must_use]
    pub fn maybe(mut self, name: &str, value: Option<impl std::fmt::Display>) -> Self {
        if let Some(value) = value {
            return self.field(name, value);
        }
        self.0.extend_from_slice(format!("{name}:-\n").as_bytes());
        self
    }

    /// The bytes that are signed.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What can be signed.
pub trait Stated {
    /// Its canonical form.
    fn statement(&self) -> Statement;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_can_pass_for_the_field_that_follows_it() {
        let honest = Statement::of("x").field("text", "a").maybe("corrects", None::<String>);
        let trick = Statement::of("x").field("text", "a\ncorrects:-");
        assert_ne!(honest.bytes(), trick.bytes());
        assert_eq!(honest.bytes(), b"vigie record 1\nx\ntext:1:a\ncorrects:-\n");
    }
}
