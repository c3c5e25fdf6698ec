//! One device: what it does by itself, what it was told, and what it reports.

use std::time::Duration;

use serde_json::{Value, json};
use vigie_core::command::{Action, Motion, Parameter, Params};
use vigie_core::equipment::{EquipmentKind, Mode, Quality, Reach, Reading};
use vigie_core::ids::EquipmentId;
use vigie_core::programme::{OWN, Setting, Site};
use vigie_core::submission::StateReport;
use vigie_core::table::{Equipment, EquipmentState};
use vigie_core::time::Timestamp;

use super::aim::Aim;
use super::follow::{Followed, Says};
use super::river::flooded;
use super::sky::{Night, local_hour, night};
use crate::chance::{luck, mix};

/// A device of the field.
#[derive(Debug, Clone)]
pub struct Device {
    /// Which object.
    pub id: EquipmentId,
    /// Of which kind.
    pub kind: EquipmentKind,
    /// Its own number: the root of its luck.
    pub number: u64,
    /// Commands on it always succeed.
    pub reliable: bool,
    /// It says nothing: its concentrator or itself is lost.
    pub silent: bool,
    /// What is wrong with it.
    pub fault: Option<&'static str>,
    /// A camera's picture stands still; a junction is dark.
    pub stuck: bool,
    /// Who decides.
    pub mode: Mode,
    /// What it was told.
    pub target: Option<Params>,
    /// Until when: it goes back by itself then (R3).
    pub until: Option<Timestamp>,
    /// A container's fill at `value_at`, %.
    pub value: f64,
    /// When `value` was true.
    pub value_at: Timestamp,
    /// A gauge's river and share of its length.
    pub river: Option<Box<(String, f64)>>,
    /// When its river began to rise, if it does.
    pub(super) flood: Option<Timestamp>,
    /// Where it stands: by its own clock and sun.
    site: Site,
    /// The programme that it was given, if any was.
    follows: Option<Box<Followed>>,
    /// Where a camera looks.
    pub aim: Option<Box<Aim>>,
}

impl Device {
    /// A device in order, in its programme.
    pub fn new(equipment: &Equipment, at: Timestamp) -> Self {
        let number = mix((equipment.equipment_id.0.as_u128() >> 64) as u64 ^ equipment.equipment_id.0.as_u128() as u64);
        let attribute = |key: &str| equipment.attributes.get(key);
        let river = attribute("river")
            .and_then(Value::as_str)
            .map(|river| Box::new((river.to_owned(), attribute("share").and_then(Value::as_f64).unwrap_or(0.5))));
        Self {
            id: equipment.equipment_id,
            kind: equipment.kind,
            number,
            reliable: attribute("training_reliable").and_then(Value::as_bool).unwrap_or(false),
            silent: false,
            fault: None,
            stuck: false,
            mode: Mode::Programme,
            target: None,
            until: None,
            value: luck(number, 1, 0) * 70.0,
            value_at: at,
            river,
            flood: None,
            site: Site { lon: equipment.lon, lat: equipment.lat },
            follows: None,
            aim: (equipment.kind == EquipmentKind::Camera).then(|| Box::new(Aim::new(at))),
        }
    }

    /// The device as its last known state shows it: a field that starts again goes on from there.
    pub fn resumed(equipment: &Equipment, state: &EquipmentState, at: Timestamp) -> Self {
        let reading = &state.reading;
        let mut device = Self::new(equipment, at);
        device.silent = state.reach != Reach::Reachable || state.quality != Quality::Good;
        device.fault = reading.text("fault").and_then(known_fault);
        device.stuck = match device.kind {
            EquipmentKind::Camera => reading.text("picture").is_some_and(|p| p != "live"),
            EquipmentKind::SignalJunction => reading.text("aspect") == Some("dark"),
            _ => false,
        };
        if reading.0.get("supply") == Some(&Value::Bool(false)) {
            device.fault = device.fault.or(Some("supply"));
        }
        if let Some(aim) = &mut device.aim {
            **aim = Aim::resumed(reading, at);
        }
        device.mode = state.mode;
        device.target.clone_from(&state.target);
        device.until = state.effect_until;
        device.follows = reading.text("programme").map(|name| Box::new(Followed { name: name.to_owned(), says: None }));
        if let (Some(fill), Some(seen)) = (reading.number("fill"), state.observed_at) {
            device.value = fill;
            device.value_at = seen;
        }
        device
    }

    /// How often it reports when nothing happens: well within the freshness promised for its kind.
    pub fn period(&self) -> Duration {
        Duration::from_secs(match self.kind {
            EquipmentKind::SignalJunction => 60,
            EquipmentKind::Camera => 120,
            EquipmentKind::Bollard => 240,
            EquipmentKind::MessageSign | EquipmentKind::Pump => 360,
            EquipmentKind::Cabinet | EquipmentKind::Substation => 300,
            EquipmentKind::StreetLight | EquipmentKind::Building => 1_080,
            EquipmentKind::Gauge => 900,
            EquipmentKind::Container => 4 * 3_600,
        })
    }

    /// When its programme next changes what it shows, if that is known beforehand.
    pub fn next_change(&self, after: Timestamp) -> Option<Timestamp> {
        let own = match self.kind {
            _ if self.mode == Mode::Programme && self.follows.as_ref().is_some_and(|f| f.says.is_some()) => {
                self.follows.as_ref().and_then(|followed| followed.next_step(after, self.site))
            }
            EquipmentKind::StreetLight if self.mode == Mode::Programme => {
                let (on, off) = self.lit(night(after));
                [on, off].into_iter().filter(|t| *t > after).min()
            }
            _ => None,
        };
        let end = self.until.filter(|t| *t > after);
        [own, end].into_iter().flatten().min()
    }

    /// On and off of this lamp in a night: each has its own cell, a few minutes apart.
    fn lit(&self, night: Night) -> (Timestamp, Timestamp) {
        let spread = |salt| Duration::from_millis((luck(self.number, 2, salt) * 900_000.0) as u64);
        (night.dusk.plus(spread(1)), night.dawn.minus(spread(2)))
    }

    /// Goes back to its programme when its time has come (R3); says whether it did.
    pub fn revert(&mut self, now: Timestamp) -> bool {
        let over = self.mode == Mode::Override && self.until.is_some_and(|until| until <= now);
        if over {
            self.go_back();
        }
        over
    }

    /// To its programme, at once.
    pub fn go_back(&mut self) {
        self.mode = Mode::Programme;
        self.target = None;
        self.until = None;
    }

    /// Another one in its place, as it came from its maker.
    pub(super) fn replace(&mut self) {
        self.go_back();
        if let Some(followed) = self.follows.as_mut() {
            *followed.as_mut() = Followed { name: OWN.to_owned(), says: None };
        }
    }

    /// Is told what the programme of that name says, if it was given that one.
    pub(super) fn learn(&mut self, name: &str, says: &Says) {
        if let Some(followed) = self.follows.as_mut().filter(|followed| followed.name == name) {
            followed.says = Some(says.clone());
        }
    }

    /// The name of the programme that it was given.
    pub(super) fn follows(&self) -> Option<&str> {
        self.follows.as_ref().map(|followed| followed.name.as_str())
    }

    /// Does what a command says.
    pub fn obey(&mut self, action: &Action, params: &Params, until: Option<Timestamp>) {
        if action.parameter == Parameter::Programme {
            let name = params.text("programme").unwrap_or(OWN).to_owned();
            self.follows = Some(Box::new(Followed { name, says: None }));
        } else if action.expect.contains("programme") {
            self.go_back();
        } else if action.max_effect.is_some() {
            self.mode = Mode::Override;
            self.target =
                Some(Params(action.expectation(params).into_iter().filter(|(key, _)| key != "mode").collect()));
            self.until = until;
        }
    }

    /// A held key moves it until then at the latest, at its motors' pace; whether it is one that moves.
    pub fn drive(&mut self, motion: Motion, pace: f64, until: Timestamp, now: Timestamp) -> bool {
        if let Some(aim) = &mut self.aim {
            aim.drive(motion, pace, until, now);
        }
        self.aim.is_some()
    }

    /// Its key was let go.
    pub fn stand_still(&mut self, now: Timestamp) {
        self.drive(Motion::default(), 1.0, now, now);
    }

    /// Whether a key moves it at this instant.
    pub fn moves(&self, now: Timestamp) -> bool {
        self.aim.as_ref().is_some_and(|aim| aim.moves(now))
    }

    /// What time does to it by itself: wear, repair, filling and collection. `at` is a report's instant.
    pub fn age(&mut self, at: Timestamp) {
        let chance = |salt: u64, probability: f64| luck(self.number, at.0.unsigned_abs(), salt) < probability;
        match self.kind {
            EquipmentKind::StreetLight if self.fault.is_some() && chance(5, 4e-4) => {
                self.fault = None;
            }
            EquipmentKind::StreetLight if chance(6, 5e-6) => self.fault = Some("lamp"),
            EquipmentKind::Cabinet if self.fault == Some("breaker") && chance(5, 0.02) => self.fault = None,
            EquipmentKind::Cabinet if self.fault.is_none() && chance(6, 3e-5) => self.fault = Some("breaker"),
            EquipmentKind::Camera if self.stuck => self.stuck = !chance(7, 0.01),
            EquipmentKind::Camera => self.stuck = chance(8, 1e-4),
            EquipmentKind::Container => {
                let days = at.since(self.value_at).as_secs_f64() / 86_400.0;
                self.value = (self.value + days * (6.0 + 20.0 * luck(self.number, 3, 0))).min(100.0);
                self.value_at = at;
                // Rounds pass in the morning, sooner where it overflows.
                let hour = local_hour(at);
                if (5.0..12.0).contains(&hour) && self.value > 55.0 && chance(9, self.value / 220.0) {
                    self.value = 2.0 + 4.0 * luck(self.number, at.0.unsigned_abs(), 10);
                }
            }
            _ => {}
        }
    }

    /// What it shows at an instant.
    pub fn reading(&self, seed: u64, at: Timestamp) -> Reading {
        let told = |key: &str| self.target.as_ref().and_then(|t| t.0.get(key)).cloned();
        let fault = self.fault;
        let set = || self.follows.as_ref().and_then(|followed| followed.sets(at, self.site));
        let mut reading = match self.kind {
            EquipmentKind::StreetLight => {
                let (on, off) = self.lit(night(at));
                let programmed = match set() {
                    Some(Setting::Level(level)) => level,
                    _ if on <= at && at < off => 70,
                    _ => 0,
                };
                let level = told("level").and_then(|v| v.as_i64()).unwrap_or(programmed);
                let level = if fault.is_some() { 0 } else { level };
                let rated = 40.0 + (luck(self.number, 4, 0) * 5.0).floor() * 10.0;
                json!({"level": level, "power_w": (rated * level as f64 / 100.0).round(), "fault": fault})
            }
            EquipmentKind::SignalJunction => {
                let hour = local_hour(at);
                let programmed = if let Some(Setting::Plan(_, number)) = set() {
                    number
                } else if !(6.0..21.0).contains(&hour) {
                    3
                } else if (7.0..9.5).contains(&hour) {
                    2
                } else {
                    1
                };
                let aspect = if self.stuck { json!("dark") } else { told("aspect").unwrap_or_else(|| json!("normal")) };
                json!({"aspect": aspect, "plan": told("plan").unwrap_or_else(|| programmed.into()), "fault": fault})
            }
            EquipmentKind::Camera => {
                let mut reading = json!({"picture": if self.stuck { "frozen" } else { "live" }, "fault": fault});
                if let (Some(aim), Some(shown)) = (&self.aim, reading.as_object_mut()) {
                    shown.extend(aim.at(at).shown().map(|(key, value)| (key.to_owned(), value)));
                }
                reading
            }
            EquipmentKind::Gauge => {
                let (river, share) = self.river.as_deref().map_or(("", 0.5), |(river, share)| (river.as_str(), *share));
                let w = flooded(seed, river, share, at, self.flood);
                let flow = if river == "Canal de Bourgogne" { Value::Null } else { w.flow_l_s.into() };
                json!({"height_mm": w.height_mm, "flow_l_s": flow, "trend_mm_h": w.trend_mm_h})
            }
            EquipmentKind::Container => {
                let temperature = 6.0 + (local_hour(at) - 4.0).clamp(0.0, 12.0) * 0.5;
                json!({"fill": self.value.round(), "temperature_c": temperature.round(), "fault": fault})
            }
            EquipmentKind::Bollard => {
                json!({"position": told("position").unwrap_or_else(|| "up".into()), "fault": fault})
            }
            EquipmentKind::Building => {
                let open = (7.0..19.0).contains(&local_hour(at));
                let heating = told("heating_c").unwrap_or_else(|| if open { 19.into() } else { 16.into() });
                let mut reading = json!({
                    "heating_c": heating, "fire": false, "intrusion": false, "lift": fault == Some("lift"), "fault": Value::Null,
                });
                if let (Some(told), Some(map)) = (told("intrusion"), reading.as_object_mut()) {
                    map.insert("intrusion".into(), told);
                }
                reading
            }
            EquipmentKind::MessageSign => json!({"text": told("text"), "fault": fault}),
            EquipmentKind::Pump => {
                let by_itself = luck(self.number, (at.0 / 1_800_000).unsigned_abs(), 11) < 0.2;
                json!({"running": told("running").unwrap_or_else(|| by_itself.into()), "fault": fault})
            }
            EquipmentKind::Cabinet => {
                let breaker = fault.filter(|fault| *fault == "breaker");
                json!({"supply": fault.is_none(), "door": "closed", "fault": breaker})
            }
            EquipmentKind::Substation => json!({"supply": fault.is_none()}),
        };
        if let (Some(name), Some(map)) = (self.follows(), reading.as_object_mut()) {
            map.insert("programme".into(), name.into());
        }
        Reading::from(reading)
    }

    /// Its report at an instant.
    pub fn report(&self, seed: u64, at: Timestamp) -> StateReport {
        StateReport {
            equipment_id: self.id,
            reading: self.reading(seed, at),
            quality: Quality::Good,
            observed_at: at,
            source: self.source().to_owned(),
            reach: Reach::Reachable,
            mode: self.mode,
            target: self.target.clone(),
            effect_until: self.until,
        }
    }

    /// Where its value comes from.
    pub fn source(&self) -> &'static str {
        match self.kind {
            EquipmentKind::SignalJunction | EquipmentKind::Bollard | EquipmentKind::MessageSign => "controller",
            EquipmentKind::Gauge if self.reliable => "hubeau",
            EquipmentKind::Gauge | EquipmentKind::Container => "sensor",
            EquipmentKind::Building => "bms",
            EquipmentKind::Camera => "vms",
            EquipmentKind::StreetLight | EquipmentKind::Pump | EquipmentKind::Cabinet => "gateway",
            EquipmentKind::Substation => "grid",
        }
    }
}

fn known_fault(fault: &str) -> Option<&'static str> {
    ["lamp", "driver", "supply", "breaker", "controller", "sensor", "lift"].into_iter().find(|known| *known == fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use uuid::Uuid;
    use vigie_core::command::action;
    use vigie_core::equipment::limit_of;

    fn device(kind: EquipmentKind) -> Device {
        let equipment = Equipment {
            equipment_id: EquipmentId(Uuid::from_u128(42)),
            reference: "X".into(),
            name: "X".into(),
            kind,
            insee_code: String::new(),
            street: String::new(),
            lon: 5.0,
            lat: 47.0,
            attributes: json!({"river": "L'Ouche", "share": 0.3}),
            service_id: None,
        };
        Device::new(&equipment, NIGHT)
    }

    /// 2026-11-23 22:00 UTC.
    const NIGHT: Timestamp = Timestamp(1_795_471_200_000);

    #[test]
    fn what_a_command_asks_is_what_the_next_report_shows_whatever_the_action() {
        for action in vigie_core::command::actions().iter().filter(|a| a.class != vigie_core::command::ClassCode::L) {
            let params = match action.parameter {
                vigie_core::command::Parameter::None => json!({}),
                vigie_core::command::Parameter::Number { key, min, .. } => json!({ key: min }),
                vigie_core::command::Parameter::Text { key, .. } => json!({ key: "Route fermée" }),
                vigie_core::command::Parameter::OneOf { key, values } => json!({ key: values[0] }),
                vigie_core::command::Parameter::Programme => json!({"programme": "own"}),
            };
            let (mut device, params) = (device(action.kind), Params::from(params));
            device.obey(action, &params, action.max_effect.map(|_| NIGHT.plus(Duration::from_mins(10))));
            let report = device.report(1, NIGHT);
            let mut shown = report.reading.clone();
            shown.0.insert("mode".into(), report.mode.code().into());
            assert!(shown.contains(&action.expectation(&params)), "{}: {shown:?}", action.code);
        }
    }

    #[test]
    fn r3_an_override_ends_by_itself_at_its_end() {
        let mut light = device(EquipmentKind::StreetLight);
        let until = NIGHT.plus(Duration::from_mins(1));
        light.obey(action("street_light.set_level").unwrap(), &Params::from(json!({"level": 20})), Some(until));
        assert!(!light.revert(NIGHT));
        assert_eq!(light.reading(1, NIGHT).number("level"), Some(20.0));
        assert_eq!(light.next_change(NIGHT), Some(until));
        assert!(light.revert(until));
        assert_eq!(light.reading(1, until).number("level"), Some(70.0));
    }

    #[test]
    fn r19_a_light_follows_the_programme_that_it_was_given_and_says_which() {
        let content: vigie_core::programme::Content = serde_json::from_value(json!({
            "name": "Réduit", "valid_from": "2026-11-01", "valid_until": "2026-11-23", "plans": [], "rules": [],
            "default": "nuit", "programmes": [{"name": "nuit", "steps": [
                {"from": "dusk", "minutes": 0, "level": 100, "plan": null},
                {"from": "clock", "minutes": 1_410, "level": 40, "plan": null},
                {"from": "dawn", "minutes": 0, "level": 0, "plan": null},
            ]}],
        }))
        .unwrap();
        let name = "00000000-0000-0000-0000-000000000001/1";
        let mut light = device(EquipmentKind::StreetLight);
        light.obey(action("street_light.set_programme").unwrap(), &Params::from(json!({"programme": name})), None);
        light.learn(name, &std::sync::Arc::new((vigie_core::programme::ProgrammeKind::Lighting, content)));
        let level = |at: Timestamp| light.reading(1, at).number("level");
        // 22:00, 23:00 and 23:30 UTC are 23:00, 00:00 and 00:30 at Dijon.
        assert_eq!((level(NIGHT), level(NIGHT.plus(Duration::from_hours(1)))), (Some(100.0), Some(40.0)));
        assert_eq!(light.next_change(NIGHT), Some(NIGHT.plus(Duration::from_mins(30))));
        assert_eq!(light.reading(1, NIGHT).text("programme"), Some(name));
        assert_eq!(
            level(NIGHT.plus(Duration::from_hours(24))),
            Some(70.0),
            "after its last night it does what is its own"
        );
    }

    #[test]
    fn every_kind_reports_before_it_ages_and_twice_before_it_is_stale() {
        for kind in EquipmentKind::ALL {
            let device = device(*kind);
            let limit = limit_of(*kind, device.source());
            assert!(device.period() * 5 / 4 <= limit.ageing_after, "{kind}");
            assert!(device.period() * 2 <= limit.fresh_for, "{kind}");
        }
    }

    #[test]
    fn a_container_fills_and_is_emptied_in_a_morning() {
        let mut container = device(EquipmentKind::Container);
        let (mut highest, mut lowest) = (0.0_f64, 100.0_f64);
        for step in 0..600_u64 {
            container.age(NIGHT.plus(Duration::from_secs(step * 4 * 3_600)));
            highest = highest.max(container.value);
            lowest = lowest.min(container.value);
        }
        assert!(highest > 55.0 && lowest < 10.0, "{lowest} {highest}");
    }
}
