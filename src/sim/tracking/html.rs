//! Text of the world in a page: whatever a name holds, it stays a name.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Longest text shown of any field. A company's name is shorter.
const LONGEST: usize = 120;

/// Text without markup, held to its own direction: a name cannot turn the words beside it around.
pub fn text(raw: &str) -> String {
    format!("<bdi>{}</bdi>", escape(raw))
}

pub fn escape(raw: &str) -> String {
    let mut escaped = String::with_capacity(raw.len());
    for c in raw.chars().filter(|c| !c.is_control() && !turns(*c)).take(LONGEST) {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Marks that turn the direction of what follows. A name in letters that run to the left needs none.
fn turns(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A time of day. We do not know where the reader is, so it is UTC and says so; the page's script
/// writes it as the reader's own clock shows it.
pub fn clock(at: Timestamp) -> String {
    let shown = at.to_zoned(TimeZone::UTC).strftime("%H:%M").to_string();
    format!("<time datetime=\"{}\">{shown} UTC</time>", machine(at))
}

/// The same to the second: for what changes from one to the next.
pub fn clock_seconds(at: Timestamp) -> String {
    let shown = at.to_zoned(TimeZone::UTC).strftime("%H:%M:%S").to_string();
    format!("<time datetime=\"{}\" data-seconds>{shown} UTC</time>", machine(at))
}

fn machine(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// What a telephone takes: `None` when there is nothing to dial.
pub fn dialled(number: &str) -> Option<String> {
    let plus = if number.trim_start().starts_with('+') { "+" } else { "" };
    let digits: String = number.chars().filter(char::is_ascii_digit).take(15).collect();
    (!digits.is_empty()).then(|| format!("{plus}{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped_and_what_is_no_letter_goes() {
        assert_eq!(escape("<a href=\"x\">'&\0\u{1b}"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
        assert_eq!(text("\u{202e}evil שרה 👨‍👩‍👧"), "<bdi>evil שרה 👨‍👩‍👧</bdi>");
    }

    #[test]
    fn only_what_can_be_dialled_is_a_number() {
        assert_eq!(dialled("+27 (82) 123-4567").as_deref(), Some("+27821234567"));
        assert_eq!(dialled("082 123 4567").as_deref(), Some("0821234567"));
        assert_eq!(dialled("\"><script>"), None);
    }

    #[test]
    fn times_are_told_for_people_and_for_machines() {
        let at = "2026-06-10T12:03:09.5Z".parse().unwrap();
        assert_eq!(clock(at), "<time datetime=\"2026-06-10T12:03:09Z\">12:03 UTC</time>");
    }
}
