//! One day of a programme as instants, through dusk, dawn and the changes of the clock.

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use serde::{Deserialize, Serialize};

use crate::programme::{Anchor, Content, ProgrammeKind, Setting, Site, Step};
use crate::time::Timestamp;

crate::table::codes! {
    /// What the clock does around a time of day.
    Hour {
        /// Nothing.
        Plain = "plain",
        /// The time does not exist that day: the step comes an hour later by the clock.
        Missing = "missing",
        /// The time comes twice that day: the step comes the first time.
        Doubled = "doubled",
    }
}

/// Something changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// The same as whoever stands there reads it, with its offset: `2026-10-25 02:30 +02:00`.
    pub local: String,
    /// What its time is counted from.
    pub from: Anchor,
    /// By so many minutes.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub minutes: i64,
    /// What holds from then on.
    pub sets: Setting,
    /// Which step of the control programme, from 1.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub step: usize,
    /// What the clock does around it.
    pub hour: Hour,
}

/// The instant at which a step of a day comes; none where the sun does not rise or set.
fn instant(kind: ProgrammeKind, step: &Step, date: Date, site: Site, zone: &TimeZone) -> Option<(Timestamp, Hour)> {
    let tomorrow = date.checked_add(1.day()).ok()?;
    let after = |sun: Timestamp| Timestamp(sun.0.saturating_add(step.minutes.saturating_mul(60_000)));
    match step.from {
        Anchor::Dusk => site.dusk(date).map(|dusk| (after(dusk), Hour::Plain)),
        Anchor::Dawn => site.dawn(tomorrow).map(|dawn| (after(dawn), Hour::Plain)),
        Anchor::Clock => {
            let day = if step.minutes < kind.begins_at() { tomorrow } else { date };
            let (hour, minute) = (i8::try_from(step.minutes / 60).ok()?, i8::try_from(step.minutes % 60).ok()?);
            let ambiguous = zone.to_ambiguous_zoned(day.to_datetime(jiff::civil::Time::new(hour, minute, 0, 0).ok()?));
            let hour = match ambiguous.offset() {
                AmbiguousOffset::Unambiguous { .. } => Hour::Plain,
                AmbiguousOffset::Gap { .. } => Hour::Missing,
                AmbiguousOffset::Fold { .. } => Hour::Doubled,
            };
            // In a gap the later reading, in a fold the earlier one.
            let zoned = ambiguous.compatible().ok()?;
            Some((Timestamp(zoned.timestamp().as_millisecond()), hour))
        }
    }
}

/// An instant as it is read on the spot, with its offset.
pub(crate) fn local(at: Timestamp, zone: &TimeZone) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map_or_else(|_| at.to_string(), |at| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %:z").to_string())
}

/// What changes on a day, in the order in which it happens. Empty outside the programme's dates.
pub fn resolve(kind: ProgrammeKind, content: &Content, date: Date, site: Site, zone: &TimeZone) -> Vec<Change> {
    let Some(programme) = content.programme_of(date) else { return Vec::new() };
    let mut changes: Vec<Change> = programme
        .steps
        .iter()
        .enumerate()
        .filter_map(|(place, step)| {
            let (at, hour) = instant(kind, step, date, site, zone)?;
            let sets = content.setting(step)?;
            let (from, minutes) = (step.from, step.minutes);
            Some(Change { at, local: local(at, zone), from, minutes, sets, step: place + 1, hour })
        })
        .collect();
    // Of two at one instant the one that is written later holds.
    changes.sort_by_key(|change| (change.at, change.step));
    changes
}

/// What holds at an instant: the last change before it, of its day or of the one before; none outside the programme's dates,
/// or where nothing was set yet. Then the device follows its own.
pub fn in_force_at(
    kind: ProgrammeKind,
    content: &Content,
    at: Timestamp,
    site: Site,
    zone: &TimeZone,
) -> Option<Setting> {
    let there = jiff::Timestamp::from_millisecond(at.0).ok()?.to_zoned(zone.clone());
    let minutes = i64::from(there.hour()) * 60 + i64::from(there.minute());
    let date = if minutes < kind.begins_at() { there.date().yesterday().ok()? } else { there.date() };
    if !content.covers(date) {
        return None;
    }
    let last = |date| resolve(kind, content, date, site, zone).into_iter().rfind(|change| change.at <= at);
    last(date).or_else(|| last(date.yesterday().ok()?)).map(|change| change.sets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programme::sample::{DIJON, date, lighting, signals, step};

    fn paris() -> TimeZone {
        TimeZone::get("Europe/Paris").unwrap()
    }

    fn locals(changes: &[Change]) -> Vec<&str> {
        changes.iter().map(|change| change.local.as_str()).collect()
    }

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn a_night_has_the_date_of_its_evening_and_runs_into_the_morning() {
        let night = resolve(ProgrammeKind::Lighting, &lighting(), date("2026-11-26"), DIJON, &paris());
        let said: Vec<_> = night.iter().map(|change| (change.step, change.sets.clone())).collect();
        let expected = [(1, 100), (2, 50), (3, 100), (4, 0)].map(|(n, level)| (n, Setting::Level(level)));
        assert_eq!(said, expected);
        assert_eq!(locals(&night)[1..3], ["2026-11-26 23:30 +01:00", "2026-11-27 05:00 +01:00"]);
        let friday = resolve(ProgrammeKind::Lighting, &lighting(), date("2026-11-27"), DIJON, &paris());
        assert_eq!(
            locals(&friday)[1],
            "2026-11-28 01:00 +01:00",
            "one in the morning of Saturday is of Friday's night"
        );
    }

    #[test]
    fn r12_the_repeated_hour_of_autumn_prints_its_offset_and_a_step_in_it_comes_the_first_time() {
        let mut content = lighting();
        content.valid_from = date("2026-01-01");
        content.programmes[1].steps[1] = step(Anchor::Clock, 150, 50);
        // The night of Saturday 24 to Sunday 25 October 2026: 3:00 becomes 2:00.
        let night = resolve(ProgrammeKind::Lighting, &content, date("2026-10-24"), DIJON, &paris());
        assert_eq!((night[1].local.as_str(), night[1].hour), ("2026-10-25 02:30 +02:00", Hour::Doubled));
        assert_eq!(night[2].local, "2026-10-25 05:00 +01:00");
    }

    #[test]
    fn a_step_in_the_missing_hour_of_spring_comes_an_hour_later_by_the_clock() {
        let mut content = lighting();
        content.programmes[1].steps[1] = step(Anchor::Clock, 150, 50);
        let night = resolve(ProgrammeKind::Lighting, &content, date("2027-03-27"), DIJON, &paris());
        assert_eq!((night[1].local.as_str(), night[1].hour), ("2027-03-28 03:30 +02:00", Hour::Missing));
    }

    #[test]
    fn what_holds_at_an_instant_is_the_last_step_before_it_even_of_the_day_before() {
        let (content, zone) = (signals(), paris());
        let holds = |text: &str| in_force_at(ProgrammeKind::Signals, &content, at(text), DIJON, &zone);
        assert_eq!(holds("2026-11-26T07:30:00Z"), Some(Setting::Plan("pointe".into(), 2)));
        assert_eq!(
            holds("2026-11-26T03:00:00Z"),
            Some(Setting::Plan("nuit".into(), 3)),
            "since 21:00 of the evening before"
        );
        assert_eq!(holds("2026-10-31T10:00:00Z"), None, "before its first day");
    }

    #[test]
    fn after_its_last_night_a_programme_leaves_no_light_off() {
        let content = Content { valid_until: Some(date("2026-11-26")), ..lighting() };
        let holds = |text: &str| in_force_at(ProgrammeKind::Lighting, &content, at(text), DIJON, &paris());
        assert_eq!(holds("2026-11-27T01:00:00Z"), Some(Setting::Level(50)));
        assert_eq!(holds("2026-11-27T09:00:00Z"), Some(Setting::Level(0)));
        assert_eq!(holds("2026-11-27T19:00:00Z"), None, "the evening after: its own programme");
    }
}
