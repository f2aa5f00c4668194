//! The pattern that a serial must match: a regular expression of the kind that takes linear time,
//! whoever wrote it.

use regex_lite::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Longer than any maker's scheme.
const LONGEST: usize = 256;
/// Bytes that a compiled pattern may take: a thousand counted repetitions are a slip of the pen.
const LARGEST: usize = 256 * 1024;

/// Matches whole texts only.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern {
    text: String,
    regex: Regex,
}

impl Pattern {
    pub fn new(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("pattern: is longer than {LONGEST} characters"));
        }
        let compile = |text: &str| {
            let compiled = RegexBuilder::new(text).size_limit(LARGEST).build();
            compiled.map_err(|error| format!("pattern: is not a pattern: {error}"))
        };
        // By itself first: what is only right inside the parentheses below would match something else.
        compile(text)?;
        let regex = compile(&format!("^(?:{text})$"))?;
        Ok(Self { text: text.to_owned(), regex })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// What a named group matched.
    pub fn group<'t>(&self, name: &str, text: &'t str) -> Option<&'t str> {
        Some(self.regex.captures(text)?.name(name)?.as_str())
    }

    pub fn has_group(&self, name: &str) -> bool {
        self.regex.capture_names().flatten().any(|known| known == name)
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::new(&text)
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.text
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({})", self.text)
    }
}
