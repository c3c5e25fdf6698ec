//! Servers that do not answer, refuse, or speak another schema: on a real PostgreSQL.

use serde_json::{Value, json};
use vigie_core::port::MetropolisMode;
use vigie_core::rights::Role;
use vigie_core::table::TableRow;
use vigie_metropolis::{Admin, Password};
use vigie_testkit::postgres::{Database, Server};
use vigie_training::{City, CityOptions, city};

use crate::desk::{call, is_live, phase_is, start, until};

/// A rehearsal with the training city and one operator, whose password is `right`.
pub(crate) async fn rehearsal() -> (Database, String) {
    let database = Server::shared().unwrap().database().await.unwrap();
    let owner = Some(Password::new(database.owner_password()));
    let mut admin = Admin::connect(&database.owner_url(), owner).await.unwrap();
    admin.migrate(MetropolisMode::Rehearsal, "Dijon métropole").await.unwrap();
    let at = admin.info().await.unwrap().server_time;
    let made: City = city::generate(&CityOptions { seed: 7, objects: 900, at });
    load(&mut admin, &made.communes).await;
    load(&mut admin, &made.persons).await;
    load(&mut admin, &made.desks).await;
    load(&mut admin, &made.services).await;
    load(&mut admin, &made.equipment).await;
    load(&mut admin, &made.states).await;
    let (person, desk) = (made.persons[0].person_id, made.desks[0].desk_id);
    let login = format!("anna.{}", database.name());
    let right = Password::new("right");
    admin.create_login(&login, &right, Role::RemoteOperator, Some(person), Some(desk)).await.unwrap();
    (database, login)
}

async fn load<R: TableRow>(admin: &mut Admin, rows: &[R]) {
    let rows: Vec<_> = rows.iter().map(TableRow::to_row).collect();
    admin.load_rows(&R::SPEC, &rows).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_answer_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let api = start(folder.path(), &["--metropolis", "postgres://anna@127.0.0.1:9/vigie"]).await;
    let status = until(&api, phase_is("failed")).await;
    assert_eq!(status["failure"]["code"], "unreachable");
    assert_eq!(status["link"]["state"], "lost");
    api.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_asks_again_and_the_right_one_opens_the_city() {
    let (database, login) = rehearsal().await;
    let folder = tempfile::tempdir().unwrap();
    let api = start(folder.path(), &["--metropolis", &database.url(&login)]).await;
    until(&api, phase_is("sign_in")).await;
    call(&api, "sign_in", json!({"login": login, "password": "mistaken"})).await;
    let status = until(&api, |s| s["failure"]["code"] == "sign_in_refused").await;
    assert_eq!(status["phase"], "sign_in");
    assert!(!status.to_string().contains("mistaken"), "a password is never told");
    call(&api, "sign_in", json!({"login": login, "password": "right"})).await;
    let status = until(&api, is_live).await;
    assert_eq!(status["phase"], "ready");
    assert_eq!(status["mode"], "rehearsal");
    assert_eq!(status["failure"], Value::Null);
    let page = call(&api, "objects", json!({"limit": 1})).await;
    assert!(page["total"].as_u64().unwrap() > 800, "{page:#}");
    api.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_older_or_newer_than_the_program_is_said_with_what_to_do() {
    let older = "UPDATE vigie.migration SET number = number - 1000";
    let newer = "UPDATE vigie.migration SET oldest_app = oldest_app + 1000";
    for (change, code, says) in [(older, "schema_older", "vigiectl migrate"), (newer, "schema_newer", "update Vigie")] {
        let (database, login) = rehearsal().await;
        let folder = tempfile::tempdir().unwrap();
        let mut owner = database.connect().await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(change)).execute(&mut owner).await.unwrap();
        let api = start(folder.path(), &["--metropolis", &database.url(&login)]).await;
        until(&api, phase_is("sign_in")).await;
        call(&api, "sign_in", json!({"login": login, "password": "right"})).await;
        let status = until(&api, phase_is("failed")).await;
        assert_eq!(status["failure"]["code"], code);
        assert!(status["failure"]["message"].as_str().unwrap().contains(says), "{status:#}");
        api.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_no_metropolis_is_said() {
    let database = Server::shared().unwrap().database().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let api = start(folder.path(), &["--metropolis", &database.owner_url()]).await;
    let status = until(&api, phase_is("sign_in")).await;
    let password = database.owner_password();
    call(&api, "sign_in", json!({"login": status["login"], "password": password})).await;
    assert_eq!(until(&api, phase_is("failed")).await["failure"]["code"], "not_a_metropolis");
    api.shutdown().await;
}
