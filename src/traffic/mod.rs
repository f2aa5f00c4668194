//! What went over the wire, in the form in which it may be shown: secrets masked before it gets here.
//!
//! Pure, and known to all who touch an exchange: the client that records it, the state that keeps it,
//! the screen that draws it, and the runtime that copies and exports it.

pub mod curl;
pub mod diff;
pub mod document;
pub mod har;
pub mod json;
pub mod mask;

use crate::text::DisplayText;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::sync::Arc;

/// One request and what came of it, as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// When it was sent, by the console's clock.
    pub at: Timestamp,
    /// How long it took, in real time: the demo's clock may run faster than the network.
    pub took: SignedDuration,
    /// What it was for: `read the callout`.
    pub what: DisplayText,
    pub method: Method,
    #[serde(default)]
    pub side: Side,
    /// The base URL of that side, without a slash at its end.
    pub base: DisplayText,
    /// Below the base, with its query.
    pub path: DisplayText,
    pub request: Message,
    /// `None`: no head of a reply ever came.
    pub status: Option<u16>,
    pub reply: Message,
    /// What kept the reply from coming whole.
    pub trouble: Option<Trouble>,
}

impl Exchange {
    pub fn url(&self) -> String {
        format!("{}{}", self.base, self.path)
    }
}

/// Who was talked to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    #[default]
    Api,
    /// The simulator's control side, as its control room.
    Control,
}

/// One direction of an exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Those that matter for reading an exchange; not all that travelled.
    pub headers: Vec<Header>,
    /// Bytes of the body as it travelled.
    pub size: u64,
    /// `None`: there was none, or it is no text.
    pub body: Option<Body>,
}

impl Message {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|header| header.name.as_str().eq_ignore_ascii_case(name));
        found.map(|header| header.value.as_str())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    pub name: DisplayText,
    pub value: DisplayText,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
    Head,
    Other,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Head => "HEAD",
            Self::Other => "OTHER",
        }
    }

    pub fn of(word: &str) -> Self {
        match word {
            "GET" => Self::Get,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "PATCH" => Self::Patch,
            "DELETE" => Self::Delete,
            "HEAD" => Self::Head,
            _ => Self::Other,
        }
    }
}

/// Why there is no whole reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    NoConnection,
    TimedOut,
    /// The connection broke off.
    CutOff,
    /// Larger than the client reads.
    TooLarge,
    /// Nobody waited for it any more.
    GivenUp,
}

impl Trouble {
    /// As it stands in the list.
    pub fn short(self) -> &'static str {
        match self {
            Self::NoConnection => "no link",
            Self::TimedOut => "timeout",
            Self::CutOff => "cut off",
            Self::TooLarge => "too big",
            Self::GivenUp => "dropped",
        }
    }

    pub fn sentence(self) -> &'static str {
        match self {
            Self::NoConnection => "No connection could be made: nothing was sent.",
            Self::TimedOut => "No whole reply came in time.",
            Self::CutOff => "The connection broke off before the reply was whole.",
            Self::TooLarge => "The reply is larger than 4 MiB: it was not read.",
            Self::GivenUp => "Nobody waited for the reply any more.",
        }
    }
}

/// A body as it travelled, but for its secrets. Not cleaned for the screen: only a
/// [`document::Document`] made of it may be drawn. Shared, so that keeping it twice costs nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Body(Arc<str>);

impl Body {
    pub fn new(text: &str) -> Self {
        Self(Arc::from(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Names, numbers and places are in it: shows its length only.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.0.len())
    }
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Arc::from(text)))
    }
}

/// `640 B`, `4.1 kB`, `2.3 MB`.
pub fn size(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
    let bytes_f = bytes as f64;
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..99_950 => format!("{:.1} kB", bytes_f / 1e3),
        99_950..999_500 => format!("{:.0} kB", bytes_f / 1e3),
        _ => format!("{:.1} MB", bytes_f / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        for (bytes, words) in [
            (0, "0 B"),
            (999, "999 B"),
            (4_096, "4.1 kB"),
            (99_960, "100 kB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (4_194_304, "4.2 MB"),
        ] {
            assert_eq!(size(bytes), words);
        }
    }

    #[test]
    fn a_body_shows_nothing_of_itself_in_a_log() {
        let body = Body::new("{\"name\":\"Testy McTestFace\"}");
        assert_eq!(format!("{body:?}"), "Body(27 bytes)");
        let written = serde_json::to_string(&body).unwrap();
        assert_eq!(serde_json::from_str::<Body>(&written).unwrap(), body);
    }

    #[test]
    fn a_method_is_written_as_it_travels() {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"] {
            assert_eq!(Method::of(method).as_str(), method);
        }
        assert_eq!(Method::of("BREW"), Method::Other);
    }
}
