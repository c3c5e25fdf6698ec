//! Sums by which two copies of a table are compared without sending it: over each row's key and stamp, in parts.
//!
//! The hash of a row is PostgreSQL's own `uuid_hash_extended(key, stamp)` (Bob Jenkins' lookup3, `src/common/hashfn.c`), so
//! that the server sums a table in one statement; hash partitioning rests on it, so it stays what it is.

use uuid::Uuid;

use crate::table::TableSpec;

/// Parts of a table, by the last bits of the key.
pub const PARTS: usize = 16;

/// One part's rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Part {
    /// How many.
    pub rows: u64,
    /// The exclusive or of their hashes.
    pub hash: u64,
}

/// The sum of a table: of a windowed one, of the rows in its window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSum {
    /// Of which table.
    pub table: &'static TableSpec,
    /// Its parts, in order.
    pub parts: [Part; PARTS],
}

impl TableSum {
    /// The sum of no rows.
    pub const fn empty(table: &'static TableSpec) -> Self {
        Self { table, parts: [Part { rows: 0, hash: 0 }; PARTS] }
    }

    /// Adds a row.
    pub fn add(&mut self, key: Uuid, stamp: u64) {
        let [.., last] = key.into_bytes();
        if let Some(part) = self.parts.get_mut(usize::from(last) % PARTS) {
            part.rows += 1;
            part.hash ^= hash(key, stamp);
        }
    }

    /// Sets a part, as the server counted it.
    pub fn set(&mut self, part: usize, is: Part) {
        if let Some(part) = self.parts.get_mut(part) {
            *part = is;
        }
    }

    /// How many rows.
    pub fn rows(&self) -> u64 {
        self.parts.iter().map(|part| part.rows).sum()
    }
}

/// `uuid_hash_extended(key, stamp)`.
pub fn hash(key: Uuid, stamp: u64) -> u64 {
    const LENGTH: u32 = 16;
    let [k0, k1, k2, k3] = words(key);
    let start = 0x9e37_79b9_u32.wrapping_add(LENGTH).wrapping_add(3_923_095);
    let mut s = [start; 3];
    if stamp != 0 {
        s = mix(add(s, [(stamp >> 32) as u32, stamp as u32, 0]));
    }
    s = mix(add(s, [k0, k1, k2]));
    let [_, b, c] = finish(add(s, [k3, 0, 0]));
    (u64::from(b) << 32) | u64::from(c)
}

fn words(key: Uuid) -> [u32; 4] {
    let bits = u128::from_le_bytes(key.into_bytes());
    [bits as u32, (bits >> 32) as u32, (bits >> 64) as u32, (bits >> 96) as u32]
}

fn add([a, b, c]: [u32; 3], [x, y, z]: [u32; 3]) -> [u32; 3] {
    [a.wrapping_add(x), b.wrapping_add(y), c.wrapping_add(z)]
}

fn mix([mut a, mut b, mut c]: [u32; 3]) -> [u32; 3] {
    let step = |x: &mut u32, y: &mut u32, z: u32, turn: u32| {
        *x = x.wrapping_sub(*y) ^ y.rotate_left(turn);
        *y = y.wrapping_add(z);
    };
    step(&mut a, &mut c, b, 4);
    step(&mut b, &mut a, c, 6);
    step(&mut c, &mut b, a, 8);
    step(&mut a, &mut c, b, 16);
    step(&mut b, &mut a, c, 19);
    step(&mut c, &mut b, a, 4);
    [a, b, c]
}

fn finish([mut a, mut b, mut c]: [u32; 3]) -> [u32; 3] {
    let step = |x: &mut u32, y: u32, turn: u32| *x = (*x ^ y).wrapping_sub(y.rotate_left(turn));
    step(&mut c, b, 14);
    step(&mut a, c, 11);
    step(&mut b, a, 25);
    step(&mut c, b, 16);
    step(&mut a, c, 4);
    step(&mut b, a, 14);
    step(&mut c, b, 24);
    [a, b, c]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::table;

    #[test]
    fn a_sum_does_not_depend_on_order_and_sees_a_row_more_less_or_other() {
        let desk = table("desk").unwrap();
        let of = |rows: &[(u128, u64)]| {
            let mut sum = TableSum::empty(desk);
            for (key, stamp) in rows {
                sum.add(Uuid::from_u128(*key), *stamp);
            }
            sum
        };
        let sum = of(&[(1, 7), (2, 7), (18, 9)]);
        assert_eq!(sum, of(&[(18, 9), (1, 7), (2, 7)]));
        assert_eq!(sum.rows(), 3);
        for other in [&[(1, 7), (2, 7)][..], &[(1, 7), (2, 7), (18, 9), (3, 1)], &[(1, 7), (2, 8), (18, 9)]] {
            assert_ne!(sum, of(other));
        }
        // Two rows that exchange their stamps are two other rows.
        assert_ne!(of(&[(1, 7), (17, 9)]), of(&[(1, 9), (17, 7)]));
    }
}
