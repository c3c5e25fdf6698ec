//! Medians and spreads: a lone figure says nothing on a machine that others share.

/// The value at a fraction of the way through, nearest rank; not a number when there is none.
pub fn quantile(values: &[f64], at: f64) -> f64 {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank within the length")]
    let rank = ((sorted.len() as f64 * at).ceil() as usize).saturating_sub(1);
    sorted.get(rank).copied().unwrap_or(f64::NAN)
}

/// `median (least–greatest)`, with so many digits.
pub fn told(values: &[f64], digits: usize) -> String {
    let (least, greatest) = (quantile(values, 0.0), quantile(values, 1.0));
    format!("{:.digits$} ({least:.digits$}–{greatest:.digits$})", quantile(values, 0.5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_were_seen() {
        let seen = [3.0, 1.0, 2.0, 10.0];
        assert_eq!((quantile(&seen, 0.0), quantile(&seen, 0.5), quantile(&seen, 0.99)), (1.0, 2.0, 10.0));
        assert!(quantile(&[], 0.5).is_nan());
        assert_eq!(told(&seen, 1), "2.0 (1.0–10.0)");
    }
}
