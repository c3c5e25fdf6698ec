//! How WebKitGTK draws. Without a GPU its DMA-BUF renderer costs three to four times more; with one it is the better.

/// Decides before GTK starts. `WEBKIT_DISABLE_DMABUF_RENDERER`, when set (`0` or `1`), wins.
///
/// A process cannot set its own environment safely once it has threads, so it starts itself anew, once, in place.
#[cfg(target_os = "linux")]
pub(crate) fn settle() {
    use std::os::unix::process::CommandExt;

    const VARIABLE: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    if std::env::var_os(VARIABLE).is_some() || has_render_node(std::path::Path::new("/dev/dri")) {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let error = std::process::Command::new(program).args(std::env::args_os().skip(1)).env(VARIABLE, "1").exec();
    // Only reached when it could not: drawing more slowly is no reason not to open.
    tracing::warn!("could not start again with {VARIABLE}: {error}");
}

/// Nothing to decide where the web view is the system's own.
#[cfg(not(target_os = "linux"))]
pub(crate) fn settle() {}

/// Whether the kernel offers a GPU to draw with.
#[cfg(target_os = "linux")]
fn has_render_node(devices: &std::path::Path) -> bool {
    let Ok(devices) = std::fs::read_dir(devices) else { return false };
    devices.flatten().any(|device| device.file_name().to_string_lossy().starts_with("renderD"))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::has_render_node;

    #[test]
    fn a_display_card_without_a_render_node_is_no_gpu() {
        let devices = tempfile::tempdir().unwrap();
        assert!(!has_render_node(&devices.path().join("absent")));
        std::fs::write(devices.path().join("card0"), "").unwrap();
        assert!(!has_render_node(devices.path()));
        std::fs::write(devices.path().join("renderD128"), "").unwrap();
        assert!(has_render_node(devices.path()));
    }
}
