//! Installs, loads and plays a metropolitan database.
