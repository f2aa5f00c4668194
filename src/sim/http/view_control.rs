//! What the control side shows: everything that is known, under the API's own names where it has them.

use super::view_event;
use super::view_words::{measures, route};
use crate::api::model::event::Event;
use crate::api::model::route::{Measures, Route};
use crate::api::model::{Number, wire_time};
use crate::geo::Position;
use crate::sim::world::{
    Assignment, AttachedReason, CalloutRecord, Candidate, EXCEPTION_REASONS, Outcome, RatedItem,
    RatingRecord, ResponderFix, ResponderRecord, ResponseType, Sentiment, SupplierRecord, VehicleKind, World,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "what is known of a callout")]
pub struct CalloutView {
    id: u64,
    customer_source_id: u64,
    /// Null: nobody's, from a fixed location.
    customer_id: Option<u64>,
    /// Of a callout that is nobody's, the name of its place.
    customer: Option<Person>,
    predefined_location_id: Option<u64>,
    formatted_address: Option<String>,
    status: &'static str,
    /// What a controller may do now.
    allowed_steps: Vec<&'static str>,
    response_type_id: i64,
    callout_classification_id: i64,
    internal_test: bool,
    cancelled_by_customer: bool,
    /// Cancelled for good while a responder was on the way.
    stood_down: bool,
    duress: bool,
    location: Place,
    #[serde(with = "wire_time")]
    created_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    updated_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    acknowledged_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    owned_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    verified_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    resolved_at: Option<Timestamp>,
    candidates: Vec<CandidateView>,
    /// Oldest first.
    assignments: Vec<AssignmentView>,
    eta: Option<Measures>,
    route: Option<Route>,
    outcome: Option<Outcome>,
    incident_details: Option<String>,
    events: Vec<Event>,
    /// Why it was not needed, as the customer's side said.
    exception_reasons: Vec<ReasonView>,
    rating: Option<RatingView>,
    /// Whether the autopilot still plays it.
    on_autopilot: bool,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
struct Person {
    name: String,
    surname: String,
    mobile: String,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Place {
    latitude: Number,
    longitude: Number,
    accuracy: Option<Number>,
    #[serde(with = "wire_time")]
    updated_at: Option<Timestamp>,
}

impl Place {
    fn new(position: Position, accuracy: Option<f64>, at: Timestamp) -> Self {
        Self {
            latitude: Number(position.latitude()),
            longitude: Number(position.longitude()),
            accuracy: accuracy.map(Number),
            updated_at: Some(at),
        }
    }

    pub(super) fn of_callout(record: &CalloutRecord) -> Self {
        let location = &record.location;
        Self::new(location.position, location.accuracy, location.at)
    }

    fn of(fix: &ResponderFix) -> Self {
        Self::new(fix.position, Some(crate::sim::world::RESPONDER_ACCURACY_M), fix.at)
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the answers that v1 lists too")]
struct CandidateView {
    responder_id: u64,
    distance: u32,
    duration: u32,
    requested: bool,
    declined: bool,
    acknowledged: bool,
    retracted: bool,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AssignmentView {
    supplier_id: u64,
    supplier_name: Option<String>,
    responder_id: Option<u64>,
    location: Option<Place>,
    #[serde(with = "wire_time")]
    dispatched_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    arrived_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    completed_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    retracted_at: Option<Timestamp>,
}

pub fn callout_view(world: &World, record: &CalloutRecord, now: Timestamp) -> CalloutView {
    let customer = world.customer_of(record).map(|customer| Person {
        name: customer.fields.name.clone(),
        surname: customer.fields.surname.clone(),
        mobile: customer.fields.mobile.clone(),
    });
    CalloutView {
        id: record.id.0,
        customer_source_id: record.source.0,
        customer_id: record.customer_id().map(|customer| customer.0),
        customer,
        predefined_location_id: record.called_from.map(|from| from.place.0),
        formatted_address: world.address_of(record).map(str::to_owned),
        status: record.status.as_str(),
        allowed_steps: world.allowed_steps(record),
        response_type_id: record.response_type_id,
        callout_classification_id: record.classification_id,
        internal_test: record.internal_test,
        cancelled_by_customer: record.cancelled_by_customer,
        stood_down: record.stood_down,
        duress: record.duress,
        location: Place::of_callout(record),
        created_at: Some(record.created_at),
        updated_at: Some(record.updated_at),
        acknowledged_at: record.acknowledged_at,
        owned_at: record.owned_at,
        verified_at: record.verified_at,
        resolved_at: record.resolved_at,
        candidates: record.candidates.iter().map(candidate_view).collect(),
        assignments: assignment_views(world, record, now),
        eta: world.eta(record, now).map(|eta| measures(&eta)),
        route: route(world, record, now),
        outcome: record.outcome,
        incident_details: record.incident_details.as_deref().map(str::to_owned),
        events: record.entries.iter().map(|entry| view_event::listed(record, entry)).collect(),
        exception_reasons: world.exception_reasons(record.id).iter().map(reason_view).collect(),
        rating: world.rating_of(record.id).map(rating_view),
        on_autopilot: record.scenario().is_some(),
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReasonView {
    exception_reason_id: i64,
    reason: Option<&'static str>,
    notes: Option<String>,
}

fn reason_view(attached: &AttachedReason) -> ReasonView {
    let known = EXCEPTION_REASONS.iter().find(|(id, _)| *id == attached.reason);
    ReasonView {
        exception_reason_id: attached.reason,
        reason: known.map(|(_, text)| *text),
        notes: attached.notes.clone(),
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RatingView {
    id: u64,
    rating: i64,
    additional_details: Option<String>,
    customer_allowed_to_be_contacted: bool,
    items: Vec<RatedItemView>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RatedItemView {
    rating_item_description: String,
    sentiment: Option<&'static str>,
}

fn rating_view(rating: &RatingRecord) -> RatingView {
    let item = |item: &RatedItem| RatedItemView {
        rating_item_description: item.description.clone(),
        sentiment: item.sentiment.map(Sentiment::as_str),
    };
    RatingView {
        id: rating.id.0,
        rating: rating.stars,
        additional_details: rating.details.clone(),
        customer_allowed_to_be_contacted: rating.may_be_contacted,
        items: rating.items.iter().map(item).collect(),
    }
}

fn candidate_view(candidate: &Candidate) -> CandidateView {
    CandidateView {
        responder_id: candidate.responder.0,
        distance: candidate.distance_m,
        duration: candidate.duration_s,
        requested: candidate.requested,
        declined: candidate.declined,
        acknowledged: candidate.acknowledged,
        retracted: candidate.retracted_at.is_some(),
    }
}

fn assignment_views(world: &World, record: &CalloutRecord, now: Timestamp) -> Vec<AssignmentView> {
    let current = record.assignment();
    let view = |assignment: &Assignment| {
        let attached = current.is_some_and(|current| std::ptr::eq(current, assignment));
        let driving = if attached { world.responder_fix(record, now) } else { None };
        AssignmentView {
            supplier_id: assignment.supplier.0,
            supplier_name: world.supplier(assignment.supplier).map(|supplier| supplier.fields.name.clone()),
            responder_id: assignment.responder.map(|responder| responder.0),
            location: driving.or(assignment.last_fix).as_ref().map(Place::of),
            dispatched_at: Some(assignment.dispatched_at),
            arrived_at: assignment.arrived_at,
            completed_at: assignment.completed_at,
            retracted_at: assignment.retracted_at,
        }
    };
    record.assignments.iter().map(view).collect()
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResponderView {
    id: u64,
    supplier_id: u64,
    name: String,
    surname: String,
    callsign: String,
    mobile: String,
    vehicle_make: String,
    vehicle_model: String,
    vehicle_colour: String,
    vehicle_license_plate: String,
    active: bool,
    /// Whether it is a demo response vehicle.
    demo: bool,
    /// Whether the simulator placed it, since there was no other: then it answers every callout.
    automatic: bool,
    response_types: Vec<ResponseType>,
    /// The callout that it is on.
    callout_id: Option<u64>,
    location: Place,
}

pub fn responder_view(world: &World, record: &ResponderRecord, now: Timestamp) -> ResponderView {
    let fields = record.fields.clone();
    ResponderView {
        id: record.id.0,
        supplier_id: record.supplier.0,
        name: fields.name,
        surname: fields.surname,
        callsign: fields.callsign,
        mobile: fields.mobile,
        vehicle_make: fields.vehicle_make,
        vehicle_model: fields.vehicle_model,
        vehicle_colour: fields.vehicle_colour,
        vehicle_license_plate: fields.vehicle_license_plate,
        active: record.active,
        demo: record.service.kind.is_demo(),
        automatic: record.service.kind == VehicleKind::StandIn,
        response_types: record.service.response_types.iter().copied().collect(),
        callout_id: record.on_call.map(|callout| callout.0),
        location: Place::of(&world.responder_position(record, now)),
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SupplierView {
    id: u64,
    name: String,
    contact_number: String,
    email: String,
    contact_person: String,
    address: String,
    region: String,
}

pub fn supplier_view(record: &SupplierRecord) -> SupplierView {
    let fields = record.fields.clone();
    SupplierView {
        id: record.id.0,
        name: fields.name,
        contact_number: fields.contact_number,
        email: fields.email,
        contact_person: fields.contact_person,
        address: fields.address,
        region: fields.region,
    }
}
