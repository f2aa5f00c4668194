//! The box around a pane or a dialog. The focused one is known by its thick border, also without
//! colours.

use super::Look;
use super::lines;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear, Widget};

/// Below this width a column of air on each side costs more than it gives.
const ROOM_FOR_AIR: u16 = 36;

/// Draws the box of a pane and returns what is inside.
pub(super) fn pane(
    title: &str,
    aside: &Line<'_>,
    focused: bool,
    look: &Look,
    area: Rect,
    buf: &mut Buffer,
) -> Rect {
    let (border, kind, title_style) = if focused {
        (look.theme.focus, BorderType::Thick, look.theme.focus)
    } else {
        (look.theme.border, BorderType::Rounded, look.theme.strong)
    };
    let block = Block::bordered().border_type(kind).border_style(border);
    let inner = block.inner(area);
    block.render(area, buf);
    let title = Line::from(Span::styled(format!(" {title} "), title_style));
    let taken = u16::try_from(title.width()).unwrap_or(u16::MAX);
    lines::put(buf, area.x + 1, area.y, inner.width, &title);
    let room = inner.width.saturating_sub(taken + 1);
    if aside.width() > 0 && usize::from(room) >= aside.width().min(12) {
        lines::put_right(buf, area.right().saturating_sub(1), area.y, room, aside);
    }
    padded(inner, area.width)
}

/// What is inside the box of a pane.
pub(super) fn inside(area: Rect) -> Rect {
    padded(Block::bordered().inner(area), area.width)
}

/// Draws the box of a dialog in the middle of `area`, over whatever is there.
pub(super) fn dialog(title: &str, style: Style, size: (u16, u16), area: Rect, buf: &mut Buffer) -> Rect {
    let (width, height) = (size.0.min(area.width), size.1.min(area.height));
    let place =
        Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    Clear.render(place, buf);
    let block = Block::bordered().border_type(BorderType::Double).border_style(style);
    let inner = block.inner(place);
    block.render(place, buf);
    let title = Line::from(Span::styled(format!(" {title} "), style));
    lines::put(buf, place.x + 1, place.y, inner.width, &title);
    padded(inner, width)
}

fn padded(inner: Rect, outer_width: u16) -> Rect {
    let air = u16::from(outer_width >= ROOM_FOR_AIR);
    Rect { x: inner.x + air, width: inner.width.saturating_sub(2 * air), ..inner }
}
