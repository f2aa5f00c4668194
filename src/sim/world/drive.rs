//! Driving, computed from the time that is asked for: a responder on its way costs no events.

use crate::geo::{self, Position};
use crate::sim::world::id::ResponderId;
use crate::sim::world::record::{EtaNow, ResponderFix};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How often a vehicle reports where it is, by the clock of the world.
const REPORT_MS: u64 = 5_000;

/// A way along streets. Travels as a polyline, and holds only what a polyline can say, so that
/// writing it down and reading it back changes nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Route(Vec<Position>);

impl Route {
    pub fn new(points: &[Position]) -> Self {
        Self(geo::decode_polyline(&geo::encode_polyline(points)).unwrap_or_default())
    }

    pub fn points(&self) -> &[Position] {
        &self.0
    }

    pub fn length_m(&self) -> f64 {
        geo::length(&self.0)
    }
}

impl TryFrom<String> for Route {
    type Error = &'static str;

    fn try_from(encoded: String) -> Result<Self, Self::Error> {
        geo::decode_polyline(&encoded).map(Self).ok_or("not an encoded polyline")
    }
}

impl From<Route> for String {
    fn from(route: Route) -> Self {
        geo::encode_polyline(&route.0)
    }
}

/// The way of a drive that is over, as small as it can be kept: closed callouts are many.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Drove(Box<str>);

impl Drove {
    pub(super) fn along(points: &[Position]) -> Option<Self> {
        (points.len() > 1).then(|| Self(geo::encode_polyline(points).into()))
    }

    pub fn points(&self) -> Vec<Position> {
        geo::decode_polyline(&self.0).unwrap_or_default()
    }
}

/// One drive from where the responder stood to the callout, at an even speed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Journey {
    pub route: Route,
    pub departed: Timestamp,
    pub duration_ms: u64,
    /// Ids of its reports: a block, since nothing is written down on the way.
    pub first_fix: u64,
    /// Ids of its ETA rows, one to each report.
    pub first_eta: u64,
}

impl Journey {
    /// How many reports a drive of that length makes, departure and end included.
    pub(super) fn reports(duration_ms: u64) -> u64 {
        duration_ms.div_ceil(REPORT_MS) + 1
    }

    pub(super) fn last_id(&self) -> u64 {
        self.first_fix.max(self.first_eta) + Self::reports(self.duration_ms) - 1
    }

    /// Number and time of the newest report at `now`.
    pub(super) fn report(&self, now: Timestamp) -> (u64, u64) {
        let elapsed = u64::try_from(now.duration_since(self.departed).as_millis()).unwrap_or(0);
        let number = if elapsed >= self.duration_ms {
            Self::reports(self.duration_ms) - 1
        } else {
            elapsed / REPORT_MS
        };
        (number, (number * REPORT_MS).min(self.duration_ms))
    }

    pub fn fix(&self, now: Timestamp) -> Option<ResponderFix> {
        let (number, driven_ms) = self.report(now);
        let position = geo::along(self.route.points(), self.metres(driven_ms))?;
        Some(ResponderFix { id: self.first_fix + number, position, at: later(self.departed, driven_ms) })
    }

    /// What is left of the way, as the newest report tells it.
    pub fn rest(&self, now: Timestamp) -> Vec<Position> {
        geo::rest_of(self.route.points(), self.metres(self.report(now).1))
    }

    /// The way that lies behind it, as the newest report tells it.
    pub fn driven(&self, now: Timestamp) -> Vec<Position> {
        geo::start_of(self.route.points(), self.metres(self.report(now).1))
    }

    /// When the next report comes; `None` after the last one.
    pub fn next_report(&self, now: Timestamp) -> Option<Timestamp> {
        let (number, driven_ms) = self.report(now);
        let next = ((number + 1) * REPORT_MS).min(self.duration_ms);
        (driven_ms < self.duration_ms).then(|| later(self.departed, next))
    }

    pub fn eta(&self, responder: ResponderId, now: Timestamp) -> EtaNow {
        let (number, driven_ms) = self.report(now);
        let left = self.route.length_m() - self.metres(driven_ms);
        EtaNow {
            id: self.first_eta + number,
            responder,
            distance_m: whole(left),
            duration_s: u32::try_from((self.duration_ms - driven_ms).div_ceil(1_000)).unwrap_or(u32::MAX),
            at: later(self.departed, driven_ms),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a drive of 2^52 ms is not one")]
    fn metres(&self, driven_ms: u64) -> f64 {
        if self.duration_ms == 0 {
            return self.route.length_m();
        }
        self.route.length_m() * (driven_ms as f64 / self.duration_ms as f64)
    }
}

/// Metres or seconds as the API tells them: whole and not below 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held within u32 just before")]
pub(super) fn whole(value: f64) -> u32 {
    value.round().clamp(0.0, f64::from(u32::MAX)) as u32
}

pub(super) fn later(at: Timestamp, milliseconds: u64) -> Timestamp {
    let span = SignedDuration::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX));
    at.checked_add(span).unwrap_or(Timestamp::MAX)
}
