//! Lines and sheets of objects.

use vigie_core::command::{Action, Parameter, actions_of};
use vigie_core::equipment::{Mode, Quality, Reach, Reading, look};
use vigie_core::ids::EquipmentId;
use vigie_core::link::LinkState;
use vigie_core::rights::rights;
use vigie_core::table::StateHistory;
use vigie_engine::Engine;
use vigie_engine::picture::{Object, Picture};

use crate::dto::{ActionView, CommandView, HistoryLine, ObjectLine, ObjectSheet, OutOfReach, ParameterView};

pub(crate) fn object_line(picture: &Picture, object: &Object) -> ObjectLine {
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
        reading: object.state.as_ref().map(|s| s.reading.clone()).unwrap_or_default(),
        observed_at: object.state.as_ref().and_then(|s| s.observed_at),
    }
}

pub(crate) fn object_sheet(
    engine: &Engine,
    id: EquipmentId,
    past: Vec<StateHistory>,
    commands: Vec<CommandView>,
) -> Option<ObjectSheet> {
    let status = engine.status();
    let role = status.identity.as_ref().map(|i| i.role);
    engine.picture(|picture| {
        let object = picture.object(id)?;
        let (equipment, state) = (&object.equipment, object.state.as_ref());
        let may = role.is_some_and(|role| rights().may_pilot(role, equipment.kind));
        let reach = state.map_or(Reach::Reachable, |s| s.reach);
        Some(ObjectSheet {
            line: object_line(picture, object),
            street: equipment.street.clone(),
            attributes: equipment.attributes.clone(),
            quality: state.map_or(Quality::Never, |s| s.quality),
            received_at: state.map(|s| s.received_at),
            source: state.map(|s| s.source.clone()).unwrap_or_default(),
            fresh_for_ms: equipment.kind.fresh_for().as_millis() as f64,
            out_of_reach: match (status.link.state, reach) {
                (LinkState::Lost | LinkState::Starting, _) => Some(OutOfReach::Link),
                (_, Reach::GatewayLost) => Some(OutOfReach::Gateway),
                (_, Reach::DeviceLost) => Some(OutOfReach::Device),
                _ => None,
            },
            mode: state.map_or(Mode::Programme, |s| s.mode),
            target: state.and_then(|s| s.target.clone()),
            effect_until: state.and_then(|s| s.effect_until),
            version: state.map_or(0, |s| s.version),
            control_version: state.map_or(0, |s| s.control_version),
            actions: actions_of(equipment.kind).filter(|_| may).map(action).collect(),
            phone: equipment.attributes.get("phone").and_then(|p| p.as_str()).map(str::to_owned),
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

fn action(action: &'static Action) -> ActionView {
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
        },
        max_effect_minutes: action.max_effect.map(|d| d.as_secs() / 60),
        safe_direction: action.safe_direction,
    }
}
