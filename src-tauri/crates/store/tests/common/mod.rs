//! A small city for the tests of the files.

// Each test file uses its part of this module, and is a crate of its own.
#![allow(dead_code, unreachable_pub)]

use serde_json::json;
use uuid::Uuid;
use vigie_core::command::{Admission, ClassCode, CommandEventCode, CommandOrder, CommandState, Params, Seen};
use vigie_core::equipment::{EquipmentKind, Reading};
use vigie_core::ids::{CommandId, DeskId, EquipmentId, PersonId, RecordId, ShiftId, SubmissionId};
use vigie_core::port::{
    Changes, Cut, Identity, Lane, MetropolisMode, OutboxEntry, OutboxRecord, OutboxState, Replica, StoredEvent,
    TableChanges,
};
use vigie_core::record::{Hand, Link, LinkKind, Links, LogKind, LogLine, RecordState, Signed};
use vigie_core::rights::Role;
use vigie_core::submission::Body;
use vigie_core::table::{Equipment, Row, TableRow as _, TableSpec};
use vigie_core::time::Timestamp;

/// The key of every folder of these tests.
pub const KEY: vigie_store::FileKey = vigie_store::FileKey::new([9; 32]);

pub const EQUIPMENT: &TableSpec = &Equipment::SPEC;

pub fn id(n: u32) -> Uuid {
    Uuid::from_u128(u128::from(n))
}

pub fn identity() -> Identity {
    Identity {
        system: "7300000000000000001".into(),
        timeline: 1,
        epoch: id(1),
        name: "Dijon".into(),
        mode: MetropolisMode::Training,
        schema_version: 1,
        rights: "f00d".into(),
        server_time: Timestamp(1_795_500_000_000),
        clock_rate: 1.0,
        login: "agnes".into(),
        person_id: Some(PersonId(id(2))),
        role: Role::RemoteOperator,
        desk_id: None,
    }
}

pub fn cut(n: u64) -> Cut {
    Cut { epoch: id(1), timeline: 1, xmin: n, snapshot: format!("{n}:{n}:"), at: Timestamp(1_795_500_000_000) }
}

pub fn light(n: u32) -> Row {
    Equipment {
        equipment_id: EquipmentId(id(n)),
        reference: format!("EP-{n:05}"),
        name: "Candélabre".into(),
        kind: EquipmentKind::StreetLight,
        insee_code: "21231".into(),
        street: "rue de la Préfecture".into(),
        lon: 5.04,
        lat: 47.32,
        attributes: json!({"rank": n, "crossing": false}),
        service_id: None,
    }
    .to_row()
}

pub fn lights(n: u32) -> Vec<Row> {
    (1..=n).map(light).collect()
}

pub fn change(n: u64, deleted: Vec<Uuid>, rows: Vec<Row>) -> Changes {
    Changes { cut: cut(n), tables: vec![TableChanges { table: EQUIPMENT, deleted, rows }] }
}

/// A full copy at cut 1.
pub async fn copy(replica: &dyn Replica, rows: Vec<Row>) {
    let mut rebuild = replica.rebuild().await.unwrap();
    rebuild.rows(EQUIPMENT, rows).await.unwrap();
    rebuild.finish(cut(1), identity()).await.unwrap();
}

pub async fn count(replica: &dyn Replica) -> usize {
    replica.scan(EQUIPMENT).await.unwrap().len()
}

pub fn entry(n: u32) -> OutboxEntry {
    OutboxEntry {
        order: CommandOrder {
            command_id: CommandId(id(n)),
            equipment_id: EquipmentId(id(500)),
            action: "street_light.set_level".into(),
            params: Params::from(json!({"level": 40})),
            issued_at: Timestamp(1_795_500_000_000),
            expires_at: Timestamp(1_795_500_900_000),
            effect_until: Some(Timestamp(1_795_503_600_000)),
            shift_id: ShiftId(id(3)),
            desk_id: DeskId(id(4)),
            reason: "voisinage".into(),
            seen: Seen {
                reading: Reading::from(json!({"level": 100, "fault": null})),
                observed_at: Some(Timestamp(1_795_499_990_000)),
                version: 12,
                control_version: 3,
            },
            without_visibility: false,
            procedure: vigie_core::command::Procedure::default(),
        },
        class: ClassCode::B,
        admission: Admission::Queue,
        person_id: PersonId(id(2)),
        role: Role::RemoteOperator,
        state: CommandState::Queued,
        detail: None,
        outbox: OutboxState::Open,
        reissued_as: None,
        group_id: None,
        position: 0,
    }
}

pub fn log_record(n: u32) -> OutboxRecord {
    let line = LogLine {
        log_id: RecordId(id(n)),
        written_at: Timestamp(1_795_500_000_000),
        desk_id: Some(DeskId(id(4))),
        shift_id: Some(ShiftId(id(3))),
        sequence: 1,
        person_id: PersonId(id(2)),
        role: Role::RemoteOperator,
        kind: LogKind::Decision,
        text: "Passerelle fermée".into(),
        corrects: None,
        links: Links(vec![Link { kind: LinkKind::Equipment, id: id(500) }]),
    };
    let body = Body::LogEntry(Signed::by(Some(&Hand::from_seed(&[7; 32])), line));
    OutboxRecord {
        record_id: RecordId(id(n)),
        submission_id: SubmissionId(id(1_000 + n)),
        lane: Lane::of(&body),
        body,
        written_at: Timestamp(1_795_500_000_000),
        state: RecordState::Queued,
        since: Timestamp(1_795_500_000_000),
        detail: None,
        refusals: 0,
        position: 0,
    }
}

pub fn queued() -> StoredEvent {
    StoredEvent {
        at: Timestamp(1_795_500_000_000),
        event: CommandEventCode::Queue,
        to: CommandState::Queued,
        detail: None,
    }
}

/// A file of these tests, opened from outside the crate.
pub async fn opened(path: &std::path::Path) -> sqlx::SqliteConnection {
    let literal = format!("\"x'{}'\"", "09".repeat(32));
    let options =
        sqlx::sqlite::SqliteConnectOptions::new().filename(path).create_if_missing(true).pragma("key", literal);
    // The pages of a copy are authenticated otherwise than those of what is nowhere else.
    let of_a_copy = path.ends_with("replica.sqlite");
    let options = if of_a_copy { options.pragma("cipher_hmac_algorithm", "HMAC_SHA256") } else { options };
    sqlx::ConnectOptions::connect(&options).await.unwrap()
}
