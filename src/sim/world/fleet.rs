//! Suppliers and responders, as the control side places, changes and removes them.

use super::command::{Command, NewResponder, Refusal, Reply, ResponderPatch, SupplierPatch};
use super::event::{Event, Happened};
use super::id::{Ids, ResponderId, SupplierId};
use super::record::{ResponderRecord, ResponseType, Service, SupplierFields, VehicleKind};
use super::standin::demo_supplier;
use super::{SupplierRecord, World};
use jiff::Timestamp;
use std::collections::BTreeSet;

impl World {
    pub(super) fn decide_fleet(
        &mut self,
        command: Command,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let (events, reply) = match command {
            Command::PutSupplier(fields) => {
                check_text("name", &fields.name)?;
                let supplier = SupplierId(self.ids().take());
                (vec![Happened::SupplierPut { supplier, fields }], Reply::Supplier(supplier))
            }
            Command::PatchSupplier { supplier, patch } => {
                let fields = Box::new(patched_supplier(self.known_supplier(supplier)?, patch));
                check_text("name", &fields.name)?;
                (vec![Happened::SupplierPut { supplier, fields }], Reply::Supplier(supplier))
            }
            Command::DeleteSupplier(supplier) => {
                self.known_supplier(supplier)?;
                if self.responders().any(|responder| responder.supplier == supplier) {
                    return Err(Refusal::Invalid { field: "supplierId", why: "still has responders" });
                }
                (vec![Happened::SupplierDeleted { supplier }], Reply::Supplier(supplier))
            }
            Command::PutResponder(new) => self.new_responder(*new)?,
            Command::PatchResponder { responder, patch } => {
                (self.patched_responder(responder, *patch)?, Reply::Responder(responder))
            }
            Command::DeleteResponder(responder) => {
                if self.known_responder(responder)?.on_call.is_some() {
                    return Err(busy());
                }
                (vec![Happened::ResponderDeleted { responder }], Reply::Responder(responder))
            }
            _ => (Vec::new(), Reply::Done),
        };
        self.emit_all(now, events, out);
        Ok(reply)
    }

    fn new_responder(&self, new: NewResponder) -> Result<(Vec<Happened>, Reply), Refusal> {
        check_text("name", &new.fields.name)?;
        let response_types = some_types(new.response_types)?;
        let service = Service { kind: VehicleKind::placed(new.demo), response_types };
        let mut ids = self.ids();
        let (supplier, mut events) = self.some_supplier(new.supplier, &mut ids)?;
        let responder = ResponderId(ids.take());
        events.push(Happened::ResponderCreated {
            responder,
            fix: ids.take(),
            position: new.position,
            supplier,
            fields: Box::new(new.fields),
            active: new.active,
            service,
        });
        Ok((events, Reply::Responder(responder)))
    }

    fn patched_responder(&self, id: ResponderId, patch: ResponderPatch) -> Result<Vec<Happened>, Refusal> {
        let record = self.known_responder(id)?;
        if patch.position.is_some() && record.on_call.is_some() {
            return Err(busy());
        }
        let supplier = patch.supplier_id.unwrap_or(record.supplier);
        self.known_supplier(supplier)?;
        let mut fields = record.fields.clone();
        let texts = [
            (&mut fields.name, patch.name),
            (&mut fields.surname, patch.surname),
            (&mut fields.callsign, patch.callsign),
            (&mut fields.mobile, patch.mobile),
            (&mut fields.vehicle_make, patch.vehicle_make),
            (&mut fields.vehicle_model, patch.vehicle_model),
            (&mut fields.vehicle_colour, patch.vehicle_colour),
            (&mut fields.vehicle_license_plate, patch.vehicle_license_plate),
        ];
        patch_texts(texts);
        check_text("name", &fields.name)?;
        let active = patch.active.unwrap_or(record.active);
        let mut service = record.service.clone();
        if let Some(demo) = patch.demo.filter(|demo| *demo != service.kind.is_demo()) {
            service.kind = VehicleKind::placed(demo);
        }
        if let Some(types) = patch.response_types {
            service.response_types = some_types(types)?;
        }
        let mut events = Vec::new();
        let before = (record.supplier, &record.fields, record.active, &record.service);
        if (supplier, &fields, active, &service) != before {
            let fields = Box::new(fields);
            events.push(Happened::ResponderChanged { responder: id, supplier, fields, active, service });
        }
        if let Some(position) = patch.position {
            events.push(Happened::ResponderPlaced { responder: id, fix: self.ids().take(), position });
        }
        Ok(events)
    }

    fn known_supplier(&self, id: SupplierId) -> Result<&SupplierRecord, Refusal> {
        self.supplier(id).filter(|supplier| !supplier.deleted).ok_or(Refusal::NotFound { what: "Supplier" })
    }

    fn known_responder(&self, id: ResponderId) -> Result<&ResponderRecord, Refusal> {
        self.responder(id)
            .filter(|responder| !responder.deleted)
            .ok_or(Refusal::NotFound { what: "Responder" })
    }

    /// One that a controller names must be able to go.
    pub(super) fn free_responder(&self, id: ResponderId) -> Result<&ResponderRecord, Refusal> {
        let responder = self.known_responder(id)?;
        match (responder.on_call, responder.active) {
            (Some(_), _) => Err(busy()),
            (None, false) => Err(Refusal::Invalid { field: "responderId", why: "is switched off" }),
            (None, true) => Ok(responder),
        }
    }

    /// The chosen supplier or the first; where there is none, the demo suppliers, with the events that
    /// make them.
    pub(super) fn some_supplier(
        &self,
        chosen: Option<SupplierId>,
        ids: &mut Ids,
    ) -> Result<(SupplierId, Vec<Happened>), Refusal> {
        if let Some(id) = chosen {
            return Ok((self.known_supplier(id)?.id, Vec::new()));
        }
        let (suppliers, events) = self.two_suppliers(ids);
        Ok((suppliers[0], events))
    }

    pub(super) fn two_suppliers(&self, ids: &mut Ids) -> ([SupplierId; 2], Vec<Happened>) {
        let mut known = self.suppliers().map(|supplier| supplier.id);
        if let Some(first) = known.next() {
            return ([first, known.next().unwrap_or(first)], Vec::new());
        }
        let suppliers = [SupplierId(ids.take()), SupplierId(ids.take())];
        let put = |(supplier, number)| {
            let fields = Box::new(demo_supplier(number));
            Happened::SupplierPut { supplier, fields }
        };
        (suppliers, suppliers.into_iter().zip(0..).map(put).collect())
    }
}

fn check_text(field: &'static str, text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() { Err(Refusal::Invalid { field, why: "is missing or blank" }) } else { Ok(()) }
}

fn busy() -> Refusal {
    Refusal::Busy { what: "The responder", allowed_now: Vec::new() }
}

/// A vehicle that answers nothing would be one that is switched off.
fn some_types(types: BTreeSet<ResponseType>) -> Result<BTreeSet<ResponseType>, Refusal> {
    if types.is_empty() {
        Err(Refusal::Invalid { field: "responseTypes", why: "is empty" })
    } else {
        Ok(types)
    }
}

fn patch_texts<const N: usize>(texts: [(&mut String, Option<String>); N]) {
    for (text, new) in texts {
        if let Some(new) = new {
            *text = new;
        }
    }
}

fn patched_supplier(record: &SupplierRecord, patch: SupplierPatch) -> SupplierFields {
    let mut fields = record.fields.clone();
    let texts = [
        (&mut fields.name, patch.name),
        (&mut fields.contact_number, patch.contact_number),
        (&mut fields.email, patch.email),
        (&mut fields.contact_person, patch.contact_person),
        (&mut fields.address, patch.address),
        (&mut fields.region, patch.region),
    ];
    patch_texts(texts);
    fields
}
