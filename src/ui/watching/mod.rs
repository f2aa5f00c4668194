//! The list of watched callouts. Only the rows in its window are drawn, however many there are.

pub(super) mod lines;

use super::lines::{self as text, Parts};
use super::panes::chat::draft_line;
use super::{Look, frame, signs, words};
use crate::app::callout::Status;
use crate::app::state::{Ending, Health, State};
use crate::app::watching::{Entry, Urgency, Watching};
use crate::text::fit;
use jiff::SignedDuration;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

/// Width of each column; the customer has what is left.
const MARK: usize = 2;
const STATE: usize = 13;
const ETA: usize = 7;
const AGE: usize = 7;
const DATA: usize = 8;
/// Columns of an id and of a responder, at least and at most.
const ID: (usize, usize) = (7, 12);
const RESPONDER: (usize, usize) = (9, 24);
/// With less than this the responder gives way, then the age of the callout.
const ROOM_FOR_RESPONDER: usize = 60;
const ROOM_FOR_AGE: usize = 60;

pub(super) fn draw(state: &State, look: &Look, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let watching = state.watching.as_ref()?;
    let aside = aside(state, watching, look, usize::from(area.width.saturating_sub(16)));
    let inner = frame::pane("Callouts", &aside, watching.focused, look, area, buf);
    if inner.is_empty() {
        return None;
    }
    let columns = Columns::of(usize::from(inner.width));
    if watching.entries.is_empty() {
        empty(state, watching, look, inner, buf);
        return None;
    }
    let titles = Line::from(Span::styled(columns.titles(), look.theme.muted));
    text::put(buf, inner.x, inner.y, inner.width, &titles);
    let window = window(watching, inner);
    for (entry, y) in watching.rows(watching.top).zip(window.y..window.bottom()) {
        row(state, watching, entry, columns, look, Rect { y, height: 1, ..window }, buf);
    }
    if watching.order.is_empty() {
        let none = Line::from(Span::styled("Nothing like this is watched.", look.theme.muted));
        text::put(buf, window.x, window.y, window.width, &none);
    }
    filter_line(watching, look, inner, buf)
}

/// Where the rows are: below the titles, above the filter.
fn window(watching: &Watching, inner: Rect) -> Rect {
    let below = u16::from(watching.shows_filter());
    Rect { y: inner.y + 1, height: inner.height.saturating_sub(1 + below), ..inner }
}

/// The row of the list that is under the mouse.
pub(super) fn hit(state: &State, area: Rect, at: Position) -> Option<u32> {
    let watching = state.watching.as_ref()?;
    let window = window(watching, frame::inside(area));
    let within = (window.y..window.bottom()).contains(&at.y);
    let row = watching.top + usize::from(at.y.checked_sub(window.y).filter(|_| within)?);
    (row < watching.order.len()).then(|| u32::try_from(row).unwrap_or(u32::MAX))
}

fn empty(state: &State, watching: &Watching, look: &Look, area: Rect, buf: &mut Buffer) {
    let rows = match (&watching.problem, &state.link.health) {
        (Some(problem), _) => vec![
            (format!("! {}", problem.message), look.theme.danger),
            ("It is asked again by itself.".to_owned(), look.theme.muted),
        ],
        (None, Health::Unknown) => vec![("Asking for the active callouts …".to_owned(), look.theme.info)],
        (None, _) => vec![
            ("No active callout.".to_owned(), look.theme.strong),
            ("A new one appears here by itself.".to_owned(), look.theme.muted),
        ],
    };
    let width = usize::from(area.width);
    let lines = rows.iter().flat_map(|(words, style)| {
        text::wrap(words, width, 0).into_iter().map(|row| Line::from(Span::styled(row, *style)))
    });
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        text::put(buf, area.x, y, area.width, &line);
    }
}

fn filter_line(watching: &Watching, look: &Look, inner: Rect, buf: &mut Buffer) -> Option<Position> {
    const LABEL: &str = "filter: ";
    if !watching.shows_filter() || inner.height < 3 {
        return None;
    }
    let line = Rect { y: inner.bottom() - 1, height: 1, ..inner };
    let columns = u16::try_from(LABEL.len()).unwrap_or(0).min(line.width);
    text::put(buf, line.x, line.y, line.width, &Line::from(Span::styled(LABEL, look.theme.key)));
    let field = Rect { x: line.x + columns, width: line.width - columns, ..line };
    if watching.filter.value().is_empty() {
        let hint = Line::from(Span::styled("id · name · dispatched · duress · new", look.theme.muted));
        text::put(buf, field.x + 1, field.y, field.width.saturating_sub(1), &hint);
    }
    let cursor = draft_line(&watching.filter, look.theme.text, field, buf);
    watching.typing.then_some(cursor)
}

/// What must not be missed, also when its row is not in the window; how many; what the list lacks.
fn aside(state: &State, watching: &Watching, look: &Look, room: usize) -> Line<'static> {
    let theme = &look.theme;
    let mut parts = Parts::default();
    for (urgency, word, style) in
        [(Urgency::Duress, "DURESS", theme.alarm), (Urgency::SoftCancel, "SOFT CANCEL", loud(theme.warn))]
    {
        match watching.count(urgency) {
            0 => {}
            many => parts.add(0, Span::styled(format!(" {many} {word} "), style)),
        }
    }
    if watching.problem.is_some() && !watching.entries.is_empty() {
        parts.add(1, Span::styled("! new ones are not listed", theme.warn));
    }
    if watching.left_out > 0 {
        parts.add(1, Span::styled(format!("! {} more not shown", watching.left_out), theme.warn));
    }
    if watching.shows_filter() {
        let of = format!("{} of {}", watching.order.len(), watching.entries.len());
        parts.add(2, Span::styled(of, theme.info));
    }
    if !watching.entries.is_empty() || state.link.health != Health::Unknown {
        parts.add(2, Span::styled(format!("{} active", watching.active()), theme.muted));
    }
    if watching.closed() > 0 {
        parts.add(3, Span::styled(format!("{} closed", watching.closed()), theme.muted));
    }
    let mut line = parts.fit(room, " · ", theme.muted);
    if line.width() > 0 {
        line.spans.insert(0, Span::raw(" "));
        line.push_span(Span::raw(" "));
    }
    line
}

fn loud(style: Style) -> Style {
    style.add_modifier(Modifier::REVERSED | Modifier::BOLD)
}

/// How wide what varies is, and whether there is room for it.
#[derive(Clone, Copy, Debug)]
struct Columns {
    id: usize,
    responder: usize,
    age: bool,
    customer: usize,
}

impl Columns {
    fn of(width: usize) -> Self {
        let age = width >= ROOM_FOR_AGE;
        let fixed = MARK + STATE + ETA + DATA + 4 + if age { AGE + 1 } else { 0 };
        let share = |(least, most): (usize, usize), part: usize| (width / part).clamp(least, most);
        let id = share(ID, 12);
        let responder = if width >= ROOM_FOR_RESPONDER { share(RESPONDER, 8) } else { 0 };
        let gaps = 1 + usize::from(responder > 0);
        Self { id, responder, age, customer: width.saturating_sub(fixed + id + responder + gaps) }
    }

    fn titles(self) -> String {
        let responder =
            if self.responder > 0 { format!("{} ", fit("responder", self.responder)) } else { String::new() };
        let age = if self.age { format!("{:>AGE$} ", "age") } else { String::new() };
        let blank = " ".repeat(MARK);
        format!(
            "{blank}{} {:STATE$} {responder}{:>ETA$} {age}{:>DATA$}  {}",
            fit("callout", self.id),
            "state",
            "ETA",
            "data",
            fit("customer", self.customer)
        )
    }
}

fn row(
    state: &State,
    watching: &Watching,
    entry: &Entry,
    columns: Columns,
    look: &Look,
    area: Rect,
    buf: &mut Buffer,
) {
    let theme = &look.theme;
    let chosen = watching.chosen.as_ref() == Some(&entry.id);
    let over = entry.ended.is_some();
    let body = if over { theme.muted } else { theme.text };
    let (sign, word, style) = standing(entry, look);
    // Without room for words of their own, they stand in the place of the state.
    let (word, style) = match entry.urgency() {
        Urgency::Duress if !columns.age => ("DURESS", theme.alarm),
        Urgency::SoftCancel if !columns.age => ("SOFT CANCEL", loud(theme.warn)),
        _ => (word, style),
    };
    let marker = if chosen { signs::CURRENT } else { " " };
    let mut spans = vec![
        Span::styled(format!("{marker} "), theme.key),
        Span::styled(
            format!("{} ", fit(entry.id.as_str(), columns.id)),
            if chosen { theme.strong } else { body },
        ),
        Span::styled(format!("{} ", fit(&format!("{sign} {word}"), STATE)), style),
    ];
    if columns.responder > 0 {
        spans.push(Span::styled(format!("{} ", fit(responder(entry), columns.responder)), body));
    }
    let old = entry.is_stale(state);
    let eta_style = if over || old { theme.muted } else { theme.info };
    spans.push(Span::styled(format!("{:>ETA$} ", eta(entry, state, old)), eta_style));
    if columns.age {
        let age = short(state, look, state.now.duration_since(entry.created()));
        let known = entry.seen.is_some();
        spans.push(Span::styled(format!("{:>AGE$} ", if known { age.as_str() } else { "" }), theme.muted));
    }
    let (data, data_style) = data(entry, state, old, look);
    spans.push(Span::styled(format!("{data:>DATA$}  "), data_style));
    spans.push(Span::styled(customer(entry).to_owned(), body));
    let flags = flags(entry, columns, look);
    let taken = text::put_right(buf, area.right(), area.y, area.width, &flags);
    let room = area.width.saturating_sub(taken + u16::from(taken > 0));
    text::put(buf, area.x, area.y, room, &Line::from(spans));
    if chosen {
        let bar = if watching.focused { theme.focus } else { theme.muted };
        let place = Rect { width: room, ..area };
        buf.set_style(place, bar.add_modifier(Modifier::REVERSED));
    }
}

/// Sign, word and colour of where it stands.
fn standing<'a>(entry: &'a Entry, look: &Look) -> (&'static str, &'a str, Style) {
    let theme = &look.theme;
    match (&entry.ended, entry.status()) {
        (Some(Ending::Closed), _) => (signs::SKIPPED, "closed", theme.muted),
        (Some(Ending::Unknown), _) => (signs::WARNING, "not known", theme.muted),
        (None, None) => (signs::WAITING, "reading", theme.muted),
        (None, Some(status)) => match status {
            Status::Created => (signs::NEXT, "created", theme.warn),
            Status::Dispatched => (signs::RESPONDER, "dispatched", theme.info),
            Status::ResponderCancelled => (signs::CANCELLED, "cancelled", theme.warn),
            Status::Arrived => (signs::OWN, "arrived", theme.ok),
            Status::Completed => (signs::DONE, "completed", theme.ok),
            Status::Closed => (signs::SKIPPED, "closed", theme.muted),
            Status::Other(word) => (signs::NEXT, word.as_str(), theme.warn),
        },
    }
}

/// The responder, else the company that was sent.
fn responder(entry: &Entry) -> &str {
    let Some(seen) = &entry.seen else { return "" };
    let callout = &seen.callout;
    match (&callout.responder, &callout.supplier) {
        // Whoever cancelled is not who comes.
        _ if callout.status == Status::ResponderCancelled => "",
        (Some(responder), _) if !responder.name.is_empty() => responder.name.as_str(),
        (Some(responder), _) => responder.callsign.as_str(),
        (None, Some(supplier)) if callout.is_manual_dispatch() => supplier.name.as_str(),
        _ => "",
    }
}

/// What is left of the ETA that was heard; what was heard where the word is old.
fn eta(entry: &Entry, state: &State, old: bool) -> String {
    let Some(seen) = &entry.seen else { return String::new() };
    let callout = &seen.callout;
    let heard = callout.eta.and_then(|eta| eta.duration_s).filter(|_| callout.status == Status::Dispatched);
    let Some(heard) = heard.filter(|_| entry.ended.is_none()) else { return String::new() };
    let passed =
        if old || state.still { 0.0 } else { state.now.duration_since(seen.seen_at).as_secs_f64().max(0.0) };
    let left = SignedDuration::try_from_secs_f64((heard - passed).max(0.0)).unwrap_or(SignedDuration::ZERO);
    if left.as_secs() < 60 { "<1 min".to_owned() } else { words::short(left) }
}

/// How old the newest word is; marked where it must not be taken for live.
fn data(entry: &Entry, state: &State, old: bool, look: &Look) -> (String, Style) {
    match entry.age(state.now) {
        _ if entry.ended.is_some() => (String::new(), look.theme.muted),
        None if entry.missed > 0 => ("! none".to_owned(), look.theme.warn),
        None => (signs::WAITING.to_owned(), look.theme.muted),
        Some(age) if old => (format!("! {}", short(state, look, age)), look.theme.warn),
        Some(age) => (short(state, look, age), look.theme.muted),
    }
}

/// How long ago, or when.
fn short(state: &State, look: &Look, age: SignedDuration) -> String {
    if state.still { words::minute(state.now - age, state.now, &look.zone) } else { words::short(age) }
}

fn customer(entry: &Entry) -> &str {
    let Some(seen) = &entry.seen else { return "" };
    let callout = &seen.callout;
    if callout.customer_name.is_empty() { callout.address.as_str() } else { callout.customer_name.as_str() }
}

/// What must not be missed, in words, in every theme; never over what stands left of the customer.
fn flags(entry: &Entry, columns: Columns, look: &Look) -> Line<'static> {
    let theme = &look.theme;
    let mut parts = Parts::default();
    if entry.unread > 0 {
        let new = format!("{} new", entry.unread);
        parts.add(2, Span::styled(new, theme.warn.add_modifier(Modifier::BOLD)));
    }
    if columns.age && entry.ended.is_none() {
        if entry.soft_cancelled() {
            parts.add(1, Span::styled("SOFT CANCEL", loud(theme.warn)));
        }
        if entry.duress {
            parts.add(1, Span::styled("! DURESS", theme.alarm));
        }
    }
    parts.fit(columns.customer, " ", Style::new())
}
