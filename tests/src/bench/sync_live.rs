//! `sync-live`: from COMMIT in the metropolis to COMMIT in the replica, beside a bare LISTEN/NOTIFY round trip.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::json;
use sqlx::postgres::PgListener;
use sqlx::{ConnectOptions, Row as _};
use uuid::Uuid;
use vigie_core::equipment::{Mode, Quality, Reach, Reading};
use vigie_core::ids::{EquipmentId, SubmissionId};
use vigie_core::port::{Metropolis, Replica};
use vigie_core::rights::Role;
use vigie_core::submission::{Body, StateReport, Submission};
use vigie_core::table::{EquipmentState, TableRow};
use vigie_core::time::Timestamp;

use super::measure::Order;
use super::spread::quantile;
use super::town::{Town, copy, now};
use crate::result::Found;

/// States in one report.
const BATCH: usize = 250;
/// How many times a bare round trip an update may take, at the median.
const TIMES: f64 = 3.0;
/// Between two looks when no hint comes.
const LOOK: Duration = Duration::from_millis(250);
/// Between two pulls when hints follow each other.
const APART: Duration = Duration::from_millis(50);

/// Measures it.
pub async fn run(order: &Order) -> anyhow::Result<Found> {
    let (objects, seconds) = if order.quick { (20_000, 8) } else { (100_000, 30) };
    let mut found = Found::new(
        "bench-sync-live",
        "Reports of a gateway through `vigie.submit`, 250 states each; the replica pulls by hints as a workstation does. Time from \
         the end of the gateway's COMMIT to the end of the replica's.",
        0,
    );
    let town = Town::found(objects).await?;
    let bare = round_trips(&town).await?;
    let peer = quantile(&bare, 0.5);
    found.peers.insert("bare LISTEN/NOTIFY round trip, ms, p50".into(), format!("{peer:.2}").into());
    found.met = true;
    for rate in [5_000, 20_000] {
        let (waits, sent, busy) = live(&town, rate, seconds).await?;
        let (p50, p99) = (quantile(&waits, 0.5), quantile(&waits, 0.99));
        found.figure(&format!("{rate}/s: updates a second that the metropolis took"), sent.round());
        found.figure(&format!("{rate}/s: ms from COMMIT to COMMIT, p50"), format!("{p50:.1}"));
        found.figure(&format!("{rate}/s: ms from COMMIT to COMMIT, p99"), format!("{p99:.1}"));
        found.figure(
            &format!("{rate}/s: × the bare round trip, p50 (≤ {TIMES} at 5000/s)"),
            format!("{:.1}", p50 / peer),
        );
        found.figure(&format!("{rate}/s: share of a core that pulling took"), format!("{:.0} %", busy * 100.0));
        if rate == 5_000 {
            found.met &= p50 <= TIMES * peer;
        }
        found.met &= busy <= if rate == 5_000 { 0.10 } else { 0.25 };
    }
    found.notes.push(
        "Pulls are 50 ms apart when busy, as the design says: a batch that is written just after a pull waits for the next one, \
         which bounds the median from below at high rates."
            .to_owned(),
    );
    found.notes.push(
        "The share of a core is the processor time of this process, reporter and reader together; the server's is not in it.".to_owned(),
    );
    found.notes.push("PouchDB was not run beside it.".to_owned());
    Ok(found)
}

/// Milliseconds from NOTIFY to hearing it, on this server.
async fn round_trips(town: &Town) -> anyhow::Result<Vec<f64>> {
    let mut listener =
        PgListener::connect(&format!("{}?password={}", town.database.owner_url(), town.database.owner_password()))
            .await?;
    listener.listen("bare").await?;
    let mut connection = town.database.connect().await?;
    let mut waits = Vec::new();
    for _ in 0..300 {
        let begun = now();
        sqlx::query("SELECT pg_notify('bare', '')").execute(&mut connection).await?;
        listener.recv().await?;
        waits.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    Ok(waits)
}

/// Reports at a rate for so long: the waits in ms, updates a second that went in, and the share of a core used here.
async fn live(town: &Town, rate: usize, seconds: u64) -> anyhow::Result<(Vec<f64>, f64, f64)> {
    let folder = tempfile::tempdir()?;
    let reader = town.session(Role::Supervisor).await?;
    let (replica, mut cut, _) = copy(&reader, folder.path()).await?;
    let identity = reader.identity().await?;
    let ids = objects(town).await?;
    let gateway = town.session(Role::Gateway).await?;
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel::<(i64, Instant)>();
    let begun = now();
    let used = processor_time();
    let end = Duration::from_secs(seconds);
    let writing = tokio::spawn(async move {
        let every = Duration::from_secs_f64(BATCH as f64 / rate as f64);
        let (mut turn, mut sent) = (0_i64, 0_usize);
        while begun.elapsed() < end {
            turn += 1;
            let from = (turn as usize * BATCH) % ids.len().saturating_sub(BATCH).max(1);
            let states = ids.iter().skip(from).take(BATCH).map(|id| state(*id, turn)).collect();
            #[allow(clippy::disallowed_methods, reason = "a real server needs identifiers that nobody else makes")]
            let report = Submission::new(SubmissionId(Uuid::now_v7()), Body::Report { states });
            gateway.submit(&[report]).await?;
            let _ = tell.send((turn, now()));
            sent += BATCH;
            tokio::time::sleep_until((begun + every.mul_f64(turn as f64)).into()).await;
        }
        Ok::<_, vigie_core::port::MetropolisError>((sent, begun.elapsed()))
    });
    let (mut committed, mut seen, mut waits) = (HashMap::new(), HashMap::new(), Vec::new());
    while begun.elapsed() < end + Duration::from_secs(3) {
        let _ = tokio::time::timeout(LOOK, reader.wake()).await;
        let changes = reader.changes(&cut).await?;
        cut = changes.cut.clone();
        if !changes.tables.is_empty() {
            replica.apply(&changes, &identity).await?;
            let at = now();
            for row in changes.tables.iter().filter(|t| t.table.name == EquipmentState::SPEC.name).flat_map(|t| &t.rows)
            {
                let state = EquipmentState::from_row(row)?;
                if let Some(turn) = state.reading.0.get("turn").and_then(serde_json::Value::as_i64) {
                    seen.entry(turn).or_insert(at);
                }
            }
            tokio::time::sleep(APART).await;
        }
        while let Ok((turn, at)) = told.try_recv() {
            committed.insert(turn, at);
        }
    }
    let (sent, took) = writing.await??;
    while let Ok((turn, at)) = told.try_recv() {
        committed.insert(turn, at);
    }
    for (turn, at) in &seen {
        if let Some(before) = committed.get(turn) {
            waits.push(at.saturating_duration_since(*before).as_secs_f64() * 1_000.0);
        }
    }
    anyhow::ensure!(!waits.is_empty(), "nothing arrived");
    let busy = (processor_time() - used) / begun.elapsed().as_secs_f64();
    Ok((waits, sent as f64 / took.as_secs_f64(), busy))
}

async fn objects(town: &Town) -> anyhow::Result<Vec<EquipmentId>> {
    let mut owner = town.database.options("owner", town.database.owner_password()).connect().await?;
    let rows = sqlx::query("SELECT equipment_id FROM vigie.equipment ORDER BY reference").fetch_all(&mut owner).await?;
    rows.iter().map(|row| Ok(EquipmentId(row.try_get(0)?))).collect()
}

#[allow(clippy::disallowed_methods, reason = "a device has a clock of its own")]
fn state(equipment_id: EquipmentId, turn: i64) -> StateReport {
    StateReport {
        equipment_id,
        reading: Reading::from(json!({"level": turn % 100, "turn": turn, "fault": null})),
        quality: Quality::Good,
        observed_at: Timestamp(jiff::Timestamp::now().as_millisecond()),
        source: "bench".into(),
        reach: Reach::Reachable,
        mode: Mode::Programme,
        target: None,
        effect_until: None,
    }
}

/// Seconds of processor that this process used (Linux: ticks of 10 ms).
fn processor_time() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = |at: usize| after.split_whitespace().nth(at).and_then(|t| t.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}
