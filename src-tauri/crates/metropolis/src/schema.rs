//! The schema as this program carries it: migrations, in order, and the function bodies that follow them.

use vigie_core::rights::Role;

/// One migration. Shipped ones are never edited: [`crate::Admin::migrate`] compares their hash.
pub(crate) struct Migration {
    /// Its number; they follow each other from 1.
    pub(crate) number: i64,
    /// Its file's name without number and extension.
    pub(crate) name: &'static str,
    /// Its text.
    pub(crate) sql: &'static str,
    /// The oldest program (by its [`SCHEMA_VERSION`]) that still works after it.
    pub(crate) oldest_app: i64,
}

macro_rules! migrations {
    ($($number:literal $name:literal $file:literal, serves $oldest:literal;)+) => {
        pub(crate) static MIGRATIONS: &[Migration] = &[$(Migration {
            number: $number,
            name: $name,
            sql: include_str!(concat!("../migrations/", $file)),
            oldest_app: $oldest,
        }),+];
    };
}

migrations! {
    1 "create_metropolis" "0001_create_metropolis.sql", serves 1;
    2 "create_city" "0002_create_city.sql", serves 2;
    3 "stamp_synced_rows" "0003_stamp_synced_rows.sql", serves 3;
    4 "create_rules" "0004_create_rules.sql", serves 4;
    5 "create_submission" "0005_create_submission.sql", serves 5;
    6 "open_accounts" "0006_open_accounts.sql", serves 5;
    7 "seal_journal" "0007_seal_journal.sql", serves 5;
    8 "partition_history" "0008_partition_history.sql", serves 5;
    9 "keep_log" "0009_keep_log.sql", serves 5;
    10 "seat_gateways" "0010_seat_gateways.sql", serves 5;
    11 "create_alarms" "0011_create_alarms.sql", serves 5;
    12 "create_sources" "0012_create_sources.sql", serves 5;
    13 "lock_crews" "0013_lock_crews.sql", serves 5;
    14 "group_commands" "0014_group_commands.sql", serves 5;
    15 "ask_second_person" "0015_ask_second_person.sql", serves 15;
    16 "approve_groups" "0016_approve_groups.sql", serves 15;
    17 "follow_programmes" "0017_follow_programmes.sql", serves 15;
    18 "hold_live" "0018_hold_live.sql", serves 15;
    19 "change_zones" "0019_change_zones.sql", serves 15;
    20 "name_services" "0020_name_services.sql", serves 15;
    21 "watch_rivers" "0021_watch_rivers.sql", serves 15;
}

/// The schema this program was written for: the number of its last migration.
pub const SCHEMA_VERSION: i64 = 21;

macro_rules! functions {
    ($($file:literal)+) => {
        /// Function bodies in the order in which they may be created.
        pub(crate) static FUNCTIONS: &[(&str, &str)] =
            &[$(($file, include_str!(concat!("../functions/", $file, ".sql")))),+];
    };
}

functions! {
    "clock" "stamp" "wake" "account" "identity" "form" "programme" "judge" "procedure" "lock" "deposit" "move_command" "count" "take_command"
    "apply_command" "apply_command_group" "apply_command_group_stop" "apply_saved_group" "apply_programme" "zone" "apply_zone" "apply_command_cancel"
    "apply_command_close" "apply_shift_open" "apply_shift_close" "apply_progress" "apply_log_entry"
    "apply_key_register" "apply_lock_ask" "apply_lock_lift" "apply_lock_extend" "apply_lock_force_lift" "alarm" "apply_alarm_acknowledge" "apply_alarm_shelve" "apply_alarm_unshelve" "apply_alarm_assign"
    "apply_alarm_report" "apply_approval" "apply_object" "live" "apply_sole_review" "read_states" "apply_report" "apply_source_contact" "apply_flood"
    "submit"
    "settle" "outcomes" "fetch" "prune" "account_admin" "journal" "house" "field" "catalogue"
}

/// What logins may execute, and which roles: all of them, or the one named.
pub(crate) static CALLABLE: &[(&str, Option<&str>)] = &[
    ("now()", None),
    ("my_role()", None),
    ("readable()", None),
    ("hidden_columns()", None),
    ("hidden_scopes()", None),
    ("schema_version()", None),
    ("timeline()", None),
    ("lineage()", None),
    ("identity()", None),
    ("submit(jsonb)", None),
    ("settle(uuid[])", None),
    ("outcomes(uuid[])", None),
    ("fetch(text, jsonb, text)", None),
    ("keep_live(uuid, bigint, jsonb)", None),
    ("mark_overdue_effects()", Some("house")),
    ("prune_tombstones()", Some("house")),
    ("keep_partitions()", Some("house")),
    ("prune_history()", Some("house")),
    ("take_seat(uuid, interval)", Some("house")),
    ("leave_seat(bigint)", Some("house")),
    ("house_submit(bigint, jsonb)", Some("house")),
    ("house_keep(bigint)", Some("house")),
    ("house_prune(bigint)", Some("house")),
    ("take_field_seat(uuid, interval)", Some("gateway")),
    ("leave_field_seat(bigint)", Some("gateway")),
    ("take_commands(bigint, text[], text[], integer)", Some("gateway")),
    ("take_ends(bigint, text[])", Some("gateway")),
    ("live_now(text[])", Some("gateway")),
    ("take_live(bigint, text[])", Some("gateway")),
    ("field_submit(bigint, jsonb)", Some("gateway")),
    ("awaited(text[])", Some("gateway")),
    ("field_objects(text[])", Some("gateway")),
    ("mark_reach(bigint, uuid[], text)", Some("gateway")),
    ("journal_seals()", Some("auditor")),
    ("journal_lines()", Some("auditor")),
    ("account_create(text, text, text, uuid, text, uuid)", Some("it_admin")),
    ("account_lock(text, boolean)", Some("it_admin")),
    ("account_set_role(text, text)", Some("it_admin")),
    ("account_set_password(text, text)", Some("it_admin")),
    ("account_place(text, uuid, uuid)", Some("it_admin")),
    ("account_list()", Some("it_admin")),
    ("account_list()", Some("auditor")),
];

/// What logins may execute: signatures without spaces, with the role that may, or none when all may. For those who check a
/// server against it.
pub fn callable() -> Vec<(String, Option<Role>)> {
    CALLABLE.iter().map(|(signature, only)| (signature.replace(' ', ""), only.and_then(Role::from_code))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_follow_each_other_and_end_at_the_schema_this_program_knows() {
        let numbers: Vec<_> = MIGRATIONS.iter().map(|m| m.number).collect();
        assert_eq!(numbers, (1..=SCHEMA_VERSION).collect::<Vec<_>>());
        assert!(MIGRATIONS.iter().all(|m| m.oldest_app <= m.number && m.sql.starts_with("-- ")));
    }
}
