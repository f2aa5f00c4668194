//! Scenarios: what the autopilot does in the control room's place, as data.
//!
//! A scenario is a list of beats for each phase of a callout. A beat is a step or a line of the chat,
//! and when it comes: so many seconds after the phase began, or after a share of the drive.

use serde::{Deserialize, Serialize};

const SHIPPED: [&str; 6] = [
    include_str!("../../assets/scenarios/happy-path.toml"),
    include_str!("../../assets/scenarios/manual-dispatch.toml"),
    include_str!("../../assets/scenarios/responder-cancelled.toml"),
    include_str!("../../assets/scenarios/nobody-available.toml"),
    include_str!("../../assets/scenarios/false-alarm.toml"),
    include_str!("../../assets/scenarios/duress.toml"),
];

/// No demonstration waits longer for one beat; past it, a number is a slip of the pen.
const LONGEST_DELAY_S: f64 = 86_400.0;

/// As many demo vehicles as stand about one place.
pub const MOST_VEHICLES: u8 = 12;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Scenario {
    pub name: String,
    pub description: String,
    /// Who writes in the chat.
    pub controller: String,
    /// Whether demo vehicles serve a place that has none.
    #[serde(default = "yes")]
    pub coverage: bool,
    /// How many demo vehicles such a place gets; absent: two to four.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vehicles: Option<u8>,
    pub drive: Drive,
    /// From the panic until somebody is sent.
    #[serde(default)]
    raised: Vec<Beat>,
    #[serde(default)]
    dispatched: Vec<Beat>,
    /// From the second dispatch on; absent: as `dispatched`.
    #[serde(default)]
    dispatched_again: Vec<Beat>,
    #[serde(default)]
    responder_cancelled: Vec<Beat>,
    #[serde(default)]
    arrived: Vec<Beat>,
    #[serde(default)]
    completed: Vec<Beat>,
    /// After a soft cancel, at any time before completion.
    #[serde(default)]
    dismissed: Vec<Beat>,
    /// After a cancel that called a responder back.
    #[serde(default)]
    stood_down: Vec<Beat>,
    /// After a wrong safe code, beside what the phases say: the response goes on.
    #[serde(default)]
    duress: Vec<Beat>,
    /// Completion where a wrong safe code had been given; absent: as `completed`.
    #[serde(default)]
    completed_after_duress: Vec<Beat>,
}

fn yes() -> bool {
    true
}

/// Where a callout on the autopilot stands in its scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    Raised,
    Dispatched,
    DispatchedAgain,
    ResponderCancelled,
    Arrived,
    Completed,
    CompletedAfterDuress,
    Dismissed,
    StoodDown,
    /// No phase of its own: it goes beside whichever there is.
    Duress,
}

/// How long a responder is on the road.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawDrive", into = "RawDrive")]
pub enum Drive {
    Seconds(f64),
    SpeedKmh(f64),
}

/// In a town, with lights on.
pub const USUAL_DRIVE: Drive = Drive::SpeedKmh(45.0);

/// A drive whose route nobody knows: a supplier sent by hand.
const UNKNOWN_ROUTE_M: f64 = 1_000.0;

impl Drive {
    /// Milliseconds for a route of `metres`.
    pub fn milliseconds(self, metres: f64) -> u64 {
        match self {
            Self::Seconds(seconds) => milliseconds(seconds),
            Self::SpeedKmh(speed) => milliseconds(metres * 3.6 / speed),
        }
    }

    pub fn unknown_route_ms(self) -> u64 {
        self.milliseconds(UNKNOWN_ROUTE_M)
    }
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawDrive {
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    speed_kmh: Option<f64>,
}

impl TryFrom<RawDrive> for Drive {
    type Error = &'static str;

    fn try_from(raw: RawDrive) -> Result<Self, Self::Error> {
        match (raw.seconds, raw.speed_kmh) {
            (Some(seconds), None) if (1.0..=LONGEST_DELAY_S).contains(&seconds) => Ok(Self::Seconds(seconds)),
            (None, Some(speed)) if (1.0..=300.0).contains(&speed) => Ok(Self::SpeedKmh(speed)),
            (Some(_), None) => Err("seconds: between 1 and 86400"),
            (None, Some(_)) => Err("speed-kmh: between 1 and 300"),
            _ => Err("a drive has either seconds or speed-kmh"),
        }
    }
}

impl From<Drive> for RawDrive {
    fn from(drive: Drive) -> Self {
        match drive {
            Drive::Seconds(seconds) => Self { seconds: Some(seconds), speed_kmh: None },
            Drive::SpeedKmh(speed) => Self { seconds: None, speed_kmh: Some(speed) },
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawBeat", into = "RawBeat")]
pub struct Beat {
    when: When,
    act: Act,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    /// Seconds after the phase began.
    After(Seconds),
    /// Along the drive.
    Share(Share),
}

/// Checked where it is read, so that an error names the very line.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
struct Seconds(f64);

impl TryFrom<f64> for Seconds {
    type Error = &'static str;

    fn try_from(seconds: f64) -> Result<Self, Self::Error> {
        let good = (0.0..=LONGEST_DELAY_S).contains(&seconds);
        if good { Ok(Self(seconds)) } else { Err("after: between 0 and 86400 seconds") }
    }
}

impl From<Seconds> for f64 {
    fn from(seconds: Seconds) -> Self {
        seconds.0
    }
}

/// A part of the drive, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
struct Share(f64);

impl TryFrom<f64> for Share {
    type Error = &'static str;

    fn try_from(share: f64) -> Result<Self, Self::Error> {
        if (0.0..=1.0).contains(&share) {
            Ok(Self(share))
        } else {
            Err("share: between 0 and 1 of the drive")
        }
    }
}

impl From<Share> for f64 {
    fn from(share: Share) -> Self {
        share.0
    }
}

/// A line of the chat whose placeholders are known ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Line(String);

impl From<Line> for String {
    fn from(line: Line) -> Self {
        line.0
    }
}

/// What a beat does.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    Ring,
    Acknowledge,
    Own,
    Verify,
    Dispatch,
    DispatchManually,
    Decline,
    CancelResponder,
    Arrive,
    Complete,
    /// With the incident details to close with.
    Close(Option<String>),
    /// A line of the chat; may name what stands in [`PLACEHOLDERS`].
    Say(String),
}

/// What a line of the chat may name in braces.
pub const PLACEHOLDERS: [&str; 6] = ["customer", "responder", "callsign", "vehicle", "supplier", "minutes"];

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Ring,
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

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawBeat {
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    share: Option<Share>,
    #[serde(rename = "do", skip_serializing_if = "Option::is_none")]
    word: Option<Word>,
    #[serde(skip_serializing_if = "Option::is_none")]
    say: Option<Line>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<String>,
}

impl TryFrom<RawBeat> for Beat {
    type Error = String;

    fn try_from(raw: RawBeat) -> Result<Self, String> {
        let when = match (raw.after, raw.share) {
            (Some(after), None) => When::After(after),
            (None, Some(share)) => When::Share(share),
            _ => return Err("a beat has either after or share".to_owned()),
        };
        // The reader knows the line of a value but only the list of a whole beat, so say which one.
        let beat = match when {
            When::After(Seconds(after)) => format!("the beat with after = {after}"),
            When::Share(Share(share)) => format!("the beat with share = {share}"),
        };
        let act = match (raw.word, raw.say, raw.details) {
            (Some(Word::Close), None, details) => Act::Close(details),
            (_, _, Some(_)) => return Err(format!("{beat}: details only go with do = \"close\"")),
            (Some(word), None, None) => Act::from(word),
            (None, Some(Line(text)), None) => Act::Say(text),
            _ => return Err(format!("{beat} has either do or say")),
        };
        Ok(Self { when, act })
    }
}

impl From<Beat> for RawBeat {
    fn from(beat: Beat) -> Self {
        let (after, share) = match beat.when {
            When::After(after) => (Some(after), None),
            When::Share(share) => (None, Some(share)),
        };
        let (word, say, details) = match beat.act {
            Act::Say(text) => (None, Some(Line(text)), None),
            Act::Close(details) => (Some(Word::Close), None, details),
            Act::Ring => (Some(Word::Ring), None, None),
            Act::Acknowledge => (Some(Word::Acknowledge), None, None),
            Act::Own => (Some(Word::Own), None, None),
            Act::Verify => (Some(Word::Verify), None, None),
            Act::Dispatch => (Some(Word::Dispatch), None, None),
            Act::DispatchManually => (Some(Word::DispatchManually), None, None),
            Act::Decline => (Some(Word::Decline), None, None),
            Act::CancelResponder => (Some(Word::CancelResponder), None, None),
            Act::Arrive => (Some(Word::Arrive), None, None),
            Act::Complete => (Some(Word::Complete), None, None),
        };
        Self { after, share, word, say, details }
    }
}

impl From<Word> for Act {
    fn from(word: Word) -> Self {
        match word {
            Word::Ring => Self::Ring,
            Word::Acknowledge => Self::Acknowledge,
            Word::Own => Self::Own,
            Word::Verify => Self::Verify,
            Word::Dispatch => Self::Dispatch,
            Word::DispatchManually => Self::DispatchManually,
            Word::Decline => Self::Decline,
            Word::CancelResponder => Self::CancelResponder,
            Word::Arrive => Self::Arrive,
            Word::Complete => Self::Complete,
            Word::Close => Self::Close(None),
        }
    }
}

impl TryFrom<String> for Line {
    type Error = String;

    /// A mistyped placeholder would otherwise be read out to a customer in a demonstration.
    fn try_from(text: String) -> Result<Self, String> {
        for part in text.split('{').skip(1) {
            let name = part.split_once('}').map(|(name, _)| name);
            if !name.is_some_and(|name| PLACEHOLDERS.contains(&name)) {
                return Err(format!("say: names in braces are {}", PLACEHOLDERS.join(", ")));
            }
        }
        if text.trim().is_empty() { Err("say: is empty".to_owned()) } else { Ok(Self(text)) }
    }
}

/// Parameters of the control API: what a demonstration changes about a scenario without a new file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Params {
    /// Factor on every delay: 0.5 is twice as fast.
    pub pace: Option<f64>,
    /// Seconds on the road.
    pub drive_seconds: Option<f64>,
}

#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// Names the line and the field.
    #[error("{origin}: {source}")]
    Toml { origin: String, source: Box<toml::de::Error> },
    #[error("{origin}: {field}: {why}")]
    Field { origin: String, field: &'static str, why: &'static str },
}

impl Scenario {
    /// Reads a scenario file; `origin` is what an error calls it.
    pub fn parse(origin: &str, text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = toml::from_str(text)
            .map_err(|source| ScenarioError::Toml { origin: origin.to_owned(), source: Box::new(source) })?;
        match scenario.fault() {
            None => Ok(scenario),
            Some((field, why)) => Err(ScenarioError::Field { origin: origin.to_owned(), field, why }),
        }
    }

    /// The shipped scenarios, `happy-path` first.
    pub fn shipped() -> impl Iterator<Item = Self> {
        SHIPPED.iter().filter_map(|text| Self::parse("shipped", text).ok())
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::shipped().find(|scenario| scenario.name == name)
    }

    /// The same scenario with other timing. Says which parameter is out of bounds.
    pub fn with(mut self, params: Params) -> Result<Self, &'static str> {
        if let Some(pace) = params.pace {
            if !(0.01..=100.0).contains(&pace) {
                return Err("pace: between 0.01 and 100");
            }
            self.stretch(pace);
        }
        if let Some(seconds) = params.drive_seconds {
            self.drive = Drive::try_from(RawDrive { seconds: Some(seconds), speed_kmh: None })
                .map_err(|_| "driveSeconds: between 1 and 86400")?;
        }
        Ok(self)
    }

    fn stretch(&mut self, pace: f64) {
        let phases = [
            &mut self.raised,
            &mut self.dispatched,
            &mut self.dispatched_again,
            &mut self.responder_cancelled,
            &mut self.arrived,
            &mut self.completed,
            &mut self.dismissed,
            &mut self.stood_down,
            &mut self.duress,
            &mut self.completed_after_duress,
        ];
        for beat in phases.into_iter().flatten() {
            if let When::After(Seconds(after)) = &mut beat.when {
                *after = (*after * pace).min(LONGEST_DELAY_S);
            }
        }
        self.drive = match self.drive {
            Drive::Seconds(seconds) => Drive::Seconds((seconds * pace).clamp(1.0, LONGEST_DELAY_S)),
            Drive::SpeedKmh(speed) => Drive::SpeedKmh((speed / pace).clamp(1.0, 300.0)),
        };
    }

    /// What the file's shape cannot say wrong, but its meaning can.
    fn fault(&self) -> Option<(&'static str, &'static str)> {
        let blank = [("name", &self.name), ("controller", &self.controller)];
        if let Some((field, _)) = blank.into_iter().find(|(_, text)| text.trim().is_empty()) {
            return Some((field, "is empty"));
        }
        if self.vehicles.is_some_and(|count| count > MOST_VEHICLES) {
            return Some(("vehicles", "at most 12"));
        }
        let standing = [
            ("raised", &self.raised),
            ("responder-cancelled", &self.responder_cancelled),
            ("arrived", &self.arrived),
            ("completed", &self.completed),
            ("dismissed", &self.dismissed),
            ("stood-down", &self.stood_down),
            ("duress", &self.duress),
            ("completed-after-duress", &self.completed_after_duress),
        ];
        standing
            .into_iter()
            .find(|(_, beats)| beats.iter().any(|beat| matches!(beat.when, When::Share(_))))
            .map(|(field, _)| (field, "share is only for dispatched and dispatched-again"))
    }

    fn beats(&self, phase: Phase) -> &[Beat] {
        match phase {
            Phase::Raised => &self.raised,
            Phase::Dispatched => &self.dispatched,
            Phase::DispatchedAgain if self.dispatched_again.is_empty() => &self.dispatched,
            Phase::DispatchedAgain => &self.dispatched_again,
            Phase::ResponderCancelled => &self.responder_cancelled,
            Phase::Arrived => &self.arrived,
            Phase::CompletedAfterDuress if !self.completed_after_duress.is_empty() => {
                &self.completed_after_duress
            }
            Phase::Completed | Phase::CompletedAfterDuress => &self.completed,
            Phase::Dismissed => &self.dismissed,
            Phase::StoodDown => &self.stood_down,
            Phase::Duress => &self.duress,
        }
    }

    /// The beat number `cursor` of a phase in order of time, with its milliseconds after the phase
    /// began, for a drive of `drive_ms`.
    pub fn beat(&self, phase: Phase, drive_ms: u64, cursor: usize) -> Option<(u64, &Act)> {
        let mut beats: Vec<(u64, &Act)> = self
            .beats(phase)
            .iter()
            .map(|beat| {
                let offset = match beat.when {
                    When::After(Seconds(seconds)) => milliseconds(seconds),
                    When::Share(Share(share)) => share_of(drive_ms, share),
                };
                (offset, &beat.act)
            })
            .collect();
        beats.sort_by_key(|(offset, _)| *offset);
        beats.get(cursor).copied()
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held within a day or so")]
fn milliseconds(seconds: f64) -> u64 {
    (seconds.clamp(0.0, 100.0 * LONGEST_DELAY_S) * 1_000.0).round() as u64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of a drive is no longer than the drive"
)]
fn share_of(drive_ms: u64, share: f64) -> u64 {
    (drive_ms as f64 * share).round() as u64
}

#[cfg(test)]
mod tests;
