//! How long to wait after failures that follow each other.

use std::time::Duration;

/// The first wait, and the longest.
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(15);

/// Twice as long each time, plus up to a quarter (`chance` from 0 to 1), so that two programs do not knock together.
pub(crate) fn after(failures: u32, chance: f64) -> Duration {
    let wait = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(8)).min(LONGEST);
    wait + wait.mul_f64(chance.clamp(0.0, 1.0) / 4.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_a_quarter_of_a_minute() {
        assert_eq!(after(1, 0.0), FIRST);
        assert_eq!(after(3, 0.0), FIRST * 4);
        assert_eq!(after(40, 0.0), LONGEST);
        assert!(after(40, 1.0) <= LONGEST.mul_f64(1.25));
    }
}
