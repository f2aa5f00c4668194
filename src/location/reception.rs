//! What a receiver makes of a place: how far it is off, how well it believes to know, and when it knows
//! nothing. By seed and time alone, so that a recording replays to the same fixes.

use crate::geo::Position;
use crate::geo::streets::{mix, share};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What stands between the receiver and the sky.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reception {
    #[default]
    OpenSky,
    /// Between high walls: good fixes and bad ones.
    StreetCanyon,
    /// Too vague to be sent, with gaps.
    Indoors,
    NoFix,
}

/// What the receiver reports.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    pub position: Position,
    /// Metres.
    pub accuracy: f64,
}

/// Metres that a receiver reports between high walls and indoors, on average.
const CANYON_M: f64 = 42.0;
const INDOORS_M: f64 = 120.0;
/// Seconds in which the error of a receiver turns into another one.
const DRIFT_S: i64 = 45;
/// The largest error to each side as a part of the accuracy: two in three fixes are nearer than that.
const ERROR: f64 = 0.7;
/// Seconds that a gap lasts.
const GAP_S: i64 = 20;

impl Reception {
    pub const ALL: [Self; 4] = [Self::OpenSky, Self::StreetCanyon, Self::Indoors, Self::NoFix];

    pub fn word(self) -> &'static str {
        match self {
            Self::OpenSky => "open sky",
            Self::StreetCanyon => "street canyon",
            Self::Indoors => "indoors",
            Self::NoFix => "no fix",
        }
    }

    /// The next worse one; after the worst the best.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::OpenSky => Self::StreetCanyon,
            Self::StreetCanyon => Self::Indoors,
            Self::Indoors => Self::NoFix,
            Self::NoFix => Self::OpenSky,
        }
    }

    /// What is reported at this moment. `usual` is the accuracy under an open sky, in metres.
    pub fn reading(self, place: Position, usual: f64, seed: u64, at: Timestamp) -> Option<Reading> {
        if self.has_gap(seed, at) {
            return None;
        }
        let sway = share(mix(seed ^ at.as_second().unsigned_abs()));
        let accuracy = match self {
            Self::OpenSky => usual * (0.8 + 0.4 * sway),
            Self::StreetCanyon => usual.max(CANYON_M) * (0.5 + 1.1 * sway),
            Self::Indoors => usual.max(INDOORS_M) * (0.8 + 0.4 * sway),
            Self::NoFix => return None,
        };
        let accuracy = accuracy.round().max(1.0);
        let (east, north) = drift(seed, at);
        let reach = accuracy * ERROR;
        let position = place.towards(90.0, east * reach).towards(0.0, north * reach);
        Some(Reading { position, accuracy })
    }

    fn has_gap(self, seed: u64, at: Timestamp) -> bool {
        let one_in = match self {
            Self::OpenSky => return false,
            Self::StreetCanyon => 12,
            Self::Indoors => 5,
            Self::NoFix => return true,
        };
        let window = at.as_second().div_euclid(GAP_S).unsigned_abs();
        mix(mix(seed ^ 0x6a09) ^ window).is_multiple_of(one_in)
    }
}

/// Parts east and north that a receiver is off, from -1 to 1: it wanders, it does not jump.
fn drift(seed: u64, at: Timestamp) -> (f64, f64) {
    let knot = at.as_second().div_euclid(DRIFT_S);
    #[expect(clippy::cast_precision_loss, reason = "milliseconds below a minute")]
    let share_of_way = (at.as_millisecond() - knot * DRIFT_S * 1_000) as f64 / (DRIFT_S * 1_000) as f64;
    let side = |axis: u64| {
        let value = |knot: i64| 2.0 * share(mix(mix(seed ^ axis) ^ knot.unsigned_abs())) - 1.0;
        value(knot) + (value(knot + 1) - value(knot)) * share_of_way
    };
    (side(0xea57), side(0x0407))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use proptest::prelude::*;

    fn noon(seconds: i64) -> Timestamp {
        "2026-03-01T12:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
    }

    fn place() -> Position {
        Position::new(-26.1091, 28.083).unwrap()
    }

    fn hour(reception: Reception) -> Vec<Option<Reading>> {
        (0..360).map(|turn| reception.reading(place(), 8.0, 7, noon(turn * 10))).collect()
    }

    #[test]
    fn each_has_its_accuracy_and_its_gaps() {
        for (reception, low, high, fewest, most) in [
            (Reception::OpenSky, 6.0, 10.0, 360, 360),
            (Reception::StreetCanyon, 21.0, 68.0, 280, 350),
            (Reception::Indoors, 96.0, 144.0, 230, 330),
            (Reception::NoFix, 0.0, 0.0, 0, 0),
        ] {
            let known: Vec<Reading> = hour(reception).into_iter().flatten().collect();
            assert!((fewest..=most).contains(&known.len()), "{reception:?}: {}", known.len());
            for reading in known {
                assert!((low..=high).contains(&reading.accuracy), "{reception:?}: {}", reading.accuracy);
            }
        }
        let canyon = hour(Reception::StreetCanyon).into_iter().flatten();
        let bad = canyon.filter(|reading| reading.accuracy >= 50.0).count();
        assert!((60..220).contains(&bad), "{bad} of an hour's are held back");
    }

    #[test]
    fn two_in_three_are_nearer_than_they_say() {
        for reception in [Reception::OpenSky, Reception::StreetCanyon, Reception::Indoors] {
            let known: Vec<Reading> = hour(reception).into_iter().flatten().collect();
            let near = known.iter().filter(|r| place().distance_to(r.position) <= r.accuracy).count();
            assert!(near * 3 >= known.len() * 2, "{reception:?}: {near} of {}", known.len());
            let off = known.iter().filter(|r| place().distance_to(r.position) > r.accuracy / 10.0).count();
            assert!(off * 2 > known.len(), "{reception:?}: all but exact");
        }
    }

    proptest! {
        #[test]
        fn the_same_moment_gives_the_same_fix_and_the_next_one_is_near(
            seed: u64, second in 0i64..100_000_000, usual in 1.0f64..60.0,
        ) {
            let read = |second| Reception::OpenSky.reading(place(), usual, seed, noon(second)).unwrap();
            prop_assert_eq!(read(second), read(second));
            let (first, next) = (read(second), read(second + 1));
            prop_assert!(place().distance_to(first.position) <= usual * 1.2 + 1.0);
            prop_assert!(first.position.distance_to(next.position) <= usual + 2.0);
        }
    }
}
