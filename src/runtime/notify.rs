//! The terminal's bell, and the notification of OSC 9.

use crate::text::{DisplayText, cut};
use secrecy::SecretString;

/// Columns that a notification has room for.
const LONGEST: usize = 120;

/// The bytes that ring and notify. The text is cleaned already; it begins with a word, since a number
/// there would be an order to some terminals. Inside tmux it is meant for the terminal around it.
pub(super) fn sequence(bell: bool, text: Option<&DisplayText>, tmux: bool) -> SecretString {
    let mut bytes = String::new();
    if let Some(text) = text {
        let told = format!("\x1b]9;panic-console: {}\x07", cut(text.as_str(), LONGEST));
        bytes = if tmux { format!("\x1bPtmux;\x1b{told}\x1b\\") } else { told };
    }
    if bell {
        bytes.push('\x07');
    }
    SecretString::from(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    fn told(bell: bool, text: Option<&str>, tmux: bool) -> String {
        let text = text.map(DisplayText::new);
        sequence(bell, text.as_ref(), tmux).expose_secret().to_owned()
    }

    #[test]
    fn each_part_can_be_left_out() {
        assert_eq!(told(true, None, false), "\x07");
        assert_eq!(
            told(false, Some("callout 7: closed"), false),
            "\x1b]9;panic-console: callout 7: closed\x07"
        );
        assert_eq!(told(true, None, true), "\x07", "tmux has a bell of its own");
        assert_eq!(told(false, None, false), "");
    }

    #[test]
    fn inside_tmux_it_goes_through() {
        let text = told(false, Some("callout 7: closed"), true);
        assert_eq!(text, "\x1bPtmux;\x1b\x1b]9;panic-console: callout 7: closed\x07\x1b\\");
    }

    #[test]
    fn no_text_ends_the_sequence_or_is_long() {
        let text = told(false, Some(&format!("a\x07b\x1b\\c\u{9c}{}", "x".repeat(500))), false);
        let inner = text.strip_prefix("\x1b]9;").and_then(|rest| rest.strip_suffix('\x07')).unwrap();
        assert!(!inner.contains(char::is_control), "{inner:?}");
        assert!(inner.chars().count() < 160);
    }
}
