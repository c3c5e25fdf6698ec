//! The ground that IT installed on this machine: one `.pmtiles` file (version 3), read in ranges and never whole. What is in it is the
//! interface's affair; here it is bytes, and nothing outside of that one file can be asked for.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::Api;
use crate::dto::{GroundFileView, NoArgs};
use crate::error::ApiError;

/// How a file of version 3 begins (`PMTiles` specification, 3).
const BEGINNING: &[u8; 8] = b"PMTiles\x03";
/// Longest range, bytes: a directory or a tile is far smaller.
const LONGEST: u32 = 8 << 20;

/// The file, or why there is none.
#[derive(Debug, Clone)]
pub(crate) enum GroundFile {
    /// None was named.
    None,
    /// Open.
    Open { file: Arc<Mutex<File>>, size: u64 },
    /// Named, and of no use: `ground_missing`, `ground_unreadable`.
    Useless(ApiError),
}

impl GroundFile {
    /// Opens what was named. A file that is of no use is no reason not to start: the map is there without it.
    pub(crate) fn open(path: Option<&Path>) -> Self {
        let Some(path) = path else { return Self::None };
        match Self::opened(path) {
            Ok((file, size)) => Self::Open { file: Arc::new(Mutex::new(file)), size },
            Err(error) => {
                tracing::warn!("{}: {}", path.display(), error.message);
                Self::Useless(error)
            }
        }
    }

    fn opened(path: &Path) -> Result<(File, u64), ApiError> {
        let mut file = File::open(path).map_err(|e| ApiError::new("ground_missing", e.to_string()))?;
        let unreadable = |why: String| ApiError::new("ground_unreadable", why);
        let mut beginning = [0; BEGINNING.len()];
        file.read_exact(&mut beginning).map_err(|e| unreadable(e.to_string()))?;
        if beginning != *BEGINNING {
            return Err(unreadable("it is no PMTiles file of version 3".to_owned()));
        }
        let size = file.metadata().map_err(|e| unreadable(e.to_string()))?.len();
        Ok((file, size))
    }

    /// So many bytes from there; fewer where the file ends before.
    pub(crate) fn read(&self, offset: u64, length: u32) -> Result<Vec<u8>, ApiError> {
        let (file, size) = match self {
            Self::None => return Err(ApiError::new("ground_missing", "no ground file was named")),
            Self::Useless(error) => return Err(error.clone()),
            Self::Open { file, size } => (file, *size),
        };
        if length > LONGEST || offset > size {
            return Err(ApiError::new("bad_request", format!("{length} bytes from {offset} of {size}")));
        }
        let unreadable = |e: std::io::Error| ApiError::new("ground_unreadable", e.to_string());
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(offset)).map_err(unreadable)?;
        let mut bytes = Vec::new();
        std::io::Read::by_ref(&mut *file).take(u64::from(length)).read_to_end(&mut bytes).map_err(unreadable)?;
        Ok(bytes)
    }
}

impl Api {
    #[allow(clippy::unused_async, reason = "every command of the list is awaited")]
    pub(crate) async fn ground_file(&self, _: NoArgs) -> Result<GroundFileView, ApiError> {
        Ok(match &self.inner.ground {
            GroundFile::None => GroundFileView { size: None, error: None },
            GroundFile::Open { size, .. } => GroundFileView { size: Some(*size as f64), error: None },
            GroundFile::Useless(error) => GroundFileView { size: None, error: Some(error.code.clone()) },
        })
    }

    /// A range of the ground file, at most 8 MB; fewer bytes where the file ends before.
    ///
    /// # Errors
    /// `ground_missing` where there is none, `ground_unreadable`, `bad_request` for a range that is too long or beyond the file.
    pub async fn ground(&self, offset: u64, length: u32) -> Result<Vec<u8>, ApiError> {
        let ground = self.inner.ground.clone();
        tokio::task::spawn_blocking(move || ground.read(offset, length))
            .await
            .map_err(|e| ApiError::new("unexpected", e.to_string()))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        file
    }

    fn refused(ground: &GroundFile, offset: u64, length: u32) -> String {
        ground.read(offset, length).unwrap_err().code
    }

    #[test]
    fn ranges_are_read_and_end_with_the_file() {
        let named = file(b"PMTiles\x03 and the rest");
        let ground = GroundFile::open(Some(named.path()));
        assert_eq!(ground.read(9, 3).unwrap(), b"and");
        assert_eq!(ground.read(13, 1000).unwrap(), b"the rest");
        assert_eq!(ground.read(21, 5).unwrap(), b"");
    }

    #[test]
    fn a_range_that_is_too_long_or_beyond_the_file_is_refused() {
        let named = file(b"PMTiles\x03");
        let ground = GroundFile::open(Some(named.path()));
        assert_eq!(refused(&ground, 9, 1), "bad_request");
        assert_eq!(refused(&ground, u64::MAX, 1), "bad_request");
        assert_eq!(refused(&ground, 0, LONGEST + 1), "bad_request");
    }

    #[test]
    fn what_is_no_ground_file_is_told_apart_from_what_is_not_there() {
        assert_eq!(refused(&GroundFile::open(None), 0, 8), "ground_missing");
        assert_eq!(refused(&GroundFile::open(Some(Path::new("/nowhere/ground.pmtiles"))), 0, 8), "ground_missing");
        for bytes in [&b""[..], b"PMTiles\x02 of old", b"<html>not found</html>"] {
            assert_eq!(refused(&GroundFile::open(Some(file(bytes).path())), 0, 8), "ground_unreadable");
        }
    }
}
