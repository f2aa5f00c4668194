//! IoT devices: their links to customers, the templates that read them, and what they say.
//!
//! A message is read by its template when it is decided on, and its events hold what it came to. So a
//! replay asks no template, whatever became of it since.

mod decide;
mod fold;
mod templates;

use super::World;
use super::id::{CalloutId, CustomerId, LinkId, SourceId};
use super::record::{CalloutRecord, CustomerRecord};
use crate::sim::devices::{Action, Template};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub enum DeviceCommand {
    Link {
        source: SourceId,
        customer: CustomerId,
        link: Box<NewLink>,
    },
    Update {
        source: SourceId,
        customer: CustomerId,
        device_id: String,
        patch: Box<LinkPatch>,
    },
    Unlink {
        source: SourceId,
        device_id: String,
    },
    /// A message as it came.
    Hear {
        source: SourceId,
        message: Value,
    },
    /// Those of the program and of the user's files: all there are.
    HandInTemplates(Vec<Template>),
    /// One from the control side. It takes the place of any of that name.
    PutTemplate(Box<Template>),
}

/// What is said of a device when it is linked.
#[derive(Clone, Debug, PartialEq)]
pub struct NewLink {
    /// The serial; or, from the older edition, the device id itself.
    pub known_by: KnownBy,
    pub supplier: Option<String>,
    /// Absent: that of the supplier's template.
    pub type_id: Option<i64>,
    pub alias: Option<String>,
    pub firmware_version: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum KnownBy {
    Serial(String),
    DeviceId(String),
}

/// What stays out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkPatch {
    pub type_id: Option<i64>,
    pub alias: Option<String>,
    pub firmware_version: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DeviceReply {
    Linked(LinkId),
    Unlinked,
    Heard(DeviceHeard),
    TemplatesTaken,
}

/// What a message was resolved to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeviceHeard {
    pub link: LinkId,
    pub action: Action,
    /// There for all but the battery.
    pub callout: Option<CalloutId>,
    pub level: Option<f64>,
    /// Whether the device's id came as a number, which is how it goes back then.
    pub numeric: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum DeviceEvent {
    Linked {
        link: LinkId,
        customer: CustomerId,
        fields: Box<LinkFields>,
    },
    Updated {
        link: LinkId,
        fields: Box<LinkFields>,
    },
    Unlinked {
        link: LinkId,
    },
    /// What the message did to a callout stands in events of its own, before this one.
    Heard {
        link: LinkId,
        action: Action,
        callout: Option<CalloutId>,
        #[serde(default)]
        level: Option<f64>,
    },
    TemplatePut {
        template: Box<Template>,
        origin: Origin,
    },
    /// A file that was handed in before is not there any more.
    TemplateRemoved {
        name: String,
    },
}

impl DeviceEvent {
    pub(super) fn last_id(&self) -> Option<u64> {
        match self {
            Self::Linked { link, .. } => Some(link.0),
            _ => None,
        }
    }
}

/// Who gave a template. One from the control side is not replaced by a file at the next start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    File,
    Control,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptTemplate {
    pub template: Template,
    pub origin: Origin,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinkFields {
    /// Unique within a source.
    pub device_id: String,
    /// `None` where the older edition's link named the device id alone.
    pub serial: Option<String>,
    pub supplier: Option<String>,
    pub type_id: i64,
    pub alias: Option<String>,
    pub firmware_version: Option<String>,
}

/// A device of a customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviceRecord {
    pub id: LinkId,
    pub source: SourceId,
    pub customer: CustomerId,
    pub fields: LinkFields,
    pub battery: Option<Battery>,
    pub last_event: Option<LastEvent>,
    /// The callout that its last press opened or came to, closed or not.
    pub callout: Option<CalloutId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Battery {
    /// Percent.
    pub level: f64,
    pub at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastEvent {
    pub action: Action,
    pub at: Timestamp,
}

/// The world's records of devices. The index of device ids is the world's own.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct DeviceTables {
    pub(super) links: BTreeMap<LinkId, DeviceRecord>,
    /// By name.
    pub(super) templates: BTreeMap<String, KeptTemplate>,
}

impl DeviceTables {
    /// The templates are settings, not contents.
    pub(super) fn after_reset(&mut self) -> Self {
        Self { templates: std::mem::take(&mut self.templates), ..Self::default() }
    }
}

/// What can be read of devices.
impl World {
    /// Every device of every source, for the control side.
    pub fn devices(&self) -> impl Iterator<Item = &DeviceRecord> {
        self.tables.devices.links.values()
    }

    /// `None` for another source's, as for an unknown one.
    pub fn device(&self, source: SourceId, device_id: &str) -> Option<&DeviceRecord> {
        self.device_by_link(*self.index.devices.get(&source)?.get(device_id)?)
    }

    pub fn device_by_link(&self, link: LinkId) -> Option<&DeviceRecord> {
        self.tables.devices.links.get(&link)
    }

    /// The callout that is under way for a device.
    pub fn active_callout_of_device(&self, device: &DeviceRecord) -> Option<&CalloutRecord> {
        self.callout(device.source, device.callout?).filter(|callout| callout.is_active())
    }

    pub fn customer_of_device(&self, device: &DeviceRecord) -> Option<&CustomerRecord> {
        self.customer(device.source, device.customer)
    }

    /// By type.
    pub fn device_templates(&self) -> impl Iterator<Item = &KeptTemplate> {
        let mut all: Vec<_> = self.tables.devices.templates.values().collect();
        all.sort_by_key(|kept| kept.template.type_id);
        all.into_iter()
    }

    pub fn device_template(&self, name: &str) -> Option<&KeptTemplate> {
        self.tables.devices.templates.get(name)
    }

    /// The template that a type of device has.
    pub fn template_of_type(&self, type_id: i64) -> Option<&Template> {
        let mut all = self.tables.devices.templates.values().map(|kept| &kept.template);
        all.find(|template| template.type_id == type_id)
    }
}
