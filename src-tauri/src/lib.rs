//! The desktop shell of Vigie.
