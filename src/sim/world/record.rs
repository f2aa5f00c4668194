//! What the world knows of each thing. The view functions write the API's shapes from these.

use super::drive::{Drove, Journey};
use super::id::{
    CalloutId, CustomerId, EntryId, ResponderId, ScenarioId, SourceId, SubscriptionId, SupplierId, UserId,
};
use super::mention::Tag;
use super::places::CalledFrom;
use super::plan::Plan;
use crate::geo::Position;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use utoipa::ToSchema;

/// Who acts on the control side. One controller is enough: no reply tells two of them apart.
#[derive(Clone, Copy, Debug)]
pub struct Controller {
    pub name: &'static str,
    pub email: &'static str,
}

pub const CONTROLLER: Controller =
    Controller { name: "Demo Controller", email: "controller.one@example.com" };

/// The emergency that every completed callout of the simulator is booked as (reference §7.3).
pub const EMERGENCY_TYPE: (u64, &str) = (5, "Test Callout");
/// Its category.
pub const INCIDENT_CATEGORY: (u64, &str) = (24, "Test Callout");

/// The six statuses of reference §9.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Status {
    Created,
    Dispatched,
    ResponderCancelled,
    Arrived,
    Completed,
    Closed,
}

impl Status {
    /// The API's own word, case and spaces exactly so.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Dispatched => "Responder Dispatched",
            Self::ResponderCancelled => "Responder Cancelled",
            Self::Arrived => "Responder Arrived",
            Self::Completed => "Responder Completed",
            Self::Closed => "closed",
        }
    }
}

/// What the API lets an integrator say about a person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomerFields {
    pub name: String,
    pub surname: String,
    /// Unique within a source: one person, one number.
    pub mobile: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vehicle_make: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vehicle_model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vehicle_colour: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vehicle_license_plate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_reference_id: Option<String>,
    /// Medical and other fields under their wire names: kept and given back, never looked at.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub other: BTreeMap<String, serde_json::Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CustomerRecord {
    pub id: CustomerId,
    pub source: SourceId,
    pub fields: CustomerFields,
    /// The v1 user who is this person, if they registered.
    pub user: Option<UserId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Nobody finds a deleted one any more, but its callouts still name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubscriptionRecord {
    pub id: SubscriptionId,
    pub source: SourceId,
    pub customer: CustomerId,
    pub subscription_type_id: i64,
    pub valid_from: Timestamp,
    pub valid_to: Timestamp,
    pub dependants: Vec<CustomerId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<Cancelled>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl SubscriptionRecord {
    /// There is no status field in the API: the dates decide (reference §5).
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.valid_from <= now && !self.has_ended(now)
    }

    /// Cancelled or lapsed: it cannot be revived.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.cancelled.is_some() || self.valid_to <= now
    }
}

/// When and why a subscription was ended before its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    pub at: Timestamp,
    pub reason: Option<String>,
}

/// A hash made by the password's own module; the world only keeps it. Prints as `***`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(***)")
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserRecord {
    pub id: UserId,
    pub source: SourceId,
    pub email: String,
    pub password_hash: PasswordHash,
    pub customer: CustomerId,
    pub created_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SupplierFields {
    pub name: String,
    pub contact_number: String,
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub contact_person: String,
    #[serde(default)]
    pub address: String,
    #[serde(default)]
    pub region: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SupplierRecord {
    pub id: SupplierId,
    pub fields: SupplierFields,
    /// Deleted ones stay known, since old callouts still name them.
    pub deleted: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResponderFields {
    pub name: String,
    pub surname: String,
    pub callsign: String,
    pub mobile: String,
    pub vehicle_make: String,
    pub vehicle_model: String,
    pub vehicle_colour: String,
    pub vehicle_license_plate: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResponderRecord {
    pub id: ResponderId,
    pub supplier: SupplierId,
    pub fields: ResponderFields,
    /// Switched off ones are not rung.
    pub active: bool,
    pub deleted: bool,
    pub on_call: Option<CalloutId>,
    #[serde(default)]
    pub service: Service,
    /// Where it last stood still. On a call ask [`super::World::responder_position`].
    pub resting: ResponderFix,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Which callouts a vehicle answers. A record from before there was a choice is a stand-in's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    pub kind: VehicleKind,
    /// Never empty.
    pub response_types: BTreeSet<ResponseType>,
}

impl Default for Service {
    fn default() -> Self {
        Self { kind: VehicleKind::StandIn, response_types: ResponseType::ALL.into() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum VehicleKind {
    /// Placed by the control side, for callouts that are no demonstrations.
    Own,
    /// A demo response vehicle that the control side placed.
    Demo,
    /// A demo response vehicle that the simulator placed where there was none.
    StandIn,
}

impl VehicleKind {
    pub(super) fn placed(demo: bool) -> Self {
        if demo { Self::Demo } else { Self::Own }
    }

    pub fn is_demo(self) -> bool {
        self != Self::Own
    }
}

/// What a vehicle is equipped for. The demo response type asks for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ResponseType {
    Security,
    Medical,
}

impl ResponseType {
    pub const ALL: [Self; 2] = [Self::Security, Self::Medical];

    pub fn of(response_type_id: i64) -> Option<Self> {
        match response_type_id {
            1 => Some(Self::Security),
            2 => Some(Self::Medical),
            _ => None,
        }
    }
}

/// One position report of a responder.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResponderFix {
    pub id: u64,
    pub position: Position,
    pub at: Timestamp,
}

/// Metres; what a vehicle's receiver says of itself.
pub const RESPONDER_ACCURACY_M: f64 = 10.0;

/// Where help is wanted, as last heard.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub id: u64,
    pub position: Position,
    pub accuracy: Option<f64>,
    pub at: Timestamp,
}

/// A responder in range of a callout, and how it answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    pub id: u64,
    pub responder: ResponderId,
    pub distance_m: u32,
    pub duration_s: u32,
    pub requested: bool,
    pub declined: bool,
    pub acknowledged: bool,
    pub retracted_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// One responder or supplier sent to a callout. v2 lists each; v1 shows the current one only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    pub supplier: SupplierId,
    /// `None` after a manual dispatch: only the company is known.
    pub responder: Option<ResponderId>,
    /// The drive. Gone once the responder stands still.
    pub journey: Option<Journey>,
    /// The last report, once no more will come.
    pub last_fix: Option<ResponderFix>,
    /// The way of the drive, once it is over.
    #[serde(default)]
    pub drove: Option<Drove>,
    pub dispatched_at: Timestamp,
    pub arrived_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    pub retracted_at: Option<Timestamp>,
}

/// One row of the ETA list: what was left of the way at `at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EtaNow {
    pub id: u64,
    pub responder: ResponderId,
    pub distance_m: u32,
    pub duration_s: u32,
    pub at: Timestamp,
}

/// What the responder reports on completion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Outcome {
    pub any_injuries: bool,
    pub customer_happy: bool,
    pub follow_up_required: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// The customer's side.
    User,
    /// A controller.
    Admin,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Admin => "Admin",
        }
    }
}

/// What a controller did within `created`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Handling {
    Acknowledged,
    Owned,
    Verified,
}

impl Handling {
    /// As v1 names the fields of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Acknowledged => "acknowledged",
            Self::Owned => "owned",
            Self::Verified => "verified",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum EntryKind {
    /// Type 1 as well, `{"status": "created", "step": …}`: v2 tells of it nowhere else.
    Handled(Handling),
    /// `calloutEventTypeId` 1, `{"status": …}`, created by `System`.
    Status(Status),
    /// A wrong safe code was given (type 1, created by `System`): perhaps under duress.
    Duress,
    /// `calloutEventTypeId` 2: a line of the chat.
    Comment {
        role: Role,
        author: Box<str>,
        body: Box<str>,
        #[serde(default)]
        tags: Box<[Tag]>,
    },
}

/// One entry of a callout's event stream, ascending by id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub id: EntryId,
    pub at: Timestamp,
    pub kind: EntryKind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each a flag of the API's own")]
pub struct CalloutRecord {
    pub id: CalloutId,
    pub source: SourceId,
    pub customer: CustomerId,
    /// Id of `calloutincidentdetail`.
    pub detail_id: u64,
    pub status: Status,
    pub response_type_id: i64,
    pub classification_id: i64,
    pub internal_test: bool,
    pub location: Report,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub detail_updated_at: Timestamp,
    pub acknowledged_at: Option<Timestamp>,
    pub owned_at: Option<Timestamp>,
    pub verified_at: Option<Timestamp>,
    pub resolved_at: Option<Timestamp>,
    /// `lastUpdatedBy` names the controller. An acknowledgement alone leaves it null.
    pub updated_by_controller: bool,
    /// The same of the incident detail.
    pub detail_updated_by_controller: bool,
    pub cancelled_by_customer: bool,
    /// Cancelled for good while a responder was on the way: nobody else is sent.
    pub stood_down: bool,
    pub duress: bool,
    pub candidates: Vec<Candidate>,
    /// Oldest first; the last is the current one unless it was retracted.
    pub assignments: Vec<Assignment>,
    /// The last ETA that will be told of the last assignment; while it drives ask
    /// [`super::World::eta`].
    pub last_eta: Option<EtaNow>,
    pub outcome: Option<Outcome>,
    pub incident_details: Option<Box<str>>,
    pub entries: Vec<Entry>,
    /// The fixed location that it was raised from.
    #[serde(default)]
    pub called_from: Option<CalledFrom>,
    pub plan: Option<Plan>,
    /// Number of the last event that changed it.
    #[serde(default)]
    pub(super) revision: u64,
}

/// The classification that is not dispatched before it is verified.
pub const TEST_CLASSIFICATION: i64 = 2;

impl CalloutRecord {
    pub fn is_active(&self) -> bool {
        self.status != Status::Closed
    }

    /// `None` for one that is nobody's: then `customer` is a record of its place's (see
    /// `super::places`), and its id means nothing outside.
    pub fn customer_id(&self) -> Option<CustomerId> {
        let of_nobody = self.called_from.is_some_and(|from| from.of_nobody);
        (!of_nobody).then_some(self.customer)
    }

    /// Who is attached now: `None` before a dispatch and after a retraction, when the incident
    /// detail of v1 is empty again.
    pub fn assignment(&self) -> Option<&Assignment> {
        self.assignments.last().filter(|assignment| assignment.retracted_at.is_none())
    }

    pub(super) fn assignment_mut(&mut self) -> Option<&mut Assignment> {
        self.assignments.last_mut().filter(|assignment| assignment.retracted_at.is_none())
    }

    /// Whether a controller has still to confirm that help is wanted before anyone is sent.
    pub fn awaits_verification(&self) -> bool {
        self.classification_id == TEST_CLASSIFICATION && self.verified_at.is_none()
    }

    /// The scenario that plays the control room here, unless a controller has taken over.
    pub fn scenario(&self) -> Option<ScenarioId> {
        self.plan.as_ref().map(|plan| plan.scenario)
    }
}
