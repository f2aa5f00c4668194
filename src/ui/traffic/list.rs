//! The list of exchanges: oldest above, newest below.

use super::{input, put_row};
use crate::app::state::State;
use crate::app::traffic::log::{Compared, Summary};
use crate::app::traffic::{Focus, Spot, Typing};
use crate::text::fit;
use crate::traffic::{Method, size};
use crate::ui::{Look, frame, lines, words};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use std::borrow::Cow;
use unicode_width::UnicodeWidthStr;

/// Width of each column; the path has what is left.
const TIME: usize = 8;
const METHOD: usize = 6;
const STATUS: usize = 7;
const TOOK: usize = 6;
const SIZE: usize = 7;
const DIFF: usize = 4;
/// With less room for the path the size gives way.
const PATH: usize = 21;

pub(super) fn draw(state: &State, look: &Look, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let traffic = &state.traffic;
    let focused = traffic.focus == Focus::List;
    let inner = frame::pane("Traffic", &aside(state, look), focused, look, area, buf);
    if inner.height == 0 {
        return None;
    }
    if traffic.log.is_empty() {
        let told = "Nothing was sent yet. Every request to the API is listed here.";
        for (y, row) in (inner.y..inner.bottom()).zip(lines::wrap(told, usize::from(inner.width), 0)) {
            lines::put(buf, inner.x, y, inner.width, &Line::from(Span::styled(row, look.theme.muted)));
        }
        return None;
    }
    let columns = Columns::of(usize::from(inner.width));
    lines::put(
        buf,
        inner.x,
        inner.y,
        inner.width,
        &Line::from(Span::styled(columns.titles(), look.theme.muted)),
    );
    let rows = window(state, inner);
    for (position, y) in (traffic.top..).zip(rows.y..rows.bottom()) {
        let Some(number) = traffic.filter.number(&traffic.log, position) else { break };
        let Some(summary) = traffic.log.summary(number) else { break };
        let line = columns.row(state, look, summary);
        let place = Rect { y, height: 1, ..rows };
        let chosen = (traffic.chosen == Some(number)).then(|| bar(look, focused));
        put_row(buf, place, &line, chosen);
    }
    if traffic.count() == 0 {
        let none = Line::from(Span::styled("Nothing like this was sent.", look.theme.muted));
        lines::put(buf, rows.x, rows.y, rows.width, &none);
    }
    filter_line(state, look, inner, buf)
}

/// How the chosen row is marked, weaker where it has not the keys.
pub(super) fn bar(look: &Look, focused: bool) -> Style {
    let style = if focused { look.theme.focus } else { look.theme.muted };
    style.add_modifier(Modifier::REVERSED)
}

/// `12 of 340`, and whether the newest is followed.
fn aside(state: &State, look: &Look) -> Line<'static> {
    let traffic = &state.traffic;
    let (count, all) = (traffic.count(), traffic.log.len());
    if all == 0 {
        return Line::default();
    }
    let at = traffic.position().map_or(0, |position| position + 1).min(count);
    let of = if traffic.filter.is_on() { format!("{count} of {all}") } else { format!("{at} of {all}") };
    let mut spans = vec![Span::styled(format!(" {of} "), look.theme.muted)];
    if traffic.follows {
        spans.push(Span::styled("· newest ", look.theme.ok));
    }
    Line::from(spans)
}

/// Where the rows of exchanges are: below the titles, above the filter.
fn window(state: &State, inner: Rect) -> Rect {
    let below = u16::from(state.traffic.shows_filter());
    Rect { y: inner.y + 1, height: inner.height.saturating_sub(1 + below), ..inner }
}

fn filter_line(state: &State, look: &Look, inner: Rect, buf: &mut Buffer) -> Option<Position> {
    let traffic = &state.traffic;
    if !traffic.shows_filter() || inner.height < 3 {
        return None;
    }
    let line = Rect { y: inner.bottom() - 1, height: 1, ..inner };
    let hint = "callouts · 4xx · post · changed · -location";
    let cursor = input("filter: ", &traffic.filter.draft, hint, look, line, buf);
    (traffic.typing == Some(Typing::Filter)).then_some(cursor)
}

pub(super) fn hit(state: &State, area: Rect, at: Position) -> Option<Spot> {
    let rows = window(state, frame::inside(area));
    if !rows.contains(at) {
        return None;
    }
    let position = state.traffic.top + usize::from(at.y - rows.y);
    state.traffic.filter.number(&state.traffic.log, position).map(Spot::Exchange)
}

/// How wide the path is, and whether there is room for the size.
#[derive(Clone, Copy, Debug)]
struct Columns {
    time: bool,
    path: usize,
    size: bool,
    /// How long it took, and what changed.
    rest: bool,
}

impl Columns {
    fn of(width: usize) -> Self {
        let fixed = TIME + METHOD + STATUS + TOOK + DIFF + 5;
        let path = width.saturating_sub(fixed);
        let whole = Self { time: true, path, size: false, rest: true };
        let narrow = METHOD + STATUS + 2;
        match path {
            path if path > PATH + SIZE => Self { path: path - SIZE - 1, size: true, ..whole },
            8.. => whole,
            _ if width >= narrow + TIME + 9 => Self { path: width - narrow - TIME - 1, rest: false, ..whole },
            _ => Self { time: false, path: width.saturating_sub(narrow), rest: false, ..whole },
        }
    }

    fn titles(self) -> String {
        let time = if self.time { format!("{:TIME$} ", "time") } else { String::new() };
        let size = if self.size { format!(" {:>SIZE$}", "size") } else { String::new() };
        let (took, diff) = ("took", "diff");
        let rest = if self.rest { format!(" {took:>TOOK$}{size} {diff:>DIFF$}") } else { String::new() };
        format!("{time}{:METHOD$} {} {:STATUS$}{rest}", "method", fit("path", self.path), "status")
    }

    fn row<'a>(self, state: &'a State, look: &Look, summary: &Summary) -> Line<'a> {
        let theme = &look.theme;
        let resource = state.traffic.log.resource(summary.resource);
        // A poll that changed nothing is there, and in nobody's way.
        let dim = summary.compared == Compared::Same && resource.method == Method::Get;
        let plain = if dim { theme.muted } else { theme.text };
        let (status, status_style) = status(summary, look);
        let mut spans = Vec::with_capacity(8);
        if self.time {
            let time = words::clock_or_day(summary.at, state.now, &look.zone);
            spans.push(Span::styled(format!("{time} "), theme.muted));
        }
        spans.push(Span::styled(format!("{:METHOD$} ", resource.method.as_str()), plain));
        path(&mut spans, resource.path.as_str(), self.path, plain, look);
        spans.push(Span::styled(format!(" {status:STATUS$}"), if dim { theme.muted } else { status_style }));
        if !self.rest {
            return Line::from(spans);
        }
        spans.push(Span::styled(format!(" {:>TOOK$}", took(summary)), theme.muted));
        if self.size {
            let size = if summary.size > 0 { size(summary.size.into()) } else { String::new() };
            spans.push(Span::styled(format!(" {size:>SIZE$}"), theme.muted));
        }
        let (diff, diff_style) = match summary.compared {
            Compared::Alone => (String::new(), theme.muted),
            Compared::Same => ("same".to_owned(), theme.muted),
            Compared::Changed { count: 1_000.. } => ("±1k".to_owned(), theme.info),
            Compared::Changed { count } => (format!("±{count}"), theme.info),
            Compared::Differs => ("±".to_owned(), theme.info),
        };
        spans.push(Span::styled(format!(" {diff:>DIFF$}"), diff_style));
        Line::from(spans)
    }
}

/// What is done stands at the end of a path, and begins at a `/` if there is one.
fn its_end(path: &str, width: usize) -> Cow<'_, str> {
    if path.width() <= width || path.contains('?') {
        return path.into();
    }
    let ends = path.match_indices('/').map(|(at, _)| &path[at..]);
    let fitting = |end: &&str| end.width() < width;
    ends.skip(1).find(fitting).map_or(path.into(), |end| format!("…{end}").into())
}

/// The query is seldom what tells two requests apart: weaker than the path.
fn path(spans: &mut Vec<Span<'_>>, path: &str, width: usize, style: Style, look: &Look) {
    // Whole, else without what is in the query, else cut.
    let fitted = match path.split_once('?') {
        Some((bare, _)) if path.width() > width && bare.width() + 2 <= width => {
            fit(&format!("{bare}?…"), width)
        }
        _ => fit(&its_end(path, width), width),
    };
    match fitted.find('?') {
        Some(at) => {
            spans.push(Span::styled(fitted[..at].to_owned(), style));
            spans.push(Span::styled(fitted[at..].to_owned(), look.theme.muted));
        }
        None => spans.push(Span::styled(fitted, style)),
    }
}

pub(super) fn status(summary: &Summary, look: &Look) -> (String, Style) {
    let theme = &look.theme;
    match (summary.trouble, summary.status()) {
        (Some(trouble), _) => (trouble.short().to_owned(), theme.danger),
        (None, Some(status)) => {
            let style = match status {
                285 | 300..=399 => theme.info,
                200..=299 => theme.ok,
                400..=499 => theme.warn,
                _ => theme.danger,
            };
            (status.to_string(), style)
        }
        (None, None) => (String::new(), theme.muted),
    }
}

/// `12 ms`, `1.2 s`.
pub(super) fn took(summary: &Summary) -> String {
    let ms = summary.took().as_millis();
    if ms < 1_000 { format!("{ms} ms") } else { format!("{:.1} s", summary.took().as_secs_f64()) }
}
