//! Lines and sheets of objects.

use vigie_core::command::{Action, ClassCode, Parameter, actions_of, is_live};
use vigie_core::equipment::{Mode, Quality, Reading, look};
use vigie_core::ids::{EquipmentId, ZoneId};
use vigie_core::link::LinkState;
use vigie_core::rights::rights;
use vigie_core::search::{Place, PlaceKind};
use vigie_core::table::{Service, StateHistory};
use vigie_core::time::Timestamp;
use vigie_engine::Engine;
use vigie_engine::picture::{Object, Picture};

use crate::dto::{
    ActionView, CommandView, HistoryLine, ObjectLine, ObjectSheet, ParameterView, PlaceView, ServiceView,
};

/// How the desk stands: its link, and the metropolis's time.
pub(crate) fn as_of(engine: &Engine) -> (LinkState, Timestamp) {
    let status = engine.status();
    (status.link.state, status.now)
}

/// The line of an object as the desk stands: `at` is the metropolis's time.
pub(crate) fn object_line(picture: &Picture, object: &Object, (link, at): (LinkState, Timestamp)) -> ObjectLine {
    let equipment = &object.equipment;
    ObjectLine {
        equipment_id: equipment.equipment_id,
        point: object.point,
        reference: equipment.reference.clone(),
        name: equipment.name.clone(),
        kind: equipment.kind,
        commune: picture.commune(&equipment.insee_code).to_owned(),
        lon: equipment.lon,
        lat: equipment.lat,
        look: object.look,
        marks: object.marks(),
        freshness: object.freshness(link, at),
        reading: object.reading(),
        observed_at: object.state.as_ref().and_then(|s| s.observed_at),
        lock: picture.lock(equipment.equipment_id),
    }
}

pub(crate) fn service(row: &Service) -> ServiceView {
    ServiceView { code: row.code.clone(), name: row.name.clone(), phone: row.phone.clone() }
}

pub(crate) fn place(place: Place) -> PlaceView {
    let zone_id = place.key.filter(|_| place.kind == PlaceKind::Zone).map(ZoneId);
    PlaceView {
        kind: place.kind,
        zone_id,
        reference: place.reference,
        name: place.name,
        commune: place.commune,
        objects: place.objects,
        bounds: place.bounds,
    }
}

pub(crate) fn object_sheet(
    engine: &Engine,
    id: EquipmentId,
    past: Vec<StateHistory>,
    commands: Vec<CommandView>,
) -> Option<ObjectSheet> {
    let locks = super::locks_on(engine, id);
    let assigned = engine.programme_on(id).map(|row| {
        let approver = row.approved_by.and_then(|person| engine.person(person));
        (engine.person(row.person_id), approver, row)
    });
    let status = engine.status();
    let role = status.identity.as_ref().map(|i| i.role);
    engine.picture(|picture| {
        let object = picture.object(id)?;
        let (equipment, state) = (&object.equipment, object.state.as_ref());
        let may = role.is_some_and(|role| rights().may_pilot(role, equipment.kind));
        Some(ObjectSheet {
            line: object_line(picture, object, (status.link.state, status.now)),
            street: equipment.street.clone(),
            attributes: equipment.attributes.clone(),
            quality: state.map_or(Quality::Never, |s| s.quality),
            received_at: state.map(|s| s.received_at),
            source: state.map(|s| s.source.clone()).unwrap_or_default(),
            ageing_after_ms: object.limit().ageing_after.as_millis() as f64,
            fresh_for_ms: object.limit().fresh_for.as_millis() as f64,
            out_of_reach: object.broken(status.link.state),
            mode: state.map_or(Mode::Programme, |s| s.mode),
            target: state.and_then(|s| s.target.clone()),
            effect_until: state.and_then(|s| s.effect_until),
            programme: assigned.map(|(author, approver, row)| {
                let reported = state.and_then(|s| s.reading.text("programme"));
                super::object_programme(&row, reported, author, approver)
            }),
            version: state.map_or(0, |s| s.version),
            control_version: state.map_or(0, |s| s.control_version),
            // What is held by a key is no command: the sheet has its keys.
            actions: actions_of(equipment.kind)
                .filter(|a| may && a.class != ClassCode::L && a.parameter != Parameter::Programme)
                .map(action)
                .collect(),
            live: may && is_live(equipment.kind),
            service: equipment.service_id.and_then(|id| picture.service(id)).map(service),
            phone: equipment.attributes.get("phone").and_then(|p| p.as_str()).map(str::to_owned),
            locks,
            commands,
            history: past
                .into_iter()
                .map(|h| history_line(equipment.kind, h.reading, h.quality, h.mode, h.source, h.observed_at))
                .collect(),
        })
    })
}

fn history_line(
    kind: vigie_core::equipment::EquipmentKind,
    reading: Reading,
    quality: Quality,
    mode: Mode,
    source: String,
    observed_at: vigie_core::time::Timestamp,
) -> HistoryLine {
    HistoryLine { look: look(kind, &reading, quality, mode), observed_at, reading, quality, mode, source }
}

pub(crate) fn action(action: &'static Action) -> ActionView {
    ActionView {
        code: action.code.to_owned(),
        class: action.class,
        parameter: match action.parameter {
            Parameter::None => ParameterView::None,
            Parameter::Number { key, min, max } => ParameterView::Number { key: key.to_owned(), min, max },
            Parameter::Text { key, max } => {
                ParameterView::Text { key: key.to_owned(), max: u32::try_from(max).unwrap_or(u32::MAX) }
            }
            Parameter::OneOf { key, values } => {
                ParameterView::OneOf { key: key.to_owned(), values: values.iter().map(|v| (*v).to_owned()).collect() }
            }
            Parameter::Programme => ParameterView::Programme,
        },
        max_effect_minutes: action.max_effect.map(|d| d.as_secs() / 60),
        safe_direction: action.safe_direction,
    }
}
