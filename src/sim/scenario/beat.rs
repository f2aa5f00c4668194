//! One beat of a scenario: what is done or said, and when; checked where it is read, so that an error
//! names its line.

use super::LONGEST_DELAY_S;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawBeat", into = "RawBeat")]
pub struct Beat {
    pub(super) when: When,
    pub(super) act: Act,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum When {
    /// Seconds after the phase began.
    After(Seconds),
    /// Along the drive.
    Share(Share),
}

/// Checked where it is read, so that an error names the very line.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub(super) struct Seconds(pub(super) f64);

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
pub(super) struct Share(pub(super) f64);

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
