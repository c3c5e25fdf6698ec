//! People's data in a replica: locked and erased when its life without the metropolis is over.

use std::sync::atomic::Ordering;

use sqlx::{AssertSqlSafe, query};
use vigie_core::port::StoreError;
use vigie_core::table::{PeopleData, TABLES, TableClass, TableSpec};

use crate::error::store;
use crate::replica::{SqliteReplica, schema};

impl SqliteReplica {
    /// Brings people's data to what it is now; what is over is erased, and says how many rows went.
    pub async fn keep_people(&self, data: PeopleData) -> Result<u64, StoreError> {
        self.inner.people_locked.store(data != PeopleData::Open, Ordering::SeqCst);
        if data != PeopleData::Over {
            return Ok(0);
        }
        self.erase(TABLES.iter().filter(|table| table.class() == TableClass::People)).await
    }

    /// Refuses a table that is locked.
    pub(super) fn may_read(&self, table: &TableSpec) -> Result<(), StoreError> {
        let locked = table.class() == TableClass::People && self.inner.people_locked.load(Ordering::SeqCst);
        if locked { Err(StoreError::PeopleLocked) } else { Ok(()) }
    }

    async fn erase(&self, tables: impl Iterator<Item = &TableSpec>) -> Result<u64, StoreError> {
        let path = &self.inner.path;
        let failed = |e: sqlx::Error| store(path, &e);
        let present = self.inner.present.read().await;
        let mut transaction = present.write().await?;
        let mut gone = 0;
        // What is erased is overwritten: pages that were freed would keep it.
        query("PRAGMA secure_delete = 1").execute(&mut *transaction).await.map_err(failed)?;
        for table in tables {
            let sql = format!("DELETE FROM {}", schema::quoted(table.name));
            gone += query(AssertSqlSafe(sql)).execute(&mut *transaction).await.map_err(failed)?.rows_affected();
        }
        transaction.commit().await.map_err(failed)?;
        Ok(gone)
    }
}

#[cfg(test)]
mod tests {
    use vigie_core::port::Replica as _;
    use vigie_core::table::{Cell, Person, TableRow as _};

    use super::*;
    use crate::FileKey;

    /// No table of people is in a replica yet: one of the form of `person`, made for this test.
    static PEOPLE: TableSpec = TableSpec { name: "vulnerable_person", ..Person::SPEC };

    async fn with_people(dir: &std::path::Path) -> SqliteReplica {
        let replica = crate::replica::open(dir, &FileKey::new([4; 32])).await.unwrap();
        let present = replica.inner.present.read().await;
        let mut transaction = present.write().await.unwrap();
        for sql in [
            "CREATE TABLE vulnerable_person (local_id INTEGER PRIMARY KEY, person_id BLOB, display_name TEXT, change_xid INTEGER) STRICT",
            "INSERT INTO vulnerable_person VALUES (1, zeroblob(16), 'Mme Petit', 1)",
            "INSERT INTO person VALUES (1, zeroblob(16), 'C. Martin', 1)",
        ] {
            query(sql).execute(&mut *transaction).await.unwrap();
        }
        transaction.commit().await.unwrap();
        drop(present);
        replica
    }

    #[tokio::test]
    async fn people_lock_and_open_again_while_the_room_and_the_city_never_lock() {
        let dir = tempfile::tempdir().unwrap();
        let replica = with_people(dir.path()).await;
        assert_eq!(replica.scan(&PEOPLE).await.unwrap().len(), 1);
        replica.keep_people(PeopleData::Locked).await.unwrap();
        assert_eq!(replica.scan(&PEOPLE).await, Err(StoreError::PeopleLocked));
        assert_eq!(replica.row(&PEOPLE, uuid::Uuid::nil()).await, Err(StoreError::PeopleLocked));
        let by_key = replica.find(&PEOPLE, "person_id", &Cell::Uuid(uuid::Uuid::nil()), 1).await;
        assert_eq!(by_key, Err(StoreError::PeopleLocked));
        for table in TABLES {
            let locks = replica.scan(table).await.is_err();
            assert_eq!(locks, table.class() == TableClass::People, "{}", table.name);
        }
        replica.keep_people(PeopleData::Open).await.unwrap();
        assert_eq!(replica.scan(&PEOPLE).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn what_is_over_is_erased_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let replica = with_people(dir.path()).await;
        assert_eq!(replica.erase([&PEOPLE].into_iter()).await, Ok(1));
        assert_eq!(
            (replica.scan(&PEOPLE).await.unwrap().len(), replica.scan(&Person::SPEC).await.unwrap().len()),
            (0, 1)
        );
    }
}
