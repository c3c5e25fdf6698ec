//! Pictures kept on this machine, so that the ground stays when the service does not answer: a folder of files, each the instant at which it was
//! fetched and the picture. What was not looked at for longest goes first when there is too much; what is too old is not shown.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use vigie_core::time::Timestamp;

/// Not shown after this: a street may have another name by then.
const OLDEST: Duration = Duration::from_secs(90 * 24 * 3600);
/// How far too much is taken back to, parts in ten.
const LEFT: u64 = 9;

pub(super) struct Cache {
    folder: PathBuf,
    /// Bytes.
    most: u64,
    /// Bytes there, once counted.
    there: Mutex<Option<u64>>,
}

/// What was kept.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub fetched_at: Timestamp,
    pub bytes: Vec<u8>,
}

impl Cache {
    pub(super) fn new(folder: PathBuf, most: u64) -> Self {
        Self { folder, most, there: Mutex::default() }
    }

    /// What was kept under a name, if it is not too old. A file that is not whole is as good as none.
    pub(super) fn get(&self, name: &str, now: Timestamp) -> Option<Kept> {
        let path = self.folder.join(name);
        let all = fs::read(&path).ok()?;
        let (at, bytes) = all.split_first_chunk::<8>()?;
        let fetched_at = Timestamp(i64::from_le_bytes(*at));
        if now.since(fetched_at) > OLDEST {
            let _ = fs::remove_file(&path);
            return None;
        }
        // Looked at: the last to go. The file's own date serves for that; when it was fetched is in it.
        let _ = File::options().append(true).open(&path).and_then(|file| file.set_modified(instant(now)));
        Some(Kept { fetched_at, bytes: bytes.to_vec() })
    }

    /// Keeps this under a name. A full disk is no reason not to show it.
    pub(super) fn put(&self, name: &str, bytes: &[u8], now: Timestamp) {
        if let Err(error) = self.write(name, bytes, now) {
            tracing::warn!("{}: a tile cannot be kept: {error}", self.folder.display());
        }
    }

    fn write(&self, name: &str, bytes: &[u8], now: Timestamp) -> std::io::Result<()> {
        let mut there = self.there.lock().unwrap_or_else(PoisonError::into_inner);
        fs::create_dir_all(&self.folder)?;
        let before = match *there {
            Some(before) => before,
            None => files(&self.folder)?.iter().map(|(_, _, size)| size).sum(),
        };
        let path = self.folder.join(name);
        let former = fs::metadata(&path).map_or(0, |meta| meta.len());
        // Whole or not at all: under another name first. The lock keeps two from writing the same.
        let partial = self.folder.join("partial");
        let mut file = File::create(&partial)?;
        file.write_all(&now.0.to_le_bytes())?;
        file.write_all(bytes)?;
        file.set_modified(instant(now))?;
        drop(file);
        fs::rename(&partial, &path)?;
        let mut after = before.saturating_sub(former) + 8 + bytes.len() as u64;
        if after > self.most {
            after = make_room(&self.folder, self.most / 10 * LEFT)?;
        }
        *there = Some(after);
        Ok(())
    }
}

fn instant(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(at.0).unwrap_or(0))
}

/// Path, last use and size of every file.
fn files(folder: &Path) -> std::io::Result<Vec<(PathBuf, SystemTime, u64)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        if meta.is_file() {
            found.push((entry.path(), meta.modified()?, meta.len()));
        }
    }
    Ok(found)
}

/// Removes what was not used for longest until no more than `most` bytes are left. Returns how many are.
fn make_room(folder: &Path, most: u64) -> std::io::Result<u64> {
    let mut all = files(folder)?;
    all.sort_by_key(|(_, used, _)| *used);
    let mut there: u64 = all.iter().map(|(_, _, size)| size).sum();
    for (path, _, size) in all {
        if there <= most {
            break;
        }
        fs::remove_file(path)?;
        there -= size;
    }
    Ok(there)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 3600 * 1000;
    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn later(days: i64) -> Timestamp {
        Timestamp(NOW.0 + days * DAY)
    }

    #[test]
    fn what_was_kept_is_there_with_the_instant_of_its_fetching_until_it_is_too_old() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("ground"), 1 << 20);
        assert_eq!(cache.get("a", NOW), None);
        cache.put("a", b"picture", NOW);
        assert_eq!(cache.get("a", later(89)), Some(Kept { fetched_at: NOW, bytes: b"picture".to_vec() }));
        assert_eq!(cache.get("a", later(91)), None);
        assert_eq!(cache.get("a", NOW), None, "it is gone");
    }

    #[test]
    fn it_never_holds_more_than_it_may_and_what_was_looked_at_last_stays() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().to_owned(), 1000);
        for (day, name) in ["a", "b", "c"].into_iter().enumerate() {
            cache.put(name, &[0; 300], later(day as i64));
            // As if written that day.
            cache.get(name, later(day as i64));
        }
        cache.get("a", later(5));
        cache.put("d", &[0; 300], later(6));
        let there: u64 = files(folder.path()).unwrap().iter().map(|(_, _, size)| size).sum();
        assert!(there <= 900, "{there} bytes");
        assert_eq!(cache.get("b", later(7)), None, "looked at longest ago");
        assert!(cache.get("a", later(7)).is_some(), "looked at since");
    }

    #[test]
    fn another_start_counts_what_is_there_already() {
        let folder = tempfile::tempdir().unwrap();
        Cache::new(folder.path().to_owned(), 1000).put("old", &[0; 900], NOW);
        Cache::new(folder.path().to_owned(), 1000).put("new", &[0; 900], later(1));
        assert!(files(folder.path()).unwrap().iter().map(|(_, _, size)| size).sum::<u64>() <= 1000);
    }

    #[test]
    fn a_file_that_is_not_whole_is_as_good_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().to_owned(), 1000);
        fs::write(folder.path().join("a"), b"cut").unwrap();
        assert_eq!(cache.get("a", NOW), None);
    }
}
