//! One program at a time: a second start brings the window of the first to the front.

use tauri::plugin::TauriPlugin;
use tauri::{Manager as _, Wry};
use vigie_api::Launch;

use crate::window::{self, MAIN};

/// The plugin, where a second start is the same program. A folder of one's own makes a program of its own (`--data-dir`, and
/// `--check`, which takes a new one).
pub(crate) fn plugin(launch: &Launch) -> Option<TauriPlugin<Wry>> {
    if launch.data_dir.is_some() {
        return None;
    }
    let builder = tauri_plugin_single_instance::Builder::new().callback(|app, _, _| {
        if let Some(window) = app.get_webview_window(MAIN) {
            window::front(&window);
        }
    });
    // Training beside the real city, or two cities, are not the same program: whoever opens the one must not get the other.
    // Elsewhere the name is the program's own, so that training is left out.
    #[cfg(target_os = "linux")]
    let builder = builder.dbus_id(name(launch.metropolis.as_deref()));
    #[cfg(not(target_os = "linux"))]
    launch.metropolis.as_ref()?;
    Some(builder.build())
}

/// The name of the program on the session's bus, by its metropolis.
#[cfg(target_os = "linux")]
fn name(metropolis: Option<&str>) -> String {
    let place: String = match metropolis {
        None => "training".to_owned(),
        Some(address) => {
            let place = address.rsplit('@').next().unwrap_or(address);
            place.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
        }
    };
    format!("fr.vigie.app.at_{place}")
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::name;

    #[test]
    fn training_and_the_real_city_are_two_programs_and_an_account_is_none() {
        assert_eq!(name(None), "fr.vigie.app.at_training");
        let anna = name(Some("postgres://anna@db.example:5432/vigie"));
        assert_eq!(anna, name(Some("postgres://bob@db.example:5432/vigie")));
        assert_eq!(anna, "fr.vigie.app.at_db_example_5432_vigie");
    }
}
