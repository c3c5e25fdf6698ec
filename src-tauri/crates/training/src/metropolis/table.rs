//! A table in memory: typed rows, each stamped with the transaction that wrote it, and tombstones.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use uuid::Uuid;
use vigie_core::table::{
    Alarm, AlarmAct, AlarmRule, ApprovalRequest, Command, CommandEvent, CommandGroup, Commune, CrewLock, Desk,
    DeskHold, Equipment, EquipmentState, GaugeForecast, Ground, Inundation, LogEntry, Notice, Person, PersonKey,
    Programme, ProgrammeAssignment, RiverReach, Row, SavedGroup, Service, Shift, SoleReview, Source, StateHistory,
    TableRow, TableSpec, Zone, table,
};
use vigie_core::time::Timestamp;

/// A row that a table holds.
pub(crate) trait Record: TableRow + Clone + Send + Sync + 'static {
    /// Its key.
    fn key(&self) -> Uuid;
    /// In a windowed table: when it dates from.
    fn dated(&self) -> Option<Timestamp> {
        None
    }
}

macro_rules! records {
    ($($row:ident $key:ident $(at $at:ident)?;)+) => {$(
        impl Record for $row {
            fn key(&self) -> Uuid {
                Uuid::from_bytes(*self.$key.as_ref_bytes())
            }
            $(fn dated(&self) -> Option<Timestamp> {
                self.$at.into()
            })?
        }
    )+};
}

/// The bytes of any identifier.
trait Bytes {
    fn as_ref_bytes(&self) -> &[u8; 16];
}
impl Bytes for Uuid {
    fn as_ref_bytes(&self) -> &[u8; 16] {
        self.as_bytes()
    }
}
macro_rules! bytes {
    ($($id:ident)+) => {$(impl Bytes for vigie_core::ids::$id {
        fn as_ref_bytes(&self) -> &[u8; 16] {
            self.0.as_bytes()
        }
    })+};
}
bytes! { EquipmentId ZoneId ServiceId CommandId GroupId SavedGroupId PersonId DeskId ShiftId RecordId KeyId AlarmId RequestId ProgrammeId }

records! {
    Commune commune_id;
    Ground ground_id;
    Zone zone_id;
    Person person_id;
    Desk desk_id;
    Shift shift_id;
    Service service_id;
    Equipment equipment_id;
    EquipmentState equipment_id;
    StateHistory history_id at observed_at;
    Command command_id at issued_at;
    CommandGroup group_id at issued_at;
    SavedGroup saved_group_id;
    CommandEvent event_id at at;
    PersonKey key_id;
    Source source_id;
    LogEntry log_id at written_at;
    AlarmRule rule_id;
    Alarm alarm_id at closed_at;
    AlarmAct act_id at received_at;
    Notice notice_id at raised_at;
    Programme programme_id;
    ProgrammeAssignment equipment_id;
    CrewLock lock_id at over_at;
    ApprovalRequest request_id at asked_at;
    DeskHold equipment_id;
    SoleReview review_id at reviewed_at;
    RiverReach reach_id;
    GaugeForecast forecast_id;
    Inundation inundation_id;
}

/// A transaction's number.
pub(crate) type Xid = u64;

/// Rows by key, and in the order in which they were last written.
pub(crate) struct Table<T> {
    rows: HashMap<Uuid, (Xid, Arc<T>)>,
    written: BTreeSet<(Xid, Uuid)>,
    gone: BTreeSet<(Xid, Uuid)>,
}

impl<T: Record> Table<T> {
    pub(crate) fn new() -> Self {
        Self { rows: HashMap::new(), written: BTreeSet::new(), gone: BTreeSet::new() }
    }

    pub(crate) fn get(&self, key: Uuid) -> Option<&Arc<T>> {
        self.rows.get(&key).map(|(_, row)| row)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<T>> {
        self.written.iter().filter_map(|(_, key)| self.get(*key))
    }

    /// Rows of a window at an instant, with the transactions that wrote them.
    fn within(&self, now: Timestamp) -> impl Iterator<Item = (Xid, &Arc<T>)> {
        let floor = T::SPEC.floor(now).map(|(_, floor)| floor);
        let kept = move |row: &Arc<T>| floor.is_none_or(|floor| row.dated().is_none_or(|at| at >= floor));
        self.stamped(self.written.iter()).filter(move |(_, row)| kept(row))
    }

    fn stamped<'a>(
        &'a self,
        written: impl Iterator<Item = &'a (Xid, Uuid)>,
    ) -> impl Iterator<Item = (Xid, &'a Arc<T>)> {
        written.filter_map(|(xid, key)| Some((*xid, self.get(*key)?)))
    }

    pub(crate) fn put(&mut self, xid: Xid, row: T) {
        let key = row.key();
        if let Some((before, _)) = self.rows.insert(key, (xid, Arc::new(row))) {
            self.written.remove(&(before, key));
        }
        self.written.insert((xid, key));
    }
}

/// Rows on their way out: typed and shared until asked for, so that the city's lock is held for a moment only.
pub(crate) type Rows = Box<dyn Iterator<Item = Row> + Send>;

/// A table as the feed sees it.
pub(crate) trait Fed {
    fn spec(&self) -> Option<&'static TableSpec>;
    /// All rows, in a windowed table those of its window.
    fn all(&self, now: Timestamp) -> Rows;
    /// Keys deleted and rows written since a transaction, itself included.
    fn since(&self, xid: Xid) -> (Vec<Uuid>, Rows);
    /// Deletes a row and leaves a tombstone.
    fn delete(&mut self, xid: Xid, key: Uuid);
    /// Forgets tombstones but the latest `keep`; the last transaction forgotten.
    fn forget(&mut self, keep: usize) -> Option<Xid>;
}

fn rows<'a, T: Record>(stamped: impl Iterator<Item = (Xid, &'a Arc<T>)>) -> Rows {
    let rows: Vec<(Xid, Arc<T>)> = stamped.map(|(xid, row)| (xid, row.clone())).collect();
    Box::new(rows.into_iter().map(|(stamp, row)| Row { stamp, ..row.to_row() }))
}

impl<T: Record> Fed for Table<T> {
    fn spec(&self) -> Option<&'static TableSpec> {
        table(T::SPEC.name)
    }

    fn all(&self, now: Timestamp) -> Rows {
        rows(self.within(now))
    }

    fn since(&self, xid: Xid) -> (Vec<Uuid>, Rows) {
        let from = (xid, Uuid::nil());
        let gone = self.gone.range(from..).map(|(_, key)| *key).collect();
        (gone, rows(self.stamped(self.written.range(from..))))
    }

    fn delete(&mut self, xid: Xid, key: Uuid) {
        if let Some((before, _)) = self.rows.remove(&key) {
            self.written.remove(&(before, key));
            self.gone.insert((xid, key));
        }
    }

    fn forget(&mut self, keep: usize) -> Option<Xid> {
        let mut last = None;
        while self.gone.len() > keep {
            last = self.gone.pop_first().map(|(xid, _)| xid);
        }
        last
    }
}
