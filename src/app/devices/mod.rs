//! The devices' screen: buttons that customers have, linked, pressed and moved from here as their makers'
//! gateways would do it. A simulator lists them; of AURA's own hosts, which list none, the profile keeps
//! those that it linked or used.

mod forms;
mod keys;
mod map;
pub mod model;
mod orders;
mod poll;

pub use forms::{Field, Form, LinkForm};
pub(super) use forms::{answer, confirm, line, typed};
pub(super) use keys::{apply, back, in_form, leave, pressed, submit, wheeled};
pub(super) use map::drag;
pub(super) use orders::{agreed, refused_to_send, reply};
pub(super) use poll::{deadline, due, knows_active, shows_ages};

use super::action::Failure;
use super::callout::CalloutId;
use super::control::{Reach, Reading};
use super::map::Camera;
use super::state::{Dialect, State, Tone};
use crate::geo::{Position, view};
use crate::text::DisplayText;
use jiff::{SignedDuration, Timestamp};
use model::{Device, Exchange, Kind, Survey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What names a device for as long as the list has it.
pub type Key = DisplayText;

/// What the mouse points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Spot {
    Screen,
    /// A device by its place in the list.
    Device(u32),
    /// A cell of the map.
    Map(view::Spot),
}

/// What a device is to say.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Say {
    Press,
    Move(Position),
    Cancel,
    /// Percent.
    Battery(f64),
}

/// What somebody wants to be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Wanted {
    Link(Box<LinkForm>),
    Say { device: Key, say: Say },
    Unlink { device: Key },
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Devices {
    /// In the order in which they were linked, so that none changes its place.
    pub list: Vec<Device>,
    /// So many of them have a battery that will not last.
    pub low: usize,
    /// When any of them was last heard.
    pub newest: Option<Timestamp>,
    pub kinds: Vec<Kind>,
    pub chosen: Option<Key>,
    /// The `deviceId` of one that was linked from here, to be chosen when the list has it.
    pub fresh: Option<DisplayText>,
    /// The last exchange of each device, by its `deviceId`.
    pub exchanges: BTreeMap<DisplayText, Exchange>,
    /// Where each device was put from here, by its `deviceId`.
    pub places: BTreeMap<DisplayText, Position>,
    /// The chosen device is being moved by the arrow keys; nothing is sent before it stands.
    pub shifting: Option<Position>,
    /// Waits for a yes.
    pub pending: Option<Wanted>,
    pub camera: Camera,
    /// Others near the chosen one, with their places: what its map has room for.
    pub around: Vec<(DisplayText, Position)>,
    pub clock: Option<Reading>,
    /// When the newest look was asked for, and the seconds of the person's own time until the next.
    pub asked: Option<Timestamp>,
    pub wait: f64,
    pub missed: u32,
    pub problem: Option<Failure>,
}

impl Devices {
    pub fn device(&self) -> Option<&Device> {
        self.named(self.chosen.as_ref()?)
    }

    pub fn named(&self, key: &Key) -> Option<&Device> {
        self.list.iter().find(|device| device.key == *key)
    }

    /// Where the chosen one stands in the list.
    pub fn row(&self) -> Option<usize> {
        let chosen = self.chosen.as_ref()?;
        self.list.iter().position(|device| device.key == *chosen)
    }

    /// Takes a list. What is told of all of it is counted here and not at each frame.
    pub fn take(&mut self, list: Vec<Device>) {
        let heard = |device: &Device| device.last_event.as_ref().and_then(|event| event.at);
        self.low = list.iter().filter(|device| device.is_low()).count();
        self.newest = list.iter().filter_map(heard).max();
        self.list = list;
    }
}

/// Why a device is where it is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whence {
    /// It is being moved there.
    Moving,
    /// It said so.
    Told,
    /// It was told nowhere yet: where the person stands.
    Own,
}

impl State {
    /// Whether the API in use knows devices at all.
    pub fn has_devices(&self) -> bool {
        self.settings.dialect == Dialect::V2
    }

    /// Whether the devices are those of the profile's own list.
    pub fn keeps_devices(&self) -> bool {
        self.reach() != Reach::Simulator
    }

    /// Where a device would say that it is.
    pub fn place_of(&self, device: &Device) -> (Position, Whence) {
        let chosen = self.devices.chosen.as_ref() == Some(&device.key);
        if let Some(to) = self.devices.shifting.filter(|_| chosen) {
            return (to, Whence::Moving);
        }
        match self.devices.places.get(&device.id).copied().or(device.place) {
            Some(place) => (place, Whence::Told),
            None => (self.own.fix.position, Whence::Own),
        }
    }

    /// What the clock shows by which the devices' times are told.
    pub fn devices_now(&self) -> Timestamp {
        self.devices.clock.map_or(self.now, |reading| reading.shows(self.now, self.speed()))
    }

    /// Age of what the list shows; `None` before the first look.
    pub fn devices_age(&self) -> Option<SignedDuration> {
        let passed =
            self.now.duration_since(self.devices.clock?.heard).as_secs_f64() / self.speed().max(0.01);
        SignedDuration::try_from_secs_f64(passed.max(0.0)).ok()
    }

    /// Nothing is sent from a console that may only look.
    fn may_speak(&mut self) -> bool {
        if self.settings.read_only {
            self.tell(Tone::Warning, "read-only: devices can be watched, and say nothing");
        } else if !self.has_devices() {
            self.tell(Tone::Warning, "v1 of the API has no devices");
        }
        !self.settings.read_only && self.has_devices()
    }
}

/// What is asked for on behalf of the screen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Order {
    Survey,
    Link {
        template: DisplayText,
        serial: DisplayText,
        /// The template's own, where it is empty.
        supplier: DisplayText,
        /// `None`: the profile's.
        customer: Option<i64>,
        alias: DisplayText,
    },
    Say {
        device: Box<Device>,
        say: Say,
        place: Position,
        /// Metres.
        accuracy: Option<f64>,
        /// Percent, for messages that always tell it.
        level: f64,
    },
    Unlink {
        device: DisplayText,
    },
}

/// What a request in flight is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Asked {
    Survey,
    Link,
    Say { device: Key, say: Say },
    Unlink { device: Key },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Told {
    Surveyed(Box<Survey>),
    /// `trouble`: the profile's own list could not be kept.
    Exchanged {
        exchange: Box<Exchange>,
        trouble: Option<DisplayText>,
    },
    /// Nothing was sent: something of the form is wrong, by the field that the API knows.
    Wrong {
        field: DisplayText,
        why: DisplayText,
    },
}

impl Exchange {
    fn callout(&self) -> Option<&CalloutId> {
        self.came.as_ref().ok()?.callout.as_ref()
    }
}

#[cfg(test)]
pub(super) mod tests;
