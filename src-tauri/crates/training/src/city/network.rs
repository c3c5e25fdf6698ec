//! The lines of one commune, with a grid that answers "is a street of this family nearby?".

use super::plane::P;

/// Lines of a family run side by side; lines of different families cross.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// Along the field of directions.
    First,
    /// Across it.
    Second,
}

impl Family {
    /// The other one.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

const SIDE: f64 = 90.0;

/// Traced lines and the grid of their points.
#[derive(Debug)]
pub(crate) struct Network {
    lines: Vec<(Vec<P>, Family)>,
    west: f64,
    south: f64,
    columns: usize,
    cells: Vec<Vec<(P, Family)>>,
}

impl Network {
    /// An empty network over a ring's bounding box.
    pub(crate) fn new(ring: &[P]) -> Self {
        let bound = |f: fn(&P) -> f64, pick: fn(f64, f64) -> f64, start| ring.iter().map(f).fold(start, pick);
        let (west, east) = (bound(|p| p.x, f64::min, f64::INFINITY), bound(|p| p.x, f64::max, f64::NEG_INFINITY));
        let (south, north) = (bound(|p| p.y, f64::min, f64::INFINITY), bound(|p| p.y, f64::max, f64::NEG_INFINITY));
        let columns = ((east - west) / SIDE).max(0.0) as usize + 1;
        let rows = ((north - south) / SIDE).max(0.0) as usize + 1;
        Self { lines: Vec::new(), west, south, columns, cells: vec![Vec::new(); columns * rows] }
    }

    /// The lines, in the order in which they were added.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (&[P], Family)> {
        self.lines.iter().map(|(line, family)| (line.as_slice(), *family))
    }

    /// Every so many-th point of every line.
    pub(crate) fn samples(&self, every: usize) -> Vec<(P, Family)> {
        self.lines.iter().flat_map(|(line, family)| line.iter().step_by(every).map(|p| (*p, *family))).collect()
    }

    /// Adds a line.
    pub(crate) fn add(&mut self, line: Vec<P>, family: Family) {
        for p in &line {
            let at = self.cell(*p);
            if let Some(cell) = at.and_then(|i| self.cells.get_mut(i)) {
                cell.push((*p, family));
            }
        }
        self.lines.push((line, family));
    }

    /// Whether a point of a line of this family is within `distance` metres.
    pub(crate) fn near(&self, p: P, family: Family, distance: f64) -> bool {
        self.around(p, distance).any(|(q, f)| f == family && p.square_to(q) < distance * distance)
    }

    /// The nearest point of the other family within `distance` metres: a crossing.
    pub(crate) fn crossing(&self, p: P, family: Family, distance: f64) -> Option<P> {
        self.around(p, distance)
            .filter(|(q, f)| *f != family && p.square_to(*q) < distance * distance)
            .min_by(|(a, _), (b, _)| p.square_to(*a).total_cmp(&p.square_to(*b)))
            .map(|(q, _)| q)
    }

    fn around(&self, p: P, distance: f64) -> impl Iterator<Item = (P, Family)> {
        let column = |x: f64| (((x - self.west) / SIDE).max(0.0) as usize).min(self.columns - 1);
        let row = |y: f64| ((y - self.south) / SIDE).max(0.0) as usize;
        let columns = column(p.x - distance)..=column(p.x + distance);
        (row(p.y - distance)..=row(p.y + distance))
            .flat_map(move |r| columns.clone().map(move |c| r * self.columns + c))
            .filter_map(|i| self.cells.get(i))
            .flatten()
            .copied()
    }

    fn cell(&self, p: P) -> Option<usize> {
        let (x, y) = ((p.x - self.west) / SIDE, (p.y - self.south) / SIDE);
        (x >= 0.0 && y >= 0.0).then(|| y as usize * self.columns + (x as usize).min(self.columns - 1))
    }
}
