//! The v2 dialect: flat where a callout is created, nested where it is read, mapped to the console's
//! model.

use super::decode::{self, Bare, DecodeError, Object};
use super::model::Id;
use super::model::callout_v2::{IncidentInformation, NestedCallout, ResponderV2, SupplierV2};
use super::model::location::CurrentLocation;
use super::model::scalar::number_of;
use super::v1;
use crate::app::callout::{Callout, Classification, Fix, Responder, Status, Supplier, Times};
use serde_json::Value;
use std::collections::BTreeMap;

/// The callout of any reply but a create's, flat or nested, wrapped or bare.
pub fn decode_callout(body: &[u8]) -> Result<Callout, DecodeError> {
    callout_of(decode::callout_object(decode::json(body)?, Bare::IdAndStatus)?)
}

/// The callout of a create reply. One that does not tell its status is `created`.
pub fn decode_created(body: &[u8]) -> Result<Callout, DecodeError> {
    let mut callout = callout_of(decode::callout_object(decode::json(body)?, Bare::Id)?)?;
    if callout.status == Status::parse("") {
        callout.status = Status::Created;
    }
    Ok(callout)
}

/// The callouts of a list; with `customer`, only those that say they are this customer's.
pub fn decode_callouts(body: &[u8], customer: Option<i64>) -> Result<Vec<Callout>, DecodeError> {
    decode::callouts(body, |object| customer.is_none() || decode::owner(object) == customer, callout_of)
}

/// The id in the reply to a create of a customer: `customerId`, else the customer's own, else `id`.
pub fn decode_customer_id(body: &[u8]) -> Option<i64> {
    let value = decode::json(body).ok()?;
    let value = value.get("data").filter(|inner| inner.is_object()).unwrap_or(&value);
    let customer = value.get("customer");
    let candidates = [
        value.get("customerId"),
        customer.and_then(|customer| customer.get("id")),
        customer.and_then(|customer| customer.get("customerId")),
        value.get("id"),
    ];
    candidates.into_iter().flatten().find_map(|id| serde_json::from_value::<Id>(id.clone()).ok()?.number())
}

/// Whether the object is of this dialect's nested shape, whichever one was expected.
pub(crate) fn recognises(object: &Object) -> bool {
    object.contains_key("incidentInformation")
}

pub(crate) fn callout_of(object: Object) -> Result<Callout, DecodeError> {
    if !recognises(&object) && v1::recognises(&object) {
        return v1::callout_of(object);
    }
    let mut wire: NestedCallout =
        serde_json::from_value(Value::Object(object)).map_err(|_| DecodeError::NoCallout)?;
    let incident = overlaid(wire.incident_information.pop().unwrap_or_default(), &mut wire.extra);
    let mut callout = Callout::new(decode::callout_id(wire.id.as_ref())?, Status::parse(&wire.status));
    callout.cancelled_by_customer = wire.cancelled_by_customer;
    callout.classification = classification(&wire);
    callout.response_type_id = wire
        .response_type_id
        .or_else(|| incident.response_type.as_ref().and_then(|response_type| response_type.id));
    callout.customer_name =
        decode::phrase(&[wire.customer.name.as_deref(), wire.customer.surname.as_deref()]);
    callout.times = times(&wire, &incident);
    take_controllers_times(&mut callout.times, &mut wire.extra);
    callout.location = location(incident.callout_current_location.as_ref(), &mut wire.extra);
    callout.address = decode::display(
        incident.callout_current_location.as_ref().and_then(|place| place.formatted_address.as_deref()),
    );
    callout.responder = incident.responder.as_ref().map(responder);
    callout.supplier = incident.supplier.as_ref().map(supplier);
    callout.eta = incident.eta.as_ref().and_then(decode::eta);
    callout.comments = wire.callout_events.as_deref().map(decode::comments);
    callout.route = decode::route(wire.route.take(), &mut wire.extra);
    callout.tracking = decode::tracking(decode::take(&mut wire.extra, "url"));
    callout.incident_details =
        decode::display(decode::take::<String>(&mut wire.extra, "incidentDetails").as_deref());
    callout.unknown = decode::unknown(wire.extra);
    Ok(callout)
}

/// What stands on the callout itself comes before what its newest incident says (reference §10, rule
/// 13).
fn overlaid(newest: IncidentInformation, extra: &mut BTreeMap<String, Value>) -> IncidentInformation {
    IncidentInformation {
        callout_current_location: decode::take(extra, "calloutCurrentLocation")
            .or(newest.callout_current_location)
            .or_else(|| decode::take(extra, "location")),
        response_type: decode::take(extra, "responseType").or(newest.response_type),
        supplier: decode::take(extra, "supplier").or(newest.supplier),
        responder: decode::take(extra, "responder").or(newest.responder),
        eta: decode::take(extra, "eta").or(newest.eta),
        responder_dispatched_at: decode::take_time(extra, "responderDispatchedAt")
            .or(newest.responder_dispatched_at),
        responder_arrived_at: decode::take_time(extra, "responderArrivedAt").or(newest.responder_arrived_at),
        responder_completed_at: decode::take_time(extra, "responderCompletedAt")
            .or(newest.responder_completed_at),
        ..newest
    }
}

fn classification(wire: &NestedCallout) -> Option<Classification> {
    let id = wire.callout_classification_id.or(wire.callout_classification.id);
    let by_name = || match wire.callout_classification.value.as_deref()?.to_ascii_uppercase().as_str() {
        "REAL" => Some(Classification::Real),
        "TEST" => Some(Classification::Test),
        _ => None,
    };
    id.map(Classification::from_id).or_else(by_name)
}

fn times(wire: &NestedCallout, incident: &IncidentInformation) -> Times {
    Times {
        created: wire.created_at,
        dispatched: incident.responder_dispatched_at,
        arrived: incident.responder_arrived_at,
        completed: incident.responder_completed_at,
        resolved: wire.resolved_at,
        updated: wire.updated_at,
        ..Times::default()
    }
}

/// The documented view does not tell these; a server that does uses v1's names for them.
fn take_controllers_times(times: &mut Times, extra: &mut BTreeMap<String, Value>) {
    times.acknowledged = decode::take_time(extra, "firstAcknowledgedAt");
    times.owned = decode::take_time(extra, "ownedAt");
    times.verified = decode::take_time(extra, "verifiedAt");
    times.retracted = decode::take_time(extra, "retractedAt");
}

/// The current location where there is one, since the flat coordinates are those of the creation.
fn location(current: Option<&CurrentLocation>, extra: &mut BTreeMap<String, Value>) -> Option<Fix> {
    let current = current.and_then(|place| {
        let (latitude, longitude) = (place.latitude.map(|n| n.0), place.longitude.map(|n| n.0));
        decode::fix(latitude, longitude, place.accuracy, place.updated_at)
    });
    let latitude = extra.remove("latitude").as_ref().and_then(number_of);
    let longitude = extra.remove("longitude").as_ref().and_then(number_of);
    let accuracy = decode::take(extra, "accuracy");
    current.or_else(|| decode::fix(latitude, longitude, accuracy, None))
}

fn responder(wire: &ResponderV2) -> Responder {
    let last = wire.location.as_ref();
    Responder {
        id: decode::display_id(wire.id.as_ref()),
        name: decode::phrase(&[wire.name.as_deref(), wire.surname.as_deref()]),
        callsign: decode::display(wire.callsign.as_deref()),
        mobile: decode::display(wire.mobile.as_deref()),
        vehicle: decode::phrase(&[
            wire.vehicle_colour.as_deref(),
            wire.vehicle_make.as_deref(),
            wire.vehicle_model.as_deref(),
        ]),
        plate: decode::display(wire.vehicle_license_plate.as_deref()),
        last_fix: last.and_then(|fix| {
            decode::fix(fix.latitude.map(|n| n.0), fix.longitude.map(|n| n.0), fix.accuracy, fix.updated_at)
        }),
    }
}

fn supplier(wire: &SupplierV2) -> Supplier {
    Supplier {
        name: decode::display(wire.name.as_deref()),
        contact_number: decode::display(wire.contact_number.as_deref()),
    }
}
