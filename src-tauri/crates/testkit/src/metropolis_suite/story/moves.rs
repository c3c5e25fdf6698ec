//! What a story is made of: its moves, drawn at random.

use proptest::prelude::*;
use vigie_core::command::CommandEventCode;
use vigie_core::equipment::Mode;

use super::{AUTHORS, OBJECTS};

/// One move of a story. Numbers choose among what exists when it is played.
#[derive(Debug, Clone)]
pub enum Move {
    /// A command.
    Operate(Operation),
    /// A command on many objects.
    OperateAll {
        /// What they share, and what goes wrong with it.
        shared: Operation,
        /// How many objects.
        objects: usize,
        /// A member whose control version was not the true one.
        moved: Option<usize>,
    },
    /// Another submission, by someone.
    Write {
        /// Who.
        author: usize,
        /// What.
        what: Writing,
    },
    /// States by the gateway.
    Report(Vec<Observation>),
    /// A submission made before, again, as it was.
    Again(usize),
    /// What became of submissions made before, or of one never made.
    Settle(Vec<usize>),
    /// Time passes, in milliseconds.
    Wait(u64),
    /// The house marks effects that nobody saw ending.
    MarkOverdue,
}

/// A command in a story.
#[derive(Debug, Clone)]
pub struct Operation {
    pub(super) author: usize,
    pub(super) object: usize,
    pub(super) action: usize,
    pub(super) level: i64,
    /// Lives and ends: 0 is right, others are wrong in some way or at a bound.
    pub(super) life: u8,
    pub(super) end: u8,
    /// Distance of the control version seen from the true one.
    pub(super) seen: i64,
    pub(super) blind: Option<bool>,
    pub(super) foreign_shift: bool,
    /// 0: plain; 1: under the newest request; 2: alone, naming it; 3: alone.
    pub(super) procedure: u8,
}

/// Another submission in a story.
#[derive(Debug, Clone)]
pub enum Writing {
    /// What became of a command.
    Progress(usize, usize),
    /// The same as the gateway would say it in order.
    Onwards(usize),
    /// A cancellation.
    Cancel(usize),
    /// The rest of a group stopped.
    Stop(usize),
    /// A closing, with or without a reason.
    Close(usize, bool),
    /// A shift opened, until so many minutes from now.
    OpenShift(i64),
    /// A shift closed.
    CloseShift(usize),
    /// A crew lock on an object, by its holder or for a crew.
    AskLock(usize, bool),
    /// A lock lifted by whoever may.
    LiftLock(usize),
    /// A lock lifted by others: with the call, or confirmed.
    ForceLift(usize, bool),
    /// A second person asked about an object, for its nth action.
    Ask(usize, usize),
    /// A second person asked about objects of one kind together.
    AskMany(usize, usize),
    /// What was asked selected at once.
    Select(usize),
    /// A request answered.
    Answer(usize, bool),
    /// An approval extended.
    Extend(usize),
    /// A request given up.
    Withdraw(usize),
    /// An object taken, or selected.
    Take(usize, bool),
    /// An object handed to a desk.
    Give(usize, usize),
    /// An object released.
    Release(usize),
    /// What was done alone looked at.
    Look(usize),
}

/// A state in a story.
#[derive(Debug, Clone)]
pub struct Observation {
    pub(super) object: usize,
    pub(super) level: i64,
    pub(super) mode: usize,
    /// Milliseconds before now.
    pub(super) age: i64,
    pub(super) odd: bool,
    pub(super) follow: bool,
}

/// Stories of up to `length` moves.
pub fn stories(length: usize) -> impl Strategy<Value = Vec<Move>> {
    prop::collection::vec(a_move(), 1..length)
}

fn a_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        6 => operation().prop_map(Move::Operate),
        2 => (operation(), 1..=OBJECTS, prop::option::weighted(0.3, 0..OBJECTS))
            .prop_map(|(shared, objects, moved)| Move::OperateAll { shared, objects, moved }),
        8 => (0..AUTHORS.len(), writing()).prop_map(|(author, what)| Move::Write { author, what }),
        4 => prop::collection::vec(observation(), 1..4).prop_map(Move::Report),
        1 => any::<usize>().prop_map(Move::Again),
        1 => prop::collection::vec(any::<usize>(), 1..3).prop_map(Move::Settle),
        3 => prop_oneof![0..3_000_u64, 0..90_000_u64, 0..1_200_000_u64, 0..14_400_000_u64].prop_map(Move::Wait),
        1 => Just(Move::MarkOverdue),
    ]
}

fn operation() -> impl Strategy<Value = Operation> {
    let right = |n: u8| prop_oneof![5 => Just(0_u8), 1 => 0..n];
    (
        (prop_oneof![6 => 0..3_usize, 1 => 0..AUTHORS.len()], 0..OBJECTS, any::<usize>(), -5..110_i64),
        (right(5), right(5)),
        prop_oneof![6 => Just(0_i64), 1 => -1..2_i64],
        prop_oneof![4 => Just(None), 1 => any::<bool>().prop_map(Some)],
        prop::bool::weighted(0.05),
        prop_oneof![3 => Just(0_u8), 2 => Just(1_u8), 1 => 2..4_u8],
    )
        .prop_map(|((author, object, action, level), (life, end), seen, blind, foreign_shift, procedure)| {
            Operation { author, object, action, level, life, end, seen, blind, foreign_shift, procedure }
        })
}

fn writing() -> impl Strategy<Value = Writing> {
    prop_oneof![
        6 => any::<usize>().prop_map(Writing::Onwards),
        2 => (any::<usize>(), 0..CommandEventCode::ALL.len()).prop_map(|(c, e)| Writing::Progress(c, e)),
        1 => any::<usize>().prop_map(Writing::Cancel),
        1 => any::<usize>().prop_map(Writing::Stop),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(c, r)| Writing::Close(c, r)),
        1 => (-1..600_i64).prop_map(Writing::OpenShift),
        1 => any::<usize>().prop_map(Writing::CloseShift),
        1 => (0..OBJECTS, any::<bool>()).prop_map(|(o, h)| Writing::AskLock(o, h)),
        1 => any::<usize>().prop_map(Writing::LiftLock),
        2 => (any::<usize>(), any::<bool>()).prop_map(|(n, c)| Writing::ForceLift(n, c)),
        3 => (0..OBJECTS, any::<usize>()).prop_map(|(o, a)| Writing::Ask(o, a)),
        1 => (0..OBJECTS, any::<usize>()).prop_map(|(o, a)| Writing::AskMany(o, a)),
        2 => any::<usize>().prop_map(Writing::Select),
        3 => (any::<usize>(), prop::bool::weighted(0.8)).prop_map(|(r, yes)| Writing::Answer(r, yes)),
        1 => any::<usize>().prop_map(Writing::Extend),
        1 => any::<usize>().prop_map(Writing::Withdraw),
        3 => (0..OBJECTS, prop::bool::weighted(0.8)).prop_map(|(o, select)| Writing::Take(o, select)),
        1 => (0..OBJECTS, any::<usize>()).prop_map(|(o, d)| Writing::Give(o, d)),
        1 => (0..OBJECTS).prop_map(Writing::Release),
        1 => any::<usize>().prop_map(Writing::Look),
    ]
}

fn observation() -> impl Strategy<Value = Observation> {
    (
        0..OBJECTS,
        0..100_i64,
        0..Mode::ALL.len(),
        prop_oneof![4 => Just(0_i64), 1 => 0..120_000_i64],
        prop::bool::weighted(0.1),
        any::<bool>(),
    )
        .prop_map(|(object, level, mode, age, odd, follow)| Observation { object, level, mode, age, odd, follow })
}
