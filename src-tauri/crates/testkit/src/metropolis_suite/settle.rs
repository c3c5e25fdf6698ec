//! `settle`: after a lost reply or a crash, what became of a submission (R14).

use std::time::Duration;

use vigie_core::ids::SubmissionId;
use vigie_core::submission::{OutcomeStatus, Submission};

use super::room::{OPERATOR, Room, refused};

/// The first outcome, whether it was taken or refused.
pub async fn r14_what_was_applied_or_refused_is_told_again(room: &mut Room<'_>) {
    let light = room.light();
    let (good, mut bad) = (room.dim(light).await, room.dim(light).await);
    bad.effect_until = None;
    let first = [room.operate(OPERATOR, &good).await, room.operate(OPERATOR, &bad).await];
    room.wait(Duration::from_secs(60)).await;
    let ids = [good.command_id.into(), bad.command_id.into()];
    let settled = room.session(OPERATOR).await.settle(&ids).await.expect("the metropolis answers");
    assert_eq!(settled, first);
}

/// From then on its late arrival is refused, and leaves no row.
pub async fn r14_what_never_arrived_is_refused_when_it_arrives_late(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    let id: SubmissionId = order.command_id.into();
    let session = room.session(OPERATOR).await;
    let settled = session.settle(&[id]).await.expect("the metropolis answers");
    assert_eq!((settled.len(), settled[0].submission_id, settled[0].status), (1, id, OutcomeStatus::NeverReceived));
    assert_eq!((settled[0].code.as_deref(), settled[0].command_state), (None, None));
    refused(&room.submit(OPERATOR, Submission::command(order.clone())).await, "after_settle");
    assert!(!room.sees(order.command_id).await);
    room.wait(Duration::from_secs(1)).await;
    assert_eq!(session.settle(&[id]).await.expect("the metropolis answers"), settled);
    refused(&room.submit(OPERATOR, Submission::command(order)).await, "after_settle");
}
