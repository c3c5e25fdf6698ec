//! Who reads and writes what: `rights.toml`, as real accounts meet it.

use serde_json::json;
use vigie_core::command::CommandState;
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::{CommandId, ShiftId};
use vigie_core::port::MetropolisError;
use vigie_core::rights::rights;
use vigie_core::submission::{Body, Submission};

use super::mirror::Mirror;
use super::room::{OPERATOR, Room, applied, refused};

/// In the snapshot and in the changes.
pub async fn every_account_reads_the_tables_of_its_role_and_no_other(room: &mut Room<'_>) {
    let accounts = room.city.accounts.clone();
    let mut cuts = Vec::new();
    let light = room.light();
    let order = room.dim(light).await;
    room.taken(&order).await;
    let filled = Mirror::copy(&*room.session(OPERATOR).await).await.expect("a copy").0.tables();
    for account in &accounts {
        let (mirror, cut) = Mirror::copy(&*room.session(&account.login).await).await.expect("a copy");
        let expected: Vec<_> = filled.iter().copied().filter(|t| rights().may_read(account.role, t)).collect();
        assert_eq!(mirror.tables(), expected, "{}", account.role);
        cuts.push(cut);
    }
    let next = room.dim(light).await;
    room.taken(&next).await;
    let report = room.seen(light).await;
    room.report(vec![report]).await;
    for (account, cut) in accounts.iter().zip(&cuts) {
        let changes = room.session(&account.login).await.changes(cut).await.expect("changes");
        let mut tables: Vec<_> = changes.tables.iter().map(|t| t.table.name).collect();
        tables.sort_unstable();
        let all = ["command", "command_event", "desk_hold", "equipment_state"];
        let expected: Vec<_> = all.into_iter().filter(|t| rights().may_read(account.role, t)).collect();
        assert_eq!(tables, expected, "{}", account.role);
    }
}

/// Refused by kind, before anything of the content is looked at.
pub async fn kinds_of_submission_belong_to_roles(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    let id = room.taken(&order).await;
    let accounts = room.city.accounts.clone();
    let (_, desk_id) = room.shift(OPERATOR);
    let ends_at = room.now().await.plus(std::time::Duration::from_secs(60));
    for account in &accounts {
        let another = CommandId(room.fresh());
        let bodies = [
            Body::Command(vigie_core::command::CommandOrder { command_id: another, ..order.clone() }),
            Body::CommandCancel { command_id: another, reason: String::new() },
            Body::CommandClose { command_id: another, reason: String::new() },
            Body::ShiftOpen { shift_id: ShiftId(another.0), desk_id, ends_at },
            Body::ShiftClose { shift_id: ShiftId(id.0) },
            Body::Report { states: Vec::new() },
            Body::SourceContact(super::source::contact(another.0, ends_at, None)),
            Body::Progress { command_id: id, event: vigie_core::command::CommandEventCode::Accept, detail: None },
        ];
        for body in bodies {
            let kind = body.kind();
            let outcome = match &body {
                Body::Command(order) => room.submit(&account.login, Submission::command(order.clone())).await,
                _ => room.write(&account.login, body).await,
            };
            let not_allowed = outcome.code.as_deref() == Some("not_allowed");
            if rights().may_submit(account.role, kind) {
                let by_content = matches!(kind, "command" | "progress");
                assert!(!not_allowed || by_content, "{} may submit {kind}", account.role);
            } else {
                refused(&outcome, "not_allowed");
                assert!(kind != "command" || !room.sees(another).await, "{} left a row", account.role);
            }
        }
    }
}

/// A role that may command, but not this kind: refused, and seen by the room.
pub async fn kinds_of_equipment_belong_to_roles(room: &mut Room<'_>) {
    let (camera, light) = (room.object(EquipmentKind::Camera, 0), room.light());
    let watch = "r.roy";
    let mine = room.order(watch, camera, "camera.read", json!({})).await;
    applied(&room.operate(watch, &mine).await);
    let theirs = room.order(watch, light, "street_light.read", json!({})).await;
    let outcome = room.operate(watch, &theirs).await;
    refused(&outcome, "not_allowed");
    assert_eq!(outcome.command_state, Some(CommandState::Rejected));
    let row = room.command(theirs.command_id).await;
    assert_eq!((row.state, row.detail.as_deref()), (CommandState::Rejected, Some("not_allowed")));
}

/// The CCAS has no business with lamps.
pub async fn history_is_denied_to_whom_may_not_read_it(room: &mut Room<'_>) {
    let light = room.light();
    let answer = room.session("e.faivre").await.fetch("history", json!({"equipment_id": light}), "curiosité").await;
    assert!(matches!(answer, Err(MetropolisError::Denied(_))), "{answer:?}");
}
