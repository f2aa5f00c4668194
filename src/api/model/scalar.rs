//! Ids and numbers that come as JSON numbers in one reply and as strings in the next.

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::fmt;

/// An id in the form it was received: most are integers, some replies and clients hold text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum Id {
    Number(i64),
    Text(String),
}

impl Id {
    /// The integer it stands for, also when it came as text.
    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl From<i64> for Id {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Number(number) => match number.as_i64().or_else(|| whole(number.as_f64()?)) {
                Some(integer) => Ok(Self::Number(integer)),
                None => Ok(Self::Text(number.to_string())),
            },
            Value::String(text) if !text.trim().is_empty() => Ok(Self::Text(text)),
            _ => Err(D::Error::custom("an id must be a number or a text")),
        }
    }
}

/// A number that is written as a JSON number, without a point when it is whole, as AURA's servers do.
/// Always finite. Read from a number or from a numeric string.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Number(pub f64);

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Self(value)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match whole(self.0) {
            Some(integer) => serializer.serialize_i64(integer),
            None => serializer.serialize_f64(self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        finite(deserializer).map(Self)
    }
}

/// A number that is written as a JSON string: the coordinates of v1 replies, of v2's
/// `calloutCurrentLocation` and of fixed locations. Read from either form.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct TextNumber(pub f64);

impl From<f64> for TextNumber {
    fn from(value: f64) -> Self {
        Self(value)
    }
}

impl Serialize for TextNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for TextNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        finite(deserializer).map(Self)
    }
}

/// A finite number out of a JSON number or a numeric string.
pub fn number_of(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number| number.is_finite())
}

fn finite<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    number_of(&Value::deserialize(deserializer)?)
        .ok_or_else(|| D::Error::custom("must be a number, or a text that holds one"))
}

/// The integer that a float stands for, as far as floats count exactly.
#[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53 in size")]
fn whole(value: f64) -> Option<i64> {
    (value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0).then_some(value as i64)
}

/// Reads a field that may be missing, null or of a strange kind: those give the default.
pub fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// A text; a number or a yes-or-no where a text should stand is taken by its letters.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    })
}

/// An integer, also out of a numeric string.
pub fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let id: Option<Id> = lenient(deserializer)?;
    Ok(id.and_then(|id| id.number()))
}

/// A yes or no; a missing or strange one is no.
pub fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Bool(flag) => flag,
        Value::String(text) => text.trim().eq_ignore_ascii_case("true"),
        Value::Number(number) => number.as_i64() == Some(1),
        _ => false,
    })
}

/// A list; null and what is no list give an empty one, an element that cannot be read is left out.
pub fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    Ok(match Value::deserialize(deserializer)? {
        Value::Array(items) => {
            items.into_iter().filter_map(|item| serde_json::from_value(item).ok()).collect()
        }
        _ => Vec::new(),
    })
}

/// A list whose key some replies leave out: `None` then, and `Some` of an empty list for null.
pub fn present_list<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    list(deserializer).map(Some)
}

/// A value whose key some replies leave out. Tells a key that is null from one that is not there, so
/// that what was read can be written again as it was.
pub fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
