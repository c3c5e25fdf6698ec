//! Behaviours of a replica. Each begins with an empty one.

use vigie_core::ids::EquipmentId;
use vigie_core::port::{LocalId, Replica, StoreError};
use vigie_core::table::{
    Cell, Commune, Desk, Equipment, EquipmentState, Field as _, Row, StateHistory, TABLES, TableRow, TableSpec,
    TableSum,
};

use super::samples::{changes, commune, cut, equipment, history, identity, key, state};

const EQUIPMENT: &TableSpec = &Equipment::SPEC;
const STATE: &TableSpec = &EquipmentState::SPEC;
const HISTORY: &TableSpec = &StateHistory::SPEC;
const COMMUNE: &TableSpec = &Commune::SPEC;

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
    let hits = replica.search(text, 10).await.unwrap();
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
    assert!(replica.search("rue", 10).await.unwrap().is_empty());
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
    assert_eq!(found(replica, "otel").await, [""; 0]);
    assert_eq!(replica.search("dijon", 2).await.unwrap().len(), 2);
}

/// Then the references that begin so.
pub async fn search_gives_the_exact_reference_first(replica: &dyn Replica) {
    let named = equipment(1, "AA-001", "près de CF-002", "");
    let others = [named, equipment(2, "CF-0020", "", ""), equipment(3, "CF-002", "", "")];
    copy(replica, &[(EQUIPMENT, rows(&others))]).await;
    for text in ["CF-002", " cf-002 "] {
        assert_eq!(found(replica, text).await, ["CF-002", "CF-0020", "AA-001"], "{text}");
    }
}

/// Quotes, stars and operators are not a language here.
pub async fn search_takes_anything_typed_as_text(replica: &dyn Replica) {
    small_city(replica).await;
    let page = "rue ".repeat(3_000);
    for text in
        ["", "  ", "\"", "'", "\"hotel", "*", "hotel*", "NEAR(", "a OR", "-", "name:x", "^", "{", "\0", page.as_str()]
    {
        assert!(replica.search(text, 10).await.is_ok(), "{text:.20}");
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
