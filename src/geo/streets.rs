//! Streets where there are none: a grid made from the place itself and a seed, so that a route bends
//! at crossings and is the same each time. No map data, no network.

use crate::geo::Position;
use pathfinding::directed::astar::astar;

/// Mean distance between two streets. With [`SHIFT`] blocks are 80 to 160 m long.
const BLOCK_M: f64 = 120.0;
/// How far a street may lie off the even grid, in blocks.
const SHIFT: f64 = 1.0 / 6.0;
/// One in this many blocks has no street along one of its sides.
const GAPS: u64 = 8;
const METRES_PER_DEGREE: f64 = 111_195.0;
/// How far beyond the two ends a way round is looked for, in blocks.
const MARGIN: i32 = 6;
/// Further than this nobody is rung; it bounds the search.
const LONGEST_SIDE: i32 = 400;

/// The streets around one place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Streets {
    seed: u64,
    centre: Position,
    /// Degrees per block.
    row: f64,
    column: f64,
    /// Longitudes are counted from here, so that the date line is no edge.
    meridian: f64,
}

/// A crossing: street number northwards, street number eastwards.
type Crossing = (i32, i32);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Node {
    Start,
    Crossing(Crossing),
    End,
}

/// Where a door opens onto a street: between two crossings.
#[derive(Clone, Copy)]
struct Door {
    place: Flat,
    between: [Crossing; 2],
}

/// Blocks north and east on the even grid.
#[derive(Clone, Copy, PartialEq)]
struct Flat {
    north: f64,
    east: f64,
}

impl Streets {
    pub fn around(place: Position, seed: u64) -> Self {
        // A whole degree of latitude shares one width of blocks, so that neighbours share their grid.
        let width = place.latitude().round().to_radians().cos().max(0.05);
        let row = BLOCK_M / METRES_PER_DEGREE;
        Self { seed, centre: place, row, column: row / width, meridian: place.longitude().round() }
    }

    /// The way from one place to another, both ends included.
    pub fn route(&self, from: Position, to: Position) -> Vec<Position> {
        let (start, end) = (self.door(self.flat(from)), self.door(self.flat(to)));
        let way = self.way(start, end, true).or_else(|| self.way(start, end, false)).unwrap_or_default();
        let mut flats = vec![start.place];
        flats.extend(way.into_iter().map(|crossing| self.crossing(crossing)));
        flats.push(end.place);
        let corners = without_straights(&flats).into_iter().map(|flat| self.position(flat));
        let apart = corners.filter(|corner| corner.distance_to(from) > 1.0 && corner.distance_to(to) > 1.0);
        std::iter::once(from).chain(apart).chain([to]).collect()
    }

    /// The nearest place on a street.
    pub fn on_street(&self, place: Position) -> Position {
        self.position(self.door(self.flat(place)).place)
    }

    /// Number and name of the nearest street, invented like the street.
    pub fn address(&self, place: Position) -> String {
        let door = self.door(self.flat(place));
        let [a, b] = door.between;
        let (along_row, line) = if a.0 == b.0 { (true, a.0) } else { (false, a.1) };
        let hash = self.hash(if along_row { 3 } else { 4 }, line, 0);
        let name = pick(&NAMES, hash);
        let kind = if along_row { "Street" } else { "Avenue" };
        let distance = if along_row { door.place.east } else { door.place.north };
        // Doors every 12 m.
        format!("{} {name} {kind}", steps(distance.rem_euclid(20.0) * 10.0) + 1)
    }

    /// The streets between two corners, each open stretch as one line. Where there are too many to tell
    /// apart, only each second, fourth, … of them, as if those were the wide ones.
    pub fn between(&self, south_west: Position, north_east: Position, most: i32) -> Vec<[Position; 2]> {
        let (low, high) = (self.flat(south_west), self.flat(north_east));
        let (south, north) = (whole(low.north.floor()) - 1, whole(high.north.ceil()) + 1);
        let (west, east) = (whole(low.east.floor()) - 1, whole(high.east.ceil()) + 1);
        let across = north.saturating_sub(south).max(east.saturating_sub(west));
        if across <= 0 || west > east || south > north {
            return Vec::new();
        }
        let each = (across / most.max(1) + 1).cast_unsigned().next_power_of_two();
        // Gaps are of single blocks, so among the wide streets there are none.
        let open = |kind, row, column| each > 1 || !self.hash(kind, row, column).is_multiple_of(GAPS);
        let drawn = |number: &i32| number.cast_unsigned().is_multiple_of(each);
        let rows = (south..=north).filter(drawn).flat_map(|row| {
            let stretches = stretches(west, east, |column| open(1, row, column));
            stretches.into_iter().map(move |(from, to)| [(row, from), (row, to)])
        });
        let columns = (west..=east).filter(drawn).flat_map(|column| {
            let stretches = stretches(south, north, |row| open(2, row, column));
            stretches.into_iter().map(move |(from, to)| [(from, column), (to, column)])
        });
        let ends = rows.chain(columns);
        ends.map(|ends| ends.map(|crossing| self.position(self.crossing(crossing)))).collect()
    }

    fn way(&self, start: Door, end: Door, gaps: bool) -> Option<Vec<Crossing>> {
        let bounds = Bounds::of(start, end)?;
        let found = astar(
            &Node::Start,
            |node| self.next(*node, start, end, bounds, gaps),
            |node| cost(self.place(*node, start, end), end.place),
            |node| *node == Node::End,
        )?;
        let crossings = found.0.into_iter().filter_map(|node| match node {
            Node::Crossing(crossing) => Some(crossing),
            Node::Start | Node::End => None,
        });
        Some(crossings.collect())
    }

    fn next(&self, node: Node, start: Door, end: Door, bounds: Bounds, gaps: bool) -> Vec<(Node, u32)> {
        let here = self.place(node, start, end);
        let mut next: Vec<Node> = match node {
            Node::Start => start.between.into_iter().map(Node::Crossing).collect(),
            Node::Crossing(crossing) => self
                .neighbours(crossing, gaps)
                .into_iter()
                .flatten()
                .filter(|crossing| bounds.hold(*crossing))
                .map(Node::Crossing)
                .collect(),
            Node::End => Vec::new(),
        };
        let at_the_end = match node {
            Node::Start => start.between == end.between,
            Node::Crossing(crossing) => end.between.contains(&crossing),
            Node::End => false,
        };
        if at_the_end {
            next.push(Node::End);
        }
        next.into_iter().map(|to| (to, cost(here, self.place(to, start, end)))).collect()
    }

    fn neighbours(&self, (row, column): Crossing, gaps: bool) -> [Option<Crossing>; 4] {
        let open = |kind, row, column| !gaps || !self.hash(kind, row, column).is_multiple_of(GAPS);
        [
            open(1, row, column).then_some((row, column + 1)),
            open(1, row, column - 1).then_some((row, column - 1)),
            open(2, row, column).then_some((row + 1, column)),
            open(2, row - 1, column).then_some((row - 1, column)),
        ]
    }

    fn place(&self, node: Node, start: Door, end: Door) -> Flat {
        match node {
            Node::Start => start.place,
            Node::Crossing(crossing) => self.crossing(crossing),
            Node::End => end.place,
        }
    }

    fn crossing(&self, (row, column): Crossing) -> Flat {
        Flat { north: self.street(5, row), east: self.street(6, column) }
    }

    /// Where a street runs, in blocks.
    fn street(&self, kind: u64, number: i32) -> f64 {
        f64::from(number) + SHIFT * (2.0 * share(self.hash(kind, number, 0)) - 1.0)
    }

    /// The streets on both sides of a place.
    fn sides(&self, kind: u64, place: f64) -> (i32, i32) {
        let near = whole(place.floor());
        if place < self.street(kind, near) {
            (near - 1, near)
        } else if place < self.street(kind, near + 1) {
            (near, near + 1)
        } else {
            (near + 1, near + 2)
        }
    }

    fn door(&self, at: Flat) -> Door {
        let ((south, north), (west, east)) = (self.sides(5, at.north), self.sides(6, at.east));
        let row = |row| Door {
            place: Flat { north: self.street(5, row), east: at.east },
            between: [(row, west), (row, east)],
        };
        let column = |column| Door {
            place: Flat { north: at.north, east: self.street(6, column) },
            between: [(south, column), (north, column)],
        };
        let mut nearest = row(south);
        for door in [row(north), column(west), column(east)] {
            if cost(at, door.place) < cost(at, nearest.place) {
                nearest = door;
            }
        }
        nearest
    }

    fn flat(&self, place: Position) -> Flat {
        let east = (place.longitude() - self.meridian + 540.0).rem_euclid(360.0) - 180.0;
        Flat { north: place.latitude() / self.row, east: east / self.column }
    }

    fn position(&self, flat: Flat) -> Position {
        let longitude = (flat.east * self.column + self.meridian + 540.0).rem_euclid(360.0) - 180.0;
        let latitude = (flat.north * self.row).clamp(-90.0, 90.0);
        Position::new(latitude, longitude).unwrap_or(self.centre)
    }

    fn hash(&self, kind: u64, row: i32, column: i32) -> u64 {
        let place = (u64::from(row.cast_unsigned()) << 32) | u64::from(column.cast_unsigned());
        mix(self.seed ^ mix(place ^ mix(kind)))
    }
}

/// The rectangle in which a way is looked for.
#[derive(Clone, Copy)]
struct Bounds {
    south: i32,
    north: i32,
    west: i32,
    east: i32,
}

impl Bounds {
    /// `None` when the two are too far apart for a search.
    fn of(start: Door, end: Door) -> Option<Self> {
        let ends = [start.between[0], start.between[1], end.between[0], end.between[1]];
        let rows = || ends.iter().map(|crossing| crossing.0);
        let columns = || ends.iter().map(|crossing| crossing.1);
        let bounds = Self {
            south: rows().min()? - MARGIN,
            north: rows().max()? + MARGIN,
            west: columns().min()? - MARGIN,
            east: columns().max()? + MARGIN,
        };
        let small = |low: i32, high: i32| high - low <= LONGEST_SIDE;
        (small(bounds.south, bounds.north) && small(bounds.west, bounds.east)).then_some(bounds)
    }

    fn hold(self, (row, column): Crossing) -> bool {
        (self.south..=self.north).contains(&row) && (self.west..=self.east).contains(&column)
    }
}

/// Runs of open blocks from one number to another.
fn stretches(first: i32, last: i32, open: impl Fn(i32) -> bool) -> Vec<(i32, i32)> {
    let mut runs: Vec<(i32, i32)> = Vec::new();
    for number in (first..last).filter(|number| open(*number)) {
        match runs.last_mut() {
            Some((_, to)) if *to == number => *to += 1,
            _ => runs.push((number, number + 1)),
        }
    }
    runs
}

/// Keeps the corners only.
fn without_straights(line: &[Flat]) -> Vec<Flat> {
    let straight = |a: Flat, b: Flat, c: Flat| {
        let same = |a: f64, b: f64, c: f64| (a - b).abs() < 1e-9 && (b - c).abs() < 1e-9;
        same(a.north, b.north, c.north) || same(a.east, b.east, c.east)
    };
    let mut kept: Vec<Flat> = Vec::with_capacity(line.len());
    for flat in line {
        while let [.., a, b] = kept[..]
            && straight(a, b, *flat)
        {
            kept.pop();
        }
        kept.push(*flat);
    }
    kept
}

/// Millimetres along the streets, which all run north or east.
fn cost(a: Flat, b: Flat) -> u32 {
    let metres = ((a.north - b.north).abs() + (a.east - b.east).abs()) * BLOCK_M;
    steps(metres * 1_000.0)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held within u32 just before")]
fn steps(value: f64) -> u32 {
    value.clamp(0.0, f64::from(u32::MAX)) as u32
}

#[expect(clippy::cast_possible_truncation, reason = "blocks of a degree grid: some 10^5 at most")]
fn whole(value: f64) -> i32 {
    value as i32
}

/// Spreads bits (splitmix64): equal numbers give equal streets on every machine.
pub fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number from 0 to 1 out of a hash.
#[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
pub fn share(hash: u64) -> f64 {
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

/// One of a list's items by a hash.
pub fn pick<T: Copy>(items: &[T], hash: u64) -> T {
    items[usize::try_from(hash % items.len() as u64).unwrap_or(0)]
}

/// Streets of no town in particular.
const NAMES: [&str; 24] = [
    "Acacia",
    "Aloe",
    "Baobab",
    "Cycad",
    "Daisy",
    "Erica",
    "Fern",
    "Gardenia",
    "Hibiscus",
    "Iris",
    "Jacaranda",
    "Kiaat",
    "Lavender",
    "Marula",
    "Nerina",
    "Olive",
    "Protea",
    "Quince",
    "Rose",
    "Sage",
    "Tamboti",
    "Umbra",
    "Violet",
    "Willow",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo;
    use proptest::prelude::*;

    fn at(latitude: f64, longitude: f64) -> Position {
        Position::new(latitude, longitude).unwrap()
    }

    #[test]
    fn a_route_of_a_kilometre_bends_at_crossings() {
        let to = at(-26.1091, 28.0830);
        let from = to.towards(40.0, 1_000.0);
        let streets = Streets::around(to, 7);
        let route = streets.route(from, to);
        assert_eq!((route.first(), route.last()), (Some(&from), Some(&to)));
        assert!(route.len() >= 5, "{} points", route.len());
        let length = geo::length(&route);
        assert!((1_000.0..2_400.0).contains(&length), "{length}");
        assert_eq!(streets.route(from, to), route, "the same each time");
        assert_ne!(Streets::around(to, 8).route(from, to), route, "another seed, other streets");
    }

    #[test]
    fn the_date_line_and_the_poles_have_streets_too() {
        for to in [at(-17.0, 179.999), at(-17.0, -179.999), at(89.99, 10.0), at(-90.0, 0.0), at(0.0, 0.0)] {
            let from = to.towards(90.0, 900.0);
            let route = Streets::around(to, 1).route(from, to);
            assert_eq!(route.last(), Some(&to));
            assert!(geo::length(&route) < 20_000.0, "{to:?}: {}", geo::length(&route));
        }
    }

    #[test]
    fn ends_that_are_too_far_apart_get_a_line_and_no_search() {
        let (from, to) = (at(-26.0, 28.0), at(-33.9, 18.4));
        let route = Streets::around(to, 1).route(from, to);
        assert!(route.len() <= 4);
    }

    #[test]
    fn an_address_is_of_the_street_beside_the_place() {
        let place = at(-26.1091, 28.0830);
        let streets = Streets::around(place, 7);
        let address = streets.address(place);
        assert!(address.ends_with("Street") || address.ends_with("Avenue"), "{address}");
        assert_eq!(address, streets.address(place));
        assert!(place.distance_to(streets.on_street(place)) < 90.0);
    }

    #[test]
    fn a_map_has_the_streets_that_a_way_takes_and_never_too_many() {
        let to = at(-26.1091, 28.0830);
        let from = to.towards(40.0, 1_000.0);
        let streets = Streets::around(to, 7);
        let corners = |metres: f64| (to.towards(225.0, metres), to.towards(45.0, metres));
        let (south_west, north_east) = corners(2_500.0);
        let lines = streets.between(south_west, north_east, 100);
        let route = streets.route(from, to);
        for corner in &route[2..route.len() - 2] {
            let beside = |[a, b]: &[Position; 2]| {
                a.distance_to(*corner) + corner.distance_to(*b) < a.distance_to(*b) + 1.0
            };
            assert!(lines.iter().any(beside), "{corner:?}");
        }
        for metres in [100.0, 5_000.0, 80_000.0] {
            let (south_west, north_east) = corners(metres);
            let count = streets.between(south_west, north_east, 24).len();
            assert!((4..800).contains(&count), "{metres}: {count}");
        }
    }

    proptest! {
        #[test]
        fn every_part_of_a_way_runs_along_a_street(
            latitude in -60.0f64..60.0, longitude in -180.0f64..180.0,
            bearing in 0.0f64..360.0, metres in 1.0f64..3_000.0, seed: u64,
        ) {
            let to = at(latitude, longitude);
            let from = to.towards(bearing, metres);
            let route = Streets::around(to, seed).route(from, to);
            prop_assert_eq!(route.first().copied(), Some(from));
            prop_assert_eq!(route.last().copied(), Some(to));
            let length = geo::length(&route);
            prop_assert!(length + 1.0 >= from.distance_to(to));
            prop_assert!(length < 4.0 * metres + 1_500.0, "{} for {}", length, metres);
            for pair in route[1..].windows(2).take(route.len().saturating_sub(3)) {
                let (a, b) = (pair[0], pair[1]);
                let along = (a.latitude() - b.latitude()).abs() < 1e-9
                    || (a.longitude() - b.longitude()).abs() < 1e-9;
                prop_assert!(along || a.distance_to(b) < 2.0, "{:?} to {:?}", a, b);
            }
        }

        #[test]
        fn blocks_are_80_to_160_metres(seed: u64, number in -100_000i32..100_000) {
            let streets = Streets::around(at(0.0, 0.0), seed);
            let block = (streets.street(5, number + 1) - streets.street(5, number)) * BLOCK_M;
            prop_assert!((79.9..160.1).contains(&block), "{}", block);
        }
    }
}
