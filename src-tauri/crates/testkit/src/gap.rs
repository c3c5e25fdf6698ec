//! The race for a gap: writers commit out of order, roll back and delete while a replica pulls; at each cut the replica is
//! compared row by row with what the metropolis held at that very cut. A cursor on a serial number runs beside it and
//! must fail.
//!
//! What the metropolis held at a cut is read from a record that a trigger writes: of each row every version with its
//! transaction, so that the snapshot printed in the cut says which was the last one visible.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;
use vigie_core::port::{Cut, Metropolis, Replica};
use vigie_core::table::{TableRow, Zone};
use vigie_training::chance::Dice;

use crate::copy::copy_into;
use crate::postgres::Database;

/// Keys that all writers write, and as many of each one's own.
const KEYS: usize = 40;
/// Comparisons after which the record is pruned of what no later cut can see.
const PRUNE_EVERY: u64 = 4;

/// What to run.
#[derive(Debug, Clone, Copy)]
pub struct Race {
    /// Writers at once.
    pub writers: u64,
    /// Transactions in all, at least.
    pub transactions: u64,
    /// Pulls made while they write, at least.
    pub pulls: u64,
    /// From which the writers draw.
    pub seed: u64,
}

/// What was seen.
#[derive(Debug, Clone, Default)]
pub struct Raced {
    /// Transactions that ended, rolled back ones included.
    pub transactions: u64,
    /// Of them rolled back.
    pub rolled_back: u64,
    /// Pulls that brought something.
    pub pulls: u64,
    /// Rows compared, over all cuts.
    pub compared: u64,
    /// Rows that differed from the metropolis at the replica's cut.
    pub wrong: u64,
    /// The same of the serial cursor.
    pub control_wrong: u64,
    /// The first few differences, in words.
    pub examples: Vec<String>,
}

/// Whatever went wrong with the race itself.
pub type RaceError = Box<dyn std::error::Error + Send + Sync>;

#[derive(Default)]
struct Count {
    transactions: AtomicU64,
    rolled_back: AtomicU64,
    pulls: AtomicU64,
    stop: AtomicBool,
}

const PREPARE: &str = "
    CREATE SEQUENCE vigie.control;
    ALTER TABLE vigie.zone ADD COLUMN serial bigint;
    CREATE FUNCTION vigie.number_row() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.serial := nextval('vigie.control'); RETURN NEW; END $$;
    CREATE TRIGGER number_row BEFORE INSERT OR UPDATE ON vigie.zone FOR EACH ROW EXECUTE FUNCTION vigie.number_row();
    CREATE TABLE vigie.version (n bigserial PRIMARY KEY, key uuid NOT NULL, name text, xid xid8 NOT NULL DEFAULT pg_current_xact_id());
    CREATE INDEX ON vigie.version (key, n DESC);
    CREATE FUNCTION vigie.record_version() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'DELETE' THEN
            INSERT INTO vigie.version (key, name) VALUES (OLD.zone_id, NULL);
        ELSE
            INSERT INTO vigie.version (key, name) VALUES (NEW.zone_id, NEW.name);
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER record_version AFTER INSERT OR UPDATE OR DELETE ON vigie.zone
        FOR EACH ROW EXECUTE FUNCTION vigie.record_version();";

async fn run(connection: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(|_| ())
}

fn put(key: u128, name: &str) -> String {
    let key = Uuid::from_u128(key);
    format!(
        "INSERT INTO vigie.zone (zone_id, reference, name, kind, outline) VALUES ('{key}', '{key}', '{name}', 'cctv', '{{}}') \
         ON CONFLICT (zone_id) DO UPDATE SET name = EXCLUDED.name;"
    )
}

/// Runs the race on a migrated metropolis without zones, whose reader is an account that reads them.
pub async fn race(
    database: &Database,
    reader: &dyn Metropolis,
    replica: &dyn Replica,
    race: Race,
) -> Result<Raced, RaceError> {
    let mut owner = database.connect().await?;
    run(&mut owner, PREPARE.into()).await?;
    copy_into(replica, reader).await?;
    let count = Arc::new(Count::default());
    let mut raced = Raced::default();
    let mut control = Control::default();
    out_of_order(database, reader, replica, &mut owner, &mut control, &mut raced).await?;

    let mut writing = tokio::task::JoinSet::new();
    for writer in 0..race.writers {
        writing.spawn(write(database.connect().await?, writer, race, Arc::clone(&count)));
    }
    let watch = tokio::spawn(async move { writing.join_all().await.into_iter().collect::<Result<Vec<()>, _>>() });
    while !watch.is_finished() {
        let raced = step(reader, replica, &mut owner, &mut control, &mut raced).await;
        if raced.is_err() {
            // The writers must not write for ever for a reader who is gone.
            count.stop.store(true, Ordering::SeqCst);
        }
        raced?;
        count.pulls.fetch_add(1, Ordering::SeqCst);
    }
    watch.await??;
    step(reader, replica, &mut owner, &mut control, &mut raced).await?;
    raced.transactions = count.transactions.load(Ordering::SeqCst);
    raced.rolled_back = count.rolled_back.load(Ordering::SeqCst);
    Ok(raced)
}

/// The order that defeats a serial number, once for certain: the first to be numbered is the last to commit.
async fn out_of_order(
    database: &Database,
    reader: &dyn Metropolis,
    replica: &dyn Replica,
    owner: &mut PgConnection,
    control: &mut Control,
    raced: &mut Raced,
) -> Result<(), RaceError> {
    let (mut slow, mut quick) = (database.connect().await?, database.connect().await?);
    run(&mut slow, format!("BEGIN;{}", put(900_001, "slow"))).await?;
    run(&mut quick, put(900_002, "quick")).await?;
    step(reader, replica, owner, control, raced).await?;
    run(&mut slow, "COMMIT".into()).await?;
    step(reader, replica, owner, control, raced).await
}

/// One pull of each, and the comparison.
async fn step(
    reader: &dyn Metropolis,
    replica: &dyn Replica,
    owner: &mut PgConnection,
    control: &mut Control,
    raced: &mut Raced,
) -> Result<(), RaceError> {
    let info = replica.info().await?.ok_or("the replica holds nothing")?;
    let changes = reader.changes(&info.cut).await?;
    if !changes.tables.is_empty() {
        replica.apply(&changes, &info.identity).await?;
        compare(replica, owner, &changes.cut, raced).await?;
        raced.pulls += 1;
        if raced.pulls.is_multiple_of(PRUNE_EVERY) {
            prune(owner, &changes.cut).await?;
        }
    }
    raced.control_wrong += control.pull(owner).await?;
    Ok(())
}

/// The replica against the versions that its cut sees.
async fn compare(
    replica: &dyn Replica,
    owner: &mut PgConnection,
    cut: &Cut,
    raced: &mut Raced,
) -> Result<(), RaceError> {
    let snapshot = cut.snapshot.split('@').next().unwrap_or_default();
    let sql = "SELECT DISTINCT ON (key) key::text, name FROM vigie.version \
               WHERE pg_visible_in_snapshot(xid, $1::text::pg_snapshot) ORDER BY key, n DESC";
    let mut there: BTreeMap<Uuid, String> = BTreeMap::new();
    for row in sqlx::query(sql).bind(snapshot.to_owned()).fetch_all(&mut *owner).await? {
        if let Some(name) = row.try_get::<Option<String>, _>(1)? {
            there.insert(Uuid::parse_str(row.try_get(0)?)?, name);
        }
    }
    let mut here: BTreeMap<Uuid, String> = BTreeMap::new();
    for (_, row) in replica.scan(spec()?).await? {
        let zone = Zone::from_row(&row)?;
        here.insert(zone.zone_id.0, zone.name);
    }
    raced.compared += there.len() as u64;
    let lacking = there.iter().filter(|(key, name)| here.get(key) != Some(name));
    let too_many = here.iter().filter(|(key, _)| !there.contains_key(key));
    for (key, name) in lacking.chain(too_many) {
        raced.wrong += 1;
        if raced.examples.len() < 10 {
            let (ours, theirs) = (here.get(key), there.get(key));
            raced.examples.push(format!("{key} ({name}) at {snapshot}: here {ours:?}, there {theirs:?}"));
        }
    }
    Ok(())
}

fn spec() -> Result<&'static vigie_core::table::TableSpec, RaceError> {
    vigie_core::table::table(Zone::SPEC.name).ok_or_else(|| "no table of zones".into())
}

/// Forgets versions that a newer one, which every later cut sees, took the place of.
async fn prune(owner: &mut PgConnection, cut: &Cut) -> Result<(), sqlx::Error> {
    let sql = format!(
        "DELETE FROM vigie.version v USING (SELECT DISTINCT ON (key) key, n FROM vigie.version \
         WHERE xid < '{0}'::xid8 ORDER BY key, n DESC) last WHERE v.key = last.key AND v.n < last.n",
        cut.xmin
    );
    run(owner, sql).await
}

/// Transactions of a few writes and deletions on keys of their own and on shared ones, of uneven length; one in five is
/// rolled back. Keys are taken in order, so that writers wait for each other without a deadlock.
async fn write(mut connection: PgConnection, writer: u64, race: Race, count: Arc<Count>) -> Result<(), RaceError> {
    let mut dice = Dice::new(race.seed, &format!("writer {writer}"));
    let goes_on = || {
        let few = count.transactions.load(Ordering::SeqCst) < race.transactions;
        (few || count.pulls.load(Ordering::SeqCst) < race.pulls) && !count.stop.load(Ordering::SeqCst)
    };
    for turn in (0_u64..).take_while(|_| goes_on()) {
        let mut keys: Vec<_> = (0..=dice.below(3)).map(|_| dice.below(KEYS)).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut sql = String::from("BEGIN;");
        for key in keys {
            let own = 1_000 + u128::from(writer) * KEYS as u128 + key as u128;
            let key = if dice.chance(0.5) { key as u128 } else { own };
            if dice.chance(0.25) {
                write!(sql, "DELETE FROM vigie.zone WHERE zone_id = '{}';", Uuid::from_u128(key))?;
            } else {
                sql.push_str(&put(key, &format!("{writer}.{turn}")));
            }
        }
        if dice.chance(0.3) {
            write!(sql, "SELECT pg_sleep({});", dice.between(0.0, 0.012))?;
        }
        let back = dice.chance(0.2);
        sql.push_str(if back { "ROLLBACK" } else { "COMMIT" });
        let written = run(&mut connection, sql).await;
        count.transactions.fetch_add(1, Ordering::SeqCst);
        count.rolled_back.fetch_add(u64::from(back || written.is_err()), Ordering::SeqCst);
        // Two first insertions of one key at the same instant may fail on the other unique index, which `ON CONFLICT` does
        // not name. Such a transaction wrote nothing: the race goes on without it. Any other failure is one.
        if let Err(error) = written {
            let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
            if !matches!(code.as_deref(), Some("23505" | "40P01")) {
                return Err(error.into());
            }
            run(&mut connection, "ROLLBACK".into()).await?;
        }
    }
    Ok(())
}

/// A replica that asks for what has a greater number than the greatest it saw.
#[derive(Default)]
struct Control {
    last: i64,
    rows: BTreeMap<String, String>,
}

impl Control {
    /// Pulls; how many of the rows that stand there now it does not hold. Deletions are not even held against it.
    async fn pull(&mut self, connection: &mut PgConnection) -> Result<u64, sqlx::Error> {
        let mut wrong = 0;
        let mut last = self.last;
        for row in sqlx::query("SELECT zone_id::text, name, serial FROM vigie.zone").fetch_all(connection).await? {
            let (key, name, serial): (String, String, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            if serial > self.last {
                last = last.max(serial);
                self.rows.insert(key, name);
            } else if self.rows.get(&key) != Some(&name) {
                wrong += 1;
            }
        }
        self.last = last;
        Ok(wrong)
    }
}
