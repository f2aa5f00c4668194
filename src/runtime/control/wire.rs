//! What the control side writes, read tolerantly, and what the console makes of it.

use crate::api::decode::{comments, display, eta, fix, phrase};
use crate::api::model::event::Event;
use crate::api::model::route::{Measures, Route};
use crate::api::model::scalar::{flag, integer, lenient, list, text};
use crate::api::model::{Number, wire_time};
use crate::app::callout::{CalloutId, Classification, Fix, Status, Times};
use crate::app::control::model::{Assignment, Candidate, Case, Company, Outcome, Step, Vehicle};
use crate::geo::Position;
use jiff::Timestamp;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Callout {
    #[serde(deserialize_with = "lenient")]
    id: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    customer: Person,
    #[serde(deserialize_with = "text")]
    formatted_address: Option<String>,
    #[serde(deserialize_with = "text")]
    status: Option<String>,
    #[serde(deserialize_with = "list")]
    allowed_steps: Vec<String>,
    #[serde(deserialize_with = "integer")]
    response_type_id: Option<i64>,
    #[serde(deserialize_with = "integer", rename = "calloutClassificationId")]
    classification: Option<i64>,
    #[serde(flatten)]
    flags: Flags,
    #[serde(deserialize_with = "lenient")]
    location: Place,
    #[serde(flatten)]
    times: Stamps,
    #[serde(deserialize_with = "list")]
    candidates: Vec<InRange>,
    #[serde(deserialize_with = "list")]
    assignments: Vec<Sent>,
    #[serde(deserialize_with = "lenient")]
    eta: Option<Measures>,
    #[serde(deserialize_with = "lenient")]
    route: Option<Route>,
    #[serde(deserialize_with = "lenient")]
    outcome: Option<Outcome>,
    #[serde(deserialize_with = "text")]
    incident_details: Option<String>,
    #[serde(deserialize_with = "list")]
    events: Vec<Event>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "what is known of a callout")]
struct Flags {
    #[serde(deserialize_with = "flag")]
    internal_test: bool,
    #[serde(deserialize_with = "flag")]
    cancelled_by_customer: bool,
    #[serde(deserialize_with = "flag")]
    stood_down: bool,
    #[serde(deserialize_with = "flag")]
    duress: bool,
    #[serde(deserialize_with = "flag")]
    on_autopilot: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "as they travel")]
struct Stamps {
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
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Person {
    #[serde(deserialize_with = "text")]
    name: Option<String>,
    #[serde(deserialize_with = "text")]
    surname: Option<String>,
    #[serde(deserialize_with = "text")]
    mobile: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Place {
    #[serde(deserialize_with = "lenient")]
    latitude: Option<Number>,
    #[serde(deserialize_with = "lenient")]
    longitude: Option<Number>,
    #[serde(deserialize_with = "lenient")]
    accuracy: Option<Number>,
    #[serde(with = "wire_time")]
    updated_at: Option<Timestamp>,
}

impl Place {
    fn fix(&self) -> Option<Fix> {
        let (latitude, longitude) = (self.latitude.map(|n| n.0), self.longitude.map(|n| n.0));
        fix(latitude, longitude, self.accuracy, self.updated_at)
    }

    fn position(&self) -> Option<Position> {
        self.fix().map(|fix| fix.position)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct InRange {
    #[serde(deserialize_with = "lenient")]
    responder_id: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    distance: Option<Number>,
    #[serde(deserialize_with = "lenient")]
    duration: Option<Number>,
    #[serde(deserialize_with = "flag")]
    declined: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Sent {
    #[serde(deserialize_with = "text")]
    supplier_name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    responder_id: Option<u64>,
    #[serde(deserialize_with = "lenient")]
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

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Responder {
    #[serde(deserialize_with = "lenient")]
    id: Option<u64>,
    #[serde(flatten)]
    person: Person,
    #[serde(deserialize_with = "text")]
    callsign: Option<String>,
    #[serde(deserialize_with = "text")]
    vehicle_make: Option<String>,
    #[serde(deserialize_with = "text")]
    vehicle_model: Option<String>,
    #[serde(deserialize_with = "text")]
    vehicle_colour: Option<String>,
    #[serde(deserialize_with = "text")]
    vehicle_license_plate: Option<String>,
    #[serde(deserialize_with = "flag")]
    active: bool,
    #[serde(deserialize_with = "flag")]
    demo: bool,
    #[serde(deserialize_with = "lenient")]
    callout_id: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    location: Place,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Supplier {
    #[serde(deserialize_with = "lenient")]
    id: Option<u64>,
    #[serde(deserialize_with = "text")]
    name: Option<String>,
    #[serde(deserialize_with = "text")]
    contact_number: Option<String>,
}

impl Case {
    /// `None` without an id and a status: then it is no callout.
    pub(super) fn from_wire(wire: Callout) -> Option<Self> {
        let Stamps { created_at, updated_at, acknowledged_at, owned_at, verified_at, resolved_at } =
            wire.times;
        let person = wire.customer;
        Some(Self {
            id: CalloutId::new(wire.id?.to_string())?,
            status: Status::parse(&wire.status?),
            allowed: wire.allowed_steps.iter().filter_map(|name| Step::named(name)).collect(),
            customer: phrase(&[person.name.as_deref(), person.surname.as_deref()]),
            mobile: display(person.mobile.as_deref()),
            address: display(wire.formatted_address.as_deref()),
            response_type: wire.response_type_id.unwrap_or_default(),
            classification: Classification::from_id(wire.classification.unwrap_or_default()),
            internal_test: wire.flags.internal_test,
            cancelled_by_customer: wire.flags.cancelled_by_customer,
            stood_down: wire.flags.stood_down,
            duress: wire.flags.duress,
            fix: wire.location.fix(),
            times: Times {
                created: created_at,
                updated: updated_at,
                acknowledged: acknowledged_at,
                owned: owned_at,
                verified: verified_at,
                resolved: resolved_at,
                ..Times::default()
            },
            candidates: wire.candidates.iter().filter_map(candidate).collect(),
            assignment: wire.assignments.last().map(assignment),
            eta: wire.eta.as_ref().and_then(eta),
            route: wire.route.map(|route| route.line()).unwrap_or_default(),
            outcome: wire.outcome,
            incident: display(wire.incident_details.as_deref()),
            comments: comments(&wire.events),
            on_autopilot: wire.flags.on_autopilot,
        })
    }
}

fn candidate(wire: &InRange) -> Option<Candidate> {
    Some(Candidate {
        responder: wire.responder_id?,
        distance_m: wire.distance?.0,
        duration_s: wire.duration?.0,
        declined: wire.declined,
    })
}

fn assignment(wire: &Sent) -> Assignment {
    Assignment {
        responder: wire.responder_id,
        supplier: display(wire.supplier_name.as_deref()),
        fix: wire.location.as_ref().and_then(Place::fix),
        dispatched: wire.dispatched_at,
        arrived: wire.arrived_at,
        completed: wire.completed_at,
        retracted: wire.retracted_at,
    }
}

impl Vehicle {
    pub(super) fn from_wire(wire: &Responder) -> Option<Self> {
        let model = [&wire.vehicle_colour, &wire.vehicle_make, &wire.vehicle_model].map(Option::as_deref);
        Some(Self {
            id: wire.id?,
            name: phrase(&[wire.person.name.as_deref(), wire.person.surname.as_deref()]),
            callsign: display(wire.callsign.as_deref()),
            model: phrase(&model),
            plate: display(wire.vehicle_license_plate.as_deref()),
            mobile: display(wire.person.mobile.as_deref()),
            on: wire.active,
            demo: wire.demo,
            callout: wire.callout_id.and_then(|id| CalloutId::new(id.to_string())),
            position: wire.location.position()?,
        })
    }
}

impl Company {
    pub(super) fn from_wire(wire: &Supplier) -> Option<Self> {
        let phone = display(wire.contact_number.as_deref());
        Some(Self { id: wire.id?, name: display(wire.name.as_deref()), phone })
    }
}
