//! A field of a request: left out, given, or given wrongly.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// Reading a request never fails on one field, so that the refusal can name it. Written, an absent
/// field is left out (with `skip_serializing_if = "Given::is_absent"`).
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Given<T> {
    /// Not there, or null.
    #[default]
    Absent,
    Value(T),
    /// There, but of a kind that cannot be read.
    Wrong,
}

impl<T> Given<T> {
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Wrong => None,
        }
    }

    /// The value; the error names `field`.
    pub fn require(&self, field: &str) -> Result<&T, String> {
        self.optional(field)?.ok_or_else(|| format!("{field} is required"))
    }

    /// The value if there is one; an error that names `field` if it cannot be read.
    pub fn optional(&self, field: &str) -> Result<Option<&T>, String> {
        match self {
            Self::Absent => Ok(None),
            Self::Value(value) => Ok(Some(value)),
            Self::Wrong => Err(format!("{field} is not valid")),
        }
    }
}

/// For a field that is an object. A struct would be read from a list too, by the order of its fields,
/// which is nobody's contract.
pub fn object<'de, D, T>(deserializer: D) -> Result<Given<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => Given::Absent,
        value @ Value::Object(_) => serde_json::from_value(value).map_or(Given::Wrong, Given::Value),
        _ => Given::Wrong,
    })
}

impl<T> From<T> for Given<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl From<&str> for Given<String> {
    fn from(value: &str) -> Self {
        Self::Value(value.to_owned())
    }
}

impl<T> From<Option<T>> for Given<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Value)
    }
}

impl<T: Serialize> Serialize for Given<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::Null => Self::Absent,
            value => serde_json::from_value(value).map_or(Self::Wrong, Self::Value),
        })
    }
}
