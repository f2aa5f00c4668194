//! What the terminal reports, as a [`KeyPress`]. Apart, so that the table names no terminal.

use super::key::{Key, KeyPress};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

impl From<KeyEvent> for KeyPress {
    fn from(event: KeyEvent) -> Self {
        let held = |modifier| event.modifiers.contains(modifier);
        let strange = KeyModifiers::SUPER | KeyModifiers::HYPER | KeyModifiers::META;
        let key = if event.modifiers.intersects(strange) { Key::Unknown } else { key(event.code) };
        let shift = held(KeyModifiers::SHIFT) || event.code == KeyCode::BackTab;
        Self::new(key, held(KeyModifiers::CONTROL), held(KeyModifiers::ALT), shift)
    }
}

fn key(code: KeyCode) -> Key {
    match code {
        KeyCode::Char(character) => Key::Char(character),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab | KeyCode::BackTab => Key::Tab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Insert => Key::Insert,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::F(number) => Key::Function(number),
        _ => Key::Unknown,
    }
}
