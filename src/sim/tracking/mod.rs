//! What the customer sees of a response: the page behind a callout's tracking link, and the picture of
//! its map. Pure: a look at the world goes in, text and pixels come out.
//!
//! Whoever holds the link sees the page, so there is on it what helps to wait and to recognise who
//! comes, and nothing else: no customer's name or number, no chat, no sign of a safe code that was
//! wrong. Once the callout is closed nobody's place, name or number is on it any more.

mod drawing;
mod html;
mod page;
mod parts;
mod png;
mod svg;
#[cfg(test)]
mod tests;

pub use page::{POLICY, nothing, page};
pub use parts::Parts;
pub use png::{PictureFailed, picture};

use super::world::{
    Assignment, CalloutId, CalloutRecord, Journey, RESPONDER_ACCURACY_M, ResponderRecord, Status, World,
};
use crate::geo::Position;
use crate::geo::streets::Streets;
use jiff::{SignedDuration, Timestamp};

/// A vehicle reports each five seconds. One that was not heard of for so long is not where it was.
const FRESH: SignedDuration = SignedDuration::from_secs(30);

/// How long the link of a closed callout still tells that it is closed: somebody who opens it an hour
/// later should read that the response is over, and not wonder whether it ever began. Then it is as
/// dead as a wrong one.
const FAREWELL: SignedDuration = SignedDuration::from_hours(24);

/// A callout as its page shows it. Two that are equal make the same page.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    id: CalloutId,
    status: Status,
    created_at: Timestamp,
    acknowledged_at: Option<Timestamp>,
    resolved_at: Option<Timestamp>,
    /// Asked for by the customer and not yet confirmed.
    cancel_asked: bool,
    stood_down: bool,
    legs: Vec<Leg>,
    helper: Option<Helper>,
    eta: Option<Eta>,
    /// When the vehicle is heard of next.
    next_report: Option<Timestamp>,
    /// `None` once it is closed.
    map: Option<Map>,
}

/// One responder or supplier that was sent.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Leg {
    manual: bool,
    dispatched_at: Timestamp,
    arrived_at: Option<Timestamp>,
    completed_at: Option<Timestamp>,
    retracted_at: Option<Timestamp>,
}

/// Who is coming, or is there.
#[derive(Clone, Debug, PartialEq)]
struct Helper {
    supplier: Option<Supplier>,
    responder: Option<Responder>,
}

#[derive(Clone, Debug, PartialEq)]
struct Supplier {
    name: String,
    number: String,
}

#[derive(Clone, Debug, PartialEq)]
struct Responder {
    name: String,
    callsign: String,
    vehicle: String,
    plate: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Eta {
    duration_s: u32,
    distance_m: u32,
    at: Timestamp,
    fresh: bool,
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    streets: Streets,
    customer: Place,
    responder: Option<Place>,
    /// The way still to go, the responder's place first.
    way: Vec<Position>,
    driven: Vec<Position>,
    /// It is over: the picture shows the whole drive, not only where everybody is.
    whole: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    position: Position,
    /// Metres, where the reporter said so.
    accuracy: Option<f64>,
    fresh: bool,
}

impl Seen {
    /// `None`: closed for so long that the link is dead.
    pub fn new(world: &World, record: &CalloutRecord, now: Timestamp) -> Option<Self> {
        let closed = record.status == Status::Closed;
        let since = record.resolved_at.filter(|_| closed);
        if since.is_some_and(|since| now.duration_since(since) > FAREWELL) {
            return None;
        }
        let helper = record.assignment().filter(|_| !closed).map(|sent| helper(world, sent));
        Some(Self {
            id: record.id,
            status: record.status,
            created_at: record.created_at,
            acknowledged_at: record.acknowledged_at,
            resolved_at: record.resolved_at,
            cancel_asked: record.cancelled_by_customer && !closed,
            stood_down: record.stood_down,
            legs: record.assignments.iter().map(leg).collect(),
            helper,
            eta: eta(world, record, now),
            next_report: journey(record).and_then(|journey| journey.next_report(now)),
            map: (!closed).then(|| Map::new(world, record, now)),
        })
    }

    pub fn is_closed(&self) -> bool {
        self.status == Status::Closed
    }

    /// When it changes though nobody does anything: something moves.
    pub fn next_report(&self) -> Option<Timestamp> {
        self.next_report
    }
}

impl Map {
    pub fn new(world: &World, record: &CalloutRecord, now: Timestamp) -> Self {
        let location = record.location;
        let fix = world.responder_fix(record, now);
        let driving = record.status == Status::Dispatched && fix.is_some();
        let whole = !record.is_active();
        let drove = record.assignment().and_then(|sent| sent.drove.as_ref()).filter(|_| whole);
        let driven = match drove {
            Some(drove) => drove.points(),
            None => journey(record).map(|journey| journey.driven(now)).unwrap_or_default(),
        };
        Self {
            streets: world.streets(location.position),
            customer: Place { position: location.position, accuracy: location.accuracy, fresh: true },
            responder: fix.map(|fix| Place {
                position: fix.position,
                accuracy: Some(RESPONDER_ACCURACY_M),
                fresh: !driving || is_fresh(fix.at, now),
            }),
            way: if driving { world.route(record, now).unwrap_or_default() } else { Vec::new() },
            driven,
            whole,
        }
    }
}

fn journey(record: &CalloutRecord) -> Option<&Journey> {
    record.assignment()?.journey.as_ref()
}

fn is_fresh(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) <= FRESH
}

fn leg(assignment: &Assignment) -> Leg {
    Leg {
        manual: assignment.responder.is_none(),
        dispatched_at: assignment.dispatched_at,
        arrived_at: assignment.arrived_at,
        completed_at: assignment.completed_at,
        retracted_at: assignment.retracted_at,
    }
}

fn helper(world: &World, sent: &Assignment) -> Helper {
    let supplier = world.supplier(sent.supplier).map(|supplier| Supplier {
        name: supplier.fields.name.clone(),
        number: supplier.fields.contact_number.clone(),
    });
    let responder = sent.responder.and_then(|id| world.responder(id)).map(responder);
    Helper { supplier, responder }
}

fn responder(record: &ResponderRecord) -> Responder {
    let fields = &record.fields;
    Responder {
        name: joined(&[&fields.name, &fields.surname]),
        callsign: fields.callsign.clone(),
        vehicle: joined(&[&fields.vehicle_colour, &fields.vehicle_make, &fields.vehicle_model]),
        plate: fields.vehicle_license_plate.clone(),
    }
}

fn joined(words: &[&str]) -> String {
    let known: Vec<&str> = words.iter().map(|word| word.trim()).filter(|word| !word.is_empty()).collect();
    known.join(" ")
}

/// Only while somebody drives: afterwards there is nothing to wait for.
fn eta(world: &World, record: &CalloutRecord, now: Timestamp) -> Option<Eta> {
    let driving = record.status == Status::Dispatched && record.assignment()?.responder.is_some();
    let eta = world.eta(record, now).filter(|_| driving)?;
    let (duration_s, distance_m, at) = (eta.duration_s, eta.distance_m, eta.at);
    Some(Eta { duration_s, distance_m, at, fresh: is_fresh(at, now) })
}
