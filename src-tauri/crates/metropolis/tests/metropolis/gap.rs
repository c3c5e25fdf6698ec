//! No gap: a reader who pulls while others write ends with the rows of the database, one by one. A cursor on a serial
//! number, beside it, does not.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;
use vigie_core::rights::Role;
use vigie_core::table::Zone;

use crate::support::{City, Copy};

const WRITERS: u64 = 8;
const TRANSACTIONS: u64 = 60;
const KEYS: u64 = 40;
/// Pulls made while the writers write, at least.
const PULLS: u64 = 40;

/// A small repeatable generator, one for each writer.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

async fn run(connection: &mut PgConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.unwrap();
}

fn put(key: u128, name: &str) -> String {
    let key = Uuid::from_u128(key);
    format!(
        "INSERT INTO vigie.zone (zone_id, reference, name, kind, outline) VALUES ('{key}', '{key}', '{name}', 'cctv', '{{}}') \
         ON CONFLICT (zone_id) DO UPDATE SET name = EXCLUDED.name;"
    )
}

/// Transactions of a few writes and deletions on keys of their own and on shared ones, of uneven length; one in five is
/// rolled back. Keys are taken in order, so that writers wait for each other without a deadlock.
async fn write(mut connection: PgConnection, writer: u64, pulls: Arc<AtomicU64>) {
    let mut chance = Chance(writer + 1);
    // On a busy machine the reader may be slow: it is raced all the same.
    for turn in (0..).take_while(|turn| *turn < TRANSACTIONS || pulls.load(Ordering::SeqCst) < PULLS) {
        let mut keys: Vec<_> = (0..=chance.below(3)).map(|_| chance.below(KEYS)).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut sql = String::from("BEGIN;");
        for key in keys {
            let key = u128::from(if chance.below(2) == 0 { key } else { 1_000 + writer * KEYS + key });
            if chance.below(4) == 0 {
                write!(sql, "DELETE FROM vigie.zone WHERE zone_id = '{}';", Uuid::from_u128(key)).unwrap();
            } else {
                sql.push_str(&put(key, &format!("{writer}.{turn}")));
            }
        }
        write!(sql, "SELECT pg_sleep({});", chance.below(12) as f64 / 1_000.0).unwrap();
        sql.push_str(if chance.below(5) == 0 { "ROLLBACK" } else { "COMMIT" });
        // Two first insertions of one key at the same instant may fail on the other unique index, which `ON CONFLICT` does
        // not name. Such a transaction wrote nothing: the race goes on without it. Any other failure is one.
        if let Err(error) = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await {
            let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code).map(Into::into);
            let code: Option<String> = code;
            assert!(matches!(code.as_deref(), Some("23505" | "40P01")), "{error}");
            run(&mut connection, "ROLLBACK".into()).await;
        }
    }
}

/// The control: a replica that asks for what has a greater number than the greatest it saw.
#[derive(Default)]
struct SerialCopy {
    last: i64,
    rows: BTreeMap<Uuid, String>,
}

impl SerialCopy {
    async fn pull(&mut self, connection: &mut PgConnection) {
        let sql = "SELECT zone_id, name, serial FROM vigie.zone WHERE serial > $1";
        for row in sqlx::query(sql).bind(self.last).fetch_all(connection).await.unwrap() {
            self.last = self.last.max(row.get("serial"));
            self.rows.insert(row.get("zone_id"), row.get("name"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_loses_nothing_while_writers_commit_out_of_order() {
    let mut city = City::new().await;
    let reader = city.session(Role::RemoteOperator).await;
    let mut owner = city.database.connect().await.unwrap();
    run(
        &mut owner,
        "CREATE SEQUENCE vigie.control; ALTER TABLE vigie.zone ADD COLUMN serial bigint;
         CREATE FUNCTION vigie.number_row() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN NEW.serial := nextval('vigie.control'); RETURN NEW; END $$;
         CREATE TRIGGER number_row BEFORE INSERT OR UPDATE ON vigie.zone FOR EACH ROW EXECUTE FUNCTION vigie.number_row()"
            .into(),
    )
    .await;
    let (mut copy, mut cut) = Copy::new(&reader).await;
    let mut control = SerialCopy::default();

    // The order that defeats a serial number: the first to be numbered is the last to commit.
    let (mut slow, mut quick) = (city.database.connect().await.unwrap(), city.database.connect().await.unwrap());
    run(&mut slow, format!("BEGIN;{}", put(900_001, "slow"))).await;
    run(&mut quick, put(900_002, "quick")).await;
    cut = copy.pull(&reader, &cut).await;
    control.pull(&mut owner).await;
    run(&mut slow, "COMMIT".into()).await;
    cut = copy.pull(&reader, &cut).await;
    control.pull(&mut owner).await;
    assert_eq!(copy.of::<Zone>().len(), 2);
    assert!(!control.rows.contains_key(&Uuid::from_u128(900_001)), "the control should have lost a row");

    let pulls = Arc::new(AtomicU64::new(0));
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(write(city.database.connect().await.unwrap(), writer, pulls.clone()));
    }
    let watch = tokio::spawn(async move { writers.join_all().await });
    while !watch.is_finished() {
        cut = copy.pull(&reader, &cut).await;
        pulls.fetch_add(1, Ordering::SeqCst);
    }
    watch.await.unwrap();
    copy.pull(&reader, &cut).await;

    let (fresh, _) = Copy::new(&reader).await;
    assert_eq!(copy.rows, fresh.rows);
    assert!(fresh.of::<Zone>().len() > 40);
}
