//! Serves the api to a browser on loopback, for development and tests.
