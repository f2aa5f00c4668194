//! What the control side tells of devices, read tolerantly.

use crate::api::decode::{display, fix, phrase};
use crate::api::model::scalar::{integer, lenient, text};
use crate::api::model::{Number, wire_time};
use crate::app::action::Failure;
use crate::app::callout::CalloutId;
use crate::app::devices::model::{Battery, Device, Event};
use crate::geo::Position;
use crate::runtime::control::Control;
use crate::sim::devices::Template;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

const WHAT: &str = "look at the devices";

/// One look, with the templates whole.
pub(super) struct Look {
    pub now: Timestamp,
    pub speed: f64,
    pub devices: Vec<Device>,
    pub templates: Vec<Template>,
}

#[derive(Debug, Deserialize)]
struct Templated {
    template: Template,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Listed {
    #[serde(deserialize_with = "lenient")]
    id: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    customer: Option<Owner>,
    #[serde(deserialize_with = "text")]
    device_id: Option<String>,
    #[serde(deserialize_with = "text")]
    device_serial: Option<String>,
    #[serde(deserialize_with = "text")]
    device_supplier: Option<String>,
    #[serde(deserialize_with = "text")]
    alias: Option<String>,
    #[serde(deserialize_with = "integer")]
    device_type_id: Option<i64>,
    #[serde(deserialize_with = "text")]
    template: Option<String>,
    #[serde(deserialize_with = "text")]
    firmware_version: Option<String>,
    #[serde(deserialize_with = "lenient")]
    battery_level: Option<Number>,
    #[serde(with = "wire_time")]
    battery_level_last_received_date: Option<Timestamp>,
    #[serde(deserialize_with = "lenient")]
    last_event: Option<Heard>,
    #[serde(deserialize_with = "lenient")]
    location: Option<Place>,
    #[serde(deserialize_with = "lenient")]
    active_callout_id: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    last_callout_id: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Owner {
    #[serde(deserialize_with = "lenient")]
    id: Option<u64>,
    #[serde(deserialize_with = "text")]
    name: Option<String>,
    #[serde(deserialize_with = "text")]
    surname: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Heard {
    #[serde(deserialize_with = "text")]
    event_types: Option<String>,
    #[serde(with = "wire_time")]
    at: Option<Timestamp>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Place {
    #[serde(deserialize_with = "lenient")]
    latitude: Option<Number>,
    #[serde(deserialize_with = "lenient")]
    longitude: Option<Number>,
}

impl Place {
    fn position(&self) -> Option<Position> {
        let (latitude, longitude) = (self.latitude.map(|n| n.0), self.longitude.map(|n| n.0));
        fix(latitude, longitude, None, None).map(|fix| fix.position)
    }
}

pub(super) async fn survey(control: &Control) -> Result<Look, Failure> {
    let (clock, devices, templates) = tokio::try_join!(
        control.clock(WHAT),
        control.read::<Vec<Value>>(WHAT, "/devices"),
        control.read::<Vec<Value>>(WHAT, "/device-templates"),
    )?;
    let (now, speed) = clock;
    // One that cannot be understood costs itself, not the others.
    let devices = devices
        .into_iter()
        .filter_map(|device| Device::from_wire(serde_json::from_value(device).ok()?))
        .collect();
    let templates = templates
        .into_iter()
        .filter_map(|given| Some(serde_json::from_value::<Templated>(given).ok()?.template))
        .collect();
    Ok(Look { now, speed, devices, templates })
}

impl Device {
    /// `None` without a `deviceId`: nothing could be said for it.
    fn from_wire(wire: Listed) -> Option<Self> {
        let id = display(wire.device_id.as_deref());
        if id.is_empty() {
            return None;
        }
        let callout = wire.active_callout_id.or(wire.last_callout_id);
        let owner = wire.customer.unwrap_or_default();
        Some(Self {
            key: wire.id.map_or_else(|| id.clone(), |id| id.to_string().into()),
            id,
            serial: display(wire.device_serial.as_deref()),
            supplier: display(wire.device_supplier.as_deref()),
            alias: display(wire.alias.as_deref()),
            firmware: display(wire.firmware_version.as_deref()),
            template: display(wire.template.as_deref()),
            type_id: wire.device_type_id,
            customer: owner.id.map(|id| id.to_string().into()).unwrap_or_default(),
            customer_name: phrase(&[owner.name.as_deref(), owner.surname.as_deref()]),
            battery: wire
                .battery_level
                .map(|level| Battery { level: level.0, at: wire.battery_level_last_received_date }),
            last_event: wire.last_event.and_then(|heard| {
                let name = display(Some(heard.event_types?.as_str()));
                Some(Event { name, at: heard.at })
            }),
            callout: callout.and_then(|id| CalloutId::new(id.to_string())),
            active: wire.active_callout_id.is_some(),
            place: wire.location.and_then(|place| place.position()),
        })
    }
}
