//! One line's work, a little at a time: hear, tell, take, hand over, end.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use uuid::Uuid;
use vigie_core::command::{CommandEventCode as E, LIVE_LIFE};
use vigie_core::equipment::{Quality, Reach};
use vigie_core::ids::{CommandId, EquipmentId, Ids, SubmissionId};
use vigie_core::port::MetropolisError;
use vigie_core::submission::{Body, StateReport, Submission};
use vigie_core::time::{Clock, Moment, Timestamp};
use vigie_machine::{MachineClock, MachineIds};
use vigie_metropolis::{FieldObject, Taken};

use crate::contact::Contact;
use crate::field::adapter::{Adapter, Line, NotSent};
use crate::field::heard::{Heard, Shown};
use crate::field::live::{Drive, Keys};
use crate::field::queue::Queue;
use crate::field::seat::{Seat, in_time};
use crate::pause;

/// Between two looks for commands, and for ends of effects.
const TAKE_EVERY: Duration = Duration::from_millis(100);
const END_EVERY: Duration = Duration::from_secs(1);
/// Commands taken at once: what can be handed over well within [`HAND_OVER_WITHIN`].
const AT_ONCE: u32 = 20;
/// From the asking for commands to the handing over; whatever takes longer may be another program's by then.
const HAND_OVER_WITHIN: Duration = Duration::from_secs(2);
/// What is nearer to the end of its life is not handed over: it would arrive after it.
const ON_THE_WAY: Duration = Duration::from_secs(1);
/// Between two readings of the objects, when one was heard of that is not known.
const LOOK_UP_EVERY: Duration = Duration::from_mins(1);
/// A device's clock may run ahead of the metropolis's by this much; an observation from further on is stamped now, and
/// doubtful.
const AHEAD: Duration = Duration::from_secs(5);
/// A broker that is away for so long takes its devices out of reach.
const LOST_AFTER: Duration = Duration::from_secs(15);
/// Answers are awaited for this long.
const AWAITED_FOR: Duration = Duration::from_hours(24);

/// A line of the field, worked.
pub(crate) struct Round {
    name: String,
    silent_after: Duration,
    adapter: Box<dyn Adapter>,
    term: Option<i64>,
    objects: HashMap<String, FieldObject>,
    looked_up: Option<Moment>,
    strangers: u64,
    /// Handed over, and not answered.
    awaited: BTreeMap<CommandId, Awaited>,
    queue: Queue,
    /// Reach of objects to be told, the last word for each.
    reach: HashMap<EquipmentId, Reach>,
    contact: Contact,
    /// Objects that were heard and are not lost; none before anything was.
    there: Option<HashSet<EquipmentId>>,
    line: Line,
    failures: u32,
    /// When the line may be opened again.
    open_at: Option<Moment>,
    /// When something was last heard, or the line last began to be lost.
    heard: Moment,
    told_lost: bool,
    took: Option<Moment>,
    ended: Option<Moment>,
    keys: Keys,
    asked_keys: Option<Moment>,
}

struct Awaited {
    reference: String,
    since: Moment,
}

fn due(last: Option<Moment>, every: Duration, now: Moment) -> bool {
    last.is_none_or(|last| now.since(last) >= every)
}

fn fresh() -> Uuid {
    MachineIds.next()
}

/// Why an order is not handed over at `now`, so long after it was asked for; none when it may be (R2).
fn held_back(passed: Duration, now: Timestamp, expires_at: Timestamp) -> Option<&'static str> {
    if passed > HAND_OVER_WITHIN {
        return Some("too_slow");
    }
    (now.plus(ON_THE_WAY) > expires_at).then_some("expired")
}

impl Round {
    pub(crate) fn new(name: String, silent_after: Duration, adapter: Box<dyn Adapter>, contact: Contact) -> Self {
        Self {
            name,
            silent_after,
            adapter,
            term: None,
            objects: HashMap::new(),
            looked_up: None,
            strangers: 0,
            awaited: BTreeMap::new(),
            queue: Queue::default(),
            reach: HashMap::new(),
            contact,
            there: None,
            line: Line::Lost("closed".into()),
            failures: 0,
            open_at: None,
            heard: MachineClock.now(),
            told_lost: false,
            took: None,
            ended: None,
            keys: Keys::default(),
            asked_keys: None,
        }
    }

    /// Lets the line go: another program works it.
    pub(crate) async fn close(&mut self) {
        if self.term.take().is_some() {
            let moved = self.keys.drop_all();
            self.drive(moved).await;
            self.adapter.close();
            self.line = Line::Lost("closed".into());
            self.awaited.clear();
            self.queue = Queue::default();
            self.reach.clear();
            self.there = None;
        }
    }

    /// While the metropolis is away: what is heard is kept, nothing is handed over, and what keys moved stops.
    pub(crate) async fn listen_only(&mut self) {
        if self.term.is_some() {
            let now = MachineClock.now();
            self.listen(now.wall, now);
            let lapsed = self.keys.lapse(now);
            self.drive(lapsed).await;
        }
    }

    /// Keys that are held (class L): what the metropolis says of them goes on at once.
    async fn hold_keys(&mut self, seat: &Seat, term: i64) -> Result<(), MetropolisError> {
        let kinds = self.adapter.live_kinds();
        let now = MachineClock.now();
        if kinds.is_empty() || !due(self.asked_keys, TAKE_EVERY, now) {
            return Ok(());
        }
        self.asked_keys = Some(now);
        // While a key is held, nobody is waited for longer than its moment lasts.
        let patience = if self.keys.is_empty() { HAND_OVER_WITHIN } else { LIVE_LIFE };
        let asked = in_time(seat.metropolis()?.take_live(term, &kinds));
        let told = tokio::time::timeout(patience, asked).await.unwrap_or(Err(MetropolisError::Deadline));
        let mut drives = match &told {
            Ok(told) => self.keys.take(told.clone(), now),
            Err(_) => Vec::new(),
        };
        drives.extend(self.keys.lapse(MachineClock.now()));
        self.drive(drives).await;
        told.map(drop)
    }

    async fn drive(&mut self, drives: Vec<Drive>) {
        for drive in drives {
            // A device that hears nothing stops by itself.
            if self.adapter.drive(&drive).await.is_err() {
                tracing::info!(line = self.name, reference = drive.reference, "a held key could not be told");
            }
        }
    }

    /// A turn, from the seat.
    pub(crate) async fn turn(&mut self, seat: &Seat, term: i64) -> Result<(), MetropolisError> {
        let moment = MachineClock.now();
        if self.term != Some(term) {
            self.begin(seat, moment).await?;
            self.term = Some(term);
        }
        self.listen(seat.now(), moment);
        self.notice_silence(moment);
        if self.strangers > 0 && due(self.looked_up, LOOK_UP_EVERY, moment) {
            self.look_up(seat, moment).await?;
        }
        self.hold_keys(seat, term).await?;
        if self.line == Line::Open {
            if due(self.took, TAKE_EVERY, moment) {
                self.took = Some(moment);
                self.carry_out(seat, term).await?;
            }
            if due(self.ended, END_EVERY, moment) {
                self.ended = Some(moment);
                self.end_effects(seat, term).await?;
            }
        }
        self.tell(seat, term).await
    }

    /// What an earlier program or term left: objects, and answers that are still to come.
    async fn begin(&mut self, seat: &Seat, now: Moment) -> Result<(), MetropolisError> {
        self.look_up(seat, now).await?;
        self.contact.forget();
        let awaited = in_time(seat.metropolis()?.awaited(&self.adapter.actions())).await?;
        self.awaited =
            awaited.into_iter().map(|t| (t.command_id, Awaited { reference: t.reference, since: now })).collect();
        tracing::info!(line = self.name, objects = self.objects.len(), awaited = self.awaited.len(), "the line begins");
        Ok(())
    }

    async fn look_up(&mut self, seat: &Seat, now: Moment) -> Result<(), MetropolisError> {
        if self.strangers > 0 {
            tracing::warn!(
                line = self.name,
                messages = self.strangers,
                "objects that are not in the inventory were heard"
            );
        }
        let objects = in_time(seat.metropolis()?.field_objects(&self.adapter.kinds())).await?;
        self.objects = objects.into_iter().map(|object| (object.reference.clone(), object)).collect();
        (self.looked_up, self.strangers) = (Some(now), 0);
        Ok(())
    }

    /// Hears what came; opens the line again when it was lost.
    fn listen(&mut self, now: Timestamp, moment: Moment) {
        let (line, heard) = self.adapter.listen(now);
        if !heard.is_empty() || (line == Line::Open && self.line != Line::Open) {
            self.heard = moment;
            self.told_lost = false;
        }
        for said in heard {
            self.take_in(said, now, moment);
        }
        match (&self.line, &line) {
            (Line::Open, Line::Open) | (Line::Opening, Line::Opening) => {}
            (_, Line::Open) => {
                tracing::info!(line = self.name, "the line is open");
                self.failures = 0;
            }
            (Line::Open | Line::Opening, Line::Lost(why)) => {
                self.failures += 1;
                tracing::warn!(line = self.name, why, failures = self.failures, "the line was lost");
                self.open_at = None;
            }
            _ => {}
        }
        self.line = line;
        if matches!(self.line, Line::Lost(_)) {
            // A wait of its own for each loss, so that a broker that comes back is not stormed.
            let wait = if self.failures == 0 { Duration::ZERO } else { pause::after(self.failures, rand::random()) };
            let since = *self.open_at.get_or_insert(moment);
            if moment.since(since) >= wait || self.failures == 0 {
                self.adapter.open();
                (self.line, self.open_at) = (Line::Opening, None);
            }
        }
        self.awaited.retain(|_, awaited| moment.since(awaited.since) < AWAITED_FOR);
    }

    fn take_in(&mut self, said: Heard, now: Timestamp, moment: Moment) {
        match said {
            Heard::Answer { command_id, reference, done } => {
                // Doubled, forged, of another gateway, or of a command that nobody remembers: it answers nothing.
                if self.awaited.get(&command_id).is_none_or(|awaited| awaited.reference != reference) {
                    tracing::warn!(line = self.name, command = %command_id, "an answer to nothing that is awaited");
                    return;
                }
                self.awaited.remove(&command_id);
                match done {
                    Ok(()) => self.queue.progress(fresh(), command_id, E::Execute, None),
                    Err(why) => self.queue.progress(fresh(), command_id, E::Fail, Some(&why)),
                }
            }
            Heard::State(shown) => self.show(*shown, now),
            Heard::Reach { references, reach } => {
                self.heard = moment;
                self.contact.hear(now, None);
                let of = |reference: &String| self.objects.get(reference).map(|object| object.equipment_id);
                let objects: Vec<_> = match &references {
                    Some(references) => references.iter().filter_map(of).collect(),
                    None => self.objects.values().map(|object| object.equipment_id).collect(),
                };
                let there = self.there.get_or_insert_default();
                for object in objects {
                    if reach == Reach::Reachable {
                        there.insert(object);
                    } else {
                        there.remove(&object);
                    }
                    self.reach.insert(object, reach);
                }
            }
        }
    }

    fn show(&mut self, shown: Shown, now: Timestamp) {
        let Some(object) = self.objects.get_mut(&shown.reference) else {
            self.strangers += 1;
            return;
        };
        let stamped = shown.observed_at.filter(|at| *at <= now.plus(AHEAD));
        let doubtful = shown.observed_at.is_some() && stamped.is_none();
        let observed_at = stamped.unwrap_or(now).min(now);
        // What the broker kept is news only if it is newer than what is known.
        if shown.kept && object.observed_at.is_some_and(|known| observed_at <= known) {
            return;
        }
        object.observed_at = object.observed_at.max(Some(observed_at));
        self.contact.hear(now, stamped.map(|at| now.since(at)));
        self.there.get_or_insert_default().insert(object.equipment_id);
        // A device that speaks is within reach, whatever was said of it before.
        self.reach.remove(&object.equipment_id);
        self.queue.state(StateReport {
            equipment_id: object.equipment_id,
            reading: shown.reading,
            quality: if doubtful { Quality::Uncertain } else { shown.quality },
            observed_at,
            source: self.name.clone(),
            reach: Reach::Reachable,
            mode: shown.mode,
            target: shown.target,
            effect_until: shown.effect_until,
        });
    }

    /// A line that says nothing is lost with all its devices, and that is said.
    fn notice_silence(&mut self, now: Moment) {
        let silent = now.since(self.heard);
        let lost = if self.line == Line::Open { silent > self.silent_after } else { silent > LOST_AFTER };
        if lost && !self.told_lost {
            tracing::warn!(line = self.name, "nothing is heard from the line: its devices are out of reach");
            self.told_lost = true;
            self.reach = self.objects.values().map(|object| (object.equipment_id, Reach::GatewayLost)).collect();
        }
    }

    /// Why the line is not in contact, as a code; none while it is, or while it is too soon to say.
    fn trouble(&self) -> Option<&'static str> {
        match &self.line {
            Line::Open if self.told_lost => Some("silent"),
            Line::Open if self.there.as_ref().is_some_and(HashSet::is_empty) => Some("gateway_lost"),
            Line::Open => None,
            _ => self.told_lost.then_some("line_lost"),
        }
    }

    /// Takes commands and hands each over once.
    async fn carry_out(&mut self, seat: &Seat, term: i64) -> Result<(), MetropolisError> {
        let asked = MachineClock.now();
        let (metropolis, actions) = (seat.metropolis()?, self.adapter.actions());
        let taken = in_time(metropolis.take_commands(term, &actions, seat.classes(), AT_ONCE)).await?;
        for order in taken.commands {
            let now = MachineClock.now();
            let passed = now.since(asked);
            let sent = match held_back(passed, seat.now().max(taken.at.plus(passed)), order.expires_at) {
                Some(why) => Err(NotSent::Never(why)),
                None => self.adapter.order(&order).await,
            };
            self.handed_over(&order, sent, now);
        }
        Ok(())
    }

    fn handed_over(&mut self, order: &Taken, sent: Result<(), NotSent>, now: Moment) {
        let id = order.command_id;
        match sent {
            Ok(()) => {
                self.queue.progress(fresh(), id, E::Publish, None);
                self.awaited.insert(id, Awaited { reference: order.reference.clone(), since: now });
            }
            Err(NotSent::Never(why)) => self.queue.progress(fresh(), id, E::Fail, Some(why)),
            Err(NotSent::Unsure) => {
                // Its device may answer all the same: late.
                self.awaited.insert(id, Awaited { reference: order.reference.clone(), since: now });
                self.queue.progress(fresh(), id, E::GatewayRestart, Some("not_sure_sent"));
            }
        }
    }

    /// Ends the effects that devices of this line do not end themselves (R3).
    async fn end_effects(&mut self, seat: &Seat, term: i64) -> Result<(), MetropolisError> {
        let actions = self.adapter.ends_from_here();
        if actions.is_empty() {
            return Ok(());
        }
        for order in in_time(seat.metropolis()?.take_ends(term, &actions)).await? {
            // An end that does not get through is overdue within the minute, and an alarm.
            if self.adapter.end(&order).await.is_err() {
                tracing::error!(line = self.name, command = %order.command_id, "the end of an effect could not be sent");
            }
        }
        Ok(())
    }

    /// Tells the metropolis what was heard and done.
    async fn tell(&mut self, seat: &Seat, term: i64) -> Result<(), MetropolisError> {
        let metropolis = seat.metropolis()?;
        while let Some(batch) = self.queue.batch(fresh) {
            let outcomes = in_time(metropolis.field_submit(term, &batch.submissions)).await?;
            for over in self.queue.answered(&batch, &outcomes, fresh) {
                self.awaited.remove(&over);
            }
        }
        for reach in [Reach::Reachable, Reach::GatewayLost, Reach::DeviceLost] {
            let objects: Vec<_> = self.reach.iter().filter(|(_, r)| **r == reach).map(|(id, _)| *id).collect();
            if !objects.is_empty() {
                in_time(metropolis.mark_reach(term, &objects, reach)).await?;
                self.reach.retain(|_, known| *known != reach);
            }
        }
        let Some(contact) = self.contact.due(seat.now(), MachineClock.now(), self.trouble()) else { return Ok(()) };
        let said = Submission::new(SubmissionId(fresh()), Body::SourceContact(contact));
        let told = in_time(metropolis.field_submit(term, &[said])).await;
        if told.is_err() {
            self.contact.forget();
        }
        told.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r2_an_order_leaves_soon_after_it_was_taken_and_well_before_its_life_ends_or_not_at_all() {
        let end = Timestamp(100_000);
        let at = |ms: i64, passed: u64| held_back(Duration::from_millis(passed), Timestamp(ms), end);
        assert_eq!(at(90_000, 2_000), None);
        assert_eq!(at(90_000, 2_001), Some("too_slow"), "another program may work by then");
        assert_eq!((at(99_000, 0), at(99_001, 0), at(200_000, 0)), (None, Some("expired"), Some("expired")));
    }
}
