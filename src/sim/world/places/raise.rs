//! Raising a callout from a place.

use super::super::World;
use super::super::command::{Raise, Refusal, Reply, Who};
use super::super::event::{Event, Happened};
use super::super::id::{CustomerId, PlaceId};
use super::{At, PlaceEvent, PlaceRaise};
use jiff::Timestamp;

const UNKNOWN: &str = "is not a known fixed location";

impl World {
    pub(super) fn raise_at_place(
        &mut self,
        asked: PlaceRaise,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let (found, field) = match &asked.at {
            At::Id(id) => (self.place(asked.source, *id), "predefinedLocationId"),
            At::Reference(given) => (self.place_by_reference(asked.source, given), "externalReferenceId"),
        };
        let record = found.ok_or(Refusal::Invalid { field, why: UNKNOWN })?;
        let place = record.id;
        let raise = Raise {
            source: asked.source,
            who: asked.who.unwrap_or(Who::OfPlace(place)),
            position: record.position,
            accuracy: None,
            response_type_id: asked.response_type_id,
            classification_id: asked.classification_id,
            internal_test: asked.internal_test,
            check_subscription: asked.check_subscription,
        };
        self.raise_from(Some(place), raise, now, out)
    }

    /// Whose a callout from a place will be: the linked customer's, if they are free; else that of the
    /// record of the place itself, if there is one yet.
    pub(in super::super) fn whose(&self, place: PlaceId) -> Option<CustomerId> {
        let record = self.tables.places.records.get(&place)?;
        let is_free = |id: &CustomerId| {
            self.customer(record.source, *id).is_some()
                && self.active_of_customer(record.source, *id).is_none()
        };
        record.fields.customer.filter(is_free).or(record.occupant)
    }

    pub(in super::super) fn give_occupant(
        &mut self,
        place: PlaceId,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> CustomerId {
        let customer = CustomerId(self.ids().take());
        self.emit(now, Happened::Place(PlaceEvent::GivenOccupant { place, customer }), out);
        customer
    }
}
