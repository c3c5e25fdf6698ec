//! What a table holds, and so how long and before whom a copy of it may be read on a workstation.

use std::time::Duration;

use crate::table::TableSpec;
use crate::time::Timestamp;

/// How long people's data is readable on a machine that does not hear the metropolis.
pub const PEOPLE_LIFE: Duration = Duration::from_hours(72);
/// After how long it is erased there.
pub const PEOPLE_ERASED: Duration = Duration::from_hours(7 * 24);

/// What the rows of a table are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableClass {
    /// The ground and what stands on it: map and last states. Never locks; part of the view that is shared during a cut.
    City,
    /// The work of the room: desks, shifts, commands, the names of colleagues. Never locks; for who signed in.
    Room,
    /// Inhabitants. Locks after [`PEOPLE_LIFE`], is erased after [`PEOPLE_ERASED`].
    People,
}

/// What has become of people's data on a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeopleData {
    /// Readable.
    Open,
    /// Not readable until the metropolis is heard.
    Locked,
    /// To be erased; the metropolis gives it again.
    Over,
}

/// What people's data is at `now` where the metropolis was last heard at `heard_at`.
pub fn people_data(heard_at: Timestamp, now: Timestamp) -> PeopleData {
    match now.since(heard_at) {
        silence if silence > PEOPLE_ERASED => PeopleData::Over,
        silence if silence > PEOPLE_LIFE => PeopleData::Locked,
        _ => PeopleData::Open,
    }
}

/// The class of each table. One that is not named is taken for people's: it locks and is not shared.
const CLASSES: &[(&str, TableClass)] = &[
    ("commune", TableClass::City),
    ("ground", TableClass::City),
    ("zone", TableClass::City),
    ("service", TableClass::City),
    ("equipment", TableClass::City),
    ("equipment_state", TableClass::City),
    ("state_history", TableClass::Room),
    ("person", TableClass::Room),
    ("desk", TableClass::Room),
    ("shift", TableClass::Room),
    ("command", TableClass::Room),
    ("command_group", TableClass::Room),
    ("saved_group", TableClass::Room),
    ("command_event", TableClass::Room),
    ("source", TableClass::City),
    ("river_reach", TableClass::City),
    ("gauge_forecast", TableClass::City),
    // With numbers of duty officers.
    ("inundation", TableClass::Room),
    ("log_entry", TableClass::Room),
    ("person_key", TableClass::Room),
    ("alarm_rule", TableClass::Room),
    ("alarm", TableClass::Room),
    ("alarm_act", TableClass::Room),
    ("notice", TableClass::Room),
    ("crew_lock", TableClass::Room),
    ("approval_request", TableClass::Room),
    ("desk_hold", TableClass::Room),
    ("programme", TableClass::Room),
    ("programme_assignment", TableClass::Room),
    // Who called, and from which number.
    ("sole_review", TableClass::People),
];

impl TableSpec {
    /// What its rows are about.
    pub fn class(&self) -> TableClass {
        CLASSES.iter().find(|(name, _)| *name == self.name).map_or(TableClass::People, |(_, class)| *class)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::TABLES;

    #[test]
    fn every_synced_table_has_its_class_written_down() {
        for table in TABLES {
            assert!(
                CLASSES.iter().any(|(name, _)| *name == table.name),
                "{}: say in class.rs what it holds",
                table.name
            );
        }
        let unknown = TableSpec { name: "vulnerable_person", ..TABLES[0] };
        assert_eq!(unknown.class(), TableClass::People);
    }

    #[test]
    fn peoples_data_locks_after_three_days_of_silence_and_is_erased_after_seven() {
        let heard = Timestamp(1_795_000_000_000);
        let after = |hours: u64| people_data(heard, heard.plus(Duration::from_hours(hours)));
        assert_eq!(
            [after(0), after(72), after(73), after(168), after(169)],
            [PeopleData::Open, PeopleData::Open, PeopleData::Locked, PeopleData::Locked, PeopleData::Over]
        );
        // A clock behind the metropolis's is no silence.
        assert_eq!(people_data(heard, heard.minus(Duration::from_secs(60))), PeopleData::Open);
    }
}
