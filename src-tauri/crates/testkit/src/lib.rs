//! Launchers, simulators and harnesses that the tests share.
