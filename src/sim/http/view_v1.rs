//! A callout in v1: one deep record whose keys are those of the samples in every state, and whose
//! values change from state to state as they do there (reference §7.2, §7.3).

use super::view_words::{distance, duration, measures, number, route};
use super::{Included, view_event};
use crate::api::model::callout_v1::{
    CalloutV1, IncidentCategory, IncidentDetail, ResponderInRange, ResponderV1, ResponseEta, SupplierV1,
    TypeOfEmergency,
};
use crate::api::model::customer::CalloutCustomer;
use crate::api::model::location::{CalloutLocation, ResponderFix as WireFix};
use crate::api::model::{Id, Number, TextNumber};
use crate::sim::world::{
    Assignment, CONTROLLER, CalloutRecord, Candidate, CustomerRecord, EMERGENCY_TYPE, EtaNow,
    INCIDENT_CATEGORY, RESPONDER_ACCURACY_M, ResponderFix, ResponderRecord, Status, SupplierRecord, World,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

/// `loggedAt` is this much before `createdAt` in the samples.
const LOGGED_BEFORE: SignedDuration = SignedDuration::from_millis(2);

/// When the catalogue of emergencies was made, in the samples.
const CATALOGUE_SECOND: i64 = 1_502_793_420;

/// The controller, where a controller did it.
fn controller(did_it: bool) -> Option<String> {
    did_it.then(|| CONTROLLER.email.to_owned())
}

pub fn callout(world: &World, record: &CalloutRecord, now: Timestamp, included: Included) -> CalloutV1 {
    let eta = world.eta(record, now);
    let location = location(world, record, eta.as_ref());
    CalloutV1 {
        id: number(record.id.0),
        callout_classification_id: Some(record.classification_id),
        cancelled_by_customer: record.cancelled_by_customer,
        status: record.status.as_str().to_owned(),
        verified: record.verified_at.map(|_| true),
        verified_by: controller(record.verified_at.is_some()),
        verified_at: record.verified_at,
        resolved_at: record.resolved_at.map(whole_seconds),
        logged_at: record.created_at.checked_sub(LOGGED_BEFORE).ok(),
        created_at: Some(record.created_at),
        updated_at: Some(record.updated_at),
        last_updated_by: controller(record.updated_by_controller),
        last_updated_by_client_id: Value::Null,
        source: Value::Null,
        dispatch_required: true,
        acknowledged: record.acknowledged_at.is_some(),
        first_acknowledged_by: controller(record.acknowledged_at.is_some()),
        first_acknowledged_at: record.acknowledged_at,
        owned: record.owned_at.is_some(),
        owned_by: controller(record.owned_at.is_some()),
        owned_at: record.owned_at,
        message_id: Value::Null,
        customer_id: record.customer_id().and_then(|customer| number(customer.0)),
        response_type_id: Some(record.response_type_id),
        callout_responder_in_ranges: record.candidates.iter().map(|c| in_range(record, c)).collect(),
        callout_incident_detail: incident_detail(world, record, now),
        customer: world.customer_of(record).map(|known| customer(record, known)).unwrap_or_default(),
        customer_number_phoneds: Vec::new(),
        callout_locations: vec![location.clone()],
        callout_response_eta: eta.iter().map(|eta| response_eta(record, eta)).collect(),
        location: Some(location),
        distance: eta.as_ref().map(measures).unwrap_or_default(),
        unique_suppliers_in_range: suppliers_in_range(world, record),
        callout_events: included.events.then(|| view_event::chat(world, record, now)),
        route: if included.route { route(world, record, now) } else { None },
        extra: BTreeMap::new(),
    }
}

/// Times that a closed callout tells without their milliseconds.
fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

fn in_range(record: &CalloutRecord, candidate: &Candidate) -> ResponderInRange {
    ResponderInRange {
        id: number(candidate.id),
        callout_id: number(record.id.0),
        responder_id: number(candidate.responder.0),
        requested: candidate.requested,
        declined: candidate.declined,
        distance: Some(Number(f64::from(candidate.distance_m))),
        duration: Some(Number(f64::from(candidate.duration_s))),
        duration_text: Some(duration(candidate.duration_s)),
        acknowledged: candidate.acknowledged,
        retracted_at: candidate.retracted_at,
        created_at: Some(candidate.created_at),
        updated_at: Some(candidate.updated_at),
    }
}

/// Empty once the responder has retracted, as in the sample.
fn suppliers_in_range(world: &World, record: &CalloutRecord) -> Vec<Id> {
    if record.status == Status::ResponderCancelled {
        return Vec::new();
    }
    let suppliers = record.candidates.iter().filter_map(|candidate| world.responder(candidate.responder));
    let mut ids: Vec<u64> = suppliers.map(|responder| responder.supplier.0).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().filter_map(number).collect()
}

fn incident_detail(world: &World, record: &CalloutRecord, now: Timestamp) -> IncidentDetail {
    let assignment = record.assignment();
    let supplier = assignment.and_then(|assignment| world.supplier(assignment.supplier));
    let responder = assignment.and_then(|assignment| world.responder(assignment.responder?));
    // Once it is closed these two lose their milliseconds; the completion keeps them.
    let told = |time: Timestamp| if record.is_active() { time } else { whole_seconds(time) };
    let completed = assignment.and_then(|assignment| assignment.completed_at);
    let outcome = record.outcome.filter(|_| completed.is_some());
    IncidentDetail {
        id: number(record.detail_id),
        incident_details: record.incident_details.as_deref().map(str::to_owned),
        responder_company: supplier.filter(|_| responder.is_some()).map(|s| s.fields.name.clone()),
        responder_dispatched: assignment.is_some(),
        callout_id: number(record.id.0),
        responder_dispatched_at: assignment.map(|assignment| told(assignment.dispatched_at)),
        responder_arrived_at: assignment.and_then(|assignment| assignment.arrived_at).map(told),
        responder_completed_at: completed,
        created_at: Some(record.created_at),
        situation_neutral: None,
        any_injuries: outcome.map(|outcome| outcome.any_injuries),
        customer_happy: outcome.map(|outcome| outcome.customer_happy),
        follow_up_required: outcome.map(|outcome| outcome.follow_up_required),
        updated_at: Some(record.detail_updated_at),
        last_updated_by: controller(record.detail_updated_by_controller),
        responder_id: responder.and_then(|responder| number(responder.id.0)),
        supplier_id: assignment.and_then(|assignment| number(assignment.supplier.0)),
        type_of_emergency_id: completed.and_then(|_| number(EMERGENCY_TYPE.0)),
        incident_category_id: completed.and_then(|_| number(INCIDENT_CATEGORY.0)),
        incident_category: completed.map(|_| incident_category()),
        supplier: supplier.map(wire_supplier),
        responder: responder
            .zip(assignment)
            .map(|(responder, assignment)| wire_responder(world, record, (responder, assignment), now)),
    }
}

fn incident_category() -> IncidentCategory {
    let made = Timestamp::from_second(CATALOGUE_SECOND).ok();
    IncidentCategory {
        id: number(INCIDENT_CATEGORY.0),
        description: Some(INCIDENT_CATEGORY.1.to_owned()),
        created_at: made,
        updated_at: made,
        type_of_emergency_id: number(EMERGENCY_TYPE.0),
        type_of_emergency: Some(TypeOfEmergency {
            id: number(EMERGENCY_TYPE.0),
            description: Some(EMERGENCY_TYPE.1.to_owned()),
            created_at: made,
            updated_at: made,
        }),
    }
}

fn wire_supplier(record: &SupplierRecord) -> SupplierV1 {
    let fields = &record.fields;
    SupplierV1 {
        id: number(record.id.0),
        name: Some(fields.name.clone()),
        contact_number: Some(fields.contact_number.clone()),
        email: Some(fields.email.clone()),
        contact_person: Some(fields.contact_person.clone()),
        address: Some(fields.address.clone()),
        region: Some(fields.region.clone()),
        created_at: Some(record.created_at),
        updated_at: Some(record.updated_at),
        last_updated_by: None,
        callout_requires_dispatch_approval: false,
        supplier_logo_url: None,
        deleted: record.deleted,
    }
}

fn wire_responder(
    world: &World,
    callout: &CalloutRecord,
    (record, assignment): (&ResponderRecord, &Assignment),
    now: Timestamp,
) -> ResponderV1 {
    let fields = &record.fields;
    let fix = world.responder_fix(callout, now).unwrap_or(record.resting);
    ResponderV1 {
        id: number(record.id.0),
        name: Some(fields.name.clone()),
        surname: Some(fields.surname.clone()),
        callsign: Some(fields.callsign.clone()),
        reference: Some(fields.callsign.clone()),
        mobile: Some(fields.mobile.clone()),
        vehicle_make: Some(fields.vehicle_make.clone()),
        vehicle_model: Some(fields.vehicle_model.clone()),
        vehicle_colour: Some(fields.vehicle_colour.clone()),
        vehicle_license_plate: Some(fields.vehicle_license_plate.clone()),
        active: record.active,
        currently_on_call: assignment.completed_at.is_none() && callout.is_active(),
        created_at: Some(record.created_at),
        updated_at: Some(record.updated_at),
        operation_time_id: number(1),
        type_id: number(1),
        deleted: record.deleted,
        latest_responder_location_id: number(fix.id),
        supplier_id: number(record.supplier.0),
        responder_locations: vec![wire_fix(record, &fix)],
    }
}

fn wire_fix(record: &ResponderRecord, fix: &ResponderFix) -> WireFix {
    WireFix {
        id: number(fix.id),
        latitude: Some(TextNumber(fix.position.latitude())),
        longitude: Some(TextNumber(fix.position.longitude())),
        accuracy: Some(Number(RESPONDER_ACCURACY_M)),
        provider: Some("gps".to_owned()),
        activity_status: Some(String::new()),
        created_at: Some(fix.at),
        updated_at: Some(fix.at),
        responder_id: number(record.id.0),
        ..WireFix::default()
    }
}

/// Of a callout that is nobody's, the name of its place alone.
fn customer(callout: &CalloutRecord, record: &CustomerRecord) -> CalloutCustomer {
    let fields = &record.fields;
    if callout.customer_id().is_none() {
        return CalloutCustomer { name: Some(fields.name.clone()), ..CalloutCustomer::default() };
    }
    CalloutCustomer {
        id: number(record.id.0),
        name: Some(fields.name.clone()),
        surname: Some(fields.surname.clone()),
        mobile: Some(fields.mobile.clone()),
        gender: fields.gender.clone(),
        email: fields.email.clone(),
        vehicle_make: fields.vehicle_make.clone(),
        vehicle_model: fields.vehicle_model.clone(),
        vehicle_colour: fields.vehicle_colour.clone(),
        vehicle_license_plate: fields.vehicle_license_plate.clone(),
        customer_source_id: number(record.source.0),
        date_of_birth: fields.date_of_birth.clone(),
        auth0_user_id: record.user.map(|user| format!("auth0|{:024}", user.0)),
        // One sample has the key, as null, and the others have not: it comes back where it was given.
        image_id: fields.other.get("imageId").cloned(),
        created_at: Some(record.created_at),
        updated_at: Some(record.updated_at),
    }
}

/// `durationText` is there once an ETA is. The address is that of a fixed location: nothing here turns
/// other places into streets.
fn location(world: &World, record: &CalloutRecord, eta: Option<&EtaNow>) -> CalloutLocation {
    CalloutLocation {
        id: number(record.location.id),
        latitude: Some(TextNumber(record.location.position.latitude())),
        longitude: Some(TextNumber(record.location.position.longitude())),
        formatted_address: world.address_of(record).map(str::to_owned),
        callout_id: number(record.id.0),
        created_at: Some(record.location.at),
        updated_at: Some(record.location.at),
        source: Some("PANIC_APP".to_owned()),
        duration_text: eta.map(|eta| duration(eta.duration_s)),
        ..CalloutLocation::default()
    }
}

fn response_eta(record: &CalloutRecord, eta: &EtaNow) -> ResponseEta {
    ResponseEta {
        id: number(eta.id),
        callout_id: number(record.id.0),
        responder_id: number(eta.responder.0),
        duration_text: Some(duration(eta.duration_s)),
        duration_value: Some(Number(f64::from(eta.duration_s))),
        distance_text: Some(distance(eta.distance_m)),
        distance_value: Some(Number(f64::from(eta.distance_m))),
        created_at: Some(eta.at),
        updated_at: Some(eta.at),
    }
}
