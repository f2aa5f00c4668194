//! Where everything goes. Drawing and the mouse ask the same function.

use super::{control, devices, panes, tabs, traffic, watching};
use crate::app::screen::{Screen, Target};
use crate::app::state::{Dialog, Pane, State};
use crate::app::watching::{Place, place};
use ratatui::layout::{Position, Rect};

pub(super) const MIN_COLUMNS: u16 = State::MIN_COLUMNS;
pub(super) const MIN_ROWS: u16 = State::MIN_ROWS;
/// Two columns of panes from here on.
const WIDE: u16 = 100;
/// Below, only the focused pane and the status.
const NARROW: u16 = State::ALL_PANES;
/// With fewer rows two bands of panes have no room for their content.
const LOW: u16 = State::LOW;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    TooSmall,
    /// The focused pane below a line of status.
    Single,
    /// Two bands, one above the other: what happens above, where and what is said below.
    Bands,
    /// Two columns: what happens on the left, where and what is said on the right.
    Columns,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub shape: Shape,
    pub header: Rect,
    pub status: Option<Rect>,
    /// Of the customer's screen; none on the others, which have all of `body`.
    pub panes: Vec<(Pane, Rect)>,
    pub body: Rect,
    /// The control room: all of the body, or the right of it beside the customer's panes.
    pub control: Option<Rect>,
    /// The list of watched callouts, beside or above the panes.
    pub list: Option<Rect>,
    pub footer: Rect,
}

pub(super) fn plan(area: Rect, state: &State) -> Plan {
    let shape = shape(area);
    let focus = state.focus;
    let header = area.height.min(if area.height < LOW { 1 } else { 2 });
    let body_rows = area.height.saturating_sub(header + 1);
    let body = Rect { y: area.y + header, height: body_rows, ..area };
    let (list, rest) = listed(body, shape, state);
    let (status, panes) = match shape {
        Shape::TooSmall => (None, Vec::new()),
        _ if state.is_split() => (None, beside(left(body, body.width / 2).0)),
        _ if state.screen != Screen::Customer => (None, Vec::new()),
        _ if rest.is_empty() => (None, Vec::new()),
        Shape::Bands | Shape::Columns if list.is_some() => (None, under(rest)),
        // The status pane needs no line that says the same.
        Shape::Single if focus == Pane::Flow => (None, vec![(focus, body)]),
        Shape::Single => {
            let (status, rest) = above(body, 1);
            (Some(status), vec![(focus, rest)])
        }
        Shape::Bands => (None, bands(body)),
        Shape::Columns => (None, columns(body)),
    };
    let control = match (shape, state.is_split(), state.screen) {
        (Shape::TooSmall, ..) => None,
        (_, true, _) => Some(left(body, body.width / 2).1),
        (_, false, Screen::Control) => Some(body),
        _ => None,
    };
    let footer = Rect { y: body.bottom(), height: 1, ..area }.intersection(area);
    Plan { shape, header: Rect { height: header, ..area }, status, panes, body, control, list, footer }
}

/// Where the list of watched callouts is, and what it leaves.
fn listed(body: Rect, shape: Shape, state: &State) -> (Option<Rect>, Rect) {
    let watching = state.watching.as_ref().filter(|_| state.screen == Screen::Customer);
    let Some(watching) = watching.filter(|_| shape != Shape::TooSmall) else { return (None, body) };
    let (list, rest) = match place(state, watching) {
        Place::Above(rows) => above(body, rows),
        Place::Beside(columns) => left(body, columns),
        Place::Alone => above(body, body.height),
        Place::Hidden => return (None, body),
    };
    (Some(list), rest)
}

/// The panes in what the list leaves.
fn under(rest: Rect) -> Vec<(Pane, Rect)> {
    if rest.width >= WIDE { columns(rest) } else { bands(rest) }
}

fn shape(area: Rect) -> Shape {
    match (area.width, area.height) {
        (columns, rows) if columns < MIN_COLUMNS || rows < MIN_ROWS => Shape::TooSmall,
        (columns, rows) if columns < NARROW || rows < LOW => Shape::Single,
        (columns, _) if columns < WIDE => Shape::Bands,
        _ => Shape::Columns,
    }
}

fn bands(body: Rect) -> Vec<(Pane, Rect)> {
    let (top, bottom) = above(body, body.height / 2);
    let (flow, responder) = left(top, body.width / 2);
    let (route, chat) = left(bottom, body.width / 2);
    vec![(Pane::Flow, flow), (Pane::Responder, responder), (Pane::Route, route), (Pane::Chat, chat)]
}

fn columns(body: Rect) -> Vec<(Pane, Rect)> {
    let (near, far) = left(body, (body.width * 2 / 5).clamp(42, 60));
    let (flow, responder) =
        above(near, (body.height * 5 / 9).clamp(body.height / 2, 21.max(body.height / 2)));
    let (route, chat) = above(far, body.height * 3 / 5);
    vec![(Pane::Flow, flow), (Pane::Responder, responder), (Pane::Route, route), (Pane::Chat, chat)]
}

/// The customer's panes in the left half.
fn beside(body: Rect) -> Vec<(Pane, Rect)> {
    if body.width >= WIDE || body.height < LOW {
        return if body.width >= WIDE { columns(body) } else { bands(body) };
    }
    let (top, rest) = above(body, (body.height * 2 / 5).min(16));
    let (flow, responder) = left(top, body.width / 2);
    let (route, chat) = above(rest, rest.height / 2);
    vec![(Pane::Flow, flow), (Pane::Responder, responder), (Pane::Route, route), (Pane::Chat, chat)]
}

pub(super) fn above(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    let rest = Rect { y: area.y + rows, height: area.height - rows, ..area };
    (Rect { height: rows, ..area }, rest)
}

pub(super) fn left(area: Rect, columns: u16) -> (Rect, Rect) {
    let columns = columns.min(area.width);
    let rest = Rect { x: area.x + columns, width: area.width - columns, ..area };
    (Rect { width: columns, ..area }, rest)
}

/// What is under the mouse. `None` where there is nothing, and while something stands in front that cannot be
/// scrolled.
pub fn hit(state: &State, columns: u16, rows: u16, x: u16, y: u16) -> Option<Target> {
    match &state.dialog {
        Some(Dialog::Help { .. } | Dialog::Palette { .. } | Dialog::Profiles { .. }) => {
            return Some(Target::InFront);
        }
        Some(_) => return None,
        None => {}
    }
    let at = Position { x, y };
    let plan = plan(Rect::new(0, 0, columns, rows), state);
    if plan.shape == Shape::TooSmall {
        return None;
    }
    let mut tabs = tabs::places(plan.header, state).into_iter();
    if let Some((screen, ..)) = tabs.find(|(_, place, _)| place.contains(at)) {
        return Some(Target::Screen(screen));
    }
    if state.screen == Screen::Traffic && plan.body.contains(at) {
        return traffic::hit(state, plan.body, at).map(Target::Traffic);
    }
    if state.screen == Screen::Devices {
        return devices::hit(state, plan.body, at).map(Target::Devices);
    }
    if let Some(list) = plan.list.filter(|list| list.contains(at)) {
        return Some(Target::Watched(watching::hit(state, list, at)));
    }
    if let Some(spot) = plan.control.and_then(|area| control::hit(state, area, at)) {
        return Some(Target::Control(spot));
    }
    let (pane, area) = plan.panes.into_iter().find(|(_, area)| area.contains(at))?;
    let spot = if pane == Pane::Route { panes::spot(state, area, at) } else { None };
    Some(spot.map_or(Target::Pane(pane), Target::Map))
}
