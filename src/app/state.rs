//! Everything that the screen shows and the reducer decides by. A pane has no other source.

mod own;

pub use own::{Held, Moving, OwnPosition, Way};

use super::action::{CallId, Exit, Failure, MessageId, Resume};
use super::callout::{Callout, CalloutId, Classification, Comment, Fix};
use super::control::{Asked, Form, Room};
use super::devices::{self, Devices};
use super::draft::Draft;
use super::map::Map;
use super::notify::Alerts;
use super::profiles::{Profiles, Refused};
use super::screen::Screen;
use super::spoken::Answers;
use super::traffic::Traffic;
use super::watching::Watching;
use crate::geo::Position;
use crate::location::{Reception, USUAL_SPEED_KMH};
use crate::text::DisplayText;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// Which kind of place the profile talks to. Production must be unmistakable on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Environment {
    /// The simulator inside this process.
    Demo,
    /// Some server on this machine.
    Local,
    Staging,
    Production,
    /// A host that is neither of the known ones: treated with the care of production.
    Remote,
}

impl Environment {
    /// Whether a callout there could send a real responder.
    pub fn is_loopback(self) -> bool {
        matches!(self, Self::Demo | Self::Local)
    }

    /// Whether each write asks first: production, and what may be production under another name.
    pub fn asks_first(self) -> bool {
        matches!(self, Self::Production | Self::Remote)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    V1,
    V2,
}

/// What the profile fixed before the first action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    pub profile: DisplayText,
    pub host: DisplayText,
    pub environment: Environment,
    pub dialect: Dialect,
    /// 15 s; 10 to 20 on a host that is not loopback.
    pub poll_every: SignedDuration,
    /// 10 s.
    pub locate_every: SignedDuration,
    /// Refuses every write, location updates included.
    pub read_only: bool,
    pub classification: Classification,
    pub response_type_id: i64,
    /// Where the person stands when the console starts.
    pub start: Position,
    /// Metres; what the receiver reports under an open sky.
    pub accuracy: f64,
    /// Metres per second while walking.
    pub walking_speed: f64,
    /// Drawn at random once a process: spreads retries and turns at street corners.
    pub seed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Pane {
    Flow,
    Responder,
    Route,
    Chat,
}

impl Pane {
    pub const ALL: [Self; 4] = [Self::Flow, Self::Responder, Self::Route, Self::Chat];
}

/// Something that stands in front of the panes and takes the keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Dialog {
    /// Three seconds to think again; at `ends` the panic is raised.
    Countdown {
        ends: Timestamp,
    },
    /// A REAL callout beyond this machine: the word has to be typed out first.
    TypeReal {
        draft: Draft,
    },
    ConfirmSoftCancel,
    /// Where a real control room listens: what would go out, held back until somebody says yes.
    ConfirmWrite {
        write: PendingWrite,
    },
    /// The safe code is the last four digits of the customer's number; left empty, an
    /// unconditional cancel.
    SafeCode {
        draft: Draft,
        problem: Option<DisplayText>,
    },
    /// The real token would go into the clipboard.
    CopyToken,
    Help {
        scroll: u16,
    },
    /// What was typed, and which of the matching rows is chosen.
    Palette {
        draft: Draft,
        chosen: usize,
    },
    /// Of the control room.
    Control(Form),
    /// The profiles of the config, and why the one that was chosen cannot be gone to.
    Profiles {
        chosen: usize,
        refused: Option<Refused>,
    },
    /// A callout is left behind, or a real control room listens there: go on to this profile?
    Leave {
        profile: usize,
    },
    Devices(devices::Form),
}

/// What waits for a yes. The text of a message stays in its input line or outbox meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PendingWrite {
    Raise,
    Message,
    /// The oldest message that failed, once more.
    Retry,
    /// What [`Devices::pending`] holds.
    Device,
}

/// The callout in front of us.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Watch {
    /// At the start: is there one from before?
    Looking,
    Idle,
    /// The create call is under way or waits for its next try. Safe to repeat, since a customer has
    /// at most one active callout. Neither in flight nor with a `retry_at`: it was refused, and stays
    /// on the screen until the person has seen it.
    Raising {
        since: Timestamp,
        attempts: u32,
        retry_at: Option<Timestamp>,
        problem: Option<DisplayText>,
    },
    Live(Box<Followed>),
    /// Over; shown until the next panic.
    Ended {
        followed: Box<Followed>,
        why: Ending,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    Closed,
    /// The server does not know it any more (404).
    Unknown,
}

/// What is known of one callout, and since when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Followed {
    pub callout: Callout,
    /// When the newest reply about it came; the age of everything in the panes.
    pub seen_at: Timestamp,
    /// Each status as it was first seen here, oldest first: the only record of a responder who
    /// cancelled, since the API resets those fields.
    pub history: Vec<Seen>,
    /// Newest ETAs, oldest first, one for each change: its course is what tells good from bad.
    pub eta_course: VecDeque<EtaSample>,
    /// A soft cancel was sent from here or seen in a reply.
    pub soft_cancelled: bool,
    /// A hard cancel was sent from here: the API marks it in the same field as a soft one.
    pub cancel_sent: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    pub status: super::callout::Status,
    /// The API's own time of the step where it has one, else when we saw it.
    pub at: Timestamp,
    /// Name of the responder then attached.
    pub responder: DisplayText,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EtaSample {
    pub at: Timestamp,
    pub duration_s: f64,
    pub distance_m: f64,
}

/// The line to the server. Timers live here, so that "one poll at a time" is an ordinary test.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Link {
    pub health: Health,
    /// When a reply about the callout last came.
    pub last_good: Option<Timestamp>,
    /// Polls in a row without a usable answer.
    pub missed: u32,
    pub next_poll: Option<Timestamp>,
    pub next_location: Option<Timestamp>,
    /// When each request of the last minute was sent.
    pub sent: VecDeque<Timestamp>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Health {
    /// Nothing was asked yet.
    #[default]
    Unknown,
    Live,
    /// The last call failed; the next poll is the retry.
    Down {
        since: Timestamp,
        problem: Failure,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chat {
    /// What the server has, oldest first.
    pub comments: Vec<Comment>,
    /// Our messages that are not in `comments` yet, oldest first.
    pub outbox: Vec<Outgoing>,
    pub draft: Draft,
    /// The input line has the keys.
    pub writing: bool,
    /// Messages scrolled back from the newest; 0 follows the newest.
    pub scroll: usize,
    /// Controller's comments that came while scrolled back or in another pane.
    pub unread: usize,
    pub next_message: u64,
}

impl Chat {
    /// Characters in one message: four short text messages.
    pub const LONGEST: usize = 640;
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outgoing {
    pub id: MessageId,
    pub text: DisplayText,
    pub written_at: Timestamp,
    pub delivery: Delivery,
    /// How often it was sent. A message that is absent after three tries is given back to the person.
    pub attempts: u32,
    /// Comments that the server had when it was first sent: one of the same words among those is an
    /// older message, not this one.
    pub known_before: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivery {
    /// Waits for its turn or for the link.
    Queued,
    Sending {
        call: CallId,
    },
    /// Sent, but no answer came. The next reading of the chat that began after `since` tells whether
    /// it arrived; until then it is not sent again.
    Unconfirmed {
        since: Timestamp,
    },
    /// The server took it; it shows up in `comments` with the next reading.
    Sent {
        event: Option<DisplayText>,
    },
    Failed {
        why: DisplayText,
    },
}

/// What a request in flight is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Call {
    Raise,
    Poll {
        callout: CalloutId,
        since: Timestamp,
    },
    FindActive,
    /// All that are active, of the whole source.
    List {
        since: Timestamp,
    },
    Locate {
        callout: CalloutId,
        fix: Fix,
    },
    Say {
        message: MessageId,
    },
    SoftCancel,
    Cancel,
    Speed,
    Control(Asked),
    /// A look at a profile, by its place in the list.
    Profile {
        profile: usize,
    },
    Devices(devices::Asked),
}

/// News with a life; the newest wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub text: DisplayText,
    pub tone: Tone,
    pub until: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tone {
    Info,
    Warning,
    Problem,
}

/// The demo's clock, where the profile has one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Demo {
    pub speed: f64,
    pub scenario: DisplayText,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub settings: Settings,
    pub demo: Option<Demo>,
    pub now: Timestamp,
    pub columns: u16,
    pub rows: u16,
    /// Nothing on the screen moves by itself: it changes when something happened, and tells times of day
    /// where it would count seconds.
    pub still: bool,
    pub screen: Screen,
    pub focus: Pane,
    pub dialog: Option<Dialog>,
    pub watch: Watch,
    /// What an earlier run left behind, until the server has said what became of it.
    pub resuming: Option<Resume>,
    pub link: Link,
    pub own: OwnPosition,
    pub map: Map,
    pub chat: Chat,
    pub traffic: Box<Traffic>,
    pub control: Box<Room>,
    pub profiles: Box<Profiles>,
    pub devices: Box<Devices>,
    /// Many callouts are watched; the one in `watch` is the chosen one.
    pub watching: Option<Box<Watching>>,
    pub alerts: Box<Alerts>,
    pub notice: Option<Notice>,
    pub in_flight: BTreeMap<CallId, Call>,
    pub next_call: u64,
    /// Orders of plain mode that wait.
    pub lines: VecDeque<DisplayText>,
    /// When plain mode last asked about a write to a real control room.
    pub asked_at: Option<Timestamp>,
    /// How often somebody asked, by a line, how things stand.
    pub retold: u32,
    /// What was answered to lines, each with its number.
    pub answers: Answers,
    /// This profile has no customer yet: the first panic registers one.
    pub registers: bool,
    /// Nobody gives orders any more: when nothing is followed, the console ends.
    pub unattended: bool,
    pub exit: Option<Exit>,
}

impl State {
    pub fn new(settings: Settings, demo: Option<Demo>) -> Self {
        let fix = Fix { position: settings.start, accuracy: Some(settings.accuracy), at: None };
        Self {
            control: Box::default(),
            devices: Box::default(),
            watching: None,
            alerts: Box::default(),
            settings,
            demo,
            now: Timestamp::UNIX_EPOCH,
            columns: 0,
            rows: 0,
            still: false,
            screen: Screen::default(),
            focus: Pane::Flow,
            dialog: None,
            watch: Watch::Looking,
            resuming: None,
            link: Link::default(),
            own: OwnPosition {
                fix,
                place: fix.position,
                way: Way::default(),
                moving: None,
                moved_for: SignedDuration::ZERO,
                sets_out: false,
                driving_kmh: USUAL_SPEED_KMH,
                reception: Reception::default(),
                lost: None,
                trail: VecDeque::new(),
                last_sent: None,
                held: None,
            },
            map: Map::default(),
            chat: Chat {
                comments: Vec::new(),
                outbox: Vec::new(),
                draft: Draft::with_limit(Chat::LONGEST),
                writing: false,
                scroll: 0,
                unread: 0,
                next_message: 0,
            },
            traffic: Box::default(),
            profiles: Box::default(),
            notice: None,
            in_flight: BTreeMap::new(),
            next_call: 0,
            lines: VecDeque::new(),
            asked_at: None,
            retold: 0,
            answers: Answers::default(),
            registers: false,
            unattended: false,
            exit: None,
        }
    }

    /// The smallest window in which anything can be seen.
    pub const MIN_COLUMNS: u16 = 30;
    pub const MIN_ROWS: u16 = 8;
    /// With fewer rows there is room for one pane, and for one line of the header.
    pub const LOW: u16 = 18;
    /// From this width on all panes are on the screen.
    pub const ALL_PANES: u16 = 60;

    /// Nothing can be seen, so nothing but quitting may be done. A size that is not known yet is not
    /// too small.
    pub fn is_blind(&self) -> bool {
        let known = self.columns > 0 && self.rows > 0;
        known && (self.columns < Self::MIN_COLUMNS || self.rows < Self::MIN_ROWS)
    }

    /// How fast the clock runs against the wall's: 1 everywhere but in the demo. What a person needs
    /// time for (a countdown, news to read) is stretched by it.
    pub fn speed(&self) -> f64 {
        self.demo.as_ref().map_or(1.0, |demo| demo.speed)
    }

    /// `seconds` of the person's own time, in this clock.
    pub fn wall_seconds(&self, seconds: f64) -> SignedDuration {
        SignedDuration::try_from_secs_f64(seconds * self.speed()).unwrap_or(SignedDuration::MAX)
    }

    /// So long after the last word about a callout nothing of it counts as live any more.
    pub fn stale_after(&self) -> SignedDuration {
        self.settings.poll_every * Self::POLLS_UNTIL_STALE
    }

    pub fn followed(&self) -> Option<&Followed> {
        match &self.watch {
            Watch::Live(followed) | Watch::Ended { followed, .. } => Some(followed),
            Watch::Looking | Watch::Idle | Watch::Raising { .. } => None,
        }
    }

    pub fn is_over(&self) -> bool {
        self.exit.is_some()
    }
}
