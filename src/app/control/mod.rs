//! The control room: the seat of those who answer. It plays the simulator's control side, and of AURA's
//! own hosts it knows nothing but that theirs is in the portal.

mod fleet;
mod forms;
mod keys;
mod list;
pub mod model;
mod poll;
mod steps;
mod talk;

pub use fleet::Ranked;
pub(super) use fleet::drag;
pub use forms::Form;
pub(super) use forms::{answer, typed};
pub(super) use keys::{apply, back, leave, open, pressed, submit, wheeled};
pub(super) use poll::{deadline, due, reply, shows_ages};
pub use talk::{CANNED, LONGEST};

use super::action::Failure;
use super::callout::CalloutId;
use super::draft::Draft;
use super::map::Camera;
use super::screen::Screen;
use super::state::{Environment, State, Tone};
use crate::geo::{Position, view};
use crate::text::DisplayText;
use jiff::{SignedDuration, Timestamp};
use model::{Case, Company, Number, Outcome, Step, Survey, Vehicle};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whether there is a control side that can be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reach {
    Simulator,
    /// AURA's own: played in their portal, and never asked from here.
    Portal,
    /// Some host, of which no setting says where its control side is.
    Unknown,
}

impl Reach {
    /// `named`: a setting says where the control side is.
    pub fn of(environment: Environment, named: bool) -> Self {
        match environment {
            Environment::Demo | Environment::Local => Self::Simulator,
            Environment::Staging | Environment::Production => Self::Portal,
            Environment::Remote if named => Self::Simulator,
            Environment::Remote => Self::Unknown,
        }
    }
}

/// The parts of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    Callouts,
    Callout,
    Vehicles,
    Map,
    Chat,
}

impl Part {
    pub const ALL: [Self; 5] = [Self::Callouts, Self::Callout, Self::Vehicles, Self::Map, Self::Chat];
}

/// What the mouse points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Spot {
    Part(Part),
    /// A callout by its place in the list.
    Callout(u32),
    /// A vehicle or company by its place in the list; 0 is the nearest.
    Fleet(u32),
    /// A cell of the map.
    Map(view::Spot),
}

/// Who is to be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pick {
    /// Whoever the simulator finds nearest.
    #[default]
    Nearest,
    Vehicle(Number),
    Company(Number),
}

/// A vehicle that is being placed by the arrow keys; nothing is sent before it stands.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moving {
    /// `None`: a new one.
    pub vehicle: Option<Number>,
    pub to: Position,
}

/// A step or message that was not taken, shown on its callout until the next one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub callout: CalloutId,
    pub what: DisplayText,
    pub why: DisplayText,
}

/// What the simulator's clock showed when.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    pub heard: Timestamp,
    pub showed: Timestamp,
    pub speed: f64,
}

impl Reading {
    /// What that clock shows when ours, which goes so fast, shows `now`.
    pub fn shows(&self, now: Timestamp, our_speed: f64) -> Timestamp {
        let passed = now.duration_since(self.heard).as_secs_f64() * self.speed / our_speed.max(0.01);
        let passed = SignedDuration::try_from_secs_f64(passed).unwrap_or(SignedDuration::ZERO);
        self.showed.checked_add(passed).unwrap_or(self.showed)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Room {
    /// A setting says where the control side is.
    pub named: bool,
    pub canned: Vec<DisplayText>,
    /// Customer and control room side by side, where there is room.
    pub split: bool,
    pub focus: Part,
    /// Which of vehicles, map and chat is shown where there is room for one of them.
    pub aside: Part,
    /// Most urgent first, then newest.
    pub cases: Vec<Case>,
    pub vehicles: Vec<Vehicle>,
    /// The vehicles by how soon they could be at the chosen callout.
    pub fleet: Vec<Ranked>,
    pub companies: Vec<Company>,
    pub chosen: Option<CalloutId>,
    pub pick: Pick,
    /// Messages scrolled back from the newest.
    pub back: usize,
    pub moving: Option<Moving>,
    pub camera: Camera,
    /// What is written to each customer and not sent yet.
    pub drafts: BTreeMap<CalloutId, Draft>,
    pub writing: bool,
    pub refused: Option<Refused>,
    pub clock: Option<Reading>,
    /// When the newest look was asked for, and the seconds of the person's own time until the next.
    pub asked: Option<Timestamp>,
    pub wait: f64,
    /// Looks since all callouts were asked for.
    pub partial: u32,
    pub missed: u32,
    pub problem: Option<Failure>,
}

impl Default for Room {
    fn default() -> Self {
        Self::new()
    }
}

impl Room {
    pub fn new() -> Self {
        Self {
            named: false,
            canned: CANNED.iter().map(|text| DisplayText::new(text)).collect(),
            split: false,
            focus: Part::Callouts,
            aside: Part::Chat,
            cases: Vec::new(),
            vehicles: Vec::new(),
            fleet: Vec::new(),
            companies: Vec::new(),
            chosen: None,
            pick: Pick::Nearest,
            back: 0,
            moving: None,
            camera: Camera::default(),
            drafts: BTreeMap::new(),
            writing: false,
            refused: None,
            clock: None,
            asked: None,
            wait: poll::EVERY,
            partial: 0,
            missed: 0,
            problem: None,
        }
    }

    pub(super) fn focus(&mut self, part: Part) {
        self.focus = part;
        if matches!(part, Part::Vehicles | Part::Map | Part::Chat) {
            self.aside = part;
        }
    }

    pub fn case(&self) -> Option<&Case> {
        let chosen = self.chosen.as_ref()?;
        self.cases.iter().find(|case| case.id == *chosen)
    }

    /// Where the chosen one stands in the list.
    pub fn row(&self) -> Option<usize> {
        let chosen = self.chosen.as_ref()?;
        self.cases.iter().position(|case| case.id == *chosen)
    }

    pub fn draft(&self) -> Option<&Draft> {
        self.drafts.get(self.chosen.as_ref()?)
    }
}

impl State {
    /// Columns from which both sides have room.
    pub const SPLIT: u16 = 120;

    /// Whether there is a control side that this console may play.
    pub fn reach(&self) -> Reach {
        Reach::of(self.settings.environment, self.control.named)
    }

    /// Whether the control room is on the screen.
    pub fn shows_control(&self) -> bool {
        self.screen == Screen::Control || self.is_split()
    }

    /// Customer and control room side by side; the screen is then the side that has the keys.
    pub fn is_split(&self) -> bool {
        let sides = matches!(self.screen, Screen::Customer | Screen::Control);
        self.control.split && sides && self.columns >= Self::SPLIT
    }

    /// What the simulator's clock shows now. Its speed is not ours, unless it is the demo's.
    pub fn control_now(&self) -> Timestamp {
        self.control.clock.map_or(self.now, |reading| reading.shows(self.now, self.speed()))
    }

    /// Age of what the control room shows; `None` before the first look.
    pub fn control_age(&self) -> Option<SignedDuration> {
        let heard = self.control.clock?.heard;
        let passed = self.now.duration_since(heard).as_secs_f64() / self.speed().max(0.01);
        SignedDuration::try_from_secs_f64(passed.max(0.0)).ok()
    }

    /// Nothing is written from a console that may only look.
    fn may_control(&mut self) -> bool {
        if self.settings.read_only {
            self.tell(Tone::Warning, "read-only: the control room can be watched, not played");
        }
        !self.settings.read_only && self.reach() == Reach::Simulator
    }
}

/// What is asked of the control side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Order {
    /// `since`: what did not change since then is known.
    Survey {
        since: Option<Timestamp>,
    },
    Step {
        callout: CalloutId,
        step: Taken,
    },
    Say {
        callout: CalloutId,
        text: DisplayText,
    },
    Place {
        name: DisplayText,
        callsign: DisplayText,
        demo: bool,
        at: Position,
    },
    Move {
        vehicle: Number,
        to: Position,
    },
    Switch {
        vehicle: Number,
        on: bool,
    },
}

/// A step with what it needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Taken {
    Plain(Step),
    Dispatch { responder: Option<Number> },
    DispatchManually { supplier: Option<Number> },
    Decline { responder: Option<Number> },
    Complete(Outcome),
    Close { incident: Option<DisplayText> },
}

impl Taken {
    pub fn step(&self) -> Step {
        match self {
            Self::Plain(step) => *step,
            Self::Dispatch { .. } => Step::Dispatch,
            Self::DispatchManually { .. } => Step::DispatchManually,
            Self::Decline { .. } => Step::Decline,
            Self::Complete(_) => Step::Complete,
            Self::Close { .. } => Step::Close,
        }
    }
}

/// What a request in flight is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Asked {
    Survey,
    Step { callout: CalloutId, step: Step },
    Say { callout: CalloutId, text: DisplayText },
    Fleet,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Told {
    Surveyed(Box<Survey>),
    /// The callout as it is after a step or a message.
    Case(Box<Case>),
    Vehicle(Box<Vehicle>),
}

#[cfg(test)]
pub(super) mod tests;
