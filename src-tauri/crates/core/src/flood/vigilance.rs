//! The colours of Vigicrues: a legal scale of its own, never mixed with the priorities of alarms.

crate::table::codes! {
    /// Vigilance of a reach. A reach that is not in a bulletin, or whose level cannot be read, has none: it is unknown, not
    /// green. The order is that of growing danger.
    Vigilance {
        /// Vert: no particular vigilance.
        Green = "green",
        /// Jaune: local overflows, or a fast rise.
        Yellow = "yellow",
        /// Orange: considerable overflows.
        Orange = "orange",
        /// Rouge: a major flood.
        Red = "red",
    }
}

impl Vigilance {
    /// The level as Vigicrues writes it (`NivInfViCr`): 1 to 4. Any other number says nothing.
    pub fn of_level(level: i64) -> Option<Self> {
        Self::ALL.iter().copied().find(|vigilance| vigilance.level() == level)
    }

    /// 1 (green) to 4 (red).
    pub const fn level(self) -> i64 {
        match self {
            Self::Green => 1,
            Self::Yellow => 2,
            Self::Orange => 3,
            Self::Red => 4,
        }
    }

    /// The legal word, as every bulletin prints it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Green => "vert",
            Self::Yellow => "jaune",
            Self::Orange => "orange",
            Self::Red => "rouge",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_levels_have_their_colours_and_any_other_has_none() {
        let words: Vec<_> = (0..=5).map(|level| Vigilance::of_level(level).map(Vigilance::word)).collect();
        assert_eq!(words, [None, Some("vert"), Some("jaune"), Some("orange"), Some("rouge"), None]);
        assert!(Vigilance::Green < Vigilance::Yellow && Vigilance::Orange < Vigilance::Red);
    }
}
