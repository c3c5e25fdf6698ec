//! Programmes where the door is gone round (R19): one person under two logins, the table itself, what a gateway is handed.

use std::time::Duration;

use serde_json::{Value, json};
use sqlx::PgConnection;
use vigie_core::command::{Answer, Ask, AskedObject, AskedObjects, ClassCode, Params, Procedure};
use vigie_core::ids::{PersonId, ProgrammeId, RequestId};
use vigie_core::programme::ProgrammeKind;
use vigie_core::rights::Role;
use vigie_core::submission::{Body, Outcome, OutcomeStatus, Submission};
use vigie_core::table::Person;
use vigie_metropolis::{Password, PgMetropolis};

use crate::support::{City, DEADLINE, DESK, PASSWORD, SHIFT, id, light, load, one, order, submission, target};

const ACTIONS: &[&str] = &["street_light.set_programme", "street_light.former_programme"];

fn content() -> Value {
    json!({
        "name": "Centre", "valid_from": "2020-01-01", "valid_until": null, "plans": [], "rules": [], "default": "nuit",
        "programmes": [{"name": "nuit", "steps": [
            {"from": "dusk", "minutes": -10, "level": 100, "plan": null},
            {"from": "clock", "minutes": 60, "level": 50, "plan": null},
            {"from": "dawn", "minutes": 0, "level": 0, "plan": null},
        ]}],
    })
}

fn put(programme_id: ProgrammeId) -> Submission {
    let content = serde_json::from_value(content()).unwrap();
    submission(Body::ProgrammePut { programme_id, after: 0, programme_kind: ProgrammeKind::Lighting, content })
}

async fn refusal(owner: &mut PgConnection, sql: &str, programme: ProgrammeId) -> String {
    sqlx::query(sqlx::AssertSqlSafe(sql.to_owned())).bind(programme.0).execute(owner).await.unwrap_err().to_string()
}

async fn ask(desk: &PgMetropolis, programme: ProgrammeId) -> RequestId {
    let request_id = RequestId(id());
    let asked = Ask {
        request_id,
        objects: AskedObjects(vec![AskedObject { equipment_id: light(0), control_version: 1 }]),
        action: "street_light.set_programme".into(),
        params: Params::from(json!({"programme": format!("{programme}/1")})),
        effect_s: None,
        shift_id: SHIFT,
        desk_id: DESK,
        reason: "plan lumière".into(),
        consequence: json!({}),
        about: None,
    };
    let outcome = one(desk, submission(Body::ApprovalRequest(asked))).await;
    assert_eq!(outcome.status, OutcomeStatus::Applied, "{:?}", outcome.code);
    request_id
}

async fn answer(who: &PgMetropolis, request_id: RequestId) -> Outcome {
    one(who, submission(Body::ApprovalAnswer(Answer { request_id, approves: true, shift_id: None }))).await
}

/// A manager who is somebody else.
async fn second(city: &mut City) -> PgMetropolis {
    let person = PersonId(id());
    load(&mut city.admin, &[Person { person_id: person, display_name: "M. Garnier".into() }]).await;
    let login = format!("second_{}", person.0.simple());
    city.admin.create_login(&login, &Password::new(PASSWORD), Role::Manager, Some(person), None).await.unwrap();
    PgMetropolis::connect(target(&city.database, &login), DEADLINE).await.unwrap()
}

#[tokio::test]
async fn r19_the_same_person_under_another_login_approves_nothing() {
    let mut city = City::new().await;
    let desk = city.session(Role::RemoteOperator).await;
    let programme = ProgrammeId(id());
    assert_eq!(one(&desk, put(programme)).await.status, OutcomeStatus::Applied);
    let request = ask(&desk, programme).await;
    let (self_as_manager, other) = (city.session(Role::Manager).await, second(&mut city).await);
    assert_eq!(answer(&self_as_manager, request).await.code.as_deref(), Some("same_person"));
    assert_eq!(answer(&other, request).await.status, OutcomeStatus::Applied);
}

#[tokio::test]
async fn r19_what_was_applied_reaches_its_gateway_whole_and_does_not_change_even_by_its_owners_hand() {
    let mut city = City::new().await;
    let desk = city.session(Role::RemoteOperator).await;
    let other = second(&mut city).await;
    let gateway = city.session(Role::Gateway).await;
    let term = gateway.take_field_seat(id(), Duration::from_secs(60)).await.unwrap().unwrap();
    let programme = ProgrammeId(id());
    one(&desk, put(programme)).await;
    let request = ask(&desk, programme).await;
    answer(&other, request).await;
    let params = json!({"programme": format!("{programme}/1")});
    let mut asked = order(light(0), "street_light.set_programme", params, city.now().await);
    asked.procedure = Procedure { approval_id: Some(request), sole: None };
    let outcome = one(&desk, Submission::command(asked.clone())).await;
    assert_eq!(outcome.status, OutcomeStatus::Applied, "{:?}", outcome.code);
    let taken = gateway.take_commands(term, ACTIONS, ClassCode::ALL, 10).await.unwrap().commands;
    let told = taken[0].programme.clone().unwrap();
    assert_eq!((taken.len(), told.kind), (1, ProgrammeKind::Lighting));
    assert_eq!(serde_json::to_value(&told.content).unwrap(), content());

    let mut owner = city.database.connect().await.unwrap();
    for sql in [
        "UPDATE vigie.programme SET content = jsonb_set(content, '{name}', '\"Autre\"') WHERE programme_id = $1",
        "UPDATE vigie.programme SET frozen_at = NULL WHERE programme_id = $1",
        "DELETE FROM vigie.programme WHERE programme_id = $1",
    ] {
        let said = refusal(&mut owner, sql, programme).await;
        assert!(said.contains("the programme was applied"), "{said}");
    }
    // Nor is it said of an object that one person gave it a programme.
    let alone = "INSERT INTO vigie.programme_assignment (equipment_id, programme, applied_at, command_id, person_id, reverted) \
                 SELECT e.equipment_id, 'x', now(), $1, p.person_id, false FROM vigie.equipment e, vigie.person p LIMIT 1";
    assert!(refusal(&mut owner, alone, programme).await.contains("check constraint"));
}
