//! `prove simulation`: the real engine, the real training metropolis, its field and its house, on virtual time and from a
//! seed; desks' programs die at every step, the network loses, doubles, delays and reorders, clocks are wrong and jump,
//! people leave their desks.
//!
//! | module | what it holds |
//! |---|---|
//! | [`run`] | one seed: its story, and what was wrong |
//! | `desk` | a desk over several lives of its program, and its operator |
//! | `mains` | where a program dies: at the n-th call that leaves it, before or after its effect |
//! | `link` | the network |
//! | `files` | the memory stores behind the mains |
//! | `town` | the metropolis with a few objects, its field and house |
//! | `clock` | clocks that are set and jump |
//! | `record` | what happened, compared between two runs of a seed |
//!
//! Nothing is random but the seed: each is played twice and both records must be equal.

mod clock;
mod desk;
mod files;
mod link;
mod mains;
mod record;
mod run;
mod town;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

pub use run::Told;

use crate::prove::history::{Fault, Rule};

/// A fault planted into a simulated client: the checker must see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    /// The replica writes its cut before the data.
    CheckpointBeforeData,
    /// `settle` answers *never received* without recording it.
    GuessesWhatNeverCame,
    /// Orders are stamped when they are sent, not when they are operated.
    StampsAnew,
}

/// Plays a seed once.
pub fn tell(seed: u64, planted: Option<Planted>) -> anyhow::Result<Told> {
    run::play(seed, planted)
}

/// Plays a seed twice and compares: the faults of the story, and whether it repeated itself.
pub fn seed(seed: u64) -> anyhow::Result<Told> {
    let (mut first, second) = (tell(seed, None)?, tell(seed, None)?);
    if first.lines != second.lines {
        let parted = first.lines.iter().zip(&second.lines).position(|(a, b)| a != b);
        let line = |told: &Told| parted.and_then(|at| told.lines.get(at)).map(|line| format!("{line:?}"));
        let words = format!("line {parted:?}: {:?} and then {:?}", line(&first), line(&second));
        first.faults.push(Fault { rule: Rule::Indeterminate, words });
    }
    Ok(first)
}

/// What many seeds led to.
#[derive(Debug, Default)]
pub struct Seeds {
    /// How many were played.
    pub played: u64,
    /// Orders operated in them.
    pub orders: u64,
    /// Commands that reached a metropolis.
    pub commands: u64,
    /// Deaths of desks' programs.
    pub deaths: u64,
    /// Seeds that failed, with what was wrong; the first few.
    pub failed: Vec<(u64, Vec<Fault>)>,
}

/// Failed seeds that are kept; a campaign stops after so many.
const ENOUGH: usize = 20;

/// Plays seeds from `first` on, on every core, until `go_on` says no. It is asked before each with the number played.
pub fn seeds(first: u64, go_on: &(dyn Fn(u64) -> bool + Sync)) -> anyhow::Result<Seeds> {
    let next = AtomicU64::new(0);
    let sum = Mutex::new(Seeds::default());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let play = || -> anyhow::Result<()> {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let enough = sum.lock().unwrap_or_else(PoisonError::into_inner).failed.len() >= ENOUGH;
                if enough || !go_on(n) {
                    return Ok(());
                }
                let told = seed(first.wrapping_add(n))?;
                let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
                sum.played += 1;
                sum.orders += told.orders as u64;
                sum.commands += told.commands as u64;
                sum.deaths += told.deaths as u64;
                if !told.faults.is_empty() {
                    sum.failed.push((first.wrapping_add(n), told.faults));
                }
            }
        };
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(play)).collect();
        threads.into_iter().try_for_each(|t| t.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a seed panicked"))))
    })?;
    Ok(sum.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Prints what happened in a seed, line by line.
pub fn replay(number: u64) -> anyhow::Result<Told> {
    let told = seed(number)?;
    for (at, desk, what) in &told.lines {
        println!("{at:>8} ms  desk {desk}  {what:?}");
    }
    Ok(told)
}
