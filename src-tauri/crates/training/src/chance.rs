//! Chance from a seed: a stream of draws by name, and single draws that do not depend on what was drawn before.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use uuid::{Builder, Uuid};
use vigie_core::ids::Ids;
use vigie_core::time::Clock;

use std::sync::{Arc, Mutex, PoisonError};

/// A stream of draws. Two streams of different names from the same seed are independent, so that adding a draw to one
/// part of the city does not move the others.
#[derive(Debug, Clone)]
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream `name` of a seed.
    pub fn new(seed: u64, name: &str) -> Self {
        Self(ChaCha8Rng::seed_from_u64(mix(seed ^ hash(name.as_bytes()))))
    }

    /// Uniform in `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        unit_of(self.0.next_u64())
    }

    /// Uniform in `[from, to)`.
    pub fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.unit()
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A whole number in `0..n`; 0 when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((self.unit() * n as f64) as usize).min(n.saturating_sub(1))
    }

    /// One of a list; none of an empty one.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }
}

/// A draw in `[0, 1)` that depends only on its arguments: the same device at the same hour always has the same luck.
pub fn luck(seed: u64, device: u64, salt: u64) -> f64 {
    unit_of(mix(mix(seed ^ device.wrapping_mul(0x9E37_79B9_7F4A_7C15)) ^ salt))
}

/// An identifier that depends only on the seed and the name of what it identifies.
pub fn uuid_of(seed: u64, name: &str) -> Uuid {
    let low = mix(seed ^ hash(name.as_bytes()));
    let high = mix(low ^ 0xA5A5_5A5A_C3C3_3C3C);
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(high.to_be_bytes().into_iter().chain(low.to_be_bytes())) {
        *to = from;
    }
    Builder::from_random_bytes(bytes).into_uuid()
}

/// The n-th identifier of a seed.
pub fn uuid_numbered(seed: u64, n: u64) -> Uuid {
    Uuid::from_u64_pair(mix(seed ^ mix(n)), mix(n ^ 0x5851_F42D_4C95_7F2D))
}

/// Sixty-four bits that stand for a text (FNV-1a).
pub fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01B3))
}

fn unit_of(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// A bijection that scatters its argument (the finalizer of `SplitMix64`).
pub fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// `UUIDv7` from a seed and a clock: a simulation that is played again makes the same identifiers.
pub struct SeededIds {
    clock: Arc<dyn Clock>,
    dice: Mutex<Dice>,
}

impl SeededIds {
    /// The identifiers of a seed.
    pub fn new(seed: u64, clock: Arc<dyn Clock>) -> Self {
        Self { clock, dice: Mutex::new(Dice::new(seed, "identifiers")) }
    }
}

impl Ids for SeededIds {
    fn next(&self) -> Uuid {
        let millis = u64::try_from(self.clock.now().wall.0).unwrap_or(0);
        let mut random = [0; 10];
        self.dice.lock().unwrap_or_else(PoisonError::into_inner).0.fill_bytes(&mut random);
        Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_different_names_differ_and_repeat_themselves() {
        let draws = |name| {
            let mut dice = Dice::new(7, name);
            [dice.below(1_000_000), dice.below(1_000_000), dice.below(1_000_000)]
        };
        assert_eq!(draws("lights"), draws("lights"));
        assert_ne!(draws("lights"), draws("cameras"));
    }

    #[test]
    fn draws_stay_in_their_bounds() {
        let mut dice = Dice::new(1, "bounds");
        for n in 1..2_000_usize {
            assert!(dice.below(n) < n);
            assert!((0.0..1.0).contains(&luck(3, n as u64, 9)));
        }
        assert_eq!(dice.pick::<u8>(&[]), None);
    }

    #[test]
    fn an_identifier_depends_on_seed_and_name_only() {
        assert_eq!(uuid_of(1, "TL-001"), uuid_of(1, "TL-001"));
        assert_ne!(uuid_of(1, "TL-001"), uuid_of(2, "TL-001"));
        assert_ne!(uuid_of(1, "TL-001"), uuid_of(1, "TL-002"));
    }
}
