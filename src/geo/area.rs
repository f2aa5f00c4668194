//! Areas on the earth: around a point, or within a line that closes.

use super::Position;
use geo::algorithm::Validation;
use geo::{Area as _, Intersects, LineString, Polygon};
use serde::{Deserialize, Serialize};

/// Its border belongs to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Area {
    Around { centre: Position, metres: f64 },
    Within(Ring),
}

impl Area {
    pub fn contains(&self, place: Position) -> bool {
        match self {
            Self::Around { centre, metres } => centre.distance_to(place) <= *metres,
            Self::Within(ring) => ring.polygon().intersects(&place.point()),
        }
    }
}

/// The border of a polygon: a line that does not cross itself and, degree by degree on a flat map,
/// encloses something. The last corner is joined to the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Position>", into = "Vec<Position>")]
pub struct Ring(Vec<Position>);

/// Bounds the time that a look at one border takes.
const MOST_CORNERS: usize = 1_000;

/// Why corners are no border.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRing {
    #[error("needs at least three different corners")]
    TooFew,
    #[error("has more than 1000 corners")]
    TooMany,
    #[error("must not cross the 180th meridian: give one polygon on each side of it")]
    AroundTheBack,
    #[error("crosses itself or encloses nothing")]
    Crossed,
}

impl Ring {
    /// The first corner may stand at the end once more, as `GeoJSON` has it, or not.
    pub fn new(mut corners: Vec<Position>) -> Result<Self, NoRing> {
        corners.dedup();
        if corners.len() > 1 && corners.first() == corners.last() {
            corners.pop();
        }
        if corners.len() < 3 {
            return Err(NoRing::TooFew);
        }
        if corners.len() > MOST_CORNERS {
            return Err(NoRing::TooMany);
        }
        let sides = corners.iter().zip(corners.iter().cycle().skip(1));
        if sides.clone().any(|(from, to)| (from.longitude - to.longitude).abs() > 180.0) {
            return Err(NoRing::AroundTheBack);
        }
        let ring = Self(corners);
        let polygon = ring.polygon();
        let encloses = polygon.is_valid() && polygon.unsigned_area() > 0.0;
        if encloses { Ok(ring) } else { Err(NoRing::Crossed) }
    }

    pub fn corners(&self) -> &[Position] {
        &self.0
    }

    fn polygon(&self) -> Polygon {
        Polygon::new(self.0.iter().map(|corner| corner.point()).collect::<LineString>(), Vec::new())
    }
}

impl TryFrom<Vec<Position>> for Ring {
    type Error = NoRing;

    fn try_from(corners: Vec<Position>) -> Result<Self, NoRing> {
        Self::new(corners)
    }
}

impl From<Ring> for Vec<Position> {
    fn from(ring: Ring) -> Self {
        ring.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(latitude: f64, longitude: f64) -> Position {
        Position::new(latitude, longitude).unwrap()
    }

    fn ring(corners: &[(f64, f64)]) -> Result<Ring, NoRing> {
        Ring::new(corners.iter().map(|(latitude, longitude)| at(*latitude, *longitude)).collect())
    }

    #[test]
    fn around_a_point_goes_as_far_as_said() {
        let centre = at(-26.1, 28.0);
        let area = Area::Around { centre, metres: 1_000.0 };
        assert!(area.contains(centre) && area.contains(centre.towards(77.0, 999.0)));
        assert!(!area.contains(centre.towards(77.0, 1_001.0)));
        assert!(Area::Around { centre, metres: 0.0 }.contains(centre));
    }

    #[test]
    fn within_a_border_with_a_bay() {
        let open = ring(&[(0.0, 0.0), (0.0, 4.0), (4.0, 4.0), (1.0, 2.0), (4.0, 0.0)]).unwrap();
        let closed = ring(&[(0.0, 0.0), (0.0, 4.0), (4.0, 4.0), (1.0, 2.0), (4.0, 0.0), (0.0, 0.0)]).unwrap();
        assert_eq!(open, closed);
        let area = Area::Within(open);
        for (latitude, longitude) in [(0.5, 2.0), (3.0, 0.2), (0.0, 0.0), (0.0, 1.0)] {
            assert!(area.contains(at(latitude, longitude)), "{latitude} {longitude}");
        }
        for (latitude, longitude) in [(3.0, 2.0), (-0.1, 2.0), (2.0, 4.1), (2.0, 184.0 - 360.0)] {
            assert!(!area.contains(at(latitude, longitude)), "{latitude} {longitude}");
        }
    }

    #[test]
    fn what_encloses_nothing_is_no_border() {
        let all: [(&[(f64, f64)], NoRing); 6] = [
            (&[], NoRing::TooFew),
            (&[(0.0, 0.0), (0.0, 1.0)], NoRing::TooFew),
            (&[(0.0, 0.0), (0.0, 1.0), (0.0, 1.0), (0.0, 0.0)], NoRing::TooFew),
            (&[(0.0, 0.0), (0.0, 1.0), (0.0, 2.0)], NoRing::Crossed),
            (&[(0.0, 0.0), (1.0, 1.0), (0.0, 1.0), (1.0, 0.0)], NoRing::Crossed),
            (&[(0.0, 179.0), (0.0, -179.0), (1.0, 179.0)], NoRing::AroundTheBack),
        ];
        for (corners, why) in all {
            assert_eq!(ring(corners), Err(why), "{corners:?}");
        }
        let circle = (0..=1_000u16).map(|number| at(0.0, 0.0).towards(0.3 * f64::from(number), 5_000.0));
        assert_eq!(Ring::new(circle.collect()), Err(NoRing::TooMany));
    }

    #[test]
    fn a_border_is_checked_when_it_is_read_again() {
        let triangle = ring(&[(0.0, 0.0), (0.0, 1.0), (1.0, 0.0)]).unwrap();
        let json = serde_json::to_string(&triangle).unwrap();
        assert_eq!(serde_json::from_str::<Ring>(&json).unwrap(), triangle);
        assert!(serde_json::from_str::<Ring>(r#"[{"latitude":0,"longitude":0}]"#).is_err());
    }
}
