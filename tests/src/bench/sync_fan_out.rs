//! `sync-fan-out`: what one server pays for many workstations, and what its writers pay for the feed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use sqlx::postgres::PgConnection;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{timeout, timeout_at};
use tokio_util::sync::CancellationToken;
use vigie_core::port::{Cut, Metropolis, MetropolisError, SnapshotSink};
use vigie_core::rights::Role;
use vigie_core::table::{EquipmentState, Row, TableRow, TableSpec};
use vigie_metropolis::PgMetropolis;
use vigie_testkit::postgres::Server;

use super::measure::Order;
use super::reporter::{Reporter, turn_of};
use super::spread::{quantile, told};
use super::town::{Town, now};
use super::{processes, write_speed};
use crate::result::Found;

/// Updates a second.
const RATE: usize = 1_000;
/// Between two looks of a workstation when no hint comes, and after something came, as the engine waits.
const LOOK: Duration = Duration::from_secs(1);
const APART: Duration = Duration::from_millis(50);
/// What is looked at: so many times a second, at so many tables.
const LOOKS: f64 = 4.0;
const TABLES: f64 = 30.0;
/// Share of a core that looking may take.
const LOOKING: f64 = 0.25;
/// Share of its speed that a writer keeps.
const SINGLE: f64 = 0.80;
const BATCHES: f64 = 0.55;
/// How much of a cost that is just linear may be noise.
const NOISE: f64 = 1.1;
/// Longest that a workstation follows.
const PATIENCE: Duration = Duration::from_secs(90);
/// Connections opened at the same time.
const KNOCKING: usize = 8;

/// Measures it.
pub async fn run(order: &Order) -> anyhow::Result<Found> {
    let (crowds, seconds, objects): (&[usize], u64, u64) =
        if order.quick { (&[1, 10, 50], 5, 5_000) } else { (&[1, 10, 100, 300], 10, 20_000) };
    let mut found = Found::new(
        "bench-sync-fan-out",
        "One PostgreSQL that commits to disk, 1,000 updates a second by a gateway, and workstations that pull by hints through \
         the same port as the product, without a file. The server's cost is the processor time of its processes.",
        0,
    );
    let server =
        Server::start_with(&["max_connections=700", "fsync=on", "synchronous_commit=on", "full_page_writes=on"])?;
    let town = Town::found_on(Arc::new(server), objects).await?;
    found.met = true;
    crowd(&town, crowds, seconds, &mut found).await?;
    writers(&town, order, &mut found).await?;
    Ok(found)
}

/// Crowds of growing size, then a crowd that only looks.
async fn crowd(town: &Town, sizes: &[usize], seconds: u64, found: &mut Found) -> anyhow::Result<()> {
    let mut reporter = Reporter::of(town).await?;
    reporter.all().await?;
    let mut readers: Vec<Arc<PgMetropolis>> = Vec::new();
    let alone = follow(town, &mut reporter, &readers, seconds).await?;
    found.figure("no workstation: share of a core that the server takes", percent(alone.cost));
    let mut before: Option<(usize, f64)> = None;
    for size in sizes {
        open(town, &mut readers, *size).await?;
        let crowd = follow(town, &mut reporter, &readers, seconds).await?;
        let each = (crowd.cost - alone.cost) / *size as f64;
        let (p50, p99) = (quantile(&crowd.waits, 0.5), quantile(&crowd.waits, 0.99));
        found.figure(&format!("{size} workstations: share of a core that the server takes"), percent(crowd.cost));
        found.figure(&format!("{size} workstations: of that for each"), percent(each));
        found.figure(&format!("{size} workstations: updates a second that the metropolis took"), crowd.taken.round());
        found.figure(&format!("{size} workstations: ms from COMMIT to rows in hand, p50"), format!("{p50:.0}"));
        found.figure(&format!("{size} workstations: ms from COMMIT to rows in hand, p99"), format!("{p99:.0}"));
        found.figure(&format!("{size} workstations: pulls not answered in time"), crowd.late);
        if let Some((fewer, cost)) = before {
            let times = (crowd.cost / cost) / (*size as f64 / fewer as f64);
            found.figure(
                &format!("from {fewer} to {size}: growth of the cost over growth of the crowd (≤ 1)"),
                format!("{times:.2}"),
            );
            found.met &= times <= NOISE;
        }
        // A crowd that was not served costs little.
        found.met &= crowd.taken >= 0.95 * RATE as f64;
        before = Some((*size, crowd.cost));
    }
    open(town, &mut readers, 100).await?;
    readers.truncate(100);
    let tables = tables(town).await?;
    let plain = look(town, &readers, LOOKS, seconds).await?;
    let many = look(town, &readers, LOOKS * TABLES / tables, seconds).await?;
    let elsewhere = CancellationToken::new();
    let writer = tokio::spawn(write_elsewhere(town.database.connect().await?, elsewhere.clone()));
    let beside = look(town, &readers, LOOKS, seconds).await?;
    elsewhere.cancel();
    writer.await??;
    found.figure(
        &format!("100 workstations look 4 times a second at {tables} idle tables: share of a core"),
        percent(plain),
    );
    found.figure("the same at 30 idle tables (≤ 25 %)", percent(many));
    found.figure(
        &format!("the same at {tables} idle tables, while the metropolis commits something else ten times a second"),
        percent(beside),
    );
    found.met &= many <= LOOKING;
    found.notes.push(
        "A look first asks whether any transaction ended since the last one: where none did, nothing else is asked. While \
         something that no workstation reads is committed ten times a second, most looks ask each table's index, and the hint \
         is not given: that is the dearest look there is."
            .to_owned(),
    );
    found.notes.push(format!(
        "An account reads {tables} tables with their tombstones now. Thirty are measured by looking {:.1} times a second, which \
         asks the indexes as often as four looks at thirty tables, and begins more statements.",
        LOOKS * TABLES / tables
    ));
    found.notes.push(
        "Workstations, gateway and server share the machine. Where its cores are full, pulls gather more rows each, and the cost \
         of the server stops growing: the delay says so."
            .to_owned(),
    );
    Ok(())
}

/// What the writers keep of their speed, in turns.
async fn writers(town: &Town, order: &Order, found: &mut Found) -> anyhow::Result<()> {
    let (rounds, seconds) = if order.quick { (2, 2) } else { (5, 3) };
    for (name, batch, least) in [("single rows", 1, SINGLE), ("batches of 500", 500, BATCHES)] {
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            write_speed::feed(town, true).await?;
            with.push(write_speed::rows_a_second(town, batch, Duration::from_secs(seconds)).await?);
            write_speed::feed(town, false).await?;
            without.push(write_speed::rows_a_second(town, batch, Duration::from_secs(seconds)).await?);
        }
        write_speed::feed(town, true).await?;
        let kept: Vec<f64> = with.iter().zip(&without).map(|(with, without)| with / without).collect();
        found.figure(&format!("{name}: updates a second with the feed"), told(&with, 0));
        found.peers.insert(format!("{name}: updates a second without the feed"), told(&without, 0).into());
        found.figure(&format!("{name}: share of the speed kept (≥ {least})"), told(&kept, 2));
        found.met &= quantile(&kept, 0.5) >= least;
    }
    found.notes.push(
        "Without the feed: the triggers of `equipment_state` disabled and the index of its stamps dropped, in turns with them. \
         Four writers, rows of their own each."
            .to_owned(),
    );
    Ok(())
}

/// How a crowd was served.
struct Served {
    /// Seconds of the server's processor in a second.
    cost: f64,
    /// Updates a second.
    taken: f64,
    /// From the end of a COMMIT to the rows in hand, ms.
    waits: Vec<f64>,
    /// Pulls that the server did not answer in time: the workstation's link reads *late*, and it asks again.
    late: u32,
}

/// Reports at the rate while a crowd follows.
async fn follow(
    town: &Town,
    reporter: &mut Reporter,
    readers: &[Arc<PgMetropolis>],
    seconds: u64,
) -> anyhow::Result<Served> {
    let cut = cut(town).await?;
    let (said, last) = watch::channel(None);
    let mut following = JoinSet::new();
    for reader in readers {
        following.spawn(timeout_at((now() + PATIENCE).into(), reading(Arc::clone(reader), cut.clone(), last.clone())));
    }
    // What every workstation does at its first pull is not what it does all day.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (begun, before) = (now(), processes::of_server(town.database.server())?);
    let sent = reporter.at(RATE, Duration::from_secs(seconds)).await?;
    let took = begun.elapsed().as_secs_f64();
    let cost = (processes::of_server(town.database.server())? - before) / took;
    // A crowd that asks for more than the machine has sees the last report late, but sees it.
    said.send_replace(Some(sent.last().context("nothing was reported")?.0));
    let (mut waits, mut late) = (Vec::new(), 0);
    while let Some(seen) = following.join_next().await {
        let (seen, unanswered) = seen?.context("a workstation did not see the last report")??;
        late += unanswered;
        for (turn, at) in seen {
            if let Some((_, committed)) = sent.iter().find(|(sent, _)| *sent == turn) {
                waits.push(at.saturating_duration_since(*committed).as_secs_f64() * 1_000.0);
            }
        }
    }
    Ok(Served { cost, taken: (sent.len() * Reporter::BATCH) as f64 / took, waits, late })
}

/// What a workstation does, less its file, up to the last report: which ones it had in hand, and when.
async fn reading(
    reader: Arc<PgMetropolis>,
    mut cut: Cut,
    last: watch::Receiver<Option<i64>>,
) -> Result<(Vec<(i64, Instant)>, u32), MetropolisError> {
    let mut seen: Vec<(i64, Instant)> = Vec::new();
    let mut late = 0;
    while last.borrow().is_none_or(|last| seen.last().is_none_or(|(turn, _)| *turn != last)) {
        let _ = timeout(LOOK, reader.wake()).await;
        let begun = now();
        let changes = match reader.changes(&cut).await {
            Err(error) if error.may_pass() => {
                late += 1;
                continue;
            }
            answer => answer?,
        };
        cut = changes.cut;
        let states = changes.tables.iter().filter(|t| t.table.name == EquipmentState::SPEC.name);
        if let Some(turn) = states.filter_map(|t| t.rows.last()).find_map(turn_of) {
            seen.push((turn, now()));
            tokio::time::sleep_until((begun + APART).into()).await;
        }
    }
    Ok((seen, late))
}

/// Seconds of the server's processor in a second, while a crowd looks at tables where nothing moves.
async fn look(town: &Town, readers: &[Arc<PgMetropolis>], a_second: f64, seconds: u64) -> anyhow::Result<f64> {
    let every = Duration::from_secs_f64(1.0 / a_second);
    let cut = cut(town).await?;
    let begun = now();
    let end = begun + Duration::from_secs(seconds) + every;
    let mut looking = JoinSet::new();
    for (turn, reader) in readers.iter().enumerate() {
        let (reader, mut cut) = (Arc::clone(reader), cut.clone());
        let mut next = begun + every.mul_f64(turn as f64 / readers.len() as f64);
        looking.spawn(async move {
            let mut looks = 0_u32;
            while next < end {
                tokio::time::sleep_until(next.into()).await;
                let changes = reader.changes(&cut).await?;
                ensure!(changes.tables.is_empty(), "something moved");
                cut = changes.cut;
                next += every;
                looks += 1;
            }
            Ok(looks)
        });
    }
    tokio::time::sleep_until((begun + every).into()).await;
    let before = processes::of_server(town.database.server())?;
    let counted = now();
    let mut looks = 0;
    while let Some(one) = looking.join_next().await {
        looks += one??;
    }
    let took = counted.elapsed().as_secs_f64();
    let wanted = readers.len() as f64 * a_second * seconds as f64;
    ensure!(f64::from(looks) >= 0.95 * wanted, "{looks} looks of {wanted}");
    Ok((processes::of_server(town.database.server())? - before) / took)
}

/// Commits to a table that no workstation reads, ten times a second.
async fn write_elsewhere(mut owner: PgConnection, stop: CancellationToken) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("CREATE TABLE elsewhere (n bigint)").execute(&mut owner).await?;
    while !stop.is_cancelled() {
        sqlx::raw_sql("INSERT INTO elsewhere VALUES (1)").execute(&mut owner).await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// Workstations up to so many.
async fn open(town: &Town, readers: &mut Vec<Arc<PgMetropolis>>, count: usize) -> anyhow::Result<()> {
    while readers.len() < count {
        let mut knocking = JoinSet::new();
        for _ in readers.len()..count.min(readers.len() + KNOCKING) {
            let url = town.database.url(&format!("bench_{}", Role::Supervisor));
            knocking.spawn(async move { super::town::session(&url).await });
        }
        while let Some(one) = knocking.join_next().await {
            readers.push(Arc::new(one??));
        }
    }
    Ok(())
}

/// Where the metropolis stands now.
async fn cut(town: &Town) -> anyhow::Result<Cut> {
    Ok(town.session(Role::Supervisor).await?.snapshot(&mut Nowhere).await?)
}

/// Tables that a look asks about.
async fn tables(town: &Town) -> anyhow::Result<f64> {
    use sqlx::ConnectOptions as _;
    let mut supervisor =
        town.database.options(&format!("bench_{}", Role::Supervisor), super::town::PASSWORD).connect().await?;
    let readable: Vec<String> = sqlx::query_scalar("SELECT vigie.readable()").fetch_one(&mut supervisor).await?;
    // And the tombstones.
    Ok(readable.len() as f64 + 1.0)
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

struct Nowhere;

#[async_trait::async_trait]
impl SnapshotSink for Nowhere {
    async fn rows(&mut self, _table: &'static TableSpec, _rows: Vec<Row>) -> Result<(), MetropolisError> {
        Ok(())
    }
}
