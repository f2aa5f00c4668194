//! Applying the events of devices.

use super::{Battery, DeviceEvent, DeviceRecord, KeptTemplate, LastEvent, World};
use jiff::Timestamp;

impl World {
    pub(in crate::sim::world) fn fold_device(&mut self, event: &DeviceEvent, at: Timestamp) {
        match event {
            DeviceEvent::Linked { link, customer, fields } => {
                let Some(source) = self.tables.customers.get(customer).map(|customer| customer.source) else {
                    return;
                };
                let record = DeviceRecord {
                    id: *link,
                    source,
                    customer: *customer,
                    fields: fields.as_ref().clone(),
                    battery: None,
                    last_event: None,
                    callout: None,
                    created_at: at,
                    updated_at: at,
                };
                self.index.add_device(&record);
                self.tables.devices.links.insert(*link, record);
            }
            DeviceEvent::Updated { link, fields } => {
                if let Some(record) = self.tables.devices.links.get_mut(link) {
                    self.index.remove_device(record);
                    record.fields = fields.as_ref().clone();
                    record.updated_at = at;
                    self.index.add_device(record);
                }
            }
            DeviceEvent::Unlinked { link } => {
                if let Some(record) = self.tables.devices.links.remove(link) {
                    self.index.remove_device(&record);
                }
            }
            DeviceEvent::Heard { link, action, callout, level } => {
                if let Some(record) = self.tables.devices.links.get_mut(link) {
                    record.last_event = Some(LastEvent { action: *action, at });
                    record.callout = callout.or(record.callout);
                    if let Some(level) = *level {
                        record.battery = Some(Battery { level, at });
                        record.updated_at = at;
                    }
                }
            }
            DeviceEvent::TemplatePut { template, origin } => {
                let kept = KeptTemplate { template: template.as_ref().clone(), origin: *origin };
                self.tables.devices.templates.insert(template.name.clone(), kept);
            }
            DeviceEvent::TemplateRemoved { name } => {
                self.tables.devices.templates.remove(name);
            }
        }
    }
}
