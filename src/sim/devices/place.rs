//! Where a value stands in a message: a field by its JSON pointer, or a field of the frame.

use super::Fault;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

const LONGEST: usize = 128;

/// A JSON pointer (RFC 6901) below the message: `/location/latitude`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pointer(String);

impl Pointer {
    pub fn get<'m>(&self, message: &'m Value) -> Option<&'m Value> {
        message.pointer(&self.0).filter(|value| !value.is_null())
    }

    pub fn require<'m>(&self, message: &'m Value) -> Result<&'m Value, Fault> {
        self.get(message).ok_or_else(|| self.fault("is required"))
    }

    pub fn fault(&self, why: impl Into<String>) -> Fault {
        Fault::new(self.to_string(), why)
    }

    /// Puts a value there; the objects on the way are made. `false` when something else is in the way.
    pub fn put(&self, message: &mut Map<String, Value>, value: Value) -> bool {
        let mut names: Vec<String> = self.names().collect();
        let Some(last) = names.pop() else { return false };
        let mut object = message;
        for name in names {
            let next = object.entry(name).or_insert_with(|| Value::Object(Map::new()));
            let Value::Object(inner) = next else { return false };
            object = inner;
        }
        object.insert(last, value).is_none()
    }

    fn names(&self) -> impl Iterator<Item = String> {
        self.0.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~"))
    }
}

/// As the API's other messages name fields: `location.latitude`.
impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.names().enumerate() {
            write!(f, "{}{name}", if index == 0 { "" } else { "." })?;
        }
        Ok(())
    }
}

impl TryFrom<String> for Pointer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let names_something =
            text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(|n| !n.is_empty()));
        if names_something && text.len() <= LONGEST {
            Ok(Self(text))
        } else {
            Err(format!("\"{text}\" is not a pointer such as \"/location/latitude\""))
        }
    }
}

impl From<Pointer> for String {
    fn from(pointer: Pointer) -> Self {
        pointer.0
    }
}

/// Where a value stands, and in which form it is written. Read is either form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawAt", into = "RawAt")]
pub enum At {
    /// `"/body/batteryLevel"`: numbers as numbers, ids as text.
    Field(Pointer),
    /// `{ text = "/body/sequenceNumber" }`
    Text(Pointer),
    /// `{ number = "/device_id" }`
    Number(Pointer),
    /// `{ frame = "latitude" }`: a field of the frame, by its name.
    Frame(String),
}

impl At {
    pub fn pointer(&self) -> Option<&Pointer> {
        match self {
            Self::Field(pointer) | Self::Text(pointer) | Self::Number(pointer) => Some(pointer),
            Self::Frame(_) => None,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a pointer in quotes, { text = … }, { number = … } or { frame = … }")]
enum RawAt {
    Field(Pointer),
    Text { text: Pointer },
    Number { number: Pointer },
    Frame { frame: String },
    Other(String),
}

impl TryFrom<RawAt> for At {
    type Error = String;

    fn try_from(raw: RawAt) -> Result<Self, String> {
        Ok(match raw {
            RawAt::Field(pointer) => Self::Field(pointer),
            RawAt::Text { text } => Self::Text(text),
            RawAt::Number { number } => Self::Number(number),
            RawAt::Frame { frame } => Self::Frame(frame),
            // No pointer: say so in the pointer's own words.
            RawAt::Other(text) => Self::Field(Pointer::try_from(text)?),
        })
    }
}

impl From<At> for RawAt {
    fn from(at: At) -> Self {
        match at {
            At::Field(pointer) => Self::Field(pointer),
            At::Text(text) => Self::Text { text },
            At::Number(number) => Self::Number { number },
            At::Frame(frame) => Self::Frame { frame },
        }
    }
}
