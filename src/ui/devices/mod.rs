//! The devices' screen: the list of them, and beside or below it what is known of the chosen one. Drawing
//! and the mouse ask the same function where they are.

mod detail;
mod list;
mod map;

use super::layout::{above, left};
use super::panes::map::{self as cells, moved_by_hand};
use super::{Look, age, frame, lines, moments, signs};
use crate::app::devices::Spot;
use crate::app::state::State;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// From this width on the list stands beside the chosen device.
const WIDE: u16 = 100;
/// With fewer rows there is room for one of them.
const LOW: u16 = 12;
/// Rows of the chosen device, its last exchange included, and what a map below it needs to be one.
const DETAIL: u16 = 21;
const MAP: u16 = 9;
/// Of the list, above the chosen device: room for a few, never more than it needs.
const FEWEST_ROWS: u16 = 3;

pub(super) fn draw(state: &State, look: &Look, area: Rect, buf: &mut Buffer) {
    if !state.has_devices() {
        unknown(look, area, buf);
        return;
    }
    let (list, detail, map) = parts(area, state);
    let room = usize::from(list.width.saturating_sub(14));
    let inner = frame::pane("Devices", &freshness(state, look, room), true, look, list, buf);
    if !inner.is_empty() {
        list::draw(state, look, inner, buf);
    }
    if let Some(detail) = detail {
        let title =
            state.devices.device().map_or("Device".to_owned(), |device| format!("Device {}", device.id));
        let inner = frame::pane(&title, &Line::default(), false, look, detail, buf);
        if !inner.is_empty() {
            detail::draw(state, look, inner, buf);
        }
    }
    if let Some(area) = map {
        let inner = frame::pane("Map", &moved_by_hand(&state.devices.camera, look), false, look, area, buf);
        map::draw(state, look, inner, buf);
    }
}

/// Where the list is, and the chosen device and its map, if there is room for them.
fn parts(area: Rect, state: &State) -> (Rect, Option<Rect>, Option<Rect>) {
    let (list, detail) = list_and_detail(area, state);
    let has_map = state.devices.device().is_some();
    match detail {
        Some(detail) if has_map && detail.height >= DETAIL + MAP => {
            let (detail, map) = above(detail, DETAIL);
            (list, Some(detail), Some(map))
        }
        detail => (list, detail, None),
    }
}

fn list_and_detail(area: Rect, state: &State) -> (Rect, Option<Rect>) {
    if area.width >= WIDE {
        let (list, detail) = left(area, (area.width * 9 / 20).clamp(46, 84));
        return (list, Some(detail));
    }
    if area.height < LOW {
        return (area, None);
    }
    let wanted = u16::try_from(state.devices.list.len()).unwrap_or(u16::MAX).max(FEWEST_ROWS);
    let (list, detail) = above(area, wanted.saturating_add(2).min((area.height / 3).max(5)));
    (list, Some(detail))
}

/// How many batteries are low, and how old all of it is.
fn freshness(state: &State, look: &Look, room: usize) -> Line<'static> {
    let theme = &look.theme;
    let devices = &state.devices;
    let mut parts = lines::Parts::default();
    match (&devices.problem, state.devices_age()) {
        (Some(problem), age) => {
            let word = age::trouble(problem.kind);
            let old = age.map(|age| format!(" · {}", moments::old(state, look, age))).unwrap_or_default();
            parts.add(0, Span::styled(format!("{} {word}{old}", signs::WARNING), theme.danger));
        }
        (None, None) => parts.add(0, Span::styled(format!("{} looking", signs::WAITING), theme.info)),
        (None, Some(_)) => {
            match devices.low {
                0 => {}
                low => parts.add(0, Span::styled(format!(" {low} LOW "), theme.alarm)),
            }
            parts.add(2, Span::styled(format!("{} linked", devices.list.len()), theme.muted));
            if state.keeps_devices() {
                parts.add(1, Span::styled("this profile’s own list", theme.muted));
            } else {
                parts.add(0, Span::styled(format!("{} live", signs::LIVE), theme.ok));
            }
        }
    }
    let mut line = parts.fit(room, " · ", theme.muted);
    line.spans.insert(0, Span::raw(" "));
    line.push_span(Span::raw(" "));
    line
}

fn unknown(look: &Look, area: Rect, buf: &mut Buffer) {
    let inner = frame::pane("Devices", &Line::default(), true, look, area, buf);
    let text = "Version 1 of the API has no devices. A profile with dialect = \"v2\" has.";
    paragraph(text, look.theme.muted, inner, buf);
}

/// Text from the top of an area; the row below it.
fn paragraph(text: &str, style: Style, area: Rect, buf: &mut Buffer) -> u16 {
    let mut y = area.y;
    for row in lines::wrap(text, usize::from(area.width), 0) {
        if y >= area.bottom() {
            break;
        }
        lines::put(buf, area.x, y, area.width, &Line::from(Span::styled(row, style)));
        y += 1;
    }
    y
}

/// What is under the mouse.
pub(super) fn hit(state: &State, area: Rect, at: Position) -> Option<Spot> {
    if !state.has_devices() || !area.contains(at) {
        return None;
    }
    let (list, _, map) = parts(area, state);
    if let Some(spot) = map.and_then(|map| cells::spot(frame::inside(map), at)) {
        return Some(Spot::Map(spot));
    }
    let row = list.contains(at).then(|| list::row_at(state, frame::inside(list), at.y)).flatten();
    Some(row.map_or(Spot::Screen, Spot::Device))
}
