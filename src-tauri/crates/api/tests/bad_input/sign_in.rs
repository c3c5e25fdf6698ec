//! Signing in and out on one machine: several people, a cut, a changed password, a certificate.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use vigie_core::port::MetropolisMode;
use vigie_core::rights::Role;
use vigie_metropolis::{Admin, Password};
use vigie_testkit::certificates::{Authority, LONG};
use vigie_testkit::postgres::{Doors, Server};

use crate::desk::{call, is_live, phase_is, start, until};
use crate::locked::{password_is_sealed, way_to};
use crate::server::rehearsal;

pub(crate) fn folder_of(data: &Path, login: &str) -> PathBuf {
    let folders = fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path());
    folders.into_iter().find(|path| path.to_string_lossy().ends_with(login)).unwrap()
}

pub(crate) fn through(url: &str, port: u16) -> String {
    let (before, after) = url.rsplit_once(':').unwrap();
    format!("{before}:{port}/{}", after.split_once('/').unwrap().1)
}

/// The light on which commands are tried, and an order of an action for it.
async fn order(api: &vigie_api::Api, action: &str) -> Value {
    let kind = action.split('.').next().unwrap();
    let page = call(api, "objects", json!({"limit": 1, "kinds": [kind]})).await;
    let object = page["lines"][0]["equipment_id"].clone();
    assert!(object.is_string(), "no {kind}: {page:#}");
    json!({"equipment_id": object, "action": action, "params": {}})
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_share_a_machine_and_what_one_left_unsent_is_seen_by_the_other_as_a_number() {
    let (database, anna) = rehearsal().await;
    let mut admin =
        Admin::connect(&database.owner_url(), Some(Password::new(database.owner_password()))).await.unwrap();
    let bob = format!("bob.{}", database.name());
    admin.create_login(&bob, &Password::new("other"), Role::Supervisor, None, None).await.unwrap();
    let data = tempfile::tempdir().unwrap();
    let (here, way) = way_to(database.server().port()).await;
    let url = through(&database.url(&anna), here);

    let api = start(data.path(), &["--metropolis", &url]).await;
    for (login, password) in [(&bob, "other"), (&anna, "right")] {
        call(&api, "sign_in", json!({"login": login, "password": password})).await;
        until(&api, |s| is_live(s) && s["login"] == **login).await;
        let folder = folder_of(data.path(), login);
        until(&api, |_| password_is_sealed(&folder)).await;
    }
    // Her shift was opened when she signed in; it is seen at the next look.
    until(&api, |s| !s["shift_ends_at"].is_null()).await;
    drop(way);
    until(&api, |s| s["link"]["state"] == "lost").await;
    let read = order(&api, "street_light.read").await;
    let seen = call(&api, "prepare", read.clone()).await["seen"].clone();
    let mut operated = read.clone();
    for (key, value) in [("seen", seen), ("reason", json!("")), ("without_visibility", json!(false))] {
        operated[key] = value;
    }
    operated["effect_minutes"] = Value::Null;
    operated["replaces"] = Value::Null;
    assert_eq!(call(&api, "operate", operated).await["state"], "queued");

    // Her key may not have arrived before the cut.
    let waiting = 1 + call(&api, "status", json!({})).await["link"]["counts"]["records"].as_u64().unwrap();
    let status = call(&api, "sign_out", json!({})).await;
    assert_eq!((status["phase"].as_str(), status["login"].as_str()), (Some("sign_in"), None));
    assert!(api.call("objects", json!({"limit": 1})).await.is_err(), "the files are closed");
    let door = call(&api, "door", json!({})).await;
    let accounts = &door["accounts"];
    assert_eq!(accounts[0]["login"], anna, "the last one first: {accounts:#}");
    assert_eq!((accounts[0]["unsent"].as_u64(), accounts[1]["unsent"].as_u64()), (Some(waiting), Some(0)));
    assert!(accounts[0]["heard_at"].as_i64().unwrap() > 0);

    // Another's password opens one's own files only.
    call(&api, "sign_in", json!({"login": anna, "password": "other"})).await;
    until(&api, |s| s["failure"]["code"] == "wrong_password").await;
    call(&api, "sign_in", json!({"login": bob, "password": "other"})).await;
    let status = until(&api, phase_is("ready")).await;
    assert_eq!((status["login"].as_str(), status["shared"].as_bool()), (Some(bob.as_str()), Some(false)));
    assert_eq!(call(&api, "outbox", json!({})).await, json!([]));
    api.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signed_in_during_a_cut_commands_nothing_dangerous() {
    let (database, anna) = rehearsal().await;
    let data = tempfile::tempdir().unwrap();
    let (here, way) = way_to(database.server().port()).await;
    let url = through(&database.url(&anna), here);
    let api = start(data.path(), &["--metropolis", &url]).await;
    call(&api, "sign_in", json!({"login": anna, "password": "right"})).await;
    until(&api, is_live).await;
    let folder = folder_of(data.path(), &anna);
    until(&api, |_| password_is_sealed(&folder)).await;
    api.shutdown().await;
    drop(way);
    let api = start(data.path(), &["--metropolis", &url]).await;
    call(&api, "sign_in", json!({"login": anna, "password": "right"})).await;
    until(&api, phase_is("ready")).await;
    let order = order(&api, "signal_junction.dark").await;
    let prepared = api.call("prepare", order).await;
    match prepared {
        Ok(prepared) => {
            assert_eq!(prepared["class"], "D");
            assert!(prepared["admission"] == "note" || prepared["admission"]["refuse"].is_string(), "{prepared:#}");
        }
        Err(refused) => panic!("{refused}"),
    }
    api.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn during_a_cut_who_has_no_account_here_sees_the_city_and_can_do_nothing() {
    let (database, anna) = rehearsal().await;
    let data = tempfile::tempdir().unwrap();
    let (here, way) = way_to(database.server().port()).await;
    let url = through(&database.url(&anna), here);
    let api = start(data.path(), &["--metropolis", &url]).await;
    call(&api, "sign_in", json!({"login": anna, "password": "right"})).await;
    until(&api, is_live).await;
    let view = || {
        let folders = fs::read_dir(data.path()).unwrap().map(|entry| entry.unwrap());
        folders.into_iter().find(|f| f.file_name().to_string_lossy().starts_with("shared-")).map(|f| f.path())
    };
    until(&api, |_| view().is_some()).await;
    let view = view().unwrap();
    until(&api, |_| view.join("plate.json").exists()).await;
    call(&api, "sign_out", json!({})).await;
    let refused = api.call("look", json!({})).await.unwrap_err();
    assert_eq!(refused.code, "metropolis_answers", "there is no cut: sign in");

    drop(way);
    let status = call(&api, "look", json!({})).await;
    assert_eq!((status["phase"].as_str(), status["shared"].as_bool()), (Some("ready"), Some(true)));
    assert_eq!((&status["login"], &status["role"], &status["person"]), (&Value::Null, &Value::Null, &Value::Null));
    assert!(status["link"]["heard_at"].as_i64().unwrap() > 0, "it says how old it is");
    let page = call(&api, "objects", json!({"limit": 1})).await;
    assert!(page["total"].as_u64().unwrap() > 800, "{page:#}");
    let sheet = call(&api, "object", json!({"equipment_id": page["lines"][0]["equipment_id"]})).await;
    assert_eq!((&sheet["actions"], &sheet["commands"]), (&json!([]), &json!([])));
    for write in
        ["prepare", "operate", "press_key", "cancel_command", "close_command", "abandon", "history", "training"]
    {
        assert_eq!(api.call(write, json!({})).await.unwrap_err().code, "read_only", "{write}");
    }
    // Who has an account here leaves the view by signing in.
    call(&api, "sign_in", json!({"login": anna, "password": "right"})).await;
    let status = until(&api, |s| s["shared"] == false && s["phase"] == "ready").await;
    assert_eq!(status["login"], anna);
    api.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_changed_at_the_metropolis_gives_the_files_another_key() {
    let (database, anna) = rehearsal().await;
    let data = tempfile::tempdir().unwrap();
    let url = database.url(&anna);
    let api = start(data.path(), &["--metropolis", &url]).await;
    call(&api, "sign_in", json!({"login": anna, "password": "right"})).await;
    until(&api, is_live).await;
    let folder = folder_of(data.path(), &anna);
    until(&api, |_| password_is_sealed(&folder)).await;
    api.shutdown().await;
    let former: Value = serde_json::from_slice(&fs::read(folder.join("keys.json")).unwrap()).unwrap();

    let mut owner = database.connect().await.unwrap();
    let change = format!("ALTER ROLE \"{anna}\" PASSWORD 'changed'");
    sqlx::raw_sql(sqlx::AssertSqlSafe(change)).execute(&mut owner).await.unwrap();
    let api = start(data.path(), &["--metropolis", &url]).await;
    call(&api, "sign_in", json!({"login": anna, "password": "changed"})).await;
    until(&api, is_live).await;
    api.shutdown().await;
    let now: Value = serde_json::from_slice(&fs::read(folder.join("keys.json")).unwrap()).unwrap();
    assert_eq!((now["number"].as_u64(), &now["next"]), (Some(former["number"].as_u64().unwrap() + 1), &Value::Null));
    assert_ne!(now["password"], former["password"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_was_withdrawn_does_not_come_in_by_pulling_the_plug() {
    let (database, anna) = rehearsal().await;
    let data = tempfile::tempdir().unwrap();
    let (here, way) = way_to(database.server().port()).await;
    let url = through(&database.url(&anna), here);
    let api = start(data.path(), &["--metropolis", &url]).await;
    call(&api, "sign_in", json!({"login": anna, "password": "right"})).await;
    until(&api, is_live).await;
    let folder = folder_of(data.path(), &anna);
    until(&api, |_| password_is_sealed(&folder)).await;
    let mut owner = database.connect().await.unwrap();
    // One after the other: in one transaction the desk would be back before the withdrawal is.
    let withdraw = format!("ALTER ROLE \"{anna}\" NOLOGIN");
    let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{anna}'");
    for sql in [withdraw, end] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut owner).await.unwrap();
    }
    let status = until(&api, |s| s["failure"]["code"] == "sign_in_refused").await;
    assert_eq!(status["phase"], "sign_in");
    until(&api, |_| !password_is_sealed(&folder)).await;
    api.shutdown().await;
    drop(way);
    let api = start(data.path(), &["--metropolis", &url]).await;
    call(&api, "sign_in", json!({"login": anna, "password": "right"})).await;
    until(&api, |s| s["failure"]["code"] == "online_needed" && s["phase"] == "sign_in").await;
    api.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_it_locked_does_not_come_in_by_pulling_the_plug() {
    let (database, anna) = rehearsal().await;
    let data = tempfile::tempdir().unwrap();
    let (here, way) = way_to(database.server().port()).await;
    let url = through(&database.url(&anna), here);
    let api = start(data.path(), &["--metropolis", &url]).await;
    call(&api, "sign_in", json!({"login": anna, "password": "right"})).await;
    until(&api, is_live).await;
    let folder = folder_of(data.path(), &anna);
    until(&api, |_| password_is_sealed(&folder)).await;
    let mut admin =
        Admin::connect(&database.owner_url(), Some(Password::new(database.owner_password()))).await.unwrap();
    admin.set_locked(&anna, true).await.unwrap();
    let status = until(&api, |s| s["link"]["error"]["code"] == "account_closed").await;
    assert_eq!(status["phase"], "ready", "the map stays: {status:#}");
    until(&api, |_| !password_is_sealed(&folder)).await;
    api.shutdown().await;
    drop(way);
    let api = start(data.path(), &["--metropolis", &url]).await;
    call(&api, "sign_in", json!({"login": anna, "password": "right"})).await;
    until(&api, |s| s["failure"]["code"] == "online_needed" && s["phase"] == "sign_in").await;
    api.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_signs_in_without_a_password_and_its_end_is_told_a_month_before() {
    let database = Arc::new(Server::start().unwrap()).database().await.unwrap();
    let owner = Some(Password::new(database.owner_password()));
    let mut admin = Admin::connect(&database.owner_url(), owner).await.unwrap();
    admin.migrate(MetropolisMode::Rehearsal, "Dijon métropole").await.unwrap();
    admin.create_login("anna", &Password::new("unused"), Role::RemoteOperator, None, None).await.unwrap();
    let authority = Authority::new("Métropole").unwrap();
    let shown = authority.server("127.0.0.1", LONG).unwrap();
    let doors = Doors { hba: "hostssl all anna 127.0.0.1/32 cert", shows: Some(&shown), takes: authority.pem() };
    database.server().set_doors(&doors).await.unwrap();

    let files = tempfile::tempdir().unwrap();
    let ca = files.path().join("ca.pem");
    fs::write(&ca, authority.pem()).unwrap();
    // Whatever the day of the test, the next first of January is not always within a month: this year's is over, or now.
    let (certificate, key) = authority.client("anna", LONG).unwrap().write(files.path(), "anna").unwrap();
    let path = |path: &Path| path.to_string_lossy().into_owned();
    let (ca, certificate, key) = (path(&ca), path(&certificate), path(&key));
    let url = database.url("anna");
    let args = ["--metropolis", &url, "--ca", &ca, "--cert", &certificate, "--key", &key];

    let data = tempfile::tempdir().unwrap();
    let api = start(data.path(), &args).await;
    let status = until(&api, is_live).await;
    assert_eq!((status["shows_certificate"].as_bool(), &status["certificates"]), (Some(true), &json!([])));
    let folder = folder_of(data.path(), "anna");
    until(&api, |_| fs::read_to_string(folder.join("keys.json")).unwrap().contains("\"seen_at\": 1")).await;
    api.shutdown().await;

    // Another person on this session has another certificate: refused by the server, with this one's files closed to him.
    let over = authority.client("anna", (2020, 2021)).unwrap();
    over.write(files.path(), "anna").unwrap();
    let data = tempfile::tempdir().unwrap();
    let api = start(data.path(), &args).await;
    let status = until(&api, |s| s["certificates"][0]["over"] == true && s["failure"].is_object()).await;
    assert_eq!(status["failure"]["code"], "tls_client_refused");
    assert_eq!(status["certificates"][0]["holder"], "desk");
    api.shutdown().await;
}
