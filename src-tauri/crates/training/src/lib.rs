//! The simulated metropolis: a city from a seed, equipment that lives, scenarios.
//!
//! | module | what it holds |
//! |---|---|
//! | [`city`] | the city: communes, streets, lights and all the rest, as rows, the same for the same seed |
//! | [`clock`] | the city's clock, which may run faster than the room's |
//! | [`metropolis`] | the tables in memory and what may be written to them: the port `Metropolis` without PostgreSQL |
//! | [`field`] | the device model: lights follow dusk, rivers swell, commands succeed, fail or stay unanswered |
//! | [`player`] | plays field and house over any `Metropolis`: in the app, and on a rehearsal from `vigiectl simulate` |
//! | [`scenario`] | what happens to the room: an ordinary night, a cut link |
//!
//! Nothing here reaches a real metropolis or a real device; the same seed gives the same city, byte for byte.

pub mod chance;
pub mod city;
pub mod clock;
pub mod field;
pub mod metropolis;
pub mod player;
pub mod scenario;

pub use city::{Account, City, CityOptions, DEFAULT_LOGIN};
pub use clock::SimClock;
pub use metropolis::{DeskFault, TrainingMetropolis, TrainingOptions, TrainingSession};
pub use scenario::Scenario;
