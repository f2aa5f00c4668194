//! Everything that can happen to the console. Each can be written down and read back, so that a
//! session's actions are its recording.

use super::callout::{Callout, CalloutId, Comment, Fix, TrackingLink};
use super::intent::Intent;
use super::profiles::Verdict;
use super::screen::Target;
use super::traffic::{Done, TrafficOrder};
use super::{control, devices};
use crate::text::DisplayText;
use crate::traffic::Exchange;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Names one request for its whole life. A reply carries it back; one that is not waited for any
/// more is dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub u64);

/// Names one message of ours for its whole life: made once, so that a retry cannot say it twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Timer {
    /// Each 15 s: read the callout.
    Poll,
    /// Each 10 s: say where we are.
    Location,
    /// The screen that is shown asks for its own data again.
    Screen,
    /// A countdown or an age on the screen has to move.
    Display,
}

/// The order that ended the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Exit {
    Quit,
    /// SIGINT, SIGTERM or SIGHUP by number: the exit status is 128 more.
    Signal(i32),
    /// On to another profile in the same terminal: its place in the list of them.
    Switch(usize),
}

/// Names of enum variants only: an action's `Display` is what the log may hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// The first of all: the clock, and what an earlier run left behind.
    Started {
        now: Timestamp,
        resume: Option<Resume>,
    },
    Do {
        intent: Intent,
        now: Timestamp,
    },
    /// Chosen in the palette; none when nothing matched.
    Run {
        intent: Option<Intent>,
        now: Timestamp,
    },
    /// A line of orders, in plain mode.
    Line {
        line: DisplayText,
        now: Timestamp,
    },
    /// No more lines will come.
    Unattended {
        now: Timestamp,
    },
    /// A character typed into an input line.
    Typed {
        character: char,
        now: Timestamp,
    },
    /// A paste is one action, cleaned, and never submits.
    Pasted {
        text: DisplayText,
        now: Timestamp,
    },
    /// The mouse button went down.
    Pressed {
        target: Target,
        now: Timestamp,
    },
    /// The mouse moved over something that can be dragged, its button down.
    Dragged {
        target: Target,
        now: Timestamp,
    },
    /// The wheel: lines, up is negative.
    Wheeled {
        target: Target,
        lines: i16,
        now: Timestamp,
    },
    Resized {
        columns: u16,
        rows: u16,
        now: Timestamp,
    },
    Tick {
        timer: Timer,
        now: Timestamp,
    },
    Reply {
        call: CallId,
        now: Timestamp,
        outcome: Outcome,
    },
    /// A request went out and something, or nothing, came of it.
    Exchanged {
        exchange: Box<Exchange>,
        now: Timestamp,
    },
    /// An order of the traffic screen was carried out.
    TrafficDone {
        done: Done,
        now: Timestamp,
    },
    /// Trouble of our own that the person should know: a full disk, an unwritable folder.
    Trouble {
        text: DisplayText,
        now: Timestamp,
    },
    Shutdown {
        exit: Exit,
        now: Timestamp,
    },
}

impl Action {
    pub fn now(&self) -> Timestamp {
        match self {
            Self::Started { now, .. }
            | Self::Do { now, .. }
            | Self::Run { now, .. }
            | Self::Line { now, .. }
            | Self::Unattended { now }
            | Self::Typed { now, .. }
            | Self::Pasted { now, .. }
            | Self::Pressed { now, .. }
            | Self::Dragged { now, .. }
            | Self::Wheeled { now, .. }
            | Self::Resized { now, .. }
            | Self::Tick { now, .. }
            | Self::Reply { now, .. }
            | Self::Exchanged { now, .. }
            | Self::TrafficDone { now, .. }
            | Self::Trouble { now, .. }
            | Self::Shutdown { now, .. } => *now,
        }
    }
}

/// What the log may hold of an action: its name and ids, never a place, a name or a message.
impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started { resume, .. } => write!(f, "Started resume={}", resume.is_some()),
            Self::Do { intent, .. } => write!(f, "Do {intent:?}"),
            Self::Run { intent, .. } => write!(f, "Run {intent:?}"),
            Self::Line { .. } => f.write_str("Line"),
            Self::Unattended { .. } => f.write_str("Unattended"),
            Self::Typed { .. } => f.write_str("Typed"),
            Self::Pasted { .. } => f.write_str("Pasted"),
            Self::Pressed { target, .. } => write!(f, "Pressed {target:?}"),
            Self::Dragged { target, .. } => write!(f, "Dragged {target:?}"),
            Self::Wheeled { target, lines, .. } => write!(f, "Wheeled {target:?} {lines}"),
            Self::Resized { columns, rows, .. } => write!(f, "Resized {columns}x{rows}"),
            Self::Tick { timer, .. } => write!(f, "Tick {timer:?}"),
            Self::Reply { call, outcome, .. } => match outcome {
                Ok(answer) => write!(f, "Reply {} {}", call.0, answer.name()),
                Err(failure) => write!(f, "Reply {} failed {:?}", call.0, failure.kind),
            },
            Self::Exchanged { exchange, .. } => {
                write!(f, "Exchanged {} {:?}", exchange.method.as_str(), exchange.status)
            }
            Self::TrafficDone { .. } => f.write_str("TrafficDone"),
            Self::Trouble { .. } => f.write_str("Trouble"),
            Self::Shutdown { exit, .. } => write!(f, "Shutdown {exit:?}"),
        }
    }
}

pub type Outcome = Result<Answer, Failure>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// The callout that was opened, or the one that the customer already had.
    Raised(Box<Callout>),
    Read(Box<Callout>),
    /// HTTP 285: closed, with the last state if the body held it.
    Closed(Option<Box<Callout>>),
    /// The active callouts of the customer, or of the source, whichever was asked for.
    Active(Vec<Callout>),
    /// A location was taken.
    Located,
    /// A message was taken, with the event made of it where the reply shows it.
    Said(Option<Comment>),
    Dismissed,
    Cancelled,
    /// The demo clock after its speed was changed.
    Clock {
        speed: f64,
    },
    /// Of the simulator's control side.
    Control(control::Told),
    /// What was found of a profile that somebody wants to go to.
    Profile(Verdict),
    Devices(devices::Told),
}

impl Answer {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Raised(_) => "Raised",
            Self::Read(_) => "Read",
            Self::Closed(_) => "Closed",
            Self::Active(_) => "Active",
            Self::Located => "Located",
            Self::Said(_) => "Said",
            Self::Dismissed => "Dismissed",
            Self::Cancelled => "Cancelled",
            Self::Clock { .. } => "Clock",
            Self::Control(_) => "Control",
            Self::Profile(_) => "Profile",
            Self::Devices(_) => "Devices",
        }
    }
}

/// How a call failed, as far as it decides what may be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureKind {
    /// Nothing was sent: no connection could be made. Safe to repeat.
    Unreachable,
    /// It was sent and no whole answer came: it may or may not have been done.
    Unanswered,
    /// 401 after the token was renewed, or no token was to be had.
    Unauthorized,
    /// 404: unknown, or not visible to this customer source.
    NotFound,
    /// 429.
    TooMany,
    /// Another 4xx: not to be repeated unchanged.
    Refused,
    /// 5xx.
    Server,
    /// A 2xx that we could not read.
    Unreadable,
    /// Our own rules or settings forbid it; nothing was sent.
    Forbidden,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub kind: FailureKind,
    /// What failed, why, what to do; the server's own `message` where it gave one.
    pub message: DisplayText,
    pub retry_after: Option<SignedDuration>,
}

/// What the console keeps on disk while a callout is active, and finds again at the next start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resume {
    pub callout: CalloutId,
    pub tracking: Option<TrackingLink>,
    /// Messages that were not yet known to be sent.
    pub unsent: Vec<Unsent>,
}

/// A message of an earlier run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsent {
    pub text: DisplayText,
    /// It was sent at least once, so it may have arrived.
    pub tried: bool,
    /// Comments that the server had then: the same words among those are an older message.
    pub known_before: usize,
}

/// Orders to the world. The reducer gives them, the runtime carries them out; the result comes back
/// as an action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Effect {
    Raise {
        call: CallId,
        fix: Fix,
    },
    /// Read the callout with its route and chat.
    Fetch {
        call: CallId,
        callout: CalloutId,
    },
    FindActive {
        call: CallId,
    },
    /// All that are active, of the whole customer source.
    List {
        call: CallId,
    },
    SendLocation {
        call: CallId,
        callout: CalloutId,
        fix: Fix,
    },
    SendMessage {
        call: CallId,
        callout: CalloutId,
        text: DisplayText,
    },
    SoftCancel {
        call: CallId,
        callout: CalloutId,
    },
    Cancel {
        call: CallId,
        callout: CalloutId,
        safe_code: Option<SafeCode>,
    },
    /// Change the speed of the demo's clock.
    SetSpeed {
        call: CallId,
        speed: f64,
    },
    /// Of the traffic screen.
    Traffic(TrafficOrder),
    /// Something of the simulator's control side.
    Control {
        call: CallId,
        order: control::Order,
    },
    /// Is this profile of the config whole, so that a console could start on it?
    LookAt {
        call: CallId,
        profile: DisplayText,
    },
    /// Of the devices' screen.
    Devices {
        call: CallId,
        order: devices::Order,
    },
    /// For somebody who looks elsewhere.
    Notify {
        bell: bool,
        text: Option<DisplayText>,
    },
    /// Nobody waits for this call any more.
    Abandon {
        call: CallId,
    },
    /// Keep this for the next start; `None` clears it.
    Remember(Option<Resume>),
}

/// The customer's safe code. Wrong on purpose it signals duress, so it is shown nowhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SafeCode(pub String);

impl fmt::Debug for SafeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SafeCode(***)")
    }
}
