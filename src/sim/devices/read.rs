//! Reading a message by its template.

use super::Fault;
use super::frame::Frame;
use super::place::At;
use super::template::{Action, Template};
use crate::geo::Position;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// A number or a text, as it was sent: device ids come as either, and so do the words of an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a whole number or a text")]
pub enum SentId {
    Number(i64),
    Text(String),
}

impl SentId {
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => number.as_i64().map(Self::Number),
            Value::String(text) if !text.trim().is_empty() => Some(Self::Text(text.clone())),
            _ => None,
        }
    }
}

impl fmt::Display for SentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// What a message says.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    pub action: Action,
    /// There for a new callout and for a location.
    pub position: Option<Position>,
    pub accuracy: Option<f64>,
    /// Percent of the battery; there for `battery`, and for others where the device tells it anyway.
    pub level: Option<f64>,
}

impl Template {
    /// Whether a message that names no type is shaped like this template's.
    pub fn fits(&self, message: &Value) -> bool {
        let there = |at: &At| at.pointer().is_some_and(|pointer| pointer.get(message).is_some());
        let has_frame = self.frame.as_ref().is_none_or(|frame| frame.hex.get(message).is_some());
        self.message.type_id.is_none() && there(&self.message.device) && has_frame
    }

    /// Whose message it is.
    pub fn sender(&self, message: &Value) -> Result<SentId, Fault> {
        let Some(pointer) = self.message.device.pointer() else {
            return Err(Fault::new("device", "is not a field of the message"));
        };
        let id = SentId::of(pointer.require(message)?);
        id.ok_or_else(|| pointer.fault("is neither a text nor a whole number"))
    }

    pub fn read(&self, message: &Value) -> Result<Heard, Fault> {
        let frame = match &self.frame {
            Some(frame) => Some((frame, frame.bytes_of(message)?)),
            None => None,
        };
        let reading =
            Reading { message, frame: frame.as_ref().map(|(frame, bytes)| (*frame, bytes.as_slice())) };
        let action = self.action_of(&reading)?;
        let payload = self.payload(action);
        let position = match action {
            Action::Callout | Action::Location => {
                Some(reading.position(payload.latitude.as_ref(), payload.longitude.as_ref())?)
            }
            Action::Cancel | Action::Battery => None,
        };
        let accuracy = reading.optional(payload.accuracy.as_ref())?;
        let level = if action == Action::Battery {
            Some(reading.required(payload.level.as_ref(), "level")?)
        } else {
            reading.optional(payload.level.as_ref())?
        };
        if let Some((at, _)) = accuracy.as_ref().filter(|(_, metres)| *metres < 0.0) {
            return Err(Fault::new(at.clone(), "must not be negative"));
        }
        if let Some((at, _)) = level.as_ref().filter(|(_, percent)| !(0.0..=100.0).contains(percent)) {
            return Err(Fault::new(at.clone(), "must be from 0 to 100"));
        }
        let value = |(_, value)| value;
        Ok(Heard { action, position, accuracy: accuracy.map(value), level: level.map(value) })
    }

    fn action_of(&self, reading: &Reading<'_>) -> Result<Action, Fault> {
        let (at, word) = match &self.action.field {
            At::Frame(name) => {
                let (at, raw) = reading.raw(name)?;
                (at, SentId::Number(raw))
            }
            At::Field(pointer) | At::Text(pointer) | At::Number(pointer) => {
                let word = SentId::of(pointer.require(reading.message)?);
                (
                    pointer.to_string(),
                    word.ok_or_else(|| pointer.fault("is neither a text nor a whole number"))?,
                )
            }
        };
        let word = word.to_string();
        let means =
            |action: &Action| self.action.words(*action).iter().any(|known| known.to_string() == word);
        let found = Action::ALL.into_iter().find(means);
        found.ok_or_else(|| Fault::new(at, format!("is no action of the template {}", self.name)))
    }
}

/// A value with the name of its place, for what may be wrong with it.
type Named = (String, f64);

struct Reading<'m> {
    message: &'m Value,
    frame: Option<(&'m Frame, &'m [u8])>,
}

impl Reading<'_> {
    fn raw(&self, name: &str) -> Result<(String, i64), Fault> {
        let (frame, bytes) =
            self.frame.ok_or_else(|| Fault::new(name, "stands in a frame, and there is none"))?;
        let field = frame.field(name).ok_or_else(|| frame.hex.fault(format!("has no field {name}")))?;
        let raw = field.raw(bytes).ok_or_else(|| frame.too_short(field))?;
        Ok((format!("{} ({name})", frame.hex), raw))
    }

    fn value(&self, at: &At) -> Result<Option<Named>, Fault> {
        match at {
            At::Frame(name) => {
                let (at, _) = self.raw(name)?;
                let field = self.frame.and_then(|(frame, bytes)| frame.field(name)?.value(bytes));
                Ok(field.map(|value| (at, value)))
            }
            At::Field(pointer) | At::Text(pointer) | At::Number(pointer) => {
                let Some(value) = pointer.get(self.message) else { return Ok(None) };
                let number = crate::api::model::scalar::number_of(value);
                let number = number.ok_or_else(|| pointer.fault("is not a number"))?;
                Ok(Some((pointer.to_string(), number)))
            }
        }
    }

    fn optional(&self, at: Option<&At>) -> Result<Option<Named>, Fault> {
        at.map_or(Ok(None), |at| self.value(at))
    }

    fn required(&self, at: Option<&At>, what: &str) -> Result<Named, Fault> {
        let at = at.ok_or_else(|| Fault::new(what, "has no place in the template"))?;
        let name = at.pointer().map_or_else(|| what.to_owned(), ToString::to_string);
        self.value(at)?.ok_or_else(|| Fault::new(name, "is required"))
    }

    fn position(&self, latitude: Option<&At>, longitude: Option<&At>) -> Result<Position, Fault> {
        let latitude = self.required(latitude, "latitude")?;
        let longitude = self.required(longitude, "longitude")?;
        Position::new(latitude.1, longitude.1).ok_or_else(|| {
            if latitude.1.abs() > 90.0 {
                Fault::new(latitude.0, "must be from -90 to 90")
            } else {
                Fault::new(longitude.0, "must be from -180 to 180")
            }
        })
    }
}
