//! The short form of `prove simulation`, and the proof that its checker sees what it is for.

use std::time::{Duration, Instant};

use vigie_tests::prove::history::Rule;
use vigie_tests::prove::simulation::{Planted, seeds, tell};

#[test]
#[allow(
    clippy::disallowed_methods,
    reason = "as many seeds as fit into the time given: more is better, fewer is not wrong"
)]
fn twenty_seconds_of_seeds_hold_every_promise_and_repeat_themselves() {
    let begun = Instant::now();
    let played = seeds(0, &|_| begun.elapsed() < Duration::from_secs(20)).unwrap();
    assert!(
        played.failed.is_empty(),
        "see it again with `cargo xtask prove simulation --replay N`: {:#?}",
        played.failed
    );
    assert!(played.played > 0 && played.commands > 0 && played.deaths > 0, "{played:?}");
}

/// The first seed at which a planted fault breaks a promise.
fn caught(planted: Planted, rule: Rule) -> bool {
    (0..400).any(|seed| tell(seed, Some(planted)).is_ok_and(|told| told.faults.iter().any(|fault| fault.rule == rule)))
}

#[test]
fn a_cut_written_before_its_data_is_caught() {
    assert!(caught(Planted::CheckpointBeforeData, Rule::Diverged));
}

#[test]
fn never_received_said_without_being_recorded_is_caught_as_a_doubled_effect() {
    assert!(caught(Planted::GuessesWhatNeverCame, Rule::Doubled));
}

#[test]
fn never_received_said_without_being_recorded_is_caught_as_an_overtaken_head() {
    assert!(caught(Planted::GuessesWhatNeverCame, Rule::Overtaken));
}

#[test]
fn an_order_stamped_when_it_is_sent_is_caught_as_late() {
    assert!(caught(Planted::StampsAnew, Rule::Late));
}
