//! A key as the config writes it: `p`, `C`, `ctrl-c`, `shift-tab`, `page-up`.

use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    Char(char),
    Enter,
    Esc,
    Tab,
    Backspace,
    Delete,
    Insert,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    Function(u8),
    /// One that no binding can name: it does nothing.
    Unknown,
}

const NAMES: [(&str, Key); 15] = [
    ("enter", Key::Enter),
    ("esc", Key::Esc),
    ("tab", Key::Tab),
    ("backspace", Key::Backspace),
    ("delete", Key::Delete),
    ("insert", Key::Insert),
    ("up", Key::Up),
    ("down", Key::Down),
    ("left", Key::Left),
    ("right", Key::Right),
    ("home", Key::Home),
    ("end", Key::End),
    ("page-up", Key::PageUp),
    ("page-down", Key::PageDown),
    ("space", Key::Char(' ')),
];

/// A key with its modifiers, in one form: the shift of a character is the character itself, so that
/// `shift-r` and `R` are one key whichever of them the terminal reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPress {
    key: Key,
    ctrl: bool,
    alt: bool,
    shift: bool,
}

impl KeyPress {
    pub fn new(key: Key, ctrl: bool, alt: bool, shift: bool) -> Self {
        match key {
            Key::Char(character) => {
                Self { key: Key::Char(shifted(character, shift)), ctrl, alt, shift: false }
            }
            _ => Self { key, ctrl, alt, shift },
        }
    }

    /// Reads the config's notation. The error says what is wrong with it.
    pub fn parse(notation: &str) -> Result<Self, String> {
        let (mut ctrl, mut alt, mut shift) = (false, false, false);
        let mut rest = notation;
        loop {
            let (modifier, key) = match rest.split_once('-') {
                Some((word, key)) if !key.is_empty() => (word, key),
                _ => break,
            };
            match modifier {
                "ctrl" => ctrl = true,
                "alt" => alt = true,
                "shift" => shift = true,
                _ => break,
            }
            rest = key;
        }
        named(rest)
            .map(|key| Self::new(key, ctrl, alt, shift))
            .ok_or_else(|| format!("\"{notation}\" is not a key: {ALLOWED}"))
    }

    /// The character that this key types into an input line; `None` for a command.
    pub fn text(self) -> Option<char> {
        match self.key {
            Key::Char(character) if !self.ctrl && !self.alt => Some(character),
            _ => None,
        }
    }
}

const ALLOWED: &str = "one character, f1 to f12, or enter, esc, tab, space, backspace, delete, insert, up, down, \
    left, right, home, end, page-up, page-down, with ctrl-, alt- or shift- before it";

fn named(name: &str) -> Option<Key> {
    let mut characters = name.chars();
    if let (Some(character), None) = (characters.next(), characters.next()) {
        return (!character.is_control() && character != ' ').then_some(Key::Char(character));
    }
    if let Some((_, key)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some(*key);
    }
    let number = name.strip_prefix('f')?.parse().ok()?;
    (1..=12).contains(&number).then_some(Key::Function(number))
}

/// The upper case of a letter, where it is one character.
fn shifted(character: char, shift: bool) -> char {
    let mut upper = character.to_uppercase();
    match (shift, upper.next(), upper.next()) {
        (true, Some(upper), None) => upper,
        _ => character,
    }
}

impl fmt::Display for KeyPress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            if held {
                f.write_str(name)?;
            }
        }
        match self.key {
            Key::Function(number) => write!(f, "f{number}"),
            Key::Unknown => f.write_str("unknown"),
            key => match (NAMES.iter().find(|(_, named)| *named == key), key) {
                (Some((name, _)), _) => f.write_str(name),
                (None, Key::Char(character)) => write!(f, "{character}"),
                (None, _) => Ok(()),
            },
        }
    }
}
