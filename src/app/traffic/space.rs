//! How much of the screen the list and the body have. The reducer keeps what is chosen in sight by it,
//! drawing and mouse place it by it.

use super::Focus;
use crate::app::state::State;

/// List and body stand side by side from this width on.
const WIDE: u16 = 110;

/// With fewer rows there is room for one of them: the one that has the keys.
const BOTH: u16 = 14;

/// Border above and below, the line of titles.
const AROUND_LIST: u16 = 3;
/// Border above and below, the line of tabs and a blank one.
const AROUND_BODY: u16 = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Side by side, else one above the other.
    pub across: bool,
    /// Columns or rows of the list, border included; the body has the rest.
    pub list: u16,
    /// Rows of exchanges.
    pub list_rows: u16,
    /// Rows of the body.
    pub body_rows: u16,
}

pub fn space(state: &State) -> Space {
    let traffic = &state.traffic;
    let header = if state.rows < State::LOW { 1 } else { 2 };
    let height = state.rows.saturating_sub(header + 1);
    let across = state.columns >= WIDE;
    let list = match (across, traffic.focus) {
        (false, Focus::List) if height < BOTH => height,
        (false, Focus::Body) if height < BOTH => 0,
        (true, _) => (state.columns * 3 / 5).clamp(66, 96),
        // The one that is read has the larger part.
        (false, Focus::List) => height * 9 / 20,
        (false, Focus::Body) => height * 3 / 10,
    };
    let (list_height, body_height) = if across { (height, height) } else { (list, height - list) };
    Space {
        across,
        list,
        list_rows: list_height.saturating_sub(AROUND_LIST + u16::from(traffic.shows_filter())),
        body_rows: body_height.saturating_sub(AROUND_BODY + u16::from(traffic.shows_search())),
    }
}
