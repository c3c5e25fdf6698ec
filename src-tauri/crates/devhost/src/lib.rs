//! The api over HTTP and WebSocket on loopback, so that a browser shows and a browser test drives the real core.
//!
//! Development only: never a dependency of what ships (`cargo xtask check` asserts it).
//!
//! | route | what it does |
//! |---|---|
//! | `POST /call/{name}` | a command of the api: JSON arguments, JSON reply, or 400 with `{code, message}` |
//! | `GET /points` | the packed points |
//! | `GET /ground?offset=…&length=…` | a range of the ground file |
//! | `GET /ground/{z}/{x}/{y}` | a picture of the ground |
//! | `GET /events` | WebSocket: pushes as text, packed changes as binary |
//! | anything else | a file of the built interface, which holds no secret |
//!
//! All but the last answer 401 without the token. Every route answers 403 to a `Host` that is not loopback, so that a page
//! of another site cannot reach the core by pointing its own name here.
//!
//! [`Token`] and [`guard`] hold the door; [`routes`] holds the rest.

pub mod guard;
mod routes;

pub use guard::Token;
pub use routes::router;
