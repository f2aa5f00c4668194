//! Device templates: how the messages of a kind of device are to be read, as data.
//!
//! AURA agrees a template with each maker at onboarding and never shows it. Here it is a file: which
//! serials belong to it, how the `deviceId` comes out of the serial, in which field of a message each
//! value stands, and for raw gateways where each value lies in the frame. The same template reads a
//! message for the simulator and writes one for `panic-console device`.
//!
//! Pure but for [`file::load`], which reads the user's own.

mod check;
pub mod file;
mod frame;
mod pattern;
mod place;
mod read;
mod template;
#[cfg(test)]
mod tests;
mod write;

pub use frame::{Endian, Field, Frame};
pub use pattern::Pattern;
pub use place::{At, Pointer};
pub use read::{Heard, SentId};
pub use template::{Action, ActionAt, DevicePart, MessageAt, Payload, Serial, Template};
pub use write::Outgoing;

/// The templates that come with the program, by the names of their files.
pub const SHIPPED: [(&str, &str); 2] = [
    ("example-devices.toml", include_str!("../../../assets/device-templates/example-devices.toml")),
    ("sigfox-button.toml", include_str!("../../../assets/device-templates/sigfox-button.toml")),
];

/// The shipped templates, the IoT guide's typical one first.
pub fn shipped() -> impl Iterator<Item = Template> {
    SHIPPED.iter().filter_map(|(origin, text)| file::parse(origin, text).ok())
}

/// What is wrong with a message, a serial or what is to be sent: which field, and why. Never the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at} {why}.")]
pub struct Fault {
    pub at: String,
    pub why: String,
}

impl Fault {
    pub fn new(at: impl Into<String>, why: impl Into<String>) -> Self {
        Self { at: at.into(), why: why.into() }
    }
}
