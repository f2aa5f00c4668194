//! Scenarios: what the autopilot does in the control room's place, as data.
//!
//! A scenario is a list of beats for each phase of a callout. A beat is a step or a line of the chat,
//! and when it comes: so many seconds after the phase began, or after a share of the drive.

mod beat;

pub use beat::{Act, Beat, PLACEHOLDERS};

use beat::{Seconds, Share, When};
use serde::{Deserialize, Serialize};
use serde_json::Value;

const SHIPPED: [&str; 6] = [
    include_str!("../../assets/scenarios/happy-path.toml"),
    include_str!("../../assets/scenarios/manual-dispatch.toml"),
    include_str!("../../assets/scenarios/responder-cancelled.toml"),
    include_str!("../../assets/scenarios/nobody-available.toml"),
    include_str!("../../assets/scenarios/false-alarm.toml"),
    include_str!("../../assets/scenarios/duress.toml"),
];

/// What the autopilot is set to where there is none.
pub const OFF: &str = "off";

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

    /// Reads a scenario out of a request. An error names the field; of a list, which of its beats.
    pub fn from_json(value: &Value) -> Result<Self, String> {
        let scenario = Self::deserialize(value)
            .map_err(|error| format!("scenario{}: {error}", culprit(value).unwrap_or_default()))?;
        match scenario.fault() {
            None => Ok(scenario),
            Some((field, why)) => Err(format!("scenario.{field}: {why}")),
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
        if self.name == OFF {
            return Some(("name", "off is what no autopilot is called"));
        }
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

/// Where in a scenario the field is that cannot be read, if it is one of the drive or of a beat.
fn culprit(scenario: &Value) -> Option<String> {
    let fields = scenario.as_object()?;
    if fields.get("drive").is_some_and(|drive| Drive::deserialize(drive).is_err()) {
        return Some(".drive".to_owned());
    }
    let lists = fields.iter().filter_map(|(name, list)| Some((name, list.as_array()?)));
    let mut beats = lists.flat_map(|(name, list)| list.iter().enumerate().map(move |beat| (name, beat)));
    beats
        .find(|(_, (_, beat))| Beat::deserialize(*beat).is_err())
        .map(|(name, (number, _))| format!(".{name}[{number}]"))
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
