//! The memory of a program that holds a password: not written to a file when it crashes, not read by its user's other
//! programs.

/// Keeps this process's memory, and that of the processes it starts, out of core files; on Linux, also from the debuggers
/// of whoever is not the administrator. What the system does not grant is said in the log and stops nothing.
pub fn keep_private() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        if let Err(error) = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }) {
            tracing::warn!(%error, "a crash of this program may leave a core file");
        }
    }
    // A core that the system pipes to a collector does not ask about the limit.
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
            tracing::warn!(%error, "a crash of this program may be collected with its memory");
        }
    }
}
