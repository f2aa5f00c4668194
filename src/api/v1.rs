//! The v1 dialect: one deep callout object, mapped to the console's model.

use super::decode::{self, Bare, DecodeError, Object};
use super::model::callout_v1::{CalloutV1, IncidentDetail, ResponderV1};
use super::model::location::CalloutLocation;
use super::v2;
use crate::app::callout::{Callout, Classification, Eta, Fix, Responder, Status, Supplier, Times};
use jiff::Timestamp;
use serde_json::Value;

/// The callout of a read reply.
pub fn decode_callout(body: &[u8]) -> Result<Callout, DecodeError> {
    callout_of(decode::callout_object(decode::json(body)?, Bare::IdAndStatus)?)
}

/// The callout of a create reply, which may hold no more than its id: a new callout is `created`.
pub fn decode_created(body: &[u8]) -> Result<Callout, DecodeError> {
    let mut callout = callout_of(decode::callout_object(decode::json(body)?, Bare::Id)?)?;
    if callout.status == Status::parse("") {
        callout.status = Status::Created;
    }
    Ok(callout)
}

/// The active callouts of a list that are this person's: in v1 a customer is known by their number
/// only. Those of others, or of nobody, are left out.
pub fn decode_callouts(body: &[u8], mobile: &str) -> Result<Vec<Callout>, DecodeError> {
    let of = |object: &Object| object.get("customer")?.get("mobile")?.as_str().map(|its| its == mobile);
    decode::callouts(body, |object| of(object).unwrap_or(false), callout_of)
}

/// Whether the object is of this dialect, whichever one was expected.
pub(crate) fn recognises(object: &Object) -> bool {
    object.contains_key("calloutincidentdetail") || object.contains_key("calloutlocations")
}

pub(crate) fn callout_of(object: Object) -> Result<Callout, DecodeError> {
    if !recognises(&object) && v2::recognises(&object) {
        return v2::callout_of(object);
    }
    let mut wire: CalloutV1 =
        serde_json::from_value(Value::Object(object)).map_err(|_| DecodeError::NoCallout)?;
    let mut callout = Callout::new(decode::callout_id(wire.id.as_ref())?, Status::parse(&wire.status));
    let place = wire.location.as_ref().or(wire.callout_locations.last());
    callout.cancelled_by_customer = wire.cancelled_by_customer;
    callout.classification = wire.callout_classification_id.map(Classification::from_id);
    callout.response_type_id = wire.response_type_id;
    callout.customer_name =
        decode::phrase(&[wire.customer.name.as_deref(), wire.customer.surname.as_deref()]);
    callout.location = place.and_then(fix_of);
    callout.address = decode::display(place.and_then(|place| place.formatted_address.as_deref()));
    callout.times = times(&wire);
    let detail = &wire.callout_incident_detail;
    callout.responder = detail.responder.as_ref().map(responder);
    callout.supplier = supplier(detail);
    callout.incident_details = decode::display(detail.incident_details.as_deref());
    callout.eta = eta(&wire);
    callout.comments = wire.callout_events.as_deref().map(decode::comments);
    callout.route = decode::route(wire.route.take(), &mut wire.extra);
    callout.tracking = decode::tracking(decode::take(&mut wire.extra, "url"));
    callout.unknown = decode::unknown(wire.extra);
    Ok(callout)
}

fn fix_of(place: &CalloutLocation) -> Option<Fix> {
    decode::fix(place.latitude.map(|n| n.0), place.longitude.map(|n| n.0), None, place.updated_at)
}

fn times(wire: &CalloutV1) -> Times {
    let detail = &wire.callout_incident_detail;
    Times {
        created: wire.created_at.or(wire.logged_at),
        acknowledged: wire.first_acknowledged_at,
        owned: wire.owned_at,
        verified: wire.verified_at,
        dispatched: detail.responder_dispatched_at,
        retracted: newest(wire.callout_responder_in_ranges.iter().map(|candidate| candidate.retracted_at)),
        arrived: detail.responder_arrived_at,
        completed: detail.responder_completed_at,
        resolved: wire.resolved_at,
        updated: wire.updated_at,
    }
}

fn newest(times: impl Iterator<Item = Option<Timestamp>>) -> Option<Timestamp> {
    times.flatten().max()
}

fn responder(wire: &ResponderV1) -> Responder {
    let last = wire.responder_locations.last();
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

/// The company's record, or only its name where the record is missing.
fn supplier(detail: &IncidentDetail) -> Option<Supplier> {
    match (&detail.supplier, &detail.responder_company) {
        (Some(wire), _) => Some(Supplier {
            name: decode::display(wire.name.as_deref()),
            contact_number: decode::display(wire.contact_number.as_deref()),
        }),
        (None, Some(name)) => Some(Supplier { name: decode::display(Some(name)), ..Supplier::default() }),
        (None, None) => None,
    }
}

/// The newest row, else `distance`. Without a responder there is none: a cancelled one leaves both
/// behind, and nobody is under way (reference §7.3).
fn eta(wire: &CalloutV1) -> Option<Eta> {
    wire.callout_incident_detail.responder.as_ref()?;
    let Some(row) = wire.callout_response_eta.iter().max_by_key(|row| row.created_at) else {
        return decode::eta(&wire.distance);
    };
    Some(Eta {
        distance_m: row.distance_value.map(|metres| metres.0),
        duration_s: row.duration_value.map(|seconds| seconds.0),
        at: row.created_at,
    })
}
