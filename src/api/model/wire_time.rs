//! Times in replies: ISO-8601 in UTC, always with milliseconds (`2019-06-26T08:26:34.148Z`).
//!
//! For use as `#[serde(with = "wire_time")]` on an `Option<Timestamp>`. A time that cannot be read is
//! `None`: it must not cost the rest of the reply.

use jiff::Timestamp;
use jiff::fmt::StdFmtWrite;
use jiff::fmt::temporal::DateTimePrinter;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::fmt;

const MILLISECONDS: DateTimePrinter = DateTimePrinter::new().precision(Some(3));
const AS_SHORT_AS_IT_IS: DateTimePrinter = DateTimePrinter::new();

struct Printed<'a>(&'a DateTimePrinter, Timestamp);

impl fmt::Display for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.print_timestamp(&self.1, StdFmtWrite(f)).map_err(|_| fmt::Error)
    }
}

/// The text that stands on the wire.
pub fn format(time: Timestamp) -> String {
    Printed(&MILLISECONDS, time).to_string()
}

pub fn serialize<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => serializer.collect_str(&Printed(&MILLISECONDS, *time)),
        None => serializer.serialize_none(),
    }
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
}

/// A time in a request: written without milliseconds that are zero, as v2's samples do, and refused
/// when it cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestTime(pub Timestamp);

impl Serialize for RequestTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Printed(&AS_SHORT_AS_IT_IS, self.0))
    }
}

impl<'de> Deserialize<'de> for RequestTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.trim()
            .parse()
            .map(Self)
            .map_err(|_| D::Error::custom("must be a time in ISO-8601 with its zone"))
    }
}
