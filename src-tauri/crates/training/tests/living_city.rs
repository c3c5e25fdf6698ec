//! The city as a desk sees it live: lights follow dusk, commands end one way or another, memory does not grow.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::decimal_bitwise_operands,
    reason = "the lints' exception for tests does not see their helpers"
)]

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use serde_json::json;
use uuid::Uuid;
use vigie_core::alarm::untaken;
use vigie_core::command::{
    Ask, AskedObject, AskedObjects, CommandOrder, CommandState, EffectState, Params, RequestState, Seen, action,
};
use vigie_core::equipment::{EquipmentKind, Mode, Reach, is_stale};
use vigie_core::ids::{CommandId, EquipmentId, Ids, RequestId, SubmissionId};
use vigie_core::port::{Cut, Metropolis, MetropolisError, SnapshotSink};
use vigie_core::submission::{Body, OutcomeStatus, Submission};
use vigie_core::table::{Alarm, ApprovalRequest, Command, EquipmentState, Row, StateHistory, TableRow, TableSpec};
use vigie_core::time::{Clock, Moment, Timestamp, millis};
use vigie_training::chance::SeededIds;
use vigie_training::city::{City, CityOptions, RELIABLE_LIGHT, generate};
use vigie_training::field::night;
use vigie_training::{
    DEFAULT_LOGIN, DeskFault, Scenario, SimClock, TrainingMetropolis, TrainingOptions, TrainingSession,
};

/// 2026-11-23 21:00 UTC.
const AT: Timestamp = Timestamp(1_795_467_600_000);

/// A clock that a test turns, and that moves by itself each time it is read, as a real one does.
#[derive(Default)]
struct Hand(AtomicI64, AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Moment {
        let passed = self.0.fetch_add(self.1.load(Ordering::SeqCst), Ordering::SeqCst);
        Moment { wall: Timestamp(passed), boot: Duration::from_millis(passed.unsigned_abs()) }
    }
}

/// A city, a desk in front of it, and a hand on the clock.
struct Room {
    city: City,
    metropolis: TrainingMetropolis,
    hand: Arc<Hand>,
    desk: TrainingSession,
    ids: SeededIds,
}

#[derive(Default)]
struct Rows(HashMap<&'static str, Vec<Row>>);

#[async_trait]
impl SnapshotSink for Rows {
    async fn rows(&mut self, table: &'static TableSpec, rows: Vec<Row>) -> Result<(), MetropolisError> {
        self.0.entry(table.name).or_default().extend(rows);
        Ok(())
    }
}

impl Room {
    fn new(objects: u32, seed: u64, scenario: Scenario) -> Self {
        let city = generate(&CityOptions { seed, objects, at: AT });
        let hand = Arc::new(Hand::default());
        let clock = Arc::new(SimClock::new(hand.clone(), AT, 1.0));
        let options = TrainingOptions { seed, scenario, epoch: Uuid::from_u128(1) };
        let metropolis = TrainingMetropolis::new(city.clone(), clock.clone(), options);
        let desk = metropolis.session(DEFAULT_LOGIN);
        Self { city, metropolis, hand, desk, ids: SeededIds::new(seed ^ 99, clock) }
    }

    /// Lets time pass in steps, ticking after each.
    fn live(&self, steps: u32, step: Duration) {
        for _ in 0..steps {
            self.hand.0.fetch_add(millis(step), Ordering::SeqCst);
            self.metropolis.tick();
        }
    }

    fn now(&self) -> Timestamp {
        self.metropolis.clock().now().wall
    }

    fn snapshot(&self) -> (Rows, Cut) {
        let mut rows = Rows::default();
        // Another account: the plug under test is the desk's, and these sessions share it.
        let cut = self.metropolis.session("gateway").snapshot(&mut rows).now_or_never().unwrap().unwrap();
        (rows, cut)
    }

    fn all<T: TableRow>(&self) -> Vec<T> {
        self.snapshot().0.0.remove(T::SPEC.name).unwrap_or_default().iter().map(|r| T::from_row(r).unwrap()).collect()
    }

    fn alarms(&self) -> Vec<Alarm> {
        let mut rows = Rows::default();
        self.metropolis.session("house").snapshot(&mut rows).now_or_never().unwrap().unwrap();
        rows.0.remove(Alarm::SPEC.name).unwrap_or_default().iter().map(|r| Alarm::from_row(r).unwrap()).collect()
    }

    fn state(&self, id: EquipmentId) -> EquipmentState {
        self.all::<EquipmentState>().into_iter().find(|s| s.equipment_id == id).unwrap()
    }

    fn command(&self, id: CommandId) -> Command {
        self.all::<Command>().into_iter().find(|c| c.command_id == id).unwrap()
    }

    fn reliable(&self) -> EquipmentId {
        self.city.equipment.iter().find(|e| e.reference == RELIABLE_LIGHT).unwrap().equipment_id
    }

    fn order(&self, object: EquipmentId, code: &str, params: serde_json::Value) -> CommandOrder {
        let (state, now) = (self.state(object), self.now());
        let person = self.city.accounts.iter().find(|a| a.login == DEFAULT_LOGIN).unwrap().person_id;
        let shift = self.city.shifts.iter().find(|s| Some(s.person_id) == person).unwrap();
        CommandOrder {
            command_id: CommandId(self.ids.next()),
            equipment_id: object,
            action: code.into(),
            params: Params::from(params),
            issued_at: now,
            expires_at: now.plus(action(code).unwrap().class.life()),
            effect_until: action(code).unwrap().max_effect.map(|_| now.plus(Duration::from_mins(10))),
            shift_id: shift.shift_id,
            desk_id: shift.desk_id,
            reason: String::new(),
            seen: Seen {
                reading: state.reading,
                observed_at: state.observed_at,
                version: state.version,
                control_version: state.control_version,
            },
            without_visibility: false,
            procedure: vigie_core::command::Procedure::default(),
        }
    }

    fn operate(&self, order: &CommandOrder) -> Result<OutcomeStatus, MetropolisError> {
        let outcomes = self.desk.submit(&[Submission::command(order.clone())]).now_or_never().unwrap()?;
        Ok(outcomes[0].status)
    }
}

#[test]
fn a_dimming_is_done_within_seconds_confirmed_by_the_state_and_ends_by_itself() {
    for seed in 1..=8 {
        let room = Room::new(400, seed, Scenario::OrdinaryNight);
        let light = room.reliable();
        let order = room.order(light, "street_light.set_level", json!({"level": 40}));
        assert_eq!(room.operate(&order), Ok(OutcomeStatus::Applied));
        room.live(40, Duration::from_millis(100));
        let done = room.command(order.command_id);
        assert_eq!((done.state, done.effect), (CommandState::Confirmed, Some(EffectState::InForce)));
        let state = room.state(light);
        assert_eq!((state.mode, state.reading.number("level")), (Mode::Override, Some(40.0)));
        assert_eq!(state.effect_until, order.effect_until);
        room.live(70, Duration::from_secs(10));
        assert_eq!(room.command(order.command_id).effect, Some(EffectState::Ended));
        assert_eq!((room.state(light).mode, room.state(light).target), (Mode::Programme, None));
    }
}

#[test]
fn r7_the_simulated_colleague_looks_some_seconds_then_approves_unless_he_is_told_to_keep_silent() {
    for answers in [true, false] {
        let room = Room::new(400, 1, Scenario::OrdinaryNight);
        room.metropolis.set_second(answers);
        let bollard = room.city.equipment.iter().find(|e| e.kind == EquipmentKind::Bollard).unwrap().equipment_id;
        let order = room.order(bollard, "bollard.lower", json!({}));
        let ask = Ask {
            request_id: RequestId(room.ids.next()),
            objects: AskedObjects(vec![AskedObject {
                equipment_id: bollard,
                control_version: order.seen.control_version,
            }]),
            action: order.action.clone(),
            params: order.params.clone(),
            effect_s: Some(600),
            shift_id: order.shift_id,
            desk_id: order.desk_id,
            reason: String::new(),
            consequence: json!({}),
            about: None,
        };
        let submission = Submission::new(SubmissionId(room.ids.next()), Body::ApprovalRequest(ask));
        let outcomes = room.desk.submit(&[submission]).now_or_never().unwrap().unwrap();
        assert_eq!(outcomes[0].code, None);
        let stands = || {
            let mut rows = Rows::default();
            room.metropolis.session("house").snapshot(&mut rows).now_or_never().unwrap().unwrap();
            let requests = rows.0.remove(ApprovalRequest::SPEC.name).unwrap();
            ApprovalRequest::from_row(&requests[0]).unwrap()
        };
        room.live(5, Duration::from_secs(1));
        assert_eq!(stands().state, RequestState::Asked, "he looks first");
        room.live(3, Duration::from_secs(1));
        let supervisor = room.city.accounts.iter().find(|a| a.login == "s.bernard").unwrap().person_id;
        let wanted = if answers { (RequestState::Approved, supervisor) } else { (RequestState::Asked, None) };
        assert_eq!((stands().state, stands().approver_id), wanted);
        room.live(200, Duration::from_secs(1));
        assert_eq!(stands().state, RequestState::Expired, "the house ends what nobody used");
    }
}

#[test]
fn a_clock_that_runs_while_the_field_is_played_loses_no_confirmation() {
    let room = Room::new(400, 1, Scenario::OrdinaryNight);
    room.hand.1.store(1, Ordering::SeqCst);
    for level in [10, 40, 80] {
        let order = room.order(room.reliable(), "street_light.set_level", json!({"level": level}));
        assert_eq!(room.operate(&order), Ok(OutcomeStatus::Applied));
        room.live(40, Duration::from_millis(100));
        assert_eq!(room.command(order.command_id).state, CommandState::Confirmed);
    }
}

#[test]
fn a_dimming_is_done_even_at_an_hour_a_second() {
    let room = Room::new(400, 1, Scenario::OrdinaryNight);
    let mut order = room.order(room.reliable(), "street_light.set_level", json!({"level": 40}));
    order.effect_until = Some(order.issued_at.plus(Duration::from_hours(4)));
    room.operate(&order).unwrap();
    room.live(4, Duration::from_mins(12));
    let done = room.command(order.command_id);
    assert_eq!(done.state, CommandState::Confirmed, "{:?}", done.detail);
    let read = room.order(room.reliable(), "street_light.read", json!({}));
    room.operate(&read).unwrap();
    room.live(4, Duration::from_mins(12));
    let seen = room.command(read.command_id);
    assert_eq!((seen.state, seen.detail), (CommandState::Confirmed, None));
}

#[test]
fn most_commands_are_done_some_fail_with_a_reason_and_some_stay_without_an_answer() {
    let room = Room::new(3_000, 2, Scenario::OrdinaryNight);
    let lights: Vec<_> = room.all::<EquipmentState>();
    let read = room.order(room.reliable(), "street_light.read", json!({}));
    let kinds: HashMap<_, _> = room.city.equipment.iter().map(|e| (e.equipment_id, e.kind)).collect();
    let mut sent = Vec::new();
    for state in lights.iter().filter(|s| kinds[&s.equipment_id] == EquipmentKind::StreetLight).step_by(4).take(500) {
        if state.reach == Reach::Reachable {
            let (command_id, equipment_id) = (CommandId(room.ids.next()), state.equipment_id);
            let order = CommandOrder { command_id, equipment_id, ..read.clone() };
            assert_eq!(room.operate(&order), Ok(OutcomeStatus::Applied));
            sent.push(order.command_id);
        }
    }
    room.live(60, Duration::from_secs(1));
    let mut ends: HashMap<CommandState, usize> = HashMap::new();
    for command in room.all::<Command>() {
        assert!(command.state != CommandState::Failed || command.detail.is_some());
        *ends.entry(command.state).or_default() += 1;
    }
    let share = |state| ends.get(&state).copied().unwrap_or(0) as f64 / sent.len() as f64;
    assert!((0.86..0.97).contains(&share(CommandState::Confirmed)), "{ends:?}");
    assert!((0.02..0.11).contains(&share(CommandState::Failed)), "{ends:?}");
    assert!((0.002..0.05).contains(&share(CommandState::Unknown)), "{ends:?}");
    assert_eq!(ends.values().sum::<usize>(), sent.len());
    assert!(ends.keys().all(|s| matches!(s, CommandState::Confirmed | CommandState::Failed | CommandState::Unknown)));
}

#[test]
fn what_is_out_of_reach_never_answers_and_becomes_unknown() {
    let room = Room::new(3_000, 1, Scenario::OrdinaryNight);
    let lost = room.all::<EquipmentState>().into_iter().find(|s| s.reach == Reach::GatewayLost).unwrap();
    let read = room.order(lost.equipment_id, "street_light.read", json!({}));
    room.operate(&read).unwrap();
    room.live(15, Duration::from_secs(1));
    assert_eq!(room.command(read.command_id).state, CommandState::Dispatched);
    room.live(15, Duration::from_secs(1));
    let command = room.command(read.command_id);
    assert_eq!((command.state, command.detail.as_deref()), (CommandState::Unknown, Some("no_answer")));
}

#[test]
fn everything_but_what_is_lost_stays_fresh_for_hours() {
    let room = Room::new(6_000, 3, Scenario::OrdinaryNight);
    let kinds: HashMap<_, _> = room.city.equipment.iter().map(|e| (e.equipment_id, e.kind)).collect();
    let stale = |room: &Room| {
        let now = room.now();
        room.all::<EquipmentState>()
            .iter()
            .filter(|s| is_stale(kinds[&s.equipment_id], &s.source, s.observed_at, now))
            .count()
    };
    let born = stale(&room);
    for _ in 0..6 {
        room.live(120, Duration::from_secs(15));
        // A camera that its gateway lost a while ago was not yet stale at birth.
        assert!(stale(&room) <= born + 3, "{} against {born}", stale(&room));
    }
}

#[test]
fn reports_are_spread_and_a_step_never_drowns_the_desk() {
    let room = Room::new(36_000, 1, Scenario::OrdinaryNight);
    let mut largest = 0;
    let (_, mut cut) = room.snapshot();
    for step in [Duration::from_millis(250), Duration::from_secs(1), Duration::from_mins(15)] {
        for _ in 0..8 {
            room.live(1, step);
            let changes = room.desk.changes(&cut).now_or_never().unwrap().unwrap();
            cut = changes.cut;
            let rows: usize =
                changes.tables.iter().filter(|t| t.table.name == "equipment_state").map(|t| t.rows.len()).sum();
            assert!(step > Duration::from_secs(1) || rows < 120, "{rows} in {step:?}");
            largest = largest.max(rows);
        }
    }
    assert!(largest > 1_000 && largest <= 2_000, "{largest}");
}

#[test]
fn lights_go_off_at_dawn_and_on_at_dusk() {
    let room = Room::new(2_000, 4, Scenario::OrdinaryNight);
    let kinds: HashMap<_, _> = room.city.equipment.iter().map(|e| (e.equipment_id, e.kind)).collect();
    let lit = |room: &Room| {
        let states: Vec<_> = room.all::<EquipmentState>();
        let lights = states.iter().filter(|s| {
            kinds[&s.equipment_id] == EquipmentKind::StreetLight
                && s.reach == Reach::Reachable
                && s.reading.text("fault").is_none()
        });
        let (on, all) = lights
            .fold((0_u32, 0_u32), |(on, all), s| (on + u32::from(s.reading.number("level") > Some(0.0)), all + 1));
        f64::from(on) / f64::from(all)
    };
    assert!(lit(&room) > 0.99);
    let until = |room: &Room, at: Timestamp| {
        while room.now() < at {
            room.live(1, Duration::from_secs(30));
        }
    };
    let first = night(AT);
    until(&room, first.dawn.plus(Duration::from_mins(1)));
    assert!(lit(&room) < 0.01, "{}", lit(&room));
    let next = night(room.now());
    until(&room, next.dusk.plus(Duration::from_secs(450)));
    assert!((0.2..0.8).contains(&lit(&room)), "{}", lit(&room));
    until(&room, next.dusk.plus(Duration::from_mins(16)));
    assert!(lit(&room) > 0.99);
}

#[test]
fn the_plug_cuts_the_desk_and_nobody_else() {
    let room = Room::new(400, 1, Scenario::OrdinaryNight);
    let order = room.order(room.reliable(), "street_light.set_level", json!({"level": 40}));
    room.operate(&order).unwrap();
    room.metropolis.set_plugged(false);
    let refused = room.desk.identity().now_or_never().unwrap();
    assert!(matches!(refused, Err(MetropolisError::Unreachable(_))));
    let (_, cut) = room.snapshot();
    assert!(matches!(room.desk.changes(&cut).now_or_never().unwrap(), Err(MetropolisError::Unreachable(_))));
    room.live(40, Duration::from_millis(100));
    assert_eq!(room.command(order.command_id).state, CommandState::Confirmed);
    room.metropolis.set_plugged(true);
    assert!(room.desk.changes(&cut).now_or_never().unwrap().is_ok());
}

#[test]
fn a_faulty_link_loses_requests_replies_or_everything() {
    let room = Room::new(400, 1, Scenario::OrdinaryNight);
    let (lost, done) = (
        room.order(room.reliable(), "street_light.read", json!({})),
        room.order(room.reliable(), "street_light.read", json!({})),
    );
    room.metropolis.set_fault(Some(DeskFault::LoseRequests));
    assert!(room.operate(&lost).is_err());
    room.metropolis.set_fault(Some(DeskFault::LoseReplies));
    assert!(room.operate(&done).is_err());
    let seen: Vec<_> = room.all::<Command>().iter().map(|c| c.command_id).collect();
    assert_eq!(seen, [done.command_id]);
    room.metropolis.set_fault(Some(DeskFault::Hang));
    assert!(room.desk.identity().now_or_never().is_none());
    room.metropolis.set_fault(Some(DeskFault::Refuse));
    assert!(matches!(room.desk.identity().now_or_never(), Some(Err(MetropolisError::Unreachable(_)))));
    room.metropolis.set_fault(None);
    assert!(room.desk.identity().now_or_never().unwrap().is_ok());
    let stranger = room.metropolis.session("nobody");
    assert!(matches!(stranger.identity().now_or_never(), Some(Err(MetropolisError::SignInRefused(_)))));
}

#[test]
fn the_cut_link_scenario_pulls_the_plug_and_puts_it_back() {
    let room = Room::new(400, 1, Scenario::CutLink);
    room.live(59, Duration::from_secs(1));
    assert!(room.metropolis.plugged());
    room.live(2, Duration::from_secs(1));
    assert!(!room.metropolis.plugged());
    room.live(598, Duration::from_secs(1));
    assert!(!room.metropolis.plugged());
    room.live(2, Duration::from_secs(1));
    assert!(room.metropolis.plugged());
    room.live(70, Duration::from_secs(1));
    assert!(room.metropolis.plugged());
    room.metropolis.start_scenario(Scenario::CutLink);
    room.live(61, Duration::from_secs(1));
    assert!(!room.metropolis.plugged());
    room.metropolis.start_scenario(Scenario::OrdinaryNight);
    assert!(room.metropolis.plugged());
    assert_eq!(room.metropolis.scenario(), Scenario::OrdinaryNight);
}

#[test]
fn a_city_played_for_days_forgets_what_is_older_than_its_windows() {
    let room = Room::new(900, 1, Scenario::OrdinaryNight);
    let mut counts = Vec::new();
    for _ in 0..5 {
        room.live(96, Duration::from_mins(15));
        counts.push(room.all::<StateHistory>().len());
    }
    let oldest = room.all::<StateHistory>().iter().map(|h| h.observed_at).min().unwrap();
    assert!(room.now().since(oldest) <= Duration::from_hours(48), "{counts:?}");
    assert!(counts[4] < counts[2] * 3 / 2, "{counts:?}");
}

#[test]
fn a_night_played_twice_from_the_same_seed_is_the_same_night() {
    let play = || {
        let room = Room::new(700, 6, Scenario::OrdinaryNight);
        let order = room.order(room.reliable(), "street_light.set_level", json!({"level": 20}));
        room.operate(&order).unwrap();
        room.live(300, Duration::from_secs(20));
        let (rows, cut) = room.snapshot();
        (rows.0, cut)
    };
    assert_eq!(play(), play());
}

#[test]
fn an_ordinary_night_begins_with_what_the_last_shift_has_seen_and_no_flood() {
    for seed in [1, 2] {
        let room = Room::new(6_000, seed, Scenario::OrdinaryNight);
        room.live(60, Duration::from_secs(10));
        let alarms = room.alarms();
        assert!(alarms.iter().any(|a| a.rule == "signal_junction.dark"), "what is wrong at birth is in the list");
        let asking: Vec<_> = alarms.iter().filter(|a| untaken(a)).map(|a| (&a.rule, a.raised_at)).collect();
        assert!(asking.len() <= 5, "{asking:?}");
        let cut_off = alarms.iter().filter(|a| a.rule == "street_light.reach" && a.cause_id.is_some()).count();
        assert!(cut_off > 50, "a concentrator that nobody hears is one alarm with its lights under it: {cut_off}");
    }
}

#[test]
fn a_substation_that_fails_is_four_hundred_alarms_in_ten_minutes_of_three_causes() {
    let room = Room::new(12_000, 1, Scenario::AlarmFlood);
    room.live(63, Duration::from_secs(10));
    let raised: Vec<_> = room.alarms().into_iter().filter(|a| a.raised_at > AT).collect();
    assert!((300..=500).contains(&raised.len()), "{}", raised.len());
    let causes: std::collections::HashSet<_> = raised.iter().filter_map(|a| a.cause_id).collect();
    assert_eq!(causes.len(), 3);
    let asking = raised.iter().filter(|a| untaken(a)).count();
    assert!((3..=8).contains(&asking), "{asking}");
}
