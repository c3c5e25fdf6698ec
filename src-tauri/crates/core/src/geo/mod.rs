//! Places: positions in degrees, the metres of Lambert-93, and outlines that hold positions or not.

mod lambert93;
mod outline;

pub use lambert93::Lambert93;
pub use outline::{Outline, OutlineFault};

/// A place on the ground: degrees, WGS 84 (RGF93, the French realisation, agrees with it within a metre).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// Degrees east of Greenwich.
    pub lon: f64,
    /// Degrees north of the equator.
    pub lat: f64,
}

impl Position {
    /// Whether it is on the globe at all.
    pub fn is_on_globe(self) -> bool {
        (-180.0..=180.0).contains(&self.lon) && (-90.0..=90.0).contains(&self.lat)
    }

    /// Whether it is around metropolitan France, Corsica included.
    pub fn is_around_france(self) -> bool {
        (-6.0..=10.5).contains(&self.lon) && (41.0..=52.0).contains(&self.lat)
    }

    /// Longitude and latitude exchanged: the commonest fault of a file of places.
    #[must_use]
    pub fn swapped(self) -> Self {
        Self { lon: self.lat, lat: self.lon }
    }
}
