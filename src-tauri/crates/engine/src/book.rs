//! The log as this workstation knows it: the local copy's lines, and over them those written here that it does not contain
//! yet. A line is never shown twice, and never goes away in between.

use std::collections::{BTreeMap, HashMap};

use vigie_core::ids::{KeyId, PersonId, RecordId};
use vigie_core::port::OutboxRecord;
use vigie_core::port::TableChanges;
use vigie_core::record::{Authenticity, LogLine, PublicKey, RecordState, Signed, Stated};
use vigie_core::submission::Body;
use vigie_core::table::{BadRow, LogEntry, PersonKey, TableRow};
use vigie_core::time::Timestamp;

/// A line as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownLine {
    /// What its author wrote.
    pub line: LogLine,
    /// When the metropolis received it; none before it says so.
    pub received_at: Option<Timestamp>,
    /// Who deposited it, when it was not its author.
    pub deposited_by: Option<PersonId>,
    /// Whether it bears its author's signature.
    pub authenticity: Authenticity,
    /// Where it stands here, while the local copy does not contain it.
    pub waiting: Option<RecordState>,
}

/// Lines and keys of the local copy.
#[derive(Debug, Default)]
pub(crate) struct Book {
    lines: BTreeMap<(Timestamp, RecordId), LogEntry>,
    by_id: HashMap<RecordId, Timestamp>,
    keys: HashMap<KeyId, PersonKey>,
}

impl Book {
    /// The whole of a local copy.
    pub(crate) fn load(&mut self, lines: Vec<LogEntry>, keys: Vec<PersonKey>) {
        *self = Self::default();
        for line in lines {
            self.put(line);
        }
        self.keys = keys.into_iter().map(|key| (key.key_id, key)).collect();
    }

    /// Takes in what changed, if it is of the log; says whether it was.
    pub(crate) fn take(&mut self, table: &TableChanges) -> Result<bool, BadRow> {
        if table.table.name == PersonKey::SPEC.name {
            for row in &table.rows {
                let key = PersonKey::from_row(row)?;
                self.keys.insert(key.key_id, key);
            }
            return Ok(true);
        }
        if table.table.name != LogEntry::SPEC.name {
            return Ok(false);
        }
        for key in &table.deleted {
            if let Some(at) = self.by_id.remove(&RecordId(*key)) {
                self.lines.remove(&(at, RecordId(*key)));
            }
        }
        for row in &table.rows {
            self.put(LogEntry::from_row(row)?);
        }
        Ok(true)
    }

    fn put(&mut self, line: LogEntry) {
        self.by_id.insert(line.log_id, line.written_at);
        self.lines.insert((line.written_at, line.log_id), line);
    }

    /// Whether the local copy contains a record.
    pub(crate) fn contains(&self, record: &OutboxRecord) -> bool {
        match &record.body {
            Body::LogEntry(_) => self.by_id.contains_key(&record.record_id),
            Body::KeyRegister { key_id, .. } => self.keys.contains_key(key_id),
            _ => false,
        }
    }

    /// Whether the local copy contains a line.
    pub(crate) fn has_line(&self, id: RecordId) -> bool {
        self.by_id.contains_key(&id)
    }

    /// Whether a key is registered.
    pub(crate) fn knows_key(&self, id: KeyId) -> bool {
        self.keys.contains_key(&id)
    }

    /// Whether it was signed with a key that is known as its author's.
    pub(crate) fn verify<T: Stated>(&self, signed: &Signed<T>, author: PersonId) -> Authenticity {
        let Some(seal) = &signed.seal else { return Authenticity::Unsigned };
        let Some(key) = self.keys.get(&seal.key_id) else { return Authenticity::KeyUnknown };
        match PublicKey::parse(&key.public_key) {
            Ok(public) if key.person_id == author => public.verify(&signed.written, &seal.signature),
            _ => Authenticity::Forged,
        }
    }

    /// The last `limit` lines, newest first, with those of the outbox that the local copy does not contain.
    pub(crate) fn shown<'r>(&self, outbox: impl Iterator<Item = &'r OutboxRecord>, limit: usize) -> Vec<ShownLine> {
        let waiting = outbox.filter_map(|record| match &record.body {
            Body::LogEntry(signed) if !self.by_id.contains_key(&record.record_id) => Some(ShownLine {
                line: signed.written.clone(),
                received_at: None,
                deposited_by: None,
                authenticity: self.verify(signed, signed.written.person_id),
                waiting: Some(record.state),
            }),
            _ => None,
        });
        let mut shown: Vec<ShownLine> = waiting.collect();
        shown.extend(self.lines.values().rev().take(limit).map(|row| self.shown_row(row)));
        shown.sort_by_key(|s| std::cmp::Reverse((s.line.written_at, s.line.log_id)));
        shown.truncate(limit);
        shown
    }

    fn shown_row(&self, row: &LogEntry) -> ShownLine {
        let line = LogLine::from(row);
        let seal = row.key_id.zip(row.signature.clone());
        let signed = Signed {
            written: line,
            seal: seal.map(|(key_id, signature)| vigie_core::record::Seal { key_id, signature }),
        };
        ShownLine {
            authenticity: self.verify(&signed, row.person_id),
            line: signed.written,
            received_at: Some(row.received_at),
            deposited_by: row.deposited_by,
            waiting: None,
        }
    }
}
