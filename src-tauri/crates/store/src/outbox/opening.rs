//! Opening the outbox: made whole or not at all, migrated with a copy beside it, and never touched when it cannot be read.

use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection, query, query_scalar};
use vigie_core::port::StoreError;
use vigie_core::time::Timestamp;

use crate::connections::{self, Seal};
use crate::error::{disk, shown, store, unreadable};
use crate::files::{beside, flush, flush_folder, is_cut, length, make_folder, remove_database, replace};
use crate::key::FileKey;
use crate::outbox::{BACKUP, BACKUP_LIFE, CREATING, FILE};
use crate::plain::{self, is_plain};

/// How the outbox is written: on the disk before a commit returns, and what is erased is overwritten.
pub(super) fn options(path: &Path, key: &FileKey) -> SqliteConnectOptions {
    connections::options(path, key, Seal::Sha512, SqliteSynchronous::Full).pragma("secure_delete", "1")
}

/// Leaves the outbox of a folder at the newest schema that `migrator` knows, and gives its path.
pub(super) async fn prepare(dir: &Path, key: &FileKey, migrator: &Migrator) -> Result<PathBuf, StoreError> {
    make_folder(dir)?;
    let path = dir.join(FILE);
    if is_plain(&path)? {
        plain::encrypt(&path, &dir.join(CREATING), key).await?;
    }
    let known = migrator.iter().map(|m| m.version).max().unwrap_or(0);
    match length(&path)? {
        None if length(&beside(&path, "-wal"))?.is_some() => {
            Err(unreadable(&path, "its log is there and the file itself is not: restore it"))
        }
        None => create(dir, &path, key, migrator).await,
        // It is only ever given its name once it is whole, so an empty one was emptied.
        Some(0) => Err(unreadable(&path, "the file is empty")),
        Some(_) if is_cut(&path)? => Err(unreadable(&path, "the file is cut short")),
        Some(_) => match look(&path, key).await? {
            found if found > known => Err(StoreError::Newer { file: shown(&path), found, known }),
            found if found < known => migrate(dir, &path, key, known, migrator).await,
            _ => Ok(()),
        },
    }?;
    Ok(path)
}

/// The schema of an outbox that is whole; looks without writing.
async fn look(path: &Path, key: &FileKey) -> Result<i64, StoreError> {
    let failed = |e: sqlx::Error| store(path, &e);
    // Not `options`: they would set the journal, and so write.
    let looking = connections::unlocked(path, key, Seal::Sha512).read_only(true);
    let mut connection = looking.connect().await.map_err(failed)?;
    let found = async {
        let verdict: String =
            query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut connection).await.map_err(failed)?;
        if verdict != "ok" {
            return Err(unreadable(path, verdict));
        }
        let version: Option<i64> = query_scalar("SELECT max(version) FROM _sqlx_migrations")
            .fetch_one(&mut connection)
            .await
            .map_err(failed)?;
        version.ok_or_else(|| unreadable(path, "it holds no outbox"))
    }
    .await;
    connection.close().await.map_err(failed)?;
    found
}

async fn create(dir: &Path, path: &Path, key: &FileKey, migrator: &Migrator) -> Result<(), StoreError> {
    let creating = dir.join(CREATING);
    remove_database(&creating)?;
    let failed = |e: sqlx::Error| store(&creating, &e);
    let mut connection = options(&creating, key).create_if_missing(true).connect().await.map_err(failed)?;
    run(&creating, &mut connection, migrator).await?;
    connection.close().await.map_err(failed)?;
    flush(&creating)?;
    replace(&creating, path)
}

async fn migrate(dir: &Path, path: &Path, key: &FileKey, known: i64, migrator: &Migrator) -> Result<(), StoreError> {
    let failed = |e: sqlx::Error| store(path, &e);
    let mut connection = options(path, key).connect().await.map_err(failed)?;
    let backup = dir.join(format!("{BACKUP}{known:04}.sqlite"));
    // A copy by SQLite itself, because part of the outbox may still be in its log.
    remove_database(&backup)?;
    let target = backup.to_str().ok_or_else(|| unreadable(&backup, "its name is not text"))?.to_owned();
    query("VACUUM INTO ?").bind(target).execute(&mut connection).await.map_err(|e| store(&backup, &e))?;
    flush(&backup)?;
    flush_folder(&backup)?;
    run(path, &mut connection, migrator).await?;
    connection.close().await.map_err(failed)
}

async fn run(path: &Path, connection: &mut SqliteConnection, migrator: &Migrator) -> Result<(), StoreError> {
    migrator.run_direct(None, connection, false).await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => store(path, &error),
        other => unreadable(path, other.to_string()),
    })
}

/// Removes the copies made before migrations once they are 7 days old at `now`; says how many went.
pub fn forget_backups(dir: &Path, now: Timestamp) -> Result<usize, StoreError> {
    let mut gone = 0;
    for entry in std::fs::read_dir(dir).map_err(|e| disk(dir, &e))? {
        let path = entry.map_err(|e| disk(dir, &e))?.path();
        let name = shown(&path);
        if !(name.starts_with(BACKUP) && name.ends_with(".sqlite")) {
            continue;
        }
        let written = std::fs::metadata(&path).and_then(|m| m.modified()).map_err(|e| disk(&path, &e))?;
        let age = Duration::from_millis(u64::try_from(now.0).unwrap_or(0))
            .saturating_sub(written.duration_since(UNIX_EPOCH).unwrap_or_default());
        if age >= BACKUP_LIFE {
            remove_database(&path)?;
            gone += 1;
        }
    }
    Ok(gone)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::fs;

    use sqlx::SqlSafeStr as _;
    use sqlx::migrate::{Migration, MigrationType};

    use super::*;
    use crate::outbox::MIGRATIONS;

    const KEY: FileKey = FileKey::new([3; 32]);

    /// The shipped migrations and one that is not.
    fn next(sql: &'static str) -> Migrator {
        let mut all: Vec<Migration> = MIGRATIONS.iter().cloned().collect();
        all.push(Migration::new(9_000, Cow::Borrowed("try"), MigrationType::Simple, sql.into_sql_str(), false));
        Migrator::with_migrations(all)
    }

    #[tokio::test]
    async fn an_outbox_is_copied_before_it_is_migrated_and_the_copy_goes_after_7_days() {
        let dir = tempfile::tempdir().unwrap();
        let path = prepare(dir.path(), &KEY, &MIGRATIONS).await.unwrap();
        let before = look(&path, &KEY).await.unwrap();
        prepare(dir.path(), &KEY, &next("ALTER TABLE entry ADD COLUMN lane TEXT")).await.unwrap();
        assert_eq!(look(&path, &KEY).await.unwrap(), 9_000);
        let backup = dir.path().join("outbox.before-9000.sqlite");
        assert_eq!(look(&backup, &KEY).await.unwrap(), before);

        let made = fs::metadata(&backup).unwrap().modified().unwrap().duration_since(UNIX_EPOCH).unwrap();
        let made = Timestamp(i64::try_from(made.as_millis()).unwrap());
        assert_eq!(forget_backups(dir.path(), made.plus(Duration::from_hours(6 * 24))).unwrap(), 0);
        assert_eq!(forget_backups(dir.path(), made.plus(Duration::from_hours(8 * 24))).unwrap(), 1);
        assert!(!backup.exists() && path.exists());
    }

    #[tokio::test]
    async fn commands_written_by_the_first_vigie_are_there_after_records_came_and_in_the_copy_before() {
        let dir = tempfile::tempdir().unwrap();
        let first = Migrator::with_migrations(MIGRATIONS.iter().take(1).cloned().collect());
        let path = prepare(dir.path(), &KEY, &first).await.unwrap();
        let mut connection = options(&path, &KEY).connect().await.unwrap();
        query("INSERT INTO entry (command_id, written, state, outbox) VALUES (zeroblob(16), '{}', 'queued', 'open')")
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        prepare(dir.path(), &KEY, &MIGRATIONS).await.unwrap();
        let backup = dir.path().join("outbox.before-0003.sqlite");
        assert_eq!((look(&backup, &KEY).await.unwrap(), look(&path, &KEY).await.unwrap()), (1, 3));
        for file in [&path, &backup] {
            let mut connection = options(file, &KEY).connect().await.unwrap();
            let states: Vec<String> = query_scalar("SELECT state FROM entry").fetch_all(&mut connection).await.unwrap();
            assert_eq!(states, ["queued"]);
        }
    }

    #[tokio::test]
    async fn a_migration_that_fails_leaves_the_outbox_at_its_schema() {
        let dir = tempfile::tempdir().unwrap();
        let path = prepare(dir.path(), &KEY, &MIGRATIONS).await.unwrap();
        let before = look(&path, &KEY).await.unwrap();
        let failing = next("CREATE TABLE half (text TEXT); INSERT INTO nowhere VALUES (1)");
        assert!(prepare(dir.path(), &KEY, &failing).await.is_err());
        assert_eq!(look(&path, &KEY).await.unwrap(), before);
        let mut connection = options(&path, &KEY).connect().await.unwrap();
        let half: i64 = query_scalar("SELECT count(*) FROM sqlite_master WHERE name = 'half'")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(half, 0);
    }

    #[tokio::test]
    async fn an_outbox_of_a_newer_vigie_is_refused_and_unchanged() {
        let dir = tempfile::tempdir().unwrap();
        let path = prepare(dir.path(), &KEY, &next("CREATE TABLE later (text TEXT)")).await.unwrap();
        let before = fs::read(&path).unwrap();
        let refused = prepare(dir.path(), &KEY, &MIGRATIONS).await.unwrap_err();
        assert_eq!(refused, StoreError::Newer { file: FILE.into(), found: 9_000, known: 3 });
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[tokio::test]
    async fn a_creation_that_was_interrupted_is_begun_again() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(CREATING), b"half a file").unwrap();
        let path = prepare(dir.path(), &KEY, &MIGRATIONS).await.unwrap();
        assert_eq!(look(&path, &KEY).await.unwrap(), 3);
        assert!(!dir.path().join(CREATING).exists());
    }
}
