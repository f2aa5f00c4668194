//! The command palette: an intent is found by the words of its help instead of by its key. Which ones
//! match is the key table's knowledge; here is only what was typed, and which row is chosen.

use super::draft::Draft;
use super::intent::Intent;
use super::state::{Dialog, State};
use super::{Effects, intents};

/// No intent's help is longer.
const LONGEST: usize = 40;

pub(super) fn open(state: &mut State) -> Effects {
    state.dialog = Some(Dialog::Palette { draft: Draft::with_limit(LONGEST), chosen: 0 });
    Vec::new()
}

/// Rows down. The last row is as far as it goes, and only the drawing knows which that is.
pub(super) fn choose(state: &mut State, rows: i16) {
    if let Some(Dialog::Palette { chosen, .. }) = &mut state.dialog {
        *chosen = chosen.saturating_add_signed(isize::from(rows)).min(usize::from(u8::MAX));
    }
}

/// As if its key had been pressed where the palette was opened. A row that is not there does nothing.
pub(super) fn run(state: &mut State, intent: Option<Intent>) -> Effects {
    match state.dialog {
        Some(Dialog::Palette { .. }) => {
            state.dialog = None;
            intent.map_or_else(Vec::new, |intent| intents::apply(state, intent))
        }
        _ => Vec::new(),
    }
}
