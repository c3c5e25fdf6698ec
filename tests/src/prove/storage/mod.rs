//! `prove storage`: disks that are full, fail to flush or stop half-way; files cut, damaged, locked with another key or
//! written by a newer Vigie. Always a clear message, never a crash, the outbox intact, the replica made anew.
//!
//! | module | what it holds |
//! |---|---|
//! | `room` | a desk on real files, before a small training metropolis |
//! | `disk` | disks that fail for real, each in a process of its own |
//! | `damage` | files that were damaged |

mod damage;
mod disk;
mod room;

use std::path::Path;

pub use damage::Damage;
pub use disk::Disk;

/// What was found.
#[derive(Debug, Default)]
pub struct Stored {
    /// By disk: what it counted.
    pub disks: Vec<(Disk, String)>,
    /// Disks that this machine does not let us make.
    pub not_permitted: Vec<Disk>,
    /// Files damaged.
    pub damage: Damage,
    /// What was wrong with the disks.
    pub faults: Vec<String>,
}

/// Tries every disk, and so many damages of each file.
pub async fn campaign(program: &Path, times: u64, seed: u64) -> anyhow::Result<Stored> {
    let mut stored = Stored::default();
    for disk in Disk::ALL {
        match tokio::task::block_in_place(|| disk.attempt(program)) {
            Ok(Some(counted)) => stored.disks.push((disk, counted)),
            Ok(None) => stored.not_permitted.push(disk),
            Err(error) => stored.faults.push(format!("{error:#}")),
        }
    }
    stored.damage = damage::attempt(times, seed).await?;
    Ok(stored)
}
