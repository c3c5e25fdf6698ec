//! Vigicrues: the bulletin of the reaches that are wanted here, and what stations are forecast.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use vigie_core::flood::vigicrues::{ReachSeen, bulletin, forecast};
use vigie_core::flood::{BadPayload, Bulletin, ForecastSaid, POINTS_MOST, Quantity, ReachSaid, forecast_id, reach_id};
use vigie_core::ids::EquipmentId;
use vigie_core::search::words;
use vigie_core::submission::Body;
use vigie_core::time::Timestamp;
use vigie_metropolis::FieldObject;

use crate::rivers::config::{StationFile, VigicruesFile};
use crate::rivers::web::Web;
use crate::rivers::{Gave, Service};

/// Code of the source.
const SOURCE: &str = "vigicrues";
/// A bulletin from further ahead is a clock's mistake: it would keep every later one from being taken.
const AHEAD: Duration = Duration::from_hours(1);

/// See the module.
pub(super) struct Vigicrues {
    web: Arc<Web>,
    address: String,
    territories: Vec<String>,
    reaches: Vec<String>,
    /// Stations whose forecasts are asked for.
    stations: Vec<StationFile>,
    /// Forecasts as they were last told.
    told: HashMap<EquipmentId, ForecastSaid>,
}

impl Vigicrues {
    pub(super) fn new(web: Arc<Web>, named: &VigicruesFile, stations: Vec<StationFile>) -> Self {
        Self {
            web,
            address: named.address.clone(),
            territories: named.territories.clone(),
            reaches: named.reaches.clone(),
            stations: if named.forecasts { stations } else { Vec::new() },
            told: HashMap::new(),
        }
    }

    fn is_wanted(&self, reach: &ReachSeen) -> bool {
        let here = self.territories.is_empty() || self.territories.contains(&reach.territory);
        let name = words(&reach.name);
        here && (self.reaches.is_empty() || self.reaches.iter().any(|word| name.contains(word)))
    }

    fn bulletin(&self, now: Timestamp) -> Result<Bulletin, &'static str> {
        let text = self.web.text(&format!("{}/InfoVigiCru.geojson", self.address))?;
        let seen = bulletin(&text).map_err(|why| {
            tracing::warn!(%why, "the bulletin of Vigicrues cannot be read");
            "malformed"
        })?;
        for fault in seen.faults.iter().take(20) {
            tracing::warn!(%fault, "a reach of Vigicrues cannot be read");
        }
        if seen.issued_at > now.plus(AHEAD) {
            return Err("bulletin_ahead");
        }
        let said = |reach: ReachSeen| ReachSaid {
            reach_id: reach_id(SOURCE, &reach.code),
            code: reach.code,
            name: reach.name,
            territory: reach.territory,
            geometry: reach.geometry,
            vigilance: reach.vigilance,
        };
        Ok(Bulletin {
            source: SOURCE.to_owned(),
            reference: seen.reference.chars().take(60).collect(),
            issued_at: seen.issued_at,
            reaches: seen.reaches.into_iter().filter(|reach| self.is_wanted(reach)).map(said).collect(),
        })
    }

    /// What a station is forecast, if it is news. Without an event the service has none, or an error that means none.
    fn forecast(
        &mut self,
        station: &StationFile,
        gauge: EquipmentId,
        now: Timestamp,
    ) -> Result<Option<ForecastSaid>, &'static str> {
        let address =
            format!("{}/previsions.json?CdStationHydro={}&GrdSimul=H&FormatDate=iso", self.address, station.code);
        let (issued_at, points) = match forecast(&self.web.text(&address)?) {
            Ok(found) => {
                for fault in &found.faults {
                    tracing::warn!(station = station.code, %fault, "a forecast of Vigicrues cannot be read");
                }
                (found.issued_at, found.points)
            }
            Err(BadPayload::Refused) => (None, Vec::new()),
            Err(why) => {
                tracing::warn!(station = station.code, %why, "the forecast of Vigicrues cannot be read");
                return Err("malformed");
            }
        };
        let before = self.told.get(&gauge);
        let ahead: Vec<_> = points.into_iter().take(POINTS_MOST).collect();
        if before
            .map_or(ahead.is_empty(), |told| told.points == ahead && issued_at.is_none_or(|at| at == told.issued_at))
        {
            return Ok(None);
        }
        let said = ForecastSaid {
            forecast_id: forecast_id(gauge, Quantity::Height),
            equipment_id: gauge,
            quantity: Quantity::Height,
            issued_at: issued_at.unwrap_or(now),
            source: SOURCE.to_owned(),
            points: ahead,
        };
        self.told.insert(gauge, said.clone());
        Ok(Some(said))
    }
}

impl Service for Vigicrues {
    fn ask(
        &mut self,
        now: Timestamp,
        gauges: &HashMap<String, FieldObject>,
        stop: &AtomicBool,
    ) -> Result<Gave, &'static str> {
        let bulletin = self.bulletin(now)?;
        let mut gave = Gave { age: Some(now.since(bulletin.issued_at)), ..Gave::default() };
        if bulletin.reaches.is_empty() {
            // Whatever was known is unknown from now on; and somebody should look at the file of this program.
            tracing::warn!("no reach of the bulletin is one that is wanted here");
            gave.trouble = Some("no_reach_found");
        }
        gave.bodies.push(Body::FloodBulletin(bulletin));
        for station in self.stations.clone() {
            let Some(gauge) = gauges.get(&station.reference) else { continue };
            if stop.load(Ordering::Relaxed) {
                break;
            }
            match self.forecast(&station, gauge.equipment_id, now) {
                Ok(said) => gave.bodies.extend(said.map(Body::FloodForecast)),
                // The colours are there, and are worth more.
                Err(why) => gave.trouble = Some(why),
            }
        }
        Ok(gave)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rivers::played::{Answer, Played, gauges, web};
    use serde_json::{Value, json};
    use vigie_core::flood::{Vigilance, after_bulletin};

    /// 2026-11-23 21:00 UTC.
    const NOW: Timestamp = Timestamp(1_795_467_600_000);

    /// Properties shaped after ones that were recorded by others (Golo aval), with other codes.
    fn feature(code: &str, name: &str, territory: &str, level: impl Into<Value>) -> Value {
        json!({"type": "Feature", "geometry": {"type": "MultiLineString", "coordinates": [[[5.0, 47.3], [5.1, 47.3]]]},
               "properties": {"CdEntCru": code, "typentcru": "8", "lbentcru": name, "cdensup_1": territory,
                              "typensup_1": "5", "cdint": null, "NivInfViCr": level.into()}})
    }

    fn national(at: &str, features: &[Value]) -> Answer {
        Answer::json(
            200,
            &json!({
                "type": "FeatureCollection", "features": features, "RefInfoVigiCru": "23112026_16", "DtHrInfoVigiCru": at
            }),
        )
    }

    fn service(played: &Played, more: &str) -> Vigicrues {
        let file = toml::from_str(&format!(
            "address = \"{}\"\nterritories = [\"18\"]\nreaches = [\"ouche\", \"saone\"]\n{more}",
            played.address()
        ));
        let station = StationFile { code: "U132401001".into(), reference: "H-1".into() };
        Vigicrues::new(web(), &file.unwrap(), vec![station])
    }

    fn ask(service: &mut Vigicrues) -> Result<Gave, &'static str> {
        service.ask(NOW, &gauges(&["H-1"]), &AtomicBool::new(false))
    }

    fn told(gave: &Gave) -> &Bulletin {
        match &gave.bodies[0] {
            Body::FloodBulletin(bulletin) => bulletin,
            other => panic!("{other:?}"),
        }
    }

    const AT: &str = "2026-11-23T16:00:00+01:00";

    #[test]
    fn only_the_reaches_of_the_house_are_told_whatever_their_accents() {
        let played = Played::start(|_, _, path| {
            assert_eq!(path, "/InfoVigiCru.geojson");
            national(
                AT,
                &[
                    feature("OU1", "Ouche amont", "18", 2),
                    feature("SA4", "Saône moyenne", "18", "3"),
                    feature("OU9", "Ouche d'ailleurs", "7", 4),
                    feature("DO1", "Doubs", "18", 4),
                ],
            )
        });
        let gave = ask(&mut service(&played, "")).unwrap();
        let bulletin = told(&gave);
        assert!(bulletin.is_well_formed());
        assert_eq!((bulletin.reference.as_str(), bulletin.issued_at), ("23112026_16", Timestamp(1_795_446_000_000)));
        let said: Vec<_> = bulletin.reaches.iter().map(|r| (r.code.as_str(), r.vigilance)).collect();
        assert_eq!(said, [("OU1", Some(Vigilance::Yellow)), ("SA4", Some(Vigilance::Orange))]);
        assert_eq!((gave.age, gave.trouble), (Some(Duration::from_hours(6)), None));
    }

    #[test]
    fn a_reach_that_goes_missing_becomes_unknown_through_what_is_told() {
        let played = Played::start(|number, _, _| match number {
            0 => national(AT, &[feature("OU1", "Ouche amont", "18", 3), feature("OU2", "Ouche aval", "18", 1)]),
            _ => national("2026-11-23T20:00:00+01:00", &[feature("OU2", "Ouche aval", "18", 1)]),
        });
        let mut service = service(&played, "");
        let known = after_bulletin(&[], told(&ask(&mut service).unwrap()));
        let then = after_bulletin(&known, told(&ask(&mut service).unwrap()));
        let ou1 = then.iter().find(|row| row.code == "OU1").unwrap();
        assert_eq!((ou1.vigilance, ou1.since), (None, Timestamp(1_795_460_400_000)));
    }

    #[test]
    fn where_none_of_the_wanted_is_left_it_is_told_and_is_a_trouble() {
        let played = Played::start(|_, _, _| national(AT, &[feature("DO1", "Doubs", "18", 4)]));
        let gave = ask(&mut service(&played, "")).unwrap();
        assert_eq!((told(&gave).reaches.len(), gave.trouble), (0, Some("no_reach_found")));
    }

    #[test]
    fn garbage_errors_and_slowness_are_reasons_and_colour_nothing() {
        let why = |play: fn(usize, &str, &str) -> Answer| {
            let played = Played::start(play);
            ask(&mut service(&played, "")).unwrap_err()
        };
        assert_eq!(why(|_, _, _| Answer::text(500, "")), "service_error");
        assert_eq!(why(|_, _, _| Answer::text(200, "<html>")), "malformed");
        assert_eq!(why(|_, _, _| Answer::json(200, &json!({"error_msg": "indisponible", "code": 500}))), "malformed");
        assert_eq!(why(|_, _, _| Answer::Silence), "timeout");
        assert_eq!(why(|_, _, _| national("2026-11-24T10:00:00+01:00", &[])), "bulletin_ahead");
    }

    #[test]
    fn a_forecast_is_told_during_an_event_once_and_its_end_too() {
        let played = Played::start(|number, _, path| {
            if path.starts_with("/InfoVigiCru") {
                return national(AT, &[feature("OU1", "Ouche amont", "18", 3)]);
            }
            assert_eq!(path, "/previsions.json?CdStationHydro=U132401001&GrdSimul=H&FormatDate=iso");
            match number {
                1 => Answer::json(200, &json!({"error_msg": "pas de prévision", "code": 404})),
                3 | 5 => Answer::json(
                    200,
                    &json!({"Simul": {"DtProdSimul": "2026-11-23T18:00:00Z", "Prevs": [
                    {"DtPrev": "2026-11-24T00:00:00Z", "ResMinPrev": 1.4, "ResMoyPrev": 1.7, "ResMaxPrev": 2.1}]}}),
                ),
                _ => Answer::json(200, &json!({"Simul": null})),
            }
        });
        let mut service = service(&played, "forecasts = true");
        let mut forecasts = || {
            let gave = ask(&mut service).unwrap();
            gave.bodies
                .into_iter()
                .filter_map(|body| match body {
                    Body::FloodForecast(said) => Some((said.issued_at, said.points.len())),
                    _ => None,
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(forecasts(), [], "without an event");
        assert_eq!(forecasts(), [(Timestamp(1_795_456_800_000), 1)]);
        assert_eq!(forecasts(), [], "told");
        assert_eq!(forecasts(), [(NOW, 0)], "over");
    }

    #[test]
    fn a_forecast_that_cannot_be_read_leaves_the_colours() {
        let played = Played::start(|_, _, path| {
            if path.starts_with("/InfoVigiCru") {
                national(AT, &[feature("OU1", "Ouche amont", "18", 4)])
            } else {
                Answer::text(500, "")
            }
        });
        let gave = ask(&mut service(&played, "forecasts = true")).unwrap();
        assert_eq!((told(&gave).reaches[0].vigilance, gave.trouble), (Some(Vigilance::Red), Some("service_error")));
    }
}
