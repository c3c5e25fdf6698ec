//! The measures of `cargo xtask bench`, each beside a peer that runs in the same minutes.
//!
//! | module | what it measures |
//! |---|---|
//! | [`directory`] | names of streets and objects, and what people type to find them |
//! | [`map`] | a city on the screen, beside what else draws many points |
//! | [`measure`] | the measures by name |
//! | [`outbox`] | what waited is carried, and one command goes from screen to effect, beside PouchDB's pushes |
//! | [`seat`] | a desk of a measure: the real engine with a plug |
//! | [`follow`] | a workstation in a process of its own that says when each turn of the writers was committed |
//! | [`field`] | a field that answers at once |
//! | [`pouchdb`] | PouchDB with express-pouchdb, the peer of all that syncs |
//! | [`sync_fan_out`] | what one server pays for many workstations, and its writers for the feed |
//! | [`sync_initial`] | a whole city from PostgreSQL into a replica, beside `psql` piped into `sqlite3` |
//! | [`sync_live`] | from COMMIT in the metropolis to COMMIT in the replica, beside a bare LISTEN/NOTIFY round trip |
//! | [`start`] | from the start of the program to the city on the screen, beside an empty Tauri window |
//! | [`sync_return`] | back after hours, beside a whole copy of as many rows |
//! | [`replication`] | PostgreSQL's own logical replication as a ceiling |
//! | [`write_speed`] | how fast rows are written, with the feed and without it |
//! | [`reporter`] | a gateway that reports at a rate |
//! | [`processes`] | what a server and a process cost |
//! | [`town`] | a metropolis filled with rows, and a reader of it |
//! | [`search`] | a million objects as one types, beside FTS5 alone |
//! | [`spread`] | medians and spreads |

pub mod directory;
pub mod field;
pub mod follow;
pub mod map;
pub mod measure;
pub mod outbox;
pub mod pouchdb;
pub mod processes;
pub mod replication;
pub mod reporter;
pub mod search;
pub mod seat;
pub mod spread;
pub mod start;
pub mod sync_fan_out;
pub mod sync_initial;
pub mod sync_live;
pub mod sync_return;
pub mod town;
pub mod write_speed;
