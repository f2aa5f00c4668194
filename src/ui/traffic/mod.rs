//! The traffic screen: the exchanges in order, and one of them opened beside or below.
//!
//! Both are windows: what is drawn is what is on the screen, however long the session or the body.

mod body;
mod list;

use super::Look;
use super::lines::{self, prefix};
use crate::app::draft::Draft;
use crate::app::state::State;
use crate::app::traffic::space::space;
use crate::app::traffic::{Spot, Typing, View};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Draws the screen; returns where the cursor of an input line stands.
pub(super) fn draw(state: &State, look: &Look, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let (left, right) = halves(state, area);
    let in_list = if left.is_empty() { None } else { list::draw(state, look, left, buf) };
    let in_body = if right.is_empty() { None } else { body::draw(state, look, right, buf) };
    in_list.or(in_body)
}

/// The input line in the place of the footer, while the name of a file is typed.
pub(super) fn footer_line(state: &State, look: &Look, area: Rect, buf: &mut Buffer) -> Option<Position> {
    if state.traffic.typing != Some(Typing::File) {
        return None;
    }
    let label = "HAR file: ";
    let hint = "empty: into the state folder";
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    Some(input(label, &state.traffic.file, hint, look, area, buf))
}

/// List and body.
fn halves(state: &State, area: Rect) -> (Rect, Rect) {
    let space = space(state);
    if space.across {
        let list = space.list.min(area.width);
        let rest = Rect { x: area.x + list, width: area.width - list, ..area };
        return (Rect { width: list, ..area }, rest);
    }
    let list = space.list.min(area.height);
    let rest = Rect { y: area.y + list, height: area.height - list, ..area };
    (Rect { height: list, ..area }, rest)
}

/// What of this screen is under the mouse.
pub(super) fn hit(state: &State, area: Rect, at: Position) -> Option<Spot> {
    let (left, right) = halves(state, area);
    if left.contains(at) {
        return Some(list::hit(state, left, at).unwrap_or(Spot::List));
    }
    right.contains(at).then(|| body::hit(state, right, at).unwrap_or(Spot::Body))
}

/// Label and input line; returns where the cursor stands.
fn input(label: &str, draft: &Draft, hint: &str, look: &Look, area: Rect, buf: &mut Buffer) -> Position {
    lines::put(buf, area.x, area.y, area.width, &Line::from(Span::styled(label, look.theme.key)));
    let taken = u16::try_from(label.width()).unwrap_or(0).min(area.width);
    let (x, room) = (area.x + taken, area.width - taken);
    if draft.value().is_empty() {
        lines::put(
            buf,
            x + 1,
            area.y,
            room.saturating_sub(1),
            &Line::from(Span::styled(hint, look.theme.muted)),
        );
    }
    let scroll = draft.scroll(usize::from(room.saturating_sub(1)));
    let skipped = prefix(draft.value(), scroll).len();
    lines::put(buf, x, area.y, room, &Line::from(Span::styled(&draft.value()[skipped..], look.theme.text)));
    let cursor = u16::try_from(draft.cursor_columns().saturating_sub(scroll)).unwrap_or(0);
    Position { x: (x + cursor).min(area.right().saturating_sub(1)), y: area.y }
}

/// Writes a row whose chosen state is a bar from edge to edge.
fn put_row(buf: &mut Buffer, area: Rect, line: &Line<'_>, chosen: Option<Style>) {
    lines::put(buf, area.x, area.y, area.width, line);
    if let Some(style) = chosen {
        buf.set_style(Rect { height: 1, ..area }, style);
    }
}

/// The tabs of the body, each with its place in the line that they stand in.
fn tabs(line: Rect) -> Vec<(View, Rect)> {
    let mut x = line.x;
    let place = |view: View| {
        let width = u16::try_from(view.title().len()).unwrap_or(0);
        let place = Rect { x, width, height: 1, ..line }.intersection(line);
        x += width + 2;
        (view, place)
    };
    View::ALL.into_iter().map(place).collect()
}
