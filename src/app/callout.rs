//! The one callout that the console knows, whichever dialect brought it.

use crate::geo::Position;
use crate::text::DisplayText;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A callout's id. Kept as text, since some replies carry it as a number and some as a string.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CalloutId(pub DisplayId);

/// An id as it may stand in a URL: digits, letters, `-` and `_` only, so that a reply cannot smuggle
/// a path into the next request.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DisplayId(String);

impl TryFrom<String> for DisplayId {
    type Error = String;

    fn try_from(raw: String) -> Result<Self, String> {
        let valid = !raw.is_empty()
            && raw.len() <= 64
            && raw.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        if valid { Ok(Self(raw)) } else { Err("not an id: letters, digits, - and _ only".to_owned()) }
    }
}

impl From<DisplayId> for String {
    fn from(id: DisplayId) -> Self {
        id.0
    }
}

impl fmt::Debug for DisplayId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl CalloutId {
    /// `None` when `raw` could not stand in a URL as it is.
    pub fn new(raw: impl Into<String>) -> Option<Self> {
        DisplayId::try_from(raw.into()).ok().map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0.0
    }
}

impl fmt::Display for CalloutId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where the response stands. The API calls its status values free-form, so one that we do not know
/// is kept as it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    Created,
    Dispatched,
    ResponderCancelled,
    Arrived,
    Completed,
    Closed,
    Other(DisplayText),
}

impl Status {
    /// Compared without regard to case, as reference §9 asks.
    pub fn parse(raw: &str) -> Self {
        match raw.trim().to_ascii_lowercase().as_str() {
            "created" => Self::Created,
            "responder dispatched" => Self::Dispatched,
            "responder cancelled" => Self::ResponderCancelled,
            "responder arrived" => Self::Arrived,
            "responder completed" => Self::Completed,
            "closed" => Self::Closed,
            _ => Self::Other(DisplayText::new(raw)),
        }
    }

    /// The API's own word for it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Created => "created",
            Self::Dispatched => "Responder Dispatched",
            Self::ResponderCancelled => "Responder Cancelled",
            Self::Arrived => "Responder Arrived",
            Self::Completed => "Responder Completed",
            Self::Closed => "closed",
            Self::Other(text) => text.as_str(),
        }
    }

    /// Only `closed` ends a callout: polling and locations go on in every other state (reference §9).
    pub fn is_closed(&self) -> bool {
        *self == Self::Closed
    }
}

/// Whether a response is meant. TEST is not dispatched before a controller has verified it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Classification {
    Real,
    Test,
    /// The samples carry ids that no page explains.
    Other(i64),
}

impl Classification {
    pub fn from_id(id: i64) -> Self {
        match id {
            1 => Self::Real,
            2 => Self::Test,
            other => Self::Other(other),
        }
    }

    pub fn id(self) -> i64 {
        match self {
            Self::Real => 1,
            Self::Test => 2,
            Self::Other(id) => id,
        }
    }
}

/// A place with how well it is known and since when.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fix {
    pub position: Position,
    /// Radius in metres within which the true place lies; `None` when nobody said.
    pub accuracy: Option<f64>,
    pub at: Option<Timestamp>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Responder {
    pub id: DisplayText,
    pub name: DisplayText,
    pub callsign: DisplayText,
    /// A number, or in some replies an e-mail address.
    pub mobile: DisplayText,
    /// Colour, make and model in one phrase.
    pub vehicle: DisplayText,
    pub plate: DisplayText,
    pub last_fix: Option<Fix>,
}

/// The company that responds. On a manual dispatch it is all that is known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Supplier {
    pub name: DisplayText,
    pub contact_number: DisplayText,
}

/// What is left of the way to the scene. The English texts of the API are dropped: a value of 0
/// still reads "1 min" there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Eta {
    pub distance_m: Option<f64>,
    pub duration_s: Option<f64>,
    /// When the control room worked it out; `None` in v2, which does not say.
    pub at: Option<Timestamp>,
}

/// When each step happened, as far as the dialect tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    pub created: Option<Timestamp>,
    pub acknowledged: Option<Timestamp>,
    pub owned: Option<Timestamp>,
    pub verified: Option<Timestamp>,
    pub dispatched: Option<Timestamp>,
    /// The newest retraction of a responder.
    pub retracted: Option<Timestamp>,
    pub arrived: Option<Timestamp>,
    pub completed: Option<Timestamp>,
    pub resolved: Option<Timestamp>,
    pub updated: Option<Timestamp>,
}

/// Who speaks in the chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// The customer, that is us.
    User,
    /// A controller.
    Admin,
    /// A role that no page explains.
    Other,
}

/// One line of the comment chat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comment {
    pub id: DisplayText,
    pub role: Role,
    pub author: DisplayText,
    pub body: DisplayText,
    pub at: Option<Timestamp>,
}

/// The tracking link. It opens the callout to whoever holds it, so it prints as `***`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TrackingLink(pub String);

impl fmt::Debug for TrackingLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TrackingLink(***)")
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Callout {
    pub id: CalloutId,
    pub status: Status,
    /// A soft cancel was asked for. The response may go on all the same.
    pub cancelled_by_customer: bool,
    /// A wrong safe code was given, which may mean duress. Never shown where the customer sits.
    #[serde(default)]
    pub duress: bool,
    pub classification: Option<Classification>,
    pub response_type_id: Option<i64>,
    pub customer_name: DisplayText,
    /// Where help is wanted, as the control room last heard it.
    pub location: Option<Fix>,
    pub address: DisplayText,
    pub times: Times,
    pub responder: Option<Responder>,
    pub supplier: Option<Supplier>,
    pub eta: Option<Eta>,
    /// `None`: this reply had no route, which may only mean that nobody asked for it.
    pub route: Option<Vec<Position>>,
    /// Comments of the chat, oldest first. `None`: this reply does not carry the chat.
    pub comments: Option<Vec<Comment>>,
    pub tracking: Option<TrackingLink>,
    pub incident_details: DisplayText,
    /// Fields that we did not understand, as JSON text, so that nothing is lost on the way.
    pub unknown: BTreeMap<String, String>,
}

impl Callout {
    /// A callout of which nothing but its id and status is known.
    pub fn new(id: CalloutId, status: Status) -> Self {
        Self {
            id,
            status,
            cancelled_by_customer: false,
            duress: false,
            classification: None,
            response_type_id: None,
            customer_name: DisplayText::default(),
            location: None,
            address: DisplayText::default(),
            times: Times::default(),
            responder: None,
            supplier: None,
            eta: None,
            route: None,
            comments: None,
            tracking: None,
            incident_details: DisplayText::default(),
            unknown: BTreeMap::new(),
        }
    }

    /// A supplier was sent without one of the responders on the app: no name, route or ETA will come.
    pub fn is_manual_dispatch(&self) -> bool {
        self.responder.is_none()
            && self.supplier.is_some()
            && matches!(
                self.status,
                Status::Dispatched | Status::Arrived | Status::Completed | Status::Closed
            )
    }
}
