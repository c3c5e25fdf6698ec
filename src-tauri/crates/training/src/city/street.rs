//! Streets: lines traced through a field of directions, so that blocks are neither a lattice nor dust.
//!
//! Each commune grows outwards from its centre until it has the length of streets that its lights need. Two families of
//! lines cross at right angles; quarters have their own orientation, the centre of a town is radial, and near a river, a
//! canal or a railway streets run along it.

use std::collections::BinaryHeap;
use std::f64::consts::{FRAC_PI_2, PI, TAU};

use super::commune::Cell;
use super::ground::Feature;
use super::names::StreetNames;
use super::network::{Family, Network};
use super::plane::{P, inside, length, nearest};
use crate::chance::Dice;

/// Distance between the points of a traced line, m.
const STEP: f64 = 20.0;

/// A street: part of a traced line, with one name.
#[derive(Debug, Clone)]
pub(crate) struct Street {
    /// INSEE code of its commune.
    pub insee: String,
    /// Name, unique in its commune.
    pub name: String,
    /// Its points, about 20 m apart.
    pub points: Vec<P>,
    /// The traced line it is part of: lines of the same family do not cross.
    pub family: Family,
}

/// How dense a commune's streets are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Density {
    /// Length of streets wanted, m.
    pub metres: f64,
    /// Shrinks blocks when more lights are asked for than the real city has (1 for the real number).
    pub scale: f64,
}

/// The streets of a commune.
pub(crate) fn streets(seed: u64, cell: &Cell, ground: &[Feature], density: Density) -> (Vec<Street>, Network) {
    let mut dice = Dice::new(seed, &format!("streets/{}", cell.insee));
    let mut growth = Growth::new(cell, ground, density, &mut dice);
    // A commune too narrow for its lights first spreads, then builds closer.
    for (spread, closeness) in [(1.0, 1.0), (1.35, 1.0), (2.0, 0.85), (4.0, 0.65), (9.0, 0.5), (9.0, 0.35)] {
        growth.spread = spread;
        growth.closeness = closeness;
        growth.grow(&mut dice);
        if growth.done() {
            break;
        }
    }
    let named = name_streets(cell, &growth.network, &mut dice);
    (named, growth.network)
}

/// A quarter with its own orientation.
struct Quarter {
    centre: P,
    angle: f64,
    reach: f64,
}

struct Seed {
    /// Nearest to the centre first.
    rank: f64,
    at: P,
    family: Family,
}

impl PartialEq for Seed {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Seed {}
impl PartialOrd for Seed {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Seed {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.rank.total_cmp(&self.rank)
    }
}

struct Growth<'a> {
    cell: &'a Cell,
    density: Density,
    quarters: Vec<Quarter>,
    /// Sides of rivers, canals and railways near enough to bend streets.
    along: Vec<(P, P)>,
    lakes: Vec<&'a [P]>,
    /// Parks and works yards of a town: centre and radius.
    open: Vec<(P, f64)>,
    town: bool,
    radius: f64,
    lobes: [f64; 3],
    spread: f64,
    closeness: f64,
    network: Network,
    built: f64,
}

impl<'a> Growth<'a> {
    fn new(cell: &'a Cell, ground: &'a [Feature], density: Density, dice: &mut Dice) -> Self {
        let radius = (density.metres * 55.0 / PI).sqrt().max(160.0) * 1.12;
        let main = dice.between(0.0, PI);
        let count = 2 + (radius / 450.0) as usize;
        let quarters = (0..count)
            .map(|i| Quarter {
                centre: cell.centre.towards(dice.between(0.0, TAU), radius * dice.unit().sqrt()),
                angle: main + if i == 0 { 0.0 } else { dice.between(-0.8, 0.8) },
                reach: radius * dice.between(0.25, 0.5),
            })
            .collect();
        let bends = |kind: &str| matches!(kind, "river" | "canal" | "rail");
        let along = ground
            .iter()
            .filter(|f| bends(&f.kind))
            .flat_map(|f| f.points.iter().copied().zip(f.points.iter().copied().skip(1)))
            .filter(|side| nearest(cell.centre, *side).1 < radius * 1.4 + 400.0)
            .collect();
        let lakes = ground.iter().filter(|f| f.kind == "lake").map(|f| f.points.as_slice()).collect();
        let town = cell.population > 100_000;
        let open = (0..if town { 11 } else { 0 })
            .map(|_| {
                let away = radius * dice.between(0.22, 0.95);
                (cell.centre.towards(dice.between(0.0, TAU), away), dice.between(0.025, 0.085) * (0.5 * radius + away))
            })
            .collect();
        let lobes = [dice.between(0.0, TAU), dice.between(0.0, TAU), dice.between(0.0, TAU)];
        let network = Network::new(&cell.ring);
        let spread = 1.0;
        Self {
            cell,
            density,
            quarters,
            along,
            lakes,
            open,
            town,
            radius,
            lobes,
            spread,
            closeness: 1.0,
            network,
            built: 0.0,
        }
    }

    fn done(&self) -> bool {
        self.built >= self.density.metres
    }

    /// Direction of the first family at a point. Angles are summed doubled, since a street has no sense.
    fn direction(&self, p: P) -> f64 {
        let (mut cos, mut sin) = (0.0, 0.0);
        let mut add = |angle: f64, weight: f64| {
            cos += weight * (2.0 * angle).cos();
            sin += weight * (2.0 * angle).sin();
        };
        for quarter in &self.quarters {
            let near = p.square_to(quarter.centre) / (quarter.reach * quarter.reach);
            if near < 12.0 {
                add(quarter.angle, (-near).exp());
            }
        }
        if let Some(first) = self.quarters.first() {
            add(first.angle, 0.05);
        }
        let centre = self.cell.centre;
        let width = if self.town { 1_100.0 } else { self.radius * 0.35 };
        let near = p.square_to(centre) / (width * width);
        if near < 9.0 {
            add(centre.angle_to(p), 0.9 * (-near).exp());
        }
        for side in &self.along {
            let distance = nearest(p, *side).1;
            if distance < 450.0 {
                add(side.0.angle_to(side.1), 1.3 * (-(distance * distance) / 60_000.0).exp());
            }
        }
        sin.atan2(cos) / 2.0
    }

    /// Wanted distance between parallel streets.
    fn gap(&self, p: P) -> f64 {
        let from_centre = p.to(self.cell.centre);
        let open = if self.town { 60.0 + from_centre * 0.021 } else { 88.0 + from_centre * 0.022 };
        open.min(150.0) * self.closeness / self.density.scale.sqrt()
    }

    /// Whether a point may be built on: in the commune, dry, and not beyond the town's edge, which has lobes.
    fn buildable(&self, p: P) -> bool {
        let angle = self.cell.centre.angle_to(p);
        let lobe: f64 = self.lobes.iter().zip([2.0, 3.0, 5.0]).map(|(phase, k)| (k * angle + phase).sin() * 0.11).sum();
        p.to(self.cell.centre) < self.radius * self.spread * (1.0 + lobe)
            && inside(&self.cell.ring, p)
            && !self.lakes.iter().any(|lake| inside(lake, p))
            && !self.open.iter().any(|(centre, radius)| p.square_to(*centre) < radius * radius)
    }

    fn grow(&mut self, dice: &mut Dice) {
        let mut seeds = BinaryHeap::new();
        let sow = |heap: &mut BinaryHeap<Seed>, dice: &mut Dice, centre: P, at: P, family| {
            heap.push(Seed { rank: at.to(centre) * dice.between(0.85, 1.15), at, family });
        };
        let centre = self.cell.centre;
        sow(&mut seeds, dice, centre, centre, Family::First);
        for (p, family) in self.network.samples(4) {
            sow(&mut seeds, dice, centre, p, family.other());
        }
        while let Some(seed) = seeds.pop() {
            if self.done() {
                break;
            }
            let gap = self.gap(seed.at);
            if !self.buildable(seed.at) || self.network.near(seed.at, seed.family, gap * 0.82) {
                continue;
            }
            let line = self.trace(seed.at, seed.family, dice);
            if line.len() < 4 {
                continue;
            }
            self.built += length(&line);
            let mut since = f64::INFINITY;
            for p in &line {
                if since >= self.gap(*p) {
                    sow(&mut seeds, dice, centre, *p, seed.family.other());
                    since = 0.0;
                }
                since += STEP;
            }
            self.network.add(line, seed.family);
        }
    }

    /// A line through a point, both ways until something stops it.
    fn trace(&self, from: P, family: Family, dice: &mut Dice) -> Vec<P> {
        let longest = dice.between(500.0, 2_600.0);
        let start = self.direction(from) + if family == Family::First { 0.0 } else { FRAC_PI_2 };
        let mut back = self.run(from, family, start + PI, longest);
        back.reverse();
        back.push(from);
        back.extend(self.run(from, family, start, longest));
        back
    }

    fn run(&self, from: P, family: Family, start: f64, longest: f64) -> Vec<P> {
        let turn = if family == Family::First { 0.0 } else { FRAC_PI_2 };
        let (mut p, mut heading) = (from, start);
        let mut line = Vec::new();
        while (line.len() as f64) * STEP < longest {
            heading = aligned(self.direction(p) + turn, heading);
            let middle = p.towards(heading, STEP / 2.0);
            heading = aligned(self.direction(middle) + turn, heading);
            let next = p.towards(heading, STEP);
            if !self.buildable(next) || self.network.near(next, family, self.gap(next) * 0.55) {
                break;
            }
            line.push(next);
            p = next;
        }
        line
    }
}

/// The sense of a direction that goes on most nearly as before.
fn aligned(angle: f64, heading: f64) -> f64 {
    if (angle - heading).cos() >= 0.0 { angle } else { angle + PI }
}

/// Cuts the traced lines into streets and names them.
fn name_streets(cell: &Cell, network: &Network, dice: &mut Dice) -> Vec<Street> {
    let mut names = StreetNames::default();
    let mut streets = Vec::new();
    for (line, family) in network.lines() {
        let mut rest: &[P] = line;
        while rest.len() > 1 {
            let wanted = (dice.between(260.0, 900.0) / STEP) as usize;
            // No stump of a street at the end of a line.
            let cut = if rest.len() < wanted + 8 { rest.len() } else { wanted };
            let (street, after) = rest.split_at_checked(cut).unwrap_or((rest, &[]));
            let mut points = street.to_vec();
            points.extend(after.first());
            let name = names.next(dice, length(&points));
            streets.push(Street { insee: cell.insee.clone(), name, points, family });
            rest = after;
        }
    }
    streets
}
