//! Ways to find records without looking through them all. Made from the tables and kept in step with
//! them by the fold; never stored.

use super::Tables;
use super::devices::DeviceRecord;
use super::id::{CalloutId, CustomerId, LinkId, PlaceId, ResponderId, SourceId, SubscriptionId, UserId};
use super::mobile::mobile_key;
use super::people::email_key;
use super::places::PlaceRecord;
use super::record::{CalloutRecord, CustomerRecord, ResponderRecord, SubscriptionRecord, UserRecord};
use super::webhook::Lanes;
use crate::geo::Position;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default, PartialEq)]
pub(super) struct Index {
    pub(super) due: BTreeSet<(Timestamp, CalloutId)>,
    pub(super) active: BTreeMap<SourceId, BTreeSet<CalloutId>>,
    pub(super) active_of: BTreeMap<CustomerId, CalloutId>,
    pub(super) mobiles: BTreeMap<SourceId, BTreeMap<String, CustomerId>>,
    pub(super) subscriptions_of: BTreeMap<CustomerId, BTreeSet<SubscriptionId>>,
    pub(super) users: BTreeMap<SourceId, BTreeMap<String, UserId>>,
    /// Device ids as their links have them.
    pub(super) devices: BTreeMap<SourceId, BTreeMap<String, LinkId>>,
    /// By external reference.
    pub(super) places: BTreeMap<SourceId, BTreeMap<String, PlaceId>>,
    pub(super) active_at: BTreeMap<PlaceId, BTreeSet<CalloutId>>,
    cells: BTreeMap<Cell, BTreeSet<ResponderId>>,
    pub(super) lanes: Lanes,
}

/// A square of [`CELL_DEGREES`], some 5 km high.
pub(super) type Cell = (i32, i32);
pub(super) const CELL_DEGREES: f64 = 0.05;

#[expect(clippy::cast_possible_truncation, reason = "degrees by 20: some thousands")]
pub(super) fn cell_of(latitude: f64, longitude: f64) -> Cell {
    ((latitude / CELL_DEGREES).floor() as i32, (longitude / CELL_DEGREES).floor() as i32)
}

fn cell(position: Position) -> Cell {
    cell_of(position.latitude(), position.longitude())
}

impl Index {
    pub(super) fn of(tables: &Tables) -> Self {
        let mut index = Self { lanes: Lanes::of(tables), ..Self::default() };
        tables.customers.values().for_each(|customer| index.add_customer(customer));
        tables.subscriptions.values().for_each(|subscription| index.add_subscription(subscription));
        tables.users.values().for_each(|user| index.add_user(user));
        tables.callouts.values().for_each(|callout| index.add_callout(callout));
        tables.places.records().filter(|place| !place.deleted).for_each(|place| index.add_place(place));
        for responder in tables.responders.values().filter(|responder| !responder.deleted) {
            index.add_responder(responder);
        }
        tables.devices.links.values().for_each(|device| index.add_device(device));
        index
    }

    pub(super) fn first_due(&self) -> Option<(Timestamp, CalloutId)> {
        self.due.first().copied()
    }

    pub(super) fn responders_in(&self, cell: Cell) -> impl Iterator<Item = ResponderId> {
        self.cells.get(&cell).into_iter().flatten().copied()
    }

    pub(super) fn add_customer(&mut self, customer: &CustomerRecord) {
        let mobile = mobile_key(&customer.fields.mobile);
        if !mobile.is_empty() && customer.deleted_at.is_none() {
            self.mobiles.entry(customer.source).or_default().insert(mobile, customer.id);
        }
    }

    pub(super) fn remove_customer(&mut self, customer: &CustomerRecord) {
        let mobile = mobile_key(&customer.fields.mobile);
        if let Some(mobiles) = self.mobiles.get_mut(&customer.source)
            && mobiles.get(&mobile) == Some(&customer.id)
        {
            mobiles.remove(&mobile);
        }
    }

    pub(super) fn add_subscription(&mut self, subscription: &SubscriptionRecord) {
        for customer in subscription.dependants.iter().chain([&subscription.customer]) {
            self.subscriptions_of.entry(*customer).or_default().insert(subscription.id);
        }
    }

    pub(super) fn remove_subscription(&mut self, subscription: &SubscriptionRecord) {
        for customer in subscription.dependants.iter().chain([&subscription.customer]) {
            if let Some(held) = self.subscriptions_of.get_mut(customer) {
                held.remove(&subscription.id);
                if held.is_empty() {
                    self.subscriptions_of.remove(customer);
                }
            }
        }
    }

    pub(super) fn add_user(&mut self, user: &UserRecord) {
        self.users.entry(user.source).or_default().insert(email_key(&user.email), user.id);
    }

    pub(super) fn add_device(&mut self, device: &DeviceRecord) {
        self.devices.entry(device.source).or_default().insert(device.fields.device_id.clone(), device.id);
    }

    pub(super) fn remove_device(&mut self, device: &DeviceRecord) {
        if let Some(devices) = self.devices.get_mut(&device.source) {
            devices.remove(&device.fields.device_id);
            if devices.is_empty() {
                self.devices.remove(&device.source);
            }
        }
    }

    pub(super) fn add_callout(&mut self, callout: &CalloutRecord) {
        if callout.is_active() {
            self.active.entry(callout.source).or_default().insert(callout.id);
            self.active_of.insert(callout.customer, callout.id);
            if let Some(from) = callout.called_from {
                self.active_at.entry(from.place).or_default().insert(callout.id);
            }
        }
        if let Some(due) = callout.plan.as_ref().and_then(|plan| plan.due) {
            self.due.insert((due, callout.id));
        }
    }

    pub(super) fn remove_callout(&mut self, callout: &CalloutRecord) {
        if callout.is_active() {
            if let Some(active) = self.active.get_mut(&callout.source) {
                active.remove(&callout.id);
                if active.is_empty() {
                    self.active.remove(&callout.source);
                }
            }
            self.active_of.remove(&callout.customer);
            if let Some(from) = callout.called_from
                && let Some(active) = self.active_at.get_mut(&from.place)
            {
                active.remove(&callout.id);
                if active.is_empty() {
                    self.active_at.remove(&from.place);
                }
            }
        }
        if let Some(due) = callout.plan.as_ref().and_then(|plan| plan.due) {
            self.due.remove(&(due, callout.id));
        }
    }

    pub(super) fn add_place(&mut self, place: &PlaceRecord) {
        let reference = place.fields.external_reference_id.clone();
        self.places.entry(place.source).or_default().insert(reference, place.id);
    }

    pub(super) fn remove_place(&mut self, place: &PlaceRecord) {
        if let Some(places) = self.places.get_mut(&place.source) {
            places.remove(&place.fields.external_reference_id);
            if places.is_empty() {
                self.places.remove(&place.source);
            }
        }
    }

    pub(super) fn add_responder(&mut self, responder: &ResponderRecord) {
        self.cells.entry(cell(responder.resting.position)).or_default().insert(responder.id);
    }

    pub(super) fn remove_responder(&mut self, responder: &ResponderRecord) {
        let cell = cell(responder.resting.position);
        if let Some(there) = self.cells.get_mut(&cell) {
            there.remove(&responder.id);
            if there.is_empty() {
                self.cells.remove(&cell);
            }
        }
    }
}
