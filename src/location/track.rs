//! A line that is played: the place on it at each moment, a function of the time alone.

use crate::geo::Position;
use crate::geo::geojson::{self, Fault};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Points that are taken at most.
pub const MOST_POINTS: usize = 200_000;
/// Metres between its ends up to which a line is a round.
const ROUND_M: f64 = 50.0;

/// A line, with the seconds from its start to each point where it has times. Shared by all copies of a
/// state: it never changes.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "Raw", into = "Raw")]
pub struct Track(Arc<Line>);

struct Line {
    points: Vec<Position>,
    /// Metres from the start to each point.
    along: Vec<f64>,
    seconds: Option<Vec<f64>>,
}

#[derive(Serialize, Deserialize)]
struct Raw {
    points: Vec<Position>,
    times: Option<Vec<f64>>,
}

impl TryFrom<Raw> for Track {
    type Error = String;

    fn try_from(raw: Raw) -> Result<Self, String> {
        Self::of(raw.points, raw.times)
    }
}

impl From<Track> for Raw {
    fn from(track: Track) -> Self {
        Self { points: track.0.points.clone(), times: track.0.seconds.clone() }
    }
}

impl PartialEq for Track {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || (self.0.points == other.0.points && self.0.seconds == other.0.seconds)
    }
}

/// Places never reach a log.
impl fmt::Debug for Track {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Track({} points, timed: {})", self.0.points.len(), self.is_timed())
    }
}

impl Track {
    /// Refuses a line without points and times that go back; two points may have the same time.
    pub fn new(points: Vec<Position>, times: Option<Vec<Timestamp>>) -> Result<Self, String> {
        let seconds = times.map(|times| {
            let first = times.first().copied().unwrap_or_default();
            times.into_iter().map(|at| at.duration_since(first).as_secs_f64()).collect()
        });
        Self::of(points, seconds)
    }

    fn of(points: Vec<Position>, seconds: Option<Vec<f64>>) -> Result<Self, String> {
        if points.is_empty() {
            return Err("has no points".to_owned());
        }
        if let Some(seconds) = &seconds {
            if seconds.len() != points.len() {
                return Err(format!("has {} times for {} points", seconds.len(), points.len()));
            }
            if let Some(at) = seconds.windows(2).position(|pair| pair[1] < pair[0]) {
                return Err(format!(
                    "the time goes back at point {}: speed_kmh plays it all the same",
                    at + 2
                ));
            }
        }
        let mut along = Vec::with_capacity(points.len());
        let mut metres = 0.0;
        for (index, place) in points.iter().enumerate() {
            metres += index.checked_sub(1).map_or(0.0, |before| points[before].distance_to(*place));
            along.push(metres);
        }
        Ok(Self(Arc::new(Line { points, along, seconds })))
    }

    pub fn points(&self) -> &[Position] {
        &self.0.points
    }

    pub fn is_timed(&self) -> bool {
        self.0.seconds.is_some()
    }

    pub fn length(&self) -> f64 {
        self.0.along.last().copied().unwrap_or(0.0)
    }

    fn start(&self) -> Position {
        self.0.points[0]
    }

    /// The place so many metres along, held at its ends.
    pub fn at(&self, metres: f64) -> Position {
        let Line { points, along, .. } = &*self.0;
        let after = along.partition_point(|way| *way <= metres);
        let (Some(from), Some(to)) = (after.checked_sub(1), points.get(after)) else {
            return points.get(after).or(points.last()).copied().unwrap_or_else(|| self.start());
        };
        let left = metres - along[from];
        points[from].towards(points[from].bearing_to(*to), left)
    }

    /// Metres along at a second of its own times.
    fn metres_at(&self, seconds: &[f64], second: f64) -> f64 {
        let along = &self.0.along;
        let after = seconds.partition_point(|at| *at <= second);
        let (Some(from), Some(to)) = (after.checked_sub(1), seconds.get(after)) else {
            return if after == 0 { 0.0 } else { self.length() };
        };
        let share = (second - seconds[from]) / (to - seconds[from]);
        along[from] + (along[after] - along[from]) * share
    }
}

/// The first line of a GeoJSON file. An outline is walked round.
pub fn of_geojson(text: &str, with_times: bool) -> Result<Track, Fault> {
    let shape = geojson::shapes(text)?.into_iter().find(|shape| !shape.points.is_empty());
    let shape = shape.ok_or_else(|| Fault::whole("has no line with points"))?;
    let points = shape.points.len();
    if points > MOST_POINTS {
        return Err(Fault::whole(format!("has {points} points, more than {MOST_POINTS}: simplify it")));
    }
    let times = shape.times.filter(|_| with_times);
    Track::new(shape.points, times).map_err(|text| Fault::at(shape.line, text))
}

/// A track with how it is played.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Playback {
    track: Track,
    /// Metres per second; `None` plays it at its own times.
    speed: Option<f64>,
    looped: bool,
}

impl Playback {
    /// A speed goes before the track's own times; a track without either has the usual one.
    pub fn new(track: Track, speed_kmh: Option<f64>, looped: bool) -> Self {
        let speed_kmh = speed_kmh.or((!track.is_timed()).then_some(super::USUAL_SPEED_KMH));
        Self { track, speed: speed_kmh.map(|kmh| (kmh / 3.6).max(0.01)), looped }
    }

    /// Where it is after so much time. A round begins again at its start; a line that leads somewhere
    /// else is gone back, since nobody is at its start in the next moment.
    pub fn position(&self, elapsed: SignedDuration) -> Position {
        self.track.at(self.metres(elapsed))
    }

    /// Whether nothing moves any more.
    pub fn is_over(&self, elapsed: SignedDuration) -> bool {
        let lasts = self.lasts();
        lasts <= 0.0 || (!self.looped && elapsed.as_secs_f64() >= lasts)
    }

    pub fn track(&self) -> &Track {
        &self.track
    }

    /// Seconds from one end to the other.
    fn lasts(&self) -> f64 {
        match (self.speed, &self.track.0.seconds) {
            (None, Some(seconds)) => seconds.last().copied().unwrap_or(0.0),
            (speed, _) => self.track.length() / speed.unwrap_or(1.0),
        }
    }

    fn is_round(&self) -> bool {
        let points = self.track.points();
        let (first, last) = (self.track.start(), points[points.len() - 1]);
        points.len() > 2 && first.distance_to(last) <= ROUND_M
    }

    /// Metres along the track.
    fn metres(&self, elapsed: SignedDuration) -> f64 {
        let (lasts, elapsed) = (self.lasts(), elapsed.as_secs_f64().max(0.0));
        let second = if lasts <= 0.0 {
            elapsed
        } else if !self.looped {
            elapsed.min(lasts)
        } else if self.is_round() {
            elapsed % lasts
        } else {
            let there_and_back = elapsed % (2.0 * lasts);
            if there_and_back <= lasts { there_and_back } else { 2.0 * lasts - there_and_back }
        };
        match (self.speed, &self.track.0.seconds) {
            (None, Some(seconds)) => self.track.metres_at(seconds, second),
            (speed, _) => (second * speed.unwrap_or(1.0)).min(self.track.length()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(latitude: f64, longitude: f64) -> Position {
        Position::new(latitude, longitude).unwrap()
    }

    fn seconds(seconds: i64) -> SignedDuration {
        SignedDuration::from_secs(seconds)
    }

    fn noon(seconds: i64) -> Timestamp {
        "2026-03-01T12:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
    }

    #[test]
    fn its_own_times_are_kept_rests_too() {
        let line = vec![at(0.0, 0.0), at(0.0, 0.001), at(0.0, 0.001), at(0.0, 0.003)];
        let times = [0, 10, 70, 80].map(noon).to_vec();
        let playback = Playback::new(Track::new(line, Some(times)).unwrap(), None, false);
        for (elapsed, longitude) in [
            (-5, 0.0),
            (0, 0.0),
            (5, 0.000_5),
            (10, 0.001),
            (40, 0.001),
            (75, 0.002),
            (80, 0.003),
            (999, 0.003),
        ] {
            let place = playback.position(seconds(elapsed));
            assert!((place.longitude() - longitude).abs() < 1e-7, "{elapsed}: {place:?}");
        }
        assert!(!playback.is_over(seconds(79)) && playback.is_over(seconds(80)));
    }

    #[test]
    fn a_speed_goes_before_times() {
        let line = vec![at(0.0, 0.0), at(0.0, 0.01)];
        let track = Track::new(line, Some([0, 9_999].map(noon).to_vec())).unwrap();
        let playback = Playback::new(track, Some(36.0), false);
        let place = playback.position(seconds(20));
        assert!((at(0.0, 0.0).distance_to(place) - 200.0).abs() < 0.1);
    }

    #[test]
    fn one_point_and_one_moment_are_places_to_stand() {
        let one = Playback::new(Track::new(vec![at(1.0, 2.0)], None).unwrap(), None, true);
        assert_eq!(one.position(seconds(500)), at(1.0, 2.0));
        assert!(one.is_over(seconds(0)));
        let moment = Track::new(vec![at(1.0, 2.0), at(1.0, 3.0)], Some([5, 5].map(noon).to_vec())).unwrap();
        let moment = Playback::new(moment, None, true);
        assert_eq!(moment.position(seconds(0)), at(1.0, 3.0));
        assert_eq!(moment.position(seconds(7)), at(1.0, 3.0));
    }

    #[test]
    fn what_cannot_be_played_is_refused() {
        assert_eq!(Track::new(Vec::new(), None).unwrap_err(), "has no points");
        let line = vec![at(0.0, 0.0), at(0.0, 1.0)];
        let told = Track::new(line.clone(), Some([5, 0].map(noon).to_vec())).unwrap_err();
        assert_eq!(told, "the time goes back at point 2: speed_kmh plays it all the same");
        assert!(Track::new(line, Some(vec![noon(0)])).is_err());
        assert_eq!(
            of_geojson("{\"type\":\"Point\",\"coordinates\":[1,2]}", true).unwrap_err().text,
            "has no line with points"
        );
        let untimed = "{\"type\":\"Feature\",\"properties\":{\"coordTimes\":[\"2026-03-01T12:00:05Z\",\"2026-03-01T12:00:00Z\"]},\
            \"geometry\":{\"type\":\"LineString\",\"coordinates\":[[1,2],[1,3]]}}";
        assert!(of_geojson(untimed, true).unwrap_err().text.contains("goes back"));
        assert!(!of_geojson(untimed, false).unwrap().is_timed());
    }

    #[test]
    fn the_date_line_and_the_poles_are_on_the_way() {
        let over = Playback::new(
            Track::new(vec![at(0.0, 179.99), at(0.0, -179.99)], None).unwrap(),
            Some(36.0),
            false,
        );
        let half = over.position(seconds(111));
        assert!(half.longitude().abs() > 179.999, "{half:?}");
        let pole = Track::new(vec![at(89.99, 0.0), at(89.99, 180.0)], None).unwrap();
        let pole = Playback::new(pole, Some(36.0), false);
        assert!(pole.position(seconds(111)).latitude() > 89.999);
    }

    #[test]
    fn it_is_written_down_and_read_back_without_its_places_in_the_log() {
        let track =
            Track::new(vec![at(-26.1, 28.0), at(-26.2, 28.0)], Some([0, 9].map(noon).to_vec())).unwrap();
        let playback = Playback::new(track, None, true);
        let written = serde_json::to_string(&playback).unwrap();
        assert_eq!(serde_json::from_str::<Playback>(&written).unwrap(), playback);
        assert!(!format!("{playback:?}").contains("26.1"));
    }

    /// A line that turns, in steps of up to 400 m.
    fn lines() -> impl Strategy<Value = Vec<Position>> {
        let steps = prop::collection::vec((0.0f64..360.0, 0.0f64..400.0), 1..20);
        (-70.0f64..70.0, -180.0f64..180.0, steps).prop_map(|(latitude, longitude, steps)| {
            let mut line = vec![at(latitude, longitude)];
            for (bearing, metres) in steps {
                line.push(line[line.len() - 1].towards(bearing, metres));
            }
            line
        })
    }

    /// Metres that a place is off the line.
    fn off(line: &[Position], place: Position) -> f64 {
        let beside = |pair: &[Position]| {
            pair[0].distance_to(place) + place.distance_to(pair[1]) - pair[0].distance_to(pair[1])
        };
        line.windows(2).map(beside).fold(f64::INFINITY, f64::min)
    }

    proptest! {
        #[test]
        fn it_is_always_on_the_line_and_never_goes_back(
            line in lines(), gaps in prop::collection::vec(0i64..90, 20), speed in prop::option::of(1.0f64..150.0),
        ) {
            let times: Vec<Timestamp> =
                gaps.iter().scan(0, |sum, gap| { *sum += gap; Some(noon(*sum)) }).take(line.len()).collect();
            prop_assume!(times.len() == line.len());
            let playback = Playback::new(Track::new(line.clone(), Some(times)).unwrap(), speed, false);
            let mut last = 0.0;
            for second in (0..3_000).step_by(7) {
                let metres = playback.metres(seconds(second));
                prop_assert!(metres >= last, "{} after {}", metres, last);
                last = metres;
                prop_assert!(off(&line, playback.position(seconds(second))) < 0.5);
            }
        }

        #[test]
        fn a_loop_has_no_seam(line in lines(), round: bool, speed in 5.0f64..150.0, start in 0i64..100_000) {
            let mut line = line;
            if round {
                line.push(line[0]);
            }
            let playback = Playback::new(Track::new(line.clone(), None).unwrap(), Some(speed), true);
            let mut last = playback.position(seconds(start));
            for second in start + 1..start + 200 {
                let place = playback.position(seconds(second));
                let moved = last.distance_to(place);
                prop_assert!(moved <= speed / 3.6 + ROUND_M + 0.5, "{} m in a second", moved);
                if !playback.is_round() {
                    prop_assert!(moved <= speed / 3.6 + 0.5, "{} m in a second", moved);
                }
                prop_assert!(off(&line, place) < 0.5);
                last = place;
            }
        }
    }
}
