//! Whatever comes in whatever order, the SQLite replica holds what the memory one holds.

// What helps a test is a test too, but only the functions marked so are recognised.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;
use vigie_core::port::{Changes, LocalId, Replica, TableChanges};
use vigie_core::search::{Found, Place};
use vigie_core::table::{Commune, Equipment, EquipmentState, Row, StateHistory, TABLES, TableRow as _, TableSpec};
use vigie_testkit::memory_store::MemoryReplica;
use vigie_testkit::store_suite::samples::{commune, cut, equipment, history, identity, key, state};

const KEYS: u128 = 12;
const KEY: vigie_store::FileKey = vigie_store::FileKey::new([9; 32]);
const WORDS: &[&str] = &["Foch", "Hôtel", "Ville", "Liberté", "Darcy", "", "CF", "02"];
const QUESTIONS: &[&str] =
    &["foch", "hotel vi", "CF-02", "cf", "lib", "d", "21", "a", "fohc", "libretė", "hotel", "darcy dijo", "chenvoe"];

/// A step: a full copy or changes, each with its hour.
#[derive(Debug, Clone)]
enum Step {
    Copy(Vec<Row>, Vec<Row>),
    Apply(u64, Vec<TableChanges>),
}

fn equipment_row() -> impl Strategy<Value = Row> {
    (0..KEYS, select(WORDS), select(WORDS), select(&["21231", "21166"][..])).prop_map(|(n, name, street, insee)| {
        let reference = format!("CF-{n:02}");
        Equipment { insee_code: insee.into(), ..equipment(n, &reference, name, street) }.to_row()
    })
}

fn commune_row() -> impl Strategy<Value = Row> {
    select(&[(50, "21231", "Dijon"), (50, "21231", "Divio"), (51, "21166", "Chenôve"), (52, "21166", "Chenevis")][..])
        .prop_map(|(n, code, name)| commune(n, code, name).to_row())
}

fn part() -> impl Strategy<Value = TableChanges> {
    let of = |table: &'static TableSpec, first: u128, rows: BoxedStrategy<Row>| {
        let deleted = proptest::collection::vec((first..first + KEYS).prop_map(key), 0..4);
        (deleted, proptest::collection::vec(rows, 0..8)).prop_map(move |(deleted, rows)| TableChanges {
            table,
            deleted,
            rows,
        })
    };
    let states = (0..KEYS, 0..9_i64).prop_map(|(n, version)| state(n, version).to_row()).boxed();
    let past = (100..100 + KEYS, 0..KEYS, 0..120_i64).prop_map(|(n, of, hours)| history(n, of, hours).to_row()).boxed();
    prop_oneof![
        3 => of(&Equipment::SPEC, 0, equipment_row().boxed()),
        1 => of(&Commune::SPEC, 50, commune_row().boxed()),
        2 => of(&EquipmentState::SPEC, 0, states),
        2 => of(&StateHistory::SPEC, 100, past),
    ]
}

/// The last row of each key, in the order in which the keys came.
fn distinct(rows: Vec<Row>) -> Vec<Row> {
    let mut seen = HashSet::new();
    rows.into_iter().filter(|row| seen.insert(row.key())).collect()
}

fn step() -> impl Strategy<Value = Step> {
    let copy = (proptest::collection::vec(commune_row(), 0..3), proptest::collection::vec(equipment_row(), 0..12))
        .prop_map(|(communes, objects)| Step::Copy(distinct(communes), distinct(objects)));
    let apply = (0..90_u64, proptest::collection::vec(part(), 0..4)).prop_map(|(hour, parts)| Step::Apply(hour, parts));
    prop_oneof![1 => copy, 6 => apply]
}

async fn play(replica: &dyn Replica, step: &Step) -> bool {
    match step {
        Step::Copy(communes, objects) => {
            let mut rebuild = replica.rebuild().await.unwrap();
            rebuild.rows(&Commune::SPEC, communes.clone()).await.unwrap();
            rebuild.rows(&Equipment::SPEC, objects.clone()).await.unwrap();
            rebuild.finish(cut(0), identity("agnes")).await.is_ok()
        }
        Step::Apply(hour, tables) => {
            let changes = Changes { cut: cut(*hour), tables: tables.clone() };
            replica.apply(&changes, &identity("bruno")).await.is_ok()
        }
    }
}

/// Rows in local id order, table by table.
async fn contents(replica: &dyn Replica) -> Vec<Vec<Row>> {
    let mut all = Vec::new();
    for table in TABLES {
        all.push(replica.scan(table).await.unwrap().into_iter().map(|(_, row)| row).collect());
    }
    all
}

async fn places(replica: &dyn Replica) -> Vec<Found<Place>> {
    let mut all = Vec::new();
    for question in QUESTIONS {
        let mut found = replica.places(question, 50).await.unwrap();
        // Bounds may be larger than they need be.
        found.hits.iter_mut().for_each(|place| place.bounds = None);
        all.push(found);
    }
    all
}

async fn answers(replica: &dyn Replica) -> Vec<Vec<Uuid>> {
    let keys: HashMap<LocalId, Uuid> =
        replica.scan(&Equipment::SPEC).await.unwrap().into_iter().map(|(id, row)| (id, row.key().unwrap())).collect();
    let mut all = Vec::new();
    for question in QUESTIONS {
        all.push(replica.search(question, 5).await.unwrap().hits.into_iter().map(|id| keys[&id]).collect());
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn sqlite_holds_what_memory_holds_after_any_sequence(steps in proptest::collection::vec(step(), 1..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let dir = tempfile::tempdir().unwrap();
            let sqlite = vigie_store::replica::open(dir.path(), &KEY).await.unwrap();
            let memory = MemoryReplica::default();
            let mut given: HashMap<LocalId, Uuid> = HashMap::new();
            for step in &steps {
                prop_assert_eq!(play(&sqlite, step).await, play(&memory, step).await);
                prop_assert_eq!(sqlite.info().await.unwrap(), memory.info().await.unwrap());
                prop_assert_eq!(contents(&sqlite).await, contents(&memory).await);
                prop_assert_eq!(answers(&sqlite).await, answers(&memory).await);
                prop_assert_eq!(places(&sqlite).await, places(&memory).await);
                // Within a generation a local id means one object, for good.
                if matches!(step, Step::Copy(..)) {
                    given.clear();
                }
                for (id, row) in sqlite.scan(&Equipment::SPEC).await.unwrap() {
                    let key = row.key().unwrap();
                    prop_assert_eq!(*given.entry(id).or_insert(key), key);
                }
            }
            sqlite.close().await;
            Ok(())
        })?;
    }
}
