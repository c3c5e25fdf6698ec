//! The core's rules as rows: classes, actions, transitions, freshness, rights and codes.

use serde_json::{Value, json};
use vigie_core::alarm::{NoticeReason, SHELVE_LONGEST, SHELVE_URGENT_LONGEST, ShelveReason, SiteWork};
use vigie_core::command::{
    ALONE_AFTER, ALONE_WITHIN, APPROVAL_LIFE, APPROVAL_LONGEST, ASK_LIFE, ChosenBy, ClassCode, CommandEventCode,
    CommandState, Excluded, LIVE_LIFE, LIVE_LONGEST, LIVE_STOP, REQUEST_MOVES, REVIEW_WITHIN, SELECT_LIFE,
    SOLE_LONGEST, SoleReason, TRANSITIONS, VALIDATORS, VoidReason, actions, step,
};
use vigie_core::equipment::{EquipmentKind, LIMITS, Mode, Quality, Reach};
use vigie_core::flood::{Quantity, Vigilance};
use vigie_core::lock::HolderSaid;
use vigie_core::programme::ProgrammeKind;
use vigie_core::record::{LinkKind, LogKind};
use vigie_core::rights::{Role, rights};
use vigie_core::table::AlarmRule;
use vigie_core::time::Timestamp;
use vigie_core::zone::ZoneKind;

/// Each table of rules with its rows, parents first.
pub(super) fn rules() -> Vec<(&'static str, Value)> {
    let rights = rights();
    let classes = ClassCode::ALL
        .iter()
        .map(|class| json!({"class": class.code(), "life": seconds(class.life()), "may_queue": class.may_queue()}));
    let acts = actions().iter().map(|a| {
        json!({
            "code": a.code,
            "kind": a.kind.code(),
            "class": a.class.code(),
            "parameter": a.parameter_json(),
            "max_effect": a.max_effect.map(seconds),
            "safe_direction": a.safe_direction,
            "sole_allowed": a.sole_allowed,
            "dims": a.dims,
            "two_people": a.two_people,
            "expect": serde_json::from_str::<Value>(a.expect).unwrap_or_else(|_| json!({})),
        })
    });
    let transitions = TRANSITIONS.iter().map(|t| {
        json!({
            "from_state": t.from.code(),
            "event": t.event.code(),
            "to_state": t.to.code(),
            "forward": goes_forward(t.from, t.event, t.to),
        })
    });
    let freshness = LIMITS.iter().map(|l| {
        json!({
            "kind": l.kind.code(),
            "source": l.source,
            "ageing_after": seconds(l.ageing_after),
            "fresh_for": seconds(l.fresh_for),
        })
    });
    let reads = rights
        .table
        .iter()
        .flat_map(|(table, t)| t.read.iter().map(move |role| json!({"table_name": table, "role": role.code()})));
    let submits = rights
        .submission
        .iter()
        .flat_map(|(kind, s)| s.may.iter().map(move |role| json!({"kind": kind, "role": role.code()})));
    let pilots = rights
        .pilot
        .iter()
        .flat_map(|(kind, p)| p.may.iter().map(move |role| json!({"kind": kind.code(), "role": role.code()})));
    let scopes = rights.table.iter().filter_map(|(table, t)| t.rows.as_ref().map(|rows| (table, rows)));
    let scoped = scopes.clone().map(|(table, rows)| json!({"table_name": table, "column_name": rows.column}));
    let hidden_rows = scopes.flat_map(|(table, rows)| {
        rows.hidden.iter().flat_map(move |(value, roles)| {
            roles.iter().map(move |role| json!({"table_name": table, "value": value, "role": role.code()}))
        })
    });
    let hidden_columns = rights.table.iter().flat_map(|(table, t)| {
        t.hidden.iter().flat_map(move |(column, roles)| {
            roles.iter().map(move |role| json!({"table_name": table, "column_name": column, "role": role.code()}))
        })
    });
    let fetches = rights
        .fetch
        .iter()
        .flat_map(|(query, f)| f.may.iter().map(move |role| json!({"query": query, "role": role.code()})));
    let accounts = &rights.accounts;
    let account_acts = [("manage", &accounts.manage), ("list", &accounts.list), ("give", &accounts.give)];
    let accounting = account_acts
        .into_iter()
        .flat_map(|(act, may)| may.iter().map(move |role| json!({"act": act, "role": role.code()})));
    let shelving = (1..=3).map(|priority| {
        let longest = if priority == 1 { SHELVE_URGENT_LONGEST } else { SHELVE_LONGEST };
        json!({"priority": priority, "longest": seconds(longest)})
    });
    let moves = REQUEST_MOVES
        .iter()
        .map(|m| json!({"from_state": m.from.code(), "event": m.event.code(), "to_state": m.to.code()}));
    let validators =
        VALIDATORS.iter().map(|v| json!({"rank": v.rank, "role": v.role.code(), "needs_shift": v.needs_shift}));
    let limits = [
        ("ask_life", ASK_LIFE),
        ("approval_life", APPROVAL_LIFE),
        ("approval_longest", APPROVAL_LONGEST),
        ("select_life", SELECT_LIFE),
        ("alone_after", ALONE_AFTER),
        ("alone_within", ALONE_WITHIN),
        ("sole_longest", SOLE_LONGEST),
        ("review_within", REVIEW_WITHIN),
        ("live_life", LIVE_LIFE),
        ("live_stop", LIVE_STOP),
        ("live_longest", LIVE_LONGEST),
    ];
    let limits = limits.iter().map(|(name, length)| json!({"name": name, "length": seconds(*length)}));
    let codes = [
        list("equipment_kind", EquipmentKind::ALL.iter().map(|c| c.code())),
        list("quality", Quality::ALL.iter().map(|c| c.code())),
        list("reach", Reach::ALL.iter().map(|c| c.code())),
        list("mode", Mode::ALL.iter().map(|c| c.code())),
        list("role", Role::ALL.iter().map(|c| c.code())),
        list("log_kind", LogKind::ALL.iter().map(|c| c.code())),
        list("link_kind", LinkKind::ALL.iter().map(|c| c.code())),
        list("shelve_reason", ShelveReason::ALL.iter().map(|c| c.code())),
        list("site_work", SiteWork::ALL.iter().map(|c| c.code())),
        list("notice_reason", NoticeReason::ALL.iter().map(|c| c.code())),
        list("holder_said", HolderSaid::ALL.iter().map(|c| c.code())),
        list("chosen_by", ChosenBy::ALL.iter().map(|c| c.code())),
        list("excluded", Excluded::ALL.iter().map(|c| c.code())),
        list("sole_reason", SoleReason::ALL.iter().map(|c| c.code())),
        list("programme_kind", ProgrammeKind::ALL.iter().map(|c| c.code())),
        list("zone_kind", ZoneKind::ALL.iter().map(|c| c.code())),
        list("vigilance", Vigilance::ALL.iter().map(|c| c.code())),
        list("flood_quantity", Quantity::ALL.iter().map(|c| c.code())),
        list("void_reason", VoidReason::ALL.iter().map(|c| c.code())),
        list("command_event", CommandEventCode::ALL.iter().map(|c| c.code())),
    ];
    vec![
        ("command_class", classes.collect()),
        ("action", acts.collect()),
        ("command_transition", transitions.collect()),
        ("freshness", freshness.collect()),
        ("shelving", shelving.collect()),
        ("read_right", reads.collect()),
        ("row_scope", scoped.collect()),
        ("hidden_row", hidden_rows.collect()),
        ("hidden_column", hidden_columns.collect()),
        ("fetch_right", fetches.collect()),
        ("account_right", accounting.collect()),
        ("submission_right", submits.collect()),
        ("pilot_right", pilots.collect()),
        ("approval_move", moves.collect()),
        ("validator", validators.collect()),
        ("procedure_limit", limits.collect()),
        ("code", codes.into_iter().flatten().collect()),
    ]
}

/// A rule of alarms as a row.
pub(super) fn alarm_rule(rule: &AlarmRule) -> Value {
    json!({
        "rule_id": rule.rule_id,
        "code": rule.code,
        "kind": rule.kind,
        "priority": rule.priority,
        "delay_s": rule.delay_s,
        "condition": rule.condition,
        "scope": rule.scope,
        "yields": rule.yields,
        "explains": rule.explains,
        "enabled": rule.enabled,
        "adapted": rule.adapted,
    })
}

/// Whether the core expires this transition when it comes late: asked of the core itself, so that nothing drifts.
fn goes_forward(from: CommandState, event: CommandEventCode, to: CommandState) -> bool {
    step(from, event, Timestamp(1), Timestamp(0)) != Ok(to)
}

fn list(name: &'static str, codes: impl Iterator<Item = &'static str>) -> Vec<Value> {
    codes.map(|code| json!({"list": name, "code": code})).collect()
}

fn seconds(d: std::time::Duration) -> String {
    format!("{} seconds", d.as_secs_f64())
}
