//! One file for each pane. All of them carry the age of their content as soon as it is out of date.

pub(super) mod chat;
pub(super) mod flow;
pub(in crate::ui) mod map;
mod responder;
mod route;

use super::layout::Shape;
use super::{Look, age, frame, lines, moments};
use crate::app::map::Follow;
use crate::app::screen::Screen;
use crate::app::state::{Pane, State};
use crate::geo::view::Spot;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Draws one pane; returns where the cursor stands if the pane has it.
pub(super) fn draw(
    pane: Pane,
    state: &State,
    look: &Look,
    shape: Shape,
    area: Rect,
    buf: &mut Buffer,
) -> Option<Position> {
    let title = match pane {
        Pane::Flow => "Status",
        Pane::Responder => "Responder",
        Pane::Route => "Route",
        Pane::Chat => "Chat",
    };
    let title = if shape == Shape::Single { numbered(title, pane) } else { title.to_owned() };
    let aside = aside(pane, state, look, usize::from(area.width.saturating_sub(6)) - title.len().min(20));
    let in_list = state.watching.as_ref().is_some_and(|watching| watching.focused);
    let has_keys = state.focus == pane && state.screen == Screen::Customer && !in_list;
    let inner = frame::pane(&title, &aside, has_keys, look, area, buf);
    if inner.is_empty() {
        return None;
    }
    match pane {
        Pane::Flow => flow::draw(state, look, inner, buf),
        Pane::Responder => responder::draw(state, look, inner, buf),
        Pane::Route => route::draw(state, look, inner, buf),
        Pane::Chat => return chat::draw(state, look, inner, buf),
    }
    None
}

/// The cell of the route pane's map that lies at a place of the screen.
pub(super) fn spot(state: &State, pane: Rect, at: Position) -> Option<Spot> {
    map::spot(route::map_area(state, frame::inside(pane))?, at)
}

/// Where only one pane is shown, its title tells that there are others.
fn numbered(title: &str, pane: Pane) -> String {
    let place = Pane::ALL.iter().position(|one| *one == pane).map_or(1, |at| at + 1);
    format!("{title} {place}/{}", Pane::ALL.len())
}

/// The right of the border: the age where it matters, and what names the callout.
fn aside(pane: Pane, state: &State, look: &Look, room: usize) -> Line<'static> {
    let mut parts = lines::Parts::default();
    if pane == Pane::Flow
        && let Some(followed) = state.followed()
    {
        parts.add(2, Span::styled(format!("callout {}", followed.callout.id), look.theme.muted));
    }
    let followed = match state.map.follow {
        Follow::Both => None,
        Follow::Responder => Some("on the responder"),
        Follow::Customer if state.is_watching() => Some("on the customer"),
        Follow::Customer => Some("on you"),
        Follow::Free => Some("moved by hand"),
    };
    if let Some(followed) = followed.filter(|_| pane == Pane::Route) {
        parts.add(1, Span::styled(followed, look.theme.muted));
    }
    if let Some(age) = age::out_of_date(state) {
        parts.add(0, Span::styled(format!("! {}", moments::old(state, look, age)), look.theme.warn));
    }
    let mut line = parts.fit(room, " · ", look.theme.muted);
    if line.width() > 0 {
        line.spans.insert(0, Span::raw(" "));
        line.push_span(Span::raw(" "));
    }
    line
}

/// Writes lines from the top, each cut to the width, as far as there is room.
struct Page<'b> {
    buf: &'b mut Buffer,
    area: Rect,
    row: u16,
}

impl<'b> Page<'b> {
    fn new(area: Rect, buf: &'b mut Buffer) -> Self {
        Self { buf, area, row: 0 }
    }

    fn left(&self) -> u16 {
        self.area.height.saturating_sub(self.row)
    }

    fn line(&mut self, line: &Line<'_>) {
        if self.left() > 0 {
            lines::put(self.buf, self.area.x, self.area.y + self.row, self.area.width, line);
        }
        self.row = self.row.saturating_add(1);
    }

    /// A line with something at its right end.
    fn line_and(&mut self, line: &Line<'_>, right: &Line<'_>) {
        if self.left() > 0 {
            let y = self.area.y + self.row;
            let taken = lines::put_right(self.buf, self.area.right(), y, self.area.width, right);
            let room = self.area.width.saturating_sub(taken + u16::from(taken > 0));
            lines::put(self.buf, self.area.x, y, room, line);
        }
        self.row = self.row.saturating_add(1);
    }

    fn gap(&mut self) {
        self.row = self.row.saturating_add(1);
    }

    /// Text over as many rows as it needs.
    fn text(&mut self, text: &str, style: Style) {
        for row in lines::wrap(text, usize::from(self.area.width), 0) {
            self.line(&Line::from(Span::styled(row, style)));
        }
    }
}

/// A sentence with the key in it: `Press p to raise …`. Its words when the intent has no key.
fn with_key(before: &str, key: &str, after: &str, look: &Look) -> Line<'static> {
    Line::from(vec![
        Span::raw(before.to_owned()),
        Span::styled(key.to_owned(), look.theme.key),
        Span::raw(after.to_owned()),
    ])
}
