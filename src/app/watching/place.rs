//! How much of the screen the list has. The reducer keeps the chosen row in sight by it, drawing and mouse
//! place it by it.

use super::Watching;
use crate::app::state::State;

/// From this width on the list stands beside the panes.
const BESIDE: u16 = 160;
/// Columns that it has there, at least and at most.
const COLUMNS: (u16, u16) = (72, 100);
/// Border above and below, and the line of titles.
const AROUND: u16 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Above the panes, so many rows.
    Above(u16),
    /// Left of the panes, so many columns.
    Beside(u16),
    /// All there is: the panes have no room.
    Alone,
    /// A pane has all there is.
    Hidden,
}

pub fn place(state: &State, watching: &Watching) -> Place {
    let height = height(state);
    match (state.columns, state.rows) {
        (columns, rows) if columns < State::ALL_PANES || rows < State::LOW => {
            if watching.focused {
                Place::Alone
            } else {
                Place::Hidden
            }
        }
        (columns @ BESIDE.., _) => Place::Beside((columns / 25 * 11).clamp(COLUMNS.0, COLUMNS.1)),
        // A third, no more than there may be use for, and no less than four callouts.
        _ => {
            let wanted = u16::try_from(watching.entries.len()).unwrap_or(u16::MAX).saturating_add(AROUND);
            Place::Above((height / 3).clamp(7, wanted.max(7)))
        }
    }
}

/// Rows of callouts that are in sight.
pub(super) fn rows(state: &State, watching: &Watching) -> usize {
    let height = match place(state, watching) {
        Place::Above(rows) => rows,
        Place::Beside(_) | Place::Alone | Place::Hidden => height(state),
    };
    usize::from(height.saturating_sub(AROUND + u16::from(watching.shows_filter()))).max(1)
}

fn height(state: &State) -> u16 {
    let header = if state.rows < State::LOW { 1 } else { 2 };
    state.rows.saturating_sub(header + 1)
}
