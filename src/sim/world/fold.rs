//! Applying events. No decision is made here: an event says what happened, and this says what is so
//! afterwards. An event about something unknown changes nothing.

use super::event::{Change, Event, Happened};
use super::fold_callout::at_scene;
use super::id::{CalloutId, CustomerId, ScenarioId, UserId};
use super::places::CalledFrom;
use super::plan::Plan;
use super::record::{
    CalloutRecord, CustomerRecord, Report, ResponderFix, ResponderRecord, Status, SubscriptionRecord,
    SupplierRecord, UserRecord,
};
use super::{Tables, World};
use crate::sim::scenario::{Phase, Scenario};
use jiff::Timestamp;

impl World {
    pub(super) fn fold(&mut self, event: &Event) {
        let at = event.at;
        self.tables.latest = self.tables.latest.max(at);
        if let Some(last) = event.what.last_id() {
            self.tables.next_id = self.tables.next_id.max(last + 1);
        }
        self.count(&event.what);
        match &event.what {
            Happened::Callout { callout, change } => self.fold_callout(*callout, change, at),
            Happened::Raised {
                callout,
                customer,
                detail,
                location,
                response_type_id,
                classification_id,
                internal_test,
                from,
            } => {
                let kind = (*response_type_id, *classification_id, *internal_test);
                let from = from.map(|place| self.tables.places.called_from(place, *customer, location));
                self.fold_raised(*callout, (*customer, from), (*detail, *location), kind, at);
            }
            Happened::SourceOpened { source, client_id } => {
                self.tables.sources.insert(*source, client_id.clone());
            }
            Happened::Membership(what) => self.fold_membership(what, at),
            Happened::Signup(what) => self.fold_signup(what),
            Happened::Service(what) => self.fold_service(what, at),
            Happened::Place(event) => self.fold_place(event, at),
            Happened::AutopilotSet { to } => self.fold_autopilot(to.as_ref()),
            Happened::Device(event) => self.fold_device(event, at),
            Happened::Feedback(event) => self.tables.feedback.fold(event, at),
            Happened::Reset => self.fold_reset(),
            Happened::Trouble(event) => self.tables.troubles.fold(event, at),
            Happened::Webhook(webhook) => self.fold_webhook(webhook, at),
            Happened::Upload(upload) => self.fold_upload(upload, at),
            Happened::SupplierPut { .. }
            | Happened::SupplierDeleted { .. }
            | Happened::ResponderCreated { .. }
            | Happened::ResponderChanged { .. }
            | Happened::ResponderPlaced { .. }
            | Happened::ResponderDeleted { .. } => self.fold_fleet(&event.what, at),
            people => self.fold_people(people, at),
        }
    }

    /// What concerns one callout, a device, a delivery or an upload changes the view of no other callout.
    fn count(&mut self, what: &Happened) {
        self.tables.revision += 1;
        let of_others = !matches!(
            what,
            Happened::Callout { .. }
                | Happened::Raised { .. }
                | Happened::Device(_)
                | Happened::Webhook(_)
                | Happened::Upload(_)
        );
        if of_others {
            self.tables.revision_of_others = self.tables.revision;
        }
    }

    fn fold_people(&mut self, what: &Happened, at: Timestamp) {
        match what {
            Happened::CustomerCreated { customer, source, fields } => {
                let record = CustomerRecord {
                    id: *customer,
                    source: *source,
                    fields: fields.as_ref().clone(),
                    user: None,
                    created_at: at,
                    updated_at: at,
                    deleted_at: None,
                };
                self.index.add_customer(&record);
                self.tables.customers.insert(*customer, record);
            }
            Happened::CustomerUpdated { customer, fields } => {
                if let Some(record) = self.tables.customers.get_mut(customer) {
                    self.index.remove_customer(record);
                    record.fields = fields.as_ref().clone();
                    record.updated_at = at;
                    self.index.add_customer(record);
                }
            }
            Happened::SubscriptionCreated {
                subscription,
                customer,
                subscription_type_id,
                valid_from,
                valid_to,
                dependants,
            } => {
                let Some(source) = self.tables.customers.get(customer).map(|customer| customer.source) else {
                    return;
                };
                let record = SubscriptionRecord {
                    id: *subscription,
                    source,
                    customer: *customer,
                    subscription_type_id: *subscription_type_id,
                    valid_from: *valid_from,
                    valid_to: *valid_to,
                    dependants: dependants.clone(),
                    cancelled: None,
                    created_at: at,
                    updated_at: at,
                };
                self.index.add_subscription(&record);
                self.tables.subscriptions.insert(*subscription, record);
            }
            Happened::DependantAdded { subscription, customer } => {
                if let Some(record) = self.tables.subscriptions.get_mut(subscription) {
                    record.dependants.push(*customer);
                    record.updated_at = at;
                    self.index.add_subscription(record);
                }
            }
            Happened::UserRegistered { user, source, email, password_hash, customer } => {
                let record = UserRecord {
                    id: *user,
                    source: *source,
                    email: email.clone(),
                    password_hash: password_hash.clone(),
                    customer: *customer,
                    created_at: at,
                };
                self.index.add_user(&record);
                self.tables.users.insert(*user, record);
                self.tie(*user, *customer);
            }
            Happened::UserLinked { user, customer } => self.tie(*user, *customer),
            _ => {}
        }
    }

    fn tie(&mut self, user: UserId, customer: CustomerId) {
        let Some(record) = self.tables.users.get_mut(&user) else { return };
        let before = std::mem::replace(&mut record.customer, customer);
        if let Some(old) = self.tables.customers.get_mut(&before) {
            old.user = None;
        }
        if let Some(new) = self.tables.customers.get_mut(&customer) {
            new.user = Some(user);
        }
    }

    fn fold_fleet(&mut self, what: &Happened, at: Timestamp) {
        match what {
            Happened::SupplierPut { supplier, fields } => {
                let fields = fields.as_ref().clone();
                let record = self.tables.suppliers.entry(*supplier).or_insert_with(|| SupplierRecord {
                    id: *supplier,
                    fields: fields.clone(),
                    deleted: false,
                    created_at: at,
                    updated_at: at,
                });
                record.fields = fields;
                record.updated_at = at;
            }
            Happened::SupplierDeleted { supplier } => {
                if let Some(record) = self.tables.suppliers.get_mut(supplier) {
                    record.deleted = true;
                    record.updated_at = at;
                }
            }
            Happened::ResponderCreated { responder, fix, position, supplier, fields, active, service } => {
                let record = ResponderRecord {
                    id: *responder,
                    supplier: *supplier,
                    fields: fields.as_ref().clone(),
                    active: *active,
                    deleted: false,
                    on_call: None,
                    service: service.clone(),
                    resting: ResponderFix { id: *fix, position: *position, at },
                    created_at: at,
                    updated_at: at,
                };
                self.index.add_responder(&record);
                self.tables.responders.insert(*responder, record);
            }
            Happened::ResponderPlaced { responder, fix, position } => {
                if let Some(record) = self.tables.responders.get_mut(responder) {
                    self.index.remove_responder(record);
                    record.resting = ResponderFix { id: *fix, position: *position, at };
                    record.updated_at = at;
                    self.index.add_responder(record);
                }
            }
            Happened::ResponderChanged { responder, supplier, fields, active, service } => {
                let fields = fields.as_ref().clone();
                if let Some(record) = self.tables.responders.get_mut(responder) {
                    (record.supplier, record.fields, record.active) = (*supplier, fields, *active);
                    record.service.clone_from(service);
                    record.updated_at = at;
                }
            }
            Happened::ResponderDeleted { responder } => {
                if let Some(record) = self.tables.responders.get_mut(responder) {
                    self.index.remove_responder(record);
                    record.deleted = true;
                    record.updated_at = at;
                }
            }
            _ => {}
        }
    }

    fn fold_autopilot(&mut self, to: Option<&(ScenarioId, Box<Scenario>)>) {
        self.tables.autopilot = to.map(|(id, _)| *id);
        if let Some((id, scenario)) = to {
            self.tables.scenarios.insert(*id, scenario.as_ref().clone());
            return;
        }
        // Nothing moves by itself any more. A plan without a due beat has nothing left to move.
        for (_, callout) in std::mem::take(&mut self.index.due) {
            if let Some(record) = self.tables.callouts.get_mut(&callout) {
                record.plan = None;
            }
        }
    }

    /// The tenants, the autopilot and the device templates are settings, not contents; ids go on where they were.
    fn fold_reset(&mut self) {
        let Tables { seed, next_id, latest, ref mut sources, ref mut scenarios, autopilot, .. } = self.tables;
        let (sources, mut scenarios) = (std::mem::take(sources), std::mem::take(scenarios));
        scenarios.retain(|id, _| Some(*id) == autopilot);
        let troubles = std::mem::take(&mut self.tables.troubles).after_reset();
        let webhooks = self.tables.webhooks.after_reset();
        let uploads = self.tables.uploads.after_reset();
        let devices = self.tables.devices.after_reset();
        let empty = Self::new(seed).tables;
        *self = Self::from(Tables {
            next_id,
            latest,
            sources,
            scenarios,
            autopilot,
            webhooks,
            uploads,
            troubles,
            devices,
            ..empty
        });
    }

    fn fold_raised(
        &mut self,
        id: CalloutId,
        (customer, called_from): (CustomerId, Option<CalledFrom>),
        (detail_id, location): (u64, Report),
        (response_type_id, classification_id, internal_test): (i64, i64, bool),
        at: Timestamp,
    ) {
        let Some(source) = self.customer_or_occupant(customer).map(|customer| customer.source) else {
            return;
        };
        let mut record = CalloutRecord {
            id,
            source,
            customer,
            detail_id,
            status: Status::Created,
            response_type_id,
            classification_id,
            internal_test,
            location,
            created_at: at,
            updated_at: at,
            detail_updated_at: at,
            acknowledged_at: None,
            owned_at: None,
            verified_at: None,
            resolved_at: None,
            updated_by_controller: false,
            detail_updated_by_controller: false,
            cancelled_by_customer: false,
            stood_down: false,
            duress: false,
            candidates: Vec::new(),
            assignments: Vec::new(),
            last_eta: None,
            outcome: None,
            incident_details: None,
            entries: Vec::new(),
            called_from,
            plan: self.tables.autopilot.map(Plan::new),
            revision: self.tables.revision,
        };
        record.enter(Phase::Raised, at, &self.tables.scenarios);
        self.index.add_callout(&record);
        self.tables.callouts.insert(id, Box::new(record));
    }

    fn fold_callout(&mut self, id: CalloutId, change: &Change, at: Timestamp) {
        let Some(mut record) = self.tables.callouts.remove(&id) else { return };
        self.index.remove_callout(&record);
        self.fold_responder(&record, change, at);
        record.fold(change, at);
        record.revision = self.tables.revision;
        match change {
            Change::Played => record.next_beat(&self.tables.scenarios),
            Change::PlayedAside => record.next_aside(&self.tables.scenarios),
            Change::Duress { .. } => record.enter_aside(at, &self.tables.scenarios),
            Change::TakenOver | Change::Closed { .. } => record.plan = None,
            _ => {
                if let Some(phase) = record.phase_after(change) {
                    record.enter(phase, at, &self.tables.scenarios);
                }
            }
        }
        self.index.add_callout(&record);
        self.tables.callouts.insert(id, record);
    }

    /// What a change of a callout means for its responder. `record` is the callout before it.
    fn fold_responder(&mut self, record: &CalloutRecord, change: &Change, at: Timestamp) {
        if let Change::Dispatched { responder, .. } = change {
            if let Some(responder) = self.tables.responders.get_mut(responder) {
                responder.on_call = Some(record.id);
                responder.updated_at = at;
            }
            return;
        }
        let Some(assignment) = record.assignment() else { return };
        let Some(responder) = assignment.responder.and_then(|id| self.tables.responders.get_mut(&id)) else {
            return;
        };
        let resting = match change {
            Change::Arrived { fix, .. } => Some(at_scene(record, *fix, at)),
            Change::Retracted { .. } | Change::Completed { .. } | Change::Closed { .. } => {
                assignment.journey.as_ref().map_or(assignment.last_fix, |journey| journey.fix(at))
            }
            _ => return,
        };
        if responder.on_call != Some(record.id) {
            return;
        }
        if !matches!(change, Change::Arrived { .. }) {
            responder.on_call = None;
        }
        responder.updated_at = at;
        if let Some(resting) = resting {
            self.index.remove_responder(responder);
            responder.resting = resting;
            self.index.add_responder(responder);
        }
    }
}
