//! A callout in v2: flat where it is made or listed, nested where it is read (reference §6.2, §6.4).

use super::view_words::{classification, measures, number, response_type, route};
use super::{Included, view_event};
use crate::api::model::callout_v2::{
    Described, FlatCallout, IncidentInformation, NestedCallout, ResponderV2, SupplierV2, TrackingUrl,
};
use crate::api::model::customer::CustomerName;
use crate::api::model::location::{CurrentLocation, ResponderLocation};
use crate::api::model::reply::Named;
use crate::api::model::webhook::CalloutKind;
use crate::api::model::{Id, Number, TextNumber};
use crate::sim::world::{
    Assignment, CalloutRecord, EMERGENCY_TYPE, INCIDENT_CATEGORY, RESPONDER_ACCURACY_M, ResponderFix, World,
};
use jiff::Timestamp;
use std::collections::BTreeMap;

pub fn flat(record: &CalloutRecord, url: Option<&str>) -> FlatCallout {
    FlatCallout {
        id: number(record.id.0),
        customer_id: record.customer_id().and_then(|customer| number(customer.0)),
        predefined_location_id: place(record),
        status: record.status.as_str().to_owned(),
        latitude: Some(Number(record.location.position.latitude())),
        longitude: Some(Number(record.location.position.longitude())),
        response_type_id: Some(record.response_type_id),
        callout_classification_id: Some(record.classification_id),
        created_at: Some(record.created_at),
        url: url.map(|url| TrackingUrl(url.to_owned())),
        cancelled_by_customer: None,
        extra: BTreeMap::new(),
    }
}

/// What a webhook is told beside the flat callout when a responder does something.
pub fn kind(record: &CalloutRecord) -> CalloutKind {
    CalloutKind {
        internal_test: record.internal_test,
        callout_classification: named(record.classification_id, classification(record.classification_id)),
    }
}

/// The reply to a cancel.
pub fn cancelled(record: &CalloutRecord, url: &str) -> FlatCallout {
    FlatCallout { cancelled_by_customer: Some(record.cancelled_by_customer), ..flat(record, Some(url)) }
}

pub fn nested(world: &World, record: &CalloutRecord, now: Timestamp, included: Included) -> NestedCallout {
    let events = || world.entries(record, now).map(|entry| view_event::listed(record, entry)).collect();
    NestedCallout {
        id: number(record.id.0),
        customer_id: record.customer_id().and_then(|customer| number(customer.0)),
        predefined_location_id: place(record),
        status: record.status.as_str().to_owned(),
        cancelled_by_customer: record.cancelled_by_customer,
        response_type_id: Some(record.response_type_id),
        callout_classification_id: Some(record.classification_id),
        created_at: Some(record.created_at),
        updated_at: Some(record.updated_at),
        resolved_at: record.resolved_at,
        customer: customer(world, record),
        internal_test: record.internal_test,
        callout_classification: named(record.classification_id, classification(record.classification_id)),
        incident_information: incident_information(world, record, now),
        callout_events: included.events.then(events),
        route: if included.route { route(world, record, now) } else { None },
        extra: BTreeMap::new(),
    }
}

/// The fixed location that it was raised from.
fn place(record: &CalloutRecord) -> Option<Id> {
    number(record.called_from?.place.0)
}

/// Of a callout that is nobody's, the name of its place alone.
fn customer(world: &World, record: &CalloutRecord) -> CustomerName {
    let whose = record.customer_id();
    let fields = world.customer_of(record).map(|customer| &customer.fields);
    CustomerName {
        id: whose.and_then(|customer| number(customer.0)),
        name: fields.map(|fields| fields.name.clone()),
        surname: fields.filter(|_| whose.is_some()).map(|fields| fields.surname.clone()),
        mobile: fields.filter(|_| whose.is_some()).map(|fields| fields.mobile.clone()),
    }
}

fn named(id: i64, value: Option<&str>) -> Named {
    Named { id: Some(id), value: value.map(str::to_owned) }
}

/// One element for each responder that was sent, newest last; one of nulls before that.
pub fn incident_information(
    world: &World,
    record: &CalloutRecord,
    now: Timestamp,
) -> Vec<IncidentInformation> {
    if record.assignments.is_empty() {
        return vec![place_and_type(world, record)];
    }
    let last = record.assignments.len() - 1;
    let each = record.assignments.iter().enumerate();
    each.map(|(index, assignment)| {
        let fix = if index == last { world.responder_fix(record, now) } else { None };
        let eta = if index == last { world.eta(record, now) } else { None };
        IncidentInformation {
            eta: eta.map(|eta| measures(&eta)),
            ..dispatched(world, record, assignment, fix.or(assignment.last_fix))
        }
    })
    .collect()
}

fn place_and_type(world: &World, record: &CalloutRecord) -> IncidentInformation {
    let location = &record.location;
    IncidentInformation {
        callout_current_location: Some(CurrentLocation {
            latitude: Some(TextNumber(location.position.latitude())),
            longitude: Some(TextNumber(location.position.longitude())),
            accuracy: location.accuracy.map(Number),
            formatted_address: world.address_of(record).map(str::to_owned),
            updated_at: Some(location.at),
        }),
        predefined_location_id: place(record),
        response_type: Some(named(record.response_type_id, response_type(record.response_type_id))),
        ..IncidentInformation::default()
    }
}

fn dispatched(
    world: &World,
    record: &CalloutRecord,
    assignment: &Assignment,
    fix: Option<ResponderFix>,
) -> IncidentInformation {
    let described = |(id, description): (u64, &str)| {
        let done = assignment.completed_at.is_some();
        done.then(|| Described { id: number(id), description: Some(description.to_owned()) })
    };
    IncidentInformation {
        type_of_emergency: described(EMERGENCY_TYPE),
        incident_category: described(INCIDENT_CATEGORY),
        supplier: world.supplier(assignment.supplier).map(|supplier| SupplierV2 {
            id: number(supplier.id.0),
            name: Some(supplier.fields.name.clone()),
            contact_number: Some(supplier.fields.contact_number.clone()),
        }),
        responder: responder(world, assignment, fix),
        responder_dispatched_at: Some(assignment.dispatched_at),
        responder_arrived_at: assignment.arrived_at,
        responder_completed_at: assignment.completed_at,
        ..place_and_type(world, record)
    }
}

fn responder(world: &World, assignment: &Assignment, fix: Option<ResponderFix>) -> Option<ResponderV2> {
    let record = world.responder(assignment.responder?)?;
    let fields = &record.fields;
    Some(ResponderV2 {
        id: number(record.id.0),
        name: Some(fields.name.clone()),
        surname: Some(fields.surname.clone()),
        callsign: Some(fields.callsign.clone()),
        mobile: Some(fields.mobile.clone()),
        vehicle_make: Some(fields.vehicle_make.clone()),
        vehicle_model: Some(fields.vehicle_model.clone()),
        vehicle_colour: Some(fields.vehicle_colour.clone()),
        vehicle_license_plate: Some(fields.vehicle_license_plate.clone()),
        location: fix.map(|fix| ResponderLocation {
            latitude: Some(Number(fix.position.latitude())),
            longitude: Some(Number(fix.position.longitude())),
            accuracy: Some(Number(RESPONDER_ACCURACY_M)),
            updated_at: Some(fix.at),
        }),
    })
}
