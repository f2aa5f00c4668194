//! What may be asked of the world, what it answers, and why it says no.

use super::devices::{DeviceCommand, DeviceReply};
use super::event::Event;
use super::feedback::FeedbackCommand;
use super::id::{
    CalloutId, CustomerId, EntryId, PlaceId, ResponderId, SourceId, SubscriptionId, SupplierId, UserId,
};
use super::membership::MembershipCommand;
use super::places::PlaceCommand;
use super::record::{CustomerFields, Outcome, PasswordHash, ResponderFields, ResponseType, SupplierFields};
use super::services::ServiceCommand;
use super::signup::SignupCommand;
use super::trouble::TroubleRule;
use super::upload::{UploadCommand, UploadId};
use super::webhook::WebhookCommand;
use crate::geo::Position;
use crate::sim::scenario::Scenario;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

#[derive(Clone, Debug)]
pub enum Command {
    /// The tenant of a client id; the same one each time.
    OpenSource {
        client_id: String,
    },
    CreateCustomer {
        source: SourceId,
        fields: Box<CustomerFields>,
        /// A new one for this customer; excludes `subscription_id`.
        subscription: Option<NewSubscription>,
        /// An existing one, which this customer joins as a dependant.
        subscription_id: Option<SubscriptionId>,
    },
    CreateSubscription {
        source: SourceId,
        customer: CustomerId,
        subscription: NewSubscription,
        dependants: Vec<CustomerId>,
    },
    RegisterUser {
        source: SourceId,
        email: String,
        password_hash: PasswordHash,
        mobile: Option<String>,
    },
    Membership(MembershipCommand),
    Signup(SignupCommand),
    Service(ServiceCommand),
    Raise(Raise),
    UpdateLocation {
        source: SourceId,
        callout: CalloutId,
        position: Position,
        accuracy: Option<f64>,
    },
    /// A line of the chat from the customer's side.
    SendEvent {
        source: SourceId,
        callout: CalloutId,
        author: String,
        text: String,
    },
    /// Soft cancel.
    Dismiss {
        source: SourceId,
        callout: CalloutId,
    },
    Cancel {
        source: SourceId,
        callout: CalloutId,
        safe_code: Option<String>,
    },
    /// A controller's step: takes the callout off the autopilot.
    Step {
        callout: CalloutId,
        step: Step,
    },
    /// A controller's line of the chat; `from` absent: the demo controller.
    Comment {
        callout: CalloutId,
        message: String,
        from: Option<String>,
    },
    Feedback(FeedbackCommand),
    PutSupplier(Box<SupplierFields>),
    PatchSupplier {
        supplier: SupplierId,
        patch: SupplierPatch,
    },
    DeleteSupplier(SupplierId),
    PutResponder(Box<NewResponder>),
    PatchResponder {
        responder: ResponderId,
        patch: Box<ResponderPatch>,
    },
    DeleteResponder(ResponderId),
    Webhook(WebhookCommand),
    Upload(UploadCommand),
    Place(PlaceCommand),
    /// `None`: off, for callouts under way too. A scenario plays the callouts raised from now on.
    SetAutopilot(Option<Box<Scenario>>),
    Device(DeviceCommand),
    /// What goes wrong with callouts, in place of what did so far.
    SetTroubles(Vec<TroubleRule>),
    /// An empty world: only the tenants, the autopilot, the device templates and the counter of ids stay.
    Reset,
}

/// Absent dates: from now on, for a year.
#[derive(Clone, Debug)]
pub struct NewSubscription {
    pub subscription_type_id: i64,
    pub valid_from: Option<Timestamp>,
    pub valid_to: Option<Timestamp>,
}

#[derive(Clone, Debug)]
pub struct Raise {
    pub source: SourceId,
    pub who: Who,
    pub position: Position,
    pub accuracy: Option<f64>,
    pub response_type_id: i64,
    pub classification_id: i64,
    pub internal_test: bool,
    /// v2 by customer asks for an active subscription; v1 and the legacy create do not.
    pub check_subscription: bool,
}

#[derive(Clone, Debug)]
pub enum Who {
    ById(CustomerId),
    /// v1: the customer is made, or brought up to date, from the block in the request. With a user
    /// token, `user` is tied to that customer.
    ByBlock {
        fields: Box<CustomerFields>,
        user: Option<UserId>,
    },
    /// Whoever a fixed location belongs to, or nobody. An active callout of that place is given back.
    OfPlace(PlaceId),
}

/// A controller's step, readable as the control API's `{"step": …}`.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(tag = "step", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Step {
    Acknowledge,
    Own,
    Verify,
    Dispatch {
        /// Absent: the nearest that is free and in range.
        #[serde(default)]
        responder_id: Option<ResponderId>,
    },
    DispatchManually {
        #[serde(default)]
        supplier_id: Option<SupplierId>,
    },
    Decline {
        /// Absent: the nearest that has not declined yet.
        #[serde(default)]
        responder_id: Option<ResponderId>,
    },
    CancelResponder,
    Arrive,
    Complete {
        #[serde(default)]
        any_injuries: bool,
        #[serde(default)]
        customer_happy: bool,
        #[serde(default)]
        follow_up_required: bool,
    },
    Close {
        #[serde(default)]
        incident_details: Option<String>,
    },
}

impl Step {
    /// The control API's word for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Own => "own",
            Self::Verify => "verify",
            Self::Dispatch { .. } => "dispatch",
            Self::DispatchManually { .. } => "dispatch-manually",
            Self::Decline { .. } => "decline",
            Self::CancelResponder => "cancel-responder",
            Self::Arrive => "arrive",
            Self::Complete { .. } => "complete",
            Self::Close { .. } => "close",
        }
    }

    pub(super) fn completion(outcome: Outcome) -> Self {
        Self::Complete {
            any_injuries: outcome.any_injuries,
            customer_happy: outcome.customer_happy,
            follow_up_required: outcome.follow_up_required,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SupplierPatch {
    pub name: Option<String>,
    pub contact_number: Option<String>,
    pub email: Option<String>,
    pub contact_person: Option<String>,
    pub address: Option<String>,
    pub region: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct NewResponder {
    /// Absent: the first demo supplier.
    pub supplier: Option<SupplierId>,
    pub fields: ResponderFields,
    pub position: Position,
    pub active: bool,
    /// Whether it answers demonstrations, and nothing else.
    pub demo: bool,
    pub response_types: BTreeSet<ResponseType>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ResponderPatch {
    pub supplier_id: Option<SupplierId>,
    pub name: Option<String>,
    pub surname: Option<String>,
    pub callsign: Option<String>,
    pub mobile: Option<String>,
    pub vehicle_make: Option<String>,
    pub vehicle_model: Option<String>,
    pub vehicle_colour: Option<String>,
    pub vehicle_license_plate: Option<String>,
    pub active: Option<bool>,
    pub demo: Option<bool>,
    pub response_types: Option<BTreeSet<ResponseType>>,
    #[serde(alias = "location")]
    pub position: Option<Position>,
}

/// What a command came to. Plans that had become due were brought up to date first, and their events
/// stand here even when the command itself was refused: they must be kept in either case.
#[derive(Debug)]
#[must_use = "the events have been applied and must be stored"]
pub struct Applied {
    pub events: Vec<Event>,
    pub result: Result<Reply, Refusal>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reply {
    Source(SourceId),
    Customer { customer: CustomerId, subscription: Option<SubscriptionId> },
    Subscription(SubscriptionId),
    User { user: UserId, customer: CustomerId },
    Raised { callout: CalloutId, newly_opened: bool },
    Callout(CalloutId),
    Commented { callout: CalloutId, entry: EntryId },
    Cancelled { callout: CalloutId, outcome: CancelOutcome },
    Supplier(SupplierId),
    Responder(ResponderId),
    Device(DeviceReply),
    Feedback(u64),
    Place { place: PlaceId, created: bool },
    Upload(UploadId),
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelOutcome {
    /// Nobody was on the way: closed at once.
    Closed,
    /// The responder was called back; a controller or the autopilot closes it.
    StandingDown,
    /// The safe code was wrong: nothing changed but the event stream.
    Duress,
}

/// Each maps to one HTTP status; none names a person, a number or a place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 404
    #[error("{what} not found.")]
    NotFound { what: &'static str },
    /// 400
    #[error("{field}: {why}.")]
    Invalid { field: &'static str, why: &'static str },
    /// 400: what a device template says of itself, a serial or a message. Its fields are data.
    #[error("{field} {why}.")]
    Template { field: String, why: String },
    /// 403
    #[error("The customer has no active subscription.")]
    NoSubscription,
    /// 409
    #[error("{field} is already in use.")]
    Duplicate { field: &'static str },
    /// 409
    #[error("{step} is not possible now; possible: {}.", list(allowed_now))]
    NotAllowed { step: &'static str, allowed_now: Vec<&'static str> },
    /// 409
    #[error("The place is outside the coverage of this response type; possible: {}.", list(allowed_now))]
    NotCovered { allowed_now: Vec<&'static str> },
    /// 409
    #[error("No responder is free within range.")]
    NoResponder { allowed_now: Vec<&'static str> },
    /// 409
    #[error("{what} is on a callout.")]
    Busy { what: &'static str, allowed_now: Vec<&'static str> },
    /// 500: a fault on purpose.
    #[error("{what}.")]
    Failed { what: &'static str },
    /// 285, with the callout: nothing moves it any more.
    #[error("Callout is closed.")]
    Closed,
}

impl Refusal {
    /// The same with what the state machine would allow of this callout, where the steps as such did.
    pub(super) fn with_allowed(mut self, steps: impl FnOnce() -> Vec<&'static str>) -> Self {
        if let Self::NoResponder { allowed_now } | Self::Busy { allowed_now, .. } = &mut self {
            *allowed_now = steps();
        }
        self
    }
}

fn list(words: &[&str]) -> String {
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}
