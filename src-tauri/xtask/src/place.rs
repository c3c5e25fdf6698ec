//! Where things are in the repository.

use std::path::PathBuf;

/// The top of the repository.
pub(crate) fn root() -> PathBuf {
    // The xtask is compiled where it runs: two folders under the top.
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).map_or_else(|| here.clone(), PathBuf::from)
}

/// The interface.
pub(crate) fn interface() -> PathBuf {
    root().join("ui")
}

/// The built interface.
pub(crate) fn built_interface() -> PathBuf {
    interface().join("dist")
}

/// What the measures run beside.
pub(crate) fn peers() -> PathBuf {
    root().join("tests").join("peers")
}

/// Tools that npm installs for us by exact version, outside of what ships.
pub(crate) fn tools() -> PathBuf {
    root().join(".vigie").join("tools")
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
