//! Small rows, changes and entries, each different by a number.

use serde_json::{Value, json};
use uuid::Uuid;
use vigie_core::command::{Admission, ClassCode, CommandEventCode, CommandOrder, CommandState, Params, Seen};
use vigie_core::equipment::{EquipmentKind, Mode, Quality, Reach, Reading};
use vigie_core::ids::{CommandId, DeskId, EquipmentId, PersonId, RecordId, ShiftId, SubmissionId};
use vigie_core::port::{
    Changes, Cut, Deposited, Identity, Lane, MetropolisMode, OutboxEntry, OutboxRecord, OutboxState, StoredEvent,
    TableChanges,
};
use vigie_core::record::{Hand, Link, LinkKind, Links, LogKind, LogLine, RecordState, Signed};
use vigie_core::rights::Role;
use vigie_core::submission::Body;
use vigie_core::table::{Commune, Equipment, EquipmentState, Row, StateHistory, TableSpec};
use vigie_core::time::Timestamp;

/// A night of November, in milliseconds.
pub const NIGHT: i64 = 1_795_500_000_000;
const HOUR: i64 = 3_600_000;

/// Key number `n`; keys grow with their numbers.
pub fn key(n: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + n)
}

/// The metropolis, as account `login`.
pub fn identity(login: &str) -> Identity {
    Identity {
        system: "7300000000000000001".into(),
        timeline: 1,
        epoch: key(1),
        name: "Dijon".into(),
        mode: MetropolisMode::Training,
        schema_version: 1,
        rights: "f00d".into(),
        server_time: Timestamp(NIGHT),
        clock_rate: 1.0,
        login: login.into(),
        person_id: Some(PersonId(key(2))),
        role: Role::RemoteOperator,
        desk_id: None,
    }
}

/// Cut number `n`, one hour after the one before it.
pub fn cut(n: u64) -> Cut {
    let at = Timestamp(NIGHT + i64::try_from(n).unwrap_or(0) * HOUR);
    Cut { epoch: key(1), timeline: 1, xmin: n, snapshot: format!("{n}:{n}:"), at }
}

/// Changes of one table at cut `n`.
pub fn changes(n: u64, table: &'static TableSpec, deleted: Vec<Uuid>, rows: Vec<Row>) -> Changes {
    Changes { cut: cut(n), tables: vec![TableChanges { table, deleted, rows }] }
}

/// A commune.
pub fn commune(n: u128, insee_code: &str, name: &str) -> Commune {
    Commune {
        commune_id: key(n),
        insee_code: insee_code.into(),
        name: name.into(),
        lon: 5.041_5,
        lat: 47.322,
        population: 158_000,
        outline: json!({"type": "Point", "coordinates": [5.041_5, 47.322]}),
    }
}

/// A junction in commune 21231.
pub fn equipment(n: u128, reference: &str, name: &str, street: &str) -> Equipment {
    Equipment {
        equipment_id: EquipmentId(key(n)),
        reference: reference.into(),
        name: name.into(),
        kind: EquipmentKind::SignalJunction,
        insee_code: "21231".into(),
        street: street.into(),
        lon: 5.0,
        lat: 47.0,
        attributes: json!({"phone": "03 80 00 00 00"}),
        service_id: None,
    }
}

/// The state of object `n` at a version, with and without its optional columns.
pub fn state(n: u128, version: i64) -> EquipmentState {
    let overridden = version % 2 == 0;
    EquipmentState {
        equipment_id: EquipmentId(key(n)),
        reading: Reading::from(json!({"plan": version})),
        quality: Quality::Good,
        observed_at: overridden.then_some(Timestamp(NIGHT)),
        received_at: Timestamp(NIGHT),
        source: "controller".into(),
        reach: Reach::Reachable,
        mode: if overridden { Mode::Override } else { Mode::Programme },
        target: overridden.then(|| Params::from(json!({"plan": version}))),
        effect_until: overridden.then_some(Timestamp(NIGHT + HOUR)),
        version,
        control_version: version,
    }
}

/// Past state `n` of object `of`, seen `hours` after the night began.
pub fn history(n: u128, of: u128, hours: i64) -> StateHistory {
    StateHistory {
        history_id: key(n),
        equipment_id: EquipmentId(key(of)),
        reading: Reading::from(json!({"plan": 3})),
        quality: Quality::Good,
        observed_at: Timestamp(NIGHT + hours * HOUR),
        source: "controller".into(),
        mode: Mode::Programme,
    }
}

/// Command `n`, just submitted.
pub fn entry(n: u128) -> OutboxEntry {
    let seen: Value = json!({"plan": 3, "aspect": "normal"});
    OutboxEntry {
        order: CommandOrder {
            command_id: CommandId(key(n)),
            equipment_id: EquipmentId(key(900 + n)),
            action: "signal_junction.set_plan".into(),
            params: Params::from(json!({"plan": 5})),
            issued_at: Timestamp(NIGHT),
            expires_at: Timestamp(NIGHT + 300_000),
            effect_until: Some(Timestamp(NIGHT + HOUR)),
            shift_id: ShiftId(key(3)),
            desk_id: DeskId(key(4)),
            reason: "congestion".into(),
            seen: Seen {
                reading: Reading::from(seen),
                observed_at: Some(Timestamp(NIGHT - 1_000)),
                version: 41,
                control_version: 7,
            },
            without_visibility: false,
            procedure: vigie_core::command::Procedure::default(),
        },
        class: ClassCode::C,
        admission: Admission::Send,
        person_id: PersonId(key(2)),
        role: Role::RemoteOperator,
        state: CommandState::Submitted,
        detail: None,
        outbox: OutboxState::Open,
        reissued_as: None,
        group_id: None,
        position: 0,
    }
}

/// An event that leads to a state.
pub fn event(event: CommandEventCode, to: CommandState) -> StoredEvent {
    StoredEvent { at: Timestamp(NIGHT), event, to, detail: None }
}

/// Record `n`: a line of the log, waiting to be submitted.
pub fn record(n: u128) -> OutboxRecord {
    let line = LogLine {
        log_id: RecordId(key(n)),
        written_at: Timestamp(NIGHT),
        desk_id: Some(DeskId(key(4))),
        shift_id: Some(ShiftId(key(3))),
        sequence: 1,
        person_id: PersonId(key(2)),
        role: Role::RemoteOperator,
        kind: LogKind::Event,
        text: format!("Ligne {n}"),
        corrects: None,
        links: Links(vec![Link { kind: LinkKind::Equipment, id: key(900) }]),
    };
    let body = Body::LogEntry(Signed::by(Some(&Hand::from_seed(&[7; 32])), line));
    OutboxRecord {
        record_id: RecordId(key(n)),
        submission_id: SubmissionId(key(1_000 + n)),
        lane: Lane::of(&body),
        body,
        written_at: Timestamp(NIGHT),
        state: RecordState::Queued,
        since: Timestamp(NIGHT),
        detail: None,
        refusals: 0,
        position: 0,
    }
}

/// A record left in a deposit.
pub fn deposited(n: u128) -> Deposited {
    let record = record(n);
    Deposited {
        record_id: record.record_id,
        person_id: PersonId(key(2)),
        desk_id: DeskId(key(4)),
        body: record.body,
        written_at: Timestamp(NIGHT + i64::try_from(n).unwrap_or(0)),
    }
}
