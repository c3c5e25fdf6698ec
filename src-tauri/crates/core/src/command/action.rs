//! The catalogue of actions: data that the metropolis holds as rows, generated from here so that nothing drifts.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::command::{ClassCode, Params};
use crate::equipment::EquipmentKind;
use crate::programme::ProgrammeRef;

/// What an action takes. Targets are absolute (R11): there is no "toggle" and no "more".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// Nothing.
    None,
    /// `key`: whole number between the bounds, inclusive.
    Number {
        /// Parameter key.
        key: &'static str,
        /// Lowest.
        min: i64,
        /// Highest.
        max: i64,
    },
    /// `key`: text of at most so many characters.
    Text {
        /// Parameter key.
        key: &'static str,
        /// Longest, in characters.
        max: usize,
    },
    /// `key`: one of a list.
    OneOf {
        /// Parameter key.
        key: &'static str,
        /// Allowed values.
        values: &'static [&'static str],
    },
    /// `programme`: the name of a programme, as [`crate::programme::ProgrammeRef`] spells it.
    Programme,
}

/// One action on one kind of equipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Action {
    /// Code: `<kind>.<verb>`.
    pub code: &'static str,
    /// On which kind.
    pub kind: EquipmentKind,
    /// Class before surroundings.
    pub class: ClassCode,
    /// What it takes.
    pub parameter: Parameter,
    /// Longest effect; none for what has no lasting effect (R3).
    pub max_effect: Option<Duration>,
    /// It goes in the safe direction: stop, end of override, back to programme, lights on (R17).
    pub safe_direction: bool,
    /// One person alone may operate it, as agreed beforehand (R8).
    pub sole_allowed: bool,
    /// It can take a light under its safety level.
    pub dims: bool,
    /// Always two people, whatever its class (R19).
    pub two_people: bool,
    /// What the state must show besides the parameters for the command to be *done*: a JSON object as text.
    pub expect: &'static str,
}

impl Action {
    /// What the state must contain for a command with these parameters to be confirmed (reading and `mode` together).
    pub fn expectation(&self, params: &Params) -> Map<String, Value> {
        let mut expected: Map<String, Value> = serde_json::from_str(self.expect).unwrap_or_default();
        expected.extend(params.0.clone());
        expected
    }

    /// Whether an order goes in the safe direction (R17): by its action, or because it puts a light full on.
    pub fn goes_safe(&self, params: &Params) -> bool {
        self.safe_direction || (self.dims && params.number("level") == Some(100.0))
    }

    /// Whether the parameters are exactly what the action takes.
    pub fn accepts(&self, params: &Params) -> bool {
        let only = |key: &str| params.0.len() == 1 && params.0.contains_key(key);
        match self.parameter {
            Parameter::None => params.0.is_empty(),
            Parameter::Number { key, min, max } => {
                only(key) && params.0.get(key).and_then(Value::as_i64).is_some_and(|v| (min..=max).contains(&v))
            }
            Parameter::Text { key, max } => {
                only(key) && params.text(key).is_some_and(|t| !t.trim().is_empty() && t.chars().count() <= max)
            }
            Parameter::OneOf { key, values } => only(key) && params.text(key).is_some_and(|t| values.contains(&t)),
            Parameter::Programme => only("programme") && ProgrammeRef::of(params).is_some(),
        }
    }

    /// The parameter as the JSON schema stored in the metropolis: `{}`, or `{"key", "type", "min", "max", "values"}`.
    pub fn parameter_json(&self) -> Value {
        match self.parameter {
            Parameter::None => json!({}),
            Parameter::Number { key, min, max } => json!({"key": key, "type": "number", "min": min, "max": max}),
            Parameter::Text { key, max } => json!({"key": key, "type": "text", "max": max}),
            Parameter::OneOf { key, values } => json!({"key": key, "type": "one_of", "values": values}),
            Parameter::Programme => json!({"key": "programme", "type": "programme"}),
        }
    }
}

const HOUR: Duration = Duration::from_secs(3600);
const LEVEL: Parameter = Parameter::Number { key: "level", min: 0, max: 100 };
/// Texts that a supervisor approved beforehand; any other text on a sign is class C.
const APPROVED_TEXTS: &[&str] = &["DÉVIATION", "TRAVAUX", "RUE BARRÉE", "PRUDENCE", "PARKING COMPLET"];
const OVERRIDDEN: &str = r#"{"mode":"override"}"#;
const IN_PROGRAMME: &str = r#"{"mode":"programme"}"#;

const fn reads(code: &'static str, kind: EquipmentKind) -> Action {
    Action {
        code,
        kind,
        class: ClassCode::A,
        parameter: Parameter::None,
        max_effect: None,
        safe_direction: false,
        sole_allowed: true,
        dims: false,
        two_people: false,
        expect: "{}",
    }
}

const fn sets(code: &'static str, kind: EquipmentKind, class: ClassCode, parameter: Parameter, hours: u64) -> Action {
    Action {
        code,
        kind,
        class,
        parameter,
        max_effect: Some(Duration::from_secs(hours * HOUR.as_secs())),
        safe_direction: false,
        sole_allowed: false,
        dims: false,
        two_people: false,
        expect: OVERRIDDEN,
    }
}

const fn back(code: &'static str, kind: EquipmentKind, class: ClassCode) -> Action {
    Action { class, safe_direction: true, expect: IN_PROGRAMME, ..reads(code, kind) }
}

const fn danger(code: &'static str, kind: EquipmentKind, expect: &'static str) -> Action {
    Action { expect, ..sets(code, kind, ClassCode::D, Parameter::None, 1) }
}

/// Another programme from now on (R19). It has no end of its own: it is dated, and gone back from.
const fn programme(code: &'static str, kind: EquipmentKind, dims: bool) -> Action {
    Action {
        class: ClassCode::C,
        parameter: Parameter::Programme,
        sole_allowed: false,
        dims,
        two_people: true,
        ..reads(code, kind)
    }
}

/// The programme that it had before (R17).
const fn former(code: &'static str, kind: EquipmentKind) -> Action {
    Action { safe_direction: true, two_people: false, ..programme(code, kind, false) }
}

/// Agreed beforehand for one person (R8).
const fn alone(action: Action) -> Action {
    Action { sole_allowed: true, ..action }
}

use ClassCode::{B, C, D, L};
use EquipmentKind as K;

static ACTIONS: &[Action] = &[
    reads("street_light.read", K::StreetLight),
    Action { dims: true, ..sets("street_light.set_level", K::StreetLight, B, LEVEL, 12) },
    back("street_light.to_programme", K::StreetLight, B),
    programme("street_light.set_programme", K::StreetLight, true),
    former("street_light.former_programme", K::StreetLight),
    reads("signal_junction.read", K::SignalJunction),
    sets("signal_junction.set_plan", K::SignalJunction, C, Parameter::Number { key: "plan", min: 1, max: 8 }, 12),
    back("signal_junction.to_programme", K::SignalJunction, C),
    programme("signal_junction.set_programme", K::SignalJunction, false),
    former("signal_junction.former_programme", K::SignalJunction),
    // Flashing amber is what a junction falls back to by itself when it fails, known to every driver (R412-32): one person may
    // ask for it when its signals contradict each other. All red and dark are not what anyone expects: never alone (R8).
    alone(danger("signal_junction.flash", K::SignalJunction, r#"{"mode":"override","aspect":"flashing"}"#)),
    danger("signal_junction.all_red", K::SignalJunction, r#"{"mode":"override","aspect":"all_red"}"#),
    danger("signal_junction.dark", K::SignalJunction, r#"{"mode":"override","aspect":"dark"}"#),
    reads("camera.read", K::Camera),
    Action { class: L, ..danger("camera.move", K::Camera, "{}") },
    reads("gauge.read", K::Gauge),
    reads("container.read", K::Container),
    reads("bollard.read", K::Bollard),
    danger("bollard.raise", K::Bollard, r#"{"mode":"override","position":"up"}"#),
    // An ambulance before a bollard cannot wait; lowering it harms nobody, raising it can.
    alone(danger("bollard.lower", K::Bollard, r#"{"mode":"override","position":"down"}"#)),
    reads("building.read", K::Building),
    sets("building.set_heating", K::Building, C, Parameter::Number { key: "heating_c", min: 5, max: 23 }, 12),
    back("building.to_programme", K::Building, C),
    Action { class: D, ..danger("building.disarm_intrusion", K::Building, r#"{"mode":"override","intrusion":false}"#) },
    reads("message_sign.read", K::MessageSign),
    sets("message_sign.show_approved", K::MessageSign, B, Parameter::OneOf { key: "text", values: APPROVED_TEXTS }, 12),
    sets("message_sign.show_text", K::MessageSign, C, Parameter::Text { key: "text", max: 60 }, 12),
    back("message_sign.to_programme", K::MessageSign, B),
    reads("cabinet.read", K::Cabinet),
    reads("substation.read", K::Substation),
    reads("pump.read", K::Pump),
    danger("pump.start", K::Pump, r#"{"mode":"override","running":true}"#),
    danger("pump.stop", K::Pump, r#"{"mode":"override","running":false}"#),
];

/// Every action.
pub fn actions() -> &'static [Action] {
    ACTIONS
}

/// The actions on a kind of equipment.
pub fn actions_of(kind: EquipmentKind) -> impl Iterator<Item = &'static Action> {
    ACTIONS.iter().filter(move |a| a.kind == kind)
}

/// An action by its code.
pub fn action(code: &str) -> Option<&'static Action> {
    ACTIONS.iter().find(|a| a.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r3_whatever_overrides_an_object_has_a_longest_effect() {
        for action in actions() {
            let overrides = action.expect.contains("override");
            assert!(!overrides || action.max_effect.is_some(), "{} would never end", action.code);
        }
    }

    #[test]
    fn r11_no_action_takes_anything_but_an_absolute_target() {
        for action in actions() {
            assert!(!action.code.contains("toggle"));
            assert!(serde_json::from_str::<Map<String, Value>>(action.expect).is_ok(), "{}", action.code);
        }
    }

    #[test]
    fn r17_lights_on_and_back_to_the_programme_go_in_the_safe_direction_and_nothing_that_dims_or_endangers_does() {
        let light = action("street_light.set_level").unwrap();
        assert!(light.goes_safe(&Params::from(json!({"level": 100}))));
        for level in [json!(99), json!(0), json!("100"), json!(null)] {
            assert!(!light.goes_safe(&Params::from(json!({ "level": level }))), "{level}");
        }
        for action in actions().iter().filter(|a| a.safe_direction) {
            let back = action.code.ends_with(".to_programme") || action.code.ends_with(".former_programme");
            assert!(back && action.class < D, "{}", action.code);
        }
    }

    #[test]
    fn r19_a_programme_is_a_service_at_least_always_by_two_and_never_alone_and_the_former_one_is_the_way_back() {
        let named = Params::from(json!({"programme": "00000000-0000-0000-0000-000000000001/1"}));
        for kind in [K::StreetLight, K::SignalJunction] {
            let apply = action(&format!("{kind}.set_programme")).unwrap();
            assert!(apply.class >= C && apply.two_people && !apply.sole_allowed && !apply.goes_safe(&named));
            assert!(apply.accepts(&named) && !apply.accepts(&Params::default()));
            let back = action(&format!("{kind}.former_programme")).unwrap();
            assert!(!back.two_people && back.goes_safe(&named) && back.accepts(&named));
        }
    }

    #[test]
    fn every_kind_can_be_asked_for_its_state() {
        for kind in K::ALL {
            assert!(actions_of(*kind).any(|a| a.class == ClassCode::A), "{kind}");
        }
    }

    #[test]
    fn parameters_out_of_bounds_or_unasked_for_are_not_accepted() {
        let dim = action("street_light.set_level").unwrap();
        assert!(dim.accepts(&Params::from(json!({"level": 40}))));
        for bad in [
            json!({"level": 101}),
            json!({"level": -1}),
            json!({"level": 40.5}),
            json!({}),
            json!({"level": 1, "x": 1}),
        ] {
            assert!(!dim.accepts(&Params::from(bad.clone())), "{bad}");
        }
    }
}
