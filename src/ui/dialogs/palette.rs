//! All that can be done, here and on the other screens, to be found by typing.

use super::{Look, frame, lines};
use crate::app::draft::Draft;
use crate::app::state::State;
use crate::keymap::{self, KeyPress};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

const WIDTH: u16 = 52;
const ROWS: u16 = 14;

pub(super) fn draw(
    state: &State,
    (draft, chosen): (&Draft, usize),
    look: &Look,
    area: Rect,
    buf: &mut Buffer,
) -> Position {
    let rows = keymap::palette(state, &look.keys, draft.value());
    // The box keeps its size while somebody types.
    let inner = frame::dialog("Commands", look.theme.focus, (WIDTH, ROWS + 3), area, buf);
    let prompt = vec![Span::styled("❯ ", look.theme.key), Span::styled(draft.value(), look.theme.strong)];
    lines::put(buf, inner.x, inner.y, inner.width, &Line::from(prompt));
    let list = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    let chosen = chosen.min(rows.len().saturating_sub(1));
    let first = (chosen + 1).saturating_sub(usize::from(list.height));
    for (y, (index, row)) in (list.y..list.bottom()).zip(rows.iter().enumerate().skip(first)) {
        let keys = row.keys.iter().map(KeyPress::to_string).collect::<Vec<_>>().join(" ");
        let mark = if index == chosen { "▶ " } else { "  " };
        let mut help = Line::from(Span::raw(format!("{mark}{}", row.help)));
        if let Some(screen) = row.there {
            help.push_span(Span::styled(format!("  → {}", screen.title()), look.theme.muted));
        }
        lines::put(buf, list.x, y, list.width, &help);
        lines::put_right(buf, list.right(), y, list.width, &Line::from(Span::styled(keys, look.theme.key)));
        if index == chosen {
            buf.set_style(Rect { y, height: 1, ..list }, look.theme.strong.add_modifier(Modifier::REVERSED));
        }
    }
    if rows.is_empty() {
        let none = Line::from(Span::styled("  nothing has these words", look.theme.muted));
        lines::put(buf, list.x, list.y, list.width, &none);
    }
    let column = u16::try_from(draft.cursor_columns() + 2).unwrap_or(u16::MAX);
    Position { x: inner.x + column.min(inner.width.saturating_sub(1)), y: inner.y }
}
