//! The names of the screens with their keys, at the right of the header. Drawing and the mouse ask the
//! same function where they stand.

use super::Look;
use super::lines;
use crate::app::screen::Screen;
use crate::app::state::State;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// From this width on each screen is named, below only the one that is shown.
const ROOM_FOR_NAMES: u16 = 110;
/// With less, what the header must say has all of it.
const ROOM_FOR_TABS: u16 = 44;
const GAP: u16 = 2;

/// Each screen with its place in the first line of the header.
pub(super) fn places(header: Rect, state: &State) -> Vec<(Screen, Rect, String)> {
    let shown = state.screen;
    if Screen::ALL.len() < 2 || header.width < ROOM_FOR_TABS {
        return Vec::new();
    }
    let labels = Screen::ALL.iter().map(|screen| {
        let number = screen.number();
        let named = *screen == shown || header.width >= ROOM_FOR_NAMES;
        let watch = *screen == Screen::Customer && state.is_watching();
        let title = if watch { "Watch" } else { screen.title() };
        (*screen, if named { format!("{number} {title}") } else { number.to_string() })
    });
    let labels: Vec<(Screen, String)> = labels.collect();
    let columns = |label: &str| u16::try_from(label.chars().count()).unwrap_or(0) + GAP;
    let whole: u16 = labels.iter().map(|(_, label)| columns(label)).sum();
    let mut x = header.right().saturating_sub(whole + 1);
    let mut places = Vec::with_capacity(labels.len());
    for (screen, label) in labels {
        let width = columns(&label);
        places.push((screen, Rect { x, y: header.y, width, height: 1 }, label));
        x += width;
    }
    places
}

pub(super) fn draw(places: &[(Screen, Rect, String)], shown: Screen, look: &Look, buf: &mut Buffer) {
    for (screen, place, label) in places {
        let style = if *screen == shown { look.theme.focus } else { look.theme.muted };
        lines::put(buf, place.x + 1, place.y, place.width, &Line::from(Span::styled(label.clone(), style)));
    }
}
