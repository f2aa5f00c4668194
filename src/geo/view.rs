//! A piece of the earth laid flat, and how it lies on the dots of a map. Console, control room and the
//! mouse ask the same functions, so a click means the place that is drawn there.

use super::Position;
use serde::{Deserialize, Serialize};

/// Metres of one degree of latitude.
pub const DEGREE_M: f64 = 111_195.0;
/// Dots kept free at each edge, so that signs do not touch the border.
const MARGIN: f64 = 5.0;

/// Degrees of longitude as the shorter way round: the date line is no edge.
pub fn turn(degrees: f64) -> f64 {
    if (-180.0..=180.0).contains(&degrees) { degrees } else { (degrees + 540.0).rem_euclid(360.0) - 180.0 }
}

/// Metres east and north of a place. True near it, good enough for a map of a town.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plane {
    origin: Position,
    /// Metres of one degree of longitude there.
    degree_x: f64,
}

impl Plane {
    pub fn around(origin: Position) -> Self {
        // At a pole a degree of longitude is nothing, and dividing by it everything.
        Self { origin, degree_x: DEGREE_M * origin.latitude().to_radians().cos().max(0.01) }
    }

    pub fn flat(&self, place: Position) -> (f64, f64) {
        let east = turn(place.longitude() - self.origin.longitude()) * self.degree_x;
        (east, (place.latitude() - self.origin.latitude()) * DEGREE_M)
    }

    /// The place so many metres east and north; beyond a pole it stays there.
    pub fn place(&self, (east, north): (f64, f64)) -> Position {
        let latitude = (self.origin.latitude() + north / DEGREE_M).clamp(-90.0, 90.0);
        let longitude = turn(self.origin.longitude() + east / self.degree_x);
        Position::new(latitude, longitude).unwrap_or(self.origin)
    }
}

/// What a map has to show: its middle, and how far it reaches at least to each side.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    pub middle: Position,
    pub east_m: f64,
    pub north_m: f64,
}

impl Frame {
    /// Metres to each side: closer there is nothing to see, farther the earth is not flat.
    pub const CLOSEST_M: f64 = 10.0;
    pub const FARTHEST_M: f64 = 3_000_000.0;

    pub fn around(middle: Position, reach_m: f64) -> Self {
        Self { middle, east_m: reach_m, north_m: reach_m }.held()
    }

    /// The smallest that holds all of the places, and not less than `reach_m` around the first.
    pub fn holding(first: Position, reach_m: f64, others: impl IntoIterator<Item = Position>) -> Self {
        let plane = Plane::around(first);
        let (mut low, mut high) = ((-reach_m, -reach_m), (reach_m, reach_m));
        for (east, north) in others.into_iter().map(|place| plane.flat(place)) {
            low = (low.0.min(east), low.1.min(north));
            high = (high.0.max(east), high.1.max(north));
        }
        let middle = plane.place((f64::midpoint(low.0, high.0), f64::midpoint(low.1, high.1)));
        Self { middle, east_m: (high.0 - low.0) / 2.0, north_m: (high.1 - low.1) / 2.0 }.held()
    }

    /// The same middle, so many times as far.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self { east_m: self.east_m * factor, north_m: self.north_m * factor, ..self }.held()
    }

    /// Moved by parts of its own reach.
    #[must_use]
    pub fn moved(self, east: f64, north: f64) -> Self {
        let reach = self.reach();
        let middle = Plane::around(self.middle).place((east * reach, north * reach));
        Self { middle, ..self }
    }

    pub fn reach(&self) -> f64 {
        self.east_m.max(self.north_m)
    }

    /// Whether all of `inner` lies in it.
    pub fn holds(&self, inner: &Self) -> bool {
        let (east, north) = Plane::around(self.middle).flat(inner.middle);
        east.abs() + inner.east_m <= self.east_m && north.abs() + inner.north_m <= self.north_m
    }

    /// The place itself, or the nearest to it that is in the frame.
    pub fn nearest(&self, place: Position) -> Position {
        let around = Plane::around(self.middle);
        let (east, north) = around.flat(place);
        around.place((east.clamp(-self.east_m, self.east_m), north.clamp(-self.north_m, self.north_m)))
    }

    fn held(self) -> Self {
        let factor = (Self::CLOSEST_M / self.reach()).max(1.0) * (Self::FARTHEST_M / self.reach()).min(1.0);
        let factor = if factor.is_finite() { factor } else { 1.0 };
        let part = |metres: f64| (metres * factor).max(Self::CLOSEST_M / 4.0);
        Self { east_m: part(self.east_m), north_m: part(self.north_m), ..self }
    }
}

/// A cell of a map, and the map's own size in cells: enough to know the place under the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    pub column: u16,
    pub row: u16,
    pub columns: u16,
    pub rows: u16,
}

impl Spot {
    /// The place drawn there on a map of this frame.
    pub fn place(&self, frame: &Frame) -> Position {
        let view = View::of(frame, self.columns, self.rows);
        view.place((f64::from(self.column) * 2.0 + 0.5, f64::from(self.row) * 4.0 + 1.5))
    }
}

/// From places to dots: flat around the middle, the same scale both ways. A cell is twice as high as
/// wide and has 2×4 dots, so dots are square.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    plane: Plane,
    pub dots_per_metre: f64,
    /// Dots across and down.
    pub size: (f64, f64),
}

impl View {
    /// The frame as large as it fits on so many cells.
    pub fn of(frame: &Frame, columns: u16, rows: u16) -> Self {
        let size = (f64::from(columns) * 2.0, f64::from(rows) * 4.0);
        let room = |dots: f64| (dots - 2.0 * MARGIN.min(dots / 6.0)).max(1.0);
        let fitting = (room(size.0) / (2.0 * frame.east_m)).min(room(size.1) / (2.0 * frame.north_m));
        Self { plane: Plane::around(frame.middle), dots_per_metre: fitting, size }
    }

    pub fn middle(&self) -> Position {
        self.plane.origin
    }

    /// Dots of one degree of longitude and of latitude.
    pub fn dots_per_degree(&self) -> (f64, f64) {
        (self.plane.degree_x * self.dots_per_metre, DEGREE_M * self.dots_per_metre)
    }

    pub fn dot(&self, place: Position) -> (f64, f64) {
        let (east, north) = self.plane.flat(place);
        (self.size.0 / 2.0 + east * self.dots_per_metre, self.size.1 / 2.0 - north * self.dots_per_metre)
    }

    pub fn place(&self, (x, y): (f64, f64)) -> Position {
        let metres = |dots: f64| dots / self.dots_per_metre;
        self.plane.place((metres(x - self.size.0 / 2.0), metres(self.size.1 / 2.0 - y)))
    }

    /// Column and row, where its dot would be: a sign covers the end of the line that leads to it.
    pub fn cell(&self, place: Position) -> (f64, f64) {
        let (x, y) = self.dot(place);
        ((x.round() / 2.0).floor(), (y.round() / 4.0).floor())
    }

    /// The dot in the middle of the cell of a place.
    pub fn middle_of_cell(&self, place: Position) -> (f64, f64) {
        let (column, row) = self.cell(place);
        (column * 2.0 + 0.5, row * 4.0 + 1.5)
    }
}

/// The longest of 1, 2 or 5 times a power of ten that is not longer than `most`.
pub fn round_length(most: f64) -> Option<f64> {
    if !most.is_finite() || most < 1.0 {
        return None;
    }
    let power = 10f64.powf(most.log10().floor());
    [5.0, 2.0, 1.0].into_iter().map(|digit| digit * power).find(|length| *length <= most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(latitude: f64, longitude: f64) -> Position {
        Position::new(latitude, longitude).unwrap()
    }

    #[test]
    fn a_scale_is_a_round_length() {
        for (most, length) in [(1.0, Some(1.0)), (49.0, Some(20.0)), (50.0, Some(50.0)), (0.4, None)] {
            assert_eq!(round_length(most), length);
        }
    }

    /// North up, east right, and as far north as east is as many dots, far from the equator too.
    #[test]
    fn the_map_keeps_its_angles() {
        let own = at(60.0, 25.0);
        let corner = own.towards(0.0, 500.0).towards(90.0, 500.0);
        let view = View::of(&Frame::holding(own, 10.0, [corner]), 60, 20);
        let (from, to) = (view.dot(own), view.dot(corner));
        assert!(to.0 > from.0 && to.1 < from.1);
        assert!(((to.0 - from.0) - (from.1 - to.1)).abs() < 1.0, "{from:?} {to:?}");
        for (x, y) in [from, to] {
            assert!((0.0..120.0).contains(&x) && (0.0..80.0).contains(&y));
        }
    }

    #[test]
    fn the_date_line_does_not_tear_a_frame() {
        let frame = Frame::holding(at(-17.0, 179.999), 10.0, [at(-17.0, -179.999)]);
        assert!(frame.east_m < 120.0, "{frame:?}");
        let view = View::of(&frame, 40, 10);
        let apart = view.dot(at(-17.0, -179.999)).0 - view.dot(at(-17.0, 179.999)).0;
        assert!(apart > 40.0, "{apart}");
    }

    #[test]
    fn the_poles_have_maps_too() {
        for place in [at(90.0, 0.0), at(-90.0, 120.0)] {
            let frame = Frame::around(place, 500.0).moved(3.0, 3.0);
            let (x, y) = View::of(&frame, 40, 10).dot(place);
            assert!(x.is_finite() && y.is_finite());
        }
    }

    proptest! {
        #[test]
        fn a_spot_is_the_place_that_is_drawn_there(
            latitude in -70.0f64..70.0, longitude in -180.0f64..180.0, reach in 20.0f64..50_000.0,
            columns in 8u16..200, rows in 4u16..60, across in 0.0f64..1.0, down in 0.0f64..1.0,
        ) {
            let frame = Frame::around(at(latitude, longitude), reach);
            let of = |share: f64, most: u16| {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 200")]
                let part = (share * f64::from(most)) as u16;
                part.min(most - 1)
            };
            let spot = Spot { column: of(across, columns), row: of(down, rows), columns, rows };
            let (column, row) = View::of(&frame, columns, rows).cell(spot.place(&frame));
            prop_assert!((column - f64::from(spot.column)).abs() <= 1.0, "{} for {:?}", column, spot);
            prop_assert!((row - f64::from(spot.row)).abs() <= 1.0, "{} for {:?}", row, spot);
        }

        #[test]
        fn a_frame_holds_what_it_was_made_for(
            latitude in -80.0f64..80.0, longitude in -180.0f64..180.0,
            bearings in prop::collection::vec((0.0f64..360.0, 1.0f64..20_000.0), 1..12),
            columns in 10u16..200, rows in 6u16..60,
        ) {
            let first = at(latitude, longitude);
            let places: Vec<Position> = bearings.iter().map(|(b, m)| first.towards(*b, *m)).collect();
            let view = View::of(&Frame::holding(first, 30.0, places.iter().copied()), columns, rows);
            for place in places {
                let (x, y) = view.dot(place);
                prop_assert!((-1.0..=view.size.0 + 1.0).contains(&x), "{} of {}", x, view.size.0);
                prop_assert!((-1.0..=view.size.1 + 1.0).contains(&y), "{} of {}", y, view.size.1);
            }
        }
    }
}
