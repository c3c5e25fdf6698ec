//! The simulated metropolis: a city from a seed, equipment that lives, scenarios.
