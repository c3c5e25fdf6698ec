//! What fails while commands are on their way: the broker, the gateways, the links on both sides of them.

use std::path::Path;
use std::time::{Duration, Instant};

use vigie_testkit::broker::Broker;
use vigie_testkit::proxy::{Passage, Proxy};
use vigie_training::chance::Dice;

use super::programs::{Program, Programs};

/// Clocks are wrong by so much, one way or the other.
pub const WRONG_S: i64 = 300;

/// The ways in which a link fails. What it holds back for later is not among them: a network that delivers an order minutes
/// late is why the order carries its life, and why the device refuses it.
const FOUL: [Passage; 6] = [
    Passage::Refuse,
    Passage::Reset,
    Passage::BlackHole,
    Passage::LoseReplies,
    Passage::LoseRequests,
    Passage::Slow(Duration::from_millis(100)),
];

/// What was done.
#[derive(Debug, Clone, Default)]
pub struct Trouble {
    /// Brokers killed and started again.
    pub broker_restarts: u64,
    /// Gateways killed with `kill -9`.
    pub gateway_kills: u64,
    /// Gateways started beside one that works.
    pub doubles: u64,
    /// Gateways stopped for a while, beyond their lease.
    pub pauses: u64,
    /// Links that failed, of the gateway to its broker and to the metropolis.
    pub partitions: u64,
    /// Gateways that ran on a wrong clock.
    pub wrong_clocks: u64,
}

/// What may fail.
pub struct Between<'t> {
    pub(super) broker: &'t Broker,
    pub(super) to_broker: &'t Proxy,
    pub(super) to_metropolis: &'t Proxy,
    pub(super) programs: &'t Programs,
    pub(super) gateway_url: String,
    pub(super) lines: &'t Path,
}

impl Between<'_> {
    fn gateway(&self, dice: &mut Dice, made: &mut Trouble) -> anyhow::Result<Program> {
        let clock = dice.pick(&[0, WRONG_S, -WRONG_S]).copied().unwrap_or(0);
        made.wrong_clocks += u64::from(clock != 0 && self.programs.clock.is_some());
        self.programs.gateway(&self.gateway_url, self.lines, clock)
    }

    /// Makes trouble until told to stop; at least one of each when it was.
    #[allow(clippy::disallowed_methods, reason = "trouble lasts in real time")]
    pub(super) fn trouble(
        &self,
        mut dice: Dice,
        longest: Duration,
        goes_on: impl Fn() -> bool,
    ) -> anyhow::Result<(Program, Trouble)> {
        let mut made = Trouble::default();
        let mut gateway = self.gateway(&mut dice, &mut made)?;
        let mut turn = 0_usize;
        let begun = Instant::now();
        let wait = |dice: &mut Dice, most: Duration| {
            std::thread::sleep(most.mul_f64(dice.between(0.1, 1.0)));
        };
        // Calm first, so that something is under way.
        wait(&mut dice, longest);
        while goes_on() || turn < 6 {
            // Each once in a row, then by chance.
            let which = if turn < 6 { turn } else { dice.below(8) };
            turn += 1;
            match which {
                0 => {
                    made.gateway_kills += 1;
                    drop(gateway);
                    gateway = self.gateway(&mut dice, &mut made)?;
                }
                1 => {
                    made.broker_restarts += 1;
                    self.broker.kill()?;
                    wait(&mut dice, longest / 3);
                    self.broker.resume()?;
                }
                2 => self.partition(self.to_broker, &mut dice, longest, &mut made),
                3 => self.partition(self.to_metropolis, &mut dice, longest, &mut made),
                4 => {
                    // A second program of the account: it waits, and takes over when the first one goes.
                    made.doubles += 1;
                    made.gateway_kills += 1;
                    let second = self.gateway(&mut dice, &mut made)?;
                    wait(&mut dice, longest);
                    gateway = second;
                }
                5 => {
                    // Beyond its lease, with another that takes over meanwhile: what it took is not its own any more.
                    made.pauses += 1;
                    made.doubles += 1;
                    gateway.pause()?;
                    let second = self.gateway(&mut dice, &mut made)?;
                    wait(&mut dice, longest.max(Duration::from_secs(7)));
                    gateway.go_on()?;
                    wait(&mut dice, longest / 4);
                    gateway = second;
                }
                _ => wait(&mut dice, longest),
            }
            wait(&mut dice, longest / 2);
        }
        self.to_broker.set(Passage::Open);
        self.to_metropolis.set(Passage::Open);
        eprintln!("  trouble for {} s: {made:?}", begun.elapsed().as_secs());
        Ok((gateway, made))
    }

    #[allow(clippy::disallowed_methods, clippy::unused_self, reason = "a partition lasts in real time")]
    fn partition(&self, link: &Proxy, dice: &mut Dice, longest: Duration, made: &mut Trouble) {
        made.partitions += 1;
        link.set(*dice.pick(&FOUL).unwrap_or(&Passage::BlackHole));
        std::thread::sleep(longest.mul_f64(dice.between(0.1, 1.0)));
        link.set(Passage::Open);
    }
}
