//! One seed: a story, its end, and what was wrong with it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use vigie_core::command::CommandState as S;
use vigie_core::link::LinkState;
use vigie_testkit::copy::{copy, differences};
use vigie_training::chance::Dice;
use vigie_training::{TrainingMetropolis, TrainingSession};

use super::clock::PausedClock;
use super::desk::Desk;
use super::link::{Way, Weather};
use super::record::{Line, Record, What};
use super::{Planted, town};
use crate::prove::history::{DeskHistory, Fault, History, Rule, check};
use crate::prove::ledger::Ledger;

/// Who may sit at the desks.
const LOGINS: [&str; 3] = ["c.martin", "a.dubois", "l.moreau"];
/// True time within which everything comes to rest on a good link: settling, the answer of the field, its confirmation.
const REST: i64 = 150_000;
/// True time after which whatever a desk hears was asked since: the deadline of a call, and a look.
const HEARD: Duration = Duration::from_secs(6);

/// What a seed led to.
#[derive(Debug, Default)]
pub struct Told {
    /// What was wrong.
    pub faults: Vec<Fault>,
    /// Commands that the metropolis had.
    pub commands: usize,
    /// Orders operated.
    pub orders: usize,
    /// Deaths of desks' programs.
    pub deaths: usize,
    /// What happened, in order.
    pub(super) lines: Vec<Line>,
}

/// Plays a seed on virtual time.
pub(super) fn play(seed: u64, planted: Option<Planted>) -> anyhow::Result<Told> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(story(seed, planted))
}

async fn story(seed: u64, planted: Option<Planted>) -> anyhow::Result<Told> {
    let mut dice = Dice::new(seed, "story");
    let true_time = Arc::new(PausedClock::off_by(0));
    let record = Arc::new(Record::default());
    let metropolis = town::found(seed, &true_time);
    let field = tokio::spawn(town::play(metropolis.clone(), seed));
    let length = dice.between(8_000.0, 40_000.0) as i64;
    let crashes = if dice.chance(0.7) { dice.between(0.0, 0.3) } else { 0.0 };

    let mut desks: Vec<Desk> = LOGINS
        .iter()
        .take(1 + dice.below(LOGINS.len()))
        .enumerate()
        .map(|(desk, login)| {
            let way = Way {
                session: metropolis.session(login),
                weather: Mutex::new(Weather::Fair),
                dice: Mutex::new(Dice::new(seed, &format!("network {desk}"))),
                record: record.clone(),
                true_time: true_time.clone(),
                desk,
                planted,
                flying: tokio_util::task::TaskTracker::new(),
            };
            let wrong = if dice.chance(0.5) { 0 } else { dice.between(-40_000.0, 40_000.0) as i64 };
            Desk::new(login, Arc::new(way), Arc::new(PausedClock::off_by(wrong)), seed)
        })
        .collect();

    let ways: Vec<_> = desks.iter().map(|d| d.way.clone()).collect();
    let weather = tokio::spawn(change_weather(ways.clone(), Dice::new(seed, "weather"), length));
    let mut working = tokio::task::JoinSet::new();
    for mut desk in desks.drain(..) {
        working.spawn(async move {
            desk.work(length, crashes).await;
            desk
        });
    }
    desks = working.join_all().await;
    desks.sort_by_key(|d| d.way.desk);
    weather.await?;
    for way in &ways {
        *way.weather.lock().unwrap_or_else(PoisonError::into_inner) = Weather::Fair;
    }
    for desk in &mut desks {
        desk.rest().await;
    }
    for way in &ways {
        way.flying.close();
        way.flying.wait().await;
    }
    let rested = rest(&desks, &metropolis, &true_time).await?;
    field.abort();
    let rested = rested && heard_everywhere(&desks, &metropolis, &true_time).await;

    let mut told = conclude(&mut desks, &metropolis, &record).await?;
    if !rested {
        told.faults.push(Fault { rule: Rule::Stalled, words: "something still moves".to_owned() });
    }
    Ok(told)
}

async fn change_weather(ways: Vec<Arc<Way>>, mut dice: Dice, until: i64) {
    const SKY: [Weather; 8] = [
        Weather::Fair,
        Weather::Fair,
        Weather::Foul,
        Weather::Foul,
        Weather::Foul,
        Weather::Storm,
        Weather::Cut,
        Weather::Hole,
    ];
    while ways.first().is_some_and(|way| way.true_time.ran() < until) {
        for way in &ways {
            let next = *dice.pick(&SKY).unwrap_or(&Weather::Fair);
            *way.weather.lock().unwrap_or_else(PoisonError::into_inner) = next;
            way.record.note(way.true_time.ran(), way.desk, What::Weather(next.name()));
        }
        tokio::time::sleep(Duration::from_millis(dice.between(400.0, 11_000.0) as u64)).await;
    }
}

/// Waits until nothing moves by itself any more; whether that came about in time.
async fn rest(desks: &[Desk], town: &TrainingMetropolis, true_time: &PausedClock) -> anyhow::Result<bool> {
    let end = true_time.ran() + REST;
    while true_time.ran() < end {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let mut restless = desks.iter().any(|desk| {
            desk.engine().is_none_or(|e| {
                let moving = e.commands(|c| c.entry.as_ref().is_some_and(|e| is_moving(e.state)));
                let keys = e.commands(|c| c.entry.as_ref().is_some_and(|e| e.state == S::AwaitingKey));
                let place = |c: &vigie_engine::TrackedCommand| c.entry.as_ref().map(|e| e.position);
                // Behind an order that waits for its key; what is ahead of it goes by itself.
                let waits = |c: &vigie_engine::TrackedCommand| {
                    keys.iter().any(|k| k.equipment_id() == c.equipment_id() && place(k) < place(c))
                };
                e.status().link.state != LinkState::Live || moving.iter().any(|c| !waits(c))
            })
        });
        restless = restless || Ledger::read(&supervisor(town)).await?.is_moving();
        if !restless {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Waits until every desk has read what the field said last: a call that the weather swallowed ends with its deadline, and
/// only what was asked after that counts.
async fn heard_everywhere(desks: &[Desk], town: &TrainingMetropolis, true_time: &PausedClock) -> bool {
    let enough = vigie_core::time::Clock::now(&**town.clock()).wall.plus(HEARD);
    let end = true_time.ran() + REST;
    while true_time.ran() < end {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let heard = |desk: &Desk| desk.engine().is_some_and(|e| e.status().link.heard_at >= Some(enough));
        if desks.iter().all(heard) {
            return true;
        }
    }
    false
}

/// Who reads the whole ledger, reasons included: they hold the tags.
fn supervisor(town: &TrainingMetropolis) -> TrainingSession {
    town.session("s.bernard")
}

fn is_moving(state: S) -> bool {
    matches!(state, S::Queued | S::Submitted | S::Unsettled)
}

async fn conclude(desks: &mut [Desk], town: &TrainingMetropolis, record: &Record) -> anyhow::Result<Told> {
    let ledger = Ledger::read(&supervisor(town)).await?;
    let mut history = History { desks: Vec::new(), commands: ledger.commands, events: ledger.events };
    for desk in &mut *desks {
        let on_shift = desk.engine().is_some_and(|e| e.status().shift.is_some());
        desk.close().await;
        let cuts = desk.cuts.lock().unwrap_or_else(PoisonError::into_inner).clone();
        history.desks.push(DeskHistory {
            login: desk.login.to_owned(),
            entries: desk.entries().await?,
            promised: desk.promised.clone(),
            cuts,
            on_shift,
            divergence: divergence(town, desk).await?,
        });
    }
    for (at, desk) in history.desks.iter().enumerate() {
        for (entry, _) in &desk.entries {
            record.note(i64::MAX, at, What::Ended(entry.order.command_id, entry.state));
        }
    }
    let lines = record.take();
    let mut faults = check(&history);
    network(&lines, &history, &mut faults);
    let deaths = lines.iter().filter(|(.., what)| *what == What::Died).count();
    let orders = history.desks.iter().map(|d| d.entries.len()).sum();
    Ok(Told { faults, commands: history.commands.len(), orders, deaths, lines })
}

/// What only the network saw: who was sent when, how often, and what was answered.
fn network(lines: &[Line], history: &History, faults: &mut Vec<Fault>) {
    let mut handed: BTreeMap<_, u32> = BTreeMap::new();
    let mut answers: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (at, desk, what) in lines {
        match what {
            What::Handed(id, link) => {
                let times = handed.entry(*id).or_default();
                *times += 1;
                if *times > 1 {
                    faults.push(Fault { rule: Rule::SentAgain, words: format!("{id} at {at} by desk {desk}") });
                }
                // A link that was live when the lane decided may be late by now; it may not have been lost meanwhile.
                if !matches!(link, LinkState::Live | LinkState::Late) {
                    let words = format!("{id} at {at} by desk {desk}: the link was {link}");
                    faults.push(Fault { rule: Rule::Unread, words });
                }
            }
            What::Arrived(id, status, code) if code.as_deref() != Some("after_settle") => {
                answers.entry(*id).or_default().push((*status, code.clone()));
            }
            _ => {}
        }
    }
    for (id, answers) in answers {
        if answers.windows(2).any(|pair| pair.first() != pair.last()) {
            faults.push(Fault { rule: Rule::Inconstant, words: format!("{id}: {answers:?}") });
        }
    }
    let kept = history.desks.iter().flat_map(|d| &d.entries).map(|(e, _)| e);
    for entry in kept.filter(|e| matches!(e.admission, vigie_core::command::Admission::Keep)) {
        if handed.contains_key(&entry.order.command_id) {
            faults.push(Fault { rule: Rule::IntentSent, words: entry.order.command_id.to_string() });
        }
    }
    faults.sort();
}

/// What differs between a desk's replica and a copy made now.
async fn divergence(town: &TrainingMetropolis, desk: &Desk) -> anyhow::Result<Vec<String>> {
    let fresh = copy(&town.session(desk.login)).await?;
    Ok(differences(&desk.replica, &fresh).await?)
}
