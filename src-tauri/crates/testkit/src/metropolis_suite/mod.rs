//! The contract of the `Metropolis` port: behaviours that every implementation has, driven from outside.
//!
//! A [`Fixture`] is a metropolis that holds a small training city, whose clock stands still until told. The macro
//! [`metropolis_contract!`](crate::metropolis_contract) makes one test of each behaviour. [`story`] drives the same random
//! sequence through two fixtures and compares every outcome and every row.

// A suite asserts: a step that fails ends the test, and the place where it failed says which.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::missing_panics_doc)]

pub mod alarm;
pub mod command;
pub mod convergence;
pub mod effect;
pub mod feed;
pub mod flood;
pub mod group;
pub mod group_approval;
pub mod life;
pub mod live;
pub mod lock;
pub mod log;
pub mod mirror;
pub mod procedure;
pub mod programme;
pub mod refusal;
pub mod report;
pub mod rights;
pub mod room;
pub mod settle;
pub mod shift;
pub mod source;
pub mod story;
pub mod training;
pub mod zone;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;
use vigie_core::port::Metropolis;
use vigie_core::table::TableSpec;
use vigie_core::time::Timestamp;
use vigie_training::city::{City, CityOptions, generate};

pub use room::Room;

/// When the suite's city is born: 2026-11-23 21:00 UTC.
pub const BORN: Timestamp = Timestamp(1_795_467_600_000);

/// A metropolis to drive. Its clock stands still: it says [`BORN`] at first, and moves by [`Fixture::advance`] only.
#[async_trait]
pub trait Fixture: Send + Sync {
    /// The metropolis as an account of the city sees it; the same session each time for the same login.
    async fn session(&self, login: &str) -> Arc<dyn Metropolis>;
    /// The metropolis's time.
    async fn now(&self) -> Timestamp;
    /// Moves its time on.
    async fn advance(&self, by: Duration);
    /// Begins a new epoch now, as after a restore; which one.
    async fn begin_epoch(&self) -> Uuid;
    /// Lets the house mark effects that nobody saw ending; how many.
    async fn mark_overdue_effects(&self) -> usize;
    /// Deletes a row, as its owner.
    async fn delete(&self, table: &'static TableSpec, key: Uuid);
}

/// The city of the suite: about a thousand objects.
pub fn city() -> City {
    generate(&CityOptions { seed: 7, objects: 400, at: BORN })
}

/// Makes one test of each behaviour of the contract. `$open` is an `async fn(City) -> impl Fixture`.
#[macro_export]
macro_rules! metropolis_contract {
    ($open:path) => {
        $crate::metropolis_contract! { @each $open;
            command {
                a_command_in_time_is_taken_and_the_room_sees_it
                r16_the_same_command_twice_gets_the_first_outcome_and_does_nothing_else
                r11_the_newest_command_supersedes_what_has_not_left
                a_read_supersedes_nothing_and_is_superseded_by_nothing
                a_batch_is_answered_in_order_and_one_refusal_does_not_fail_the_others
                a_kind_of_a_later_version_waits_for_an_upgrade
                a_submission_whose_identifier_is_not_its_commands_is_malformed
                a_text_with_the_character_nul_is_malformed_by_itself
            }
            refusal {
                r2_a_command_after_its_life_is_refused_and_shown_as_expired
                r2_a_life_longer_than_its_class_is_refused
                r3_an_effect_without_an_end_or_beyond_the_longest_is_refused
                r4_a_moved_control_version_is_refused_with_what_is_true_now
                r4_what_is_stale_is_no_precondition_without_saying_so_and_why
                r4_what_was_never_seen_or_is_out_of_reach_is_no_precondition
                r12_a_command_from_the_future_is_refused
                danger_and_live_control_are_refused_with_the_reason
                a_third_neighbour_under_its_safety_level_is_dangerous
                an_unknown_action_or_one_of_another_kind_is_refused
                parameters_out_of_bounds_are_refused
                what_does_not_exist_cannot_be_commanded
            }
            life {
                a_command_goes_through_its_whole_life_to_confirmed
                a_device_that_fails_says_why
                r18_a_gateway_cannot_confirm_or_accept_by_its_word
                r3_an_effect_that_a_newer_command_replaces_is_over
                r18_no_answer_is_unknown_and_a_late_one_is_told_as_late
                r2_what_starts_after_its_life_expires_instead
                an_event_that_the_table_does_not_have_is_refused
                a_read_is_confirmed_by_any_state_seen_since_it_was_taken
                r18_a_state_seen_before_the_publication_confirms_nothing
                r18_a_state_that_came_before_the_answer_confirms_once_the_answer_is_there
                r14_what_the_gateway_knows_that_it_did_not_publish_failed
                an_unknown_is_closed_by_a_person_with_a_reason_only
                a_command_is_cancelled_by_its_author_or_a_supervisor_while_it_has_not_left
            }
            group {
                a_group_is_one_submission_and_each_object_has_its_command
                r7_what_cannot_be_done_is_told_object_by_object
                r16_the_same_group_twice_gets_its_first_outcome
                r14_a_group_that_never_arrived_is_refused_when_it_does
                r11_a_group_supersedes_what_has_not_left_on_its_objects
                r7_comfort_on_more_than_ten_objects_is_a_service
                r7_service_on_more_than_fifty_objects_in_ten_minutes_needs_a_second_person
                r17_the_safe_direction_needs_no_second_person_on_many_objects
                r7_a_group_that_darkens_three_neighbours_is_dangerous
                the_rest_of_a_group_is_stopped_by_its_author_or_a_supervisor
                a_group_without_its_form_is_refused
                a_list_of_objects_is_kept_under_a_name_and_dropped
            }
            procedure {
                r7_an_approved_danger_is_taken_once_and_says_who_approved
                r7_a_forged_foreign_pending_or_declined_approval_carries_nothing
                r7_an_approval_is_bound_to_its_one_command
                r7_only_another_person_who_may_be_asked_answers
                r6_a_request_and_an_approval_have_their_time
                r6_what_moves_in_between_voids_the_request_and_the_approval
                r6_what_may_be_asked
                r6_danger_is_selected_and_the_selection_lapses
                r7_an_approval_lifts_no_other_rule
                r9_one_desk_pilots_an_object_at_a_time
                r9_operating_takes_the_object_until_its_effect_ends
                r6_the_end_of_the_shift_voids_what_was_asked
                r8_alone_after_thirty_seconds_without_an_answer
                r8_alone_has_its_bounds
                r8_nobody_goes_alone_after_a_no
            }
            group_approval {
                r7_service_on_very_many_objects_goes_under_the_approval_of_the_whole_and_once
                r7_an_approval_of_a_group_is_bound_to_its_members
                r6_any_change_of_any_member_voids_the_approval_of_a_group
                r7_a_dangerous_group_is_approved_selected_at_once_and_operated
                r6_a_group_is_selected_as_a_whole_or_not_at_all
                a_request_on_a_group_has_its_form
            }
            programme {
                r19_a_draft_is_written_counted_and_thrown_away
                r19_what_has_not_the_form_of_a_programme_is_refused
                r19_a_programme_takes_two_natural_persons_and_is_never_applied_alone
                r19_an_approval_is_void_once_the_programme_is_written_anew
                r19_a_programme_has_the_class_of_its_worst_step
                r19_many_objects_take_a_programme_under_one_approval
                r17_going_back_takes_one_person_and_leads_to_the_former_programme_only
                r19_what_an_object_reports_is_compared_with_what_was_applied
            }
            zone {
                a_zone_is_drawn_changed_and_thrown_away
                two_who_change_one_zone_are_told_of_each_other
                a_zone_that_was_loaded_is_changed_like_any_other
                a_reference_belongs_to_one_zone
                zones_are_changed_by_those_who_answer_for_them
                what_has_not_the_form_of_a_zone_is_refused
                any_drawing_is_judged_as_the_core_judges_it
            }
            live {
                l_a_camera_is_held_kept_alive_told_to_the_field_and_let_go
                l_a_hold_that_nobody_keeps_alive_lapses_and_is_not_taken_up_again
                r9_one_desk_holds_a_camera_at_a_time
                r10_a_lock_that_is_asked_stops_a_held_camera_and_waits_until_it_stands_still
                l_a_key_that_cannot_move_the_object_is_refused
                r16_a_key_pressed_twice_is_one_and_a_doubled_sign_keeps_nothing_alive
                l_what_is_released_handed_over_or_out_of_its_shift_stops
            }
            settle {
                r14_what_was_applied_or_refused_is_told_again
                r14_what_never_arrived_is_refused_when_it_arrives_late
            }
            report {
                a_report_moves_the_version_and_the_control_version_only_when_control_moves
                an_older_observation_enters_the_history_only
                the_history_grows_only_when_something_differs
                an_object_reported_twice_at_once_keeps_the_last
                strangers_are_named_and_the_rest_is_written
            }
            effect {
                r3_an_effect_seen_ending_has_ended
                r3_an_object_seen_out_of_its_override_too_early_is_a_contradiction
                r3_an_effect_that_nobody_saw_ending_is_overdue_until_someone_does
                an_observation_from_before_the_execution_ends_no_effect
            }
            source {
                the_first_contact_declares_a_source_and_the_room_sees_it
                a_source_that_fails_keeps_its_last_contact_and_says_since_when
                a_contact_that_arrives_late_changes_nothing
                a_contact_without_its_form_is_refused
            }
            flood {
                a_bulletin_colours_the_reaches_and_one_that_it_does_not_have_is_unknown
                a_colour_that_stays_keeps_its_beginning_and_a_late_bulletin_changes_nothing
                a_bulletin_without_its_form_is_refused
                a_forecast_replaces_the_one_before_it_and_an_older_one_nothing
                what_a_service_tells_again_enters_history_once
            }
            shift {
                a_shift_is_opened_seen_and_closed
                a_shift_needs_a_desk_and_an_end_that_lies_ahead
                a_shift_is_closed_by_its_holder_or_a_supervisor
                r13_a_command_without_an_open_shift_of_its_author_is_refused
            }
            lock {
                r10_a_lock_on_a_quiet_object_is_in_force_at_once_and_the_room_reads_it
                r10_a_lock_without_its_form_is_refused
                r10_a_locked_object_takes_reads_and_nothing_else
                r10_a_lock_waits_for_what_is_in_flight_and_is_granted_once_its_outcome_is_known
                r10_a_command_without_report_delays_a_lock_until_it_is_known_or_closed
                r10_what_has_not_left_is_rejected_when_a_lock_is_asked
                r10_the_holder_lifts_his_lock_at_once
                r10_others_lift_it_after_a_recorded_call_and_as_two_natural_persons
                r10_what_is_not_in_force_is_taken_back
                r10_no_lock_is_lifted_by_time
                r10_work_that_takes_longer_is_said_by_who_asked_for_the_lock
                r20_a_signed_lock_is_deposited_by_the_next_holder_of_its_desk
                r17_the_safe_direction_goes_past_what_is_pending_or_unknown
                r17_only_a_lock_in_force_stops_the_safe_direction
                r17_what_the_safe_direction_went_ahead_of_is_refused_when_it_arrives
            }
            log {
                a_line_is_written_and_the_room_reads_it
                a_line_submitted_twice_is_written_once
                a_line_without_its_form_is_refused
                r20_a_signed_line_is_deposited_by_the_next_holder_of_its_desk
                r20_a_line_signed_with_another_persons_key_is_not_signed
                r20_a_key_is_registered_by_its_person_and_belongs_to_him
                what_comes_after_a_refused_head_waits_and_is_taken_once_the_head_is
            }
            alarm {
                an_alarm_is_raised_once_and_cleared_once
                two_who_acknowledge_are_both_kept
                an_acknowledgement_never_covers_a_re_raise_or_a_higher_priority
                a_shelving_has_bounds_and_an_end
                an_alarm_is_given_to_a_desk
                what_stands_under_its_cause_need_not_be_taken
                an_escalation_and_its_notice_are_written_once
                alarms_are_raised_by_the_house_and_handled_by_people
                a_metropolis_starts_with_the_rules_of_the_core
            }
            feed {
                changes_lead_to_the_same_rows_as_a_fresh_snapshot
                a_deleted_row_disappears_from_the_copy
                nothing_new_is_an_empty_delta
                r16_a_new_epoch_asks_for_a_new_copy_and_refuses_what_was_issued_before
                a_copy_that_is_ahead_must_be_made_anew
                history_is_fetched_newest_first_before_an_instant
                the_identity_says_who_and_whom
            }
            convergence {
                who_waits_is_woken_by_what_others_write
                the_sums_of_the_metropolis_are_those_of_a_true_copy
                a_table_taken_anew_is_the_one_of_a_fresh_copy_at_the_same_cut
                outcomes_are_told_without_settling
            }
            rights {
                every_account_reads_the_tables_of_its_role_and_no_other
                kinds_of_submission_belong_to_roles
                kinds_of_equipment_belong_to_roles
                history_is_denied_to_whom_may_not_read_it
            }
        }
    };
    (@each $open:path; $($module:ident { $($name:ident)+ })+) => {$(
        mod $module {
            #[allow(unused_imports, reason = "the path given may be local or absolute")]
            use super::*;
            $(#[tokio::test]
            async fn $name() {
                let city = $crate::metropolis_suite::city();
                let fixture = $open(city.clone()).await;
                $crate::metropolis_suite::$module::$name(&mut $crate::metropolis_suite::Room::new(&fixture, city).await).await;
            })+
        }
    )+};
}
