//! Applying events. No decision is made here: an event says what happened, and this says what is so
//! afterwards. An event about something unknown changes nothing.

use super::event::{Change, Event, Happened};
use super::id::{CalloutId, CustomerId, EntryId, ResponderId, SourceId, SubscriptionId, UserId};
use super::people::{email_key, mobile_key};
use super::plan::Plan;
use super::record::{
    Assignment, CalloutRecord, CustomerRecord, Entry, EntryKind, EtaNow, Report, ResponderFix,
    ResponderRecord, Status, SubscriptionRecord, SupplierRecord, UserRecord,
};
use super::{Tables, World};
use crate::geo::Position;
use crate::sim::scenario::{Phase, Scenario};
use jiff::{Timestamp, Unit};
use std::collections::{BTreeMap, BTreeSet};

/// Ways to find records without looking through them all.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Index {
    due: BTreeSet<(Timestamp, CalloutId)>,
    pub(super) active: BTreeMap<SourceId, BTreeSet<CalloutId>>,
    pub(super) active_of: BTreeMap<CustomerId, CalloutId>,
    pub(super) mobiles: BTreeMap<SourceId, BTreeMap<String, CustomerId>>,
    pub(super) subscriptions_of: BTreeMap<CustomerId, BTreeSet<SubscriptionId>>,
    pub(super) users: BTreeMap<SourceId, BTreeMap<String, UserId>>,
    cells: BTreeMap<Cell, BTreeSet<ResponderId>>,
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
        let mut index = Self::default();
        tables.customers.values().for_each(|customer| index.add_customer(customer));
        tables.subscriptions.values().for_each(|subscription| index.add_subscription(subscription));
        tables.users.values().for_each(|user| index.add_user(user));
        tables.callouts.values().for_each(|callout| index.add_callout(callout));
        for responder in tables.responders.values().filter(|responder| !responder.deleted) {
            index.add_responder(responder);
        }
        index
    }

    pub(super) fn first_due(&self) -> Option<(Timestamp, CalloutId)> {
        self.due.first().copied()
    }

    pub(super) fn responders_in(&self, cell: Cell) -> impl Iterator<Item = ResponderId> {
        self.cells.get(&cell).into_iter().flatten().copied()
    }

    fn add_customer(&mut self, customer: &CustomerRecord) {
        let mobile = mobile_key(&customer.fields.mobile);
        if !mobile.is_empty() {
            self.mobiles.entry(customer.source).or_default().insert(mobile, customer.id);
        }
    }

    fn remove_customer(&mut self, customer: &CustomerRecord) {
        if let Some(mobiles) = self.mobiles.get_mut(&customer.source) {
            mobiles.remove(&mobile_key(&customer.fields.mobile));
        }
    }

    fn add_subscription(&mut self, subscription: &SubscriptionRecord) {
        for customer in subscription.dependants.iter().chain([&subscription.customer]) {
            self.subscriptions_of.entry(*customer).or_default().insert(subscription.id);
        }
    }

    fn add_user(&mut self, user: &UserRecord) {
        self.users.entry(user.source).or_default().insert(email_key(&user.email), user.id);
    }

    fn add_callout(&mut self, callout: &CalloutRecord) {
        if callout.is_active() {
            self.active.entry(callout.source).or_default().insert(callout.id);
            self.active_of.insert(callout.customer, callout.id);
        }
        if let Some(due) = callout.plan.as_ref().and_then(|plan| plan.due) {
            self.due.insert((due, callout.id));
        }
    }

    fn remove_callout(&mut self, callout: &CalloutRecord) {
        if callout.is_active() {
            if let Some(active) = self.active.get_mut(&callout.source) {
                active.remove(&callout.id);
                if active.is_empty() {
                    self.active.remove(&callout.source);
                }
            }
            self.active_of.remove(&callout.customer);
        }
        if let Some(due) = callout.plan.as_ref().and_then(|plan| plan.due) {
            self.due.remove(&(due, callout.id));
        }
    }

    fn add_responder(&mut self, responder: &ResponderRecord) {
        self.cells.entry(cell(responder.resting.position)).or_default().insert(responder.id);
    }

    fn remove_responder(&mut self, responder: &ResponderRecord) {
        let cell = cell(responder.resting.position);
        if let Some(there) = self.cells.get_mut(&cell) {
            there.remove(&responder.id);
            if there.is_empty() {
                self.cells.remove(&cell);
            }
        }
    }
}

impl World {
    pub(super) fn fold(&mut self, event: &Event) {
        let at = event.at;
        self.tables.latest = self.tables.latest.max(at);
        if let Some(last) = event.what.last_id() {
            self.tables.next_id = self.tables.next_id.max(last + 1);
        }
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
            } => {
                let kind = (*response_type_id, *classification_id, *internal_test);
                self.fold_raised(*callout, *customer, (*detail, *location), kind, at);
            }
            Happened::SourceOpened { source, client_id } => {
                self.tables.sources.insert(*source, client_id.clone());
            }
            Happened::AutopilotSet { to } => self.fold_autopilot(to.as_ref()),
            Happened::Reset => self.fold_reset(),
            Happened::SupplierPut { .. }
            | Happened::SupplierDeleted { .. }
            | Happened::ResponderPut { .. }
            | Happened::ResponderPlaced { .. }
            | Happened::ResponderDeleted { .. } => self.fold_fleet(&event.what, at),
            people => self.fold_people(people, at),
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
            Happened::ResponderPut { responder, supplier, fields, active } => {
                let fields = fields.as_ref().clone();
                if let Some(record) = self.tables.responders.get_mut(responder) {
                    (record.supplier, record.fields, record.active) = (*supplier, fields, *active);
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

    fn fold_autopilot(&mut self, to: Option<&(super::ScenarioId, Box<Scenario>)>) {
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

    /// The tenants and the autopilot are settings, not contents; ids go on where they were.
    fn fold_reset(&mut self) {
        let Tables { seed, next_id, latest, ref mut sources, ref mut scenarios, autopilot, .. } = self.tables;
        let (sources, mut scenarios) = (std::mem::take(sources), std::mem::take(scenarios));
        scenarios.retain(|id, _| Some(*id) == autopilot);
        let empty = Self::new(seed).tables;
        *self = Self::from(Tables { next_id, latest, sources, scenarios, autopilot, ..empty });
    }

    fn fold_raised(
        &mut self,
        id: CalloutId,
        customer: CustomerId,
        (detail_id, location): (u64, Report),
        (response_type_id, classification_id, internal_test): (i64, i64, bool),
        at: Timestamp,
    ) {
        let Some(source) = self.tables.customers.get(&customer).map(|customer| customer.source) else {
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
            plan: self.tables.autopilot.map(Plan::new),
        };
        record.enter(Phase::Raised, at, &self.tables.scenarios);
        self.index.add_callout(&record);
        self.tables.callouts.insert(id, record);
    }

    fn fold_callout(&mut self, id: CalloutId, change: &Change, at: Timestamp) {
        let Some(mut record) = self.tables.callouts.remove(&id) else { return };
        self.index.remove_callout(&record);
        self.fold_responder(&record, change, at);
        record.fold(change, at);
        match change {
            Change::Played => record.next_beat(&self.tables.scenarios),
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
            Change::Retracted { .. } | Change::Completed { .. } | Change::Closed { .. } => assignment
                .journey
                .as_ref()
                .map_or(assignment.last_fix, |journey| journey.fix(at)),
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

fn at_scene(record: &CalloutRecord, fix: u64, at: Timestamp) -> ResponderFix {
    ResponderFix { id: fix, position: record.location.position, at }
}

impl CalloutRecord {
    fn fold(&mut self, change: &Change, at: Timestamp) {
        self.fold_fields(change, at);
        self.fold_assignment(change, at);
        self.fold_entry(change, at);
        match change {
            Change::Played | Change::TakenOver => return,
            Change::Located { .. } | Change::Commented { .. } | Change::CancelAsked | Change::Duress { .. } => {}
            Change::Found { .. } | Change::Rung | Change::Declined { .. } | Change::Acknowledged => {}
            Change::Owned | Change::Verified => self.updated_by_controller = true,
            Change::Dispatched { .. }
            | Change::DispatchedManually { .. }
            | Change::Retracted { .. }
            | Change::Arrived { .. }
            | Change::Completed { .. }
            | Change::Closed { .. } => {
                self.updated_by_controller = true;
                self.detail_updated_at = at;
                self.detail_updated_by_controller =
                    matches!(change, Change::DispatchedManually { .. } | Change::Closed { .. });
            }
        }
        self.updated_at = at;
    }

    fn fold_fields(&mut self, change: &Change, at: Timestamp) {
        match change {
            Change::Found { candidates } => self.candidates.extend_from_slice(candidates),
            Change::Located { report } => self.location = *report,
            Change::Acknowledged => self.acknowledged_at = Some(at),
            Change::Owned => self.owned_at = Some(at),
            Change::Verified => self.verified_at = Some(at),
            Change::Rung => {
                let open = |candidate: &&mut super::Candidate| {
                    !candidate.requested && candidate.retracted_at.is_none()
                };
                for candidate in self.candidates.iter_mut().filter(open) {
                    (candidate.requested, candidate.updated_at) = (true, at);
                }
            }
            Change::Declined { responder } => {
                if let Some(candidate) = self.candidate_mut(*responder) {
                    (candidate.requested, candidate.declined) = (true, true);
                    candidate.updated_at = at;
                }
            }
            Change::CancelAsked => self.cancelled_by_customer = true,
            Change::Duress { .. } => self.duress = true,
            Change::Completed { outcome, .. } => self.outcome = Some(*outcome),
            Change::Closed { incident_details, .. } => {
                self.incident_details = incident_details.as_deref().map(Box::from);
                self.resolved_at = Some(whole_seconds(at).max(self.created_at));
            }
            _ => {}
        }
    }

    fn candidate_mut(&mut self, responder: ResponderId) -> Option<&mut super::Candidate> {
        self.candidates.iter_mut().find(|candidate| candidate.responder == responder)
    }

    fn fold_assignment(&mut self, change: &Change, at: Timestamp) {
        match change {
            Change::Dispatched { responder, supplier, journey, .. } => {
                if let Some(candidate) = self.candidate_mut(*responder) {
                    (candidate.requested, candidate.acknowledged, candidate.declined) = (true, true, false);
                    candidate.updated_at = at;
                }
                let journey = Some(journey.as_ref().clone());
                self.assign(Assignment { journey, ..Assignment::new(*supplier, Some(*responder), at) });
            }
            Change::DispatchedManually { supplier, .. } => {
                self.assign(Assignment::new(*supplier, None, at));
            }
            Change::Retracted { stood_down, .. } => {
                self.stop(at);
                self.stood_down = *stood_down;
                let Some(assignment) = self.assignments.last_mut() else { return };
                assignment.retracted_at = Some(at);
                if let Some(responder) = assignment.responder
                    && let Some(candidate) = self.candidate_mut(responder)
                {
                    (candidate.retracted_at, candidate.updated_at) = (Some(at), at);
                }
            }
            Change::Arrived { fix, eta, .. } => {
                let scene = at_scene(self, *fix, at);
                let Some(assignment) = self.assignment_mut() else { return };
                (assignment.arrived_at, assignment.journey) = (Some(at), None);
                if let Some(responder) = assignment.responder {
                    assignment.last_fix = Some(scene);
                    self.last_eta = Some(EtaNow { id: *eta, responder, distance_m: 0, duration_s: 0, at });
                }
            }
            Change::Completed { .. } => {
                if let Some(assignment) = self.assignment_mut() {
                    assignment.completed_at = Some(at);
                }
            }
            Change::Closed { .. } => {
                self.stop(at);
                if let Some(assignment) = self.assignment_mut() {
                    // As in the sample: closing rewrites both without their milliseconds.
                    assignment.dispatched_at = whole_seconds(assignment.dispatched_at);
                    assignment.arrived_at = assignment.arrived_at.map(whole_seconds);
                }
            }
            _ => {}
        }
    }

    fn assign(&mut self, assignment: Assignment) {
        self.last_eta = None;
        self.assignments.push(assignment);
    }

    /// The drive ends where it is; the last report and ETA stay as they were.
    fn stop(&mut self, at: Timestamp) {
        let eta = self.eta(at);
        self.last_eta = eta;
        if let Some(assignment) = self.assignment_mut()
            && let Some(journey) = assignment.journey.take()
        {
            assignment.last_fix = journey.fix(at);
        }
    }

    pub(super) fn eta(&self, now: Timestamp) -> Option<EtaNow> {
        let driving = self.assignment().and_then(|assignment| {
            Some(assignment.journey.as_ref()?.eta(assignment.responder?, now))
        });
        driving.or(self.last_eta)
    }

    fn fold_entry(&mut self, change: &Change, at: Timestamp) {
        let (id, kind) = match change {
            Change::Commented { entry, role, author, body } => {
                let (author, body) = (author.as_str().into(), body.as_str().into());
                (*entry, EntryKind::Comment { role: *role, author, body })
            }
            Change::Duress { entry } => (*entry, EntryKind::Duress),
            Change::Dispatched { entry, .. } | Change::DispatchedManually { entry, .. } => {
                (*entry, self.moved_to(Status::Dispatched))
            }
            Change::Retracted { entry, .. } => (*entry, self.moved_to(Status::ResponderCancelled)),
            Change::Arrived { entry, .. } => (*entry, self.moved_to(Status::Arrived)),
            Change::Completed { entry, .. } => (*entry, self.moved_to(Status::Completed)),
            Change::Closed { entry, .. } => (*entry, self.moved_to(Status::Closed)),
            _ => return,
        };
        self.add_entry(id, at, kind);
    }

    fn moved_to(&mut self, status: Status) -> EntryKind {
        self.status = status;
        EntryKind::Status(status)
    }

    fn add_entry(&mut self, id: EntryId, at: Timestamp, kind: EntryKind) {
        self.entries.push(Entry { id, at, kind });
    }
}

impl Assignment {
    fn new(supplier: super::SupplierId, responder: Option<ResponderId>, at: Timestamp) -> Self {
        Self {
            supplier,
            responder,
            journey: None,
            last_fix: None,
            dispatched_at: at,
            arrived_at: None,
            completed_at: None,
            retracted_at: None,
        }
    }
}

fn whole_seconds(at: Timestamp) -> Timestamp {
    let floor = jiff::TimestampRound::new().smallest(Unit::Second).mode(jiff::RoundMode::Floor);
    at.round(floor).unwrap_or(at)
}
