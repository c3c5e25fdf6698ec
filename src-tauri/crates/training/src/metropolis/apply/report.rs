//! Kind `report`: states seen by a gateway, many objects at once, and what these states say of commands and effects.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use uuid::Uuid;
use vigie_core::command::{ClassCode, CommandState, EffectEvent, EffectState, action, effect_transition};
use vigie_core::equipment::Mode;
use vigie_core::submission::StateReport;
use vigie_core::table::{Command, EquipmentState, StateHistory};

use super::{Act, Verdict};
use crate::metropolis::world::World;

/// A device's clock may run so far ahead of the end it was given.
const DEVICE_SLACK: Duration = Duration::from_secs(2);

impl World {
    pub(super) fn apply_report(&mut self, act: Act<'_>, states: &[StateReport]) -> Verdict {
        let mut strangers = BTreeSet::new();
        for report in states {
            if self.equipment.get(report.equipment_id.0).is_none() {
                strangers.insert(report.equipment_id.0);
            } else if let Some(state) = self.write_state(act, report) {
                self.confirm_by(act, &state);
                self.end_effects_by(act, &state);
                self.compare_programme(act, state.equipment_id, &state.reading);
            }
        }
        let mut verdict = Verdict::applied(None);
        if !strangers.is_empty() {
            verdict.detail = json!({ "unknown": strangers });
        }
        verdict
    }

    /// The object's new state; none when the observation is older than the one held, and only enters history.
    fn write_state(&mut self, act: Act<'_>, report: &StateReport) -> Option<EquipmentState> {
        let before = self.states.get(report.equipment_id.0).cloned();
        let older = before.as_ref().is_some_and(|b| b.observed_at.is_some_and(|at| at > report.observed_at));
        let differs = before
            .as_ref()
            .is_none_or(|b| b.reading != report.reading || b.quality != report.quality || b.mode != report.mode);
        // Public services are asked for the same hours again and again, since some values come late: each enters once.
        if (older || differs) && !(older && self.remembers(report)) {
            let row = StateHistory {
                history_id: self.fresh(),
                equipment_id: report.equipment_id,
                reading: report.reading.clone(),
                quality: report.quality,
                observed_at: report.observed_at,
                source: report.source.clone(),
                mode: report.mode,
            };
            self.remember(act.xid, row);
        }
        if older {
            return None;
        }
        let moved = before.as_ref().is_some_and(|b| {
            b.mode != report.mode || b.target != report.target || b.effect_until != report.effect_until
        });
        let (version, control) = before.map_or((0, 1), |b| (b.version, b.control_version));
        let state = EquipmentState {
            equipment_id: report.equipment_id,
            reading: report.reading.clone(),
            quality: report.quality,
            observed_at: Some(report.observed_at),
            received_at: act.now,
            source: report.source.clone(),
            reach: report.reach,
            mode: report.mode,
            target: report.target.clone(),
            effect_until: report.effect_until,
            version: version + 1,
            control_version: control + i64::from(moved),
        };
        self.states.put(act.xid, state.clone());
        if moved {
            self.void_what_moved(act.xid, report.equipment_id);
        }
        Some(state)
    }

    /// Whether history has this very observation.
    fn remembers(&self, report: &StateReport) -> bool {
        let at = report.observed_at;
        let of_instant = self.past.range((at, Uuid::nil())..=(at, Uuid::max()));
        of_instant.filter_map(|(_, id)| self.history.get(*id)).any(|row| {
            row.equipment_id == report.equipment_id
                && row.source == report.source
                && row.reading == report.reading
                && row.quality == report.quality
                && row.mode == report.mode
        })
    }

    /// Executed commands that the state now shows: done, and only then (R18).
    pub(super) fn confirm_by(&mut self, act: Act<'_>, state: &EquipmentState) {
        for command in self.live_on(state.equipment_id) {
            if command.state == CommandState::Executed && self.shows(state, &command) {
                self.move_command(act.xid, &command, CommandState::Confirmed, act.now, "metropolis", None);
            }
        }
    }

    /// A read is confirmed by any state observed since it was accepted, an order by one observed since it was published: a
    /// device shows what it did before its gateway has told of it.
    fn shows(&self, state: &EquipmentState, command: &Command) -> bool {
        let (Some(action), Some(seen)) = (action(&command.action), state.observed_at) else { return false };
        let Some(marks) = self.marks.get(&command.command_id) else { return false };
        if action.class == ClassCode::A {
            return seen >= marks.accepted;
        }
        let mut shown = state.reading.clone();
        shown.0.insert("mode".into(), state.mode.code().into());
        marks.dispatched.is_some_and(|published| seen >= published.minus(DEVICE_SLACK))
            && shown.contains(&action.expectation(&command.params))
    }

    /// Effects on an object that is seen out of its override (R3).
    fn end_effects_by(&mut self, act: Act<'_>, state: &EquipmentState) {
        let Some(seen) = state.observed_at.filter(|_| state.mode != Mode::Override) else { return };
        for command in self.live_on(state.equipment_id) {
            let executed = self.marks.get(&command.command_id).and_then(|marks| marks.executed);
            let (Some(effect), Some(until)) = (command.effect, command.effect_until) else { continue };
            if executed.is_none_or(|executed| seen < executed) {
                continue;
            }
            let early = seen < until.minus(DEVICE_SLACK);
            let next = effect_transition(effect, if early { EffectEvent::LeftEarly } else { EffectEvent::SeenEnded });
            if let Some(EffectState::Ended | EffectState::Contradicted) = next {
                self.put_command(act.xid, Command { effect: next, ..command.as_ref().clone() });
            }
        }
    }
}
