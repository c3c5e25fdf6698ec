//! Where each window stands, kept between two starts, and kept on a screen that exists.
//!
//! Screens are looked at every two seconds: no system tells all of it, and a projector may go at any time. A window whose
//! screen is lost comes to one that is there; when its screen is back and nobody moved it meanwhile, it goes home.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager, PhysicalPosition, PhysicalSize, WebviewWindow};

use crate::window::{self, BESIDE, MAIN};

const FILE: &str = "windows.json";
const EVERY: Duration = Duration::from_secs(2);
/// So much of a window must be on a screen for someone to take hold of it, pixels.
const GRIP: (i32, i32) = (160, 48);

/// A rectangle of the desktop, pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Area {
    x: i32,
    y: i32,
    width: u32,
    height: u32,
}

/// Where a window stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    area: Area,
    maximized: bool,
    fullscreen: bool,
    /// It was open when the program ended.
    open: bool,
}

impl Area {
    /// The part of it that another one covers: width and height, negative where they do not meet.
    fn met(self, other: Self) -> (i32, i32) {
        let end = |at: i32, length: u32| at.saturating_add(i32::try_from(length).unwrap_or(i32::MAX));
        let width = end(self.x, self.width).min(end(other.x, other.width)) - self.x.max(other.x);
        let height = end(self.y, self.height).min(end(other.y, other.height)) - self.y.max(other.y);
        (width, height)
    }

    /// Whether its upper edge, by which one holds it, is on one of the screens.
    fn is_held_by(self, screens: &[Self]) -> bool {
        let grip = Self { height: self.height.min(GRIP.1.unsigned_abs()), ..self };
        screens.iter().any(|screen| {
            let (width, height) = grip.met(*screen);
            width >= GRIP.0 && height >= GRIP.1 / 2
        })
    }

    /// In the middle of a screen, no larger than it.
    fn centred_on(self, screen: Self) -> Self {
        let (width, height) = (self.width.min(screen.width), self.height.min(screen.height));
        let half = |room: u32, own: u32| i32::try_from((room - own) / 2).unwrap_or(0);
        Self { x: screen.x + half(screen.width, width), y: screen.y + half(screen.height, height), width, height }
    }
}

/// What is to be done with a window, from where it stands, where it belongs, and the screens there are.
#[derive(Debug, PartialEq, Eq)]
enum Turn {
    /// Nothing.
    Stay,
    /// It belongs where it stands now.
    Settle,
    /// No screen shows it: it comes here, and belongs where it did.
    Rescue(Area),
    /// The screen where it belongs is back.
    GoHome,
}

/// `refuge` is where a rescued window was put.
fn turn(now: Area, home: Area, refuge: Option<Area>, screens: &[Area]) -> Turn {
    let Some(first) = screens.first() else { return Turn::Stay };
    match refuge {
        _ if !now.is_held_by(screens) => Turn::Rescue(now.centred_on(*first)),
        Some(refuge) if refuge != now => Turn::Settle,
        Some(_) if home.is_held_by(screens) => Turn::GoHome,
        Some(_) => Turn::Stay,
        None if now == home => Turn::Stay,
        None => Turn::Settle,
    }
}

/// Puts the windows of last time where they were, and looks after them until the program ends.
pub(crate) fn keep(app: &AppHandle, folder: &Path) {
    let keeper = Keeper {
        app: app.clone(),
        file: folder.join(FILE),
        places: read(&folder.join(FILE)),
        refuges: BTreeMap::new(),
    };
    for label in std::iter::once(&MAIN).chain(BESIDE) {
        keeper.put_back(label);
    }
    tauri::async_runtime::spawn(keeper.look_after());
}

fn read(file: &Path) -> BTreeMap<String, Place> {
    // One that cannot be read costs a window's place, no more.
    std::fs::read(file).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}

struct Keeper {
    app: AppHandle,
    file: PathBuf,
    places: BTreeMap<String, Place>,
    /// Where rescued windows stand; none until it was seen where the system put them.
    refuges: BTreeMap<String, Option<Area>>,
}

impl Keeper {
    fn put_back(&self, label: &str) {
        let Some(place) = self.places.get(label).filter(|place| place.open) else { return };
        let put = || -> tauri::Result<()> {
            let window = match self.app.get_webview_window(label) {
                Some(window) => window,
                None => window::open(&self.app, label)?,
            };
            let screens = screens(&window)?;
            let area = match screens.first() {
                Some(first) if !place.area.is_held_by(&screens) => place.area.centred_on(*first),
                _ => place.area,
            };
            move_to(&window, area)?;
            if place.maximized {
                window.maximize()?;
            }
            window.set_fullscreen(place.fullscreen)
        };
        if let Err(error) = put() {
            tracing::warn!(label, %error, "the window could not be put back in its place");
        }
    }

    async fn look_after(mut self) {
        loop {
            tokio::time::sleep(EVERY).await;
            let mut changed = false;
            for label in std::iter::once(&MAIN).chain(BESIDE) {
                changed |= self.look_at(label).unwrap_or_else(|error| {
                    tracing::debug!(label, %error, "the window could not be looked at");
                    false
                });
            }
            if changed && let Err(error) = self.write() {
                tracing::warn!(%error, "the places of the windows could not be kept");
            }
        }
    }

    /// One turn for one window; whether what is kept of it changed.
    fn look_at(&mut self, label: &str) -> tauri::Result<bool> {
        let Some(window) = self.app.get_webview_window(label) else {
            let Some(place) = self.places.get_mut(label) else { return Ok(false) };
            return Ok(std::mem::replace(&mut place.open, false));
        };
        if window.is_minimized()? {
            return Ok(false);
        }
        let (maximized, fullscreen) = (window.is_maximized()?, window.is_fullscreen()?);
        let now = area_of(&window)?;
        let known = self.places.get(label).copied();
        let home = known.map_or(now, |place| place.area);
        if let Some(seen @ None) = self.refuges.get_mut(label) {
            *seen = Some(now);
        }
        let refuge = self.refuges.get(label).copied().flatten();
        let area = match turn(now, home, refuge, &screens(&window)?) {
            // A window that fills its screen belongs where it stood before.
            Turn::Settle if maximized || fullscreen => home,
            Turn::Settle => {
                self.refuges.remove(label);
                now
            }
            Turn::Stay => home,
            Turn::Rescue(area) => {
                tracing::info!(label, "the screen of this window is gone: it comes to one that is there");
                move_to(&window, area)?;
                self.refuges.insert(label.to_owned(), None);
                home
            }
            Turn::GoHome => {
                tracing::info!(label, "the screen of this window is back");
                move_to(&window, home)?;
                self.refuges.remove(label);
                home
            }
        };
        let place = Place { area, maximized, fullscreen, open: true };
        let changed = known != Some(place);
        self.places.insert(label.to_owned(), place);
        Ok(changed)
    }

    fn write(&self) -> std::io::Result<()> {
        if let Some(folder) = self.file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let side = self.file.with_extension("new");
        std::fs::write(&side, serde_json::to_vec_pretty(&self.places)?)?;
        std::fs::rename(&side, &self.file)
    }
}

fn area_of(window: &WebviewWindow) -> tauri::Result<Area> {
    let (at, size) = (window.outer_position()?, window.inner_size()?);
    Ok(Area { x: at.x, y: at.y, width: size.width, height: size.height })
}

/// The screens there are, the main one first.
fn screens(window: &WebviewWindow) -> tauri::Result<Vec<Area>> {
    let area = |screen: &tauri::Monitor| Area {
        x: screen.position().x,
        y: screen.position().y,
        width: screen.size().width,
        height: screen.size().height,
    };
    let main = window.primary_monitor()?.as_ref().map(area);
    let mut all: Vec<_> = window.available_monitors()?.iter().map(area).collect();
    all.sort_by_key(|screen| Some(*screen) != main);
    Ok(all)
}

fn move_to(window: &WebviewWindow, area: Area) -> tauri::Result<()> {
    window.set_size(PhysicalSize::new(area.width, area.height))?;
    window.set_position(PhysicalPosition::new(area.x, area.y))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: Area = Area { x: 0, y: 0, width: 1920, height: 1080 };
    const WALL: Area = Area { x: 1920, y: 0, width: 3840, height: 2160 };
    const ON_WALL: Area = Area { x: 2000, y: 100, width: 3000, height: 1800 };

    #[test]
    fn a_window_whose_screen_is_lost_comes_whole_to_one_that_is_there() {
        assert_eq!(turn(ON_WALL, ON_WALL, None, &[LEFT, WALL]), Turn::Stay);
        let rescued = turn(ON_WALL, ON_WALL, None, &[LEFT]);
        assert_eq!(rescued, Turn::Rescue(LEFT), "no larger than the screen");
    }

    #[test]
    fn it_goes_home_when_its_screen_is_back_unless_someone_moved_it_meanwhile() {
        let refuge = Some(LEFT);
        assert_eq!(turn(LEFT, ON_WALL, refuge, &[LEFT]), Turn::Stay);
        assert_eq!(turn(LEFT, ON_WALL, refuge, &[LEFT, WALL]), Turn::GoHome);
        let moved = Area { x: 300, y: 40, width: 900, height: 700 };
        assert_eq!(turn(moved, ON_WALL, refuge, &[LEFT, WALL]), Turn::Settle);
    }

    #[test]
    fn a_window_of_which_only_a_corner_or_the_foot_shows_is_lost_too() {
        let corner = Area { x: 1900, y: 1060, width: 800, height: 600 };
        let above = Area { x: 100, y: -590, width: 800, height: 600 };
        for lost in [corner, above] {
            assert!(matches!(turn(lost, lost, None, &[LEFT]), Turn::Rescue(_)), "{lost:?}");
        }
        let across = Area { x: 1700, y: 10, width: 800, height: 600 };
        assert_eq!(turn(across, across, None, &[LEFT]), Turn::Stay);
    }

    #[test]
    fn without_any_screen_nothing_moves() {
        assert_eq!(turn(ON_WALL, ON_WALL, None, &[]), Turn::Stay);
    }

    #[test]
    fn a_file_that_cannot_be_read_costs_the_places_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        assert!(read(&file).is_empty());
        std::fs::write(&file, "{").unwrap();
        assert!(read(&file).is_empty());
        let place = Place { area: ON_WALL, maximized: true, fullscreen: false, open: true };
        let kept = BTreeMap::from([("map".to_owned(), place)]);
        std::fs::write(&file, serde_json::to_vec(&kept).unwrap()).unwrap();
        assert_eq!(read(&file), kept);
    }
}
