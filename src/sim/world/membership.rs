//! What becomes of customers and subscriptions once they exist: changed, cancelled, deleted.

use super::World;
use super::command::{Refusal, Reply};
use super::event::{Event, Happened};
use super::id::{CustomerId, SourceId, SubscriptionId};
use super::people::check_given;
use super::record::{Cancelled, CustomerFields, SubscriptionRecord};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug)]
pub enum MembershipCommand {
    UpdateCustomer {
        source: SourceId,
        customer: CustomerId,
        patch: Box<CustomerPatch>,
    },
    /// Soft: callouts under way go on, the number is free again.
    DeleteCustomer {
        source: SourceId,
        customer: CustomerId,
    },
    UpdateSubscription {
        source: SourceId,
        subscription: SubscriptionId,
        valid_to: Timestamp,
        /// Replaces the list; absent: it stays.
        dependants: Option<Vec<CustomerId>>,
    },
    CancelSubscription {
        source: SourceId,
        subscription: SubscriptionId,
        /// v1 gives none.
        reason: Option<String>,
    },
}

/// A partial update. What it does not speak of stays: an app that knows only half of the fields must
/// not wipe somebody's allergies.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CustomerPatch {
    pub name: Option<String>,
    pub surname: Option<String>,
    pub mobile: Option<String>,
    pub email: Told<String>,
    pub gender: Told<String>,
    pub date_of_birth: Told<String>,
    pub vehicle_make: Told<String>,
    pub vehicle_model: Told<String>,
    pub vehicle_colour: Told<String>,
    pub vehicle_license_plate: Told<String>,
    pub external_reference_id: Told<String>,
    /// Null clears.
    pub other: BTreeMap<String, Value>,
}

/// What an update says of a field that may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Told<T> {
    #[default]
    Nothing,
    Cleared,
    Value(T),
}

impl<T> Told<T> {
    fn over(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Nothing => before,
            Self::Cleared => None,
            Self::Value(value) => Some(value),
        }
    }
}

impl CustomerPatch {
    fn over(self, before: CustomerFields) -> CustomerFields {
        let mut other = before.other;
        for (name, value) in self.other {
            if value.is_null() {
                other.remove(&name);
            } else {
                other.insert(name, value);
            }
        }
        CustomerFields {
            name: self.name.unwrap_or(before.name),
            surname: self.surname.unwrap_or(before.surname),
            mobile: self.mobile.unwrap_or(before.mobile),
            email: self.email.over(before.email),
            gender: self.gender.over(before.gender),
            date_of_birth: self.date_of_birth.over(before.date_of_birth),
            vehicle_make: self.vehicle_make.over(before.vehicle_make),
            vehicle_model: self.vehicle_model.over(before.vehicle_model),
            vehicle_colour: self.vehicle_colour.over(before.vehicle_colour),
            vehicle_license_plate: self.vehicle_license_plate.over(before.vehicle_license_plate),
            external_reference_id: self.external_reference_id.over(before.external_reference_id),
            other,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum MembershipEvent {
    CustomerDeleted {
        customer: CustomerId,
    },
    SubscriptionChanged {
        subscription: SubscriptionId,
        valid_to: Timestamp,
        dependants: Vec<CustomerId>,
    },
    SubscriptionCancelled {
        subscription: SubscriptionId,
        reason: Option<String>,
    },
    /// Somebody asked for it, and it is as it was.
    SubscriptionCancelFailed {
        subscription: SubscriptionId,
    },
}

impl World {
    pub(super) fn decide_membership(
        &mut self,
        command: MembershipCommand,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        match command {
            MembershipCommand::UpdateCustomer { source, customer, patch } => {
                self.update_customer(source, customer, *patch, now, out)
            }
            MembershipCommand::DeleteCustomer { source, customer } => {
                self.customer(source, customer).ok_or(Refusal::NotFound { what: "Customer" })?;
                self.happened(MembershipEvent::CustomerDeleted { customer }, now, out);
                Ok(Reply::Done)
            }
            MembershipCommand::UpdateSubscription { source, subscription, valid_to, dependants } => {
                self.update_subscription(source, subscription, (valid_to, dependants), now, out)
            }
            MembershipCommand::CancelSubscription { source, subscription, reason } => {
                self.cancel_subscription(source, subscription, reason, now, out)
            }
        }
    }

    fn happened(&mut self, what: MembershipEvent, now: Timestamp, out: &mut Vec<Event>) {
        self.emit(now, Happened::Membership(what), out);
    }

    fn update_customer(
        &mut self,
        source: SourceId,
        customer: CustomerId,
        patch: CustomerPatch,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let record = self.customer(source, customer).ok_or(Refusal::NotFound { what: "Customer" })?;
        // Only what is given: a v1 user may be a customer without a name so far.
        check_given(patch.name.as_deref(), patch.surname.as_deref(), patch.mobile.as_deref())?;
        let fields = Box::new(patch.over(record.fields.clone()));
        let holder = self.by_mobile(source, &fields.mobile);
        if holder.is_some_and(|holder| holder.id != customer) {
            return Err(Refusal::Duplicate { field: "mobile" });
        }
        if record.fields != *fields {
            self.emit(now, Happened::CustomerUpdated { customer, fields }, out);
        }
        Ok(Reply::Customer { customer, subscription: None })
    }

    fn update_subscription(
        &mut self,
        source: SourceId,
        subscription: SubscriptionId,
        (valid_to, dependants): (Timestamp, Option<Vec<CustomerId>>),
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let record = self.own_subscription(source, subscription)?;
        let revived = |why| Err(Refusal::Invalid { field: "subscriptionId", why });
        if record.cancelled.is_some() {
            return revived("the subscription is cancelled: create a new one");
        }
        if record.valid_to <= now {
            return revived("the subscription has lapsed: create a new one");
        }
        if valid_to <= record.valid_from {
            return Err(Refusal::Invalid { field: "validTo", why: "is not after validFrom" });
        }
        let dependants = match dependants {
            None => record.dependants.clone(),
            Some(given) => self.dependants(source, record.customer, given)?,
        };
        if record.valid_to != valid_to || record.dependants != dependants {
            self.happened(
                MembershipEvent::SubscriptionChanged { subscription, valid_to, dependants },
                now,
                out,
            );
        }
        Ok(Reply::Subscription(subscription))
    }

    fn cancel_subscription(
        &mut self,
        source: SourceId,
        subscription: SubscriptionId,
        reason: Option<String>,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let record = self.own_subscription(source, subscription)?;
        if reason.as_ref().is_some_and(|reason| reason.trim().is_empty()) {
            return Err(Refusal::Invalid { field: "reason", why: "is empty" });
        }
        if record.cancelled.is_some() {
            let why = "the subscription is cancelled already";
            return Err(Refusal::Invalid { field: "subscriptionId", why });
        }
        if self.cancel_fails(subscription, now, out) {
            self.happened(MembershipEvent::SubscriptionCancelFailed { subscription }, now, out);
            return Err(Refusal::Failed { what: "The subscription could not be cancelled" });
        }
        self.happened(MembershipEvent::SubscriptionCancelled { subscription, reason }, now, out);
        Ok(Reply::Subscription(subscription))
    }

    fn own_subscription(&self, source: SourceId, id: SubscriptionId) -> Result<&SubscriptionRecord, Refusal> {
        self.subscription(source, id).ok_or(Refusal::NotFound { what: "Subscription" })
    }

    /// The list of dependants as it may stand: known customers, each once, never the main member.
    pub(super) fn dependants(
        &self,
        source: SourceId,
        main: CustomerId,
        given: Vec<CustomerId>,
    ) -> Result<Vec<CustomerId>, Refusal> {
        let field = "dependantCustomerIds";
        let mut seen = BTreeSet::new();
        let mut list = Vec::with_capacity(given.len());
        for id in given {
            if self.customer(source, id).is_none() {
                return Err(Refusal::Invalid { field, why: "names an unknown customer" });
            }
            if id == main {
                return Err(Refusal::Invalid { field, why: "names the main member" });
            }
            if seen.insert(id) {
                list.push(id);
            }
        }
        Ok(list)
    }

    pub(super) fn fold_membership(&mut self, what: &MembershipEvent, at: Timestamp) {
        match what {
            MembershipEvent::CustomerDeleted { customer } => {
                if let Some(record) = self.tables.customers.get_mut(customer) {
                    self.index.remove_customer(record);
                    record.deleted_at = Some(at);
                    record.updated_at = at;
                }
            }
            MembershipEvent::SubscriptionChanged { subscription, valid_to, dependants } => {
                if let Some(record) = self.tables.subscriptions.get_mut(subscription) {
                    self.index.remove_subscription(record);
                    record.valid_to = *valid_to;
                    record.dependants.clone_from(dependants);
                    record.updated_at = at;
                    self.index.add_subscription(record);
                }
            }
            MembershipEvent::SubscriptionCancelled { subscription, reason } => {
                if let Some(record) = self.tables.subscriptions.get_mut(subscription) {
                    record.cancelled = Some(Cancelled { at, reason: reason.clone() });
                    record.updated_at = at;
                }
            }
            MembershipEvent::SubscriptionCancelFailed { .. } => {}
        }
    }
}
