//! The pair of servers that the failover tests rest on.

#![allow(clippy::unwrap_used, reason = "the lint's exception for tests does not see their helpers")]

use sqlx::Row;
use sqlx::postgres::PgConnection;
use vigie_testkit::postgres::{Commit, Pair};

async fn count(connection: &mut PgConnection) -> i64 {
    sqlx::query("SELECT count(*) FROM t").fetch_one(connection).await.unwrap().get(0)
}

#[tokio::test]
async fn what_was_committed_with_the_standby_survives_the_primary_and_the_former_primary_can_come_back() {
    let pair = Pair::start(Commit::WithStandby).await.unwrap();
    let database = pair.primary.database().await.unwrap();
    let mut primary = database.connect().await.unwrap();
    sqlx::raw_sql("CREATE TABLE t (n int); INSERT INTO t VALUES (1)").execute(&mut primary).await.unwrap();
    pair.catch_up().await.unwrap();
    let there = database.on(&pair.standby);
    let mut standby = there.connect().await.unwrap();
    assert_eq!(count(&mut standby).await, 1);
    assert!(
        sqlx::raw_sql("INSERT INTO t VALUES (2)").execute(&mut standby).await.is_err(),
        "a standby takes no writes"
    );

    pair.set_replay(false).await.unwrap();
    pair.set(Commit::Alone).await.unwrap();
    sqlx::raw_sql("INSERT INTO t VALUES (2)").execute(&mut primary).await.unwrap();
    assert_eq!(count(&mut standby).await, 1, "it fell behind");
    pair.set_replay(true).await.unwrap();
    pair.set(Commit::WithStandby).await.unwrap();
    sqlx::raw_sql("INSERT INTO t VALUES (3)").execute(&mut primary).await.unwrap();
    pair.primary.crash();
    assert!(database.connect().await.is_err());
    pair.promote().await.unwrap();
    sqlx::raw_sql("INSERT INTO t VALUES (4)").execute(&mut standby).await.unwrap();
    assert_eq!(count(&mut standby).await, 4);

    pair.primary.restart().unwrap();
    assert_eq!(count(&mut database.connect().await.unwrap()).await, 3);
}
