//! The callouts, most urgent first. Only the rows on the screen are laid out.

use super::first_row;
use crate::app::callout::Status;
use crate::app::control::Room;
use crate::app::control::model::{Case, Urgency};
use crate::app::state::State;
use crate::ui::{Look, lines, signs, words};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

/// Columns of age and status.
const AGE: usize = 7;
const STATUS: usize = 12;

pub(super) fn draw(state: &State, look: &Look, area: Rect, buf: &mut Buffer) {
    let room = &state.control;
    let list = rows_area(room, area);
    if let Some(problem) = &room.problem {
        let line = Line::from(Span::styled(format!("! {}", problem.message), look.theme.danger));
        lines::put(buf, area.x, area.y, area.width, &line);
    }
    if room.cases.is_empty() {
        empty(state, look, list, buf);
        return;
    }
    let height = usize::from(list.height);
    let first = first_row(room.row().unwrap_or(0), room.cases.len(), height);
    for (y, (index, case)) in (list.y..).zip(room.cases.iter().enumerate().skip(first).take(height)) {
        row(state, case, room.row() == Some(index), look, Rect { y, height: 1, ..list }, buf);
    }
}

fn rows_area(room: &Room, area: Rect) -> Rect {
    let taken = u16::from(room.problem.is_some());
    Rect { y: area.y + taken, height: area.height.saturating_sub(taken), ..area }
}

/// The callout drawn in screen row `y`.
pub(super) fn row_at(room: &Room, area: Rect, y: u16) -> Option<u32> {
    let list = rows_area(room, area);
    let offset = usize::from(y.checked_sub(list.y)?);
    let height = usize::from(list.height);
    let row = first_row(room.row().unwrap_or(0), room.cases.len(), height) + offset;
    (offset < height && row < room.cases.len()).then(|| u32::try_from(row).unwrap_or(u32::MAX))
}

fn empty(state: &State, look: &Look, area: Rect, buf: &mut Buffer) {
    let text = match (state.control.clock, &state.control.problem) {
        (Some(_), _) => "No callouts yet. One that a customer raises appears here.",
        (None, None) => "Looking at the simulator…",
        (None, Some(_)) => "Nothing is known yet. It is asked again by itself.",
    };
    for (y, row) in (area.y..area.bottom()).zip(lines::wrap(text, usize::from(area.width), 0)) {
        lines::put(buf, area.x, y, area.width, &Line::from(Span::styled(row, look.theme.muted)));
    }
}

fn row(state: &State, case: &Case, chosen: bool, look: &Look, area: Rect, buf: &mut Buffer) {
    let theme = &look.theme;
    let closed = case.urgency() == Urgency::Closed;
    let body = match (closed, chosen) {
        (true, false) => theme.muted,
        (_, true) => theme.strong,
        (false, false) => theme.text,
    };
    let flags = flags(case, look);
    let taken = lines::put_right(buf, area.right(), area.y, area.width.saturating_sub(12), &flags);
    let room = area.width.saturating_sub(taken + u16::from(taken > 0));
    let marker = if chosen { signs::CURRENT } else { " " };
    let now = state.control_now();
    let since = case.times.created.map(|at| {
        if state.still { words::minute(at, now, &look.zone) } else { words::short(now.duration_since(at)) }
    });
    let name = if case.customer.is_empty() { case.address.as_str() } else { case.customer.as_str() };
    let age_style = if closed { theme.muted } else { body };
    let line = Line::from(vec![
        Span::styled(format!("{marker} "), theme.key),
        Span::styled(format!("{:<AGE$}", since.unwrap_or_default()), age_style),
        Span::styled(format!("{:<STATUS$}", status(&case.status)), status_style(case, look)),
        Span::styled(name.to_owned(), body),
    ]);
    lines::put(buf, area.x, area.y, room, &line);
}

/// What must not be missed, told in words, in every theme.
pub(super) fn flags(case: &Case, look: &Look) -> Line<'static> {
    let theme = &look.theme;
    let badge = |word: &str, style: Style| Span::styled(format!(" {word} "), style);
    let loud = |style: Style| style.add_modifier(Modifier::REVERSED | Modifier::BOLD);
    if case.status.is_closed() {
        return Line::default();
    }
    let mut spans = Vec::new();
    let unanswered = case.unanswered();
    if unanswered > 0 {
        spans.push(Span::styled(format!("{unanswered} new"), theme.warn.add_modifier(Modifier::BOLD)));
    }
    if case.stood_down {
        spans.push(badge("CANCELLED", loud(theme.warn)));
    } else if case.cancelled_by_customer {
        spans.push(badge("SOFT CANCEL", loud(theme.warn)));
    }
    if case.duress {
        spans.push(badge("! DURESS", theme.alarm));
    }
    if spans.is_empty() && case.on_autopilot {
        spans.push(Span::styled("autopilot", theme.muted));
    }
    let mut line = Line::default();
    for (index, span) in spans.into_iter().enumerate() {
        if index > 0 {
            line.push_span(Span::raw(" "));
        }
        line.push_span(span);
    }
    line
}

/// The status without the word that all of them begin with.
pub(super) fn status(status: &Status) -> &str {
    match status {
        Status::Dispatched => "dispatched",
        Status::ResponderCancelled => "cancelled",
        Status::Arrived => "arrived",
        Status::Completed => "completed",
        other => other.as_str(),
    }
}

fn status_style(case: &Case, look: &Look) -> Style {
    match case.urgency() {
        Urgency::Closed => look.theme.muted,
        Urgency::UnderWay => look.theme.info,
        _ => look.theme.warn,
    }
}
