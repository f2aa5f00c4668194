//! One exchange: what changed, the reply, the request.

use super::{input, list, put_row, tabs};
use crate::app::state::State;
use crate::app::traffic::log::Summary;
use crate::app::traffic::{Focus, INDENT, Opened, Spot, Typing};
use crate::traffic::document::{Document, Kind, Row, find_in};
use crate::traffic::size;
use crate::ui::{Look, frame, lines};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

pub(super) fn draw(state: &State, look: &Look, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let traffic = &state.traffic;
    let summary = traffic.chosen.and_then(|number| traffic.log.summary(number));
    let focused = traffic.focus == Focus::Body;
    let title = summary.map_or_else(|| "Exchange".to_owned(), |summary| title(state, summary, area.width));
    let inner = frame::pane(&title, &place(state, look), focused, look, area, buf);
    let (Some(summary), Some(opened)) = (summary, &traffic.opened) else { return None };
    if inner.height < 2 {
        return None;
    }
    head(state, look, summary, inner, buf);
    let rows = window(state, inner);
    let needle = traffic.search.value();
    for (position, y) in (opened.top..opened.len()).zip(rows.y..rows.bottom()) {
        let Some((index, row)) =
            opened.row(position).and_then(|index| Some((index, opened.document.row(index)?)))
        else {
            break;
        };
        let line = Rect { y, height: 1, ..rows };
        draw_row(opened, (index, row), needle, look, line, buf);
        if focused && position == opened.line {
            buf.set_style(line, list::bar(look, true));
        }
    }
    search_line(state, opened, look, inner, buf)
}

fn title(state: &State, summary: &Summary, width: u16) -> String {
    let resource = state.traffic.log.resource(summary.resource);
    let path = resource.path.as_str();
    let path = path.split('?').next().unwrap_or(path);
    crate::text::cut(&format!("{} {path}", resource.method.as_str()), usize::from(width.saturating_sub(16)))
}

/// `31–60 of 212` where not all of it is on the screen.
fn place(state: &State, look: &Look) -> Line<'static> {
    let Some(opened) = &state.traffic.opened else { return Line::default() };
    let rows = usize::from(crate::app::traffic::space::space(state).body_rows);
    if opened.len() <= rows {
        return Line::default();
    }
    let last = (opened.top + rows).min(opened.len());
    Line::from(Span::styled(format!(" {last}/{} ", opened.len()), look.theme.muted))
}

/// The tabs, and what came of the exchange.
fn head(state: &State, look: &Look, summary: &Summary, inner: Rect, buf: &mut Buffer) {
    let theme = &look.theme;
    let line = Rect { height: 1, ..inner };
    let places = tabs(line);
    for (view, place) in &places {
        let style = if *view == state.traffic.view {
            theme.focus.add_modifier(Modifier::UNDERLINED)
        } else {
            theme.muted
        };
        lines::put(buf, place.x, place.y, place.width, &Line::from(Span::styled(view.title(), style)));
    }
    let taken = places.last().map_or(0, |(_, place)| place.right().saturating_sub(line.x) + 2);
    let (status, style) = list::status(summary, look);
    let mut told = lines::Parts::default();
    told.add(0, Span::styled(status, style));
    told.add(2, Span::styled(list::took(summary), theme.muted));
    if summary.size > 0 {
        told.add(1, Span::styled(size(summary.size.into()), theme.muted));
    }
    let room = line.width.saturating_sub(taken);
    let told = told.fit(usize::from(room), " · ", theme.muted);
    lines::put_right(buf, line.right(), line.y, room, &told);
}

/// Where the rows of the body are: below the tabs and a blank line, above the search.
fn window(state: &State, inner: Rect) -> Rect {
    let below = u16::from(state.traffic.shows_search());
    Rect { y: inner.y + 2, height: inner.height.saturating_sub(2 + below), ..inner }
}

fn draw_row(
    opened: &Opened,
    (index, row): (u32, &Row),
    needle: &str,
    look: &Look,
    area: Rect,
    buf: &mut Buffer,
) {
    let mut line = row_line(&opened.document, row, look);
    if opened.is_folded(index) {
        let close = if line_ends_with(&opened.document, row, '[') { "]" } else { "}" };
        line.push_span(Span::styled(format!(" … {} {close}", row.children), look.theme.muted));
    }
    let depth = u16::try_from(INDENT).unwrap_or(0) * u16::from(row.depth);
    let indent = depth.min(area.width / 2);
    let hidden = opened.aside.saturating_sub(indent);
    let indent = indent.saturating_sub(opened.aside);
    let place = Rect { x: area.x + indent, width: area.width - indent, ..area };
    put_row(buf, place, &lines::without_start(line, usize::from(hidden)), None);
    mark(&opened.document, row, (needle, hidden), place, buf);
}

fn line_ends_with(document: &Document, row: &Row, sign: char) -> bool {
    document.text(row).ends_with(sign)
}

/// Turns the first place in the row that holds what is searched for.
fn mark(document: &Document, row: &Row, (needle, hidden): (&str, u16), area: Rect, buf: &mut Buffer) {
    let sign = u16::from(sign_of(row.kind).is_some()) * 2;
    let text = document.text(row);
    let Some(at) = find_in(text, needle) else { return };
    let columns = |text: &str| u16::try_from(unicode_width::UnicodeWidthStr::width(text)).unwrap_or(u16::MAX);
    let (Some(before), Some(found)) = (text.get(..at), text.get(at..at + needle.len())) else { return };
    let from = sign.saturating_add(columns(before));
    let to = from.saturating_add(columns(found)).saturating_sub(hidden);
    let from = from.saturating_sub(hidden);
    let x = area.x.saturating_add(from);
    let place = Rect { x, y: area.y, width: to - from, height: 1 }.intersection(area);
    buf.set_style(place, Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD));
}

fn sign_of(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Added => Some("+ "),
        Kind::Removed => Some("- "),
        Kind::Changed => Some("± "),
        Kind::Head | Kind::Json | Kind::Text | Kind::Note => None,
    }
}

fn row_line<'a>(document: &'a Document, row: &Row, look: &Look) -> Line<'a> {
    let theme = &look.theme;
    let text = document.text(row);
    let (name, rest) = text.split_at_checked(row.name as usize).unwrap_or(("", text));
    let mut spans = Vec::with_capacity(4);
    let style = match row.kind {
        Kind::Added => theme.ok,
        Kind::Removed => theme.danger,
        Kind::Changed => theme.info,
        Kind::Head | Kind::Note => theme.muted,
        Kind::Json | Kind::Text => theme.text,
    };
    if let Some(sign) = sign_of(row.kind) {
        spans.push(Span::styled(sign, style));
    }
    match row.kind {
        Kind::Json => {
            spans.push(Span::styled(name, theme.focus.remove_modifier(Modifier::BOLD)));
            spans.push(Span::styled(rest, value_style(rest, look)));
        }
        Kind::Head => {
            spans.push(Span::styled(name, theme.muted));
            spans.push(Span::styled(rest, theme.text));
        }
        Kind::Changed => {
            spans.push(Span::styled(name, theme.text));
            match rest.split_once(" → ") {
                Some((old, new)) => {
                    spans.push(Span::styled(old, theme.muted));
                    spans.push(Span::styled(" → ", theme.muted));
                    spans.push(Span::styled(new, theme.strong));
                }
                None => spans.push(Span::styled(rest, theme.strong)),
            }
        }
        Kind::Added | Kind::Removed => {
            spans.push(Span::styled(name, theme.text));
            spans.push(Span::styled(rest, style));
        }
        Kind::Note | Kind::Text => spans.push(Span::styled(text, style)),
    }
    Line::from(spans)
}

fn value_style(value: &str, look: &Look) -> Style {
    let theme = &look.theme;
    match value.as_bytes().first() {
        Some(b'"') => theme.ok,
        Some(b'0'..=b'9' | b'-') => theme.warn,
        Some(b't' | b'f') => theme.info,
        Some(b'n') => theme.muted,
        _ => theme.text,
    }
}

fn search_line(
    state: &State,
    opened: &Opened,
    look: &Look,
    inner: Rect,
    buf: &mut Buffer,
) -> Option<Position> {
    let traffic = &state.traffic;
    if !traffic.shows_search() || inner.height < 4 {
        return None;
    }
    let found = match (opened.hits().len(), opened.hit_here()) {
        (_, _) if traffic.search.value().is_empty() => String::new(),
        (0, _) => "not found".to_owned(),
        (count, Some(here)) => format!("{} of {count}", here + 1),
        (count, None) => format!("{count} found"),
    };
    let line = Rect { y: inner.bottom() - 1, height: 1, ..inner };
    let found = Line::from(Span::styled(found, look.theme.muted));
    let taken = lines::put_right(buf, line.right(), line.y, line.width / 2, &found);
    let line = Rect { width: line.width.saturating_sub(taken + 1), ..line };
    let cursor = input("search: ", &traffic.search, "a name or a value", look, line, buf);
    (traffic.typing == Some(Typing::Search)).then_some(cursor)
}

pub(super) fn hit(state: &State, area: Rect, at: Position) -> Option<Spot> {
    let inner = frame::inside(area);
    let head = Rect { height: 1, ..inner };
    if let Some((view, _)) = tabs(head).into_iter().find(|(_, place)| place.contains(at)) {
        return Some(Spot::View(view));
    }
    let rows = window(state, inner);
    let opened = state.traffic.opened.as_ref().filter(|_| rows.contains(at))?;
    let position = opened.top + usize::from(at.y - rows.y);
    (position < opened.len()).then_some(Spot::Row(position))
}
