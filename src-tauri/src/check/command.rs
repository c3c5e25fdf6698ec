//! One command that is no danger to anybody: a street light away from crossings is set to a level, and its state shows it.

use std::time::Duration;

use anyhow::bail;
use serde_json::{Value, json};
use vigie_api::Api;

use super::{at, call, until};

/// Not confirmed by then: another light is tried.
const PATIENCE: Duration = Duration::from_secs(25);
/// Lights tried before giving up: in training as in a street, some fail or stay silent.
const TRIES: usize = 6;
/// The action.
const SET_LEVEL: &str = "street_light.set_level";
/// Reference of a light that always does what it is told in a training city; elsewhere it is a light like any other.
const RELIABLE: &str = "L-00001";
/// States from which the outcome is still to come.
const ON_ITS_WAY: &[&str] = &["submitted", "accepted", "dispatching", "dispatched", "executed"];

/// Waits until a command is confirmed by the state of its light.
pub(super) async fn confirmed(api: &Api) -> anyhow::Result<&'static str> {
    let mut said = Vec::new();
    for sheet in lights(api).await? {
        let end = set_level(api, &sheet).await?;
        if end == "confirmed" {
            return Ok("confirmed");
        }
        said.push(format!("{}: {end}", at(&sheet, "/line/reference").as_str().unwrap_or("?")));
    }
    if said.is_empty() {
        bail!("this account can set no street light that is fresh and within reach");
    }
    bail!("no command was confirmed: {}", said.join(", "))
}

/// Lights fit for it: the one that a training city promises to be reliable, then healthy ones.
async fn lights(api: &Api) -> anyhow::Result<Vec<Value>> {
    let first = call(api, "search", json!({"text": RELIABLE, "limit": 1})).await?;
    // The worst come first in a list: the healthy ones are past the middle.
    let total = at(&objects(api, 0, 1).await?, "/total").as_u64().unwrap_or(0);
    let page = objects(api, total / 2, 200).await?;
    let mut sheets = Vec::new();
    for line in [at(&first, "/lines"), at(&page, "/lines")].into_iter().filter_map(Value::as_array).flatten() {
        let quiet = at(line, "/marks").as_array().is_some_and(Vec::is_empty) && at(line, "/freshness") == "live";
        let well = ["normal", "active"].iter().any(|look| at(line, "/look") == look);
        if quiet && well && sheets.len() < TRIES {
            let sheet = call(api, "object", json!({"equipment_id": at(line, "/equipment_id")})).await?;
            if is_fit(&sheet) {
                sheets.push(sheet);
            }
        }
    }
    Ok(sheets)
}

async fn objects(api: &Api, offset: u64, limit: u64) -> anyhow::Result<Value> {
    let filter =
        json!({"kinds": ["street_light"], "abnormal": false, "bounds": null, "offset": offset, "limit": limit});
    call(api, "objects", filter).await
}

fn is_fit(sheet: &Value) -> bool {
    let offered = at(sheet, "/actions").as_array().into_iter().flatten();
    let crossing = at(sheet, "/attributes/crossing") == true;
    !crossing
        && at(sheet, "/out_of_reach").is_null()
        && offered.into_iter().any(|action| at(action, "/code") == SET_LEVEL)
}

/// Operates the action; the state in which the command ended, or stayed.
async fn set_level(api: &Api, sheet: &Value) -> anyhow::Result<String> {
    let id = at(sheet, "/line/equipment_id");
    let level = if at(sheet, "/line/reading/level") == 60 { 70 } else { 60 };
    let asked = json!({"equipment_id": id, "action": SET_LEVEL, "params": {"level": level}});
    let prepared = call(api, "prepare", asked.clone()).await?;
    let (class, admission) = (at(&prepared, "/class"), at(&prepared, "/admission"));
    if class != "B" || admission != "send" {
        return Ok(format!("not sent (class {class}, {admission})"));
    }
    let operated = call(api, "operate", order(asked, &prepared)).await?;
    let mut last = operated.clone();
    until(PATIENCE, async || {
        let outbox = call(api, "outbox", json!({})).await?;
        let is_ours = |view: &&Value| at(view, "/command_id") == at(&operated, "/command_id");
        if let Some(ours) = outbox.as_array().into_iter().flatten().find(is_ours) {
            last = ours.clone();
        }
        Ok((!ON_ITS_WAY.iter().any(|state| at(&last, "/state") == state)).then_some(()))
    })
    .await?;
    let why = at(&last, "/detail").as_str().map(|why| format!(" ({why})")).unwrap_or_default();
    Ok(format!("{}{why}", at(&last, "/state").as_str().unwrap_or("no state")))
}

/// What was prepared, operated: for a minute, with what was seen.
fn order(mut asked: Value, prepared: &Value) -> Value {
    if let Some(order) = asked.as_object_mut() {
        order.insert("effect_minutes".into(), 1.into());
        order.insert("reason".into(), "vigie --check".into());
        order.insert("without_visibility".into(), false.into());
        order.insert("seen".into(), at(prepared, "/seen").clone());
        order.insert("replaces".into(), Value::Null);
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Value {
        json!({"actions": [{"code": SET_LEVEL}], "out_of_reach": null, "attributes": {"crossing": false}})
    }

    #[test]
    fn a_light_at_a_crossing_or_out_of_reach_is_left_alone() {
        assert!(is_fit(&sheet()));
        for (path, value) in
            [("/attributes/crossing", json!(true)), ("/out_of_reach", json!("device")), ("/actions", json!([]))]
        {
            let mut other = sheet();
            *other.pointer_mut(path).unwrap() = value;
            assert!(!is_fit(&other), "{path}");
        }
    }

    #[test]
    fn an_order_carries_what_was_seen_and_an_end() {
        let order = order(json!({"equipment_id": "x"}), &json!({"seen": {"control_version": 7}}));
        assert_eq!(at(&order, "/seen/control_version"), 7);
        assert_eq!(at(&order, "/effect_minutes"), 1);
    }
}
