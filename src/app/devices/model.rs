//! What is known of devices, of their kinds, and of what was said last.

use crate::app::action::Failure;
use crate::app::callout::CalloutId;
use crate::geo::Position;
use crate::text::DisplayText;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Percent from which on a battery is low: a button must not fail when it is needed.
pub const LOW: f64 = 20.0;

/// A kind of device: what of its template somebody chooses by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kind {
    pub name: DisplayText,
    pub description: DisplayText,
    pub type_id: i64,
    /// Whose devices these are.
    pub suppliers: Vec<DisplayText>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Battery {
    /// Percent.
    pub level: f64,
    pub at: Option<Timestamp>,
}

/// What a device said last, under the API's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub name: DisplayText,
    pub at: Option<Timestamp>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Device {
    /// What names it in the list: two customer sources may have the same `deviceId`.
    pub key: DisplayText,
    /// What its messages say.
    pub id: DisplayText,
    /// Empty for one that is known by its id alone.
    pub serial: DisplayText,
    pub supplier: DisplayText,
    pub alias: DisplayText,
    pub firmware: DisplayText,
    /// Empty: none reads its messages any more.
    pub template: DisplayText,
    pub type_id: Option<i64>,
    /// The customer's number and name, as far as they are known.
    pub customer: DisplayText,
    pub customer_name: DisplayText,
    pub battery: Option<Battery>,
    pub last_event: Option<Event>,
    /// The callout of its last press.
    pub callout: Option<CalloutId>,
    /// That callout is under way, as far as is known.
    pub active: bool,
    /// Where it last was, if it ever said so.
    pub place: Option<Position>,
}

impl Device {
    pub fn is_low(&self) -> bool {
        self.battery.is_some_and(|battery| battery.level <= LOW)
    }

    /// Whom it belongs to, in one phrase.
    pub fn owner(&self) -> String {
        match (self.customer_name.as_str(), self.customer.as_str()) {
            ("", "") => String::new(),
            ("", number) => format!("customer {number}"),
            (name, _) => name.to_owned(),
        }
    }
}

/// What the API made of a message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Resolved {
    /// `NEW_CALLOUT`; empty where the reply tells none.
    pub event: DisplayText,
    pub device: Option<DisplayText>,
    pub customer: Option<DisplayText>,
    pub callout: Option<CalloutId>,
    /// Percent.
    pub battery: Option<f64>,
}

/// A message as it went out, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    pub at: Timestamp,
    /// `POST /deviceEvent`.
    pub request: DisplayText,
    /// The body; empty where there is none.
    pub sent: DisplayText,
    /// Where it said that it is.
    pub place: Option<Position>,
    pub came: Result<Resolved, Failure>,
}

/// One look at the devices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    /// What the clock shows by which their times are told, and how fast it goes.
    pub now: Timestamp,
    pub speed: f64,
    pub devices: Vec<Device>,
    pub kinds: Vec<Kind>,
}
