//! What every store does, whatever it is made of: one suite over the ports, run on each implementation.
//!
//! Use: `vigie_testkit::replica_suite!(fresh)` and `outbox_suite!(fresh)` in a test file, where `fresh().await` gives an
//! empty store and whatever must live as long as it (a folder).

// A suite asserts: a step that fails ends the test, and the place where it failed says which.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::missing_panics_doc)]

pub mod deposit;
pub mod outbox;
pub mod records;
pub mod replica;
pub mod samples;

/// The behaviours of a replica as tests; `$fresh` is an async function that gives (what lives as long, the replica).
#[macro_export]
macro_rules! replica_suite {
    ($fresh:path) => {
        $crate::store_behaviours! { replica, $fresh, [
            an_empty_replica_holds_nothing,
            a_snapshot_is_read_as_it_was_sent,
            changes_deletes_and_cut_come_together,
            changes_that_do_not_fit_change_nothing,
            changes_on_no_copy_are_refused,
            a_rebuild_dropped_midway_leaves_the_present_copy,
            the_present_copy_is_read_while_another_is_built,
            a_rebuild_that_was_sent_bad_rows_cannot_finish,
            a_key_sent_twice_cannot_finish,
            local_ids_are_stable_until_a_rebuild,
            a_local_id_is_not_given_again,
            a_row_deleted_and_written_at_once_keeps_its_local_id,
            rows_leave_with_their_window,
            a_sum_is_that_of_the_rows_it_was_sent,
            a_table_taken_anew_holds_what_came_and_nothing_else,
            a_mending_dropped_midway_changes_nothing,
            rows_are_found_by_indexed_columns_newest_first,
            search_folds_case_and_accents_and_reads_beginnings,
            search_gives_the_exact_reference_first,
            search_gives_what_stands_alone_before_what_stands_by_the_dozen,
            search_forgives_a_slip_and_says_so,
            search_begins_words_that_end_in_figures,
            communes_zones_and_streets_are_places,
            places_follow_changes,
            search_takes_anything_typed_as_text,
            search_follows_changes,
            search_follows_the_name_of_a_commune,
        ] }
    };
}

/// The behaviours of an outbox as tests; `$fresh` is an async function that gives (what lives as long, the outbox).
#[macro_export]
macro_rules! outbox_suite {
    ($fresh:path) => {
        $crate::store_behaviours! { outbox, $fresh, [
            an_entry_is_read_as_it_was_written,
            positions_grow_in_the_order_of_adding,
            adding_twice_adds_once,
            an_entry_moves_on_only_from_the_state_expected,
            of_two_who_move_an_entry_one_does,
            what_goes_on_in_its_place_comes_with_the_end_of_an_entry,
            the_order_itself_is_never_edited,
            what_is_done_is_kept_as_history,
            the_members_of_a_group_are_written_together_or_not_at_all,
            an_unknown_command_is_nobody,
        ] }
    };
}

/// The behaviours of records and drafts as tests; `$fresh` is an async function that gives (what lives as long, the outbox).
#[macro_export]
macro_rules! records_suite {
    ($fresh:path) => {
        $crate::store_behaviours! { records, $fresh, [
            a_record_is_read_as_it_was_written,
            filing_twice_files_once,
            a_draft_goes_when_its_record_is_filed,
            a_draft_is_kept_until_it_is_discarded,
            records_move_on_only_from_the_state_expected,
            a_record_itself_is_never_edited,
            what_the_local_copy_shows_is_erased,
            the_next_number_is_the_position_that_the_next_record_gets,
        ] }
    };
}

/// The behaviours of a deposit as tests; `$fresh` is an async function that gives (what lives as long, the deposit).
#[macro_export]
macro_rules! deposit_suite {
    ($fresh:path) => {
        $crate::store_behaviours! { deposit, $fresh, [
            what_is_left_is_read_as_it_was_left,
            what_is_taken_away_is_gone,
            what_waits_in_each_account_is_said,
        ] }
    };
}

/// One test for each behaviour of a module of this suite.
#[doc(hidden)]
#[macro_export]
macro_rules! store_behaviours {
    ($suite:ident, $fresh:path, [$($behaviour:ident),+ $(,)?]) => {$(
        #[tokio::test]
        async fn $behaviour() {
            let (_lives_as_long, store) = $fresh().await;
            $crate::store_suite::$suite::$behaviour(&store).await;
        }
    )+};
}
