//! Every key that does something, by where it does it: first those of where the person is. Made from the
//! bindings that hold.

use super::{Look, frame, lines};
use crate::app::state::State;
use crate::keymap::{KeyPress, Scope, scopes_of_place};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

const WIDTH: u16 = 64;
const KEYS: usize = 18;

pub(super) fn draw(state: &State, look: &Look, scroll: u16, area: Rect, buf: &mut Buffer) {
    let page = page(state, look, KEYS.min(usize::from(area.width) / 3));
    let height = u16::try_from(page.len()).unwrap_or(u16::MAX).saturating_add(2);
    let inner = frame::dialog("Help", look.theme.focus, (WIDTH, height), area, buf);
    let rows = usize::from(inner.height);
    let last = page.len().saturating_sub(rows);
    let first = usize::from(scroll).min(last);
    for (y, line) in (inner.y..inner.bottom()).zip(page.iter().skip(first)) {
        lines::put(buf, inner.x, y, inner.width, line);
    }
    let hidden = last - first;
    if hidden > 0 {
        let more = Line::from(Span::styled(format!(" ↓ {hidden} more "), look.theme.muted));
        lines::put_right(buf, inner.right(), inner.bottom(), inner.width, &more);
    }
}

fn page(state: &State, look: &Look, width: usize) -> Vec<Line<'static>> {
    let here = scopes_of_place(state);
    let elsewhere = Scope::ALL.into_iter().filter(|scope| !here.contains(scope));
    let mut page = Vec::new();
    for scope in here.iter().copied().chain(elsewhere) {
        if !page.is_empty() {
            page.push(Line::default());
        }
        page.push(Line::from(Span::styled(scope.title(), look.theme.strong)));
        for row in look.keys.rows(scope) {
            let keys = row.keys.iter().map(KeyPress::to_string).collect::<Vec<_>>().join(" ");
            page.push(Line::from(vec![
                Span::styled(format!("  {keys:<width$}"), look.theme.key),
                Span::raw(row.help),
            ]));
        }
    }
    page
}
