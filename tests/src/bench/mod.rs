//! The measures of `cargo xtask bench`, each beside a peer that runs in the same minutes.
//!
//! | module | what it measures |
//! |---|---|
//! | [`measure`] | the measures by name |
//! | [`pouchdb`] | PouchDB with express-pouchdb, the peer of all that syncs |
//! | [`sync_initial`] | a whole city from PostgreSQL into a replica, beside `psql` piped into `sqlite3` |
//! | [`sync_live`] | from COMMIT in the metropolis to COMMIT in the replica, beside a bare LISTEN/NOTIFY round trip |
//! | [`start`] | from the start of the program to the city on the screen, beside an empty Tauri window |
//! | [`town`] | a metropolis filled with rows, and a reader of it |
//! | [`spread`] | medians and spreads |

pub mod measure;
pub mod pouchdb;
pub mod spread;
pub mod start;
pub mod sync_initial;
pub mod sync_live;
pub mod town;
