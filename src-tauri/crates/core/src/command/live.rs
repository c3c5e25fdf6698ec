//! Live, held control (class L): a camera that moves while a hand holds a key, and stops when the hand, the desk, the link or
//! the right goes.
//!
//! It is a short path of its own. A hold is begun, kept by signs of life a few times a second, and ended; nothing of it is
//! queued, kept or played again, and a hold that lapsed is never taken up again. Every part on the way stops by itself when it
//! hears nothing: the metropolis after [`LIVE_LIFE`], gateway and device when the time that they were given is over.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::command::{MAX_SKEW, Refusal, actions_of};
use crate::equipment::{EquipmentKind, Reach};
use crate::ids::{DeskId, EquipmentId, LiveId, PersonId, ShiftId};
use crate::table::DeskHold;
use crate::time::Timestamp;

/// How long a sign of life counts, from when the metropolis heard it. What is left of the second is for the way.
pub const LIVE_LIFE: Duration = Duration::from_millis(800);
/// Within so long after the last sign of life that the metropolis heard, the device stands still.
pub const LIVE_STOP: Duration = Duration::from_secs(1);
/// Between two signs of life of a desk.
pub const LIVE_EVERY: Duration = Duration::from_millis(200);
/// However long a key is held: after that it is pressed anew.
pub const LIVE_LONGEST: Duration = Duration::from_secs(60);

/// Which way each axis goes: -1, 0 or 1 (right, up and nearer are 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Motion {
    /// Turning.
    pub pan: i8,
    /// Nodding.
    pub tilt: i8,
    /// Nearing.
    pub zoom: i8,
}

impl Motion {
    /// Whether it moves something, and each axis one way.
    pub fn is_well_formed(self) -> bool {
        let axes = [self.pan, self.tilt, self.zoom];
        axes.iter().all(|axis| (-1..=1).contains(axis)) && axes.iter().any(|axis| *axis != 0)
    }
}

/// The payload of a `live_begin`: a key was pressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveBegin {
    /// UUIDv7 made by the desk; also the identifier of the submission.
    pub live_id: LiveId,
    /// Which object.
    pub equipment_id: EquipmentId,
    /// Which way.
    pub motion: Motion,
    /// When it was pressed, in the metropolis's time.
    pub issued_at: Timestamp,
    /// The author's shift.
    pub shift_id: ShiftId,
    /// The desk he holds.
    pub desk_id: DeskId,
}

/// A sign of life: the key is still held. Not a submission: it leaves no trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveSign {
    /// Of which hold.
    pub live_id: LiveId,
    /// Grows with each; one that does not is an old one, and keeps nothing alive.
    pub seq: i64,
    /// Which way now.
    pub motion: Motion,
}

crate::table::codes! {
    /// Why a hold is over.
    LiveOver {
        /// Its author let go, or the object was handed over or released.
        Released = "released",
        /// Nothing was heard in time.
        Lapsed = "lapsed",
        /// A crew is on site, or is coming (R10).
        CrewLock = "crew_lock",
        /// Its author's shift is over.
        ShiftOver = "shift_over",
        /// It was held for as long as it may be.
        TooLong = "too_long",
        /// Its author pressed another key, at another window or object.
        Replaced = "replaced",
    }
}

/// What the metropolis answers to a sign of life; none: it goes on.
pub type LiveAnswer = Option<LiveOver>;

/// A hold as the metropolis has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Live {
    /// Which.
    pub live_id: LiveId,
    /// On which object.
    pub equipment_id: EquipmentId,
    /// The author.
    pub person_id: PersonId,
    /// His shift.
    pub shift_id: ShiftId,
    /// The last sign of life.
    pub seq: i64,
    /// Which way.
    pub motion: Motion,
    /// When it began.
    pub began_at: Timestamp,
    /// When something was last heard.
    pub heard_at: Timestamp,
}

impl Live {
    /// Until when it lives if nothing more is heard.
    pub fn until(&self) -> Timestamp {
        self.heard_at.plus(LIVE_LIFE).min(self.began_at.plus(LIVE_LONGEST))
    }
}

/// What is held now, as who speaks for the field hears it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveNow {
    /// Which hold.
    pub live_id: LiveId,
    /// On which object.
    pub equipment_id: EquipmentId,
    /// The object's reference.
    pub reference: String,
    /// The last sign of life.
    pub seq: i64,
    /// Which way.
    pub motion: Motion,
    /// Until when the device may move, in the metropolis's time.
    pub until: Timestamp,
    /// How long that is from now, ms.
    pub for_ms: i64,
}

/// What the metropolis knows when a key is pressed.
#[derive(Debug, Clone, Copy)]
pub struct LiveFacts<'a> {
    /// Its time.
    pub now: Timestamp,
    /// When the present epoch began.
    pub epoch_began: Timestamp,
    /// The author; none for a program.
    pub author: Option<PersonId>,
    /// Whether his role pilots this kind.
    pub may_pilot: bool,
    /// Whether the shift named is his and open.
    pub shift_open: bool,
    /// The kind of the object, if it exists.
    pub kind: Option<EquipmentKind>,
    /// Whether a lock of whatever state stands on it.
    pub locked: bool,
    /// The hold on it, if it lives.
    pub hold: Option<&'a DeskHold>,
    /// Which part of the chain answers; none when it was never seen.
    pub reach: Option<Reach>,
}

/// Whether a key that was pressed moves the object. The order of the checks is part of the contract.
pub fn may_hold(begin: &LiveBegin, facts: &LiveFacts<'_>) -> Result<PersonId, Refusal> {
    let Some(kind) = facts.kind else { return Err(Refusal::NoSuchObject) };
    let Some(author) = facts.author.filter(|_| facts.may_pilot) else { return Err(Refusal::NotAllowed) };
    if !facts.shift_open {
        return Err(Refusal::ShiftOver);
    }
    if !is_live(kind) {
        return Err(Refusal::NoSuchAction);
    }
    if facts.locked {
        return Err(Refusal::CrewLock);
    }
    if facts.hold.is_some_and(|hold| hold.person_id != author) {
        return Err(Refusal::HeldByOtherDesk);
    }
    if begin.issued_at < facts.epoch_began {
        return Err(Refusal::BeforeEpoch);
    }
    if begin.issued_at > facts.now.plus(MAX_SKEW) {
        return Err(Refusal::ClockSkew);
    }
    // A key that was pressed a while ago may have been let go since: nothing late (R2).
    if facts.now > begin.issued_at.plus(crate::command::ClassCode::L.life()) {
        return Err(Refusal::Expired);
    }
    if facts.reach == Some(Reach::Reachable) { Ok(author) } else { Err(Refusal::NoVisibility) }
}

/// Whether objects of a kind can be moved by a held key.
pub fn is_live(kind: EquipmentKind) -> bool {
    actions_of(kind).any(|action| action.class == crate::command::ClassCode::L)
}

/// The hold after a sign of life, or why it is over. One that lapsed is not taken up again; a sign that is doubled or late is
/// heard and keeps nothing alive.
pub fn keep(
    live: &Live,
    sign: &LiveSign,
    held: bool,
    shift_open: bool,
    locked: bool,
    now: Timestamp,
) -> Result<Live, LiveOver> {
    over(live, held, shift_open, locked, now).map_or(Ok(()), Err)?;
    if sign.seq <= live.seq || !sign.motion.is_well_formed() {
        return Ok(*live);
    }
    Ok(Live { seq: sign.seq, motion: sign.motion, heard_at: now, ..*live })
}

/// Why a hold is over at `now`, if it is. `held`: its desk still has the object by it, and did not hand it over or release it.
pub fn over(live: &Live, held: bool, shift_open: bool, locked: bool, now: Timestamp) -> Option<LiveOver> {
    if locked {
        return Some(LiveOver::CrewLock);
    }
    if !shift_open {
        return Some(LiveOver::ShiftOver);
    }
    if !held {
        return Some(LiveOver::Released);
    }
    if now > live.began_at.plus(LIVE_LONGEST) {
        return Some(LiveOver::TooLong);
    }
    (now > live.heard_at.plus(LIVE_LIFE)).then_some(LiveOver::Lapsed)
}

#[cfg(test)]
#[path = "live_tests.rs"]
mod tests;
