//! A command on many objects: one submission, whole in every state that is local, told object by object afterwards.

use std::time::Duration;

use serde_json::json;
use vigie_core::command::{Admission, ClassCode, CommandState as S, Excluded, Params, RequestState, Stage, VoidReason};
use vigie_core::ids::{EquipmentId, GroupId};
use vigie_core::port::StoreError;
use vigie_core::table::{Command, CommandGroup, TableRow as _};
use vigie_engine::choose::Choice;
use vigie_engine::{EngineError, PrepareGroup, PreparedGroup};
use vigie_training::DeskFault;

use crate::room::Room;

impl Room {
    /// So many lights on which an action may be asked now, away from crossings.
    pub(crate) fn lights(&self, count: usize) -> Vec<EquipmentId> {
        let all = self.engine.picture(|p| {
            let plain = p.objects().iter().filter(|o| o.equipment.attributes.get("crossing") == Some(&json!(false)));
            plain.map(|o| o.equipment.equipment_id).collect::<Vec<_>>()
        });
        let prepared = self.freeze(&all[..count * 3], "street_light.set_level", json!({"level": 40})).unwrap();
        prepared.members[..count].to_vec()
    }

    fn freeze(
        &self,
        objects: &[EquipmentId],
        action: &str,
        params: serde_json::Value,
    ) -> Result<PreparedGroup, EngineError> {
        let params = Params::from(params);
        let effect_minutes = action.contains("set_").then_some(60);
        let choice = Choice::Hand(objects.to_vec());
        let left_out = Vec::new();
        let action = action.to_owned();
        self.engine.prepare_group(PrepareGroup { choice, action, params, effect_minutes, left_out, replaces: None })
    }

    async fn dim_all(&self, objects: &[EquipmentId]) -> GroupId {
        let prepared = self.freeze(objects, "street_light.set_level", json!({"level": 40})).unwrap();
        assert_eq!(prepared.members, objects, "{:?}", prepared.excluded);
        self.engine.operate_group(prepared.group_id, "fête de quartier").await.unwrap();
        prepared.group_id
    }

    /// Where the members of a group stand, in their order.
    fn states(&self, id: GroupId) -> Vec<S> {
        let groups = self.engine.groups(|g| g == id);
        groups
            .first()
            .map(|g| g.members.iter().filter_map(vigie_engine::TrackedCommand::state).collect())
            .unwrap_or_default()
    }

    async fn until_all(&self, id: GroupId, what: &str, holds: impl Fn(S) -> bool) {
        self.until(what, |_| {
            let states = self.states(id);
            !states.is_empty() && states.iter().all(|s| holds(*s))
        })
        .await;
    }

    async fn received_groups(&self) -> Vec<CommandGroup> {
        let rows = self.received_rows(CommandGroup::SPEC.name).await;
        rows.iter().map(|r| CommandGroup::from_row(r).unwrap()).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_that_was_to_be_sent_is_not_kept_when_the_link_is_lost_under_the_hand() {
    let room = Room::open().await;
    let lights = room.lights(4);
    let prepared = room.freeze(&lights, "street_light.set_level", json!({"level": 40})).unwrap();
    room.training.set_plugged(false);
    room.until_lost().await;
    let refused = room.engine.operate_group(prepared.group_id, "fête de quartier").await;
    assert_eq!(refused.unwrap_err().code(), "link_turned");
    assert!(room.entries().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_group_goes_as_one_submission_and_each_object_has_its_outcome() {
    let room = Room::open().await;
    let lights = room.lights(8);
    let id = room.dim_all(&lights).await;
    room.until_all(id, "each has its outcome", |s| s.is_final() || s == S::Unknown).await;
    let groups = room.received_groups().await;
    assert_eq!((groups.len(), groups[0].group_id, groups[0].members), (1, id, 8));
    assert_eq!(room.received().await.len(), 8);
    assert!(room.states(id).contains(&S::Confirmed));
}

#[tokio::test(start_paused = true)]
async fn a_prepared_group_is_operated_once_and_not_when_its_consequence_changed() {
    let room = Room::open().await;
    let lights = room.lights(2);
    let prepared = room.freeze(&lights, "street_light.set_level", json!({"level": 40})).unwrap();
    room.engine.operate_group(prepared.group_id, "").await.unwrap();
    assert_eq!(room.engine.operate_group(prepared.group_id, "").await.unwrap_err().code(), "illegal_event");
    assert_eq!(room.entries().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn r7_what_is_left_out_is_named_and_a_dangerous_group_says_what_makes_it_so() {
    let room = Room::open().await;
    let (lights, junction) = (room.lights(1), room.object("TL-001"));
    let crossing = room.engine.picture(|p| {
        let found = p.objects().iter().find(|o| o.equipment.attributes.get("crossing") == Some(&json!(true)));
        found.unwrap().equipment.equipment_id
    });
    let prepared =
        room.freeze(&[lights[0], junction, crossing], "street_light.set_level", json!({"level": 0})).unwrap();
    assert_eq!(prepared.excluded.iter().map(|e| e.reason).collect::<Vec<_>>(), [Excluded::OtherKind]);
    assert_eq!((prepared.class, prepared.dangerous.as_slice()), (ClassCode::D, &[crossing][..]));
    let refused = room.engine.operate_group(prepared.group_id, "").await.unwrap_err();
    assert_eq!(refused.code(), "needs_second_person");
    assert!(room.entries().is_empty(), "nothing of it is left");
}

#[tokio::test(start_paused = true)]
async fn r7_service_on_very_many_is_approved_by_a_colleague_selected_as_a_whole_and_operated_once() {
    let room = Room::open().await;
    let lights = room.lights(51);
    let prepared = room.freeze(&lights, "street_light.set_level", json!({"level": 40})).unwrap();
    assert!(prepared.needs_second_person && !prepared.present.is_empty());
    let check = prepared.check.unwrap();
    assert_eq!((prepared.class, check.consequence.lights, check.consequence.crews), (ClassCode::C, 51, Some(0)));
    let refused = room.engine.operate_group(prepared.group_id, "").await.unwrap_err();
    assert_eq!(refused.code(), "needs_second_person");
    let id = room.engine.ask_group(prepared.group_id, "fête").await.unwrap();
    let stage = || room.engine.requests().into_iter().find(|r| r.request.request_id == id).map(|r| r.stage);
    room.until("approved", |_| stage() == Some(Stage::Select)).await;
    let until = room.engine.select_request(id).await.unwrap();
    assert!(until.is_some_and(|until| until > room.engine.now()), "the copy shows the lease when it is told");
    assert_eq!(stage(), Some(Stage::Operate));
    room.engine.operate_group(prepared.group_id, "").await.unwrap();
    room.until_all(prepared.group_id, "each has its outcome", |s| s.is_final() || s == S::Unknown).await;
    assert!(room.states(prepared.group_id).contains(&S::Confirmed));
    let rows = room.received_rows(Command::SPEC.name).await;
    assert!(rows.iter().all(|row| Command::from_row(row).unwrap().approval_id == Some(id)));
    assert_eq!(room.engine.operate_group(prepared.group_id, "").await.unwrap_err().code(), "illegal_event");
    room.until("used", |_| stage() == Some(Stage::Over)).await;
}

#[tokio::test(start_paused = true)]
async fn r6_a_crew_that_came_to_one_member_voids_what_was_approved_of_the_whole() {
    let room = Room::open().await;
    let lights = room.lights(51);
    let prepared = room.freeze(&lights, "street_light.set_level", json!({"level": 40})).unwrap();
    let id = room.engine.ask_group(prepared.group_id, "").await.unwrap();
    let request = || room.engine.requests().into_iter().find(|r| r.request.request_id == id);
    room.until("approved", |_| request().is_some_and(|r| r.stage == Stage::Select)).await;
    room.lock(lights[17], true).await;
    room.until("void", |_| request().is_some_and(|r| r.request.state == RequestState::Void)).await;
    assert_eq!(request().unwrap().request.void_reason, Some(VoidReason::ControlChanged));
    assert_eq!(room.engine.select_request(id).await.unwrap_err().code(), "approval_over");
}

#[tokio::test(start_paused = true)]
async fn r7_service_without_a_link_is_kept_as_one_intent_and_abandoned_as_one() {
    let room = Room::open().await;
    let lights = room.lights(12);
    room.training.set_plugged(false);
    room.until_lost().await;
    let prepared = room.freeze(&lights, "street_light.set_level", json!({"level": 40})).unwrap();
    assert_eq!((prepared.class, prepared.admission), (ClassCode::C, Admission::Keep));
    room.engine.operate_group(prepared.group_id, "").await.unwrap();
    assert_eq!(room.states(prepared.group_id), [S::Intent; 12]);
    room.training.set_plugged(true);
    room.until_live().await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(room.received().await.is_empty(), "an intent is never sent");
    room.engine.abandon_group(prepared.group_id).await.unwrap();
    assert_eq!(room.states(prepared.group_id), [S::Abandoned; 12]);
}

#[tokio::test(start_paused = true)]
async fn r7_a_group_of_intents_is_asked_anew_as_a_new_group() {
    let room = Room::open().await;
    let lights = room.lights(12);
    room.training.set_plugged(false);
    room.until_lost().await;
    let former = room.dim_all(&lights).await;
    room.training.set_plugged(true);
    room.until_live().await;
    let asked = PrepareGroup {
        choice: Choice::Hand(lights.clone()),
        action: "street_light.set_level".into(),
        params: Params::from(json!({"level": 50})),
        effect_minutes: Some(30),
        left_out: vec![lights[3]],
        replaces: Some(former),
    };
    let prepared = room.engine.prepare_group(asked).unwrap();
    room.engine.operate_group(prepared.group_id, "").await.unwrap();
    let states = room.states(former);
    assert_eq!(states.iter().filter(|s| **s == S::Reissued).count(), 11);
    assert_eq!(states[3], S::Abandoned, "it was left out of what is asked now");
    assert_eq!(room.engine.operate_group(prepared.group_id, "").await.unwrap_err().code(), "illegal_event");
    room.until_all(prepared.group_id, "it leaves", |s| !matches!(s, S::Submitted | S::Intent)).await;
}

#[tokio::test(start_paused = true)]
async fn comfort_on_few_waits_for_the_link_and_then_for_one_key() {
    let room = Room::open().await;
    let lights = room.lights(5);
    room.training.set_plugged(false);
    room.until_lost().await;
    let id = room.dim_all(&lights).await;
    assert_eq!(room.states(id), [S::Queued; 5]);
    tokio::time::sleep(Duration::from_secs(20)).await;
    room.training.set_plugged(true);
    room.until_all(id, "it waits for its key", |s| s == S::AwaitingKey).await;
    room.until_live().await;
    assert!(room.received().await.is_empty());
    room.engine.press_group_key(id).await.unwrap();
    room.until_all(id, "each has its outcome", |s| s.is_final() || s == S::Unknown).await;
    assert_eq!(room.received_groups().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn r11_a_newer_order_takes_one_object_out_of_a_group_that_waits() {
    let room = Room::open().await;
    let lights = room.lights(3);
    room.training.set_plugged(false);
    room.until_lost().await;
    let id = room.dim_all(&lights).await;
    room.operate(lights[1], "street_light.to_programme", json!({})).await.unwrap();
    assert_eq!(room.states(id), [S::Queued, S::Superseded, S::Queued]);
    room.training.set_plugged(true);
    room.until("the others left", |_| {
        let states = room.states(id);
        states[0].is_final() || matches!(states[0], S::Unknown | S::AwaitingKey)
    })
    .await;
    // Of a group, what is left goes; what was taken out does not.
    assert_eq!(room.states(id)[1], S::Superseded);
}

#[tokio::test(start_paused = true)]
async fn r14_a_lost_reply_is_settled_for_all_of_a_group_and_done_once() {
    let room = Room::open().await;
    let lights = room.lights(4);
    room.training.set_fault(Some(DeskFault::LoseReplies));
    let id = room.dim_all(&lights).await;
    room.until("no outcome is known here", |_| room.entries().iter().all(|e| e.state == S::Unsettled)).await;
    room.training.set_fault(None);
    room.until_all(id, "each has its outcome", |s| s.is_final() || s == S::Unknown).await;
    assert_eq!((room.received_groups().await.len(), room.received().await.len()), (1, 4));
}

#[tokio::test(start_paused = true)]
async fn r14_a_group_that_never_arrived_waits_for_its_key_under_new_ids() {
    let room = Room::open().await;
    let lights = room.lights(4);
    room.training.set_fault(Some(DeskFault::LoseRequests));
    let id = room.dim_all(&lights).await;
    room.until_all(id, "its outcome is not known", |s| s == S::Unsettled).await;
    room.training.set_fault(None);
    room.until_all(id, "never received", |s| s == S::NeverReceived).await;
    room.until("another waits for its key", |e| e.groups(|g| g != id).len() == 1).await;
    let again = room.engine.groups(|g| g != id).remove(0);
    assert_eq!(room.states(again.group_id), [S::AwaitingKey; 4]);
    assert_eq!(again.head.unwrap().group_id, again.group_id);
    assert!(room.received().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn r14_after_a_crash_a_group_in_flight_is_settled_as_a_whole_and_never_sent_again() {
    let mut room = Room::open().await;
    let lights = room.lights(12);
    room.training.set_fault(Some(DeskFault::Hang));
    let id = room.dim_all(&lights).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    room.crash().await;
    assert_eq!(room.states(id), [S::Unsettled; 12]);
    room.training.set_fault(None);
    room.until_all(id, "never received", |s| s == S::NeverReceived).await;
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(room.entries().len(), 12, "a service closes");
    assert!(room.received().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_group_that_could_not_be_written_down_leaves_nothing_and_can_be_operated_again() {
    let room = Room::open().await;
    let lights = room.lights(3);
    let prepared = room.freeze(&lights, "street_light.set_level", json!({"level": 40})).unwrap();
    room.outbox.fail_next(StoreError::Disk { file: "outbox.sqlite".into(), reason: "no space left".into() });
    assert_eq!(room.engine.operate_group(prepared.group_id, "").await.unwrap_err().code(), "store_disk");
    assert!(room.entries().is_empty());
    room.engine.operate_group(prepared.group_id, "").await.unwrap();
    room.until_all(prepared.group_id, "it leaves", |s| s != S::Submitted).await;
}

#[tokio::test(start_paused = true)]
async fn one_key_stops_the_rest_here_or_at_the_metropolis() {
    let room = Room::open().await;
    let lights = room.lights(12);
    room.training.set_plugged(false);
    room.until_lost().await;
    let few = room.dim_all(&lights[..4]).await;
    room.engine.stop_group(few, "").await.unwrap();
    assert_eq!(room.states(few), [S::Cancelled; 4]);
    room.training.set_plugged(true);
    room.until_live().await;

    let id = room.dim_all(&lights).await;
    room.until_all(id, "the metropolis has it", |s| s != S::Submitted).await;
    room.engine.stop_group(id, "mauvaise rue").await.unwrap();
    room.until_all(id, "each is over", |s| s.is_final() || s == S::Unknown).await;
    assert!(room.received_groups().await[0].stopped_at.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_street_and_a_cabinet_hold_their_lights_and_a_list_is_kept() {
    let room = Room::open().await;
    let light = room.object("L-00001");
    let (street, cabinet) = room.engine.picture(|p| {
        let e = &p.object(light).unwrap().equipment;
        let fed_by = e.attributes["fed_by"].as_str().unwrap();
        let cabinet = p.objects().iter().find(|o| o.equipment.reference == fed_by).unwrap();
        let street = Choice::Street { insee_code: e.insee_code.clone(), street: e.street.clone() };
        (street, Choice::Cabinet(cabinet.equipment.equipment_id))
    });
    for choice in [street, cabinet] {
        let found = room.engine.picture(|p| choice.objects(p));
        assert!(found.contains(&light) && found.len() > 1, "{choice:?}");
    }
    let lights = room.lights(3);
    let kept = room.engine.save_group(None, " Place du marché ", lights.clone()).await.unwrap();
    room.until("the list is there", |e| e.saved_groups().len() == 1).await;
    assert_eq!(room.engine.saved_groups()[0].name, "Place du marché");
    room.engine.drop_group(kept).await.unwrap();
    room.until("the list is gone", |e| e.saved_groups().is_empty()).await;
}
