//! Where the responder and we are: the map, the same in words, and what was told of our own place.

use super::map::{self, Circle, Ground, Kind, Marker, Scene, Stroke};
use crate::app::callout::Status;
use crate::app::reckoning::{Whereabouts, thinned};
use crate::app::state::{State, Watch};
use crate::app::{PATIENCE, TOO_VAGUE};
use crate::geo::view::Plane;
use crate::geo::{self, Position};
use crate::location::Reception;
use crate::ui::lines::{self, Parts};
use crate::ui::{Look, age, moments, signs, words};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// With fewer rows the map needs no legend.
const ROOM_FOR_LEGEND: u16 = 12;
/// Nearer than this somebody is simply there.
const HERE_M: f64 = 10.0;
/// With fewer rows there is no map, only words.
const ROOM_FOR_MAP: u16 = 5;

pub(super) fn draw(state: &State, look: &Look, area: Rect, buf: &mut Buffer) {
    let place = age::whereabouts(state);
    let width = usize::from(area.width);
    let mut below: Vec<Line> = Vec::new();
    let told = in_words(state, place, width);
    below.extend(lines::wrap(&told, width, 0).into_iter().map(|row| Line::from(row.to_owned())));
    below.extend(own_line(state, look).map(|parts| parts.fit(width, " · ", look.theme.muted)));
    if area.height >= ROOM_FOR_LEGEND {
        below.push(legend(state, place, look).fit(width, "   ", Style::new()));
    }
    let map = map_area(state, area);
    if let Some(map) = map {
        draw_map(state, place, look, map, buf);
    }
    for (y, line) in (map.map_or(area.y, Rect::bottom)..area.bottom()).zip(&below) {
        lines::put(buf, area.x, y, area.width, line);
    }
}

/// The map's part of the pane, above its words. Drawing and the mouse ask here.
pub(super) fn map_area(state: &State, area: Rect) -> Option<Rect> {
    let width = usize::from(area.width);
    let told = in_words(state, age::whereabouts(state), width);
    let words = lines::wrap(&told, width, 0).len()
        + usize::from(tells_of_own(state))
        + usize::from(area.height >= ROOM_FOR_LEGEND);
    let rows = area.height.saturating_sub(u16::try_from(words).unwrap_or(u16::MAX));
    (rows >= ROOM_FOR_MAP.min(area.height) && rows > 0 && area.width > 0)
        .then_some(Rect { height: rows, ..area })
}

fn draw_map(state: &State, place: Option<Whereabouts>, look: &Look, area: Rect, buf: &mut Buffer) {
    let own = &state.own;
    let vague = own.fix.accuracy.is_some_and(|metres| metres >= TOO_VAGUE);
    let route = state.followed().filter(|_| place.is_some()).and_then(|f| f.callout.route.as_deref());
    let route: Vec<Position> = thinned(route.unwrap_or_default()).collect();
    let (travelled, ahead) = parted(route, place.map(|place| place.position));
    let own_trail: Vec<Position> = own.trail.iter().copied().collect();
    let heard: Vec<Position> = state.map.responder_trail().collect();
    let circle = own.fix.accuracy.filter(|_| has_place(state)).map(|metres| Circle {
        at: own.fix.position,
        metres,
        vague,
    });
    let responder = place.map(|place| {
        let hollow = is_hollow(state, &place);
        Marker::of(if hollow { Kind::ResponderEstimated } else { Kind::Responder }, place.position)
    });
    let known = if own.lost.is_some() { Kind::CustomerLastKnown } else { Kind::Customer };
    let customer = Marker::of(known, own.fix.position);
    let markers: Vec<Marker> = has_place(state).then_some(customer).into_iter().chain(responder).collect();
    let scene = Scene {
        frame: crate::app::map::shown(state),
        ground: match (&state.map.base, state.map.streets) {
            (Some(layer), _) => Ground::Lines(layer),
            (None, Some(seed)) => Ground::Invented(seed),
            (None, None) => Ground::Bare,
        },
        rings: has_place(state).then_some(own.fix.position),
        lines: &[
            (Stroke::Trail, &own_trail),
            (Stroke::Trail, &heard),
            (Stroke::Travelled, &travelled),
            (Stroke::Ahead, &ahead),
        ],
        circles: circle.as_slice(),
        markers: &markers,
        crosshair: state.map.cursor,
    };
    map::draw(&scene, look, area, buf);
}

/// Whether it is known where help is wanted. Of those that are watched the control room tells it.
fn has_place(state: &State) -> bool {
    !state.is_watching() || state.followed().is_some_and(|followed| followed.callout.location.is_some())
}

/// The way that was travelled and the way that is left, parted where the responder is.
fn parted(mut route: Vec<Position>, here: Option<Position>) -> (Vec<Position>, Vec<Position>) {
    let Some(here) = here else { return (Vec::new(), route) };
    let plane = Plane::around(here);
    let flat: Vec<(f64, f64)> = route.iter().map(|point| plane.flat(*point)).collect();
    let detour = |pair: &[(f64, f64)]| {
        let way = (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1);
        pair[0].0.hypot(pair[0].1) + pair[1].0.hypot(pair[1].1) - way
    };
    let pairs = flat.windows(2).enumerate();
    let Some((nearest, _)) = pairs.min_by(|(_, a), (_, b)| detour(a).total_cmp(&detour(b))) else {
        return (Vec::new(), route);
    };
    let mut ahead = route.split_off(nearest + 1);
    ahead.insert(0, here);
    route.push(here);
    (route, ahead)
}

/// Solid only for what was just heard; a place from a stale reply is no more certain than an estimate.
fn is_hollow(state: &State, place: &Whereabouts) -> bool {
    place.estimated || state.still || age::out_of_date(state).is_some()
}

/// Whether the pane has a line on how well our own place is known.
fn tells_of_own(state: &State) -> bool {
    let own = &state.own;
    let usual = own.reception == Reception::OpenSky && own.moving.is_none() && own.lost.is_none();
    state.followed().is_some() || !usual
}

fn sign(state: &State, place: &Whereabouts) -> &'static str {
    if is_hollow(state, place) { signs::RESPONDER_ESTIMATED } else { signs::RESPONDER }
}

/// What the map shows, for those who cannot see it or have none.
fn in_words(state: &State, place: Option<Whereabouts>, width: usize) -> String {
    if let Some(target) = state.map.cursor {
        return told_of_target(state, target, width);
    }
    let Some(followed) = state.followed() else {
        return if state.is_watching() { String::new() } else { own_place(state) };
    };
    let callout = &followed.callout;
    let Some(place) = place else {
        return match callout.status {
            Status::Closed => "The callout is over: nobody is followed.".to_owned(),
            Status::Completed => "The responder has completed.".to_owned(),
            _ if callout.is_manual_dispatch() => "Sent by hand: no position will come.".to_owned(),
            Status::Dispatched => "The responder’s position is not known yet.".to_owned(),
            Status::Arrived => "The responder is on scene.".to_owned(),
            _ => "Nobody is on the way yet.".to_owned(),
        };
    };
    let own = state.own.fix.position;
    let metres = own.distance_to(place.position);
    let away = words::metres(metres);
    let bearing = own.bearing_to(place.position);
    if let Some(age) = age::out_of_date(state) {
        // The pane's border tells the time of it too.
        let ago = if state.still { String::new() } else { format!(", {} ago", words::duration(age)) };
        let long = format!("Last known {away} to the {}{ago}.", words::direction(bearing));
        let short = format!("Last known {away} {}", geo::compass(bearing));
        return if long.len() <= width { long } else { short };
    }
    let (time, short_time) = match (callout.status == Status::Arrived, place.left_s) {
        (true, _) => (", on scene".to_owned(), ", on scene".to_owned()),
        (false, Some(seconds)) => {
            (format!(", {} away", words::about(seconds)), format!(", {}", words::about(seconds)))
        }
        (false, None) => (" away".to_owned(), String::new()),
    };
    if metres < HERE_M {
        return format!(
            "Responder at {} position{}.",
            if state.is_watching() { "the customer’s" } else { "your" },
            if callout.status == Status::Arrived { ", on scene" } else { "" }
        );
    }
    let (direction, compass) = (words::direction(bearing), geo::compass(bearing));
    // The way is what the responder pane tells too; as the crow flies is shorter, and would contradict.
    let way = place.left_m.filter(|_| callout.status != Status::Arrived).map(words::metres);
    let (long, short) = match way {
        Some(way) => (
            format!("Responder to the {direction}, {way} by road{time}."),
            format!("Responder {compass}, {way}{short_time}"),
        ),
        None => (
            format!("Responder {away} to the {direction}{time}."),
            format!("Responder {away} {compass}{short_time}"),
        ),
    };
    if long.len() <= width { long } else { short }
}

fn told_of_target(state: &State, target: Position, width: usize) -> String {
    let own = state.own.fix.position;
    let (away, bearing) = (words::metres(own.distance_to(target)), own.bearing_to(target));
    let long = format!("Target {away} to the {}: pick where to drive.", words::direction(bearing));
    if long.len() <= width { long } else { format!("Target {away} {}", geo::compass(bearing)) }
}

fn own_place(state: &State) -> String {
    let at = state.own.fix.position;
    let fix = state.own.fix.accuracy.map_or(String::new(), |metres| format!(" {}", accuracy(metres)));
    format!("You: {:.5}, {:.5}{fix}", at.latitude(), at.longitude())
}

fn accuracy(metres: f64) -> String {
    format!("±{metres:.0} m")
}

/// How well our own place is known, and what the control room was told of it. `None` when there is
/// nothing to say but the place.
fn own_line(state: &State, look: &Look) -> Option<Parts<'static>> {
    let (theme, own) = (&look.theme, &state.own);
    let mut parts = Parts::default();
    if !tells_of_own(state) {
        return None;
    }
    let fix = own.fix.accuracy.map_or("±?".to_owned(), accuracy);
    if state.is_watching() {
        let told = if has_place(state) {
            format!("Customer {fix}")
        } else {
            "Customer’s place not known".to_owned()
        };
        parts.add(0, Span::styled(told, theme.text));
        return Some(parts);
    }
    if let Some(since) = own.lost {
        let gone = moments::lasting(state, look, state.now.duration_since(since));
        parts.add(0, Span::styled(format!("! No fix {gone}"), theme.warn));
        parts.add(2, Span::styled(format!("last {fix}"), theme.muted));
    } else if let Some(held) = &own.held {
        let waited = state.now.duration_since(held.since);
        let left = moments::due(state, look, PATIENCE - waited);
        let best = held.best.accuracy.map_or("±?".to_owned(), accuracy);
        parts.add(0, Span::styled(format!("! Held back {fix}"), theme.warn));
        parts.add(1, Span::styled(format!("sent {left}"), theme.warn));
        let over = if state.still { String::new() } else { format!(" in {}", words::duration(waited)) };
        parts.add(2, Span::styled(format!("best {best}{over}"), theme.muted));
    } else if own.fix.accuracy.is_some_and(|metres| metres >= TOO_VAGUE) {
        parts.add(0, Span::styled(format!("! You {fix}, too vague"), theme.warn));
    } else {
        parts.add(0, Span::styled(format!("You {fix}"), theme.text));
    }
    if own.moving.is_some() {
        parts.add(2, Span::styled(words::way(&own.way), theme.info));
    }
    if own.reception != Reception::OpenSky && own.lost.is_none() {
        parts.add(4, Span::styled(own.reception.word(), theme.muted));
    }
    let sent = own.last_sent.as_ref().map(|(_, at)| moments::ago(state, look, state.now.duration_since(*at)));
    match (&state.watch, sent) {
        (Watch::Live(_), _) if state.settings.read_only => {
            parts.add(3, Span::styled("read-only: never sent", theme.muted));
        }
        (Watch::Live(_), Some(sent)) => parts.add(3, Span::styled(format!("sent {sent}"), theme.muted)),
        (Watch::Live(_), None) => parts.add(3, Span::styled("not sent since the start", theme.muted)),
        _ => {}
    }
    Some(parts)
}

fn legend(state: &State, place: Option<Whereabouts>, look: &Look) -> Parts<'static> {
    let muted = look.theme.muted;
    let mut parts = Parts::default();
    let entry = |sign: &'static str, style: Style, word: &'static str| {
        Line::from(vec![Span::styled(sign, style), Span::styled(format!(" {word}"), muted)])
    };
    if state.own.lost.is_some() {
        parts.add(1, entry(signs::OWN_LAST_KNOWN, look.theme.warn, "you, last known"));
    } else {
        let who = if state.is_watching() { "customer" } else { "you" };
        parts.add(1, entry(signs::OWN, look.theme.ok, who));
    }
    if let Some(place) = place {
        let word = match (age::out_of_date(state), place.estimated) {
            (None, false) if state.still => "responder, last known",
            (Some(_), _) => "responder, last known",
            (None, true) => "responder, estimated",
            (None, false) => "responder",
        };
        parts.add(0, entry(sign(state, &place), look.theme.info, word));
        let has_route = state.followed().is_some_and(|followed| followed.callout.route.is_some());
        if has_route {
            parts.add(2, entry("⠒⠒", look.theme.info, "way left"));
        }
    }
    parts
}
