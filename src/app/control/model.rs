//! What the control side tells: callouts with all that a controller sees, vehicles and companies.

use crate::app::callout::{CalloutId, Classification, Comment, Eta, Fix, Role, Status, Times};
use crate::geo::Position;
use crate::text::DisplayText;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A controller's step, under the control API's own name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    Acknowledge,
    Own,
    Verify,
    Dispatch,
    DispatchManually,
    Decline,
    CancelResponder,
    Arrive,
    Complete,
    Close,
}

impl Step {
    /// In the order of a response.
    pub const ALL: [Self; 10] = [
        Self::Acknowledge,
        Self::Own,
        Self::Verify,
        Self::Dispatch,
        Self::DispatchManually,
        Self::Decline,
        Self::CancelResponder,
        Self::Arrive,
        Self::Complete,
        Self::Close,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Own => "own",
            Self::Verify => "verify",
            Self::Dispatch => "dispatch",
            Self::DispatchManually => "dispatch-manually",
            Self::Decline => "decline",
            Self::CancelResponder => "cancel-responder",
            Self::Arrive => "arrive",
            Self::Complete => "complete",
            Self::Close => "close",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }
}

/// What the responder reports on completion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Outcome {
    pub any_injuries: bool,
    pub customer_happy: bool,
    pub follow_up_required: bool,
}

/// A vehicle or a company, by the simulator's number.
pub type Number = u64;

/// A vehicle in range of a callout, by road.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    pub responder: Number,
    pub distance_m: f64,
    pub duration_s: f64,
    pub declined: bool,
}

/// Who was sent last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// `None`: a company was sent by hand.
    pub responder: Option<Number>,
    pub supplier: DisplayText,
    pub fix: Option<Fix>,
    pub dispatched: Option<Timestamp>,
    pub arrived: Option<Timestamp>,
    pub completed: Option<Timestamp>,
    /// Called back, or gone.
    pub retracted: Option<Timestamp>,
}

/// A callout as the control room has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "what is known of a callout")]
pub struct Case {
    pub id: CalloutId,
    pub status: Status,
    /// What may be done now.
    pub allowed: Vec<Step>,
    pub customer: DisplayText,
    pub mobile: DisplayText,
    pub address: DisplayText,
    pub response_type: i64,
    pub classification: Classification,
    pub internal_test: bool,
    pub cancelled_by_customer: bool,
    /// Cancelled for good while a responder was on the way.
    pub stood_down: bool,
    pub duress: bool,
    pub fix: Option<Fix>,
    pub times: Times,
    pub candidates: Vec<Candidate>,
    /// The newest; `None` while nobody was sent.
    pub assignment: Option<Assignment>,
    pub eta: Option<Eta>,
    pub route: Vec<Position>,
    pub outcome: Option<Outcome>,
    pub incident: DisplayText,
    pub comments: Vec<Comment>,
    pub on_autopilot: bool,
}

/// How soon somebody has to look. The order is the list's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    Duress,
    SoftCancel,
    /// The customer wrote last.
    Unanswered,
    /// Nothing goes on before a controller's step.
    Waiting,
    UnderWay,
    Closed,
}

impl Case {
    /// The response type that only demo vehicles answer.
    const DEMO_RESPONSE: i64 = 3;

    pub fn urgency(&self) -> Urgency {
        if self.status.is_closed() {
            Urgency::Closed
        } else if self.duress {
            Urgency::Duress
        } else if self.cancelled_by_customer {
            Urgency::SoftCancel
        } else if self.unanswered() > 0 {
            Urgency::Unanswered
        } else if self.waits_for_step() {
            Urgency::Waiting
        } else {
            Urgency::UnderWay
        }
    }

    /// Messages of the customer since the control room last wrote.
    pub fn unanswered(&self) -> usize {
        self.comments.iter().rev().take_while(|comment| comment.role == Role::User).count()
    }

    /// The autopilot takes its steps itself, and a responder on the road needs none.
    fn waits_for_step(&self) -> bool {
        let there = self.eta.and_then(|eta| eta.duration_s).is_none_or(|seconds| seconds <= 0.0);
        !self.on_autopilot && (self.status != Status::Dispatched || there)
    }

    pub fn allows(&self, step: Step) -> bool {
        self.allowed.contains(&step)
    }

    /// Who is on it now.
    pub fn attached(&self) -> Option<&Assignment> {
        let on_it = matches!(self.status, Status::Dispatched | Status::Arrived | Status::Completed);
        self.assignment.as_ref().filter(|assignment| on_it && assignment.retracted.is_none())
    }

    pub fn place(&self) -> Option<Position> {
        self.fix.map(|fix| fix.position)
    }

    /// Demo vehicles, and no others, answer it.
    pub fn is_demo(&self) -> bool {
        self.internal_test || self.response_type == Self::DEMO_RESPONSE
    }

    pub fn declined(&self, vehicle: Number) -> bool {
        self.candidates.iter().any(|candidate| candidate.responder == vehicle && candidate.declined)
    }
}

/// A responder with their vehicle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vehicle {
    pub id: Number,
    pub name: DisplayText,
    pub callsign: DisplayText,
    /// Colour, make and model in one phrase.
    pub model: DisplayText,
    pub plate: DisplayText,
    pub mobile: DisplayText,
    /// Switched off ones answer nothing.
    pub on: bool,
    pub demo: bool,
    /// The callout that it is on.
    pub callout: Option<CalloutId>,
    pub position: Position,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Company {
    pub id: Number,
    pub name: DisplayText,
    pub phone: DisplayText,
}

/// One look at the simulator's world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    /// What the simulator's clock shows, and how fast it goes.
    pub now: Timestamp,
    pub speed: f64,
    /// All callouts, not only those that are active or changed.
    pub whole: bool,
    pub cases: Vec<Case>,
    pub vehicles: Vec<Vehicle>,
    pub companies: Vec<Company>,
}
