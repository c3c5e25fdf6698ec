//! Programmes at a desk (R19): a draft, applied to a group by two, gone back from by one, and nothing of it without a link.

use serde_json::json;
use vigie_core::command::{Admission, CommandState as S, Params, Refused};
use vigie_core::ids::{EquipmentId, GroupId, ProgrammeId, RequestId};
use vigie_core::programme::{Content, PreviewFinding, ProgrammeKind};
use vigie_engine::choose::Choice;
use vigie_engine::{PrepareGroup, PreparedGroup, ProgrammeStage, SaveProgramme, ShownProgramme};

use crate::room::Room;

fn content(level: i64) -> Content {
    serde_json::from_value(json!({
        "name": "Réduit", "valid_from": "2020-01-01", "valid_until": null, "plans": [], "rules": [], "default": "nuit",
        "programmes": [{"name": "nuit", "steps": [
            {"from": "dusk", "minutes": 0, "level": 100, "plan": null},
            {"from": "clock", "minutes": 0, "level": level, "plan": null},
            {"from": "dawn", "minutes": 0, "level": 0, "plan": null},
        ]}],
    }))
    .unwrap()
}

impl Room {
    async fn write_programme(&self, level: i64) -> ProgrammeId {
        let asked =
            SaveProgramme { programme_id: None, after: 0, kind: ProgrammeKind::Lighting, content: content(level) };
        let id = self.engine.save_programme(asked).await.unwrap();
        self.until("the copy holds the draft", |_| self.programme(id).is_some()).await;
        id
    }

    fn programme(&self, id: ProgrammeId) -> Option<ShownProgramme> {
        self.engine.programmes().into_iter().find(|p| p.row.programme_id == id)
    }

    fn stage_of(&self, id: ProgrammeId) -> Option<ProgrammeStage> {
        self.programme(id).map(|p| p.stage)
    }

    fn prepare_programme(&self, id: ProgrammeId, objects: &[EquipmentId]) -> PreparedGroup {
        let params = Params::from(json!({"programme": format!("{id}/1")}));
        let choice = Choice::Hand(objects.to_vec());
        let action = "street_light.set_programme".to_owned();
        let asked = PrepareGroup { choice, action, params, effect_minutes: None, left_out: Vec::new(), replaces: None };
        self.engine.prepare_group(asked).unwrap()
    }

    async fn approved(&self, id: GroupId) -> RequestId {
        let request = self.engine.ask_group(id, "plan lumière").await.unwrap();
        let given = |e: &vigie_engine::Engine| {
            e.requests().iter().any(|r| {
                r.request.request_id == request && r.request.state == vigie_core::command::RequestState::Approved
            })
        };
        self.until("the colleague approves", given).await;
        request
    }

    async fn until_over(&self, id: GroupId) {
        self.until("each has its outcome", |e| {
            let groups = e.groups(|g| g == id);
            let over = |s: S| s.is_final() || s == S::Unknown;
            groups
                .first()
                .is_some_and(|g| !g.members.is_empty() && g.members.iter().all(|m| m.state().is_some_and(over)))
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn r19_a_programme_is_applied_to_many_by_two_and_gone_back_from_by_one() {
    let room = Room::open().await;
    let lights = room.lights(4);
    let id = room.write_programme(50).await;
    assert_eq!(room.stage_of(id), Some(ProgrammeStage::Draft));
    let prepared = room.prepare_programme(id, &lights);
    assert!(prepared.needs_second_person);
    assert_eq!((prepared.members.len(), prepared.admission), (4, Admission::Send));
    let alone = room.engine.operate_group(prepared.group_id, "").await.unwrap_err();
    assert_eq!(alone.code(), "needs_second_person");
    let request = room.engine.ask_group(prepared.group_id, "").await.unwrap();
    room.until("asked", |_| room.stage_of(id) == Some(ProgrammeStage::Asked)).await;
    room.engine.withdraw_request(request, vigie_core::command::VoidReason::Withdrawn).await.unwrap();
    room.approved(prepared.group_id).await;
    room.engine.operate_group(prepared.group_id, "plan lumière").await.unwrap();
    room.until_over(prepared.group_id).await;
    room.until("it is applied", |_| room.stage_of(id) == Some(ProgrammeStage::Applied)).await;
    let shown = room.programme(id).unwrap();
    assert!(!shown.objects.is_empty() && shown.row.frozen_at.is_some(), "{shown:?}");
    assert_eq!((shown.differing.len(), shown.silent), (0, 0));
    assert_eq!(shown.former, [("own".to_owned(), shown.objects.len())]);

    let groups = room.engine.return_programme(id, false, "").await.unwrap();
    assert_eq!(groups.len(), 1);
    room.until_over(groups[0]).await;
    room.until("some went back", |_| room.programme(id).unwrap().objects.len() < shown.objects.len()).await;
}

#[tokio::test(start_paused = true)]
async fn r19_without_a_link_a_programme_is_a_draft() {
    let room = Room::open().await;
    let lights = room.lights(2);
    let id = room.write_programme(50).await;
    room.training.set_plugged(false);
    room.until_lost().await;
    let prepared = room.prepare_programme(id, &lights);
    assert_eq!(prepared.admission, Admission::Refuse(Refused::DraftOnly));
    let refused = room.engine.operate_group(prepared.group_id, "").await.unwrap_err();
    assert_eq!(refused.code(), "draft_only");
    assert!(room.entries().is_empty(), "neither an intent nor a note is left of it");
    assert!(room.engine.ask_group(prepared.group_id, "").await.is_err());
    let asked = SaveProgramme { programme_id: None, after: 0, kind: ProgrammeKind::Lighting, content: content(40) };
    assert!(room.engine.save_programme(asked).await.is_err(), "what is typed stays in its form");
    assert!(
        room.engine.preview_programme(ProgrammeKind::Lighting, &content(40)).is_ok(),
        "it is previewed all the same"
    );
}

#[tokio::test(start_paused = true)]
async fn r19_a_programme_that_leaves_a_crossing_dark_is_dangerous_and_its_preview_says_so() {
    let room = Room::open().await;
    let preview = room.engine.preview_programme(ProgrammeKind::Lighting, &content(0)).unwrap();
    assert_eq!((preview.nights.len(), preview.lowest, preview.below_safety), (9, Some(0), true));
    assert!(preview.nights.iter().all(|n| n.noticed.iter().any(|f| f.code == PreviewFinding::OffByNight)));
    let id = room.write_programme(0).await;
    let crossing = room.engine.picture(|p| {
        let found = p.objects().iter().find(|o| o.equipment.attributes.get("crossing") == Some(&json!(true)));
        found.unwrap().equipment.equipment_id
    });
    let plain = room.lights(1);
    let prepared = room.prepare_programme(id, &[plain[0], crossing]);
    assert_eq!((prepared.class, prepared.dangerous.as_slice()), (vigie_core::command::ClassCode::D, &[crossing][..]));
    let request = room.approved(prepared.group_id).await;
    room.engine.select_request(request).await.unwrap();
    room.engine.operate_group(prepared.group_id, "").await.unwrap();
    room.until_over(prepared.group_id).await;
    let states: Vec<_> = room.received().await.into_iter().map(|(_, state)| state).collect();
    assert!(!states.contains(&S::Rejected), "approved by two and selected as a whole, it is taken: {states:?}");
}
