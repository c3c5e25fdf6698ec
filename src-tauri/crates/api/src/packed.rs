//! Points and changes as bytes, little-endian. Never JSON: a hundred thousand objects would cost the interface's thread 120 ms.
//!
//! Points (`VGP1`): `u32` magic, `u32` generation, `u32` count, `u32` zero, `f64` origin x, `f64` origin y (Web Mercator
//! metres, EPSG:3857), then `u32 id[count]`, `f32 x[count]`, `f32 y[count]` (metres from the origin), `u8 kind[count]`
//! (index in `EquipmentKind`), `u8 state[count]` (look, freshness and marks: see `vigie_core::equipment::point_state`).
//!
//! Changes (`VGC1`): `u32` magic, `u32` generation, `u32` count, then `u32 id[count]`, `u8 state[count]`. Every object whose
//! row changed is listed, also when its state byte did not: a sheet that shows it fetches it again.

use vigie_engine::picture::{Picture, mercator};

const POINTS: u32 = u32::from_le_bytes(*b"VGP1");
const CHANGES: u32 = u32::from_le_bytes(*b"VGC1");

/// Packs the points of a picture. The origin is the first point: absolute `f32` metres would be four pixels wrong at zoom 18.
pub fn points(picture: &Picture) -> Vec<u8> {
    let objects = picture.objects();
    let placed: Vec<_> = objects.iter().map(|o| mercator(o.equipment.lon, o.equipment.lat)).collect();
    let (origin_x, origin_y) = placed.first().copied().unwrap_or((0.0, 0.0));
    let count = u32::try_from(objects.len()).unwrap_or(u32::MAX);
    let mut bytes = Vec::with_capacity(32 + objects.len() * 14);
    for word in [POINTS, picture.generation, count, 0] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend(origin_x.to_le_bytes());
    bytes.extend(origin_y.to_le_bytes());
    bytes.extend(objects.iter().flat_map(|o| o.point.to_le_bytes()));
    bytes.extend(placed.iter().flat_map(|(x, _)| ((x - origin_x) as f32).to_le_bytes()));
    bytes.extend(placed.iter().flat_map(|(_, y)| ((y - origin_y) as f32).to_le_bytes()));
    bytes.extend(objects.iter().map(|o| o.equipment.kind.index()));
    bytes.extend(objects.iter().map(|o| o.byte));
    bytes
}

/// Packs changed points.
pub fn changes(generation: u32, points: &[(u32, u8)]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(12 + points.len() * 5);
    for word in [CHANGES, generation, u32::try_from(points.len()).unwrap_or(u32::MAX)] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend(points.iter().flat_map(|(id, _)| id.to_le_bytes()));
    bytes.extend(points.iter().map(|(_, state)| *state));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_changes_are_five_kilobytes() {
        let moved: Vec<_> = (0..1_000).map(|id| (id, 3)).collect();
        let bytes = changes(7, &moved);
        assert_eq!(bytes.len(), 12 + 5_000);
        assert_eq!(bytes[..12], [b'V', b'G', b'C', b'1', 7, 0, 0, 0, 0xe8, 3, 0, 0]);
        assert_eq!(bytes[12 + 4 * 999..12 + 4_000], 999u32.to_le_bytes());
        assert_eq!(bytes[12 + 4_000], 3);
    }

    #[test]
    fn an_empty_city_is_a_header() {
        assert_eq!(points(&Picture::default()).len(), 32);
    }
}
