//! Addresses of tiles: where a picture of the Web Mercator grid (EPSG:3857, 256 pixels, row 0 in the north) is had.

use url::Url;

/// A tile of the grid: zoom, column from the west, row from the north.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Tile {
    pub z: u8,
    pub x: u32,
    pub y: u32,
}

/// Nearest zoom of the grid.
pub(super) const NEAREST: u8 = 22;

impl Tile {
    /// Whether the grid has it.
    pub(super) fn exists(self) -> bool {
        let side = 1_u32.checked_shl(u32::from(self.z)).unwrap_or(0);
        self.z <= NEAREST && self.x < side && self.y < side
    }
}

/// What a service offers, and how a tile of it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    /// Holds `{z}`, `{x}` and `{y}`.
    text: String,
    /// What stands for `{z}`, by zoom; the number itself where a service has no names for them.
    names: Option<Vec<(u8, String)>>,
    /// Farthest and nearest zoom.
    pub zooms: (u8, u8),
    /// Whom it is owed to; may be empty.
    pub credit: String,
}

impl Template {
    /// An address with `{z}`, `{x}` and `{y}` (the usual "XYZ" scheme).
    ///
    /// # Errors
    /// What is wrong with it, in words for IT.
    pub(super) fn xyz(text: &str, credit: &str) -> Result<Self, String> {
        for part in ["{z}", "{x}", "{y}"] {
            if !text.contains(part) {
                return Err(format!(
                    "{text}: the address of tiles lacks {part}; write it as https://host/{{z}}/{{x}}/{{y}}.png"
                ));
            }
        }
        let made = Self { text: text.to_owned(), names: None, zooms: (0, 19), credit: credit.trim().to_owned() };
        let address = made.address(Tile { z: 0, x: 0, y: 0 }).unwrap_or_default();
        if address.contains(['{', '}']) {
            return Err(format!(
                "{text}: only {{z}}, {{x}} and {{y}} are filled in; name one host, without {{s}} or {{r}}"
            ));
        }
        web(&address).map_err(|why| format!("{text}: {why}"))?;
        Ok(made)
    }

    /// As a service describes it: `names` by zoom, ascending and not empty.
    pub(super) fn named(text: String, names: Vec<(u8, String)>, credit: String) -> Option<Self> {
        let zooms = (names.first()?.0, names.last()?.0);
        Some(Self { text, names: Some(names), zooms, credit })
    }

    /// Where a tile is had; none for one that the service does not have.
    pub(super) fn address(&self, tile: Tile) -> Option<String> {
        if !tile.exists() || tile.z < self.zooms.0 || tile.z > self.zooms.1 {
            return None;
        }
        let zoom = match &self.names {
            None => tile.z.to_string(),
            Some(names) => names.iter().find(|(z, _)| *z == tile.z)?.1.clone(),
        };
        Some(self.text.replace("{z}", &zoom).replace("{x}", &tile.x.to_string()).replace("{y}", &tile.y.to_string()))
    }
}

/// An address of the web, read.
pub(super) fn web(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|e| format!("it is no address: {e}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("{}: only http and https are asked", url.scheme()));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_is_asked_for_where_the_template_says() {
        let template = Template::xyz("https://tiles.test/{z}/{x}/{y}.png?key=a", "IGN").unwrap();
        let address = template.address(Tile { z: 12, x: 2105, y: 1430 });
        assert_eq!(address.as_deref(), Some("https://tiles.test/12/2105/1430.png?key=a"));
        assert_eq!(template.credit, "IGN");
    }

    #[test]
    fn what_is_not_in_the_grid_is_asked_of_nobody() {
        let template = Template::xyz("https://tiles.test/{z}/{x}/{y}.png", "").unwrap();
        for tile in [
            Tile { z: 2, x: 4, y: 0 },
            Tile { z: 2, x: 0, y: 4 },
            Tile { z: 20, x: 0, y: 0 },
            Tile { z: 200, x: 0, y: 0 },
        ] {
            assert_eq!(template.address(tile), None, "{tile:?}");
        }
    }

    #[test]
    fn a_template_that_cannot_be_filled_is_refused_with_what_to_write() {
        for bad in [
            "https://tiles.test/{z}/{x}.png",
            "https://{s}.tiles.test/{z}/{x}/{y}.png",
            "file:///{z}/{x}/{y}",
            "tiles/{z}/{x}/{y}",
        ] {
            assert!(Template::xyz(bad, "").is_err(), "{bad}");
        }
    }
}
