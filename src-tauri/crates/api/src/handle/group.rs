//! Commands on many objects.

use vigie_core::command::{ClassCode, MOST_EXCLUDED, Parameter, actions_of};
use vigie_core::equipment::EquipmentKind;
use vigie_core::geo::Position;
use vigie_core::ids::{EquipmentId, GroupId};
use vigie_core::rights::rights;
use vigie_engine::choose::{Choice, kinds};
use vigie_engine::picture::Picture;
use vigie_engine::{Engine, EngineError, PrepareGroup};

use crate::Api;
use crate::dto::{
    GroupArgs, GroupChoice, GroupKind, GroupLook, GroupLookArgs, GroupOperateArgs, GroupPreparation, GroupPrepareArgs,
    GroupSheet, GroupView, NoArgs, SaveGroupArgs, SavedGroupArgs, SavedGroupView,
};
use crate::error::ApiError;
use crate::view;

/// Groups in the panel.
const PANEL: usize = 50;

impl Api {
    pub(crate) async fn group_look(&self, args: GroupLookArgs) -> Result<GroupLook, ApiError> {
        let engine = self.engine().await?;
        let choice = choice(&engine, args.choice)?;
        let role = engine.status().identity.map(|i| i.role);
        let may = |kind: EquipmentKind| role.is_some_and(|role| rights().may_pilot(role, kind));
        Ok(engine.picture(|picture| {
            let mut kinds: Vec<_> = kinds(picture, &choice.objects(picture)).into_iter().collect();
            kinds.sort_by_key(|(kind, count)| (std::cmp::Reverse(*count), *kind));
            let kinds = kinds.into_iter().filter(|(kind, _)| may(*kind)).map(|(kind, count)| GroupKind {
                kind,
                count: view::count(count),
                actions: actions_of(kind)
                    .filter(|a| a.class != ClassCode::L && a.parameter != Parameter::Programme)
                    .map(view::action)
                    .collect(),
            });
            GroupLook { chosen: choice.chosen_by(), name: choice.name(picture), kinds: kinds.collect() }
        }))
    }

    pub(crate) async fn group_prepare(&self, args: GroupPrepareArgs) -> Result<GroupPreparation, ApiError> {
        let engine = self.engine().await?;
        let prepared = engine.prepare_group(PrepareGroup {
            choice: choice(&engine, args.choice)?,
            action: args.action,
            params: args.params,
            effect_minutes: args.effect_minutes,
            left_out: args.left_out,
            replaces: args.replaces,
        })?;
        Ok(engine.picture(|picture| GroupPreparation {
            group_id: prepared.group_id,
            class: prepared.class,
            admission: prepared.admission,
            needs_second_person: prepared.needs_second_person,
            life_ms: prepared.class.life().as_millis() as f64,
            streets: view::count(prepared.streets),
            members: prepared.members.iter().map(|id| view::group_object(picture, *id)).collect(),
            excluded: prepared.excluded.iter().map(|e| view::excluded(picture, e)).collect(),
            dangerous: prepared.dangerous,
            present: prepared.present,
            check: prepared.check,
        }))
    }

    pub(crate) async fn group_operate(&self, args: GroupOperateArgs) -> Result<GroupView, ApiError> {
        self.engine().await?.operate_group(args.group_id, &args.reason).await?;
        self.one_group(args.group_id).await
    }

    pub(crate) async fn group_press(&self, args: GroupArgs) -> Result<GroupView, ApiError> {
        self.engine().await?.press_group_key(args.group_id).await?;
        self.one_group(args.group_id).await
    }

    pub(crate) async fn group_abandon(&self, args: GroupArgs) -> Result<GroupView, ApiError> {
        self.engine().await?.abandon_group(args.group_id).await?;
        self.one_group(args.group_id).await
    }

    pub(crate) async fn group_stop(&self, args: GroupArgs) -> Result<GroupView, ApiError> {
        self.engine().await?.stop_group(args.group_id, &args.reason).await?;
        self.one_group(args.group_id).await
    }

    pub(crate) async fn groups(&self, _: NoArgs) -> Result<Vec<GroupView>, ApiError> {
        let engine = self.engine().await?;
        Ok(engine.groups(|_| true).iter().filter_map(|g| view::group(&engine, g)).take(PANEL).collect())
    }

    pub(crate) async fn group(&self, args: GroupArgs) -> Result<GroupSheet, ApiError> {
        let engine = self.engine().await?;
        let found = engine.groups(|id| id == args.group_id);
        let sheet = found.first().and_then(|tracked| view::group_sheet(&engine, tracked));
        sheet.ok_or_else(|| EngineError::NotFound.into())
    }

    pub(crate) async fn saved_groups(&self, _: NoArgs) -> Result<Vec<SavedGroupView>, ApiError> {
        let engine = self.engine().await?;
        Ok(engine.saved_groups().into_iter().map(|saved| view::saved_group(&engine, saved)).collect())
    }

    pub(crate) async fn save_group(&self, args: SaveGroupArgs) -> Result<NoArgs, ApiError> {
        self.engine().await?.save_group(args.saved_group_id, &args.name, args.objects).await?;
        Ok(NoArgs {})
    }

    pub(crate) async fn drop_group(&self, args: SavedGroupArgs) -> Result<NoArgs, ApiError> {
        self.engine().await?.drop_group(args.saved_group_id).await?;
        Ok(NoArgs {})
    }

    async fn one_group(&self, id: GroupId) -> Result<GroupView, ApiError> {
        let engine = self.engine().await?;
        let found = engine.groups(|known| known == id);
        found.first().and_then(|g| view::group(&engine, g)).ok_or_else(|| EngineError::NotFound.into())
    }
}

/// A choice with what the engine needs to know of it.
fn choice(engine: &Engine, asked: GroupChoice) -> Result<Choice, EngineError> {
    match asked {
        GroupChoice::Hand { objects } if objects.len() > MOST_EXCLUDED => Err(EngineError::TooMany(MOST_EXCLUDED)),
        GroupChoice::Hand { objects } => Ok(Choice::Hand(objects)),
        GroupChoice::Commune { insee_code } => Ok(Choice::Commune(insee_code)),
        GroupChoice::Area { ring } => {
            Ok(Choice::Area(ring.into_iter().map(|(lon, lat)| Position { lon, lat }).collect()))
        }
        GroupChoice::Street { equipment_id } => engine.picture(|picture| {
            let object = picture.object(equipment_id).ok_or(EngineError::NotFound)?;
            let (insee_code, street) = (object.equipment.insee_code.clone(), object.equipment.street.clone());
            Ok(Choice::Street { insee_code, street })
        }),
        GroupChoice::Cabinet { equipment_id } => engine
            .picture(|picture| cabinet_of(picture, equipment_id))
            .map(Choice::Cabinet)
            .ok_or(EngineError::NotFound),
        GroupChoice::Saved { saved_group_id } => {
            let saved = engine.saved_groups().into_iter().find(|s| s.saved_group_id == saved_group_id);
            let saved = saved.ok_or(EngineError::NotFound)?;
            Ok(Choice::Saved(saved_group_id, saved.name, saved.members))
        }
    }
}

/// A cabinet, or the one that feeds an object.
fn cabinet_of(picture: &Picture, id: EquipmentId) -> Option<EquipmentId> {
    let object = &picture.object(id)?.equipment;
    if object.kind == EquipmentKind::Cabinet {
        return Some(id);
    }
    let reference = object.attributes.get("fed_by")?.as_str()?;
    let cabinet = picture.objects().iter().find(|o| o.equipment.reference == reference)?;
    Some(cabinet.equipment.equipment_id)
}
