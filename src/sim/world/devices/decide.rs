//! What comes of a command about devices.

use super::{
    DeviceCommand, DeviceEvent, DeviceHeard, DeviceRecord, DeviceReply, KnownBy, LinkFields, LinkPatch,
    NewLink,
};
use crate::sim::devices::{Action, Fault, Heard, SentId, Template};
use crate::sim::world::World;
use crate::sim::world::command::{Raise, Refusal, Reply, Who};
use crate::sim::world::event::{Event, Happened};
use crate::sim::world::id::{CalloutId, CustomerId, LinkId, SourceId};
use jiff::Timestamp;
use serde_json::Value;

/// A press is security, and it is real (reference §8.2).
const RESPONSE_TYPE: i64 = 1;
const REAL: i64 = 1;
/// Of a name that somebody gives a device.
const LONGEST_TEXT: usize = 200;

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Template { field: fault.at, why: fault.why }
    }
}

impl World {
    pub(in crate::sim::world) fn decide_device(
        &mut self,
        command: DeviceCommand,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let (event, reply) = match command {
            DeviceCommand::Link { source, customer, link } => {
                let fields = Box::new(self.new_link(source, customer, *link)?);
                let link = LinkId(self.ids().take());
                (Some(DeviceEvent::Linked { link, customer, fields }), DeviceReply::Linked(link))
            }
            DeviceCommand::Update { source, customer, device_id, patch } => {
                let device = self.own_device(source, &device_id)?;
                if device.customer != customer {
                    return Err(Refusal::NotFound { what: "Device" });
                }
                let (link, fields) = (device.id, self.patched(device, *patch)?);
                let event = (fields != device.fields)
                    .then(|| DeviceEvent::Updated { link, fields: Box::new(fields) });
                (event, DeviceReply::Linked(link))
            }
            DeviceCommand::Unlink { source, device_id } => {
                let link = self.own_device(source, &device_id)?.id;
                (Some(DeviceEvent::Unlinked { link }), DeviceReply::Unlinked)
            }
            DeviceCommand::Hear { source, message } => return self.hear(source, &message, now, out),
            DeviceCommand::HandInTemplates(given) => return self.hand_in_templates(given, now, out),
            DeviceCommand::PutTemplate(template) => return self.put_template(template, now, out),
        };
        if let Some(event) = event {
            self.emit(now, Happened::Device(event), out);
        }
        Ok(Reply::Device(reply))
    }

    fn own_device(&self, source: SourceId, device_id: &str) -> Result<&DeviceRecord, Refusal> {
        self.device(source, device_id).ok_or(Refusal::NotFound { what: "Device" })
    }

    fn new_link(&self, source: SourceId, customer: CustomerId, new: NewLink) -> Result<LinkFields, Refusal> {
        if self.customer(source, customer).is_none() {
            return Err(Refusal::NotFound { what: "Customer" });
        }
        check_texts([("deviceAlias", &new.alias), ("firmwareVersion", &new.firmware_version)])?;
        check_texts([("deviceSupplier", &new.supplier)])?;
        let (device_id, serial, type_id) = match new.known_by {
            KnownBy::Serial(serial) => {
                let supplier = new.supplier.as_deref().unwrap_or_default();
                let template = self.template_for(new.type_id, supplier, &serial)?;
                (template.device_id(&serial)?, Some(serial), template.type_id)
            }
            KnownBy::DeviceId(id) => {
                check_texts([("deviceId", &Some(id.clone()))])?;
                if id.trim().is_empty() {
                    return Err(Refusal::Invalid { field: "deviceId", why: "is blank" });
                }
                let type_id = match new.type_id {
                    Some(type_id) => self.known_type(type_id)?.type_id,
                    None => self.device_templates().next().map_or(1, |kept| kept.template.type_id),
                };
                (id, None, type_id)
            }
        };
        if self.device(source, &device_id).is_some() {
            return Err(Refusal::Duplicate { field: "deviceId" });
        }
        let (supplier, alias, firmware_version) = (new.supplier, new.alias, new.firmware_version);
        Ok(LinkFields { device_id, serial, supplier, type_id, alias, firmware_version })
    }

    /// The type decides where there is one; else the supplier, and of its templates the one whose
    /// serials look like this.
    fn template_for(&self, type_id: Option<i64>, supplier: &str, serial: &str) -> Result<&Template, Refusal> {
        if let Some(type_id) = type_id {
            return self.known_type(type_id);
        }
        let mut of_supplier =
            self.device_templates().map(|kept| &kept.template).filter(|t| t.serves(supplier));
        let first = of_supplier.next();
        let first =
            first.ok_or(Refusal::Invalid { field: "deviceSupplier", why: "has no device template" })?;
        let fitting = std::iter::once(first).chain(of_supplier).find(|t| t.device_id(serial).is_ok());
        Ok(fitting.unwrap_or(first))
    }

    fn known_type(&self, type_id: i64) -> Result<&Template, Refusal> {
        let unknown = Refusal::Invalid { field: "deviceType", why: "has no device template" };
        self.template_of_type(type_id).ok_or(unknown)
    }

    /// Another type must read the same id out of the serial: the device goes on by that id.
    fn patched(&self, device: &DeviceRecord, patch: LinkPatch) -> Result<LinkFields, Refusal> {
        check_texts([("deviceAlias", &patch.alias), ("firmwareVersion", &patch.firmware_version)])?;
        let mut fields = device.fields.clone();
        if let Some(type_id) = patch.type_id {
            let unknown = Refusal::Invalid { field: "deviceTypeId", why: "has no device template" };
            let template = self.template_of_type(type_id).ok_or(unknown)?;
            let same = |serial: &String| template.device_id(serial).is_ok_and(|id| id == fields.device_id);
            if type_id != fields.type_id && !fields.serial.as_ref().is_none_or(same) {
                let why = "reads another deviceId out of the serial";
                return Err(Refusal::Invalid { field: "deviceTypeId", why });
            }
            fields.type_id = type_id;
        }
        fields.alias = patch.alias.or(fields.alias);
        fields.firmware_version = patch.firmware_version.or(fields.firmware_version);
        Ok(fields)
    }

    fn hear(
        &mut self,
        source: SourceId,
        message: &Value,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let (template, device, sent) = self.sender(source, message)?;
        let (link, heard) = (device.id, template.read(message)?);
        let Heard { action, level, .. } = heard;
        let callout = self.act(link, &heard, now, out)?;
        self.emit(now, Happened::Device(DeviceEvent::Heard { link, action, callout, level }), out);
        let numeric = matches!(sent, SentId::Number(_));
        Ok(Reply::Device(DeviceReply::Heard(DeviceHeard { link, action, callout, level, numeric })))
    }

    /// Whose message it is. One that names a type is read by that type's template; one that does not
    /// belongs to whichever device with a template of its shape has the id.
    fn sender(
        &self,
        source: SourceId,
        message: &Value,
    ) -> Result<(&Template, &DeviceRecord, SentId), Refusal> {
        let templates = || self.device_templates().map(|kept| &kept.template);
        for template in templates() {
            let Some(pointer) = &template.message.type_id else { continue };
            let named = pointer.get(message).and_then(SentId::of);
            if named.is_some_and(|named| named.to_string() == template.type_id.to_string()) {
                let sent = template.sender(message)?;
                let device = self.device_of(source, &sent, template);
                return Ok((template, device.ok_or_else(|| unknown(template))?, sent));
            }
        }
        let mut not_linked = None;
        for template in templates().filter(|template| template.fits(message)) {
            let sent = template.sender(message)?;
            match self.device_of(source, &sent, template) {
                Some(device) => return Ok((template, device, sent)),
                None => not_linked = Some(unknown(template)),
            }
        }
        Err(not_linked.unwrap_or_else(|| self.untyped(message)))
    }

    fn device_of(&self, source: SourceId, sent: &SentId, template: &Template) -> Option<&DeviceRecord> {
        let device = self.device(source, &sent.to_string())?;
        let known = device.fields.type_id == template.type_id && self.customer_of_device(device).is_some();
        known.then_some(device)
    }

    /// Why a message is nobody's: its type is missing, or none that is known.
    fn untyped(&self, message: &Value) -> Refusal {
        let types: Vec<_> =
            self.device_templates().filter_map(|kept| kept.template.message.type_id.as_ref()).collect();
        let named = types.iter().find(|pointer| pointer.get(message).is_some());
        match named.or(types.first()) {
            Some(pointer) if named.is_some() => pointer.fault("has no device template").into(),
            Some(pointer) => pointer.fault("is required").into(),
            None => Refusal::Invalid { field: "message", why: "fits no device template" },
        }
    }

    /// What the message does to a callout: which one that is.
    fn act(
        &mut self,
        link: LinkId,
        heard: &Heard,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Option<CalloutId>, Refusal> {
        let device = self.device_by_link(link).ok_or(Refusal::NotFound { what: "Device" })?;
        let (source, customer) = (device.source, device.customer);
        let active = self.active_callout_of_device(device).map(|callout| callout.id);
        let idle =
            || Refusal::Template { field: "The device".to_owned(), why: "has no active callout".to_owned() };
        let under_way = || active.ok_or_else(idle);
        let place = heard.position.ok_or(Refusal::Invalid { field: "location", why: "is required" });
        match heard.action {
            Action::Callout if active.is_some() => Ok(active),
            Action::Callout => {
                let raise = Raise {
                    source,
                    who: Who::ById(customer),
                    position: place?,
                    accuracy: heard.accuracy,
                    response_type_id: RESPONSE_TYPE,
                    classification_id: REAL,
                    internal_test: false,
                    check_subscription: true,
                };
                match self.raise(raise, now, out)? {
                    Reply::Raised { callout, .. } => Ok(Some(callout)),
                    _ => Ok(None),
                }
            }
            Action::Location => {
                let callout = under_way()?;
                self.update_location(source, callout, (place?, heard.accuracy), now, out)?;
                Ok(Some(callout))
            }
            Action::Cancel => {
                let callout = under_way()?;
                self.cancel(source, callout, None, now, out)?;
                Ok(Some(callout))
            }
            Action::Battery => Ok(None),
        }
    }
}

fn unknown(template: &Template) -> Refusal {
    let field = template.message.device.pointer().map(ToString::to_string).unwrap_or_default();
    Refusal::Template { field, why: "is not a linked device of this type".to_owned() }
}

fn check_texts<const N: usize>(texts: [(&'static str, &Option<String>); N]) -> Result<(), Refusal> {
    let long = |text: &Option<String>| text.as_ref().is_some_and(|text| text.len() > LONGEST_TEXT);
    match texts.into_iter().find(|(_, text)| long(text)) {
        Some((field, _)) => Err(Refusal::Invalid { field, why: "is longer than 200 characters" }),
        None => Ok(()),
    }
}
