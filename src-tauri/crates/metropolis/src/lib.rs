//! The metropolitan PostgreSQL database: schema, feed, submission, rights.
