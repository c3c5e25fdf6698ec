//! Hub'Eau hydrométrie, version 2: `observations_tr` as JSON.
//!
//! What the service does and no specification says: heights are mm and flows l/s; an answer that has a `next` comes with the
//! status 206; flows without a station are the same measures given again for the whole site, half of a window; values come a
//! quarter of an hour to an hour and a quarter late, and some are corrected later, so that a window of hours is asked for again
//! and again; places in the wrong order answer with nothing at all, as if nothing had been measured.
//!
//! Source: `https://hubeau.eaufrance.fr/api/v2/hydrometrie/api-docs`. Licence Ouverte 2.0.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::equipment::Quality;
use crate::flood::Quantity;
use crate::flood::payload::{BadPayload, Fault, Fields, json};
use crate::time::Timestamp;

/// What must be shown wherever its values are.
pub const ATTRIBUTION: &str = "Hub'Eau – hydrométrie (eaufrance), Licence Ouverte 2.0";

/// Raw or good: what a station sends of itself is "non qualifiée", and that is the rule in real time.
const TRUSTED: &[i64] = &[16, 20];
/// Measured without a gap.
const CONTINUOUS: i64 = 0;

/// One answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// What was measured, in the order of the answer.
    pub measures: Vec<Measure>,
    /// Where the next page is; none after the last.
    pub next: Option<String>,
    /// Rows of whole sites: the same flows as their stations', left out.
    pub duplicates: usize,
    /// Rows that measured nothing.
    pub empty: usize,
    /// Rows that were left out because they have not their form.
    pub faults: Vec<Fault>,
}

/// One measure of one quantity.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// Code of the station.
    pub station: String,
    /// Of what.
    pub quantity: Quantity,
    /// When.
    pub at: Timestamp,
    /// mm or l/s.
    pub value: f64,
    /// How far it can be trusted.
    pub quality: Quality,
}

/// What a station measured at one instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observed {
    /// When.
    pub at: Timestamp,
    /// Height, mm.
    pub height_mm: Option<f64>,
    /// Flow, l/s.
    pub flow_l_s: Option<f64>,
    /// The worse of the two.
    pub quality: Quality,
}

/// Reads an answer. A row that has not its form is left out and told of; the others are taken.
///
/// # Errors
/// When nothing can be taken: it is not JSON, or has no list of rows.
pub fn page(text: &str) -> Result<Page, BadPayload> {
    let value = json(text)?;
    let envelope = Fields::of(&value, None).map_err(BadPayload::Form)?;
    let rows = envelope.list("data").map_err(BadPayload::Form)?;
    let mut page = Page { next: envelope.text("next").map_err(BadPayload::Form)?, ..Page::default() };
    for (place, row) in rows.iter().enumerate() {
        match measure(row, place + 1) {
            Ok(Row::Measured(measure)) => page.measures.push(measure),
            Ok(Row::OfSite) => page.duplicates += 1,
            Ok(Row::Empty) => page.empty += 1,
            Err(fault) => page.faults.push(fault),
        }
    }
    Ok(page)
}

enum Row {
    Measured(Measure),
    OfSite,
    Empty,
}

fn measure(row: &Value, number: usize) -> Result<Row, Fault> {
    let fields = Fields::of(row, Some(number))?;
    let Some(station) = fields.text("code_station")? else { return Ok(Row::OfSite) };
    let quantity = match fields.needed("grandeur_hydro")?.as_str() {
        "H" => Quantity::Height,
        "Q" => Quantity::Flow,
        _ => return Err(fields.fault("grandeur_hydro", "it is neither H nor Q")),
    };
    let at = fields.instant("date_obs")?;
    let Some(value) = fields.number("resultat_obs")? else { return Ok(Row::Empty) };
    let qualified = fields.whole("code_qualification_obs")?.is_some_and(|code| TRUSTED.contains(&code));
    let continuous = fields.whole("code_continuite")?.is_none_or(|code| code == CONTINUOUS);
    let quality = if qualified && continuous { Quality::Good } else { Quality::Uncertain };
    Ok(Row::Measured(Measure { station, quantity, at, value, quality }))
}

/// What each station measured, oldest first: its height and its flow of one instant are one observation. What is told twice is
/// taken as it was told last.
pub fn by_station(measures: impl IntoIterator<Item = Measure>) -> BTreeMap<String, Vec<Observed>> {
    let mut stations: BTreeMap<String, BTreeMap<Timestamp, Observed>> = BTreeMap::new();
    for measure in measures {
        let of_instant = stations.entry(measure.station).or_default();
        let observed = of_instant.entry(measure.at).or_insert(Observed {
            at: measure.at,
            height_mm: None,
            flow_l_s: None,
            quality: measure.quality,
        });
        match measure.quantity {
            Quantity::Height => observed.height_mm = Some(measure.value),
            Quantity::Flow => observed.flow_l_s = Some(measure.value),
        }
        observed.quality = observed.quality.max(measure.quality);
    }
    stations.into_iter().map(|(station, observed)| (station, observed.into_values().collect())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A row that was recorded by others from the live service (Chooz, verbatim).
    const RECORDED: &str = r#"{"code_site":"B7200000","code_station":"B720000001","grandeur_hydro":"H","date_debut_serie":"2026-09-23T00:05:00Z","date_fin_serie":"2026-09-23T19:30:00Z","code_systeme_alti_serie":31,"date_obs":"2026-09-23T19:30:00Z","resultat_obs":491.0,"code_methode_obs":0,"libelle_methode_obs":"Mesurée","code_qualification_obs":16,"libelle_qualification_obs":"Non qualifiée","longitude":4.782579717,"latitude":50.089049099,"code_statut":4,"libelle_statut":"Brute","code_continuite":0,"libelle_continuite":"Continue"}"#;

    fn of(rows: &[Value]) -> Page {
        page(&json!({"count": rows.len(), "next": null, "api_version": "2.0.1", "data": rows}).to_string()).unwrap()
    }

    /// Shaped after the recorded row.
    fn row(change: &[(&str, Value)]) -> Value {
        let mut row: Value = serde_json::from_str(RECORDED).unwrap();
        for (name, value) in change {
            row[*name] = value.clone();
        }
        row
    }

    #[test]
    fn a_recorded_row_is_read_in_millimetres_at_its_instant() {
        let text =
            format!(r#"{{"count":1,"first":"x","prev":null,"next":null,"api_version":"2.0.1","data":[{RECORDED}]}}"#);
        let page = page(&text).unwrap();
        let wanted = Measure {
            station: "B720000001".into(),
            quantity: Quantity::Height,
            at: Timestamp(1_790_191_800_000),
            value: 491.0,
            quality: Quality::Good,
        };
        assert_eq!((page.measures, page.next, page.faults), (vec![wanted], None, vec![]));
    }

    #[test]
    fn flows_of_a_whole_site_are_left_out_and_counted() {
        let site = row(&[("code_station", Value::Null), ("grandeur_hydro", json!("Q"))]);
        let page = of(&[site.clone(), row(&[]), site]);
        assert_eq!((page.measures.len(), page.duplicates), (1, 2));
    }

    #[test]
    fn a_page_that_has_a_next_says_where() {
        let text = json!({"count": 3, "next": "https://h/api?cursor=x", "data": []}).to_string();
        assert_eq!(page(&text).unwrap().next.as_deref(), Some("https://h/api?cursor=x"));
    }

    #[test]
    fn a_height_below_the_stations_zero_is_normal_and_nothing_measured_is_no_zero() {
        let page = of(&[row(&[("resultat_obs", json!(-312.0))]), row(&[("resultat_obs", Value::Null)])]);
        assert_eq!((page.measures[0].value, page.measures.len(), page.empty), (-312.0, 1, 1));
    }

    #[test]
    fn what_is_doubtful_or_has_a_gap_is_uncertain() {
        let quality = |name: &str, code: Value| of(&[row(&[(name, code)])]).measures[0].quality;
        assert_eq!(quality("code_qualification_obs", json!(20)), Quality::Good);
        assert_eq!(quality("code_qualification_obs", json!(12)), Quality::Uncertain);
        assert_eq!(quality("code_qualification_obs", Value::Null), Quality::Uncertain);
        assert_eq!(quality("code_continuite", json!(6)), Quality::Uncertain);
    }

    #[test]
    fn a_bad_row_is_told_by_record_and_field_and_the_others_are_taken() {
        let page = of(&[
            row(&[]),
            row(&[("resultat_obs", json!("beaucoup"))]),
            row(&[("date_obs", json!("hier"))]),
            json!(7),
            row(&[("grandeur_hydro", json!("T"))]),
        ]);
        let told: Vec<_> = page.faults.iter().map(ToString::to_string).collect();
        assert_eq!(page.measures.len(), 1);
        assert_eq!(
            told,
            [
                "record 2, field resultat_obs: this is not a number",
                "record 3, field date_obs: this is not an instant",
                "record 4: this is not an object",
                "record 5, field grandeur_hydro: it is neither H nor Q",
            ]
        );
    }

    #[test]
    fn what_is_no_answer_says_at_which_line() {
        assert_eq!(page("{\n \"data\": [1,\n"), Err(BadPayload::NotJson { line: 3, column: 0 }));
        let said = page("{\"count\": 0}").unwrap_err().to_string();
        assert_eq!(said, "field data: it is missing");
        assert!(page("<html>502</html>").is_err() && page("").is_err());
    }

    #[test]
    fn height_and_flow_of_one_instant_are_one_observation_and_the_last_word_counts() {
        let at = |text: &str| json!(text);
        let page = of(&[
            row(&[("date_obs", at("2026-09-23T19:30:00Z"))]),
            row(&[
                ("grandeur_hydro", json!("Q")),
                ("resultat_obs", json!(8_500.0)),
                ("code_qualification_obs", json!(12)),
            ]),
            row(&[("date_obs", at("2026-09-23T19:15:00Z")), ("resultat_obs", json!(480.0))]),
            row(&[("resultat_obs", json!(492.0))]),
        ]);
        let stations = by_station(page.measures);
        let said: Vec<_> = stations["B720000001"].iter().map(|o| (o.height_mm, o.flow_l_s, o.quality)).collect();
        assert_eq!(said, [(Some(480.0), None, Quality::Good), (Some(492.0), Some(8_500.0), Quality::Uncertain)]);
    }
}
