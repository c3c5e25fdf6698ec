//! Hints, sums and tables taken anew: how a copy stays the metropolis's, and how it is known that it is.

use std::time::Duration;

use vigie_core::command::CommandState;
use vigie_core::port::{Cut, Metropolis, Sums};
use vigie_core::submission::OutcomeStatus;
use vigie_core::table::{Command, EquipmentState, TableRow, TableSum, table};

use super::mirror::Mirror;
use super::room::{OPERATOR, Room};

/// Longer than any machine needs, so that only a hint that does not come fails.
const PATIENCE: Duration = Duration::from_secs(60);
/// Long enough for a hint on its way to arrive.
const QUIET: Duration = Duration::from_millis(500);

async fn quiet(session: &dyn Metropolis) {
    while tokio::time::timeout(QUIET, session.wake()).await.is_ok() {}
}

/// However often the wait was given up before.
pub async fn who_waits_is_woken_by_what_others_write(room: &mut Room<'_>) {
    let session = room.session(OPERATOR).await;
    for _ in 0..3 {
        quiet(&*session).await;
        let light = room.light();
        let report = room.seen(light).await;
        room.wait(Duration::from_secs(1)).await;
        let waits = tokio::time::timeout(PATIENCE, session.wake());
        let (woken, _) = tokio::join!(waits, room.report(vec![report]));
        assert_eq!(woken.expect("a hint"), Ok(()));
        // Giving up and pulling on the same connection go together.
        let cut = room.cut().clone();
        assert!(session.changes(&cut).await.is_ok());
        room.pull().await;
    }
}

fn summed(mirror: &Mirror, of: &TableSum) -> TableSum {
    let mut sum = TableSum::empty(of.table);
    for row in mirror.rows(of.table) {
        sum.add(row.key().expect("a key"), row.stamp);
    }
    sum
}

/// In whatever way the copy came to be; a row more, less, or older shows.
pub async fn the_sums_of_the_metropolis_are_those_of_a_true_copy(room: &mut Room<'_>) {
    let light = room.light();
    let order = room.dim(light).await;
    room.execute(&order).await;
    let (fresh, cut) = Mirror::copy(&*room.session(OPERATOR).await).await.expect("a copy");
    let shown = room.overridden(&order).await;
    room.report(vec![shown]).await;
    let Sums { changes, tables } = room.session(OPERATOR).await.sums(&cut).await.expect("sums");
    assert!(changes.tables.iter().any(|t| t.table.name == EquipmentState::SPEC.name), "{changes:?}");
    let stale = fresh.clone();
    let mut kept = fresh;
    kept.apply(changes);
    for sum in &tables {
        assert_eq!(summed(&kept, sum), *sum, "{}", sum.table.name);
    }
    let states = tables.iter().find(|t| t.table.name == EquipmentState::SPEC.name).expect("the table is summed");
    assert_eq!(states.rows(), room.city.states.len() as u64);
    assert_ne!(summed(&stale, states), *states, "an older row shows");
    let names: Vec<_> = tables.iter().map(|t| t.table.name).collect();
    assert!(kept.tables().iter().all(|name| names.contains(name)), "{names:?}");
}

/// Whole, beside the changes of the others; a table without rows is told as well.
pub async fn a_table_taken_anew_is_the_one_of_a_fresh_copy_at_the_same_cut(room: &mut Room<'_>) {
    let light = room.light();
    let cut: Cut = room.cut().clone();
    let order = room.dim(light).await;
    room.execute(&order).await;
    let session = room.session(OPERATOR).await;
    let (spec, empty) = (table("command").expect("commands"), table("state_history").expect("history"));
    let mut anew = Mirror::default();
    let changes = session.recopy(&cut, &[spec, empty], &mut anew).await.expect("a table");
    assert!(anew.order.contains(&spec.name) && anew.order.contains(&empty.name), "{:?}", anew.order);
    assert!(changes.tables.iter().all(|t| t.table.name != spec.name) && !changes.tables.is_empty());
    let commands = anew.all::<Command>().expect("commands");
    assert_eq!(
        commands.iter().map(|c| (c.command_id, c.state)).collect::<Vec<_>>(),
        [(order.command_id, CommandState::Executed)]
    );
    let after = session.changes(&changes.cut).await.expect("changes");
    assert_eq!(after.tables, [], "the cut is that of the table as well");
}

/// Only what is there; nothing is recorded by asking.
pub async fn outcomes_are_told_without_settling(room: &mut Room<'_>) {
    let light = room.light();
    let (taken, never) = (room.dim(light).await, room.dim(light).await);
    let first = room.operate(OPERATOR, &taken).await;
    let ids = [taken.command_id.into(), never.command_id.into()];
    let session = room.session(OPERATOR).await;
    assert_eq!(session.outcomes(&ids).await.expect("outcomes"), [first]);
    assert_eq!(session.outcomes(&ids[1..]).await.expect("outcomes"), []);
    assert_eq!(room.operate(OPERATOR, &never).await.status, OutcomeStatus::Applied, "it may still arrive");
}
