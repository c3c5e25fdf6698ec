//! Closed lists of what is said of a lock.

crate::table::codes! {
    /// Where a lock stands.
    LockState {
        /// Asked, NOT in force: call the room.
        Asked = "asked",
        /// No command passes.
        InForce = "in_force",
        /// Over.
        Lifted = "lifted",
        /// Taken back before it was in force.
        Withdrawn = "withdrawn",
    }
}

impl LockState {
    /// Whether it is not over.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::InForce)
    }
}

crate::table::codes! {
    /// How a lock ended.
    LiftWay {
        /// By its holder.
        Holder = "holder",
        /// By two other people, after a call to the holder.
        Forced = "forced",
    }
}

crate::table::codes! {
    /// What the holder said when he was called.
    HolderSaid {
        /// The crew has left and its equipment is clear.
        Clear = "clear",
        /// He does not answer: the words say how it was made sure that nobody is there.
        NoAnswer = "no_answer",
    }
}
