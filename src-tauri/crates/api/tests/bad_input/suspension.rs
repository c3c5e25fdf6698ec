//! A session that is suspended: what the core refuses, what stays, and who takes it up again.

use serde_json::{Value, json};
use vigie_api::{Api, COMMANDS, Frame};
use vigie_core::rights::Role;
use vigie_metropolis::{Admin, Password};

use crate::desk::{call, is_live, phase_is, start, until};
use crate::locked::{password_is_sealed, way_to};
use crate::server::rehearsal;
use crate::sign_in::{folder_of, through};

/// What a suspended session serves; everything else is refused, whatever comes to be.
const STAYS: &[&str] = &[
    "status",
    "sign_in",
    "resume",
    "door",
    "city",
    "zones",
    "ground_file",
    "ground_tiles",
    "search",
    "objects",
    "kept",
    "tally",
    "object",
    "object_at",
    "select",
    "selection",
    "sources",
    "alarm_summary",
    "alarms",
    "alarm",
];

async fn refused(api: &Api, name: &str, args: Value) -> String {
    api.call(name, args).await.unwrap_err().code
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_session_refuses_people_and_commands_and_keeps_the_map() {
    let data = tempfile::tempdir().unwrap();
    let api = start(data.path(), &[]).await;
    until(&api, is_live).await;
    let draft = json!({"key": "log", "content": {"text": "a fallen wire"}});
    call(&api, "keep_draft", draft.clone()).await;
    let first = call(&api, "objects", json!({"limit": 1, "kinds": ["street_light"]})).await;
    let object = json!({"equipment_id": first["lines"][0]["equipment_id"]});
    assert_ne!(call(&api, "object", object.clone()).await["actions"], json!([]));

    let status = call(&api, "suspend", json!({})).await;
    assert_eq!(status["suspended"]["by_itself"], false);
    for name in COMMANDS.iter().filter(|name| !STAYS.contains(name)) {
        assert_eq!(refused(&api, name, json!({})).await, "session_suspended", "{name}");
    }
    assert!(call(&api, "objects", json!({"limit": 1})).await["total"].as_u64().unwrap() > 800);
    assert!(api.points().await.len() > 800 * 14, "the map is there");
    let zones = call(&api, "zones", json!({})).await;
    assert!(!zones["zones"].as_array().unwrap().is_empty(), "what is drawn on it too");
    let sheet = call(&api, "object", object).await;
    assert_eq!((&sheet["actions"], &sheet["commands"]), (&json!([]), &json!([])));
    assert!(sheet["line"]["reference"].is_string());

    let status = call(&api, "resume", json!({"password": ""})).await;
    assert_eq!(status["suspended"], Value::Null);
    assert_eq!(call(&api, "drafts", json!({})).await, json!([draft]), "what was typed is there");
    api.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_changed_a_zone_is_hidden_while_suspended_and_nobody_else_is_named_for_it() {
    let data = tempfile::tempdir().unwrap();
    let api = start(data.path(), &["--login", "s.bernard"]).await;
    until(&api, is_live).await;
    let outline =
        json!({"type": "Polygon", "coordinates": [[[5.01, 47.32], [5.02, 47.32], [5.02, 47.33], [5.01, 47.32]]]});
    let drawn = json!({"zone_id": null, "after": null, "reference": "ZV-99", "name": "Gare", "kind": "cctv", "outline": outline});
    assert_eq!(call(&api, "save_zone", drawn).await["changed"], Value::Null);
    let shown = async |api: &Api| {
        let read = call(api, "zones", json!({})).await;
        let zone = read["zones"].as_array().unwrap().iter().find(|zone| zone["reference"] == "ZV-99").cloned();
        (zone, read["may_write"].as_array().unwrap().len())
    };
    while shown(&api).await.0.is_none() {
        tokio::task::yield_now().await;
    }
    let (zone, may_write) = shown(&api).await;
    assert_eq!(zone.unwrap()["changed_by"], "S. Bernard");
    assert_ne!(may_write, 0);

    call(&api, "suspend", json!({})).await;
    let (zone, may_write) = shown(&api).await;
    let zone = zone.unwrap();
    assert_eq!((&zone["changed_by"], &zone["changed_at"]), (&json!(""), &Value::Null), "not by a file either");
    assert_eq!(may_write, 0, "nothing is drawn while suspended");
    api.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_session_is_taken_up_by_its_own_password_with_and_without_a_link() {
    let (database, anna) = rehearsal().await;
    let data = tempfile::tempdir().unwrap();
    let (here, way) = way_to(database.server().port()).await;
    let api = start(data.path(), &["--metropolis", &through(&database.url(&anna), here)]).await;
    call(&api, "sign_in", json!({"login": anna, "password": "right"})).await;
    until(&api, is_live).await;
    let folder = folder_of(data.path(), &anna);
    until(&api, |_| password_is_sealed(&folder)).await;

    call(&api, "suspend", json!({})).await;
    assert_eq!(refused(&api, "resume", json!({"password": "mistaken"})).await, "sign_in_refused");
    assert_eq!(refused(&api, "resume", json!({"password": ""})).await, "password_needed");
    assert!(call(&api, "status", json!({})).await["suspended"].is_object());
    assert_eq!(call(&api, "resume", json!({"password": "right"})).await["suspended"], Value::Null);

    drop(way);
    until(&api, |s| s["link"]["state"] == "lost").await;
    call(&api, "suspend", json!({})).await;
    assert_eq!(refused(&api, "resume", json!({"password": "mistaken"})).await, "wrong_password");
    assert!(call(&api, "status", json!({})).await["suspended"].is_object());
    assert_eq!(call(&api, "resume", json!({"password": "right"})).await["suspended"], Value::Null);
    call(&api, "outbox", json!({})).await;
    api.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_takes_a_suspended_desk_over_only_with_his_own_password_and_the_map_waits_for_him() {
    let (database, anna) = rehearsal().await;
    let mut admin =
        Admin::connect(&database.owner_url(), Some(Password::new(database.owner_password()))).await.unwrap();
    let bob = format!("bob.{}", database.name());
    admin.create_login(&bob, &Password::new("other"), Role::Supervisor, None, None).await.unwrap();
    let data = tempfile::tempdir().unwrap();
    let api = start(data.path(), &["--metropolis", &database.url(&anna)]).await;
    call(&api, "sign_in", json!({"login": anna, "password": "right"})).await;
    until(&api, is_live).await;

    call(&api, "suspend", json!({})).await;
    assert_eq!(refused(&api, "sign_in", json!({"login": bob, "password": "right"})).await, "sign_in_refused");
    let status = call(&api, "status", json!({})).await;
    assert_eq!((status["login"].as_str(), status["phase"].as_str()), (Some(anna.as_str()), Some("ready")));
    assert!(status["suspended"].is_object());
    call(&api, "sign_in", json!({"login": bob, "password": "other"})).await;
    let status = until(&api, phase_is("ready")).await;
    assert_eq!((status["login"].as_str(), &status["suspended"]), (Some(bob.as_str()), &Value::Null));
    api.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_windows_of_a_desk_look_at_the_same_object() {
    let data = tempfile::tempdir().unwrap();
    let api = start(data.path(), &[]).await;
    until(&api, phase_is("ready")).await;
    let page = call(&api, "objects", json!({"limit": 1})).await;
    let id = page["lines"][0]["equipment_id"].clone();
    let (mut one, mut other) = (api.subscribe(), api.subscribe());
    call(&api, "select", json!({"equipment_id": id, "window": "map"})).await;
    for frames in [&mut one, &mut other] {
        let told = loop {
            if let Frame::Push(push) = frames.recv().await.unwrap()
                && let json @ Value::Object(_) = serde_json::to_value(&push).unwrap()
                && json["type"] == "selection"
            {
                break json;
            }
        };
        assert_eq!(told["selection"], json!({"equipment_id": id, "window": "map"}));
    }
    // A window that opens later asks.
    assert_eq!(call(&api, "selection", json!({})).await["equipment_id"], id);
    api.shutdown().await;
}
