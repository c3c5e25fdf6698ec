//! The field's seat: who takes commands, once, and what becomes of what was taken and never told of.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;
use vigie_core::command::{ClassCode, CommandEventCode as E, CommandState as S};
use vigie_core::equipment::{EquipmentKind as K, Reach};
use vigie_core::ids::CommandId;
use vigie_core::port::{Metropolis, MetropolisError};
use vigie_core::rights::Role;
use vigie_core::submission::{OutcomeStatus, Submission};
use vigie_core::table::EquipmentState;
use vigie_metropolis::PgMetropolis;

use crate::support::{City, DEADLINE, command, dim, id, light, one, progress, rows, target};

const LEASE: Duration = Duration::from_secs(60);
const LIGHTS: &[&str] = &["street_light.set_level", "street_light.to_programme"];
const ALL: &[ClassCode] = ClassCode::ALL;

/// Two programs of one gateway's account.
async fn gateways(city: &mut City) -> (PgMetropolis, PgMetropolis) {
    let login = city.login(Role::Gateway).await;
    let connect = || PgMetropolis::connect(target(&city.database, &login), DEADLINE);
    (connect().await.unwrap(), connect().await.unwrap())
}

async fn ordered(city: &mut City, desk: &PgMetropolis, rank: u128) -> CommandId {
    let order = dim(rank, 40, city.now().await);
    assert_eq!(one(desk, Submission::command(order.clone())).await.command_state, Some(S::Accepted));
    order.command_id
}

fn past(error: &MetropolisError) -> bool {
    error.to_string().contains("is past")
}

#[tokio::test]
async fn one_program_of_an_account_takes_commands_each_once_oldest_first() {
    let mut city = City::new().await;
    let desk = city.session(Role::RemoteOperator).await;
    let (first, second) = gateways(&mut city).await;
    let term = first.take_field_seat(id(), LEASE).await.unwrap().unwrap();
    assert_eq!(second.take_field_seat(id(), LEASE).await.unwrap(), None, "the seat is held");

    let orders = [ordered(&mut city, &desk, 0).await, ordered(&mut city, &desk, 1).await];
    let none = first.take_commands(term, &["bollard.raise"], ALL, 10).await.unwrap();
    assert_eq!(none.commands, [], "of its own actions only");
    let none = first.take_commands(term, LIGHTS, &[ClassCode::A, ClassCode::C], 10).await.unwrap();
    assert_eq!(none.commands, [], "of the classes that its clock allows");
    let taken = first.take_commands(term, LIGHTS, ALL, 1).await.unwrap().commands;
    let ids = |taken: &[vigie_metropolis::Taken]| taken.iter().map(|t| t.command_id).collect::<Vec<_>>();
    assert_eq!(ids(&taken), [orders[0]]);
    assert_eq!(taken[0].reference, "X-256");
    assert_eq!((&taken[0].params, taken[0].kind), (&json!({"level": 40}).into(), K::StreetLight));
    assert_eq!(command(&desk, orders[0].into()).await.state, S::Dispatching, "before it is returned");
    assert_eq!(ids(&first.take_commands(term, LIGHTS, ALL, 10).await.unwrap().commands), [orders[1]], "never twice");
}

#[tokio::test]
async fn r14_what_an_earlier_term_took_and_never_told_of_is_unknown_and_is_not_taken_again() {
    let mut city = City::new().await;
    let desk = city.session(Role::RemoteOperator).await;
    let (first, second) = gateways(&mut city).await;
    let term = first.take_field_seat(id(), LEASE).await.unwrap().unwrap();
    let order = ordered(&mut city, &desk, 0).await;
    first.take_commands(term, LIGHTS, ALL, 10).await.unwrap();
    first.leave_field_seat(term).await.unwrap();

    let next = second.take_field_seat(id(), LEASE).await.unwrap().unwrap();
    assert!(next > term);
    assert_eq!(second.take_commands(next, LIGHTS, ALL, 10).await.unwrap().commands, []);
    let told = command(&desk, order.into()).await;
    assert_eq!((told.state, told.detail.as_deref()), (S::Unknown, Some("gateway_restarted")));
    // The program that slept through it is refused, whatever it has to say.
    assert!(past(&first.take_commands(term, LIGHTS, ALL, 10).await.unwrap_err()));
    let late = first.field_submit(term, &[progress(order, E::Publish)]).await;
    assert!(past(&late.unwrap_err()));
    assert_eq!(one(&first, progress(order, E::LateDone)).await.code.as_deref(), Some("not_allowed"));
    let told = second.field_submit(next, &[progress(order, E::LateDone)]).await.unwrap();
    assert_eq!(told[0].command_state, Some(S::LateDone), "a late answer is recorded as late");
}

#[tokio::test]
async fn a_lease_that_ends_gives_the_seat_to_whoever_asks_and_the_term_moves() {
    let mut city = City::new().await;
    let (first, second) = gateways(&mut city).await;
    let (one, other) = (id(), id());
    let term = first.take_field_seat(one, Duration::from_millis(1)).await.unwrap().unwrap();
    let next = loop {
        if let Some(term) = second.take_field_seat(other, LEASE).await.unwrap() {
            break term;
        }
    };
    assert!(next > term);
    assert_eq!(first.take_field_seat(one, LEASE).await.unwrap(), None);
    assert_eq!(second.take_field_seat(other, LEASE).await.unwrap(), Some(next), "whoever sits keeps his term");
}

#[tokio::test]
async fn r2_a_command_whose_life_is_over_is_not_taken() {
    let mut city = City::new().await;
    let desk = city.session(Role::RemoteOperator).await;
    let (gateway, _) = gateways(&mut city).await;
    let term = gateway.take_field_seat(id(), LEASE).await.unwrap().unwrap();
    let order = ordered(&mut city, &desk, 0).await;
    let now = city.now().await;
    city.admin.set_clock(Some(now.plus(Duration::from_secs(16 * 60))), 1.0).await.unwrap();
    assert_eq!(gateway.take_commands(term, LIGHTS, ALL, 10).await.unwrap().commands, []);
    let told = command(&desk, order.into()).await;
    assert_eq!((told.state, told.detail.as_deref()), (S::Expired, Some("not_dispatched")));
}

#[tokio::test]
async fn what_becomes_of_commands_is_said_from_the_seat_while_somebody_sits() {
    let mut city = City::new().await;
    let desk = city.session(Role::RemoteOperator).await;
    let (gateway, aside) = gateways(&mut city).await;
    let term = gateway.take_field_seat(id(), LEASE).await.unwrap().unwrap();
    let order = ordered(&mut city, &desk, 0).await;
    gateway.take_commands(term, LIGHTS, ALL, 10).await.unwrap();
    assert_eq!(one(&aside, progress(order, E::Publish)).await.code.as_deref(), Some("not_allowed"));
    let told = gateway.field_submit(term, &[progress(order, E::Publish), progress(order, E::Execute)]).await.unwrap();
    assert!(told.iter().all(|outcome| outcome.status == OutcomeStatus::Applied), "{told:?}");
    assert_eq!(command(&desk, order.into()).await.state, S::Executed);
}

#[tokio::test]
async fn a_gateway_that_starts_again_knows_whose_answers_it_still_awaits() {
    let mut city = City::new().await;
    let desk = city.session(Role::RemoteOperator).await;
    let (gateway, _) = gateways(&mut city).await;
    let term = gateway.take_field_seat(id(), LEASE).await.unwrap().unwrap();
    let (published, taken) = (ordered(&mut city, &desk, 0).await, ordered(&mut city, &desk, 1).await);
    gateway.take_commands(term, LIGHTS, ALL, 10).await.unwrap();
    gateway.field_submit(term, &[progress(published, E::Publish)]).await.unwrap();
    let awaited: Vec<_> = gateway.awaited(LIGHTS).await.unwrap().into_iter().map(|t| t.command_id).collect();
    assert_eq!(awaited, [published], "not {taken}, which nobody published");
}

#[tokio::test]
async fn what_is_lost_keeps_its_last_state_and_says_that_it_is_out_of_reach() {
    let mut city = City::new().await;
    let desk = city.session(Role::RemoteOperator).await;
    let (gateway, _) = gateways(&mut city).await;
    let term = gateway.take_field_seat(id(), LEASE).await.unwrap().unwrap();
    let lost = [light(0), light(1)];
    assert_eq!(gateway.mark_reach(term, &lost, Reach::GatewayLost).await, Ok(2));
    assert_eq!(gateway.mark_reach(term, &lost, Reach::GatewayLost).await, Ok(0), "said once");
    let states = rows::<EquipmentState>(&desk).await;
    let of = |object| states.iter().find(|s| s.equipment_id == object).unwrap();
    assert_eq!((of(light(0)).reach, of(light(0)).reading.number("level")), (Reach::GatewayLost, Some(70.0)));
    assert_eq!((of(light(0)).version, of(light(0)).control_version), (2, 1), "nobody overrode it");
    assert_eq!(of(light(2)).reach, Reach::Reachable);
}

#[tokio::test]
async fn only_a_gateway_takes_commands() {
    let mut city = City::new().await;
    for role in [Role::RemoteOperator, Role::Supervisor, Role::House, Role::ItAdmin] {
        let session = city.session(role).await;
        assert!(matches!(session.take_field_seat(Uuid::nil(), LEASE).await, Err(MetropolisError::Denied(_))), "{role}");
        assert!(matches!(session.take_commands(1, LIGHTS, ALL, 1).await, Err(MetropolisError::Denied(_))), "{role}");
        assert!(session.identity().await.is_ok());
    }
}

#[tokio::test]
async fn r3_an_effect_that_the_device_does_not_end_is_ended_once_and_within_a_minute() {
    let mut city = City::new().await;
    let desk = city.session(Role::RemoteOperator).await;
    let (gateway, _) = gateways(&mut city).await;
    let term = gateway.take_field_seat(id(), LEASE).await.unwrap().unwrap();
    let (soon, later) = (ordered(&mut city, &desk, 0).await, ordered(&mut city, &desk, 1).await);
    for order in gateway.take_commands(term, LIGHTS, ALL, 10).await.unwrap().commands {
        let told = [progress(order.command_id, E::Publish), progress(order.command_id, E::Execute)];
        gateway.field_submit(term, &told).await.unwrap();
    }
    assert_eq!(gateway.take_ends(term, LIGHTS).await.unwrap(), [], "not before its time");
    let end = command(&desk, soon.into()).await.effect_until.unwrap();
    city.admin.set_clock(Some(end.plus(Duration::from_secs(1))), 0.0).await.unwrap();
    let ends = gateway.take_ends(term, LIGHTS).await.unwrap();
    assert!(ends.iter().any(|e| e.command_id == soon) && ends.len() <= 2, "{ends:?}");
    assert_eq!(
        gateway.take_ends(term, LIGHTS).await.unwrap().iter().filter(|e| e.command_id == soon).count(),
        0,
        "once"
    );

    let third = ordered(&mut city, &desk, 2).await;
    for order in gateway.take_commands(term, LIGHTS, ALL, 10).await.unwrap().commands {
        let told = [progress(order.command_id, E::Publish), progress(order.command_id, E::Execute)];
        gateway.field_submit(term, &told).await.unwrap();
    }
    let end = command(&desk, third.into()).await.effect_until.unwrap();
    city.admin.set_clock(Some(end.plus(Duration::from_secs(61))), 0.0).await.unwrap();
    assert_eq!(gateway.take_ends(term, LIGHTS).await.unwrap(), [], "a late end is not sent blindly: {later}");
}
