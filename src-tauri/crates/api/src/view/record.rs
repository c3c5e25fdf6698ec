//! The log and records on their way.

use std::collections::HashSet;

use vigie_core::ids::EquipmentId;
use vigie_core::record::{Link, LinkKind, RecordState};
use vigie_core::submission::Body;
use vigie_engine::{Engine, ShownLine};

use crate::dto::{LinkedView, LogLineView, RecordView, RecordsView};

/// Characters of a record's words in a list.
const SUMMARY: usize = 120;

pub(crate) fn log(engine: &Engine, limit: usize) -> Vec<LogLineView> {
    let me = engine.status().identity.and_then(|identity| identity.person_id);
    let lines = engine.log(limit);
    lines.into_iter().map(|shown| line(engine, shown, me)).collect()
}

fn line(engine: &Engine, shown: ShownLine, me: Option<vigie_core::ids::PersonId>) -> LogLineView {
    let ShownLine { line, received_at, deposited_by, authenticity, waiting } = shown;
    LogLineView {
        log_id: line.log_id,
        written_at: line.written_at,
        received_at,
        desk: line.desk_id.and_then(|id| engine.desk(id)),
        sequence: line.sequence,
        author: engine.person(line.person_id).unwrap_or_default(),
        role: line.role,
        mine: Some(line.person_id) == me,
        kind: line.kind,
        text: line.text,
        corrects: line.corrects,
        links: line.links.0.into_iter().map(|link| linked(engine, link)).collect(),
        deposited_by: deposited_by.map(|id| engine.person(id).unwrap_or_default()),
        authenticity,
        waiting,
    }
}

fn linked(engine: &Engine, link: Link) -> LinkedView {
    let known = (link.kind == LinkKind::Equipment).then(|| {
        engine.picture(|picture| {
            picture
                .object(EquipmentId(link.id))
                .map(|object| (object.equipment.reference.clone(), object.equipment.name.clone()))
        })
    });
    let (reference, name) = known.flatten().unzip();
    LinkedView { link, reference, name }
}

pub(crate) fn records(engine: &Engine) -> RecordsView {
    let mut lanes = HashSet::new();
    let records = engine.open_records().into_iter().map(|record| {
        let heads = lanes.insert(record.lane.clone());
        let refused = record.state == RecordState::Refused;
        RecordView {
            record_id: record.record_id,
            kind: record.body.kind().to_owned(),
            summary: summary(&record.body),
            written_at: record.written_at,
            state: record.state,
            detail: record.detail,
            blocks: heads && refused,
            can_retry: refused,
            can_abandon: refused,
        }
    });
    let records = records.collect();
    RecordsView { records, trouble: engine.post_stuck() }
}

fn summary(body: &Body) -> String {
    match body {
        Body::LogEntry(signed) => signed.written.text.chars().take(SUMMARY).collect(),
        Body::LockAsk(signed) => {
            let ask = &signed.written;
            format!("{} · {}", ask.place, ask.holder).chars().take(SUMMARY).collect()
        }
        _ => String::new(),
    }
}
