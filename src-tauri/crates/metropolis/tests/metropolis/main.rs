//! The metropolis on a real PostgreSQL server.

mod feed;
mod gap;
mod link;
mod rights;
mod schema;
mod submit;
mod support;
