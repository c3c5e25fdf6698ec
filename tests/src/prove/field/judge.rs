//! The judge of the field: what reached devices, by their own log, against what the metropolis says became of its commands.
//!
//! It knows nothing of the gateway's ways.

use std::collections::{BTreeMap, HashMap};

use vigie_core::command::{ClassCode, CommandState as S, action};
use vigie_core::ids::{CommandId, EquipmentId};
use vigie_core::table::{Command, CommandEvent};
use vigie_core::time::Timestamp;

use super::log::{Line, What};
use crate::prove::history::{Fault, Rule};

/// What a gateway says of a command that it did not publish.
const NEVER_LEFT: [&str; 4] = ["not_sayable", "line_lost", "too_slow", "expired"];

/// What devices wrote of one command.
#[derive(Default)]
struct Met<'l> {
    received: Vec<&'l Line>,
    did: Vec<&'l Result<(), String>>,
    answered: usize,
}

/// Everything wrong between the devices' log and the ledger; `references` names the objects.
pub fn judge(
    log: &[Line],
    commands: &[Command],
    events: &[CommandEvent],
    references: &BTreeMap<EquipmentId, String>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut met: BTreeMap<CommandId, Met<'_>> = BTreeMap::new();
    for line in log {
        let met = met.entry(line.command_id).or_default();
        match &line.what {
            What::Received { .. } => met.received.push(line),
            What::Did(done) => met.did.push(done),
            What::Answered => met.answered += 1,
            What::Ended => {}
        }
    }
    let mut moves: BTreeMap<CommandId, Vec<&CommandEvent>> = BTreeMap::new();
    for event in events {
        moves.entry(event.command_id).or_default().push(event);
    }
    let known: BTreeMap<CommandId, &Command> = commands.iter().map(|c| (c.command_id, c)).collect();
    for (id, met) in &met {
        let moves = moves.get(id).map_or(&[][..], Vec::as_slice);
        at_the_device(*id, met, known.get(id).copied(), moves, references, &mut faults);
    }
    for command in commands {
        let moves = moves.get(&command.command_id).map_or(&[][..], Vec::as_slice);
        in_the_ledger(command, moves, met.get(&command.command_id), &mut faults);
    }
    in_order(log, &moves, &known, &mut faults);
    faults.sort();
    faults.dedup();
    faults
}

fn passed(moves: &[&CommandEvent], state: S) -> bool {
    moves.iter().any(|event| event.to_state == state)
}

/// Each command reaches the device that it is for, once, within its life, as it was asked.
fn at_the_device(
    id: CommandId,
    met: &Met<'_>,
    command: Option<&Command>,
    moves: &[&CommandEvent],
    references: &BTreeMap<EquipmentId, String>,
    faults: &mut Vec<Fault>,
) {
    let mut say = |rule, words: String| faults.push(Fault { rule, words: format!("{id} {words}") });
    if met.received.len() > 1 {
        say(Rule::Doubled, format!("reached its device {} times", met.received.len()));
    }
    let Some(command) = command else {
        if !met.received.is_empty() {
            say(Rule::Lost, "reached a device, and the metropolis does not have it".to_owned());
        }
        return;
    };
    for line in &met.received {
        let What::Received { action, expires_at } = &line.what else { continue };
        if line.at > command.expires_at {
            let by = line.at.offset_from(command.expires_at);
            say(Rule::Late, format!("reached its device {by} ms after its life"));
        }
        if expires_at.is_some_and(|at| at != command.expires_at) {
            say(Rule::Late, "was given another life on its way to the device".to_owned());
        }
        if *action != command.action || references.get(&command.equipment_id) != Some(&line.reference) {
            say(Rule::Life, format!("({}) reached {} as {action}", command.action, line.reference));
        }
    }
    if !met.received.is_empty() && !passed(moves, S::Dispatching) {
        say(Rule::Life, format!("reached its device without having been taken (it is {})", command.state));
    }
}

/// The metropolis says of each command what devices say, or that it does not know.
fn in_the_ledger(command: &Command, moves: &[&CommandEvent], met: Option<&Met<'_>>, faults: &mut Vec<Fault>) {
    let nothing = Met::default();
    let met = met.unwrap_or(&nothing);
    let mut say = |rule, words: String| faults.push(Fault { rule, words: format!("{} {words}", command.command_id) });
    let reason = command.detail.as_deref().unwrap_or_default();
    let reached = !met.received.is_empty();
    let done = met.did.iter().any(|did| did.is_ok());
    let told_done = passed(moves, S::Executed) || command.state == S::LateDone;
    if told_done && !(done && met.answered > 0) {
        say(Rule::SaidDone, format!("is {} and no device answered that it did it", command.state));
    }
    let refused_here = met.did.iter().any(|did| did.as_ref().is_err_and(|why| why == reason));
    if command.state == S::Failed && reached && NEVER_LEFT.contains(&reason) && !refused_here {
        say(Rule::Lost, format!("is said never to have left ({reason}), and reached its device"));
    }
    if matches!(command.state, S::Failed | S::LateFailed) && done {
        say(Rule::Lost, format!("is {} ({reason}), and its device did it", command.state));
    }
    if reached && !passed(moves, S::Dispatching) {
        say(Rule::Lost, format!("is {} and reached its device", command.state));
    }
    // R18: what no device answered is not known.
    let open = matches!(command.state, S::Unknown | S::Closed);
    let untold = command.state == S::Failed && NEVER_LEFT.contains(&reason);
    if passed(moves, S::Dispatching) && met.answered == 0 && !open && !untold {
        say(Rule::SaidDone, format!("is {} ({reason}), and no device answered", command.state));
    }
}

/// On each device commands arrive in the order in which the metropolis took them; the safe direction goes ahead of reads (R17).
fn in_order(
    log: &[Line],
    moves: &BTreeMap<CommandId, Vec<&CommandEvent>>,
    known: &BTreeMap<CommandId, &Command>,
    faults: &mut Vec<Fault>,
) {
    let reads = |id: &CommandId| known.get(id).is_some_and(|command| command.class == ClassCode::A);
    let safe = |id: &CommandId| {
        known.get(id).is_some_and(|c| action(&c.action).is_some_and(|action| action.goes_safe(&c.params)))
    };
    let taken = |id: &CommandId| -> Option<Timestamp> {
        moves.get(id)?.iter().find(|event| event.to_state == S::Accepted).map(|event| event.at)
    };
    let mut last: HashMap<&str, (Timestamp, CommandId)> = HashMap::new();
    for line in log.iter().filter(|line| matches!(line.what, What::Received { .. })) {
        let Some(at) = taken(&line.command_id) else { continue };
        if let Some((before, id)) = last.get(line.reference.as_str()).filter(|(before, _)| *before > at)
            && !(reads(&line.command_id) && safe(id))
        {
            let words = format!(
                "{} reached {} after {id}, which was taken {} ms later",
                line.command_id,
                line.reference,
                before.offset_from(at)
            );
            faults.push(Fault { rule: Rule::Overtaken, words });
        }
        let newest = last.entry(&line.reference).or_insert((at, line.command_id));
        *newest = (*newest).max((at, line.command_id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;
    use vigie_core::command::Params;
    use vigie_core::ids::{PersonId, ShiftId};
    use vigie_core::rights::Role;

    const OBJECT: EquipmentId = EquipmentId(Uuid::from_u128(1));
    const ID: CommandId = CommandId(Uuid::from_u128(7));

    fn command(state: S, detail: Option<&str>) -> Command {
        Command {
            command_id: ID,
            group_id: None,
            approval_id: None,
            sole: None,
            equipment_id: OBJECT,
            action: "street_light.read".into(),
            class: ClassCode::A,
            params: Params::default(),
            person_id: PersonId(Uuid::nil()),
            role: Role::RemoteOperator,
            shift_id: ShiftId(Uuid::nil()),
            reason: String::new(),
            issued_at: Timestamp(0),
            expires_at: Timestamp(1_000),
            effect_until: None,
            seen_control_version: 1,
            without_visibility: false,
            state,
            state_since: Timestamp(0),
            detail: detail.map(str::to_owned),
            effect: None,
        }
    }

    fn moves(states: &[S]) -> Vec<CommandEvent> {
        let event = |(n, to): (usize, &S)| CommandEvent {
            event_id: Uuid::from_u128(n as u128),
            command_id: ID,
            at: Timestamp(n as i64),
            from_state: None,
            to_state: *to,
            actor: "gateway".into(),
            detail: None,
        };
        states.iter().enumerate().map(event).collect()
    }

    fn line(at: i64, what: What) -> Line {
        Line { at: Timestamp(at), command_id: ID, reference: "EC-1".into(), what }
    }

    fn received(at: i64) -> Line {
        let expires_at = Some(Timestamp(1_000));
        line(at, What::Received { action: "street_light.read".into(), expires_at })
    }

    fn found(log: &[Line], command: Command, events: &[CommandEvent]) -> Vec<Rule> {
        let references = BTreeMap::from([(OBJECT, "EC-1".to_owned())]);
        judge(log, &[command], events, &references).into_iter().map(|fault| fault.rule).collect()
    }

    const DONE: [S; 5] = [S::Accepted, S::Dispatching, S::Dispatched, S::Executed, S::Confirmed];

    #[test]
    fn what_went_as_it_should_has_no_fault() {
        let log = [received(10), line(20, What::Did(Ok(()))), line(21, What::Answered)];
        assert_eq!(found(&log, command(S::Confirmed, None), &moves(&DONE)), []);
        let unheard = [received(10), line(20, What::Did(Ok(())))];
        assert_eq!(found(&unheard, command(S::Unknown, Some("no_answer")), &moves(&DONE[..3])), []);
        assert_eq!(found(&[], command(S::Failed, Some("line_lost")), &moves(&DONE[..2])), []);
    }

    #[test]
    fn r14_a_second_publication_and_r2_a_late_one_are_seen() {
        let again = [received(10), received(500), line(20, What::Did(Ok(()))), line(21, What::Answered)];
        assert_eq!(found(&again, command(S::Confirmed, None), &moves(&DONE)), [Rule::Doubled]);
        let late = [received(1_001), line(1_002, What::Did(Err("expired".into()))), line(1_003, What::Answered)];
        assert_eq!(found(&late, command(S::Failed, Some("expired")), &moves(&DONE[..3])), [Rule::Late]);
    }

    #[test]
    fn r18_done_or_refused_without_a_device_that_says_so_is_seen() {
        assert_eq!(found(&[], command(S::Confirmed, None), &moves(&DONE)), [Rule::SaidDone, Rule::SaidDone]);
        let silent = [received(10)];
        assert_eq!(found(&silent, command(S::Failed, Some("busy")), &moves(&DONE[..3])), [Rule::SaidDone]);
        assert_eq!(found(&silent, command(S::Failed, Some("line_lost")), &moves(&DONE[..2])), [Rule::Lost]);
        let done = [received(10), line(20, What::Did(Ok(()))), line(21, What::Answered)];
        assert_eq!(found(&done, command(S::Failed, Some("busy")), &moves(&DONE[..3])), [Rule::Lost]);
    }

    #[test]
    fn what_reaches_a_device_without_having_been_taken_or_another_device_is_seen() {
        let rules = found(&[received(10)], command(S::Cancelled, None), &moves(&DONE[..1]));
        assert!(rules.contains(&Rule::Life) && rules.contains(&Rule::Lost), "{rules:?}");
        let mut elsewhere = received(10);
        elsewhere.reference = "EC-2".into();
        assert_eq!(found(&[elsewhere], command(S::Unknown, None), &moves(&DONE[..3])), [Rule::Life]);
    }
}
