//! What a programme would do: seven nights and both changes of the clock, and what is to be looked at in them (R19).

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::programme::day::local;
use crate::programme::{
    Change, Content, Hour, ProgrammeKind, Rule, Setting, Site, is_holiday, lowest_by_night, resolve,
};
use crate::time::Timestamp;

/// Nights shown from the first on.
const NIGHTS: i64 = 7;

crate::table::codes! {
    /// Why a night is shown.
    NightOf {
        /// One of the seven.
        Ordinary = "ordinary",
        /// In it the clock goes forward: an hour is missing.
        Spring = "spring",
        /// In it the clock goes back: an hour comes twice.
        Autumn = "autumn",
        /// The next public holiday, where the calendar means those.
        Holiday = "holiday",
    }
}

crate::table::codes! {
    /// What is to be looked at.
    PreviewFinding {
        /// Lighting is off by night: class D wherever a crossing or three neighbours are meant.
        OffByNight = "off_by_night",
        /// Lighting is under the safety level by night: likewise.
        BelowSafety = "below_safety",
        /// When night falls no step is in force: nobody said what the light does.
        Gap = "gap",
        /// The steps come in another order than they are written in.
        Order = "order",
        /// Two steps come at the same minute: the one written later holds.
        SameTime = "same_time",
        /// The time of a step does not exist that night: it comes an hour later.
        MissingHour = "missing_hour",
        /// The time of a step comes twice that night: it is the first one.
        DoubledHour = "doubled_hour",
        /// The night is outside the programme's dates: the device follows its own.
        OutsideDates = "outside_dates",
        /// The sun does not rise or set: steps counted from it do not come.
        NoSun = "no_sun",
    }
}

/// One thing that is to be looked at, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Noticed {
    /// What.
    pub code: PreviewFinding,
    /// From when on, as it is read on the spot; none for the whole night.
    pub local: Option<String>,
    /// Which step, from 1.
    #[cfg_attr(feature = "ts", ts(as = "Option<f64>"))]
    pub step: Option<usize>,
}

/// One night, or one day of signals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct NightPreview {
    /// Its date: the evening's.
    #[cfg_attr(feature = "ts", ts(as = "String"))]
    pub date: Date,
    /// Why it is shown.
    pub of: NightOf,
    /// The control programme that the calendar chooses; none outside the programme's dates.
    pub programme: Option<String>,
    /// Civil dusk.
    pub dusk: Option<Timestamp>,
    /// Civil dawn of the morning after.
    pub dawn: Option<Timestamp>,
    /// The same as they are read on the spot.
    pub dusk_local: Option<String>,
    /// Likewise.
    pub dawn_local: Option<String>,
    /// When it begins: noon, or midnight.
    pub begins: Timestamp,
    /// When the next one begins.
    pub ends: Timestamp,
    /// What the day before left in force.
    pub before: Option<Setting>,
    /// What changes, in order.
    pub changes: Vec<Change>,
    /// What is to be looked at.
    pub noticed: Vec<Noticed>,
}

/// A programme, previewed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Preview {
    /// Seven nights from the first on, then those in which the clock changes within the year that follows, then the next public
    /// holiday where the calendar means those.
    pub nights: Vec<NightPreview>,
    /// The lowest level that may be in force by night, whatever the date; none for signals.
    #[cfg_attr(feature = "ts", ts(as = "Option<f64>"))]
    pub lowest: Option<i64>,
    /// It is under the safety level: class D at a crossing or on three neighbours.
    pub below_safety: bool,
}

/// Previews a programme from a day on. `safety_level`: what lighting must not fall under, %.
pub fn preview(
    kind: ProgrammeKind,
    content: &Content,
    site: Site,
    zone: &TimeZone,
    from: Date,
    safety_level: i64,
) -> Preview {
    let first = from.max(content.valid_from);
    let days = (0..NIGHTS).filter_map(|n| first.checked_add(n.days()).ok()).map(|date| (date, of(kind, date, zone)));
    let mut shown: Vec<(Date, NightOf)> = days.collect();
    let seven: Vec<Date> = shown.iter().map(|(date, _)| *date).collect();
    shown.extend(clock_changes(kind, first, zone).into_iter().filter(|(date, _)| !seven.contains(date)));
    if content.rules.iter().any(Rule::names_holidays) {
        let next = next_holiday(first).filter(|date| shown.iter().all(|(known, _)| known != date));
        shown.extend(next.map(|date| (date, NightOf::Holiday)));
    }
    let lowest = lowest_by_night(content);
    Preview {
        nights: shown
            .into_iter()
            .map(|(date, of)| night(kind, content, site, zone, (date, of), safety_level))
            .collect(),
        lowest,
        below_safety: lowest.is_some_and(|level| level < safety_level),
    }
}

/// The first public holiday from a day on: there is one in every two hundred days.
fn next_holiday(from: Date) -> Option<Date> {
    (0..200_i64).filter_map(|n| from.checked_add(n.days()).ok()).find(|date| is_holiday(*date))
}

fn midnight(date: Date, zone: &TimeZone) -> Option<jiff::Zoned> {
    zone.to_ambiguous_zoned(date.to_datetime(jiff::civil::Time::midnight())).compatible().ok()
}

/// When the day of a date begins.
fn begins(kind: ProgrammeKind, date: Date, zone: &TimeZone) -> Timestamp {
    let hour = i8::try_from(kind.begins_at() / 60).unwrap_or(0);
    let at = zone.to_ambiguous_zoned(date.at(hour, 0, 0, 0)).compatible();
    at.map_or(Timestamp(0), |zoned| Timestamp(zoned.timestamp().as_millisecond()))
}

/// What the clock does during the day of a date.
fn of(kind: ProgrammeKind, date: Date, zone: &TimeZone) -> NightOf {
    let (from, to) = (begins(kind, date, zone), begins(kind, date.tomorrow().unwrap_or(date), zone));
    match to.offset_from(from).cmp(&86_400_000) {
        std::cmp::Ordering::Less => NightOf::Spring,
        std::cmp::Ordering::Equal => NightOf::Ordinary,
        std::cmp::Ordering::Greater => NightOf::Autumn,
    }
}

/// The days in which the clock changes within the year from a date on.
fn clock_changes(kind: ProgrammeKind, from: Date, zone: &TimeZone) -> Vec<(Date, NightOf)> {
    let Some(start) = midnight(from, zone) else { return Vec::new() };
    let last = from.checked_add(1.year()).unwrap_or(from);
    let mut found = Vec::new();
    for change in zone.following(start.timestamp()) {
        let day = change.timestamp().to_zoned(zone.clone()).date();
        if day > last {
            break;
        }
        // At three in the morning: of the evening before, for what has nights.
        let date = if kind.begins_at() > 0 { day.yesterday().unwrap_or(day) } else { day };
        let what = of(kind, date, zone);
        if date >= from && what != NightOf::Ordinary {
            found.push((date, what));
        }
    }
    found
}

fn night(
    kind: ProgrammeKind,
    content: &Content,
    site: Site,
    zone: &TimeZone,
    (date, of): (Date, NightOf),
    safety_level: i64,
) -> NightPreview {
    let changes = resolve(kind, content, date, site, zone);
    let before =
        date.yesterday().ok().and_then(|day| resolve(kind, content, day, site, zone).pop()).map(|change| change.sets);
    let tomorrow = date.tomorrow().unwrap_or(date);
    let (dusk, dawn) = match kind {
        ProgrammeKind::Lighting => (site.dusk(date), site.dawn(tomorrow)),
        ProgrammeKind::Signals => (None, None),
    };
    let programme = content.programme_of(date);
    let mut noticed = Vec::new();
    match programme {
        None => noticed.push(Noticed { code: PreviewFinding::OutsideDates, local: None, step: None }),
        Some(programme) => {
            if changes.len() < programme.steps.len() {
                noticed.push(Noticed { code: PreviewFinding::NoSun, local: None, step: None });
            }
            noticed.extend(clockwork(&changes));
            if let (Some(dusk), Some(dawn)) = (dusk, dawn) {
                noticed.extend(darkness(&changes, before.as_ref(), (dusk, dawn), safety_level, zone));
            } else if kind == ProgrammeKind::Signals
                && before.is_none()
                && !starts_at(&changes, begins(kind, date, zone))
            {
                noticed.push(Noticed { code: PreviewFinding::Gap, local: None, step: None });
            }
        }
    }
    NightPreview {
        date,
        of,
        programme: programme.map(|programme| programme.name.clone()),
        dusk_local: dusk.map(|at| local(at, zone)),
        dawn_local: dawn.map(|at| local(at, zone)),
        dusk,
        dawn,
        begins: begins(kind, date, zone),
        ends: begins(kind, tomorrow, zone),
        before,
        changes,
        noticed,
    }
}

fn starts_at(changes: &[Change], at: Timestamp) -> bool {
    changes.first().is_some_and(|change| change.at <= at)
}

/// Steps that meet, overtake each other, or fall into the hour that the clock skips or repeats.
fn clockwork(changes: &[Change]) -> Vec<Noticed> {
    let at = |code, change: &Change| Noticed { code, local: Some(change.local.clone()), step: Some(change.step) };
    let mut noticed = Vec::new();
    for change in changes {
        match change.hour {
            Hour::Plain => {}
            Hour::Missing => noticed.push(at(PreviewFinding::MissingHour, change)),
            Hour::Doubled => noticed.push(at(PreviewFinding::DoubledHour, change)),
        }
    }
    for pair in changes.windows(2) {
        let [earlier, later] = pair else { continue };
        if later.at.0 / 60_000 == earlier.at.0 / 60_000 {
            noticed.push(at(PreviewFinding::SameTime, later));
        } else if later.step < earlier.step {
            noticed.push(at(PreviewFinding::Order, later));
        }
    }
    noticed
}

/// What is too dark between dusk and dawn.
fn darkness(
    changes: &[Change],
    before: Option<&Setting>,
    (dusk, dawn): (Timestamp, Timestamp),
    safety_level: i64,
    zone: &TimeZone,
) -> Vec<Noticed> {
    let mut noticed = Vec::new();
    let last = changes.iter().rfind(|change| change.at <= dusk);
    let at_dusk = last.map(|change| &change.sets).or(before);
    let dark = |level: i64| match level {
        0 => Some(PreviewFinding::OffByNight),
        level if level < safety_level => Some(PreviewFinding::BelowSafety),
        _ => None,
    };
    match at_dusk {
        None => noticed.push(Noticed { code: PreviewFinding::Gap, local: Some(local(dusk, zone)), step: None }),
        Some(Setting::Level(level)) => noticed.extend(dark(*level).map(|code| Noticed {
            code,
            local: Some(local(dusk, zone)),
            step: last.map(|change| change.step),
        })),
        Some(Setting::Plan(..)) => {}
    }
    for change in changes.iter().filter(|change| change.at > dusk && change.at < dawn) {
        if let Setting::Level(level) = change.sets
            && let Some(code) = dark(level)
        {
            noticed.push(Noticed { code, local: Some(change.local.clone()), step: Some(change.step) });
        }
    }
    noticed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programme::sample::{DIJON, date, lighting, signals, step};
    use crate::programme::{Anchor, ControlProgramme};
    use PreviewFinding as F;
    use proptest::prelude::*;

    fn paris() -> TimeZone {
        TimeZone::get("Europe/Paris").unwrap()
    }

    fn shown(content: &Content) -> Preview {
        preview(ProgrammeKind::Lighting, content, DIJON, &paris(), date("2026-11-26"), 30)
    }

    fn findings(night: &NightPreview) -> Vec<F> {
        night.noticed.iter().map(|noticed| noticed.code).collect()
    }

    #[test]
    fn r19_a_preview_shows_seven_nights_and_both_changes_of_the_clock() {
        let preview = shown(&lighting());
        let nights: Vec<_> = preview.nights.iter().map(|n| (n.date.to_string(), n.of)).collect();
        assert_eq!(nights.len(), 9);
        assert_eq!((nights[0].0.as_str(), nights[6].0.as_str()), ("2026-11-26", "2026-12-02"));
        assert_eq!(nights[7], ("2027-03-27".to_owned(), NightOf::Spring));
        assert_eq!(nights[8], ("2027-10-30".to_owned(), NightOf::Autumn));
        assert!(preview.nights.iter().all(|night| findings(night).is_empty()), "{preview:?}");
        assert_eq!((preview.lowest, preview.below_safety), (Some(50), false));
    }

    #[test]
    fn r19_a_change_of_the_clock_among_the_seven_nights_is_shown_once_and_told() {
        let preview = preview(ProgrammeKind::Lighting, &lighting(), DIJON, &paris(), date("2027-03-25"), 30);
        let spring: Vec<_> = preview.nights.iter().filter(|n| n.of == NightOf::Spring).collect();
        assert_eq!((spring.len(), spring[0].date), (1, date("2027-03-27")));
        assert_eq!(spring[0].ends.offset_from(spring[0].begins), 23 * 3_600_000);
    }

    #[test]
    fn r12_the_preview_prints_the_offset_of_the_repeated_hour() {
        let mut content = lighting();
        content.programmes[1].steps[1] = step(Anchor::Clock, 150, 50);
        let preview = shown(&content);
        let autumn = &preview.nights[8];
        assert_eq!(findings(autumn), [F::DoubledHour]);
        assert_eq!(autumn.changes[1].local, "2027-10-31 02:30 +02:00");
        assert_eq!(findings(&preview.nights[7]), [F::MissingHour]);
    }

    #[test]
    fn r19_lighting_off_or_under_its_safety_level_by_night_is_said_with_its_hour() {
        for (level, code) in [(0, F::OffByNight), (20, F::BelowSafety)] {
            let mut content = lighting();
            content.programmes[0].steps[1] = step(Anchor::Clock, 23 * 60 + 30, level);
            let preview = shown(&content);
            let found = &preview.nights[0].noticed;
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!((found[0].code, found[0].local.as_deref()), (code, Some("2026-11-26 23:30 +01:00")));
            assert!(preview.below_safety);
        }
    }

    #[test]
    fn r19_a_night_that_nobody_opens_is_a_gap_and_one_opened_late_is_dark_at_dusk() {
        let mut content = lighting();
        content.valid_from = date("2026-11-26");
        for programme in &mut content.programmes {
            programme.steps[0] = step(Anchor::Dusk, 20, 100);
        }
        let preview = shown(&content);
        assert_eq!(findings(&preview.nights[0]), [F::Gap], "the first night: nothing was set before");
        assert_eq!(findings(&preview.nights[1]), [F::OffByNight], "then what dawn left");
        assert!(preview.below_safety);
    }

    #[test]
    fn steps_that_overtake_each_other_in_summer_or_meet_are_told() {
        let mut content = lighting();
        content.valid_from = date("2026-01-01");
        content.programmes[0].steps[1] = step(Anchor::Clock, 22 * 60, 50);
        let june = preview(ProgrammeKind::Lighting, &content, DIJON, &paris(), date("2026-06-22"), 30);
        assert_eq!(findings(&june.nights[0]), [F::Order], "lowered at 22:00, and full again at dusk");
        content.programmes[0].steps[2] = step(Anchor::Clock, 22 * 60, 70);
        let december = preview(ProgrammeKind::Lighting, &content, DIJON, &paris(), date("2026-12-07"), 30);
        assert_eq!(findings(&december.nights[0]), [F::SameTime]);
    }

    #[test]
    fn a_calendar_that_means_public_holidays_shows_the_next_one() {
        let mut content = lighting();
        let nights = |content: &Content| {
            preview(ProgrammeKind::Lighting, content, DIJON, &paris(), date("2026-11-26"), 30).nights
        };
        assert!(nights(&content).iter().all(|night| night.of != NightOf::Holiday));
        let rule =
            Rule { programme: "fêtes".into(), days: vec![crate::programme::Day::Holiday], from: None, until: None };
        content.rules.insert(0, rule);
        let last = nights(&content).pop().unwrap();
        assert_eq!(
            (last.date, last.of, last.programme.as_deref()),
            (date("2026-12-25"), NightOf::Holiday, Some("fêtes"))
        );
    }

    #[test]
    fn days_outside_its_dates_are_told_to_be_the_devices_own() {
        let content = Content { valid_until: Some(date("2026-11-28")), ..lighting() };
        let preview = shown(&content);
        assert_eq!(findings(&preview.nights[2]), []);
        assert_eq!(findings(&preview.nights[3]), [F::OutsideDates]);
        assert_eq!(preview.nights[3].programme, None);
    }

    #[test]
    fn a_junctions_day_runs_from_midnight_with_the_plan_of_the_evening_before() {
        let preview = preview(ProgrammeKind::Signals, &signals(), DIJON, &paris(), date("2026-11-26"), 30);
        let friday = &preview.nights[1];
        assert_eq!(friday.before, Some(Setting::Plan("nuit".into(), 3)));
        assert_eq!(friday.changes.len(), 4);
        assert_eq!((friday.dusk, preview.lowest), (None, None));
        assert_eq!(preview.nights[7].date, date("2027-03-28"), "the clock changes on the Sunday itself");
    }

    fn any_step() -> impl Strategy<Value = crate::programme::Step> {
        let level = prop_oneof![Just(0), Just(20), Just(30), Just(100)];
        let at = prop_oneof![
            (0..1_440_i64).prop_map(|m| (Anchor::Clock, m)),
            (-180..=180_i64).prop_map(|m| (Anchor::Dusk, m)),
            (-180..=180_i64).prop_map(|m| (Anchor::Dawn, m)),
        ];
        (at, level).prop_map(|((from, minutes), level)| step(from, minutes, level))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// The class is made of what is written, without the sun: it must never be milder than what the sun shows.
        #[test]
        fn r19_no_night_is_darker_than_the_lowest_level_by_which_the_programme_is_classed(
            weekdays in proptest::collection::vec(any_step(), 1..5),
            weekends in proptest::collection::vec(any_step(), 1..5),
            day in 0..365_i64,
        ) {
            let mut content = lighting();
            content.valid_from = date("2026-01-01");
            content.programmes = vec![
                ControlProgramme { name: "semaine".into(), steps: weekdays },
                ControlProgramme { name: "week-end".into(), steps: weekends },
            ];
            content.rules.remove(0);
            let from = date("2026-01-02").checked_add(day.days()).unwrap();
            let shown = preview(ProgrammeKind::Lighting, &content, DIJON, &paris(), from, 30);
            let dark = shown.nights.iter().flat_map(findings).any(|f| matches!(f, F::OffByNight | F::BelowSafety));
            prop_assert!(!dark || shown.below_safety, "{shown:?}");
            let off = shown.nights.iter().flat_map(findings).any(|f| f == F::OffByNight);
            prop_assert!(!off || shown.lowest == Some(0));
        }
    }
}
