//! SQLite files of a workstation: the replica and the outbox.
