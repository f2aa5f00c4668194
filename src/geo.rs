//! Places on the earth: one module for the console, the simulator and its pages.
//! The mathematics is the `geo` crate's; routes travel in the polyline format.

pub mod area;
pub mod geojson;
pub mod layer;
pub mod streets;
pub mod view;

use geo::{Bearing, Destination, Distance, Haversine, Point};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Digits after the point in an encoded polyline, as the maps services write it.
const POLYLINE_PRECISION: u32 = 5;

/// WGS 84 degrees. Inside the valid ranges by construction: a place that is not on the earth is
/// refused where it enters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "RawPosition")]
pub struct Position {
    latitude: f64,
    longitude: f64,
}

#[derive(Deserialize)]
struct RawPosition {
    latitude: f64,
    longitude: f64,
}

impl TryFrom<RawPosition> for Position {
    type Error = String;

    fn try_from(raw: RawPosition) -> Result<Self, String> {
        Self::new(raw.latitude, raw.longitude).ok_or_else(|| "not a place on the earth".to_owned())
    }
}

impl Position {
    /// `None` outside ±90° and ±180°, and for what is not a number.
    pub fn new(latitude: f64, longitude: f64) -> Option<Self> {
        let valid = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        valid.then_some(Self { latitude, longitude })
    }

    pub fn latitude(self) -> f64 {
        self.latitude
    }

    pub fn longitude(self) -> f64 {
        self.longitude
    }

    /// Great-circle distance in metres.
    pub fn distance_to(self, other: Self) -> f64 {
        Haversine.distance(self.point(), other.point())
    }

    /// Initial bearing in degrees clockwise from north, 0 to 360.
    pub fn bearing_to(self, other: Self) -> f64 {
        (Haversine.bearing(self.point(), other.point()) + 360.0) % 360.0
    }

    /// The place `metres` away in the direction of `bearing` degrees.
    #[must_use]
    pub fn towards(self, bearing: f64, metres: f64) -> Self {
        Self::from_point(Haversine.destination(self.point(), bearing, metres))
    }

    fn point(self) -> Point {
        Point::new(self.longitude, self.latitude)
    }

    fn from_point(point: Point) -> Self {
        let longitude = (point.x() + 540.0).rem_euclid(360.0) - 180.0;
        Self { latitude: point.y().clamp(-90.0, 90.0), longitude }
    }
}

/// Length of a line through `points`, in metres.
pub fn length(points: &[Position]) -> f64 {
    points.windows(2).map(|pair| pair[0].distance_to(pair[1])).sum()
}

/// The place `metres` along the line, held at its ends. `None` for a line without points.
pub fn along(points: &[Position], metres: f64) -> Option<Position> {
    let mut left = metres.max(0.0);
    for pair in points.windows(2) {
        let step = pair[0].distance_to(pair[1]);
        if left < step {
            return Some(pair[0].towards(pair[0].bearing_to(pair[1]), left));
        }
        left -= step;
    }
    points.last().copied()
}

/// What is left of the line after `metres` of it, beginning where that point lies.
pub fn rest_of(points: &[Position], metres: f64) -> Vec<Position> {
    let mut left = metres.max(0.0);
    for (index, pair) in points.windows(2).enumerate() {
        let step = pair[0].distance_to(pair[1]);
        if left < step {
            let start = pair[0].towards(pair[0].bearing_to(pair[1]), left);
            return std::iter::once(start).chain(points[index + 1..].iter().copied()).collect();
        }
        left -= step;
    }
    points.last().copied().into_iter().collect()
}

/// The first `metres` of the line, ending where that point lies.
pub fn start_of(points: &[Position], metres: f64) -> Vec<Position> {
    let mut left = metres.max(0.0);
    let mut start: Vec<Position> = points.first().copied().into_iter().collect();
    for pair in points.windows(2) {
        let step = pair[0].distance_to(pair[1]);
        if left < step {
            start.push(pair[0].towards(pair[0].bearing_to(pair[1]), left));
            return start;
        }
        left -= step;
        start.push(pair[1]);
    }
    start
}

/// The compass word of a bearing: `N`, `NE`, …
pub fn compass(bearing: f64) -> &'static str {
    const WORDS: [&str; 8] = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"];
    let sector = ((bearing.rem_euclid(360.0) + 22.5) / 45.0).floor();
    WORDS.iter().copied().cycle().nth(num_sector(sector)).unwrap_or("N")
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 8 by construction")]
fn num_sector(sector: f64) -> usize {
    sector as usize
}

/// Reads a Google encoded polyline (precision 5). `None` when it is not one.
pub fn decode_polyline(encoded: &str) -> Option<Vec<Position>> {
    let line = polyline::decode_polyline(encoded, POLYLINE_PRECISION).ok()?;
    line.into_iter().map(|c| Position::new(c.y, c.x)).collect()
}

/// Writes the line as a Google encoded polyline (precision 5).
pub fn encode_polyline(points: &[Position]) -> String {
    let coordinates = points.iter().map(|p| geo::Coord { x: p.longitude, y: p.latitude });
    polyline::encode_coordinates(coordinates, POLYLINE_PRECISION).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(latitude: f64, longitude: f64) -> Position {
        Position::new(latitude, longitude).unwrap()
    }

    #[test]
    fn places_off_the_earth_are_refused() {
        assert!(Position::new(90.1, 0.0).is_none());
        assert!(Position::new(0.0, -180.1).is_none());
        assert!(Position::new(f64::NAN, 0.0).is_none());
        assert!(serde_json::from_str::<Position>(r#"{"latitude":91,"longitude":0}"#).is_err());
    }

    #[test]
    fn distance_and_bearing_are_the_known_ones() {
        let (here, there) = (at(-26.1091, 28.0830), at(-26.1133, 28.0848));
        assert!((here.distance_to(there) - 500.0).abs() < 5.0, "{}", here.distance_to(there));
        assert!((here.bearing_to(there) - 159.0).abs() < 1.0, "{}", here.bearing_to(there));
    }

    #[test]
    fn along_is_held_at_both_ends() {
        let line = [at(0.0, 0.0), at(0.0, 0.01), at(0.01, 0.01)];
        assert_eq!(along(&line, -5.0), Some(line[0]));
        assert_eq!(along(&line, 1e9), Some(line[2]));
        assert_eq!(along(&[], 1.0), None);
        let middle = along(&line, length(&line) / 2.0).unwrap();
        assert!(middle.distance_to(line[1]) < 1.0);
    }

    #[test]
    fn the_rest_begins_where_along_stands() {
        let line = [at(0.0, 0.0), at(0.0, 0.01), at(0.01, 0.01)];
        let rest = rest_of(&line, 300.0);
        assert_eq!(rest.first().copied(), along(&line, 300.0));
        assert!((length(&rest) - (length(&line) - 300.0)).abs() < 0.5);
        assert_eq!(rest_of(&line, 1e9), vec![line[2]]);
    }

    #[test]
    fn the_start_ends_where_the_rest_begins() {
        let line = [at(0.0, 0.0), at(0.0, 0.01), at(0.01, 0.01)];
        for metres in [0.0, 300.0, 1_500.0, 1e9] {
            let (start, rest) = (start_of(&line, metres), rest_of(&line, metres));
            assert_eq!(start.last(), rest.first(), "{metres}");
            assert!((length(&start) + length(&rest) - length(&line)).abs() < 0.5, "{metres}");
        }
    }

    #[test]
    fn compass_words() {
        for (bearing, word) in [(0.0, "N"), (44.0, "NE"), (90.0, "E"), (181.0, "S"), (350.0, "N")] {
            assert_eq!(compass(bearing), word);
        }
    }

    #[test]
    fn the_polyline_of_the_format_s_own_example() {
        let line = decode_polyline("_p~iF~ps|U_ulLnnqC_mqNvxq`@").unwrap();
        assert_eq!(line, vec![at(38.5, -120.2), at(40.7, -120.95), at(43.252, -126.453)]);
        assert_eq!(encode_polyline(&line), "_p~iF~ps|U_ulLnnqC_mqNvxq`@");
        assert!(decode_polyline("\u{1}").is_none());
    }

    proptest! {
        #[test]
        fn going_somewhere_takes_as_far_as_said(
            latitude in -80.0f64..80.0, longitude in -179.0f64..179.0,
            bearing in 0.0f64..360.0, metres in 0.0f64..20_000.0,
        ) {
            let start = at(latitude, longitude);
            prop_assert!((start.distance_to(start.towards(bearing, metres)) - metres).abs() < 0.1);
        }
    }
}
