//! What the map shows: whom it follows, how near, where the person moved it by hand. A map that follows
//! stands still while everybody is well inside it, so it does not jump when data arrives.

use super::callout::CalloutId;
use super::intent::Intent;
use super::reckoning::{self, thinned};
use super::screen::Screen;
use super::state::{Pane, State, Watch};
use crate::geo::Position;
use crate::geo::layer::Layer;
use crate::geo::view::{Frame, Plane, Spot};
use crate::text::DisplayText;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Whom the map keeps in sight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Follow {
    #[default]
    Both,
    Responder,
    Customer,
    /// Nobody: it stays where it was put.
    Free,
}

/// The eye above a map. Any screen that has one keeps its own.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Camera {
    /// As it was last fitted. `None` until then.
    frame: Option<Frame>,
    /// What the person made of it: below 1 is nearer.
    zoom: f64,
    /// The place that the mouse holds.
    held: Option<Position>,
    /// The person moved it: it is fitted to nothing any more.
    by_hand: bool,
}

impl Default for Camera {
    fn default() -> Self {
        Self { frame: None, zoom: 1.0, held: None, by_hand: false }
    }
}

impl Camera {
    /// A fitted frame is so much wider than what it was fitted to …
    const AIR: f64 = 1.15;
    /// … and may be so much wider before it is fitted anew.
    const LOOSE: f64 = 2.2;
    /// What one key or one notch of the wheel changes.
    const STEP: f64 = 1.5;
    /// Part of its reach that a key moves a map by.
    const SHIFT: f64 = 0.3;
    /// Times nearer and farther that a fitted map can be made.
    const ZOOMS: std::ops::RangeInclusive<f64> = 0.01..=100.0;

    /// Keeps `wanted` in sight. Nothing changes while it is, and is large enough to be seen; nor once the
    /// person has moved it.
    pub fn fit(&mut self, wanted: Frame, air: f64) {
        if self.by_hand {
            return;
        }
        let held = self.frame.is_some_and(|frame| {
            let (frame, inner) = (frame.times(self.zoom), wanted.times(self.zoom));
            frame.holds(&inner) && frame.reach() <= inner.reach() * air.max(1.0) * Self::LOOSE
        });
        if !held {
            self.frame = Some(wanted.times(air));
        }
    }

    /// Fits to what is most often wanted: everything, with a little air around it.
    pub fn fit_all(&mut self, wanted: Frame) {
        self.fit(wanted, Self::AIR);
    }

    /// What is to be shown; `else_shown` as long as nothing was fitted.
    pub fn shown(&self, else_shown: impl FnOnce() -> Frame) -> Frame {
        self.frame.unwrap_or_else(else_shown).times(self.zoom)
    }

    /// Shows exactly this from now on, until it is fitted again.
    pub fn put(&mut self, frame: Frame) {
        self.frame = Some(frame);
        self.zoom = 1.0;
    }

    /// Nearer by so many steps, farther where negative.
    pub fn approach(&mut self, steps: i16) {
        let zoom = self.zoom * Self::STEP.powi(-i32::from(steps));
        self.zoom = zoom.clamp(*Self::ZOOMS.start(), *Self::ZOOMS.end());
    }

    /// Moved by parts of what is shown.
    pub fn pan(&mut self, shown: Frame, east: f64, north: f64) {
        self.leave_at(shown.moved(east * Self::SHIFT, north * Self::SHIFT));
    }

    /// What a key means for a map that keeps everything in sight, or a place on it that is being put
    /// somewhere. Tells whether it was one of a map's.
    pub fn key(&mut self, shown: Frame, put: Option<Position>, intent: Intent) -> bool {
        match (intent, put) {
            (Intent::PanLeft, _) => self.pan(shown, -1.0, 0.0),
            (Intent::PanRight, _) => self.pan(shown, 1.0, 0.0),
            (Intent::PanUp, _) => self.pan(shown, 0.0, 1.0),
            (Intent::PanDown, _) => self.pan(shown, 0.0, -1.0),
            (Intent::ZoomIn, Some(place)) => self.approach_place(shown, place, 1),
            (Intent::ZoomOut, Some(place)) => self.approach_place(shown, place, -1),
            (Intent::ZoomIn, None) => self.approach(1),
            (Intent::ZoomOut, None) => self.approach(-1),
            (Intent::ResetMap, _) => *self = Self::default(),
            _ => return false,
        }
        true
    }

    /// Whether it stays where the person put it.
    pub fn is_by_hand(&self) -> bool {
        self.by_hand
    }

    /// A map that stays where it was put goes with a place that leaves it.
    pub fn go_along(&mut self, shown: Frame, place: Position) {
        let edge = shown.nearest(place);
        if self.by_hand && edge.distance_to(place) >= 1.0 {
            self.leave_at(Self::shifted(shown, edge, place));
        }
    }

    fn leave_at(&mut self, frame: Frame) {
        self.put(frame);
        self.by_hand = true;
    }

    /// Nearer to the place under the pointer, which stays there.
    pub fn approach_at(&mut self, shown: Frame, spot: Spot, steps: i16) {
        self.approach_place(shown, spot.place(&shown), steps);
    }

    /// Nearer to a place, which stays where it is drawn.
    pub fn approach_place(&mut self, shown: Frame, place: Position, steps: i16) {
        let factor = Self::STEP.powi(-i32::from(steps));
        let nearer = shown.times(factor);
        // A map cannot come nearer than it can.
        let factor = nearer.reach() / shown.reach();
        let around = Plane::around(place);
        let (east, north) = around.flat(shown.middle);
        self.leave_at(Frame { middle: around.place((east * factor, north * factor)), ..nearer });
    }

    /// The mouse takes hold of a place …
    pub fn grab(&mut self, shown: Frame, spot: Spot) {
        self.held = Some(spot.place(&shown));
    }

    /// … which goes where the mouse goes. Tells whether there was one.
    pub fn drag(&mut self, shown: Frame, spot: Spot) -> bool {
        let Some(held) = self.held else { return false };
        self.leave_at(Self::shifted(shown, spot.place(&shown), held));
        true
    }

    pub fn let_go(&mut self) {
        self.held = None;
    }

    /// Moved so that `to` lies where `from` does.
    fn shifted(frame: Frame, from: Position, to: Position) -> Frame {
        let plane = Plane::around(frame.middle);
        let ((x, y), (to_x, to_y)) = (plane.flat(from), plane.flat(to));
        Frame { middle: plane.place((to_x - x, to_y - y)), ..frame }
    }
}

/// Where the responder was heard to be, as long as it is the same one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Heard {
    callout: CalloutId,
    responder: DisplayText,
    trail: VecDeque<Position>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Map {
    pub follow: Follow,
    pub camera: Camera,
    heard: Option<Heard>,
    /// A place that is being picked.
    pub cursor: Option<Position>,
    /// The person's own lines, drawn under everything.
    pub base: Option<Layer>,
    /// The seed of the demo's invented streets. Nowhere else is a street drawn that there may not be.
    pub streets: Option<u64>,
}

impl Map {
    /// Places at which a responder was heard that are kept.
    const TRAIL: usize = 240;

    /// Where the responder was heard to be, oldest first.
    pub fn responder_trail(&self) -> impl Iterator<Item = Position> + '_ {
        self.heard.iter().flat_map(|heard| heard.trail.iter().copied())
    }
}

/// Part of what is shown that a key moves the cursor by.
const CURSOR_STEP: f64 = 0.05;
/// Metres around a person who is alone on the map.
const ALONE_M: f64 = 160.0;
/// Metres around somebody who is followed by themselves, and how much of it they may walk through.
const CLOSE_M: f64 = 140.0;
const CLOSE_AIR: f64 = 2.0;
/// Metres around a person on a map with somebody else.
const ROOM_M: f64 = 45.0;
/// An accuracy worse than this does not make the map larger; the circle leaves it.
const LARGEST_CIRCLE_M: f64 = 250.0;

/// What the map shows now.
pub fn shown(state: &State) -> Frame {
    state.map.camera.shown(|| {
        let mut camera = Camera::default();
        let (frame, air) = wanted(state);
        camera.fit(frame, air);
        camera.shown(|| frame)
    })
}

/// Something may have moved: keeps it in sight.
pub(super) fn refit(state: &mut State) {
    note(state);
    if state.map.follow != Follow::Free {
        let (frame, air) = wanted(state);
        state.map.camera.fit(frame, air);
    }
}

/// Whether the map goes where time alone takes somebody: only with a responder who is followed by
/// themselves. A map of both held the whole way that is left when it was last fitted, and an estimate goes
/// along that; it is fitted anew with the next word.
pub(super) fn goes_along(state: &State) -> bool {
    state.map.follow == Follow::Responder && !state.still && matches!(state.watch, Watch::Live(_))
}

/// Remembers where the responder was heard to be.
fn note(state: &mut State) {
    let Watch::Live(followed) = &state.watch else { return };
    let Some(responder) = &followed.callout.responder else { return };
    let Some(fix) = responder.last_fix else { return };
    let callout = &followed.callout.id;
    let heard = state.map.heard.take().filter(|h| h.callout == *callout && h.responder == responder.id);
    let mut heard = heard.unwrap_or_else(|| Heard {
        callout: callout.clone(),
        responder: responder.id.clone(),
        trail: VecDeque::new(),
    });
    if heard.trail.back() != Some(&fix.position) {
        heard.trail.push_back(fix.position);
    }
    if heard.trail.len() > Map::TRAIL {
        heard.trail.pop_front();
    }
    state.map.heard = Some(heard);
}

/// What has to be in sight, and the air around it.
fn wanted(state: &State) -> (Frame, f64) {
    let own = state.own.fix;
    let responder = responder(state);
    let circle = own.accuracy.unwrap_or(0.0).min(LARGEST_CIRCLE_M);
    match (state.map.follow, responder) {
        (Follow::Responder, Some(place)) => (Frame::around(place, CLOSE_M), CLOSE_AIR),
        (Follow::Customer | Follow::Responder, _) => {
            (Frame::around(own.position, CLOSE_M.max(circle)), CLOSE_AIR)
        }
        (Follow::Both | Follow::Free, None) => {
            (Frame::around(own.position, ALONE_M.max(circle)), Camera::AIR)
        }
        (Follow::Both | Follow::Free, Some(place)) => {
            let route = state.followed().and_then(|f| f.callout.route.as_deref()).unwrap_or_default();
            let others = std::iter::once(place).chain(way_left(route, place));
            (Frame::holding(own.position, circle.max(ROOM_M), others), Camera::AIR)
        }
    }
}

fn responder(state: &State) -> Option<Position> {
    let Watch::Live(followed) = &state.watch else { return None };
    let until = if state.still { followed.seen_at } else { state.now };
    reckoning::whereabouts(followed, until).map(|place| place.position)
}

/// The part of a route that still lies before somebody.
fn way_left(route: &[Position], place: Position) -> impl Iterator<Item = Position> {
    let around = Plane::around(place);
    // Squared: only which one is the nearest is asked for.
    let away = thinned(route).map(|point| {
        let (east, north) = around.flat(point);
        east * east + north * north
    });
    let nearest = away.enumerate().min_by(|(_, a), (_, b)| a.total_cmp(b));
    let passed = nearest.map_or(0, |(index, _)| index);
    thinned(route).skip(passed)
}

/// The next one to keep in sight.
pub(super) fn follow_next(state: &mut State) {
    let next = match state.map.follow {
        Follow::Both => Follow::Responder,
        Follow::Responder => Follow::Customer,
        Follow::Customer => Follow::Free,
        Follow::Free => Follow::Both,
    };
    if next == Follow::Free {
        let frame = shown(state);
        state.map.camera.put(frame);
        state.map.follow = next;
    } else {
        follow(state, next);
    }
}

fn follow(state: &mut State, whom: Follow) {
    state.map.follow = whom;
    state.map.camera = Camera::default();
    refit(state);
}

/// As it was at the start.
pub(super) fn reset(state: &mut State) {
    follow(state, Follow::Both);
}

/// A cursor in the middle of what is shown; again, it goes.
pub(super) fn pick(state: &mut State) {
    let frame = shown(state);
    state.map.cursor = match state.map.cursor {
        None => Some(frame.middle),
        Some(_) => None,
    };
}

/// The keys of the map are the cursor's.
pub fn is_picking(state: &State) -> bool {
    let has_keys = state.dialog.is_none() && !state.chat.writing && state.focus == Pane::Route;
    has_keys && state.screen == Screen::Customer && state.map.cursor.is_some()
}

pub(super) fn take_cursor(state: &mut State) -> Option<Position> {
    state.map.cursor.take()
}

/// Where the arrow keys move a place that is shown on a map: by a part of what it shows.
pub(super) fn nudged(place: Position, shown: Frame, intent: Intent) -> Option<Position> {
    let (east, north) = match intent {
        Intent::FocusUp => (0.0, 1.0),
        Intent::FocusDown => (0.0, -1.0),
        Intent::FocusLeft => (-1.0, 0.0),
        Intent::FocusRight => (1.0, 0.0),
        _ => return None,
    };
    let part = shown.reach() * CURSOR_STEP;
    Some(Plane::around(place).place((east * part, north * part)))
}

/// By hand, by parts of what is shown: nobody is followed any more. While a place is picked it is the
/// cursor that moves, and the map only with it.
pub(super) fn pan(state: &mut State, east: f64, north: f64) {
    let frame = shown(state);
    if let Some(cursor) = state.map.cursor {
        let part = frame.reach() * CURSOR_STEP;
        let moved = Plane::around(cursor).place((east * part, north * part));
        if frame.nearest(moved).distance_to(moved) < 1.0 {
            state.map.cursor = Some(moved);
            return;
        }
        state.map.cursor = Some(moved);
    }
    state.map.camera.pan(frame, east, north);
    state.map.follow = Follow::Free;
}

/// Whoever is followed is still followed, from nearer. Both cannot be seen from nearer than they are
/// apart: then it is the responder.
pub(super) fn zoom(state: &mut State, steps: i16) {
    let frame = shown(state);
    if state.map.follow == Follow::Free {
        state.map.camera.put(frame);
    } else if state.map.follow == Follow::Both && steps > 0 && responder(state).is_some() {
        follow(state, Follow::Responder);
        state.map.camera.zoom = frame.reach() / (CLOSE_M * CLOSE_AIR);
    }
    state.map.camera.approach(steps);
    refit(state);
}

pub(super) fn zoom_at(state: &mut State, spot: Spot, steps: i16) {
    let frame = shown(state);
    state.map.camera.approach_at(frame, spot, steps);
    state.map.follow = Follow::Free;
}

/// While a place is picked, a click picks it.
pub(super) fn grab(state: &mut State, spot: Spot) {
    let frame = shown(state);
    if state.map.cursor.is_some() {
        state.map.cursor = Some(spot.place(&frame));
    }
    state.map.camera.grab(frame, spot);
}

pub(super) fn drag(state: &mut State, spot: Spot) {
    let frame = shown(state);
    if state.map.camera.drag(frame, spot) {
        state.map.follow = Follow::Free;
    }
}
