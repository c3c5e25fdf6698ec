//! The public holidays of France: eleven days a year, three of which follow Easter.
//!
//! Source: Code du travail, article L3133-1. Alsace and the Moselle have two more, which no rule of this metropolis means.

use jiff::ToSpan;
use jiff::civil::Date;

/// Easter Sunday of a year of the Gregorian calendar; none outside the years that have dates.
///
/// Source: the anonymous Gregorian algorithm (Nature, 20 April 1876), as J. Meeus gives it in *Astronomical Algorithms*.
pub fn easter(year: i16) -> Option<Date> {
    let year_of = i32::from(year);
    let (century, in_century) = (year_of.div_euclid(100), year_of.rem_euclid(100));
    // Where the year stands in the moon's cycle of nineteen years.
    let golden = year_of.rem_euclid(19);
    // Leap days that centuries have not, and the moon's drift against its cycle.
    let moon = (century - (century + 8).div_euclid(25) + 1).div_euclid(3);
    // From 21 March to the full moon, then on to the Sunday after it.
    let full = (19 * golden + century - century.div_euclid(4) - moon + 15).rem_euclid(30);
    let sunday =
        (32 + 2 * century.rem_euclid(4) + 2 * in_century.div_euclid(4) - full - in_century.rem_euclid(4)).rem_euclid(7);
    // The two latest full moons are moved back.
    let back = (golden + 11 * full + 22 * sunday).div_euclid(451);
    let day = full + sunday - 7 * back + 114;
    Date::new(year, i8::try_from(day.div_euclid(31)).ok()?, i8::try_from(day.rem_euclid(31) + 1).ok()?).ok()
}

/// Whether a day is a public holiday.
pub fn is_holiday(date: Date) -> bool {
    let fixed =
        matches!((date.month(), date.day()), (1 | 5 | 11, 1) | (5, 8) | (7, 14) | (8, 15) | (11, 11) | (12, 25));
    // Easter Monday, the Ascension, Whit Monday.
    fixed
        || easter(date.year())
            .is_some_and(|easter| [1, 39, 50].iter().any(|n| easter.checked_add(n.days()).ok() == Some(date)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programme::sample::date;

    fn of_year(year: i16) -> Vec<String> {
        let first = Date::new(year, 1, 1).unwrap();
        first
            .series(1.day())
            .take_while(|day| day.year() == year)
            .filter(|day| is_holiday(*day))
            .map(|day| day.to_string())
            .collect()
    }

    #[test]
    fn easter_is_where_the_tables_have_it() {
        // The earliest and the latest that it can be, and those around today.
        let known = [
            "1818-03-22",
            "1943-04-25",
            "2000-04-23",
            "2024-03-31",
            "2025-04-20",
            "2026-04-05",
            "2027-03-28",
            "2038-04-25",
        ];
        for day in known.map(date) {
            assert_eq!(easter(day.year()), Some(day));
        }
        for year in 1600..2600 {
            assert_eq!(easter(year).unwrap().weekday(), jiff::civil::Weekday::Sunday, "{year}");
        }
    }

    #[test]
    fn a_year_has_eleven_public_holidays_and_the_day_after_christmas_is_none_of_them() {
        let expected = [
            "2026-01-01",
            "2026-04-06",
            "2026-05-01",
            "2026-05-08",
            "2026-05-14",
            "2026-05-25",
            "2026-07-14",
            "2026-08-15",
            "2026-11-01",
            "2026-11-11",
            "2026-12-25",
        ];
        assert_eq!(of_year(2026), expected);
        assert!(!is_holiday(date("2026-12-26")) && !is_holiday(date("2026-04-03")), "Alsace and the Moselle have both");
        // In 2008 the Ascension was the first of May: one day less.
        assert_eq!(of_year(2008).len(), 10);
    }
}
