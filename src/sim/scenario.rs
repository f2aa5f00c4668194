//! Scenarios: what the autopilot does in the control room's place, as data.
//!
//! A scenario is a list of beats for each phase of a callout. A beat is a step or a line of the chat,
//! and when it comes: so many seconds after the phase began, or after a share of the drive.

use serde::{Deserialize, Serialize};

const SHIPPED: [&str; 4] = [
    include_str!("../../assets/scenarios/happy-path.toml"),
    include_str!("../../assets/scenarios/manual-dispatch.toml"),
    include_str!("../../assets/scenarios/responder-cancelled.toml"),
    include_str!("../../assets/scenarios/false-alarm.toml"),
];

/// No demonstration waits longer for one beat; past it, a number is a slip of the pen.
const LONGEST_DELAY_S: f64 = 86_400.0;

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
    Dismissed,
    StoodDown,
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
    After(f64),
    /// After this much of the drive, 0 to 1.
    Share(f64),
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
    after: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    share: Option<f64>,
    #[serde(rename = "do", skip_serializing_if = "Option::is_none")]
    word: Option<Word>,
    #[serde(skip_serializing_if = "Option::is_none")]
    say: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<String>,
}

impl TryFrom<RawBeat> for Beat {
    type Error = String;

    fn try_from(raw: RawBeat) -> Result<Self, String> {
        let when = match (raw.after, raw.share) {
            (Some(after), None) if (0.0..=LONGEST_DELAY_S).contains(&after) => When::After(after),
            (None, Some(share)) if (0.0..=1.0).contains(&share) => When::Share(share),
            (Some(_), None) => return Err("after: between 0 and 86400 seconds".to_owned()),
            (None, Some(_)) => return Err("share: between 0 and 1 of the drive".to_owned()),
            _ => return Err("a beat has either after or share".to_owned()),
        };
        let act = match (raw.word, raw.say, raw.details) {
            (Some(Word::Close), None, details) => Act::Close(details),
            (_, _, Some(_)) => return Err("details: only with do = \"close\"".to_owned()),
            (Some(word), None, None) => Act::from(word),
            (None, Some(text), None) => Act::Say(checked_line(text)?),
            _ => return Err("a beat has either do or say".to_owned()),
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
            Act::Say(text) => (None, Some(text), None),
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

/// A mistyped placeholder would otherwise be read out to a customer in a demonstration.
fn checked_line(text: String) -> Result<String, String> {
    for part in text.split('{').skip(1) {
        let name = part.split_once('}').map(|(name, _)| name);
        if !name.is_some_and(|name| PLACEHOLDERS.contains(&name)) {
            return Err(format!("say: names in braces are {}", PLACEHOLDERS.join(", ")));
        }
    }
    if text.trim().is_empty() { Err("say: is empty".to_owned()) } else { Ok(text) }
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
        ];
        for beat in phases.into_iter().flatten() {
            if let When::After(after) = beat.when {
                beat.when = When::After((after * pace).min(LONGEST_DELAY_S));
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
        let standing = [
            ("raised", &self.raised),
            ("responder-cancelled", &self.responder_cancelled),
            ("arrived", &self.arrived),
            ("completed", &self.completed),
            ("dismissed", &self.dismissed),
            ("stood-down", &self.stood_down),
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
            Phase::Completed => &self.completed,
            Phase::Dismissed => &self.dismissed,
            Phase::StoodDown => &self.stood_down,
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
                    When::After(seconds) => milliseconds(seconds),
                    When::Share(share) => share_of(drive_ms, share),
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
mod tests {
    use super::*;

    const SMALL: &str = r#"
name = "small"
description = "One line."
controller = "Demo Controller"
[drive]
seconds = 60
[[raised]]
after = 3
say = "Hello {customer}."
[[raised]]
after = 1
do = "acknowledge"
[[dispatched]]
share = 0.5
do = "cancel-responder"
"#;

    #[test]
    fn all_shipped_scenarios_can_be_read() {
        for (text, name) in
            SHIPPED.into_iter().zip(["happy-path", "manual-dispatch", "responder-cancelled", "false-alarm"])
        {
            assert_eq!(Scenario::parse(name, text).unwrap().name, name);
            assert!(Scenario::named(name).is_some());
        }
        assert!(Scenario::named("no-such").is_none());
    }

    #[test]
    fn beats_come_in_order_of_time_whatever_the_order_of_the_file() {
        let scenario = Scenario::parse("small.toml", SMALL).unwrap();
        assert_eq!(scenario.beat(Phase::Raised, 0, 0), Some((1_000, &Act::Acknowledge)));
        assert!(matches!(scenario.beat(Phase::Raised, 0, 1), Some((3_000, Act::Say(_)))));
        assert_eq!(scenario.beat(Phase::Raised, 0, 2), None);
        assert_eq!(scenario.beat(Phase::Dispatched, 60_000, 0), Some((30_000, &Act::CancelResponder)));
        assert_eq!(
            scenario.beat(Phase::DispatchedAgain, 60_000, 0),
            scenario.beat(Phase::Dispatched, 60_000, 0),
        );
    }

    #[test]
    fn what_is_written_down_reads_back_equal() {
        for scenario in Scenario::shipped() {
            let json = serde_json::to_string(&scenario).unwrap();
            assert_eq!(serde_json::from_str::<Scenario>(&json).unwrap(), scenario);
        }
    }

    #[test]
    fn errors_name_the_file_the_line_and_the_field() {
        for (from, to, words) in [
            ("after = 3", "aftr = 3", ["line 9", "aftr"]),
            ("after = 3", "after = -3", ["line 8", "after: between"]),
            ("after = 3", "", ["line 8", "either after or share"]),
            ("say = \"Hello {customer}.\"", "say = \"{custmer}\"", ["line 8", "names in braces"]),
            ("do = \"acknowledge\"", "do = \"acknowlege\"", ["line 13", "acknowlege"]),
            ("do = \"acknowledge\"", "", ["line 11", "either do or say"]),
            ("do = \"acknowledge\"", "do = \"own\"\ndetails = \"x\"", ["line 11", "details"]),
            ("seconds = 60", "seconds = 0", ["line 5", "seconds: between"]),
            ("seconds = 60", "", ["line 5", "either seconds or speed-kmh"]),
            ("share = 0.5", "share = 1.5", ["line 14", "share: between"]),
            ("[[dispatched]]", "[[arrived]]", ["arrived", "share is only for"]),
            ("name = \"small\"", "name = \" \"", ["name", "is empty"]),
        ] {
            assert!(SMALL.contains(from), "{from}");
            let error = Scenario::parse("small.toml", &SMALL.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.starts_with("small.toml: "), "{error}");
            for word in words {
                assert!(error.contains(word), "{word} in: {error}");
            }
        }
    }

    #[test]
    fn parameters_change_the_timing_within_bounds() {
        let small = || Scenario::parse("small.toml", SMALL).unwrap();
        let slow = small().with(Params { pace: Some(2.0), drive_seconds: None }).unwrap();
        assert_eq!(slow.beat(Phase::Raised, 0, 0), Some((2_000, &Act::Acknowledge)));
        assert_eq!(slow.drive, Drive::Seconds(120.0));
        let short = small().with(Params { pace: None, drive_seconds: Some(9.0) }).unwrap();
        assert_eq!(short.drive, Drive::Seconds(9.0));
        assert!(small().with(Params { pace: Some(0.0), drive_seconds: None }).is_err());
        assert!(small().with(Params { pace: None, drive_seconds: Some(f64::NAN) }).is_err());
    }

    #[test]
    fn a_speed_becomes_a_time_by_the_length_of_the_route() {
        assert_eq!(Drive::SpeedKmh(36.0).milliseconds(500.0), 50_000);
        assert_eq!(Drive::Seconds(75.0).milliseconds(500.0), 75_000);
    }
}
