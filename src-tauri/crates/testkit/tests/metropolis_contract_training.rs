//! The contract of the metropolis, held by the training metropolis.

use proptest::prelude::*;
use vigie_testkit::metropolis_suite::story::{stories, tell};
use vigie_testkit::metropolis_suite::training::TrainingFixture;

vigie_testkit::metropolis_contract!(TrainingFixture::open);

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_story_told_twice_ends_the_same_and_the_copy_kept_by_changes_is_the_fresh_one(moves in stories(60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let once = || runtime.block_on(async {
            let fixture = TrainingFixture::open(vigie_testkit::metropolis_suite::city()).await;
            tell(&fixture, &moves).await
        });
        prop_assert_eq!(once(), once());
    }
}
