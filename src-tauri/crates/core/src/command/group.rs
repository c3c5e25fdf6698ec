//! A command on many objects: one submission, frozen when it is prepared, judged object by object.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::command::{
    Action, ClassCode, CommandOrder, CommandState, Params, Procedure, Seen, Surroundings, Word, classify, word,
};
use crate::equipment::{EquipmentKind, Mode, Quality, Reach, is_stale};
use crate::ids::{CommandId, DeskId, EquipmentId, GroupId, RequestId, ShiftId};
use crate::table::EquipmentState;
use crate::time::Timestamp;

/// Most objects in one group. A larger place is asked for in parts: one transaction judges them all.
pub const MOST_MEMBERS: usize = 1_000;
/// Most objects that may be left out of one: a larger place is chosen in parts.
pub const MOST_EXCLUDED: usize = 5_000;
/// Comfort on more objects than this is a service (R7).
pub const COMFORT_MOST: usize = 10;

crate::table::codes! {
    /// By what the objects of a group were chosen.
    ChosenBy {
        /// One by one.
        Hand = "hand",
        /// All on a street.
        Street = "street",
        /// All that a cabinet feeds.
        Cabinet = "cabinet",
        /// All in a commune.
        Commune = "commune",
        /// All in an area that was drawn.
        Area = "area",
        /// A list that was kept under a name.
        Saved = "saved",
    }
}

crate::table::codes! {
    /// Why an object that was chosen is left out of a group.
    Excluded {
        /// The action is not one of its kind.
        OtherKind = "other_kind",
        /// The author's role does not pilot it.
        NotAllowed = "not_allowed",
        /// A crew is on site (R10).
        Locked = "locked",
        /// Something between the metropolis and the device does not answer.
        OutOfReach = "out_of_reach",
        /// Its value is stale or was never seen: no precondition (R4).
        NotFresh = "not_fresh",
        /// It shows already what is asked, for as long as it is asked.
        AlreadySo = "already_so",
        /// Its author left it out.
        LeftOut = "left_out",
        /// The city has it no more.
        Gone = "gone",
    }
}

/// An object left out, with why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    /// Which object.
    pub equipment_id: EquipmentId,
    /// Why.
    pub reason: Excluded,
}

/// One object of a group, as its author saw it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Identifier of its own command: UUIDv7 made by the desk, growing in the order of the group.
    pub command_id: CommandId,
    /// On which object.
    pub equipment_id: EquipmentId,
    /// What was seen when the group was prepared.
    pub seen: Seen,
}

/// A command on many objects as its author operated it: the payload of a `command_group` submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupOrder {
    /// UUIDv7 made by the desk; also the identifier of the submission (R16).
    pub group_id: GroupId,
    /// Action code, the same for all.
    pub action: String,
    /// Absolute target, the same for all.
    pub params: Params,
    /// Stamped when the operator operates, in the metropolis's time.
    pub issued_at: Timestamp,
    /// Refused by everyone after this.
    pub expires_at: Timestamp,
    /// End of the override; required where the action has a lasting effect.
    pub effect_until: Option<Timestamp>,
    /// The author's shift.
    pub shift_id: ShiftId,
    /// The desk he holds.
    pub desk_id: DeskId,
    /// Why.
    pub reason: String,
    /// By what its objects were chosen.
    pub chosen: ChosenBy,
    /// The name of that street, cabinet, commune or list; empty for an area and for objects chosen one by one.
    pub chosen_name: String,
    /// Its objects, in the order in which they are to be taken.
    pub members: Vec<Member>,
    /// What was chosen and left out.
    pub excluded: Vec<Exclusion>,
    /// The request that a second person approved, of exactly this group (R7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval_id: Option<RequestId>,
}

impl GroupOrder {
    /// Whether it has objects, not too many, and each object and each command once.
    pub fn is_well_formed(&self) -> bool {
        let objects: HashSet<_> = self.members.iter().map(|m| m.equipment_id).collect();
        let commands: HashSet<_> = self.members.iter().map(|m| m.command_id).collect();
        let count = self.members.len();
        (1..=MOST_MEMBERS).contains(&count)
            && self.excluded.len() <= MOST_EXCLUDED
            && objects.len() == count
            && commands.len() == count
    }

    /// The order on one of its objects.
    pub fn order_of(&self, member: &Member) -> CommandOrder {
        CommandOrder {
            command_id: member.command_id,
            equipment_id: member.equipment_id,
            action: self.action.clone(),
            params: self.params.clone(),
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            effect_until: self.effect_until,
            shift_id: self.shift_id,
            desk_id: self.desk_id,
            reason: self.reason.clone(),
            seen: member.seen.clone(),
            // What is no precondition is left out of a group: acting blind is asked for one object at a time.
            without_visibility: false,
            procedure: Procedure { approval_id: self.approval_id, sole: None },
        }
    }
}

/// An object that was chosen, as it is now.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Which object.
    pub equipment_id: EquipmentId,
    /// Its kind; none when the city has it no more.
    pub kind: Option<EquipmentKind>,
    /// Its state.
    pub state: Option<&'a EquipmentState>,
    /// A crew lock stands against it (R10).
    pub locked: bool,
    /// Its author left it out.
    pub left_out: bool,
}

/// What is asked of all of them.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The action.
    pub action: &'a Action,
    /// The target.
    pub params: &'a Params,
    /// End of the effect.
    pub effect_until: Option<Timestamp>,
    /// Whether the author's role pilots the action's kind.
    pub may_pilot: bool,
    /// The metropolis's time.
    pub now: Timestamp,
}

/// Divides what was chosen into the members of a group and what is left out, each with its reason. What is left out by its
/// author says so only if nothing else is in the way.
pub fn freeze<'c>(asked: Asked<'_>, chosen: impl Iterator<Item = Candidate<'c>>) -> (Vec<EquipmentId>, Vec<Exclusion>) {
    let (mut members, mut excluded) = (Vec::new(), Vec::new());
    let mut met = HashSet::new();
    for candidate in chosen.filter(|c| met.insert(c.equipment_id)) {
        match in_the_way(asked, candidate) {
            Some(reason) => excluded.push(Exclusion { equipment_id: candidate.equipment_id, reason }),
            None => members.push(candidate.equipment_id),
        }
    }
    (members, excluded)
}

fn in_the_way(asked: Asked<'_>, object: Candidate<'_>) -> Option<Excluded> {
    let Some(kind) = object.kind else { return Some(Excluded::Gone) };
    if kind != asked.action.kind {
        return Some(Excluded::OtherKind);
    }
    if !asked.may_pilot {
        return Some(Excluded::NotAllowed);
    }
    if object.locked {
        return Some(Excluded::Locked);
    }
    if object.state.is_some_and(|s| s.reach != Reach::Reachable) {
        return Some(Excluded::OutOfReach);
    }
    // As the metropolis's own precondition: reads and the safe direction need no fresh value.
    let sight = asked.action.class != ClassCode::A && !asked.action.goes_safe(asked.params);
    let blind =
        object.state.is_none_or(|s| s.quality == Quality::Never || is_stale(kind, &s.source, s.observed_at, asked.now));
    if sight && blind {
        return Some(Excluded::NotFresh);
    }
    if object.state.is_some_and(|s| already_so(asked, s)) {
        return Some(Excluded::AlreadySo);
    }
    object.left_out.then_some(Excluded::LeftOut)
}

/// Whether an object shows already what is asked. An override that ends sooner is not what is asked: left out, it would end
/// before the others.
fn already_so(asked: Asked<'_>, state: &EquipmentState) -> bool {
    if asked.action.class == ClassCode::A {
        return false;
    }
    let lasts = match asked.effect_until {
        Some(until) => {
            state.mode == Mode::Override
                && state.target.as_ref() == Some(asked.params)
                && state.effect_until.is_some_and(|end| end >= until)
        }
        None => true,
    };
    let mut shown = state.reading.clone();
    shown.0.insert("mode".to_owned(), state.mode.code().into());
    lasts && shown.contains(&asked.action.expectation(asked.params))
}

/// Class of a command on many objects: the worst of its members, each among the others, and a service when it is comfort on
/// more than ten objects (R7).
pub fn class_of_group(
    action: Option<&Action>,
    params: &Params,
    members: impl Iterator<Item = Surroundings>,
    objects: usize,
) -> ClassCode {
    let worst = members.map(|around| classify(action, params, around)).max().unwrap_or(ClassCode::D);
    if worst == ClassCode::B && objects > COMFORT_MOST { ClassCode::C } else { worst }
}

/// Longest name of a list that is kept, in characters.
pub const NAME_MOST: usize = 80;

/// Whether a list of objects may be kept: it has a name and objects, each once, and not too many.
pub fn may_be_kept(name: &str, members: &[EquipmentId]) -> bool {
    let distinct: HashSet<_> = members.iter().collect();
    !name.trim().is_empty()
        && name.chars().count() <= NAME_MOST
        && (1..=MOST_MEMBERS).contains(&members.len())
        && distinct.len() == members.len()
}

/// What became of the members of a group, in the words that operators see (R18).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Members.
    pub total: u32,
    /// To be sent.
    pub to_send: u32,
    /// Under way.
    pub under_way: u32,
    /// Done: a state shows it.
    pub done: u32,
    /// Refused, whatever the reason.
    pub refused: u32,
    /// Without report.
    pub unknown: u32,
    /// Of those under way, not yet taken by the field: they can still be stopped.
    pub stoppable: u32,
}

/// Counts members by word.
pub fn tally(members: impl Iterator<Item = CommandState>) -> Tally {
    let mut tally = Tally::default();
    for state in members {
        tally.total += 1;
        tally.stoppable += u32::from(state == CommandState::Accepted);
        *match word(state) {
            Word::ToSend => &mut tally.to_send,
            Word::UnderWay => &mut tally.under_way,
            Word::Done => &mut tally.done,
            Word::Refused => &mut tally.refused,
            Word::Unknown => &mut tally.unknown,
        } += 1;
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::action;
    use crate::equipment::Reading;
    use Excluded as X;
    use serde_json::json;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp(1_000_000_000);
    const UNTIL: Timestamp = Timestamp(1_010_000_000);

    fn id(n: u128) -> EquipmentId {
        EquipmentId(Uuid::from_u128(n))
    }

    fn state(n: u128) -> EquipmentState {
        EquipmentState {
            equipment_id: id(n),
            reading: Reading::from(json!({"level": 70})),
            quality: Quality::Good,
            observed_at: Some(NOW),
            received_at: NOW,
            source: "controller".into(),
            reach: Reach::Reachable,
            mode: Mode::Programme,
            target: None,
            effect_until: None,
            version: 1,
            control_version: 1,
        }
    }

    fn overridden(n: u128, until: Timestamp) -> EquipmentState {
        let params = Params::from(json!({"level": 40}));
        let reading = Reading::from(json!({"level": 40}));
        EquipmentState { reading, mode: Mode::Override, target: Some(params), effect_until: Some(until), ..state(n) }
    }

    fn frozen(code: &str, params: &Params, chosen: &[Candidate<'_>]) -> (Vec<EquipmentId>, Vec<Excluded>) {
        let found = action(code).unwrap();
        let effect_until = found.max_effect.map(|_| UNTIL);
        let asked = Asked { action: found, params, effect_until, may_pilot: true, now: NOW };
        let (members, excluded) = freeze(asked, chosen.iter().copied());
        (members, excluded.into_iter().map(|e| e.reason).collect())
    }

    fn light(n: u128, state: Option<&EquipmentState>) -> Candidate<'_> {
        Candidate { equipment_id: id(n), kind: Some(EquipmentKind::StreetLight), state, locked: false, left_out: false }
    }

    #[test]
    fn r7_what_is_left_out_of_a_group_is_named_with_its_reason() {
        let (fine, lost) = (state(1), EquipmentState { reach: Reach::DeviceLost, ..state(2) });
        let stale = EquipmentState { observed_at: Some(Timestamp(0)), ..state(3) };
        let (so, sooner) = (overridden(4, UNTIL), overridden(5, Timestamp(UNTIL.0 - 1)));
        let chosen = [
            light(1, Some(&fine)),
            light(1, Some(&fine)),
            light(2, Some(&lost)),
            light(3, Some(&stale)),
            light(6, None),
            light(4, Some(&so)),
            light(5, Some(&sooner)),
            Candidate { kind: Some(EquipmentKind::Camera), ..light(7, Some(&fine)) },
            Candidate { kind: None, ..light(8, None) },
            Candidate { left_out: true, ..light(9, Some(&fine)) },
            Candidate { locked: true, left_out: true, ..light(10, Some(&fine)) },
        ];
        let (members, reasons) = frozen("street_light.set_level", &Params::from(json!({"level": 40})), &chosen);
        assert_eq!(members, [id(1), id(5)]);
        assert_eq!(
            reasons,
            [X::OutOfReach, X::NotFresh, X::NotFresh, X::AlreadySo, X::OtherKind, X::Gone, X::LeftOut, X::Locked]
        );
    }

    #[test]
    fn r17_going_back_to_the_programme_needs_no_fresh_value_and_leaves_out_what_is_there() {
        let stale = EquipmentState { observed_at: Some(Timestamp(0)), ..overridden(1, UNTIL) };
        let there = state(2);
        let chosen = [light(1, Some(&stale)), light(2, Some(&there))];
        let (members, reasons) = frozen("street_light.to_programme", &Params::default(), &chosen);
        assert_eq!((members, reasons), (vec![id(1)], vec![Excluded::AlreadySo]));
    }

    #[test]
    fn r7_comfort_on_more_than_ten_objects_is_a_service() {
        let (dim, level) = (action("street_light.set_level"), Params::from(json!({"level": 40})));
        let class = |n: usize| class_of_group(dim, &level, (0..n).map(|_| Surroundings::default()), n);
        assert_eq!((class(10), class(11)), (ClassCode::B, ClassCode::C));
        let read = action("street_light.read");
        assert_eq!(class_of_group(read, &Params::default(), [Surroundings::default()].into_iter(), 300), ClassCode::A);
    }

    #[test]
    fn r7_one_dangerous_member_makes_the_group_dangerous() {
        let (dim, dark) = (action("street_light.set_level"), Params::from(json!({"level": 0})));
        let plain = Surroundings { safety_level: 30, ..Surroundings::default() };
        let crossing = Surroundings { crossing: true, ..plain };
        assert_eq!(class_of_group(dim, &dark, [plain, crossing].into_iter(), 2), ClassCode::D);
        assert_eq!(class_of_group(dim, &dark, [].into_iter(), 0), ClassCode::D);
    }

    #[test]
    fn r18_partial_success_is_counted_as_such() {
        let states = [
            CommandState::Confirmed,
            CommandState::Confirmed,
            CommandState::Rejected,
            CommandState::Unknown,
            CommandState::Accepted,
            CommandState::Dispatched,
            CommandState::Queued,
        ];
        let expected = Tally { total: 7, to_send: 1, under_way: 2, done: 2, refused: 1, unknown: 1, stoppable: 1 };
        assert_eq!(tally(states.into_iter()), expected);
    }

    #[test]
    fn a_group_has_each_object_and_each_command_once() {
        let member = |n: u128| Member {
            command_id: CommandId(Uuid::from_u128(n)),
            equipment_id: id(n),
            seen: Seen { reading: Reading::default(), observed_at: None, version: 1, control_version: 1 },
        };
        let group = |members: Vec<Member>| GroupOrder {
            group_id: GroupId(Uuid::nil()),
            action: "street_light.read".into(),
            params: Params::default(),
            issued_at: NOW,
            expires_at: UNTIL,
            effect_until: None,
            shift_id: ShiftId(Uuid::nil()),
            desk_id: DeskId(Uuid::nil()),
            reason: String::new(),
            chosen: ChosenBy::Hand,
            chosen_name: String::new(),
            members,
            excluded: Vec::new(),
            approval_id: None,
        };
        assert!(group(vec![member(1), member(2)]).is_well_formed());
        assert!(!group(Vec::new()).is_well_formed());
        assert!(!group(vec![member(1), member(1)]).is_well_formed());
        assert!(
            !group(vec![member(1), Member { command_id: CommandId(Uuid::from_u128(1)), ..member(2) }]).is_well_formed()
        );
        assert!(!group((0..1_001).map(member).collect()).is_well_formed());
    }
}
