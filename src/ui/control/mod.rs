//! The control room's screen, whole or as the right half of the split view. Drawing and the mouse ask
//! the same function where its parts are.

mod callout;
mod chat;
mod list;
mod map;
mod vehicles;

use super::layout::{above, left};
use super::panes::map::{self as cells, moved_by_hand};
use super::{Look, age, frame, lines, moments, signs};
use crate::app::control::model::Urgency;
use crate::app::control::{Part, Reach, Room, Spot};
use crate::app::screen::Screen;
use crate::app::state::State;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

/// Below, only the part that has the keys.
const NARROW: u16 = 56;
const LOW: u16 = 14;
/// From this width on all parts are on the screen, from the second on the chat has a column.
const WIDE: u16 = 96;
const WIDEST: u16 = 180;
/// With so many rows, narrow parts stand one above the other.
const TALL: u16 = 26;

pub(super) fn draw(state: &State, look: &Look, area: Rect, buf: &mut Buffer) -> Option<Position> {
    if state.reach() != Reach::Simulator {
        elsewhere(state, look, area, buf);
        return None;
    }
    let mut cursor = None;
    let parts = parts(area, &state.control);
    let alone = parts.len() == 1;
    for (part, area) in parts {
        let has_keys = state.screen == Screen::Control && state.control.focus == part;
        let (title, aside) = heading(part, state, look, alone, usize::from(area.width.saturating_sub(8)));
        let inner = frame::pane(&title, &aside, has_keys, look, area, buf);
        if inner.is_empty() {
            continue;
        }
        match part {
            Part::Callouts => list::draw(state, look, inner, buf),
            Part::Callout => callout::draw(state, look, inner, buf),
            Part::Vehicles => vehicles::draw(state, look, inner, buf),
            Part::Map => map::draw(state, look, inner, buf),
            Part::Chat => cursor = chat::draw(state, look, inner, buf),
        }
    }
    cursor
}

fn parts(area: Rect, room: &Room) -> Vec<(Part, Rect)> {
    let aside = if room.moving.is_some() { Part::Map } else { room.aside };
    let callouts = 3 + u16::try_from(room.cases.len().clamp(2, 12)).unwrap_or(12);
    match (area.width, area.height) {
        (width, height) if width < NARROW || height < LOW => {
            vec![(if room.moving.is_some() { Part::Map } else { room.focus }, area)]
        }
        (width, height) if width < WIDE && height < TALL => {
            let (top, bottom) = above(area, height / 3);
            let (callout, side) = left(bottom, width / 2);
            vec![(Part::Callouts, top), (Part::Callout, callout), (aside, side)]
        }
        (width, height) if width < WIDE => {
            let (top, rest) = above(area, (height / 4).max(7));
            let (callout, bottom) = above(rest, (rest.height / 2).clamp(12, 15));
            vec![(Part::Callouts, top), (Part::Callout, callout), (aside, bottom)]
        }
        (width, height) => {
            let (near, far) = left(area, (width * 2 / 5).clamp(46, 66));
            let (list, vehicles) = above(near, callouts.clamp(height * 2 / 5, height * 3 / 5));
            let mut parts = vec![(Part::Callouts, list), (Part::Vehicles, vehicles)];
            if width >= WIDEST {
                let (middle, chat) = left(far, far.width / 2);
                let (callout, map) = above(middle, (height * 2 / 5).clamp(15, 22));
                parts.extend([(Part::Callout, callout), (Part::Map, map), (Part::Chat, chat)]);
            } else {
                let (callout, rest) = above(far, (height * 9 / 20).clamp(12, 16));
                let (map, chat) = left(rest, rest.width * 9 / 20);
                parts.extend([(Part::Callout, callout), (Part::Map, map), (Part::Chat, chat)]);
            }
            parts
        }
    }
}

/// The title of a part, and what stands at the right of its border.
fn heading(part: Part, state: &State, look: &Look, alone: bool, room: usize) -> (String, Line<'static>) {
    let case = state.control.case();
    let (title, aside) = match part {
        Part::Callouts => ("Callouts".to_owned(), freshness(state, look, room.saturating_sub(12))),
        _ if alone => (
            part_name(part).to_owned(),
            alarms(state, look).fit(room.saturating_sub(12), " ", look.theme.muted),
        ),
        Part::Callout => {
            let title = case.map_or("Callout".to_owned(), |case| format!("Callout {}", case.id));
            (title, case.map(|case| callout::badges(case, look)).unwrap_or_default())
        }
        Part::Map => (part_name(part).to_owned(), moved_by_hand(&state.control.camera, look)),
        Part::Vehicles | Part::Chat => (part_name(part).to_owned(), Line::default()),
    };
    let place = Part::ALL.iter().position(|one| *one == part).map_or(1, |at| at + 1);
    (if alone { format!("{title} {place}/{}", Part::ALL.len()) } else { title }, aside)
}

/// What must not be missed, also when its row is not in the window.
fn alarms(state: &State, look: &Look) -> lines::Parts<'static> {
    let mut parts = lines::Parts::default();
    let count = |urgency: Urgency| {
        // The most urgent stand first, so this ends soon.
        let urgent = state.control.cases.iter().take_while(|case| case.urgency() <= urgency);
        urgent.filter(|case| case.urgency() == urgency).count()
    };
    let loud = look.theme.warn.add_modifier(Modifier::REVERSED | Modifier::BOLD);
    for (urgency, word, style) in
        [(Urgency::Duress, "! DURESS", look.theme.alarm), (Urgency::SoftCancel, "SOFT CANCEL", loud)]
    {
        match count(urgency) {
            0 => {}
            1 => parts.add(0, Span::styled(format!(" {word} "), style)),
            many => parts.add(0, Span::styled(format!(" {many} {word} "), style)),
        }
    }
    parts
}

fn part_name(part: Part) -> &'static str {
    match part {
        Part::Callouts => "Callouts",
        Part::Callout => "Callout",
        Part::Vehicles => "Vehicles",
        Part::Map => "Map",
        Part::Chat => "Chat",
    }
}

/// How old all of it is, and how many are open.
fn freshness(state: &State, look: &Look, room: usize) -> Line<'static> {
    let theme = &look.theme;
    let mut parts = lines::Parts::default();
    match (&state.control.problem, state.control_age()) {
        (Some(problem), age) => {
            let word = age::trouble(problem.kind);
            let old = age.map(|age| format!(" · {}", moments::old(state, look, age))).unwrap_or_default();
            parts.add(0, Span::styled(format!("{} {word}{old}", signs::WARNING), theme.danger));
        }
        (None, None) => parts.add(0, Span::styled(format!("{} looking", signs::WAITING), theme.info)),
        (None, Some(_)) => {
            parts = alarms(state, look);
            let open = state.control.cases.iter().take_while(|case| !case.status.is_closed()).count();
            parts.add(1, Span::styled(format!("{open} open"), theme.muted));
            parts.add(0, Span::styled(format!("{} live", signs::LIVE), theme.ok));
        }
    }
    let mut line = parts.fit(room, " · ", theme.muted);
    line.spans.insert(0, Span::raw(" "));
    line.push_span(Span::raw(" "));
    line
}

/// Where there is no simulator: what plays the control room instead.
fn elsewhere(state: &State, look: &Look, area: Rect, buf: &mut Buffer) {
    let inner =
        frame::pane("Control room", &Line::default(), state.screen == Screen::Control, look, area, buf);
    let (what, how) = match state.reach() {
        Reach::Portal => (
            "The Responder Simulator in AURA’s portal does this.",
            "This profile is for an environment of AURA’s own. Nothing was asked of it from here.",
        ),
        _ => (
            "This host’s control room is not known.",
            "If it is a panic-console simulator, set control_url in its profile.",
        ),
    };
    let width = usize::from(inner.width);
    let rows: Vec<Line<'_>> = lines::wrap(what, width, 0)
        .into_iter()
        .map(|row| Line::from(Span::styled(row, look.theme.strong)))
        .chain([Line::default()])
        .chain(
            lines::wrap(how, width, 0).into_iter().map(|row| Line::from(Span::styled(row, look.theme.muted))),
        )
        .collect();
    let height = u16::try_from(rows.len()).unwrap_or(0);
    let top = inner.y + inner.height.saturating_sub(height) / 2;
    for (y, row) in (top..inner.bottom()).zip(&rows) {
        lines::put_centred(buf, inner.x, y, inner.width, row);
    }
}

/// What is under the mouse.
pub(super) fn hit(state: &State, area: Rect, at: Position) -> Option<Spot> {
    if state.reach() != Reach::Simulator {
        return None;
    }
    let (part, area) = parts(area, &state.control).into_iter().find(|(_, area)| area.contains(at))?;
    let inside = Rect { x: area.x + 1, y: area.y + 1, ..area }.intersection(Rect {
        width: area.width.saturating_sub(1),
        height: area.height.saturating_sub(1),
        ..area
    });
    let row = match part {
        Part::Callouts => list::row_at(&state.control, inside, at.y).map(Spot::Callout),
        Part::Vehicles => vehicles::row_at(&state.control, inside, at.y).map(Spot::Fleet),
        Part::Map => cells::spot(frame::inside(area), at).map(Spot::Map),
        Part::Callout | Part::Chat => None,
    };
    Some(row.unwrap_or(Spot::Part(part)))
}

/// The first row of a list's window: the chosen one stays in its middle, as far as there are rows.
pub(super) fn first_row(chosen: usize, rows: usize, height: usize) -> usize {
    chosen.saturating_sub(height / 2).min(rows.saturating_sub(height))
}
