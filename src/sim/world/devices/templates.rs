//! The templates that the world knows: those of files, handed in at each start, and those that the
//! control side gave.

use super::{DeviceEvent, DeviceReply, Origin};
use crate::sim::devices::Template;
use crate::sim::world::World;
use crate::sim::world::command::{Refusal, Reply};
use crate::sim::world::event::{Event, Happened};
use jiff::Timestamp;

/// More kinds of devices than any demonstration has.
const MOST_TEMPLATES: usize = 200;

impl World {
    /// Only what differs becomes an event, so that a start with the same files leaves no trace. What
    /// the control side gave stays: its name and its type are taken.
    pub(super) fn hand_in_templates(
        &mut self,
        given: Vec<Template>,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let kept = &self.tables.devices.templates;
        let controls = |name: &str| kept.get(name).is_some_and(|kept| kept.origin == Origin::Control);
        let given: Vec<_> = given.into_iter().filter(|template| !controls(&template.name)).collect();
        let by_control = kept.values().filter(|kept| kept.origin == Origin::Control);
        let taken: Vec<i64> = by_control.map(|kept| kept.template.type_id).collect();
        if let Some(template) = given.iter().find(|template| taken.contains(&template.type_id)) {
            let why = "has a type that belongs to a template which the control side gave".to_owned();
            return Err(Refusal::Template { field: template.name.clone(), why });
        }
        let gone = kept.iter().filter(|(name, kept)| {
            kept.origin == Origin::File && given.iter().all(|template| template.name != **name)
        });
        let mut events: Vec<_> =
            gone.map(|(name, _)| DeviceEvent::TemplateRemoved { name: name.clone() }).collect();
        let new = given
            .into_iter()
            .filter(|template| kept.get(&template.name).is_none_or(|kept| kept.template != *template));
        events.extend(
            new.map(|template| DeviceEvent::TemplatePut {
                template: Box::new(template),
                origin: Origin::File,
            }),
        );
        self.emit_all(now, events.into_iter().map(Happened::Device).collect(), out);
        Ok(Reply::Device(DeviceReply::TemplatesTaken))
    }

    pub(super) fn put_template(
        &mut self,
        template: Box<Template>,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        if let Some((field, why)) = template.faults().into_iter().next() {
            return Err(Refusal::Template { field, why });
        }
        let kept = &self.tables.devices.templates;
        let others = || kept.values().filter(|kept| kept.template.name != template.name);
        if others().any(|kept| kept.template.type_id == template.type_id) {
            return Err(Refusal::Duplicate { field: "type" });
        }
        if others().count() >= MOST_TEMPLATES {
            return Err(Refusal::Invalid { field: "name", why: "there are too many templates" });
        }
        let before = kept.get(&template.name);
        if before.is_none_or(|before| before.template != *template || before.origin != Origin::Control) {
            let event = DeviceEvent::TemplatePut { template, origin: Origin::Control };
            self.emit(now, Happened::Device(event), out);
        }
        Ok(Reply::Device(DeviceReply::TemplatesTaken))
    }
}
