//! A command on many objects: one submission, each object judged by itself as a member of the whole.

use std::time::Duration;

use serde_json::json;
use vigie_core::command::{
    ChosenBy, ClassCode, CommandEventCode, CommandState, Excluded, Exclusion, GroupOrder, MOST_MEMBERS, Member,
};
use vigie_core::equipment::{EquipmentKind, Reach};
use vigie_core::ids::{EquipmentId, GroupId, SavedGroupId};
use vigie_core::submission::{Body, Outcome, OutcomeStatus, Submission};
use vigie_core::table::{Command, CommandGroup, SavedGroup};

use super::room::{COLLEAGUE, OPERATOR, Room, SUPERVISOR, applied, refused};

const DIM: &str = "street_light.set_level";
const BACK: &str = "street_light.to_programme";

impl Room<'_> {
    /// The first `count` lights in order, away from any crossing.
    pub(super) fn lights(&self, count: usize) -> Vec<EquipmentId> {
        (0..count).map(|nth| self.object(EquipmentKind::StreetLight, nth)).collect()
    }

    /// An order on many objects as an account would operate it now on what is true now: valid unless changed.
    pub async fn group(
        &mut self,
        login: &str,
        code: &str,
        params: serde_json::Value,
        objects: &[EquipmentId],
    ) -> GroupOrder {
        let group_id = GroupId(self.fresh());
        let mut members = Vec::new();
        let mut first = None;
        for object in objects {
            let order = self.order(login, *object, code, params.clone()).await;
            members.push(Member { command_id: order.command_id, equipment_id: *object, seen: order.seen.clone() });
            first.get_or_insert(order);
        }
        let order = first.expect("a group has objects");
        // Five minutes: what more than ten objects of comfort live as well.
        let expires_at = order.issued_at.plus(ClassCode::C.life());
        GroupOrder {
            group_id,
            action: order.action,
            params: order.params,
            issued_at: order.issued_at,
            expires_at,
            effect_until: order.effect_until,
            shift_id: order.shift_id,
            desk_id: order.desk_id,
            reason: order.reason,
            chosen: ChosenBy::Street,
            chosen_name: "Rue de la Liberté".into(),
            members,
            excluded: Vec::new(),
            approval_id: None,
        }
    }

    pub(super) async fn dim_all(&mut self, objects: &[EquipmentId]) -> GroupOrder {
        self.group(OPERATOR, DIM, json!({"level": 40}), objects).await
    }

    pub(super) async fn operate_all(&self, login: &str, order: &GroupOrder) -> Outcome {
        self.submit(login, Submission::group(order.clone())).await
    }

    pub(super) async fn members(&mut self, order: &GroupOrder) -> Vec<Command> {
        let mut rows = self.rows::<Command>(|c| c.group_id == Some(order.group_id)).await;
        rows.sort_by_key(|c| c.command_id);
        rows
    }

    async fn group_row(&mut self, id: GroupId) -> Option<CommandGroup> {
        self.pull().await.one(id.0).expect("a row that fits")
    }
}

pub(super) fn states(members: &[Command]) -> Vec<CommandState> {
    members.iter().map(|c| c.state).collect()
}

/// One submission, one row for the whole, one command for each object; what was left out is told with it.
pub async fn a_group_is_one_submission_and_each_object_has_its_command(room: &mut Room<'_>) {
    let lights = room.lights(4);
    let mut order = room.dim_all(&lights[..3]).await;
    order.excluded = vec![Exclusion { equipment_id: lights[3], reason: Excluded::OutOfReach }];
    let outcome = room.operate_all(OPERATOR, &order).await;
    applied(&outcome);
    assert_eq!((outcome.detail.clone(), outcome.command_state), (json!({"refused": {}}), None));
    let row = room.group_row(order.group_id).await.expect("the room sees the group");
    assert_eq!((row.class, row.members, row.chosen), (ClassCode::B, 3, ChosenBy::Street));
    assert_eq!((row.excluded, row.stopped_at, row.desk_id), (order.excluded.clone(), None, order.desk_id));
    let members = room.members(&order).await;
    assert_eq!(members.iter().map(|c| c.equipment_id).collect::<Vec<_>>(), lights[..3]);
    assert!(members.iter().all(|c| c.state == CommandState::Accepted && c.class == ClassCode::B));
    let accepted = (Some(CommandState::Submitted), CommandState::Accepted, "metropolis".to_owned(), None);
    assert_eq!(room.events(members[2].command_id).await, [accepted]);
}

/// What moved since it was seen is refused by itself; the others go on.
pub async fn r7_what_cannot_be_done_is_told_object_by_object(room: &mut Room<'_>) {
    let lights = room.lights(4);
    let mut order = room.dim_all(&lights).await;
    order.members[1].seen.control_version -= 1;
    let mut lost = room.seen(lights[2]).await;
    lost.reach = Reach::DeviceLost;
    room.report(vec![lost]).await;
    let nowhere = Member { equipment_id: EquipmentId(room.fresh()), ..order.members[3].clone() };
    order.members[3] = nowhere;
    let outcome = room.operate_all(OPERATOR, &order).await;
    applied(&outcome);
    let ids: Vec<_> = order.members.iter().map(|m| m.command_id.to_string()).collect();
    let told = json!({"refused": {
        ids[1].clone(): "control_changed", ids[2].clone(): "no_visibility", ids[3].clone(): "no_such_object",
    }});
    assert_eq!(outcome.detail, told);
    let members = room.members(&order).await;
    assert_eq!(states(&members), [CommandState::Accepted, CommandState::Rejected, CommandState::Rejected]);

    // None taken: the whole is refused, with the reason of the first.
    let mut none = room.dim_all(&lights[..2]).await;
    none.effect_until = None;
    let outcome = room.operate_all(OPERATOR, &none).await;
    refused(&outcome, "effect_unbounded");
    assert_eq!(outcome.detail["refused"].as_object().map(serde_json::Map::len), Some(2));
    assert_eq!(states(&room.members(&none).await), [CommandState::Rejected; 2]);
}

/// Whatever happened in between, the answer is the first one, and no row moves.
pub async fn r16_the_same_group_twice_gets_its_first_outcome(room: &mut Room<'_>) {
    let lights = room.lights(3);
    let mut order = room.dim_all(&lights).await;
    order.members[0].seen.control_version -= 1;
    let first = room.operate_all(OPERATOR, &order).await;
    applied(&first);
    room.go_through(order.members[1].command_id, &[CommandEventCode::StartDispatch]).await;
    let before = room.pull().await.plain();
    room.wait(Duration::from_secs(3_600)).await;
    assert_eq!(room.operate_all(OPERATOR, &order).await, first);
    let settled = room.session(OPERATOR).await.settle(&[order.group_id.into()]).await.expect("an answer");
    assert_eq!(settled, [first]);
    assert_eq!(room.pull().await.plain(), before);
    // Its members are commands like others: no other order may bear their ids.
    let mut again = room.dim(lights[2]).await;
    again.command_id = order.members[2].command_id;
    refused(&room.operate(OPERATOR, &again).await, "illegal_event");
}

/// What settle called never received leaves no row when it arrives.
pub async fn r14_a_group_that_never_arrived_is_refused_when_it_does(room: &mut Room<'_>) {
    let lights = room.lights(2);
    let order = room.dim_all(&lights).await;
    let settled = room.session(OPERATOR).await.settle(&[order.group_id.into()]).await.expect("an answer");
    assert_eq!(settled[0].status, OutcomeStatus::NeverReceived);
    refused(&room.operate_all(OPERATOR, &order).await, "after_settle");
    assert!(room.members(&order).await.is_empty() && room.group_row(order.group_id).await.is_none());
}

/// On each of its objects it is the newest.
pub async fn r11_a_group_supersedes_what_has_not_left_on_its_objects(room: &mut Room<'_>) {
    let lights = room.lights(3);
    let (gone, older) = (room.dim(lights[0]).await, room.dim(lights[1]).await);
    room.taken(&gone).await;
    room.go_through(gone.command_id, &[CommandEventCode::StartDispatch]).await;
    room.taken(&older).await;
    let order = room.dim_all(&lights).await;
    applied(&room.operate_all(OPERATOR, &order).await);
    assert_eq!(room.command(gone.command_id).await.state, CommandState::Dispatching);
    assert_eq!(room.command(older.command_id).await.state, CommandState::Superseded);
    let newer = room.dim(lights[2]).await;
    room.taken(&newer).await;
    let expected = [CommandState::Accepted, CommandState::Accepted, CommandState::Superseded];
    assert_eq!(states(&room.members(&order).await), expected);
}

/// B over ten objects is C, with the life of C.
pub async fn r7_comfort_on_more_than_ten_objects_is_a_service(room: &mut Room<'_>) {
    let lights = room.lights(11);
    let order = room.dim_all(&lights).await;
    applied(&room.operate_all(OPERATOR, &order).await);
    assert_eq!(room.group_row(order.group_id).await.map(|g| g.class), Some(ClassCode::C));
    assert!(room.members(&order).await.iter().all(|c| c.class == ClassCode::C));
    let mut long = room.dim_all(&lights).await;
    long.expires_at = long.expires_at.plus(Duration::from_millis(1));
    refused(&room.operate_all(OPERATOR, &long).await, "life_too_long");
    // Ten are comfort, and live as comfort does.
    let mut ten = room.dim_all(&lights[..10]).await;
    ten.expires_at = ten.issued_at.plus(ClassCode::B.life());
    applied(&room.operate_all(OPERATOR, &ten).await);
}

/// Counted over commands: one group, or many.
pub async fn r7_service_on_more_than_fifty_objects_in_ten_minutes_needs_a_second_person(room: &mut Room<'_>) {
    let lights = room.lights(51);
    let most = room.dim_all(&lights).await;
    refused(&room.operate_all(OPERATOR, &most).await, "needs_second_person");
    assert!(states(&room.members(&most).await).iter().all(|s| *s == CommandState::Rejected));

    let forty = room.dim_all(&lights[..40]).await;
    applied(&room.operate_all(OPERATOR, &forty).await);
    let eleven = room.dim_all(&lights[40..]).await;
    refused(&room.operate_all(OPERATOR, &eleven).await, "needs_second_person");
    // The same objects again are no more objects, and another author counts for himself.
    let again = room.dim_all(&lights[..11]).await;
    applied(&room.operate_all(OPERATOR, &again).await);
    let theirs = room.group(COLLEAGUE, DIM, json!({"level": 40}), &lights[40..]).await;
    applied(&room.operate_all(COLLEAGUE, &theirs).await);
    // The colleague pilots what he dimmed until he releases it (R9).
    for light in &lights[40..] {
        applied(&room.write(COLLEAGUE, Body::ObjectRelease { equipment_id: *light }).await);
    }
    // Ten minutes later they count no more.
    room.wait(Duration::from_secs(601)).await;
    let seen = {
        let mut all = Vec::new();
        for light in &lights[40..] {
            all.push(room.seen(*light).await);
        }
        all
    };
    room.report(seen).await;
    let later = room.dim_all(&lights[40..]).await;
    applied(&room.operate_all(OPERATOR, &later).await);
}

/// A way back to the programme is one person's to ask, on however many objects.
pub async fn r17_the_safe_direction_needs_no_second_person_on_many_objects(room: &mut Room<'_>) {
    let lights = room.lights(60);
    let order = room.group(OPERATOR, BACK, json!({}), &lights).await;
    applied(&room.operate_all(OPERATOR, &order).await);
    assert_eq!(room.group_row(order.group_id).await.map(|g| g.class), Some(ClassCode::C));
    // And it leaves its author free to command as a service.
    let eleven = room.dim_all(&lights[..11]).await;
    applied(&room.operate_all(OPERATOR, &eleven).await);
}

/// Three neighbours dark at once are as dangerous as the third one after the others.
pub async fn r7_a_group_that_darkens_three_neighbours_is_dangerous(room: &mut Room<'_>) {
    let row = super::refusal::five_in_a_row(room);
    let dark = json!({"level": 10});
    // Two of them alone are not.
    let two = room.group(OPERATOR, DIM, dark.clone(), &row[..2]).await;
    applied(&room.operate_all(OPERATOR, &two).await);
    let stop = Body::CommandGroupStop { group_id: two.group_id, reason: "essai".into() };
    applied(&room.write(OPERATOR, stop).await);

    let mut three = room.group(OPERATOR, DIM, dark, &row[..3]).await;
    three.expires_at = three.issued_at.plus(ClassCode::D.life());
    refused(&room.operate_all(OPERATOR, &three).await, "needs_second_person");
    let members = room.members(&three).await;
    assert!(members.iter().all(|c| c.class == ClassCode::D && c.state == CommandState::Rejected));
    // Above their safety level they may.
    let mild = room.group(OPERATOR, DIM, json!({"level": 35}), &row[..3]).await;
    applied(&room.operate_all(OPERATOR, &mild).await);
}

/// One key: what has not left is cancelled, what has left goes on.
pub async fn the_rest_of_a_group_is_stopped_by_its_author_or_a_supervisor(room: &mut Room<'_>) {
    let lights = room.lights(3);
    let order = room.dim_all(&lights).await;
    applied(&room.operate_all(OPERATOR, &order).await);
    room.go_through(order.members[0].command_id, &[CommandEventCode::StartDispatch]).await;
    let stop = |id| Body::CommandGroupStop { group_id: id, reason: "mauvaise rue".into() };
    refused(&room.write(COLLEAGUE, stop(order.group_id)).await, "not_allowed");
    let unknown = GroupId(room.fresh());
    refused(&room.write(OPERATOR, stop(unknown)).await, "no_such_object");
    let outcome = room.write(SUPERVISOR, stop(order.group_id)).await;
    applied(&outcome);
    assert_eq!(outcome.detail, json!({"stopped": 2}));
    let members = room.members(&order).await;
    assert_eq!(states(&members), [CommandState::Dispatching, CommandState::Cancelled, CommandState::Cancelled]);
    assert_eq!(members[2].detail.as_deref(), Some("group_stopped"));
    let (row, now) = (room.group_row(order.group_id).await.expect("a row"), room.now().await);
    let supervisor = room.city.accounts.iter().find(|a| a.login == SUPERVISOR).and_then(|a| a.person_id);
    assert_eq!((row.stopped_at, row.stopped_by), (Some(now), supervisor));
    // Again, there is nothing left to stop.
    assert_eq!(room.write(OPERATOR, stop(order.group_id)).await.detail, json!({"stopped": 0}));
    assert_eq!(room.group_row(order.group_id).await.map(|g| g.stopped_by), Some(supervisor));
}

/// None, too many, or one of them twice.
pub async fn a_group_without_its_form_is_refused(room: &mut Room<'_>) {
    let lights = room.lights(2);
    let order = room.dim_all(&lights).await;
    let many = (0..=MOST_MEMBERS).map(|_| Member {
        command_id: room.fresh().into(),
        equipment_id: EquipmentId(room.fresh()),
        ..order.members[0].clone()
    });
    let many: Vec<_> = many.collect();
    let twice_on = Member { command_id: room.fresh().into(), ..order.members[0].clone() };
    let twice_by = Member { equipment_id: lights[1], ..order.members[0].clone() };
    let cases = [vec![], many, vec![order.members[0].clone(), twice_on], vec![order.members[0].clone(), twice_by]];
    for members in cases {
        let bad = GroupOrder { group_id: GroupId(room.fresh()), members, ..order.clone() };
        refused(&room.operate_all(OPERATOR, &bad).await, "malformed");
        assert!(room.group_row(bad.group_id).await.is_none());
    }
    let other = Submission::new(room.fresh().into(), Body::CommandGroup(order));
    refused(&room.submit(OPERATOR, other).await, "malformed");
}

/// Written, written again by another, dropped; and it has a form.
pub async fn a_list_of_objects_is_kept_under_a_name_and_dropped(room: &mut Room<'_>) {
    let lights = room.lights(3);
    let saved_group_id = SavedGroupId(room.fresh());
    let put = |name: &str, members: &[EquipmentId]| Body::SavedGroupPut {
        saved_group_id,
        name: name.to_owned(),
        members: members.to_vec(),
    };
    applied(&room.write(OPERATOR, put("Place du marché", &lights)).await);
    applied(&room.write(COLLEAGUE, put("Marché", &lights[1..])).await);
    let row = room.rows::<SavedGroup>(|_| true).await.pop().expect("a list");
    assert_eq!((row.name.as_str(), row.members.as_slice()), ("Marché", &lights[1..]));
    let too_many: Vec<_> = (0..=MOST_MEMBERS).map(|_| EquipmentId(room.fresh())).collect();
    for (name, members) in
        [(" ", &lights[..]), ("vide", &[]), ("deux fois", &[lights[0], lights[0]]), ("trop", &too_many)]
    {
        refused(&room.write(OPERATOR, put(name, members)).await, "malformed");
    }
    refused(&room.write(OPERATOR, put(&"é".repeat(81), &lights)).await, "malformed");
    applied(&room.write(OPERATOR, Body::SavedGroupDrop { saved_group_id }).await);
    assert!(room.rows::<SavedGroup>(|_| true).await.is_empty());
    refused(&room.write(OPERATOR, Body::SavedGroupDrop { saved_group_id }).await, "no_such_object");
}
