//! What has happened: the only thing that changes the world. The list of events is its history, and
//! applying them again gives an equal world.

use super::devices::DeviceEvent;
use super::drive::Journey;
use super::feedback::FeedbackEvent;
use super::id::{
    CalloutId, CustomerId, EntryId, PlaceId, ResponderId, ScenarioId, SourceId, SubscriptionId, SupplierId,
    UserId,
};
use super::membership::MembershipEvent;
use super::mention::Tag;
use super::places::PlaceEvent;
use super::record::{
    Candidate, CustomerFields, Handling, Outcome, PasswordHash, Report, ResponderFields, Role, Service,
    SupplierFields,
};
use super::services::ServiceEvent;
use super::signup::SignupEvent;
use super::trouble::TroubleEvent;
use super::upload::UploadEvent;
use super::webhook::WebhookEvent;
use crate::geo::Position;
use crate::sim::scenario::Scenario;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Whole milliseconds: what the API shows of a time is all there is of it.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub at: Timestamp,
    pub what: Happened,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Happened {
    SourceOpened {
        source: SourceId,
        client_id: String,
    },
    CustomerCreated {
        customer: CustomerId,
        source: SourceId,
        fields: Box<CustomerFields>,
    },
    CustomerUpdated {
        customer: CustomerId,
        fields: Box<CustomerFields>,
    },
    SubscriptionCreated {
        subscription: SubscriptionId,
        customer: CustomerId,
        subscription_type_id: i64,
        valid_from: Timestamp,
        valid_to: Timestamp,
        dependants: Vec<CustomerId>,
    },
    DependantAdded {
        subscription: SubscriptionId,
        customer: CustomerId,
    },
    UserRegistered {
        user: UserId,
        source: SourceId,
        email: String,
        password_hash: PasswordHash,
        customer: CustomerId,
    },
    /// The user turned out to be a customer who was known already.
    UserLinked {
        user: UserId,
        customer: CustomerId,
    },
    SupplierPut {
        supplier: SupplierId,
        fields: Box<SupplierFields>,
    },
    SupplierDeleted {
        supplier: SupplierId,
    },
    ResponderCreated {
        responder: ResponderId,
        fix: u64,
        position: Position,
        supplier: SupplierId,
        fields: Box<ResponderFields>,
        active: bool,
        #[serde(default)]
        service: Service,
    },
    ResponderChanged {
        responder: ResponderId,
        supplier: SupplierId,
        fields: Box<ResponderFields>,
        active: bool,
        #[serde(default)]
        service: Service,
    },
    /// A responder stands at a place without driving there for a callout.
    ResponderPlaced {
        responder: ResponderId,
        fix: u64,
        position: Position,
    },
    ResponderDeleted {
        responder: ResponderId,
    },
    AutopilotSet {
        /// `None` switches it off, for callouts under way too.
        to: Option<(ScenarioId, Box<Scenario>)>,
    },
    Membership(MembershipEvent),
    Signup(SignupEvent),
    Service(ServiceEvent),
    Raised {
        callout: CalloutId,
        customer: CustomerId,
        detail: u64,
        location: Report,
        response_type_id: i64,
        classification_id: i64,
        internal_test: bool,
        /// The fixed location that it was raised from.
        #[serde(default)]
        from: Option<PlaceId>,
    },
    Callout {
        callout: CalloutId,
        change: Change,
    },
    Webhook(WebhookEvent),
    Upload(UploadEvent),
    Trouble(TroubleEvent),
    Device(DeviceEvent),
    Feedback(FeedbackEvent),
    Place(PlaceEvent),
    Reset,
}

/// What happens to a callout after it was raised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Change {
    Found {
        candidates: Vec<Candidate>,
    },
    Located {
        report: Report,
    },
    Commented {
        entry: EntryId,
        role: Role,
        author: String,
        body: String,
        #[serde(default)]
        tags: Vec<Tag>,
    },
    /// A step of the control room that leaves the status as it is.
    Handled {
        entry: EntryId,
        handling: Handling,
    },
    /// All candidates were asked to go.
    Rung,
    Declined {
        responder: ResponderId,
    },
    Dispatched {
        entry: EntryId,
        responder: ResponderId,
        supplier: SupplierId,
        journey: Box<Journey>,
    },
    DispatchedManually {
        entry: EntryId,
        supplier: SupplierId,
    },
    /// The responder gave up, or was stood down because the callout was cancelled.
    Retracted {
        entry: EntryId,
        stood_down: bool,
    },
    Arrived {
        entry: EntryId,
        /// Ids of the report at the scene and of the ETA row that says 0.
        fix: u64,
        eta: u64,
    },
    Completed {
        entry: EntryId,
        outcome: Outcome,
    },
    Closed {
        entry: EntryId,
        incident_details: Option<String>,
    },
    /// The customer asked for an end to it; the response may go on all the same.
    CancelAsked,
    Duress {
        entry: EntryId,
    },
    /// The autopilot has played one beat.
    Played,
    /// The same of the beats that go beside the phases.
    PlayedAside,
    /// A controller took over from the autopilot.
    TakenOver,
}

impl Happened {
    /// The highest id that this event gives away; the counter goes on behind it.
    pub(super) fn last_id(&self) -> Option<u64> {
        match self {
            Self::SourceOpened { source, .. } => Some(source.0),
            Self::CustomerCreated { customer, .. } => Some(customer.0),
            Self::SubscriptionCreated { subscription, .. } => Some(subscription.0),
            Self::UserRegistered { user, .. } => Some(user.0),
            Self::SupplierPut { supplier, .. } => Some(supplier.0),
            Self::ResponderCreated { responder, fix, .. } => Some(responder.0.max(*fix)),
            Self::ResponderPlaced { fix, .. } => Some(*fix),
            Self::AutopilotSet { to } => to.as_ref().map(|(scenario, _)| scenario.0),
            Self::Raised { callout, detail, location, .. } => Some(callout.0.max(*detail).max(location.id)),
            Self::Callout { change, .. } => change.last_id(),
            Self::Device(event) => event.last_id(),
            Self::Feedback(event) => Some(event.last_id()),
            Self::Signup(what) => what.last_id(),
            Self::Place(event) => event.last_id(),
            Self::CustomerUpdated { .. }
            | Self::DependantAdded { .. }
            | Self::UserLinked { .. }
            | Self::SupplierDeleted { .. }
            | Self::ResponderChanged { .. }
            | Self::ResponderDeleted { .. }
            | Self::Webhook(_)
            | Self::Upload(_)
            | Self::Membership(_)
            | Self::Service(_)
            | Self::Trouble(_)
            | Self::Reset => None,
        }
    }
}

impl Change {
    fn last_id(&self) -> Option<u64> {
        match self {
            Self::Found { candidates } => candidates.iter().map(|candidate| candidate.id).max(),
            Self::Located { report } => Some(report.id),
            Self::Dispatched { entry, journey, .. } => Some(entry.0.max(journey.last_id())),
            Self::Arrived { entry, fix, eta } => Some(entry.0.max(*fix).max(*eta)),
            Self::Commented { entry, tags, .. } => {
                Some(tags.iter().map(|tag| tag.id).fold(entry.0, u64::max))
            }
            Self::DispatchedManually { entry, .. }
            | Self::Retracted { entry, .. }
            | Self::Completed { entry, .. }
            | Self::Closed { entry, .. }
            | Self::Handled { entry, .. }
            | Self::Duress { entry } => Some(entry.0),
            Self::Rung
            | Self::Declined { .. }
            | Self::CancelAsked
            | Self::Played
            | Self::PlayedAside
            | Self::TakenOver => None,
        }
    }
}
