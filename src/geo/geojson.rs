//! Lines and outlines out of GeoJSON (RFC 7946). What is wrong is told with its line in the file.

use super::Position;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{self, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub line: Option<usize>,
    pub text: String,
}

impl Fault {
    pub fn whole(text: impl Into<String>) -> Self {
        Self { line: None, text: text.into() }
    }

    pub fn at(line: usize, text: impl Into<String>) -> Self {
        Self { line: Some(line), text: text.into() }
    }

    /// `walk.gpx:12: …`, as a compiler would.
    pub fn of_file(&self, file: &str) -> String {
        match self.line {
            Some(line) => format!("{file}:{line}: {}", self.text),
            None => format!("{file}: {}", self.text),
        }
    }
}

/// One line of a file, with the time at each of its points where the file has them.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    pub points: Vec<Position>,
    pub times: Option<Vec<Timestamp>>,
    /// Where it stands in the file.
    pub line: usize,
}

/// The lines, and the outlines of the polygons. Points are skipped: they have no way.
pub fn shapes(text: &str) -> Result<Vec<Shape>, Fault> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(Fault::whole("is empty"));
    }
    let object: Object<'_> = serde_json::from_str(text).map_err(|error| fault(&error, 1))?;
    let mut reader = Reader { text, shapes: Vec::new() };
    reader.object(&object, None, DEEPEST)?;
    Ok(reader.shapes)
}

/// Collections within collections that are followed.
const DEEPEST: u8 = 8;

#[derive(Deserialize)]
struct Object<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow, default)]
    coordinates: Option<&'a RawValue>,
    #[serde(borrow, default)]
    geometry: Option<Box<Object<'a>>>,
    #[serde(borrow, default)]
    geometries: Vec<Object<'a>>,
    #[serde(borrow, default)]
    features: Vec<Object<'a>>,
    #[serde(borrow, default)]
    properties: Option<&'a RawValue>,
}

/// Times that converters of GPX leave beside a line; RFC 7946 has no place for them.
#[derive(Deserialize)]
struct Timed {
    #[serde(default, rename = "coordTimes", alias = "times")]
    times: Option<Vec<Timestamp>>,
}

struct Reader<'a> {
    text: &'a str,
    shapes: Vec<Shape>,
}

impl<'a> Reader<'a> {
    fn object(&mut self, object: &Object<'a>, times: Option<&'a RawValue>, deep: u8) -> Result<(), Fault> {
        if deep == 0 {
            return Err(Fault::whole("has collections within collections, too deep to follow"));
        }
        match object.kind.as_str() {
            "FeatureCollection" => {
                object.features.iter().try_for_each(|feature| self.object(feature, None, deep - 1))
            }
            "Feature" => match &object.geometry {
                Some(geometry) => self.object(geometry, object.properties, deep - 1),
                None => Ok(()),
            },
            "GeometryCollection" => {
                object.geometries.iter().try_for_each(|inner| self.object(inner, times, deep - 1))
            }
            "LineString" => {
                let raw = coordinates(object)?;
                let points: Vec<Place> = self.read(raw)?;
                let times = times.map(|raw| self.times(raw, points.len())).transpose()?.flatten();
                self.add(raw, points, times);
                Ok(())
            }
            "MultiLineString" | "Polygon" => {
                let raw = coordinates(object)?;
                for points in self.read::<Vec<Vec<Place>>>(raw)? {
                    self.add(raw, points, None);
                }
                Ok(())
            }
            "MultiPolygon" => {
                let raw = coordinates(object)?;
                for points in self.read::<Vec<Vec<Vec<Place>>>>(raw)?.into_iter().flatten() {
                    self.add(raw, points, None);
                }
                Ok(())
            }
            "Point" | "MultiPoint" => Ok(()),
            other => Err(Fault::whole(format!("type \"{other}\" is not one of GeoJSON"))),
        }
    }

    fn add(&mut self, raw: &RawValue, points: Vec<Place>, times: Option<Vec<Timestamp>>) {
        let points = points.into_iter().map(|place| place.0).collect();
        self.shapes.push(Shape { points, times, line: self.line_of(raw) });
    }

    fn read<T: Deserialize<'a>>(&self, raw: &'a RawValue) -> Result<T, Fault> {
        serde_json::from_str(raw.get()).map_err(|error| fault(&error, self.line_of(raw)))
    }

    fn times(&self, raw: &'a RawValue, points: usize) -> Result<Option<Vec<Timestamp>>, Fault> {
        // Properties are anybody's; only an object can hold times.
        if !raw.get().starts_with('{') {
            return Ok(None);
        }
        let Timed { times } = self.read(raw)?;
        match &times {
            Some(times) if times.len() != points => Err(Fault::at(
                self.line_of(raw),
                format!("coordTimes has {} times for {points} points", times.len()),
            )),
            _ => Ok(times),
        }
    }

    /// The line of the file on which a part of it begins: the part is a slice of the text itself.
    fn line_of(&self, raw: &RawValue) -> usize {
        let offset = (raw.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
    }
}

fn coordinates<'a>(object: &Object<'a>) -> Result<&'a RawValue, Fault> {
    object.coordinates.ok_or_else(|| Fault::whole(format!("a {} has no coordinates", object.kind)))
}

fn fault(error: &serde_json::Error, first_line: usize) -> Fault {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    Fault::at(first_line + error.line().saturating_sub(1), text)
}

/// `[longitude, latitude]`, and whatever comes after them.
struct Place(Position);

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Numbers;
        impl<'de> Visitor<'de> for Numbers {
            type Value = Place;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a place as [longitude, latitude]")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<Place, A::Error> {
                let mut next = || numbers.next_element::<f64>();
                let (Some(longitude), Some(latitude)) = (next()?, next()?) else {
                    return Err(de::Error::custom("a place needs longitude and latitude"));
                };
                while numbers.next_element::<de::IgnoredAny>()?.is_some() {}
                match Position::new(latitude, longitude) {
                    Some(position) => Ok(Place(position)),
                    None => Err(de::Error::custom(off_the_earth(latitude, longitude))),
                }
            }
        }
        deserializer.deserialize_seq(Numbers)
    }
}

/// Why a latitude and a longitude are no place.
pub fn off_the_earth(latitude: f64, longitude: f64) -> String {
    if Position::new(latitude, 0.0).is_some() {
        format!("longitude {longitude} is out of range: -180 to 180")
    } else {
        format!("latitude {latitude} is out of range: -90 to 90")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_outlines_are_found_however_deep() {
        let text = r#"{"type":"FeatureCollection","features":[
            {"type":"Feature","properties":{"name":"way"},"geometry":
                {"type":"LineString","coordinates":[[28.0,-26.0,1500],[28.1,-26.1]]}},
            {"type":"Feature","properties":null,"geometry":null},
            {"type":"Feature","properties":7,"geometry":{"type":"GeometryCollection","geometries":[
                {"type":"Point","coordinates":[1,2]},
                {"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]],[[0.2,0.2],[0.3,0.2],[0.2,0.2]]]}]}},
            {"type":"Feature","properties":{},"geometry":
                {"type":"MultiPolygon","coordinates":[[[[5,5],[6,5],[5,5]]]]}}]}"#;
        let shapes = shapes(text).unwrap();
        assert_eq!(shapes.iter().map(|shape| shape.points.len()).collect::<Vec<_>>(), [2, 4, 3, 3]);
        assert_eq!(shapes[0].points[1], Position::new(-26.1, 28.1).unwrap());
        assert_eq!((shapes[0].line, shapes[1].line), (3, 7));
        assert_eq!(shapes[0].times, None);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, line, told) in [
            ("", None, "is empty"),
            (" \n", None, "is empty"),
            ("{\n", Some(2), "EOF while parsing an object"),
            ("{\"type\":\"Circle\"}", None, "type \"Circle\" is not one of GeoJSON"),
            ("{\"type\":\"LineString\"}", None, "a LineString has no coordinates"),
            (
                "{\"type\":\"LineString\",\n\"coordinates\":[[1,2],\n[3,91]]}",
                Some(3),
                "latitude 91 is out of range: -90 to 90",
            ),
            (
                "{\"type\":\"LineString\",\"coordinates\":[[181,2]]}",
                Some(1),
                "longitude 181 is out of range: -180 to 180",
            ),
            (
                "{\"type\":\"LineString\",\"coordinates\":[[1]]}",
                Some(1),
                "a place needs longitude and latitude",
            ),
            (
                "{\"type\":\"Polygon\",\"coordinates\":[[1,2]]}",
                Some(1),
                "invalid type: integer `1`, expected a place as [longitude, latitude]",
            ),
            (
                "{\"type\":\"Feature\",\"properties\":{\"coordTimes\":[]},\"geometry\":{\"type\":\"LineString\",\"coordinates\":[[1,2]]}}",
                Some(1),
                "coordTimes has 0 times for 1 points",
            ),
        ] {
            let fault = shapes(text).unwrap_err();
            assert_eq!((fault.line, fault.text.as_str()), (line, told), "{text}");
        }
    }

    #[test]
    fn a_collection_in_itself_has_an_end() {
        let deep = (0..20).fold(r#"{"type":"Point","coordinates":[0,0]}"#.to_owned(), |inner, _| {
            format!(r#"{{"type":"GeometryCollection","geometries":[{inner}]}}"#)
        });
        assert!(shapes(&deep).unwrap_err().text.contains("too deep"));
    }
}
