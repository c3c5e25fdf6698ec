//! `search`: a million objects as one types, beside SQLite's full-text index alone on the same rows.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, QueryBuilder, query_scalar, raw_sql};
use vigie_core::port::{Cut, Identity, MetropolisMode, Replica as _};
use vigie_core::rights::Role;
use vigie_core::search::words;
use vigie_core::table::{Commune, Equipment, Row, TableRow as _};
use vigie_core::time::Timestamp;
use vigie_store::{FileKey, SqliteReplica};
use vigie_training::chance::Dice;

use super::directory::{Directory, slip};
use super::measure::Order;
use super::spread::quantile;
use super::town::now;
use crate::result::Found;

const SEED: u64 = 4;
/// Hits asked for, as the screens do.
const HITS: u32 = 50;
/// Milliseconds for two words or more, at the 95th percentile.
const TYPED: f64 = 20.0;
/// The same with a typing error.
const WRONG: f64 = 100.0;
/// Times the full-text index alone.
const TIMES: f64 = 1.5;
/// Rows that go in at once.
const BATCH: u64 = 5_000;

/// What is typed.
struct Questions {
    /// One or two letters.
    short: Vec<String>,
    /// Each state of a question of two words or more, from the first letter of its second word on.
    typed: Vec<String>,
    /// Whole questions with one slip in a long word.
    wrong: Vec<String>,
}

impl Questions {
    fn of(directory: &Directory, count: usize) -> Self {
        let mut dice = Dice::new(SEED, "questions");
        let (mut short, mut typed, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..count {
            let whole = directory.question(&mut dice);
            let letters: Vec<char> = whole.chars().collect();
            for end in 1..=letters.len() {
                let begun: String = letters.iter().take(end).collect();
                match words(&begun).len() {
                    1 if end < 3 => short.push(begun),
                    0 | 1 => {}
                    _ if begun.ends_with(' ') => {}
                    _ => typed.push(begun),
                }
            }
            wrong.extend(slip(&whole, &mut dice));
        }
        Self { short, typed, wrong }
    }
}

/// Measures it.
pub async fn run(order: &Order) -> anyhow::Result<Found> {
    // Each question is typed letter by letter, some fifteen times: of a large city fewer say as much, and take as long.
    let sizes: &[(u64, usize)] =
        if order.quick { &[(50_000, 60)] } else { &[(100_000, 100), (300_000, 60), (1_000_000, 40)] };
    let mut found = Found::new(
        "bench-search",
        "Questions of two or three words (street and commune, street and number), asked at every letter from the second word on, of an \
         encrypted replica; the same of a plain file that holds nothing but an FTS5 table of the four texts \
         (`unicode61 remove_diacritics 2`, `prefix='2 3'`), asked in its own order and by rank. 50 hits each, files warm.",
        SEED,
    );
    found.met = true;
    for (size, count) in sizes {
        let folder = tempfile::tempdir()?;
        let directory = Directory::new(*size, SEED);
        let questions = Questions::of(&directory, *count);
        let (replica, built) = replica(folder.path(), &directory, *size).await?;
        let mut alone = alone(&folder.path().join("alone.sqlite"), &directory, *size).await?;
        let short = ours(&replica, &questions.short).await?.0;
        let typed = ours(&replica, &questions.typed).await?.0;
        let places = places(&replica, &questions.typed).await?;
        let (wrong, lost) = ours(&replica, &questions.wrong).await?;
        let own = theirs(&mut alone, &questions.typed, "").await?;
        let ranked = theirs(&mut alone, &questions.typed, "ORDER BY rank").await?;

        let p95 = |times: &[f64]| quantile(times, 0.95);
        let told =
            |times: &[f64]| format!("{:.2} / {:.2} / {:.2}", quantile(times, 0.5), p95(times), quantile(times, 1.0));
        let ratio = p95(&typed) / p95(&own);
        found.figure(&format!("{size} objects: two words or more, ms, p50 / p95 / most (p95 ≤ {TYPED})"), told(&typed));
        found.figure(&format!("{size} objects: × FTS5 alone, p95 (≤ {TIMES})"), format!("{ratio:.2}"));
        found.figure(&format!("{size} objects: with a typing error, ms (≤ {WRONG})"), told(&wrong));
        found.figure(
            &format!("{size} objects: questions with an error that found nothing"),
            format!("{lost} of {}", wrong.len()),
        );
        found.figure(&format!("{size} objects: one or two letters, ms"), told(&short));
        found.figure(&format!("{size} objects: communes, zones and streets, two words or more, ms"), told(&places));
        found.figure(&format!("{size} objects: seconds to build the replica, index included"), format!("{built:.1}"));
        found.peers.insert(format!("{size} objects: FTS5 alone, its own order, ms"), told(&own).into());
        found.peers.insert(format!("{size} objects: FTS5 alone, by rank, ms"), told(&ranked).into());
        found.met &= p95(&typed) <= TYPED && p95(&wrong) <= WRONG && ratio <= TIMES && lost == 0;
        replica.close().await;
        alone.close().await?;
    }
    found.notes.push(
        "FTS5 alone is asked in its own order for the ratio, which is its cheapest way: by rank it reads every match. Its file is not \
         encrypted; ours is."
            .to_owned(),
    );
    found.notes.push(
        "The times of ours include giving the words their expansions, the references, and the order of answers."
            .to_owned(),
    );
    Ok(found)
}

/// A replica of the directory, and the seconds that it took.
async fn replica(folder: &Path, directory: &Directory, size: u64) -> anyhow::Result<(SqliteReplica, f64)> {
    let replica = vigie_store::replica::open(folder, &FileKey::new([9; 32])).await?;
    let begun = now();
    let mut rebuild = replica.rebuild().await?;
    rebuild.rows(&Commune::SPEC, directory.communes().iter().map(Commune::to_row).collect()).await?;
    let mut making = 0.0;
    for first in (0..size).step_by(usize::try_from(BATCH)?) {
        let made = now();
        let rows: Vec<Row> = (first..size.min(first + BATCH)).map(|n| directory.object(n).to_row()).collect();
        making += made.elapsed().as_secs_f64();
        rebuild.rows(&Equipment::SPEC, rows).await?;
    }
    let cut = Cut { epoch: uuid::Uuid::nil(), timeline: 1, xmin: 1, snapshot: "1:1:".into(), at: Timestamp(0) };
    rebuild.finish(cut, nobody()).await?;
    Ok((replica, begun.elapsed().as_secs_f64() - making))
}

fn nobody() -> Identity {
    Identity {
        system: "1".into(),
        timeline: 1,
        epoch: uuid::Uuid::nil(),
        name: "Dijon métropole (mesure)".into(),
        mode: MetropolisMode::Rehearsal,
        schema_version: 1,
        rights: String::new(),
        server_time: Timestamp(0),
        clock_rate: 1.0,
        login: String::new(),
        person_id: None,
        role: Role::Auditor,
        desk_id: None,
    }
}

/// The full-text index as anyone would make it.
async fn alone(path: &Path, directory: &Directory, size: u64) -> anyhow::Result<SqliteConnection> {
    let mut file = SqliteConnectOptions::new().filename(path).create_if_missing(true).connect().await?;
    raw_sql(
        "PRAGMA journal_mode = off; PRAGMA synchronous = off; \
         CREATE VIRTUAL TABLE texts USING fts5(reference, name, street, commune, tokenize='unicode61 remove_diacritics 2', \
         prefix='2 3'); BEGIN",
    )
    .execute(&mut file)
    .await?;
    let communes: std::collections::HashMap<String, String> =
        directory.communes().into_iter().map(|commune| (commune.insee_code, commune.name)).collect();
    for first in (0..size).step_by(usize::try_from(BATCH)?) {
        let mut rows = QueryBuilder::new("INSERT INTO texts (reference, name, street, commune) ");
        rows.push_values((first..size.min(first + BATCH)).map(|n| directory.object(n)), |mut row, object| {
            let commune = communes.get(&object.insee_code).cloned().unwrap_or_default();
            row.push_bind(object.reference).push_bind(object.name).push_bind(object.street).push_bind(commune);
        });
        rows.build().execute(&mut file).await?;
    }
    raw_sql("COMMIT").execute(&mut file).await?;
    Ok(file)
}

/// Milliseconds of each question, after one round that warms the files; and how many found nothing.
async fn ours(replica: &SqliteReplica, questions: &[String]) -> anyhow::Result<(Vec<f64>, usize)> {
    let (mut times, mut nothing) = (Vec::new(), 0);
    for warm in [false, true] {
        for question in questions {
            let begun = now();
            let found = replica.search(question, HITS).await?;
            if warm {
                times.push(begun.elapsed().as_secs_f64() * 1_000.0);
                nothing += usize::from(found.hits.is_empty());
            }
        }
    }
    Ok((times, nothing))
}

async fn places(replica: &SqliteReplica, questions: &[String]) -> anyhow::Result<Vec<f64>> {
    let mut times = Vec::new();
    for warm in [false, true] {
        for question in questions {
            let begun = now();
            replica.places(question, HITS).await?;
            if warm {
                times.push(begun.elapsed().as_secs_f64() * 1_000.0);
            }
        }
    }
    Ok(times)
}

async fn theirs(file: &mut SqliteConnection, questions: &[String], order: &str) -> anyhow::Result<Vec<f64>> {
    let sql = format!("SELECT rowid FROM texts WHERE texts MATCH ? {order} LIMIT {HITS}");
    let mut times = Vec::new();
    // By rank a question takes so long that one in ten says enough.
    let step = if order.is_empty() { 1 } else { 10 };
    for warm in [false, true] {
        for question in questions.iter().step_by(step) {
            let asked: Vec<String> = words(question).iter().map(|word| format!("\"{word}\"*")).collect();
            let begun = now();
            let _: Vec<i64> =
                query_scalar(AssertSqlSafe(sql.clone())).bind(asked.join(" ")).fetch_all(&mut *file).await?;
            if warm {
                times.push(begun.elapsed().as_secs_f64() * 1_000.0);
            }
        }
    }
    Ok(times)
}
