//! What a template says.

use super::frame::Frame;
use super::pattern::Pattern;
use super::place::{At, Pointer};
use super::{Fault, SentId};
use serde::{Deserialize, Serialize};

/// Longer serials are refused before any pattern sees them.
const LONGEST_SERIAL: usize = 128;

/// Everything that is to be known of one kind of device. The keys are those of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    pub name: String,
    #[serde(default)]
    pub description: String,
    /// The API's `deviceTypeId`. One template for each.
    #[serde(rename = "type")]
    pub type_id: i64,
    /// Whose devices these are, where a link names no type.
    #[serde(default)]
    pub suppliers: Vec<String>,
    pub serial: Serial,
    pub message: MessageAt,
    pub action: ActionAt,
    #[serde(default)]
    pub callout: Payload,
    #[serde(default)]
    pub location: Payload,
    #[serde(default)]
    pub cancel: Payload,
    #[serde(default)]
    pub battery: Payload,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame: Option<Frame>,
}

/// Which serials belong to it, and how the `deviceId` comes out of one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Serial {
    pub pattern: Pattern,
    pub device: DevicePart,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DevicePart {
    /// The serial itself.
    Whole,
    First(usize),
    Last(usize),
    /// From one character to another, both counted from 1 and both part of it.
    Characters(usize, usize),
    /// A named group of the pattern.
    Group(String),
}

/// Where a message says whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageAt {
    /// Absent for gateways that know nothing of types: their devices are found by the id alone.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub type_id: Option<Pointer>,
    pub device: At,
    /// Seconds since 1970, written and never read: the simulator has a clock of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Pointer>,
}

/// Which field selects the action, and which of its values mean which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionAt {
    pub field: At,
    #[serde(default)]
    pub callout: Vec<SentId>,
    #[serde(default)]
    pub location: Vec<SentId>,
    #[serde(default)]
    pub cancel: Vec<SentId>,
    #[serde(default)]
    pub battery: Vec<SentId>,
}

impl ActionAt {
    pub fn words(&self, action: Action) -> &[SentId] {
        match action {
            Action::Callout => &self.callout,
            Action::Location => &self.location,
            Action::Cancel => &self.cancel,
            Action::Battery => &self.battery,
        }
    }
}

/// Where the values of one action lie.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Payload {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<At>,
    /// Metres; a message may leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<At>,
    /// Of the battery, in percent; only the action `battery` must have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<At>,
    /// Counted by the device, written and never read: a repeated one is processed again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<At>,
}

/// What a message asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    Callout,
    Location,
    Cancel,
    Battery,
}

impl Action {
    pub const ALL: [Self; 4] = [Self::Callout, Self::Location, Self::Cancel, Self::Battery];

    /// Whether it is about a place.
    pub fn moves(self) -> bool {
        matches!(self, Self::Callout | Self::Location)
    }

    /// The API's `eventTypes`.
    pub fn event_type(self) -> &'static str {
        match self {
            Self::Callout => "NEW_CALLOUT",
            Self::Location => "CALLOUT_LOCATION_UPDATED",
            Self::Cancel => "CALLOUT_CANCELLED",
            Self::Battery => "DEVICE_BATTERY_INFO_RECEIVED",
        }
    }

    /// The key in the template file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Callout => "callout",
            Self::Location => "location",
            Self::Cancel => "cancel",
            Self::Battery => "battery",
        }
    }
}

impl Template {
    pub fn payload(&self, action: Action) -> &Payload {
        match action {
            Action::Callout => &self.callout,
            Action::Location => &self.location,
            Action::Cancel => &self.cancel,
            Action::Battery => &self.battery,
        }
    }

    pub fn serves(&self, supplier: &str) -> bool {
        self.suppliers.iter().any(|known| known.eq_ignore_ascii_case(supplier.trim()))
    }

    /// The `deviceId` that a serial stands for.
    pub fn device_id(&self, serial: &str) -> Result<String, Fault> {
        let mismatch = || Fault::new("deviceSerial", format!("does not match the template {}", self.name));
        if serial.len() > LONGEST_SERIAL || !self.serial.pattern.matches(serial) {
            return Err(mismatch());
        }
        let count = serial.chars().count();
        let part = |skip: usize, take: usize| {
            (skip + take <= count).then(|| serial.chars().skip(skip).take(take).collect::<String>())
        };
        let id = match &self.serial.device {
            DevicePart::Whole => Some(serial.to_owned()),
            DevicePart::First(length) => part(0, *length),
            DevicePart::Last(length) => count.checked_sub(*length).and_then(|skip| part(skip, *length)),
            DevicePart::Characters(from, to) => part(from - 1, to + 1 - from),
            DevicePart::Group(name) => self.serial.pattern.group(name, serial).map(str::to_owned),
        };
        id.filter(|id| !id.trim().is_empty()).ok_or_else(mismatch)
    }
}
