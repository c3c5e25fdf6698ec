//! Communes: cells around the points of the figures, as large as the real ones, with borders of our own.

use uuid::Uuid;
use vigie_core::table::Commune;

use super::plane::{P, area, clip, hull, polygon, sides};
use crate::chance::{luck, uuid_of};

const FIGURES: &str = include_str!("../../data/dijon-communes.csv");

/// A commune while the city is being made.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    /// INSEE code.
    pub insee: String,
    /// Name.
    pub name: String,
    /// Its centre.
    pub centre: P,
    /// Inhabitants.
    pub population: u32,
    /// Area of the real one, m².
    pub size: f64,
    /// Convex cell: what streets keep to.
    pub ring: Vec<P>,
    /// The border drawn: the cell with edges less straight.
    pub border: Vec<P>,
}

/// The communes of a seed.
pub(crate) fn communes(seed: u64) -> Vec<Cell> {
    let mut cells: Vec<Cell> = FIGURES.lines().skip(1).filter_map(figures).collect();
    let outline = outline(&cells);
    let rings = power_cells(&cells, &outline);
    for (cell, ring) in cells.iter_mut().zip(rings) {
        cell.border = rough(seed, &ring);
        cell.ring = ring;
    }
    cells
}

/// As a row of the metropolis.
pub(crate) fn row(seed: u64, cell: &Cell) -> Commune {
    Commune {
        commune_id: id(seed, &cell.insee),
        insee_code: cell.insee.clone(),
        name: cell.name.clone(),
        lon: cell.centre.lon(),
        lat: cell.centre.lat(),
        population: i64::from(cell.population),
        outline: polygon(&cell.border),
    }
}

fn id(seed: u64, insee: &str) -> Uuid {
    uuid_of(seed, &format!("commune/{insee}"))
}

fn figures(line: &str) -> Option<Cell> {
    let mut fields = line.split(',');
    let mut next = || fields.next();
    let (insee, name) = (next()?.to_owned(), next()?.to_owned());
    let (lon, lat): (f64, f64) = (next()?.parse().ok()?, next()?.parse().ok()?);
    let size: f64 = next()?.parse().ok()?;
    let population = next()?.trim().parse().ok()?;
    let centre = P::from_degrees(lon, lat);
    Some(Cell { insee, name, centre, population, size: size * 1e6, ring: Vec::new(), border: Vec::new() })
}

/// The metropolis's outline: the hull of circles around the centres, as wide as gives the communes' total area.
fn outline(cells: &[Cell]) -> Vec<P> {
    let total: f64 = cells.iter().map(|c| c.size).sum();
    let around = |scale: f64| {
        let rim: Vec<P> = cells
            .iter()
            .flat_map(|c| {
                let radius = (c.size / std::f64::consts::PI).sqrt() * scale;
                (0..16).map(move |k| c.centre.towards(f64::from(k) * std::f64::consts::TAU / 16.0, radius))
            })
            .collect();
        hull(&rim)
    };
    let (mut low, mut high) = (0.05, 3.0);
    for _ in 0..30 {
        let middle = f64::midpoint(low, high);
        if area(&around(middle)) < total { low = middle } else { high = middle }
    }
    around(low)
}

/// Power diagram whose weights are moved until each cell has about its commune's area, every centre inside its own cell.
fn power_cells(cells: &[Cell], outline: &[P]) -> Vec<Vec<P>> {
    let mut weights = vec![0.0_f64; cells.len()];
    let mut rings = Vec::new();
    for _ in 0..40 {
        rings = cells
            .iter()
            .zip(&weights)
            .map(|(own, weight)| {
                let mut ring = outline.to_vec();
                for (other, rival) in cells.iter().zip(&weights).filter(|(o, _)| o.insee != own.insee) {
                    let (p, q) = (own.centre, other.centre);
                    let (a, b) = (2.0 * (q.x - p.x), 2.0 * (q.y - p.y));
                    let c = q.x * q.x + q.y * q.y - p.x * p.x - p.y * p.y + weight - rival;
                    ring = clip(&ring, a, b, c);
                }
                ring
            })
            .collect();
        for ((weight, cell), ring) in weights.iter_mut().zip(cells).zip(&rings) {
            *weight += 0.25 * (cell.size - area(ring));
        }
        keep_centres_inside(cells, &mut weights);
    }
    rings
}

fn keep_centres_inside(cells: &[Cell], weights: &mut [f64]) {
    for cell in cells {
        let own = cells.iter().position(|c| c.insee == cell.insee).and_then(|i| weights.get(i)).copied().unwrap_or(0.0);
        for (other, weight) in cells.iter().zip(weights.iter_mut()).filter(|(c, _)| c.insee != cell.insee) {
            *weight = weight.min(own + 0.55 * cell.centre.square_to(other.centre));
        }
    }
}

/// Edges less straight: midpoints moved by an amount that depends on the edge alone, so that neighbours agree on it.
fn rough(seed: u64, ring: &[P]) -> Vec<P> {
    let mut ring: Vec<P> = ring.to_vec();
    for _ in 0..4 {
        ring = sides(&ring)
            .flat_map(|(a, b)| {
                let length = a.to(b);
                if length < 120.0 {
                    return vec![a];
                }
                // The same edge is walked the other way by the neighbour.
                let (first, last) = if (a.x, a.y) < (b.x, b.y) { (a, b) } else { (b, a) };
                let key = ((first.x + last.x).round() as i64 as u64).wrapping_mul(31)
                    ^ (first.y + last.y).round() as i64 as u64;
                let shift = (luck(seed, key, 11) - 0.5) * 0.22 * length.min(900.0);
                let angle = first.angle_to(last) + std::f64::consts::FRAC_PI_2;
                vec![a, a.along(b, 0.5).towards(angle, shift)]
            })
            .collect();
    }
    ring
}

#[cfg(test)]
mod tests {
    use super::super::plane::inside;
    use super::*;

    #[test]
    fn the_twenty_three_communes_have_cells_of_about_their_size_around_their_own_point() {
        let cells = communes(1);
        assert_eq!(cells.len(), 23);
        for cell in &cells {
            let ratio = area(&cell.ring) / cell.size;
            assert!((0.6..1.7).contains(&ratio), "{}: {ratio}", cell.name);
            assert!(inside(&cell.ring, cell.centre), "{}", cell.name);
            assert!(inside(&cell.border, cell.centre), "{}", cell.name);
        }
    }

    #[test]
    fn neighbours_share_their_border() {
        let cells = communes(1);
        let total: f64 = cells.iter().map(|c| area(&c.border)).sum();
        let convex: f64 = cells.iter().map(|c| area(&c.ring)).sum();
        // What one commune gains by a rough border the other loses; only the outer rim may differ.
        assert!((total / convex - 1.0).abs() < 0.03, "{total} {convex}");
    }
}
