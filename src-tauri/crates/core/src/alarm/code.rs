//! The closed lists of alarms.

crate::table::codes! {
    /// What may be done with an alarm by a person.
    HandlingKind {
        /// He has seen it and takes it on (prendre en charge).
        Acknowledge = "acknowledge",
        /// Out of sight until an end, for a reason.
        Shelve = "shelve",
        /// Back into sight before that end.
        Unshelve = "unshelve",
        /// Given to a desk.
        Assign = "assign",
    }
}

crate::table::codes! {
    /// What a person's handling of an alarm came to. Whatever is not `done` changed nothing, and is kept with its reason.
    HandlingEffect {
        /// It holds.
        Done = "done",
        /// Somebody else had acknowledged this occurrence already: both are kept.
        Already = "already",
        /// The alarm was raised again since: another occurrence, which nobody has seen yet.
        ReRaised = "re_raised",
        /// It is more urgent now than it was when it was seen.
        MoreUrgent = "more_urgent",
        /// The occurrence is over.
        Over = "over",
        /// The metropolis does not hold it (any more).
        Gone = "gone",
        /// Longer than an alarm of this priority may be shelved.
        TooLong = "too_long",
        /// The end asked for has passed.
        Passed = "passed",
        /// An alarm of this priority is shelved by a supervisor only.
        NotByThisRole = "not_by_this_role",
        /// It is not shelved.
        NotShelved = "not_shelved",
        /// No such desk.
        NoSuchDesk = "no_such_desk",
    }
}

crate::table::codes! {
    /// Why an alarm is shelved: a closed list, so that it says nothing of people.
    ShelveReason {
        /// The fault is known and its repair is ordered.
        KnownFault = "known_fault",
        /// Works at the place.
        Works = "works",
        /// A crew is at work there.
        CrewOnSite = "crew_on_site",
        /// The sensor itself is wrong.
        SensorFault = "sensor_fault",
        /// It comes and goes without cause.
        Chattering = "chattering",
        /// Weather that explains it.
        Weather = "weather",
        /// A test.
        Test = "test",
    }
}

crate::table::codes! {
    /// What is known of works and crews at the place of an alarm when it is raised.
    SiteWork {
        /// Nobody can tell (no source of works and crews is connected).
        NotKnown = "not_known",
        /// Nothing planned, nobody there.
        None = "none",
        /// Works under way.
        Works = "works",
        /// A crew is there.
        Crew = "crew",
    }
}

crate::table::codes! {
    /// Why somebody is told who does not sit in the room.
    NoticeReason {
        /// A priority 1 that nobody takes.
        Untaken = "untaken",
        /// No desk of the room is held.
        RoomEmpty = "room_empty",
        /// Somebody operated a dangerous command alone (R8).
        OperatedAlone = "operated_alone",
    }
}
