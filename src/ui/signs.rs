//! Signs for terminals that are not UTF-8. Panes draw with the full set; one pass at the end puts a
//! plain character in the place of each that such a terminal would garble, so no pane can forget one.

use ratatui::buffer::Buffer;

/// What the terminal can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signs {
    #[default]
    Utf8,
    Ascii,
}

impl Signs {
    pub fn for_utf8(is_utf8: bool) -> Self {
        if is_utf8 { Self::Utf8 } else { Self::Ascii }
    }
}

pub(super) const DONE: &str = "✓";
pub(super) const CURRENT: &str = "▶";
pub(super) const NEXT: &str = "○";
pub(super) const SKIPPED: &str = "–";
pub(super) const CANCELLED: &str = "✗";
pub(super) const WARNING: &str = "!";
pub(super) const LIVE: &str = "●";
pub(super) const QUIET: &str = "○";
pub(super) const WAITING: &str = "…";
pub(super) const RESPONDER: &str = "●";
pub(super) const RESPONDER_ESTIMATED: &str = "○";
pub(super) const OWN: &str = "◆";
pub(super) const OWN_LAST_KNOWN: &str = "◇";
pub(super) const SUPPLIER: &str = "■";
pub(super) const VEHICLE: &str = "▲";
pub(super) const VEHICLE_OFF: &str = "△";
pub(super) const CROSSHAIR: &str = "┼";
pub(super) const UNKNOWN: &str = "—";

/// The plain stand-in of a character; text in other scripts becomes `?`.
fn ascii_of(c: char) -> char {
    match c {
        ' '..='~' => c,
        '✓' | '┌' | '┐' | '└' | '┘' | '├' | '┤' | '╭' | '╮' | '╰' | '╯' | '┏' | '┓' | '┗' | '┛' | '╔'
        | '╗' | '╚' | '╝' | '┼' => '+',
        '◆' => '@',
        '◇' => '&',
        '▲' => 'A',
        '△' => 'a',
        '▶' | '→' | '❯' => '>',
        '←' => '<',
        '○' => 'o',
        '●' | '•' => '*',
        '–' | '—' | '─' => '-',
        '━' | '═' => '=',
        '│' | '║' | '·' => '|',
        '┃' | '█' | '■' => '#',
        '✗' | '×' => 'x',
        '…' | '±' | '≈' => '~',
        '↑' => '^',
        '↓' => 'v',
        '’' | '‘' => '\'',
        '“' | '”' => '"',
        '\u{2800}'..='\u{28ff}' => '.',
        _ => '?',
    }
}

pub(super) fn to_ascii(buf: &mut Buffer) {
    for cell in &mut buf.content {
        if !cell.symbol().is_ascii() {
            let plain = cell.symbol().chars().next().map_or(' ', ascii_of);
            cell.set_char(plain);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_of_ours_has_its_stand_in() {
        let signs = [
            DONE,
            CURRENT,
            NEXT,
            SKIPPED,
            CANCELLED,
            WARNING,
            LIVE,
            QUIET,
            WAITING,
            RESPONDER,
            RESPONDER_ESTIMATED,
            OWN,
            OWN_LAST_KNOWN,
            SUPPLIER,
            VEHICLE,
            VEHICLE_OFF,
            CROSSHAIR,
            UNKNOWN,
        ];
        for sign in signs {
            assert!(sign.chars().all(|c| ascii_of(c) != '?'), "{sign}");
        }
        assert_ne!(ascii_of('●'), ascii_of('○'), "heard and estimated stay apart");
    }
}
