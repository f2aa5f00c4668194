//! What goes out for a device and what came of it, for the screen and for `panic-console device` alike.

use crate::api::model::Id;
use crate::api::model::device::{DeviceEventReply, DeviceLink, LinkDevice};
use crate::app::callout::CalloutId;
use crate::app::devices::model::Resolved;
use crate::geo::Position;
use crate::sim::devices::{Action, Fault, Outgoing, Template};
use crate::text::DisplayText;
use jiff::Timestamp;
use serde_json::Value;

/// Gateways count in few bits.
const MOST_SEQUENCE: i64 = 4_096;

/// What is known of a device that is to be linked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Linking {
    pub serial: String,
    /// `None`: the template's first.
    pub supplier: Option<String>,
    /// `None`: the profile's.
    pub customer: Option<i64>,
    pub alias: Option<String>,
    /// `None`: the server finds it by the supplier.
    pub type_id: Option<i64>,
    pub firmware: Option<String>,
}

/// The request of a link. The serial is held against the template first, as the server will do it.
pub fn link(template: &Template, linking: &Linking) -> Result<LinkDevice, Fault> {
    let supplier = linking.supplier.clone().or_else(|| template.suppliers.first().cloned());
    let supplier =
        supplier.ok_or_else(|| Fault::new("deviceSupplier", "is needed: the template names none"))?;
    template.device_id(&linking.serial)?;
    Ok(LinkDevice {
        customer_id: linking.customer.map(Id::from).into(),
        device_serial: linking.serial.as_str().into(),
        device_supplier: supplier.as_str().into(),
        device_alias: linking.alias.clone().into(),
        device_type: linking.type_id.map(Id::from).into(),
        firmware_version: linking.firmware.clone().into(),
        ..LinkDevice::default()
    })
}

pub fn linked(sent: &LinkDevice, reply: &DeviceLink) -> Resolved {
    let customer = reply.customer_id.as_ref().or(sent.customer_id.value());
    Resolved {
        event: "linked".into(),
        device: reply.device_id.as_ref().map(shown),
        customer: customer.map(shown),
        battery: reply.battery_level.map(|level| level.0),
        ..Resolved::default()
    }
}

/// What a device says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Saying<'a> {
    pub action: Action,
    /// Its `deviceId`.
    pub device: &'a str,
    pub place: Option<Position>,
    pub accuracy: Option<f64>,
    /// Of the battery, in percent.
    pub level: Option<f64>,
    /// `None`: one that goes on with the time.
    pub sequence: Option<u32>,
}

impl Saying<'_> {
    /// The message by the device's template. A place goes only with what is about one.
    pub fn message(&self, template: &Template, now: Timestamp) -> Result<Value, Fault> {
        let counted = u32::try_from(now.as_second().rem_euclid(MOST_SEQUENCE)).unwrap_or_default();
        let moves = self.action.moves();
        template.write(&Outgoing {
            action: self.action,
            device: self.device.to_owned(),
            position: self.place.filter(|_| moves),
            accuracy: self.accuracy.filter(|_| moves),
            level: self.level,
            sequence: self.sequence.unwrap_or(counted),
            at: now,
        })
    }
}

pub fn resolved(reply: &DeviceEventReply) -> Resolved {
    let event = &reply.resolved_aura_event;
    let response = &event.event_response;
    Resolved {
        event: event.event_types.as_deref().unwrap_or_default().into(),
        device: response.device_id.as_ref().map(shown),
        customer: None,
        callout: response.callout_id.as_ref().and_then(|id| CalloutId::new(id.to_string())),
        battery: response.battery_level.map(|level| level.0),
    }
}

fn shown(id: &Id) -> DisplayText {
    id.to_string().into()
}
