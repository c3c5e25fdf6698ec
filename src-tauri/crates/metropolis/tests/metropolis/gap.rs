//! No gap: a reader who pulls while others write holds the rows of the database at each of its cuts, one by one. A cursor
//! on a serial number, beside it, does not. `cargo xtask prove gap` is the same race at length.

use vigie_core::rights::Role;
use vigie_testkit::gap::{Race, race};
use vigie_testkit::memory_store::MemoryReplica;

use crate::support::City;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_loses_nothing_while_writers_commit_out_of_order() {
    let mut city = City::new().await;
    let reader = city.session(Role::RemoteOperator).await;
    let replica = MemoryReplica::default();
    let short = Race { writers: 8, transactions: 500, pulls: 40, seed: 1 };
    let raced = race(&city.database, &reader, &replica, short).await.unwrap();
    assert_eq!(raced.wrong, 0, "{:#?}", raced.examples);
    assert!(raced.pulls >= 20 && raced.compared > 1_000 && raced.rolled_back > 20, "{raced:?}");
    assert!(raced.control_wrong > 0, "the control should have lost a row");
}
