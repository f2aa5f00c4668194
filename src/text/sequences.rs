//! Sequences that a terminal obeys, taken out whole: without its escape byte the rest of one would stay
//! behind as text, and a title or a link that nobody wrote would stand in a message.

use std::borrow::Cow;
use vte::{Parser, Perform};

/// The same text without what a terminal would not have shown as text. A sequence that is never ended
/// ends with its line, so that it cannot take honest lines with it.
pub(super) fn without(raw: &str) -> Cow<'_, str> {
    if !raw.contains(begins_or_ends_one) {
        return Cow::Borrowed(raw);
    }
    let mut shown = Shown { text: String::with_capacity(raw.len()), at: ' ' };
    for line in raw.split_inclusive(BREAKS) {
        let mut parser = Parser::<LONGEST>::default();
        for c in line.chars() {
            shown.at = c;
            match seven_bit(c) {
                Some(escape) => parser.advance(&mut shown, escape),
                None if c.is_ascii() => parser.advance(&mut shown, &[c as u8]),
                None => parser.advance(&mut shown, STAND_IN),
            }
        }
        // A break inside a sequence was no text to it.
        if line.ends_with(BREAKS) && !shown.text.ends_with(' ') {
            shown.text.push(' ');
        }
    }
    Cow::Owned(shown.text)
}

/// What of a title or a link is kept while its end is looked for: nothing of it is used.
const LONGEST: usize = 64;

const BREAKS: [char; 5] = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// For every character beyond ASCII: all are the same to the parser, but bytes in the middle of some would
/// end a sequence.
const STAND_IN: &[u8] = "é".as_bytes();

fn begins_or_ends_one(c: char) -> bool {
    c == '\u{1b}' || ('\u{80}'..='\u{9f}').contains(&c)
}

/// A control character of eight bits as the escape of seven that means the same, nothing where that shows
/// nothing. The parser leaves those of eight bits alone, terminals do not.
fn seven_bit(c: char) -> Option<&'static [u8]> {
    Some(match c {
        '\u{90}' => b"\x1bP",
        '\u{98}' => b"\x1bX",
        '\u{9b}' => b"\x1b[",
        '\u{9c}' => b"\x1b\\",
        '\u{9d}' => b"\x1b]",
        '\u{9e}' => b"\x1b^",
        '\u{9f}' => b"\x1b_",
        '\u{80}'..='\u{9f}' => b"",
        _ => return None,
    })
}

/// The text between the sequences.
struct Shown {
    text: String,
    /// The character that the parser is given.
    at: char,
}

impl Perform for Shown {
    fn print(&mut self, _: char) {
        self.text.push(self.at);
    }

    fn execute(&mut self, byte: u8) {
        // White space is a gap between words; the other control characters are taken out later.
        if byte.is_ascii_whitespace() || byte == 0x0b {
            self.text.push(' ');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn becomes(raw: &str, clean: &str) {
        assert_eq!(without(raw), clean, "{raw:?}");
    }

    #[test]
    fn each_kind_goes_whole() {
        for (raw, clean) in [
            ("\x1b[31mred\x1b[0m", "red"),
            ("\u{9b}31mred\u{9b}0m", "red"),
            ("\x1b[38;2;255;0;0mred\x1b[?25l", "red"),
            ("\x1b]0;title\x07text", "text"),
            ("\x1b]0;title\x1b\\text", "text"),
            ("\u{9d}0;title\u{9c}text", "text"),
            ("\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\", "link"),
            ("\x1bP1$r0m\x1b\\text", "text"),
            ("\u{90}q#0\u{9c}text", "text"),
            ("\x1b_G…\x1b\\a\x1b^p\x1b\\b\x1bXs\x1b\\c", "abc"),
            ("\u{9f}x\u{9c}a\u{9e}x\u{9c}b\u{98}x\u{9c}c", "abc"),
            ("\x1bcreset", "reset"),
            ("\x1b(Bset", "set"),
            ("a\u{9c}b\u{84}c", "abc"),
        ] {
            becomes(raw, clean);
        }
    }

    #[test]
    fn one_that_is_never_ended_takes_its_line_and_no_other() {
        becomes("at the gate\nsecond \x1b]0;title without an end\nI am hurt", "at the gate second I am hurt");
        becomes("a\x1bPq…\rb", "a b");
        becomes("a\x1b[38;5", "a");
        becomes("a\x1b", "a");
        becomes("a\u{9d}", "a");
    }

    #[test]
    fn a_sequence_inside_another_ends_it() {
        becomes("\x1b]0;ti\x1b[31mtext", "text");
        becomes("\x1b[3\x1b]0;t\x07text", "text");
        becomes("\x1b]0;ti\x18text", "text");
    }

    #[test]
    fn a_long_one_goes_whole_too() {
        becomes(&format!("a\x1b]52;c;{}\x07b", "QUJD".repeat(10_000)), "ab");
    }

    /// A whole sequence of any kind, in seven or eight bits.
    fn sequence() -> impl Strategy<Value = String> {
        let csi = ("(\u{1b}\\[|\u{9b})", "[0-9;?]{0,12}", "[ !]{0,2}", "[@-~]");
        let string =
            ("(\u{1b}[PX\\]^_]|[\u{90}\u{98}\u{9d}\u{9e}\u{9f}])", "[ -~éÜ本]{0,30}", "(\u{1b}\\\\|\u{9c})");
        prop_oneof![
            csi.prop_map(|(begin, numbers, between, end)| [begin, numbers, between, end].concat()),
            string.prop_map(|(begin, text, end)| [begin, text, end].concat()),
            "\u{1b}[ -/]{1,2}[0-~]",
        ]
    }

    /// Text as people write it.
    fn honest() -> impl Strategy<Value = String> {
        "[ -~äßé日本עברית👍]{0,20}"
    }

    proptest! {
        #[test]
        fn honest_text_around_sequences_is_all_there_and_nothing_else(
            parts in prop::collection::vec((honest(), sequence()), 0..6),
            last in honest(),
        ) {
            let raw: String = parts.iter().map(|(text, sequence)| [text.as_str(), sequence].concat()).collect();
            let text: String = parts.iter().map(|(text, _)| text.as_str()).chain([last.as_str()]).collect();
            let shown = without(&format!("{raw}{last}")).into_owned();
            prop_assert_eq!(shown, text);
        }

        #[test]
        fn without_sequences_nothing_is_touched(raw in "[^\u{1b}\u{80}-\u{9f}]{0,80}") {
            prop_assert!(matches!(without(&raw), Cow::Borrowed(same) if same == raw));
        }

        #[test]
        fn no_escape_is_left_and_no_letter_is_new(raw in "(.|\u{1b}|\u{9b}|\u{9d}|\n|\\[|\\]){0,60}") {
            let shown = without(&raw).into_owned();
            prop_assert!(!shown.contains(begins_or_ends_one), "{shown:?}");
            let mut from = raw.chars();
            let taken = |c: char| c.is_whitespace() || from.any(|other| other == c);
            prop_assert!(shown.chars().all(taken), "{shown:?} out of {raw:?}");
        }
    }
}
