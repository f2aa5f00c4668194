//! Where the responder is between two polls: an estimate along the route from the last known place
//! and ETA. Worked out for one moment, kept nowhere, and never to be drawn as fact.

use super::callout::{Callout, Status};
use super::state::Followed;
use crate::geo::Position;
use jiff::{SignedDuration, Timestamp};

#[cfg(test)]
mod tests;

/// A place heard of less than this ago is where the responder is.
pub const FRESH_FOR: SignedDuration = SignedDuration::from_secs(2);

/// After this long without word the estimate stands still: four polls missed.
pub const ESTIMATE_FOR: SignedDuration = SignedDuration::from_secs(60);

/// Points of a route that are looked at. On a screen nobody sees the difference, and a route of any
/// length costs the same.
const MAX_POINTS: usize = 512;

/// Metres of one degree of latitude.
const DEGREE_M: f64 = 111_195.0;

/// Where the responder is taken to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Whereabouts {
    pub position: Position,
    /// Worked out, not heard: drawn hollow.
    pub estimated: bool,
    /// Since the responder's place, or the ETA it was worked out from, was last heard.
    pub age: SignedDuration,
    /// Seconds left of the way, where an ETA is known.
    pub left_s: Option<f64>,
    /// Metres left of the way, where known.
    pub left_m: Option<f64>,
}

/// The responder's place at `now`. `None` where there is no responder on the way or nothing is known
/// of where.
pub fn whereabouts(followed: &Followed, now: Timestamp) -> Option<Whereabouts> {
    let callout = &followed.callout;
    if !matches!(callout.status, Status::Dispatched | Status::Arrived | Status::Other(_)) {
        return None;
    }
    let responder = callout.responder.as_ref()?;
    let fix = responder.last_fix.as_ref().map(|fix| fix.position);
    let basis = basis(followed);
    let age = now.duration_since(basis).max(SignedDuration::ZERO);
    let heard = |position| Whereabouts {
        position,
        estimated: false,
        age,
        left_s: callout.eta.and_then(|eta| eta.duration_s),
        left_m: callout.eta.and_then(|eta| eta.distance_m),
    };
    if callout.status == Status::Arrived {
        return fix.map(heard);
    }
    if let Some(position) = fix.filter(|_| age < FRESH_FOR) {
        return Some(heard(position));
    }
    estimate(callout, fix, age).or_else(|| fix.map(heard))
}

/// When what we know was true: the server's own time of it where that is believable, else when we
/// heard of it. A server's clock may be minutes off ours.
fn basis(followed: &Followed) -> Timestamp {
    let callout = &followed.callout;
    let told = callout.responder.as_ref().and_then(|who| who.last_fix).and_then(|fix| fix.at);
    let told = told.or(callout.eta.and_then(|eta| eta.at));
    told.filter(|at| {
        let before = followed.seen_at.duration_since(*at);
        before >= SignedDuration::ZERO && before <= ESTIMATE_FOR
    })
    .unwrap_or(followed.seen_at)
}

fn estimate(callout: &Callout, fix: Option<Position>, age: SignedDuration) -> Option<Whereabouts> {
    let eta = callout.eta?;
    let duration_s = eta.duration_s.filter(|seconds| *seconds > 0.0)?;
    let course = Course::new(callout.route.as_deref()?)?;
    let start = match (fix, eta.distance_m) {
        (Some(fix), _) => course.nearest(fix),
        (None, Some(left)) => (course.length() - left).max(0.0),
        (None, None) => 0.0,
    };
    let way = course.length() - start;
    let moved_for = age.min(ESTIMATE_FOR).as_secs_f64().min(duration_s);
    let share = moved_for / duration_s;
    Some(Whereabouts {
        position: course.at(start + way * share)?,
        estimated: true,
        age,
        left_s: Some(duration_s - moved_for),
        left_m: Some(eta.distance_m.unwrap_or(way) * (1.0 - share)),
    })
}

/// At most 512 points of a line, evenly picked, its last one always among them.
pub fn thinned(line: &[Position]) -> impl Iterator<Item = Position> + '_ {
    let stride = line.len().div_ceil(MAX_POINTS).max(1);
    let last = line.last().filter(|_| !line.len().saturating_sub(1).is_multiple_of(stride));
    line.iter().step_by(stride).chain(last).copied()
}

/// Not `hypot`, which takes five times as long to be right for lengths that no way has.
fn length(east: f64, north: f64) -> f64 {
    (east * east + north * north).sqrt()
}

/// A route laid flat on metres around its first point, with the way to each of its points.
struct Course {
    origin: Position,
    /// Metres of one degree of longitude there.
    degree_x: f64,
    /// East, north and metres along the line.
    points: Vec<(f64, f64, f64)>,
}

impl Course {
    /// `None` for a line that leads nowhere.
    fn new(route: &[Position]) -> Option<Self> {
        let origin = *route.first()?;
        let degree_x = DEGREE_M * origin.latitude().to_radians().cos();
        let mut course =
            Self { origin, degree_x, points: Vec::with_capacity(route.len().min(MAX_POINTS + 1)) };
        for point in thinned(route) {
            let (x, y) = course.flat(point);
            let along = course.points.last().map_or(0.0, |(px, py, way)| way + length(x - px, y - py));
            course.points.push((x, y, along));
        }
        (course.length() > 0.0).then_some(course)
    }

    fn length(&self) -> f64 {
        self.points.last().map_or(0.0, |point| point.2)
    }

    fn flat(&self, place: Position) -> (f64, f64) {
        let east = (place.longitude() - self.origin.longitude()) * self.degree_x;
        (east, (place.latitude() - self.origin.latitude()) * DEGREE_M)
    }

    /// Metres along the line to the point of it nearest to `place`.
    fn nearest(&self, place: Position) -> f64 {
        let (x, y) = self.flat(place);
        let mut best = (f64::INFINITY, 0.0);
        for pair in self.points.windows(2) {
            let ((ax, ay, along), (bx, by, next)) = (pair[0], pair[1]);
            let step = next - along;
            if step <= 0.0 {
                continue;
            }
            let share = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / (step * step);
            let share = share.clamp(0.0, 1.0);
            let off = length(ax + (bx - ax) * share - x, ay + (by - ay) * share - y);
            if off < best.0 {
                best = (off, along + step * share);
            }
        }
        best.1
    }

    fn at(&self, metres: f64) -> Option<Position> {
        let metres = metres.clamp(0.0, self.length());
        let after = self.points.partition_point(|point| point.2 < metres).max(1);
        let (from, to) = (self.points.get(after - 1)?, self.points.get(after)?);
        let share = if to.2 > from.2 { (metres - from.2) / (to.2 - from.2) } else { 0.0 };
        let east = from.0 + (to.0 - from.0) * share;
        let north = from.1 + (to.1 - from.1) * share;
        Position::new(
            self.origin.latitude() + north / DEGREE_M,
            self.origin.longitude() + east / self.degree_x,
        )
    }
}
