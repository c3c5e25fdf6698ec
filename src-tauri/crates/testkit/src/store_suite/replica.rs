//! Behaviours of a replica. Each begins with an empty one.

use vigie_core::equipment::EquipmentKind;
use vigie_core::ids::{EquipmentId, ZoneId};
use vigie_core::port::{LocalId, Replica, StoreError};
use vigie_core::search::PlaceKind;
use vigie_core::table::{
    Cell, Commune, Desk, Equipment, EquipmentState, Field as _, Row, StateHistory, TABLES, TableRow, TableSpec,
    TableSum, Zone,
};

use super::samples::{changes, commune, cut, equipment, history, identity, key, state};

const EQUIPMENT: &TableSpec = &Equipment::SPEC;
const STATE: &TableSpec = &EquipmentState::SPEC;
const HISTORY: &TableSpec = &StateHistory::SPEC;
const COMMUNE: &TableSpec = &Commune::SPEC;
const ZONE: &TableSpec = &Zone::SPEC;

fn rows<T: TableRow>(items: &[T]) -> Vec<Row> {
    items.iter().map(T::to_row).collect()
}

/// A full copy at cut 0.
async fn copy(replica: &dyn Replica, tables: &[(&'static TableSpec, Vec<Row>)]) {
    let mut rebuild = replica.rebuild().await.unwrap();
    for (table, rows) in tables {
        rebuild.rows(table, rows.clone()).await.unwrap();
    }
    rebuild.finish(cut(0), identity("agnes")).await.unwrap();
}

/// Three junctions and their commune.
async fn small_city(replica: &dyn Replica) {
    let junctions = [
        equipment(1, "CF-001", "Carrefour de l'Hôtel-de-Ville", "rue de la Liberté"),
        equipment(2, "CF-0011", "Carrefour Foch", "avenue du Maréchal-Foch"),
        equipment(3, "CF-002", "Rond-point Darcy", "place Darcy"),
    ];
    copy(replica, &[(COMMUNE, rows(&[commune(50, "21231", "Dijon")])), (EQUIPMENT, rows(&junctions))]).await;
}

async fn ids(replica: &dyn Replica, table: &'static TableSpec) -> Vec<(LocalId, uuid::Uuid)> {
    replica.scan(table).await.unwrap().into_iter().map(|(id, row)| (id, row.key().unwrap())).collect()
}

/// The references that a search gives, in its order.
async fn found(replica: &dyn Replica, text: &str) -> Vec<String> {
    let all = replica.scan(EQUIPMENT).await.unwrap();
    let hits = replica.search(text, 10).await.unwrap().hits;
    let reference = |hit| {
        let (_, row) = all.iter().find(|(id, _)| *id == hit).unwrap();
        Equipment::from_row(row).unwrap().reference
    };
    hits.into_iter().map(reference).collect()
}

/// No cut, no rows, in any table.
pub async fn an_empty_replica_holds_nothing(replica: &dyn Replica) {
    assert!(replica.info().await.unwrap().is_none());
    for table in TABLES {
        assert!(replica.scan(table).await.unwrap().is_empty(), "{}", table.name);
    }
    assert!(replica.search("rue", 10).await.unwrap().hits.is_empty());
    assert!(replica.places("rue", 10).await.unwrap().hits.is_empty());
    assert!(replica.row(EQUIPMENT, key(1)).await.unwrap().is_none());
}

/// Every column and type comes back, nulls as well; batches may be of any size; the cut and the identity are known.
pub async fn a_snapshot_is_read_as_it_was_sent(replica: &dyn Replica) {
    let (communes, states) = (rows(&[commune(50, "21231", "Dijon")]), rows(&[state(1, 7), state(2, 8)]));
    let many: Vec<Row> = (1..=2_500).map(|n| equipment(n, &format!("EP-{n:05}"), "", "rue").to_row()).collect();
    let mut rebuild = replica.rebuild().await.unwrap();
    rebuild.rows(COMMUNE, communes.clone()).await.unwrap();
    for batch in many.chunks(700) {
        rebuild.rows(EQUIPMENT, batch.to_vec()).await.unwrap();
    }
    rebuild.rows(STATE, states.clone()).await.unwrap();
    rebuild.finish(cut(0), identity("agnes")).await.unwrap();

    for (table, sent) in [(COMMUNE, &communes), (EQUIPMENT, &many), (STATE, &states)] {
        let held: Vec<Row> = replica.scan(table).await.unwrap().into_iter().map(|(_, row)| row).collect();
        assert_eq!(&held, sent, "{}", table.name);
    }
    assert_eq!(replica.row(STATE, key(2)).await.unwrap().unwrap().1, states[1]);
    let info = replica.info().await.unwrap().unwrap();
    assert_eq!((info.cut, info.identity), (cut(0), identity("agnes")));
}

/// One step: what was deleted is gone, what was written is there, and the cut and identity say so.
pub async fn changes_deletes_and_cut_come_together(replica: &dyn Replica) {
    small_city(replica).await;
    let generation = replica.info().await.unwrap().unwrap().generation;
    let renamed = equipment(2, "CF-0011", "Carrefour Foch-Gare", "avenue du Maréchal-Foch");
    let step = changes(1, EQUIPMENT, vec![key(1), key(404)], rows(std::slice::from_ref(&renamed)));
    replica.apply(&step, &identity("bruno")).await.unwrap();

    assert!(replica.row(EQUIPMENT, key(1)).await.unwrap().is_none());
    let row = replica.row(EQUIPMENT, key(2)).await.unwrap().unwrap().1;
    assert_eq!(Equipment::from_row(&row).unwrap(), renamed);
    let info = replica.info().await.unwrap().unwrap();
    assert_eq!((info.cut, info.identity.login.as_str(), info.generation), (cut(1), "bruno", generation));
}

/// One row that does not fit refuses the whole step, cut included, and says which column.
pub async fn changes_that_do_not_fit_change_nothing(replica: &dyn Replica) {
    small_city(replica).await;
    let mut bad = equipment(5, "CF-005", "", "").to_row();
    bad.cells[6] = Cell::Text("east".into());
    let step = changes(1, EQUIPMENT, vec![key(1)], vec![equipment(4, "CF-004", "", "").to_row(), bad]);
    let error = replica.apply(&step, &identity("agnes")).await.unwrap_err();
    assert!(matches!(&error, StoreError::BadRow(bad) if bad.column == "lon"), "{error:?}");
    assert_eq!(replica.info().await.unwrap().unwrap().cut, cut(0));
    assert_eq!(ids(replica, EQUIPMENT).await.len(), 3);
}

/// Changes on top of nothing are not a copy.
pub async fn changes_on_no_copy_are_refused(replica: &dyn Replica) {
    let step = changes(1, EQUIPMENT, vec![], rows(&[equipment(1, "CF-001", "", "")]));
    assert!(replica.apply(&step, &identity("agnes")).await.is_err());
    assert!(replica.info().await.unwrap().is_none());
    assert!(replica.scan(EQUIPMENT).await.unwrap().is_empty());
}

/// A copy that is not finished leaves no trace, and another can be begun.
pub async fn a_rebuild_dropped_midway_leaves_the_present_copy(replica: &dyn Replica) {
    small_city(replica).await;
    let before = replica.info().await.unwrap();
    let mut rebuild = replica.rebuild().await.unwrap();
    rebuild.rows(EQUIPMENT, rows(&[equipment(9, "CF-009", "", "")])).await.unwrap();
    drop(rebuild);
    assert_eq!(replica.info().await.unwrap(), before);
    assert_eq!(ids(replica, EQUIPMENT).await.len(), 3);

    copy(replica, &[(EQUIPMENT, rows(&[equipment(8, "CF-008", "", "")]))]).await;
    assert_eq!(found(replica, "CF").await, ["CF-008"]);
}

/// Readers and writers go on with the present copy until the other takes its place, at once and with a new generation.
pub async fn the_present_copy_is_read_while_another_is_built(replica: &dyn Replica) {
    small_city(replica).await;
    let generation = replica.info().await.unwrap().unwrap().generation;
    let mut rebuild = replica.rebuild().await.unwrap();
    rebuild.rows(EQUIPMENT, rows(&[equipment(9, "CF-009", "", "")])).await.unwrap();
    assert_eq!(ids(replica, EQUIPMENT).await.len(), 3);
    let step = changes(1, EQUIPMENT, vec![key(1)], vec![]);
    replica.apply(&step, &identity("agnes")).await.unwrap();
    assert_eq!(ids(replica, EQUIPMENT).await.len(), 2);

    rebuild.finish(cut(2), identity("agnes")).await.unwrap();
    assert_eq!(found(replica, "CF").await, ["CF-009"]);
    let info = replica.info().await.unwrap().unwrap();
    assert_eq!((info.cut, info.generation), (cut(2), generation + 1));
    assert!(replica.scan(COMMUNE).await.unwrap().is_empty());
}

/// A copy that lacks rows which were sent must never pass for a whole one.
pub async fn a_rebuild_that_was_sent_bad_rows_cannot_finish(replica: &dyn Replica) {
    small_city(replica).await;
    let mut rebuild = replica.rebuild().await.unwrap();
    let error =
        rebuild.rows(&Desk::SPEC, vec![Row { cells: vec![Cell::Null, Cell::Null], stamp: 0 }]).await.unwrap_err();
    assert!(matches!(error, StoreError::BadRow(_)));
    assert!(rebuild.rows(EQUIPMENT, rows(&[equipment(9, "CF-009", "", "")])).await.is_err());
    assert!(rebuild.finish(cut(1), identity("agnes")).await.is_err());
    assert_eq!(ids(replica, EQUIPMENT).await.len(), 3);
}

/// Two rows under one key are no table.
pub async fn a_key_sent_twice_cannot_finish(replica: &dyn Replica) {
    small_city(replica).await;
    let mut rebuild = replica.rebuild().await.unwrap();
    let _ = rebuild.rows(EQUIPMENT, rows(&[equipment(9, "CF-009", "", ""), equipment(9, "CF-010", "", "")])).await;
    assert!(rebuild.finish(cut(1), identity("agnes")).await.is_err());
    assert_eq!(ids(replica, EQUIPMENT).await.len(), 3);
}

/// What the map calls a point stays that point through changes.
pub async fn local_ids_are_stable_until_a_rebuild(replica: &dyn Replica) {
    small_city(replica).await;
    let before = ids(replica, EQUIPMENT).await;
    assert!(before.is_sorted_by(|a, b| a.0 < b.0));
    let step = changes(
        1,
        EQUIPMENT,
        vec![key(2)],
        rows(&[equipment(3, "CF-002", "Darcy", ""), equipment(4, "CF-004", "", "")]),
    );
    replica.apply(&step, &identity("agnes")).await.unwrap();
    let after = ids(replica, EQUIPMENT).await;
    assert_eq!(after[..2], [before[0], before[2]]);
    assert_eq!(after[2].1, key(4));
    assert_eq!(replica.row(EQUIPMENT, key(3)).await.unwrap().unwrap().0, before[2].0);
}

/// The number of an object that went is not the number of the next one.
pub async fn a_local_id_is_not_given_again(replica: &dyn Replica) {
    small_city(replica).await;
    let last = ids(replica, EQUIPMENT).await.last().unwrap().0;
    replica.apply(&changes(1, EQUIPMENT, vec![key(3)], vec![]), &identity("agnes")).await.unwrap();
    let step = changes(2, EQUIPMENT, vec![], rows(&[equipment(4, "CF-004", "", "")]));
    replica.apply(&step, &identity("agnes")).await.unwrap();
    assert!(replica.row(EQUIPMENT, key(4)).await.unwrap().unwrap().0 > last);
}

/// A row that moved between scopes is deleted and written in one cut: it is the same object.
pub async fn a_row_deleted_and_written_at_once_keeps_its_local_id(replica: &dyn Replica) {
    small_city(replica).await;
    let before = replica.row(EQUIPMENT, key(1)).await.unwrap().unwrap().0;
    let moved = equipment(1, "CF-001", "Ailleurs", "");
    replica
        .apply(&changes(1, EQUIPMENT, vec![key(1)], rows(std::slice::from_ref(&moved))), &identity("agnes"))
        .await
        .unwrap();
    assert_eq!(replica.row(EQUIPMENT, key(1)).await.unwrap(), Some((before, moved.to_row())));
    assert_eq!(found(replica, "ailleurs").await, ["CF-001"]);
}

/// Old rows of windowed tables go when the cut moves on; the others stay.
pub async fn rows_leave_with_their_window(replica: &dyn Replica) {
    copy(replica, &[(EQUIPMENT, rows(&[equipment(1, "CF-001", "", "")])), (HISTORY, rows(&[history(10, 1, 0)]))]).await;
    let step = changes(48, HISTORY, vec![], rows(&[history(11, 1, 20)]));
    replica.apply(&step, &identity("agnes")).await.unwrap();
    assert_eq!(ids(replica, HISTORY).await.len(), 2, "a row exactly as old as the window stays");
    replica.apply(&changes(49, STATE, vec![], vec![]), &identity("agnes")).await.unwrap();
    let left: Vec<_> = ids(replica, HISTORY).await.into_iter().map(|(_, key)| key).collect();
    assert_eq!(left, [key(11)]);
    assert_eq!(ids(replica, EQUIPMENT).await.len(), 1);
}

/// By an indexed column or the key, newest key first, at most so many; another column is refused, not searched slowly.
pub async fn rows_are_found_by_indexed_columns_newest_first(replica: &dyn Replica) {
    let past = [history(10, 1, 1), history(12, 1, 3), history(11, 1, 2), history(13, 2, 1)];
    copy(replica, &[(HISTORY, rows(&past))]).await;
    let of = EquipmentId(key(1)).to_cell();
    let found = |limit| replica.find(HISTORY, "equipment_id", &of, limit);
    let keys = |rows: Vec<Row>| rows.iter().filter_map(Row::key).collect::<Vec<_>>();
    assert_eq!(keys(found(10).await.unwrap()), [key(12), key(11), key(10)]);
    assert_eq!(keys(found(2).await.unwrap()), [key(12), key(11)]);
    let by_key = replica.find(HISTORY, "history_id", &key(13).to_cell(), 5).await.unwrap();
    assert_eq!(by_key, rows(&past[3..]));
    assert!(replica.find(HISTORY, "equipment_id", &Cell::Null, 5).await.unwrap().is_empty());
    for column in ["source", "nothing; DROP TABLE desk"] {
        assert!(matches!(replica.find(HISTORY, column, &of, 5).await, Err(StoreError::BadRow(_))), "{column}");
    }
}

/// Each word typed begins a word of the object, in any of its texts.
pub async fn search_folds_case_and_accents_and_reads_beginnings(replica: &dyn Replica) {
    small_city(replica).await;
    for text in ["hotel", "HÔTEL", "hote vil", "liberte", "Liberté hôtel dij", "ho\u{302}tel"] {
        assert_eq!(found(replica, text).await, ["CF-001"], "{text}");
    }
    assert_eq!(found(replica, "dijon").await, ["CF-001", "CF-0011", "CF-002"]);
    assert_eq!(found(replica, "marechal darcy").await, [""; 0]);
    assert_eq!(found(replica, "tel").await, [""; 0]);
    assert_eq!(replica.search("dijon", 2).await.unwrap().hits.len(), 2);
}

/// Then the references that begin so, then what has the words.
pub async fn search_gives_the_exact_reference_first(replica: &dyn Replica) {
    let named = equipment(1, "AA-001", "près de CF-002", "");
    let others = [named, equipment(2, "CF-0020", "", ""), equipment(3, "CF-002", "", "")];
    copy(replica, &[(EQUIPMENT, rows(&others))]).await;
    for text in ["CF-002", " cf-002 "] {
        assert_eq!(found(replica, text).await, ["CF-002", "CF-0020", "AA-001"], "{text}");
    }
}

/// A street has one junction and forty lights: the junction is not at their end.
pub async fn search_gives_what_stands_alone_before_what_stands_by_the_dozen(replica: &dyn Replica) {
    let lights = (1..=5).map(|n| Equipment {
        kind: EquipmentKind::StreetLight,
        ..equipment(n, &format!("EP-{n}"), "rue Foch 1", "rue Foch")
    });
    let all: Vec<Equipment> = lights.chain([equipment(9, "TL-9", "Carrefour Foch", "rue Foch")]).collect();
    copy(replica, &[(EQUIPMENT, rows(&all))]).await;
    assert_eq!(found(replica, "rue foch").await, ["TL-9", "EP-1", "EP-2", "EP-3", "EP-4", "EP-5"]);
    // What becomes a light is found among the lights.
    let light = Equipment { kind: EquipmentKind::StreetLight, ..all[5].clone() };
    replica.apply(&changes(1, EQUIPMENT, vec![], rows(&[light])), &identity("agnes")).await.unwrap();
    assert_eq!(found(replica, "rue foch").await, ["EP-1", "EP-2", "EP-3", "EP-4", "EP-5", "TL-9"]);
}

/// Nothing has the word as it was typed: what has words near it is found, and said to be near.
pub async fn search_forgives_a_slip_and_says_so(replica: &dyn Replica) {
    small_city(replica).await;
    for text in ["hotle", "libertté dijon", "lbierté", "carefour hotel", "hotl"] {
        let near = replica.search(text, 10).await.unwrap();
        assert!(near.near, "{text}");
        assert_eq!(found(replica, text).await, ["CF-001"], "{text}");
    }
    assert!(!replica.search("hotel", 10).await.unwrap().near);
    // Neither short words nor figures are guessed at.
    assert_eq!(found(replica, "fuch").await, ["CF-0011"]);
    assert_eq!(found(replica, "ruo liberte").await, [""; 0]);
    assert_eq!(found(replica, "CF-009").await, [""; 0]);
}

/// A word that goes on in figures is begun by its letters.
pub async fn search_begins_words_that_end_in_figures(replica: &dyn Replica) {
    let all = [equipment(1, "X-1", "Lampe0042", ""), equipment(2, "X-2", "Lampadaire", "")];
    copy(replica, &[(EQUIPMENT, rows(&all))]).await;
    for (text, hits) in [("lamp", vec!["X-1", "X-2"]), ("lampe", vec!["X-1"]), ("lampe00", vec!["X-1"])] {
        assert_eq!(found(replica, text).await, hits, "{text}");
    }
}

/// Their kinds, names, communes, and how many objects stand in a street.
async fn places(replica: &dyn Replica, text: &str) -> Vec<(PlaceKind, String, String, u32)> {
    let found = replica.places(text, 10).await.unwrap();
    found.hits.into_iter().map(|p| (p.kind, p.name, p.commune, p.objects)).collect()
}

fn zone(n: u128, reference: &str, name: &str) -> Row {
    let outline = serde_json::json!({"type": "Polygon", "coordinates": []});
    Zone {
        zone_id: ZoneId(key(n)),
        reference: reference.into(),
        name: name.into(),
        kind: "cctv".into(),
        outline,
        revision: None,
        person_id: None,
        changed_at: None,
    }
    .to_row()
}

/// A commune before the streets that bear its name, a zone by its reference, slips forgiven.
pub async fn communes_zones_and_streets_are_places(replica: &dyn Replica) {
    let objects = [
        equipment(1, "CF-001", "Carrefour", "rue de Talant"),
        equipment(2, "CF-002", "Carrefour", "rue de Talant"),
        Equipment {
            lon: 5.5,
            lat: 47.5,
            insee_code: "21617".into(),
            ..equipment(3, "CF-003", "Carrefour", "rue de Dijon")
        },
    ];
    let communes = rows(&[commune(50, "21231", "Dijon"), commune(51, "21617", "Talant")]);
    let zones = vec![zone(60, "ZV-01", "Zone vidéo Darcy")];
    copy(replica, &[(COMMUNE, communes), (ZONE, zones), (EQUIPMENT, rows(&objects))]).await;
    let street = |name: &str, commune: &str, n| (PlaceKind::Street, name.to_owned(), commune.to_owned(), n);
    let commune = (PlaceKind::Commune, "Talant".to_owned(), String::new(), 0);
    let both = [commune, street("rue de Dijon", "Talant", 1), street("rue de Talant", "Dijon", 2)];
    assert_eq!(places(replica, "TALANT").await, both);
    assert_eq!(places(replica, "rue de").await, [both[1].clone(), both[2].clone()]);
    for text in ["zv-01", "video darcy", "vidoe darcy"] {
        let found = places(replica, text).await;
        assert_eq!(found, [(PlaceKind::Zone, "Zone vidéo Darcy".into(), String::new(), 0)], "{text}");
    }
    let there = replica.places("rue talant dijon", 10).await.unwrap().hits;
    let bounds: Vec<_> = there.iter().map(|p| p.bounds.unwrap()).collect();
    assert_eq!(bounds, [[5.5, 47.5, 5.5, 47.5], [5.0, 47.0, 5.0, 47.0]]);
}

/// A street is there as long as something stands in it; a zone as long as it is drawn.
pub async fn places_follow_changes(replica: &dyn Replica) {
    small_city(replica).await;
    let names =
        async |text| places(replica, text).await.into_iter().map(|(_, name, _, n)| (name, n)).collect::<Vec<_>>();
    assert_eq!(names("darcy").await, [("place Darcy".to_owned(), 1)]);
    let moved =
        [equipment(3, "CF-002", "Rond-point Darcy", "place Grangier"), equipment(4, "CF-004", "x", "place Grangier")];
    replica.apply(&changes(1, EQUIPMENT, vec![key(1)], rows(&moved)), &identity("agnes")).await.unwrap();
    assert_eq!(names("darcy").await, []);
    assert_eq!(names("liberte").await, []);
    assert_eq!(names("grangier").await, [("place Grangier".to_owned(), 2)]);
    let drawn = changes(2, ZONE, vec![], vec![zone(60, "ZV-01", "Parvis Darcy")]);
    replica.apply(&drawn, &identity("agnes")).await.unwrap();
    assert_eq!(names("darcy").await, [("Parvis Darcy".to_owned(), 0)]);
    replica.apply(&changes(3, ZONE, vec![key(60)], vec![]), &identity("agnes")).await.unwrap();
    assert_eq!(names("darcy").await, []);
}

/// Quotes, stars and operators are not a language here.
pub async fn search_takes_anything_typed_as_text(replica: &dyn Replica) {
    small_city(replica).await;
    let page = "rue ".repeat(3_000);
    for text in
        ["", "  ", "\"", "'", "\"hotel", "*", "hotel*", "NEAR(", "a OR", "-", "name:x", "^", "{", "\0", page.as_str()]
    {
        assert!(replica.search(text, 10).await.is_ok(), "{text:.20}");
        assert!(replica.places(text, 10).await.is_ok(), "{text:.20}");
    }
    assert_eq!(found(replica, "\"hotel\"*").await, ["CF-001"]);
    assert_eq!(found(replica, "l'hôtel").await, ["CF-001"]);
    assert_eq!(found(replica, "foch OR darcy").await, [""; 0]);
}

/// Words come and go with their rows.
pub async fn search_follows_changes(replica: &dyn Replica) {
    small_city(replica).await;
    let step = changes(
        1,
        EQUIPMENT,
        vec![key(1)],
        rows(&[equipment(2, "CF-0011", "Carrefour Sévigné", ""), equipment(4, "CF-004", "Pont Darcy", "")]),
    );
    replica.apply(&step, &identity("agnes")).await.unwrap();
    assert_eq!(found(replica, "hotel").await, [""; 0]);
    assert_eq!(found(replica, "foch").await, [""; 0]);
    assert_eq!(found(replica, "sevigne").await, ["CF-0011"]);
    assert_eq!(found(replica, "darcy").await, ["CF-002", "CF-004"]);
    assert_eq!(found(replica, "dijon").await, ["CF-0011", "CF-002", "CF-004"]);
}

/// A commune that is renamed or goes takes its name from its objects' words.
pub async fn search_follows_the_name_of_a_commune(replica: &dyn Replica) {
    small_city(replica).await;
    let renamed = rows(&[commune(50, "21231", "Dijon-Métropole")]);
    replica.apply(&changes(1, COMMUNE, vec![], renamed), &identity("agnes")).await.unwrap();
    assert_eq!(found(replica, "metropole").await.len(), 3);
    replica.apply(&changes(2, COMMUNE, vec![key(50)], vec![]), &identity("agnes")).await.unwrap();
    assert_eq!(found(replica, "dijon").await, [""; 0]);
}

/// Over what is kept, whatever order it came in; what left its window at the time asked about counts no more.
pub async fn a_sum_is_that_of_the_rows_it_was_sent(replica: &dyn Replica) {
    let stamped = |row: Row, stamp| Row { stamp, ..row };
    let now = cut(0).at;
    let past = |n, hours: i64| history(n, 1, -hours).to_row();
    let rows = [stamped(past(1, 1), 7), stamped(past(2, 47), 8)];
    copy(replica, &[(HISTORY, rows.to_vec())]).await;
    let sum = async |hours: u64| {
        let sums = replica.sums(now.plus(std::time::Duration::from_secs(hours * 3600))).await.unwrap();
        assert_eq!(
            sums.iter().map(|s| s.table.name).collect::<Vec<_>>(),
            TABLES.iter().map(|t| t.name).collect::<Vec<_>>()
        );
        sums.into_iter().find(|s| s.table.name == HISTORY.name).unwrap()
    };
    let expected = |rows: &[&Row]| {
        let mut sum = TableSum::empty(HISTORY);
        for row in rows {
            sum.add(row.key().unwrap(), row.stamp);
        }
        sum
    };
    assert_eq!(sum(0).await, expected(&[&rows[1], &rows[0]]));
    assert_eq!(sum(2).await, expected(&[&rows[0]]));
    replica.apply(&changes(1, HISTORY, vec![], vec![stamped(past(1, 1), 9)]), &identity("agnes")).await.unwrap();
    assert_ne!(sum(2).await, expected(&[&rows[0]]), "written by another transaction");
}

/// With the changes of the others and the cut, at once; what was there keeps its local id.
pub async fn a_table_taken_anew_holds_what_came_and_nothing_else(replica: &dyn Replica) {
    small_city(replica).await;
    let before = ids(replica, EQUIPMENT).await;
    let mut mend = replica.mend().await.unwrap();
    let wanted = [
        equipment(2, "CF-0011", "Carrefour Foch", "boulevard de Sévigné"),
        equipment(4, "CF-004", "Carrefour Wilson", "place Wilson"),
    ];
    mend.rows(EQUIPMENT, rows(&wanted)).await.unwrap();
    mend.rows(HISTORY, vec![]).await.unwrap();
    assert_eq!(ids(replica, EQUIPMENT).await, before, "nothing shows before the end");
    let others = changes(5, COMMUNE, vec![], rows(&[commune(51, "21515", "Quetigny")]));
    mend.finish(&others, &identity("agnes")).await.unwrap();
    let after = ids(replica, EQUIPMENT).await;
    assert_eq!(after.iter().map(|(_, key)| *key).collect::<Vec<_>>(), [key(2), key(4)]);
    assert!(before.contains(&after[0]) && !before.iter().any(|(id, _)| *id == after[1].0));
    assert_eq!(found(replica, "sevigne").await, ["CF-0011"]);
    assert!(found(replica, "darcy").await.is_empty());
    assert_eq!(replica.scan(COMMUNE).await.unwrap().len(), 2);
    assert_eq!(replica.info().await.unwrap().unwrap().cut, cut(5));
}

/// As a crash in the middle would.
pub async fn a_mending_dropped_midway_changes_nothing(replica: &dyn Replica) {
    small_city(replica).await;
    let before = replica.scan(EQUIPMENT).await.unwrap();
    let mut mend = replica.mend().await.unwrap();
    mend.rows(EQUIPMENT, vec![]).await.unwrap();
    drop(mend);
    assert_eq!(replica.scan(EQUIPMENT).await.unwrap(), before);
    let once_more = replica.mend().await.unwrap();
    once_more.finish(&changes(1, COMMUNE, vec![], vec![]), &identity("agnes")).await.unwrap();
    assert_eq!(replica.scan(EQUIPMENT).await.unwrap(), before);
}
