//! Hub'Eau's observations as states of gauges.
//!
//! Each asking goes back five hours: values come up to an hour and a quarter late, now and then later, and some are corrected. What
//! was told before is not told again; of what is older than three hours only the trend of the others is made. A trend is of its own
//! two hours, so that whoever asks next makes the same of the same values.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
use vigie_core::equipment::{Mode, Reach, Reading};
use vigie_core::flood::hubeau::{Measure, Observed, by_station, page};
use vigie_core::flood::{TREND_OVER, trend};
use vigie_core::submission::{Body, StateReport};
use vigie_core::time::Timestamp;
use vigie_metropolis::FieldObject;

use crate::rivers::config::{HubeauFile, StationFile};
use crate::rivers::web::Web;
use crate::rivers::{Gave, Service};

/// Code of the source in every state: ages are judged by it (`core::equipment::LIMITS`).
const SOURCE: &str = "hubeau";
/// What is told of.
const TOLD_OVER: Duration = Duration::from_hours(3);
/// Rows of one page.
const PAGE: u32 = 5_000;
/// Pages of one asking: far more than five hours of every station of a department.
const PAGES_MOST: usize = 40;
/// A value from further ahead is a clock's mistake.
const AHEAD: Duration = Duration::from_mins(15);

/// See the module.
pub(super) struct Hubeau {
    web: Arc<Web>,
    address: String,
    stations: Vec<StationFile>,
    /// What was told, by station and instant.
    told: BTreeMap<String, BTreeMap<Timestamp, Observed>>,
}

impl Hubeau {
    pub(super) fn new(web: Arc<Web>, named: &HubeauFile) -> Self {
        Self { web, address: named.address.clone(), stations: named.stations.clone(), told: BTreeMap::new() }
    }

    /// Every measure since an instant, page by page.
    fn measures(&self, since: Timestamp, stop: &AtomicBool) -> Result<Vec<Measure>, &'static str> {
        let codes: Vec<&str> = self.stations.iter().map(|station| station.code.as_str()).collect();
        // Whole seconds: the service takes no others.
        let since = Timestamp(since.0 - since.0.rem_euclid(1_000));
        let mut next = format!(
            "{}/observations_tr?code_entite={}&grandeur_hydro=H,Q&date_debut_obs={since}&size={PAGE}",
            self.address,
            codes.join(",")
        );
        let mut measures = Vec::new();
        for number in 0..PAGES_MOST {
            if stop.load(Ordering::Relaxed) {
                return Err("stopped");
            }
            let page = page(&self.web.text(&next)?).map_err(|why| {
                tracing::warn!(page = number + 1, %why, "an answer of Hub'Eau cannot be read");
                "malformed"
            })?;
            for fault in &page.faults {
                tracing::warn!(page = number + 1, %fault, "a row of Hub'Eau was left out");
            }
            measures.extend(page.measures);
            match page.next {
                None => return Ok(measures),
                // Nothing is asked of whoever else an answer names.
                Some(following) if !self.is_own(&following) => {
                    tracing::warn!(page = number + 1, "the next page of Hub'Eau would be elsewhere");
                    return Err("malformed");
                }
                Some(following) => next = following,
            }
        }
        tracing::warn!(pages = PAGES_MOST, "the pages of Hub'Eau do not end");
        Err("malformed")
    }

    /// Whether an address is of the service that was named.
    fn is_own(&self, address: &str) -> bool {
        let host = |address: &str| address.split('/').take(3).collect::<Vec<_>>().join("/");
        host(address) == host(&self.address)
    }
}

impl Service for Hubeau {
    fn ask(
        &mut self,
        now: Timestamp,
        gauges: &HashMap<String, FieldObject>,
        stop: &AtomicBool,
    ) -> Result<Gave, &'static str> {
        let measures = self.measures(now.minus(TOLD_OVER + TREND_OVER), stop)?;
        let mut gave = Gave::default();
        let mut states = Vec::new();
        let seen = by_station(measures.into_iter().filter(|measure| measure.at <= now.plus(AHEAD)));
        for station in &self.stations {
            let Some(gauge) = gauges.get(&station.reference) else {
                tracing::warn!(reference = station.reference, "no gauge of the metropolis has this reference");
                gave.trouble = Some("no_such_gauge");
                continue;
            };
            let Some(observed) = seen.get(&station.code) else { continue };
            let newest = observed.last().map(|last| now.since(last.at));
            gave.age = [gave.age, newest].into_iter().flatten().min();
            let told = self.told.entry(station.code.clone()).or_default();
            let floor = now.minus(TOLD_OVER);
            told.retain(|at, _| *at >= floor);
            for seen in observed.iter().filter(|seen| seen.at >= floor) {
                if told.insert(seen.at, *seen) != Some(*seen) {
                    states.push(state(gauge, seen, observed));
                }
            }
        }
        if !states.is_empty() {
            gave.bodies.push(Body::Report { states });
        }
        Ok(gave)
    }
}

/// A gauge's state at one instant, with the trend of the two hours that end there.
fn state(gauge: &FieldObject, seen: &Observed, all: &[Observed]) -> StateReport {
    let heights: Vec<_> =
        all.iter().filter(|other| other.at <= seen.at).filter_map(|other| Some((other.at, other.height_mm?))).collect();
    let trend_mm_h = seen.height_mm.and_then(|_| trend(&heights)).map(|trend| (trend.cm_per_hour * 10.0).round());
    StateReport {
        equipment_id: gauge.equipment_id,
        reading: Reading::from(json!({
            "height_mm": seen.height_mm, "flow_l_s": seen.flow_l_s, "trend_mm_h": trend_mm_h,
        })),
        quality: seen.quality,
        observed_at: seen.at,
        source: SOURCE.to_owned(),
        reach: Reach::Reachable,
        mode: Mode::Programme,
        target: None,
        effect_until: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rivers::played::{Answer, Played, gauges, web};
    use serde_json::Value;
    use vigie_core::equipment::Quality;

    /// 2026-11-23 21:00 UTC.
    const NOW: Timestamp = Timestamp(1_795_467_600_000);

    /// A row shaped after one that was recorded by others (Chooz).
    fn row(minutes_ago: i64, quantity: &str, value: impl Into<Value>) -> Value {
        let at = Timestamp(NOW.0 - minutes_ago * 60_000).to_string();
        json!({
            "code_site": "U1324010", "code_station": "U132401001", "grandeur_hydro": quantity,
            "code_systeme_alti_serie": 31, "date_obs": at, "resultat_obs": value.into(), "code_methode_obs": 0,
            "code_qualification_obs": 16, "code_statut": 4, "code_continuite": 0
        })
    }

    fn answer(rows: &[Value], next: Option<&str>) -> Answer {
        let status = if next.is_some() { 206 } else { 200 };
        let body = json!({"count": rows.len(), "first": "x", "prev": null, "next": next, "api_version": "2.0.1", "data": rows});
        Answer::json(status, &body)
    }

    fn service(played: &Played) -> Hubeau {
        let file = toml::from_str(&format!(
            "address = \"{}\"\n[[station]]\ncode = \"U132401001\"\nreference = \"H-1\"\n",
            played.address()
        ));
        Hubeau::new(web(), &file.unwrap())
    }

    fn ask(service: &mut Hubeau, now: Timestamp) -> Result<Gave, &'static str> {
        service.ask(now, &gauges(&["H-1"]), &AtomicBool::new(false))
    }

    fn states(gave: &Gave) -> Vec<StateReport> {
        gave.bodies
            .iter()
            .flat_map(|body| match body {
                Body::Report { states } => states.clone(),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    /// Minutes before [`NOW`], height, flow and trend of what was told.
    type Said = (i64, Option<f64>, Option<f64>, Option<f64>);

    fn said(gave: &Gave) -> Vec<Said> {
        let number = |state: &StateReport, key: &str| state.reading.number(key);
        let one = |state: &StateReport| {
            let minutes = NOW.offset_from(state.observed_at) / 60_000;
            (minutes, number(state, "height_mm"), number(state, "flow_l_s"), number(state, "trend_mm_h"))
        };
        states(gave).iter().map(one).collect()
    }

    #[test]
    fn pages_are_followed_under_status_206_and_flows_of_whole_sites_are_left_out() {
        let played = Played::start(|number, base, path| match number {
            0 => {
                assert!(
                    path.contains("code_entite=U132401001&grandeur_hydro=H,Q&date_debut_obs=2026-11-23T16:00:00Z"),
                    "{path}"
                );
                answer(&[row(30, "H", 900.0), row(30, "Q", 8_000.0)], Some(&format!("{base}/page/2")))
            }
            1 => {
                assert_eq!(path, "/page/2");
                let mut site = row(15, "Q", 8_500.0);
                site["code_station"] = Value::Null;
                answer(&[site, row(15, "H", 910.0)], None)
            }
            _ => panic!("asked too often"),
        });
        let gave = ask(&mut service(&played), NOW).unwrap();
        assert_eq!(said(&gave), [(30, Some(900.0), Some(8_000.0), None), (15, Some(910.0), None, None)]);
        assert_eq!((gave.age, gave.trouble), (Some(Duration::from_mins(15)), None));
        assert_eq!(played.asked(), 2);
    }

    #[test]
    fn what_was_told_is_not_told_again_and_what_comes_late_or_is_corrected_is() {
        let played = Played::start(|number, _, _| match number {
            0 => answer(&[row(45, "H", 900.0), row(15, "H", 920.0)], None),
            1 => answer(&[row(45, "H", 900.0), row(30, "H", 910.0), row(15, "H", 920.0)], None),
            _ => answer(&[row(45, "H", 905.0), row(30, "H", 910.0), row(15, "H", 920.0), row(15, "Q", 9.0)], None),
        });
        let mut service = service(&played);
        assert_eq!(said(&ask(&mut service, NOW).unwrap()).len(), 2);
        let late: Vec<_> = said(&ask(&mut service, NOW).unwrap()).iter().map(|said| said.0).collect();
        assert_eq!(late, [30]);
        let corrected: Vec<_> =
            said(&ask(&mut service, NOW).unwrap()).iter().map(|said| (said.0, said.1, said.2)).collect();
        assert_eq!(corrected, [(45, Some(905.0), None), (15, Some(920.0), Some(9.0))]);
        assert!(ask(&mut service, NOW).unwrap().bodies.is_empty());
    }

    #[test]
    fn a_trend_needs_three_heights_and_is_the_same_for_whoever_asks_next() {
        let rows: Vec<_> = (0..21).map(|n| row(n * 15, "H", 900.0 - 25.0 * n as f64)).collect();
        let played = Played::start(move |_, _, _| answer(&rows, None));
        let first = said(&ask(&mut service(&played), NOW).unwrap());
        assert_eq!(first.len(), 13, "three hours of them");
        assert!(first.iter().all(|(.., trend)| *trend == Some(100.0)), "{first:?}");
        let later = said(&ask(&mut service(&played), NOW.plus(Duration::from_mins(30))).unwrap());
        assert!(later.iter().all(|said| first.contains(said)));
    }

    #[test]
    fn a_negative_height_is_told_and_nothing_measured_is_no_zero() {
        let played = Played::start(|_, _, _| {
            let mut doubtful = row(15, "H", -40.0);
            doubtful["code_qualification_obs"] = json!(12);
            answer(&[doubtful, row(30, "H", Value::Null), row(-600, "H", 5_000.0)], None)
        });
        let gave = ask(&mut service(&played), NOW).unwrap();
        assert_eq!(said(&gave), [(15, Some(-40.0), None, None)]);
        assert_eq!(states(&gave)[0].quality, Quality::Uncertain);
    }

    #[test]
    fn garbage_errors_slowness_and_endless_pages_are_reasons_and_bring_nothing() {
        let why = |play: fn(usize, &str, &str) -> Answer| {
            let played = Played::start(play);
            ask(&mut service(&played), NOW).unwrap_err()
        };
        assert_eq!(why(|_, _, _| Answer::text(500, "oops")), "service_error");
        assert_eq!(why(|_, _, _| Answer::text(403, "v1 is dead")), "asked_wrongly");
        assert_eq!(why(|_, _, _| Answer::text(200, "<html>maintenance</html>")), "malformed");
        assert_eq!(why(|_, _, _| Answer::text(200, "{\"count\":1,\"data\":[{\"code_sta")), "malformed");
        assert_eq!(why(|_, _, _| Answer::Silence), "timeout");
        assert_eq!(why(|_, _, _| Answer::CutShort), "malformed");
        assert_eq!(why(|_, base, _| answer(&[], Some(&format!("{base}/again")))), "malformed", "without an end");
        assert_eq!(why(|_, _, _| answer(&[], Some("http://elsewhere.example/x"))), "malformed");
    }

    #[test]
    fn a_page_that_fails_in_the_middle_brings_nothing_of_the_pages_before() {
        let played = Played::start(|number, base, _| match number {
            0 => answer(&[row(30, "H", 900.0)], Some(&format!("{base}/2"))),
            1 => Answer::text(502, ""),
            _ => answer(&[row(30, "H", 900.0)], None),
        });
        let mut service = service(&played);
        assert_eq!(ask(&mut service, NOW).unwrap_err(), "service_error");
        assert_eq!(said(&ask(&mut service, NOW).unwrap()).len(), 1, "and all is told once it answers");
    }

    #[test]
    fn a_station_whose_gauge_the_metropolis_does_not_have_is_a_trouble_of_the_source() {
        let played = Played::start(|_, _, _| answer(&[row(30, "H", 900.0)], None));
        let gave = service(&played).ask(NOW, &HashMap::new(), &AtomicBool::new(false)).unwrap();
        assert_eq!((gave.trouble, gave.bodies.len()), (Some("no_such_gauge"), 0));
    }
}
