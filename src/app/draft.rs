//! An input line that can be compared and written down.

use serde::{Deserialize, Serialize};
use std::fmt;
use tui_input::{Input, InputRequest};

/// `tui_input::Input` has no equality and no serde form that suits us; its value and cursor are all
/// that matters of it.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(from = "Saved", into = "Saved")]
pub struct Draft {
    input: Input,
    /// Longest text in characters; more is not taken.
    limit: usize,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    value: String,
    cursor: usize,
    limit: usize,
}

impl From<Saved> for Draft {
    fn from(saved: Saved) -> Self {
        Self { input: Input::new(saved.value).with_cursor(saved.cursor), limit: saved.limit }
    }
}

impl From<Draft> for Saved {
    fn from(draft: Draft) -> Self {
        Self { value: draft.input.value().to_owned(), cursor: draft.input.cursor(), limit: draft.limit }
    }
}

impl PartialEq for Draft {
    fn eq(&self, other: &Self) -> bool {
        self.input.value() == other.input.value()
            && self.input.cursor() == other.input.cursor()
            && self.limit == other.limit
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Draft({} chars, cursor {})", self.value().chars().count(), self.input.cursor())
    }
}

impl Draft {
    pub fn with_limit(limit: usize) -> Self {
        Self { input: Input::default(), limit }
    }

    pub fn value(&self) -> &str {
        self.input.value()
    }

    pub fn is_blank(&self) -> bool {
        self.value().trim().is_empty()
    }

    /// Columns left of the cursor.
    pub fn cursor_columns(&self) -> usize {
        self.input.visual_cursor()
    }

    /// First column to draw so that the cursor is inside `width` columns.
    pub fn scroll(&self, width: usize) -> usize {
        self.input.visual_scroll(width)
    }

    pub fn edit(&mut self, request: InputRequest) {
        self.input.handle(request);
    }

    /// Inserts a character at the cursor, unless the line is full or it could not be shown.
    pub fn insert(&mut self, character: char) {
        if self.value().chars().count() < self.limit && !character.is_control() {
            self.input.handle(InputRequest::InsertChar(character));
        }
    }

    /// Takes the text and leaves an empty line.
    pub fn take(&mut self) -> String {
        let text = self.value().to_owned();
        self.input.reset();
        text
    }
}
