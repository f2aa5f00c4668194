//! The devices that a profile linked or used, in a file of its own: the API lists none.

use super::message::{Linking, Saying};
use crate::api::model::device::{DeviceLink, LinkDevice};
use crate::app::devices::model::{Battery, Device, Event, Resolved};
use crate::runtime::memory;
use crate::sim::devices::{Action, Template};
use jiff::Timestamp;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

/// Devices that are kept; more than anybody presses by hand.
const MOST: usize = 500;

/// It holds whose a device is and where it was, so only its owner may read the file. Read anew before
/// each change, since a console and a command may use it at a time.
#[derive(Clone, Debug)]
pub struct Roster {
    file: PathBuf,
}

impl Roster {
    pub fn at(file: PathBuf) -> Self {
        Self { file }
    }

    /// Oldest first. A file that cannot be read is an error and stays as it is.
    pub fn devices(&self) -> io::Result<Vec<Device>> {
        match fs::read(&self.file) {
            Ok(bytes) => {
                let damaged =
                    |_| io::Error::new(ErrorKind::InvalidData, format!("{} is damaged", self.file.display()));
                serde_json::from_slice(&bytes).map_err(damaged)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    pub fn linked(
        &self,
        template: &Template,
        linking: &Linking,
        sent: &LinkDevice,
        reply: &DeviceLink,
    ) -> io::Result<()> {
        let told = super::message::linked(sent, reply);
        // A reply that does not tell the id leaves what the template makes of the serial.
        let id = told.device.or_else(|| template.device_id(&linking.serial).ok().map(Into::into));
        let Some(id) = id else { return Ok(()) };
        let text = |given: Option<&str>| given.unwrap_or_default().into();
        let device = Device {
            key: id.clone(),
            serial: linking.serial.as_str().into(),
            supplier: text(sent.device_supplier.value().map(String::as_str)),
            alias: text(reply.alias.as_deref().or(linking.alias.as_deref())),
            firmware: text(reply.firmware_version.as_deref().or(linking.firmware.as_deref())),
            template: template.name.as_str().into(),
            type_id: reply.device_type_id.or(Some(template.type_id)),
            customer: told.customer.unwrap_or_default(),
            battery: told.battery.map(|level| Battery { level, at: reply.battery_level_last_received_date }),
            id,
            ..Device::default()
        };
        self.change(|devices| {
            devices.retain(|known| known.id != device.id);
            devices.push(device);
        })
    }

    /// A device that is not listed yet was linked elsewhere: it is known from now on.
    pub fn heard(
        &self,
        template: &Template,
        saying: &Saying<'_>,
        resolved: &Resolved,
        now: Timestamp,
    ) -> io::Result<()> {
        let at = Some(now);
        self.change(|devices| {
            let place = devices.iter().position(|known| known.id.as_str() == saying.device);
            let place = place.unwrap_or_else(|| {
                devices.push(Device {
                    key: saying.device.into(),
                    id: saying.device.into(),
                    template: template.name.as_str().into(),
                    type_id: Some(template.type_id),
                    ..Device::default()
                });
                devices.len() - 1
            });
            let Some(device) = devices.get_mut(place) else { return };
            device.last_event = Some(Event { name: resolved.event.clone(), at });
            if let Some(level) = resolved.battery {
                device.battery = Some(Battery { level, at });
            }
            if saying.action.moves() {
                device.place = saying.place.or(device.place);
            }
            if let Some(callout) = &resolved.callout {
                device.callout = Some(callout.clone());
                device.active = saying.action != Action::Cancel;
            }
        })
    }

    pub fn unlinked(&self, device: &str) -> io::Result<()> {
        self.change(|devices| devices.retain(|known| known.id.as_str() != device))
    }

    /// Replaces the file in one step.
    fn change(&self, change: impl FnOnce(&mut Vec<Device>)) -> io::Result<()> {
        let mut devices = self.devices()?;
        change(&mut devices);
        let surplus = devices.len().saturating_sub(MOST);
        devices.drain(..surplus);
        memory::replace(&self.file, &serde_json::to_vec_pretty(&devices)?)
    }
}
