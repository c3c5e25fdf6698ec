//! `outbox`: what waited during a cut is carried to the metropolis, and one command goes from the screen to its effect,
//! beside `PouchDB`'s pushes of as many documents.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::json;
use vigie_core::command::{CommandState, Params};
use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::EquipmentId;
use vigie_core::link::LinkState;
use vigie_core::record::{Links, LogKind};
use vigie_core::rights::Role;
use vigie_engine::{FileLine, Operate, Options};
use vigie_testkit::postgres::Server;

use super::field::Field;
use super::measure::Order;
use super::pouchdb;
use super::seat::Seat;
use super::spread::{quantile, told};
use super::town::now;
use crate::prove::city::City;
use crate::result::Found;

/// Submissions that wait.
const WAITING: usize = 1_000;
/// Times `PouchDB`'s pushes, one after the other, that the drain must reach.
const TIMES: f64 = 8.0;
/// Between two commands of which the effect is waited for: a person's pace, and no hint is left of the one before.
const BETWEEN: Duration = Duration::from_millis(400);

/// Measures it.
pub async fn run(order: &Order) -> anyhow::Result<Found> {
    let (rounds, commands) = if order.quick { (3, 20) } else { (5, 120) };
    let mut found = Found::new(
        "bench-outbox",
        "1,000 submissions that waited during a cut, from the link being live to the outcome of the last one on the disk; one command, \
         from the call that operates it to its effect, with a field that answers at once. The engine on its encrypted files \
         (outbox synchronous=FULL) and a PostgreSQL that syncs every commit.",
        0,
    );
    // A durable server: what it answers is on its disk.
    let server = Arc::new(Server::start_with(&["fsync=on", "synchronous_commit=on"])?);
    let city = City::found(&server, 1).await?;
    let login = city.desks.first().context("no desk")?.clone();
    let gateway = city.session(&city.login_of(Role::Gateway).await?).await?;
    let field = Field::play(gateway).await?;
    let folder = tempfile::tempdir()?;
    let url = city.url_at(&login);
    // The first copy, and the shift.
    let seat = Seat::take(folder.path(), &url, true, Options::default()).await?;
    seat.wait_live().await?;
    seat.leave().await;

    let (mut lines, mut returns, mut reads, mut peers, mut large, mut each) =
        (vec![], vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..rounds {
        let (drained, with_return) = drain_lines(folder.path(), &url).await?;
        lines.push(WAITING as f64 / drained);
        returns.push(WAITING as f64 / with_return);
        reads.push(WAITING as f64 / drain_reads(folder.path(), &url).await?);
        peers.push(pouchdb::push(WAITING as u64)?);
        large.push(pouchdb::push_in_large_batches(WAITING as u64)?);
        each.push(pouchdb::push_each(WAITING as u64)?);
    }
    let (effects, pushes) = effects(folder.path(), &url, commands).await?;
    field.stop().await?;

    found.figure("lines of the log drained, a second (≥ 2000)", told(&lines, 0));
    found.figure("the same, with the return before it (connecting, reading first)", told(&returns, 0));
    found.figure("reads queued on 102 objects drained, a second, pace of R5 lifted", told(&reads, 0));
    let ratios: Vec<f64> = lines.iter().zip(&each).map(|(ours, theirs)| ours / theirs).collect();
    let bulk: Vec<f64> = lines.iter().zip(&peers).map(|(ours, theirs)| ours / theirs).collect();
    found.figure(&format!("× PouchDB's pushes, each answered before the next (≥ {TIMES})"), told(&ratios, 1));
    found.figure("× PouchDB's replication of as many documents, unanswered one by one", told(&bulk, 2));
    found.figure("one command, screen to effect in the replica, ms, p50 (≤ 25)", told_wait(&effects, 0.5));
    found.figure("one command, screen to effect in the replica, ms, p95", told_wait(&effects, 0.95));
    found.figure("one command, screen to effect pushed to the map, ms, p50", told_wait(&pushes, 0.5));
    found.figure("one command, screen to effect pushed to the map, ms, p95", told_wait(&pushes, 0.95));
    found.peers.insert("PouchDB, each document answered before the next, a second".into(), told(&each, 0).into());
    found.peers.insert("PouchDB, replication in its batches of 100, a second".into(), told(&peers, 0).into());
    found.peers.insert("PouchDB, replication in batches of 1,000, a second".into(), told(&large, 0).into());
    found.met = quantile(&ratios, 0.5) >= TIMES;
    found.notes.push(pouchdb::NOTE.to_owned());
    Ok(found)
}

fn told_wait(waits: &[f64], at: f64) -> String {
    format!("{:.1}", quantile(waits, at))
}

/// Lines written during a cut: seconds to carry them from the link being live, and from the plug being put in.
async fn drain_lines(folder: &Path, url: &str) -> anyhow::Result<(f64, f64)> {
    let seat = Seat::take(folder, url, false, Options::default()).await?;
    for i in 0..WAITING {
        let line = FileLine {
            kind: LogKind::Event,
            text: format!(
                "Ligne {i} écrite pendant la coupure, rue de la Liberté, un passant signale un lampadaire éteint"
            ),
            corrects: None,
            links: Links::default(),
            draft: None,
        };
        seat.engine.file_line(line).await?;
    }
    ensure!(seat.engine.open_records().len() == WAITING, "what was written does not wait");
    let begun = now();
    seat.plug_in();
    seat.wait(|engine| engine.status().link.state == LinkState::Live).await?;
    let live = now();
    seat.wait(|engine| engine.open_records().is_empty()).await?;
    let found = (live.elapsed().as_secs_f64(), begun.elapsed().as_secs_f64());
    seat.leave().await;
    Ok(found)
}

/// Reads asked during a cut, over every object: seconds to have the answer to each.
async fn drain_reads(folder: &Path, url: &str) -> anyhow::Result<f64> {
    // What the engine leaves between two commands after a return (R5) is a default that stays: here it is lifted.
    let options = Options { pace: Duration::ZERO, ..Options::default() };
    let seat = Seat::take(folder, url, false, options).await?;
    let objects = objects(&seat);
    for at in 0..WAITING {
        let (equipment_id, kind) = *objects.get(at % objects.len().max(1)).context("no object")?;
        operate(&seat, equipment_id, &format!("{}.read", kind.code()), json!({}), None).await?;
    }
    let begun = now();
    seat.plug_in();
    seat.wait(|engine| {
        engine
            .commands(|c| {
                c.entry.as_ref().is_some_and(|e| {
                    matches!(e.state, CommandState::Queued | CommandState::Submitted | CommandState::Unsettled)
                })
            })
            .is_empty()
    })
    .await?;
    let taken = begun.elapsed().as_secs_f64();
    seat.leave().await;
    Ok(taken)
}

/// Commands one at a time on a live link: ms until the replica holds the effect, and until the map is told.
async fn effects(folder: &Path, url: &str, commands: usize) -> anyhow::Result<(Vec<f64>, Vec<f64>)> {
    let seat = Seat::take(folder, url, true, Options::default()).await?;
    seat.wait_live().await?;
    let lights: Vec<_> = objects(&seat).into_iter().filter(|(_, kind)| *kind == EquipmentKind::StreetLight).collect();
    let (mut effects, mut pushes) = (Vec::new(), Vec::new());
    for at in 0..commands {
        tokio::time::sleep(BETWEEN).await;
        let (light, _) = *lights.get(at % lights.len().max(1)).context("no light")?;
        let point = seat.engine.picture(|p| p.object(light).map(|o| o.point)).context("no such light")?;
        let mut observed = seat.engine.observe();
        let begun = now();
        let level = 80 + at / lights.len().max(1);
        let id = operate(&seat, light, "street_light.set_level", json!({ "level": level }), Some(30)).await?;
        seat.wait(|engine| {
            let confirmed = |c: &vigie_engine::TrackedCommand| {
                c.row.as_ref().is_some_and(|r| r.command_id == id && r.state == CommandState::Confirmed)
            };
            !engine.commands(confirmed).is_empty()
        })
        .await?;
        effects.push(begun.elapsed().as_secs_f64() * 1_000.0);
        Seat::wait_pushed(&mut observed, point).await?;
        pushes.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    seat.leave().await;
    Ok((effects, pushes))
}

fn objects(seat: &Seat) -> Vec<(EquipmentId, EquipmentKind)> {
    seat.engine.picture(|p| p.objects().iter().map(|o| (o.equipment.equipment_id, o.equipment.kind)).collect())
}

async fn operate(
    seat: &Seat,
    equipment_id: EquipmentId,
    action: &str,
    params: serde_json::Value,
    effect_minutes: Option<u64>,
) -> anyhow::Result<vigie_core::ids::CommandId> {
    let params = Params::from(params);
    let prepared = seat.engine.prepare(equipment_id, action, &params)?;
    let asked = Operate {
        equipment_id,
        effect_minutes,
        action: action.to_owned(),
        params,
        reason: "mesure".to_owned(),
        without_visibility: prepared.needs_without_visibility,
        seen: prepared.seen,
        replaces: None,
        procedure: vigie_core::command::Procedure::default(),
        promised: None,
    };
    Ok(seat.engine.operate(asked).await?.order.command_id)
}
