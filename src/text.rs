//! Text we did not write: cleaned once, where it enters the program, so that no widget has to.

mod sequences;

use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Longest single line kept of anything the network sends. A chat message on a phone is shorter.
pub const MAX_LINE: usize = 2_000;

/// One line that is safe to draw: no control, bidi or zero-width character is left in it.
///
/// Only the cleaner makes one, so a `DisplayText` in `State` needs no second look at each widget.
/// Reading one back from a recording cleans it again.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct DisplayText(String);

impl DisplayText {
    /// Cleans `raw` and cuts it at [`MAX_LINE`] characters.
    pub fn new(raw: &str) -> Self {
        Self(one_line(raw, MAX_LINE))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Columns it takes on a terminal, which is not its length in bytes or characters.
    pub fn columns(&self) -> usize {
        self.0.width()
    }
}

impl fmt::Display for DisplayText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Shows nothing of the text: names, numbers and messages reach no log by way of `{:?}`.
impl fmt::Debug for DisplayText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DisplayText({} chars)", self.0.chars().count())
    }
}

impl From<&str> for DisplayText {
    fn from(raw: &str) -> Self {
        Self::new(raw)
    }
}

impl From<String> for DisplayText {
    fn from(raw: String) -> Self {
        Self::new(&raw)
    }
}

impl<'de> Deserialize<'de> for DisplayText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

/// Cleans `raw` to one line of at most `max` characters.
///
/// What a terminal would obey goes whole. White space of any kind becomes a plain space, since ratatui drops tabs and loses a list row that
/// holds a line break. At most two combining marks follow a character, so that a name cannot grow
/// over the rows above it.
pub fn one_line(raw: &str, max: usize) -> String {
    let mut marks = 0;
    sequences::without(raw)
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .filter(|c| {
            marks = if c.width() == Some(0) { marks + 1 } else { 0 };
            marks <= 2
        })
        .take(max)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Characters that change how the rest of a line reads while showing nothing themselves, and those
/// that join emoji to one picture: half of the terminals, tmux among them, draw a family as three
/// pictures in six columns where two were counted, and everything right of it is garbled. Apart, they
/// are as wide everywhere as we count them.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' |
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180e}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Cuts `text` to `columns` columns, with an ellipsis where something was left out.
/// A wide character that would straddle the edge goes whole.
pub fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(1);
    let mut used = 0;
    let mut kept: String = text
        .chars()
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= room
        })
        .collect();
    if columns > 0 {
        kept.push('…');
    }
    kept
}

/// Cuts or pads `text` to exactly `columns` columns.
pub fn fit(text: &str, columns: usize) -> String {
    let mut fitted = cut(text, columns);
    let missing = columns.saturating_sub(fitted.width());
    fitted.extend(std::iter::repeat_n(' ', missing));
    fitted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn line_breaks_and_tabs_become_spaces() {
        assert_eq!(one_line("a\tb\r\nc", 99), "a b  c");
    }

    #[test]
    fn escape_bidi_and_zero_width_go() {
        assert_eq!(one_line("\u{1b}[31mred\u{202e}evil\u{200b}\u{feff}", 99), "redevil");
    }

    #[test]
    fn joined_emoji_come_apart_and_are_as_wide_as_every_terminal_draws_them() {
        for (raw, clean) in [("👨‍👩‍👧", "👨👩👧"), ("👍🏽", "👍"), ("❤\u{fe0f}", "❤")]
        {
            assert_eq!(one_line(raw, 99), clean);
            let drawn: usize = clean.chars().filter_map(UnicodeWidthChar::width).sum();
            assert_eq!(clean.width(), drawn, "{clean}");
        }
    }

    #[test]
    fn a_tower_of_marks_is_cut_to_two() {
        let tower = format!("a{}", "\u{0301}".repeat(40));
        assert_eq!(one_line(&tower, 99).chars().count(), 3);
    }

    #[test]
    fn a_wide_character_is_never_halved() {
        assert_eq!(cut("消防車", 4), "消…");
        assert_eq!(fit("消防車", 4).width(), 4);
        assert_eq!(cut("abc", 0), "");
    }

    #[test]
    fn debug_tells_nothing() {
        assert_eq!(format!("{:?}", DisplayText::new("Testy McTestFace")), "DisplayText(16 chars)");
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing_more(raw in ".*") {
            let once = one_line(&raw, 80);
            prop_assert_eq!(one_line(&once, 80), once.clone());
            prop_assert!(!once.chars().any(|c| c.is_control() || is_invisible(c)));
        }

        #[test]
        fn plain_text_is_left_alone(raw in "[a-zA-Z0-9,.]{0,60}") {
            prop_assert_eq!(one_line(&raw, 80), raw);
        }

        #[test]
        fn fitting_gives_exactly_the_columns(raw in ".{0,40}", columns in 1usize..40) {
            let clean = one_line(&raw, 80);
            prop_assert_eq!(fit(&clean, columns).width(), columns);
        }
    }
}
