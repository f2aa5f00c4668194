//! The responder's route, and distances in the style of the maps service.
//!
//! No source shows the JSON of a route (reference §7.4). Written in the one form chosen there, read
//! in every form that a server could plausibly send.

use super::Number;
use super::scalar::{lenient, number_of, text};
use crate::geo::{Position, decode_polyline, encode_polyline};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// `{ "text", "value" }`, or `{}` while nobody is attached.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Measure {
    #[serde(deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub value: Option<Number>,
}

/// v1's `distance` and v2's `eta`: metres and seconds with their English texts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Measures {
    #[serde(deserialize_with = "lenient")]
    pub distance: Measure,
    #[serde(deserialize_with = "lenient")]
    pub duration: Measure,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct Point {
    pub latitude: Number,
    pub longitude: Number,
}

/// The way from the responder (first) to the callout (last).
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Route {
    /// Google encoded polyline, precision 5.
    pub polyline: String,
    pub points: Vec<Point>,
    pub distance: Measure,
    pub duration: Measure,
}

impl Route {
    /// The route in the form that the simulator sends.
    #[must_use]
    pub fn new(line: &[Position], distance: Measure, duration: Measure) -> Self {
        let points = line.iter().map(|place| Point::from(*place)).collect();
        Self { polyline: encode_polyline(line), points, distance, duration }
    }

    /// The places of it that are on the earth.
    pub fn line(&self) -> Vec<Position> {
        self.points.iter().filter_map(|p| Position::new(p.latitude.0, p.longitude.0)).collect()
    }

    /// Reads any of the forms of reference §7.4. `None` when no line of two places is in it.
    pub fn read(value: &Value) -> Option<Self> {
        Self::under("route", value)
    }

    /// As [`Route::read`], for a value that stood under `key`: `route`, `routes` or `polygons`.
    pub fn under(key: &str, value: &Value) -> Option<Self> {
        let line = line_under(key, value, 0).filter(|line| line.len() >= 2)?;
        let measure = |key| value.get(key).and_then(|m| serde_json::from_value(m.clone()).ok());
        let mut route = Self::new(
            &line,
            measure("distance").unwrap_or_default(),
            measure("duration").unwrap_or_default(),
        );
        if let Some(encoded) = value.get("polyline").and_then(Value::as_str) {
            encoded.clone_into(&mut route.polyline);
        }
        Some(route)
    }
}

impl From<Position> for Point {
    fn from(place: Position) -> Self {
        Self { latitude: Number(place.latitude()), longitude: Number(place.longitude()) }
    }
}

impl<'de> Deserialize<'de> for Route {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&Value::deserialize(deserializer)?)
            .ok_or_else(|| serde::de::Error::custom("no route that can be read"))
    }
}

/// Objects inside objects that are followed. A reply that nests deeper is not a route.
const DEEPEST: usize = 8;

/// Keys under which a line may stand, the most exact first: `points` before the polyline of precision
/// 5, single steps before the overview.
const KEYS: [&str; 9] = [
    "points",
    "legs",
    "steps",
    "overview_polyline",
    "overviewPolyline",
    "polyline",
    "route",
    "routes",
    "polygons",
];

fn line_of(value: &Value, depth: usize) -> Option<Vec<Position>> {
    if depth > DEEPEST {
        return None;
    }
    match value {
        Value::String(encoded) => decode_polyline(encoded).filter(|line| !line.is_empty()),
        Value::Array(items) => places(items).or_else(|| joined(items, depth)),
        Value::Object(object) => KEYS
            .iter()
            .filter_map(|key| Some((*key, object.get(*key)?)))
            .find_map(|(key, inner)| line_under(key, inner, depth + 1)),
        _ => None,
    }
}

/// `routes` lists alternatives, of which the first is the one driven; every other list holds pieces.
fn line_under(key: &str, value: &Value, depth: usize) -> Option<Vec<Position>> {
    match value {
        Value::Array(items) if key == "routes" => {
            places(items).or_else(|| items.iter().find_map(|item| line_of(item, depth + 1)))
        }
        _ => line_of(value, depth),
    }
}

/// A list of places. One that cannot be read spoils the list: a route with a hole would lie.
fn places(items: &[Value]) -> Option<Vec<Position>> {
    if items.is_empty() { None } else { items.iter().map(place).collect() }
}

fn place(value: &Value) -> Option<Position> {
    let (latitude, longitude) = match value {
        Value::Object(o) => {
            (o.get("latitude").or_else(|| o.get("lat"))?, o.get("longitude").or_else(|| o.get("lng"))?)
        }
        Value::Array(pair) => (pair.first()?, pair.get(1)?),
        _ => return None,
    };
    Position::new(number_of(latitude)?, number_of(longitude)?)
}

/// Pieces one behind the other: the legs and steps of directions, or a list of encoded strings. Where
/// one piece begins at the place where the last one ended, that place counts once.
fn joined(items: &[Value], depth: usize) -> Option<Vec<Position>> {
    let mut whole: Vec<Position> = Vec::new();
    for piece in items.iter().filter_map(|item| line_of(item, depth + 1)) {
        let repeated = usize::from(whole.last().is_some() && whole.last() == piece.first());
        whole.extend(piece.into_iter().skip(repeated));
    }
    (!whole.is_empty()).then_some(whole)
}
