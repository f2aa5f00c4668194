//! The simulated world: PURE. Commands and times go in, replies and events come out; the events are
//! the only thing that changes it. Nothing ticks: what moves by itself is computed from the time that
//! is asked for, and a callout's plan is brought up to date when somebody looks.
//!
//! Due beats of all plans are played in the order of their times, whoever asks. So what happens
//! depends on the commands and their times alone, never on who read what and when.

mod command;
mod crew;
mod devices;
mod drive;
mod event;
mod feedback;
mod fleet;
mod fold;
mod fold_callout;
mod id;
mod index;
mod membership;
mod mention;
mod mobile;
mod people;
mod places;
mod plan;
mod raise;
mod record;
mod recurrence;
mod services;
mod signup;
mod standin;
mod steps;
#[cfg(test)]
mod tests;
mod trouble;
mod upload;
mod webhook;

pub use command::{
    Applied, CancelOutcome, Command, NewResponder, NewSubscription, Raise, Refusal, Reply, ResponderPatch,
    Step, SupplierPatch, Who,
};
pub use devices::{
    Battery, DeviceCommand, DeviceEvent, DeviceHeard, DeviceRecord, DeviceReply, KeptTemplate, KnownBy,
    LastEvent, LinkFields, LinkPatch, NewLink, Origin,
};
pub use drive::{Drove, Journey, Route};
pub use event::{Change, Event, Happened};
pub use feedback::{
    AttachedReason, EXCEPTION_REASONS, FeedbackCommand, FeedbackEvent, NamedItem, RATING_ITEMS, RatedItem,
    RatingItem, RatingRecord, Sentiment,
};
pub use id::{
    CalloutId, CustomerId, EntryId, LinkId, PlaceId, RatingId, ResponderId, ScenarioId, SourceId,
    SubscriptionId, SupplierId, UserId,
};
pub use membership::{CustomerPatch, MembershipCommand, MembershipEvent, Told};
pub use mention::Tag;
pub use places::{
    At, CalledFrom, Coverage, LOCATION_TYPES, PlaceChange, PlaceCommand, PlaceEvent, PlaceFields, PlaceRaise,
    PlaceRecord,
};
pub use plan::Plan;
pub use record::{
    Assignment, CONTROLLER, CalloutRecord, Cancelled, Candidate, Controller, CustomerFields, CustomerRecord,
    EMERGENCY_TYPE, Entry, EntryKind, EtaNow, Handling, INCIDENT_CATEGORY, Outcome, PasswordHash,
    RESPONDER_ACCURACY_M, Report, ResponderFields, ResponderFix, ResponderRecord, ResponseType, Role,
    Service, Status, SubscriptionRecord, SupplierFields, SupplierRecord, TEST_CLASSIFICATION, UserRecord,
    VehicleKind,
};
pub use recurrence::{Every, MOST_INTERVAL, Repeats};
pub use services::{Booking, Lead, LeadRecord, ScheduledRecord, ServiceCommand, ServiceEvent};
pub use signup::{
    ManagementRecord, NewSignup, SessionKey, SignupCommand, SignupEnd, SignupEvent, SignupRecord,
    SignupStatus, Site,
};
pub use trouble::{Trouble, TroubleEvent, TroubleRule};
pub use upload::{Accepted, Callback, File, Upload, UploadCommand, UploadEvent, UploadId};
pub use webhook::{
    About, Delivery, DeliveryId, End, Finished, MOST_FINISHED, MOST_PENDING, MOST_TRIES, Pending, Picture,
    Topic, Try, TryFailure, TryOutcome, Webhook, WebhookCommand, WebhookEvent, Why,
};

use crate::geo::Position;
use crate::geo::streets::Streets;
use crate::sim::scenario::Scenario;
use devices::DeviceTables;
use feedback::Feedback;
use id::Ids;
use index::Index;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use services::ServiceTables;
use signup::SignupTables;
use std::collections::BTreeMap;

/// Everything there is. Its snapshot (serde) holds the tables; the indexes are made again from them.
#[derive(Debug, PartialEq)]
pub struct World {
    tables: Tables,
    index: Index,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Tables {
    seed: u64,
    next_id: u64,
    /// Time of the newest event: the world never goes back before it.
    latest: Timestamp,
    sources: BTreeMap<SourceId, String>,
    #[serde(default)]
    places: places::Places,
    customers: BTreeMap<CustomerId, CustomerRecord>,
    subscriptions: BTreeMap<SubscriptionId, SubscriptionRecord>,
    users: BTreeMap<UserId, UserRecord>,
    /// Boxed, since the nodes of a tree are about half empty.
    callouts: BTreeMap<CalloutId, Box<CalloutRecord>>,
    suppliers: BTreeMap<SupplierId, SupplierRecord>,
    responders: BTreeMap<ResponderId, ResponderRecord>,
    scenarios: BTreeMap<ScenarioId, Scenario>,
    autopilot: Option<ScenarioId>,
    #[serde(default)]
    webhooks: webhook::WebhookTables,
    #[serde(default)]
    uploads: upload::UploadTables,
    #[serde(default)]
    troubles: trouble::Troubles,
    #[serde(default)]
    devices: DeviceTables,
    #[serde(default)]
    feedback: Feedback,
    #[serde(default)]
    signup: SignupTables,
    #[serde(default)]
    services: ServiceTables,
    /// Events so far.
    #[serde(default)]
    revision: u64,
    /// Number of the last event that was not about one callout: of a person, a vehicle, a company.
    #[serde(default)]
    revision_of_others: u64,
}

/// What a view of a callout depends on. As long as it is the same, so is the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    callout: u64,
    others: u64,
    /// Number of the newest report of a responder who drives.
    report: Option<u64>,
    /// Lines of the chat that are not seen yet.
    held_back: usize,
}

/// Four digits from the start, as ids of a system that is in use.
const FIRST_ID: u64 = 1_001;

impl World {
    pub fn new(seed: u64) -> Self {
        Self::from(Tables {
            seed,
            next_id: FIRST_ID,
            latest: Timestamp::MIN,
            sources: BTreeMap::new(),
            places: places::Places::default(),
            customers: BTreeMap::new(),
            subscriptions: BTreeMap::new(),
            users: BTreeMap::new(),
            callouts: BTreeMap::new(),
            suppliers: BTreeMap::new(),
            responders: BTreeMap::new(),
            scenarios: BTreeMap::new(),
            autopilot: None,
            webhooks: webhook::WebhookTables::default(),
            uploads: upload::UploadTables::default(),
            troubles: trouble::Troubles::default(),
            devices: DeviceTables::default(),
            feedback: Feedback::default(),
            signup: SignupTables::default(),
            services: ServiceTables::default(),
            revision: 0,
            revision_of_others: 0,
        })
    }

    /// Brings due plans up to date, then decides. The events have been applied already; they are to be
    /// stored also when the command was refused.
    pub fn apply(&mut self, command: Command, now: Timestamp) -> Applied {
        let now = self.not_before(now);
        let mut events = self.settle_all(now);
        let result = self.decide(command, now, &mut events);
        Applied { events, result }
    }

    fn decide(&mut self, command: Command, now: Timestamp, out: &mut Vec<Event>) -> Result<Reply, Refusal> {
        match command {
            Command::OpenSource { client_id } => Ok(self.open_source(client_id, now, out)),
            Command::CreateCustomer { source, fields, subscription, subscription_id } => {
                self.create_customer(source, fields, (subscription, subscription_id), now, out)
            }
            Command::CreateSubscription { source, customer, subscription, dependants } => {
                self.create_subscription(source, customer, &subscription, dependants, now, out)
            }
            Command::RegisterUser { source, email, password_hash, mobile } => {
                self.register_user(source, &email, password_hash, mobile, now, out)
            }
            Command::Membership(command) => self.decide_membership(command, now, out),
            Command::Signup(command) => self.decide_signup(command, now, out),
            Command::Service(command) => self.decide_service(command, now, out),
            Command::Raise(raise) => self.raise(raise, now, out),
            Command::UpdateLocation { source, callout, position, accuracy } => {
                self.update_location(source, callout, (position, accuracy), now, out)
            }
            Command::SendEvent { source, callout, author, text } => {
                self.send_event(source, callout, author, text, now, out)
            }
            Command::Dismiss { source, callout } => self.dismiss(source, callout, now, out),
            Command::Cancel { source, callout, safe_code } => {
                self.cancel(source, callout, safe_code.as_deref(), now, out)
            }
            Command::Step { callout, step } => self.controller_step(callout, &step, now, out),
            Command::Comment { callout, message, from } => {
                self.controller_comment(callout, message, from, now, out)
            }
            Command::Feedback(command) => self.decide_feedback(command, now, out),
            Command::Place(place) => self.decide_place(place, now, out),
            Command::SetAutopilot(to) => Ok(self.set_autopilot(to, now, out)),
            Command::Device(command) => self.decide_device(command, now, out),
            Command::SetTroubles(rules) => Ok(self.set_troubles(rules, now, out)),
            Command::Reset => {
                self.emit(now, Happened::Reset, out);
                Ok(Reply::Done)
            }
            Command::Webhook(webhook) => self.decide_webhook(webhook, now, out),
            Command::Upload(upload) => Ok(self.decide_upload(upload, now, out)),
            fleet => self.decide_fleet(fleet, now, out),
        }
    }

    /// Plays every beat that is due, of all plans, in the order of their times.
    pub fn settle_all(&mut self, now: Timestamp) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some((due, callout)) = self.index.first_due().filter(|(due, _)| *due <= now) {
            self.play(callout, self.not_before(due), &mut events);
        }
        events
    }

    /// Brings one callout up to date. When it has something due, so is everything that was due before.
    pub fn settle(&mut self, callout: CalloutId, now: Timestamp) -> Vec<Event> {
        if self.is_due(callout, now) { self.settle_all(now) } else { Vec::new() }
    }

    /// Whether a reader of this callout must settle first.
    pub fn is_due(&self, callout: CalloutId, now: Timestamp) -> bool {
        let due = self.callout_by_id(callout).and_then(|record| record.plan.as_ref()?.due);
        due.is_some_and(|due| due <= now)
    }

    /// When the next beat of any plan is due.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.index.first_due().map(|(due, _)| due)
    }

    /// Applies an event of the history again.
    pub fn replay(&mut self, event: &Event) {
        self.fold(event);
    }

    /// Lets something happen, and puts into the outbox what somebody asked to be told of it.
    fn emit(&mut self, at: Timestamp, what: Happened, out: &mut Vec<Event>) {
        self.happen(at, what, out);
        self.notify(at, out);
    }

    /// Lets something happen that nobody is told of.
    fn happen(&mut self, at: Timestamp, what: Happened, out: &mut Vec<Event>) {
        let event = Event { at, what };
        self.fold(&event);
        out.push(event);
    }

    fn emit_all(&mut self, at: Timestamp, all: Vec<Happened>, out: &mut Vec<Event>) {
        for what in all {
            self.emit(at, what, out);
        }
    }

    fn change(&mut self, callout: CalloutId, change: Change, at: Timestamp, out: &mut Vec<Event>) {
        self.emit(at, Happened::Callout { callout, change }, out);
    }

    fn ids(&self) -> Ids {
        Ids(self.tables.next_id)
    }

    /// A clock that was set back makes time stand still here, not run backwards.
    fn not_before(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now).max(self.tables.latest)
    }

    /// The streets at a place of this world.
    pub fn streets(&self, place: Position) -> Streets {
        Streets::around(place, self.tables.seed)
    }
}

/// What can be read. None of it looks at more records than it gives back.
impl World {
    pub fn seed(&self) -> u64 {
        self.tables.seed
    }

    pub fn source(&self, client_id: &str) -> Option<SourceId> {
        self.tables.sources.iter().find(|(_, known)| *known == client_id).map(|(source, _)| *source)
    }

    /// All tenants that the world has known, with their client ids.
    pub fn sources(&self) -> impl Iterator<Item = (SourceId, &str)> {
        self.tables.sources.iter().map(|(source, client_id)| (*source, client_id.as_str()))
    }

    /// `None` for another source's, as for an unknown one.
    pub fn callout(&self, source: SourceId, id: CalloutId) -> Option<&CalloutRecord> {
        self.callout_by_id(id).filter(|record| record.source == source)
    }

    /// For the control side, which knows no tenants.
    pub fn callout_by_id(&self, id: CalloutId) -> Option<&CalloutRecord> {
        self.tables.callouts.get(&id).map(Box::as_ref)
    }

    /// All callouts, closed ones too, oldest first.
    pub fn callouts(&self) -> impl DoubleEndedIterator<Item = &CalloutRecord> {
        self.tables.callouts.values().map(Box::as_ref)
    }

    /// Active callouts of every source, for the control side.
    pub fn all_active(&self) -> impl Iterator<Item = &CalloutRecord> {
        self.index.active.values().flatten().filter_map(|id| self.callout_by_id(*id))
    }

    /// Active callouts of one source, oldest first.
    pub fn active(&self, source: SourceId) -> impl Iterator<Item = &CalloutRecord> {
        let ids = self.index.active.get(&source).into_iter().flatten();
        ids.filter_map(|id| self.callout_by_id(*id))
    }

    pub fn active_of_customer(&self, source: SourceId, customer: CustomerId) -> Option<&CalloutRecord> {
        self.callout(source, *self.index.active_of.get(&customer)?)
    }

    /// `None` for a deleted one too.
    pub fn customer(&self, source: SourceId, id: CustomerId) -> Option<&CustomerRecord> {
        let record = self.tables.customers.get(&id);
        record.filter(|customer| customer.source == source && customer.deleted_at.is_none())
    }

    /// However the number is written.
    pub fn customer_by_mobile(&self, source: SourceId, mobile: &str) -> Option<&CustomerRecord> {
        self.by_mobile(source, mobile)
    }

    /// The customer of a callout, also when it was deleted since; of one that is nobody's, the record of
    /// its place's own.
    pub fn customer_of(&self, callout: &CalloutRecord) -> Option<&CustomerRecord> {
        self.customer_or_occupant(callout.customer)
    }

    fn customer_or_occupant(&self, id: CustomerId) -> Option<&CustomerRecord> {
        self.tables.customers.get(&id).or_else(|| self.tables.places.occupant(id))
    }

    pub fn subscription(&self, source: SourceId, id: SubscriptionId) -> Option<&SubscriptionRecord> {
        self.tables.subscriptions.get(&id).filter(|subscription| subscription.source == source)
    }

    /// Subscriptions that a customer holds or depends on.
    pub fn subscriptions(&self, customer: CustomerId) -> impl Iterator<Item = &SubscriptionRecord> {
        let ids = self.index.subscriptions_of.get(&customer).into_iter().flatten();
        ids.filter_map(|id| self.tables.subscriptions.get(id))
    }

    pub fn has_active_subscription(&self, customer: CustomerId, now: Timestamp) -> bool {
        self.subscriptions(customer).any(|subscription| subscription.is_active(now))
    }

    pub fn user(&self, source: SourceId, id: UserId) -> Option<&UserRecord> {
        self.tables.users.get(&id).filter(|user| user.source == source)
    }

    /// Looked up without regard to case, as mail addresses are.
    pub fn user_by_email(&self, source: SourceId, email: &str) -> Option<&UserRecord> {
        let id = self.index.users.get(&source)?.get(&people::email_key(email))?;
        self.tables.users.get(id)
    }

    pub fn suppliers(&self) -> impl Iterator<Item = &SupplierRecord> {
        self.tables.suppliers.values().filter(|supplier| !supplier.deleted)
    }

    /// Deleted ones too, since old callouts still name them.
    pub fn supplier(&self, id: SupplierId) -> Option<&SupplierRecord> {
        self.tables.suppliers.get(&id)
    }

    pub fn responders(&self) -> impl Iterator<Item = &ResponderRecord> {
        self.tables.responders.values().filter(|responder| !responder.deleted)
    }

    /// Deleted ones too, since old callouts still name them.
    pub fn responder(&self, id: ResponderId) -> Option<&ResponderRecord> {
        self.tables.responders.get(&id)
    }

    /// `uniqueSuppliersInRange`: the companies of those in range who have not turned back.
    pub fn suppliers_in_range(&self, callout: &CalloutRecord) -> Vec<SupplierId> {
        let there = callout.candidates.iter().filter(|candidate| candidate.retracted_at.is_none());
        let mut suppliers = Vec::new();
        for supplier in there.filter_map(|candidate| Some(self.responder(candidate.responder)?.supplier)) {
            if !suppliers.contains(&supplier) {
                suppliers.push(supplier);
            }
        }
        suppliers
    }

    /// `None`: off, nothing moves by itself.
    pub fn autopilot(&self) -> Option<&Scenario> {
        self.tables.scenarios.get(&self.tables.autopilot?)
    }

    /// The newest report of the responder who is attached to a callout.
    pub fn responder_fix(&self, callout: &CalloutRecord, now: Timestamp) -> Option<ResponderFix> {
        let assignment = callout.assignment()?;
        let Some(journey) = &assignment.journey else { return assignment.last_fix };
        let fix = journey.fix(self.reported_until(callout.id, journey, now))?;
        Some(self.told_fix(callout.id, fix))
    }

    pub fn stamp(&self, callout: &CalloutRecord, now: Timestamp) -> Stamp {
        let journey = callout.assignments.last().and_then(|assignment| assignment.journey.as_ref());
        Stamp {
            callout: callout.revision,
            others: self.tables.revision_of_others,
            report: journey.map(|journey| journey.report(now).0),
            held_back: self.held_back(callout, now),
        }
    }

    /// Where a responder is, on a call or not.
    pub fn responder_position(&self, responder: &ResponderRecord, now: Timestamp) -> ResponderFix {
        let driving = responder.on_call.and_then(|id| self.responder_fix(self.callout_by_id(id)?, now));
        driving.unwrap_or(responder.resting)
    }

    /// What is left of the way, or was when somebody was last on it.
    pub fn eta(&self, callout: &CalloutRecord, now: Timestamp) -> Option<EtaNow> {
        callout.eta(now).map(|eta| self.told_eta(callout, eta))
    }

    /// The way still to go: the responder's place first, the callout's last. `None` while nobody with
    /// a position is attached.
    pub fn route(&self, callout: &CalloutRecord, now: Timestamp) -> Option<Vec<Position>> {
        let assignment = callout.assignment()?;
        let mut route = match &assignment.journey {
            Some(journey) => journey.rest(self.reported_until(callout.id, journey, now)),
            None => vec![assignment.last_fix?.position],
        };
        // The customer may have walked on since the route was made.
        let end = callout.location.position;
        if route.len() > 1 && route.last().is_some_and(|last| last.distance_to(end) < 25.0) {
            route.pop();
        }
        route.push(end);
        Some(route)
    }
}

impl Serialize for World {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.tables.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for World {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Tables::deserialize(deserializer).map(Self::from)
    }
}

impl From<Tables> for World {
    fn from(tables: Tables) -> Self {
        let index = Index::of(&tables);
        Self { tables, index }
    }
}
