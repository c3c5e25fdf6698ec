//! Declares the commands of the window, so that a capability must grant each of them.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The interface is embedded from here. Lints and tests that do not open a window also compile without it.
    std::fs::create_dir_all("../ui/dist")?;
    println!("cargo:rerun-if-changed=../ui/dist");
    let commands = tauri_build::AppManifest::new().commands(&[
        "call",
        "points",
        "ground",
        "ground_tile",
        "subscribe",
        "open_window",
        "notify",
        "starts_with_session",
        "start_with_session",
        "has_sound",
        "has_sound",
    ]);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands))?;
    Ok(())
}
