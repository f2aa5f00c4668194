//! Writing the message that a device would send, by its template.

use super::frame::{Field, Frame};
use super::place::At;
use super::template::{Action, Template};
use super::{Fault, SentId};
use crate::api::model::Number;
use crate::geo::Position;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// What a device has to say.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    pub action: Action,
    pub device: String,
    pub position: Option<Position>,
    pub accuracy: Option<f64>,
    pub level: Option<f64>,
    pub sequence: u32,
    pub at: Timestamp,
}

impl Template {
    /// The message. What the template has no place for is left out, but for what the action is about.
    pub fn write(&self, out: &Outgoing) -> Result<Value, Fault> {
        let mut writing = Writing { message: Map::new(), frame: None };
        if let Some(frame) = &self.frame {
            writing.frame = Some((frame, vec![0; frame.bytes]));
        }
        if let Some(pointer) = &self.message.type_id {
            pointer.put(&mut writing.message, json!(self.type_id));
        }
        writing.id(&self.message.device, &out.device)?;
        if let Some(pointer) = &self.message.time {
            pointer.put(&mut writing.message, json!(out.at.as_second()));
        }
        let word = self.action.words(out.action).first();
        let word = word.ok_or_else(|| {
            Fault::new(out.action.as_str(), format!("is unknown to the template {}", self.name))
        })?;
        writing.word(&self.action.field, word)?;
        let payload = self.payload(out.action);
        let (latitude, longitude) =
            (out.position.map(Position::latitude), out.position.map(Position::longitude));
        let moves = matches!(out.action, Action::Callout | Action::Location);
        for (at, value, needed, what) in [
            (&payload.latitude, latitude, moves, "latitude"),
            (&payload.longitude, longitude, moves, "longitude"),
            (&payload.accuracy, out.accuracy, false, "accuracy"),
            (&payload.level, out.level, out.action == Action::Battery, "battery"),
            (&payload.sequence, Some(f64::from(out.sequence)), false, "sequence"),
        ] {
            match (at, value) {
                (Some(at), Some(value)) => writing.number(at, value, what)?,
                (_, None) if needed => return Err(Fault::new(what, "is required")),
                (None, Some(_)) if needed => {
                    return Err(Fault::new(what, format!("has no place in the template {}", self.name)));
                }
                _ => {}
            }
        }
        Ok(writing.finish())
    }
}

struct Writing<'t> {
    message: Map<String, Value>,
    frame: Option<(&'t Frame, Vec<u8>)>,
}

impl Writing<'_> {
    fn id(&mut self, at: &At, id: &str) -> Result<(), Fault> {
        let value = match at {
            At::Number(pointer) => {
                let number = id.parse::<i64>();
                json!(number.map_err(|_| pointer.fault("is written as a whole number, which this is not"))?)
            }
            _ => json!(id),
        };
        match at.pointer() {
            Some(pointer) => pointer.put(&mut self.message, value),
            None => return Err(Fault::new("device", "is not a field of the message")),
        };
        Ok(())
    }

    fn word(&mut self, at: &At, word: &SentId) -> Result<(), Fault> {
        let Some(pointer) = at.pointer() else {
            let SentId::Number(raw) = word else { return Err(Fault::new("action", "is not a number")) };
            return self.in_frame(at, "action", |field, bytes| field.put_raw(*raw, bytes));
        };
        let value = match (at, word) {
            (At::Text(_), word) => json!(word.to_string()),
            (_, SentId::Number(number)) => json!(number),
            (_, SentId::Text(text)) => json!(text),
        };
        pointer.put(&mut self.message, value);
        Ok(())
    }

    fn number(&mut self, at: &At, value: f64, what: &str) -> Result<(), Fault> {
        let Some(pointer) = at.pointer() else {
            return self.in_frame(at, what, |field, bytes| field.put(value, bytes));
        };
        let written = serde_json::to_value(Number(value)).unwrap_or_default();
        let written = if matches!(at, At::Text(_)) { json!(written.to_string()) } else { written };
        pointer.put(&mut self.message, written);
        Ok(())
    }

    fn in_frame(
        &mut self,
        at: &At,
        what: &str,
        put: impl Fn(&Field, &mut [u8]) -> bool,
    ) -> Result<(), Fault> {
        let (At::Frame(name), Some((frame, bytes))) = (at, &mut self.frame) else {
            return Err(Fault::new(what, "stands in a frame, and the template has none"));
        };
        match frame.field(name) {
            Some(field) if put(field, bytes) => Ok(()),
            Some(_) => Err(Fault::new(what, format!("does not go into the frame's field {name}"))),
            None => Err(Fault::new(what, format!("stands in {name}, which the frame does not have"))),
        }
    }

    fn finish(mut self) -> Value {
        if let Some((frame, bytes)) = self.frame {
            frame.hex.put(&mut self.message, json!(Frame::hex_of(&bytes)));
        }
        Value::Object(self.message)
    }
}
