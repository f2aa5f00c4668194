//! The braille map: whatever a screen wants to show on one, as large as it fits. It knows nothing of
//! callouts: a [`Scene`] in, dots and signs out.

use crate::app::map::Camera;
use crate::geo::Position;
use crate::geo::layer::Layer as BaseLayer;
use crate::geo::streets::Streets;
use crate::geo::view::{Frame, Spot, View, round_length};
use crate::ui::braille::{Grid, Layer};
use crate::ui::{Look, Signs, lines, signs};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position as Cell, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// What a sign on the map stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "a customer's map has no vehicles that wait; the control room's has")]
pub(in crate::ui) enum Kind {
    Customer,
    /// Where the customer was last known to be.
    CustomerLastKnown,
    Responder,
    /// Worked out, not heard: hollow.
    ResponderEstimated,
    Supplier,
    /// A vehicle that could be sent.
    Vehicle,
    VehicleOff,
}

/// A sign on the map, and the words beside it where there is room for them.
#[derive(Clone, Copy, Debug)]
pub(in crate::ui) struct Marker<'a> {
    pub at: Position,
    pub kind: Kind,
    pub label: &'a str,
    pub selected: bool,
}

impl Marker<'_> {
    pub(in crate::ui) fn of(kind: Kind, at: Position) -> Self {
        Self { at, kind, label: "", selected: false }
    }
}

/// What a line on the map stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) enum Stroke {
    /// Where somebody has been: their places as dots.
    Trail,
    /// The part of a route that lies behind.
    Travelled,
    /// The way that is left.
    Ahead,
}

/// How well a place is known.
#[derive(Clone, Copy, Debug)]
pub(in crate::ui) struct Circle {
    pub at: Position,
    pub metres: f64,
    /// Too vague to be sent.
    pub vague: bool,
}

/// What lies under everything.
#[derive(Clone, Copy, Debug)]
pub(in crate::ui) enum Ground<'a> {
    Bare,
    /// The simulator's own streets, by their seed.
    Invented(u64),
    Lines(&'a BaseLayer),
}

/// What there is to draw.
#[derive(Clone, Copy, Debug)]
pub(in crate::ui) struct Scene<'a> {
    pub frame: Frame,
    pub ground: Ground<'a>,
    /// Distances are told from here.
    pub rings: Option<Position>,
    pub lines: &'a [(Stroke, &'a [Position])],
    pub circles: &'a [Circle],
    /// The last ones lie on top.
    pub markers: &'a [Marker<'a>],
    /// A place that is being picked.
    pub crosshair: Option<Position>,
}

const GROUND: u8 = 0;
const RING: u8 = 1;
const TRAIL: u8 = 2;
const CIRCLE: u8 = 3;
const VAGUE: u8 = 4;
const TRAVELLED: u8 = 5;
const AHEAD: u8 = 6;

/// Dots between two dots of a distance ring, and of a circle of accuracy.
const RING_APART: f64 = 3.5;
const CIRCLE_APART: f64 = 2.1;
/// Distance rings that are drawn at most, on a low map fewer.
const MOST_RINGS: u8 = 5;
const MOST_RINGS_WHEN_LOW: u8 = 3;
const LOW_DOTS: f64 = 64.0;
/// Dots between two invented streets at least.
const STREETS_APART: f64 = 9.0;

/// For the right of a map's border: it shows what the person put there.
pub(in crate::ui) fn moved_by_hand(camera: &Camera, look: &Look) -> Line<'static> {
    let words = if camera.is_by_hand() { " moved by hand " } else { "" };
    Line::from(Span::styled(words, look.theme.muted))
}

/// The cell of a map in this area that lies at a place of the screen.
pub(in crate::ui) fn spot(area: Rect, at: Cell) -> Option<Spot> {
    let (column, row) = (at.x.checked_sub(area.x)?, at.y.checked_sub(area.y)?);
    area.contains(at).then_some(Spot { column, row, columns: area.width, rows: area.height })
}

pub(in crate::ui) fn draw(scene: &Scene<'_>, look: &Look, area: Rect, buf: &mut Buffer) {
    let view = View::of(&scene.frame, area.width, area.height);
    let mut grid = Grid::new(area.width, area.height);
    // Without braille a street is as thick as a route, and a grid of them hides it.
    if look.signs == Signs::Utf8 || matches!(scene.ground, Ground::Lines(_)) {
        ground(scene, &view, &mut grid);
    }
    let rings = rings(scene, &view);
    for (metres, centre) in &rings {
        grid.ring(*centre, metres * view.dots_per_metre, RING_APART, RING);
    }
    strokes(scene, &view, &mut grid);
    let theme = &look.theme;
    let layers = [
        Layer { style: theme.faint, plain: '.' },
        Layer { style: theme.border, plain: '.' },
        Layer { style: theme.muted, plain: ',' },
        Layer { style: theme.ok, plain: ',' },
        Layer { style: theme.warn, plain: ',' },
        Layer { style: theme.border, plain: '.' },
        Layer { style: theme.info, plain: ':' },
    ];
    grid.paint(&layers, look.signs, area, buf);
    let mut board = Board { view: &view, grid: &grid, area, buf, taken: Vec::new() };
    board.furniture(look);
    board.markers(scene, look);
    board.ring_labels(&rings, look);
    if let Some(place) = scene.crosshair
        && let Some((x, y)) = board.cell(place)
    {
        let style = theme.focus.add_modifier(Modifier::REVERSED);
        lines::put(board.buf, x, y, 1, &Line::from(Span::styled(signs::CROSSHAIR, style)));
    }
}

fn ground(scene: &Scene<'_>, view: &View, grid: &mut Grid) {
    match scene.ground {
        Ground::Bare => {}
        Ground::Lines(layer) => layer.stretches(view, |from, to| grid.line(from, to, GROUND)),
        Ground::Invented(seed) => {
            let (across, down) = view.size;
            let most = (across.max(down) / STREETS_APART).max(1.0);
            #[expect(clippy::cast_possible_truncation, reason = "dots of a terminal")]
            let most = most as i32;
            let corners = (view.place((0.0, down)), view.place((across, 0.0)));
            for [from, to] in Streets::around(view.middle(), seed).between(corners.0, corners.1, most) {
                grid.line(view.dot(from), view.dot(to), GROUND);
            }
        }
    }
}

/// Round distances around a place, in metres, with the dot that they are drawn around.
fn rings(scene: &Scene<'_>, view: &View) -> Vec<(f64, (f64, f64))> {
    let Some(place) = scene.rings else { return Vec::new() };
    let centre = view.middle_of_cell(place);
    let half = view.size.0.min(view.size.1) / 2.0;
    let Some(step) = round_length(half * 0.95 / view.dots_per_metre) else { return Vec::new() };
    let farthest = |at: f64, most: f64| at.abs().max((most - at).abs());
    let reach = farthest(centre.0, view.size.0).hypot(farthest(centre.1, view.size.1)) / view.dots_per_metre;
    let most = if view.size.1 < LOW_DOTS { MOST_RINGS_WHEN_LOW } else { MOST_RINGS };
    (1..=most)
        .map(|turn| f64::from(turn) * step)
        .filter(|metres| *metres < reach)
        .map(|m| (m, centre))
        .collect()
}

fn strokes(scene: &Scene<'_>, view: &View, grid: &mut Grid) {
    for circle in scene.circles {
        let radius = circle.metres * view.dots_per_metre;
        if radius >= 2.0 {
            let layer = if circle.vague { VAGUE } else { CIRCLE };
            grid.ring(view.middle_of_cell(circle.at), radius, CIRCLE_APART, layer);
        }
    }
    for (stroke, points) in scene.lines {
        let layer = match stroke {
            Stroke::Trail => {
                for place in *points {
                    grid.point(view.dot(*place), TRAIL);
                }
                continue;
            }
            Stroke::Travelled => TRAVELLED,
            Stroke::Ahead => AHEAD,
        };
        for pair in points.windows(2) {
            grid.line(view.dot(pair[0]), view.dot(pair[1]), layer);
        }
    }
}

/// The signs and words on the dots. No two of them share a cell.
struct Board<'a> {
    view: &'a View,
    grid: &'a Grid,
    area: Rect,
    buf: &'a mut Buffer,
    taken: Vec<Rect>,
}

impl Board<'_> {
    /// The cell on the screen, if the place is on the map.
    fn cell(&self, place: Position) -> Option<(u16, u16)> {
        let (x, y) = self.view.cell(place);
        Some((column(x, self.area.x, self.area.width)?, column(y, self.area.y, self.area.height)?))
    }

    fn is_free(&self, words: Rect) -> bool {
        let inside = words.x >= self.area.x && words.right() <= self.area.right();
        // Words of two do not touch.
        let apart = Rect { x: words.x.saturating_sub(1), width: words.width + 2, ..words };
        let is_clear = self.taken.iter().all(|taken| !taken.intersects(apart));
        inside && self.area.contains(words.as_position()) && is_clear
    }

    fn put(&mut self, words: Rect, text: &str, style: Style) {
        lines::put(
            self.buf,
            words.x,
            words.y,
            words.width,
            &Line::from(Span::styled(text.to_owned(), style)),
        );
        self.taken.push(words);
    }

    /// North, and how long a stretch on the map is.
    fn furniture(&mut self, look: &Look) {
        let area = self.area;
        if area.width >= 2 {
            let north = Rect { x: area.right() - 2, width: 2, height: 1, ..area };
            self.put(north, "N↑", look.theme.muted);
        }
        let widest = f64::from(area.width) / 3.0;
        let per_column = 2.0 / self.view.dots_per_metre;
        let Some(metres) = round_length(widest * per_column) else { return };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "at most a third of the width"
        )]
        let columns = (metres / per_column).round().max(2.0) as usize;
        let scale = format!("├{}┤ {}", "─".repeat(columns.saturating_sub(2)), distance(metres));
        let width = columns_of(&scale).min(area.width);
        let place = Rect { y: area.bottom() - 1, width, height: 1, ..area };
        self.put(place, &scale, look.theme.muted);
    }

    fn markers(&mut self, scene: &Scene<'_>, look: &Look) {
        for marker in scene.markers {
            let (sign, style) = drawn(marker.kind, look);
            let style = if marker.selected { style.add_modifier(Modifier::REVERSED) } else { style };
            if let Some((x, y)) = self.cell(marker.at) {
                self.put(Rect { x, y, width: 1, height: 1 }, sign, style);
            }
        }
        // The chosen one speaks first.
        let mut speaking: Vec<&Marker<'_>> = scene.markers.iter().filter(|m| !m.label.is_empty()).collect();
        speaking.sort_by_key(|marker| !marker.selected);
        for marker in speaking {
            let Some((x, y)) = self.cell(marker.at) else { continue };
            let width = columns_of(marker.label);
            let beside = [Some(x + 2), x.checked_sub(width + 1)];
            let places = beside.into_iter().flatten().map(|x| Rect { x, y, width, height: 1 });
            let style = if marker.selected { look.theme.strong } else { look.theme.muted };
            if let Some(place) = places.into_iter().find(|place| self.is_free(*place)) {
                self.put(place, marker.label, style);
            }
        }
    }

    /// Where a ring is cut by one of the axes and nothing lies there.
    fn ring_labels(&mut self, rings: &[(f64, (f64, f64))], look: &Look) {
        for (metres, (x, y)) in rings {
            let text = distance(*metres);
            let (radius, width) = (metres * self.view.dots_per_metre, columns_of(&text));
            let spots = [(*x, y - radius), (*x, y + radius), (x + radius, *y), (x - radius, *y)];
            let places = spots.into_iter().filter_map(|(x, y)| {
                let left = (x / 2.0).floor() - f64::from(width / 2);
                let (x, y) = (
                    column(left, self.area.x, self.area.width)?,
                    column((y / 4.0).floor(), self.area.y, self.area.height)?,
                );
                Some(Rect { x, y, width, height: 1 })
            });
            let free = |place: &Rect| {
                let on_grid = |x: u16| self.grid.is_free(x - self.area.x, place.y - self.area.y);
                self.is_free(*place) && (place.x..place.right()).all(on_grid)
            };
            if let Some(place) = places.into_iter().find(free) {
                self.put(place, &text, look.theme.muted);
            }
        }
    }
}

fn columns_of(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}

fn drawn(kind: Kind, look: &Look) -> (&'static str, Style) {
    let theme = &look.theme;
    let bold = |style: Style| style.add_modifier(Modifier::BOLD);
    match kind {
        Kind::Customer => (signs::OWN, bold(theme.ok)),
        Kind::CustomerLastKnown => (signs::OWN_LAST_KNOWN, bold(theme.warn)),
        Kind::Responder => (signs::RESPONDER, bold(theme.info)),
        Kind::ResponderEstimated => (signs::RESPONDER_ESTIMATED, bold(theme.info)),
        Kind::Supplier => (signs::SUPPLIER, theme.info),
        Kind::Vehicle => (signs::VEHICLE, bold(theme.text)),
        Kind::VehicleOff => (signs::VEHICLE_OFF, theme.muted),
    }
}

/// The column, or row, on the screen, if it is on the map.
fn column(value: f64, start: u16, length: u16) -> Option<u16> {
    let inside = (0.0..f64::from(length)).contains(&value);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "inside the map")]
    inside.then_some(start + value as u16)
}

/// `200 m`, `5 km`: of a round length.
fn distance(metres: f64) -> String {
    if metres < 1_000.0 { format!("{metres} m") } else { format!("{} km", metres / 1_000.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::ThemeName;

    fn look() -> Look {
        Look::new(ThemeName::Dark, Signs::Utf8, crate::keymap::Keymap::default(), jiff::tz::TimeZone::UTC)
    }

    fn place() -> Position {
        Position::new(-26.1, 28.0).unwrap()
    }

    fn scene(frame: Frame) -> Scene<'static> {
        Scene {
            frame,
            ground: Ground::Bare,
            rings: None,
            lines: &[],
            circles: &[],
            markers: &[],
            crosshair: None,
        }
    }

    fn drawn(scene: &Scene<'_>, columns: u16, rows: u16) -> Vec<String> {
        let area = Rect::new(0, 0, columns, rows);
        let mut buf = Buffer::empty(area);
        draw(scene, &look(), area, &mut buf);
        let symbols: Vec<&str> = buf.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        symbols.chunks(usize::from(columns)).map(<[&str]>::concat).collect()
    }

    #[test]
    fn a_map_of_any_size_and_scale_is_no_trouble() {
        let points = [place(), place()];
        for reach in [0.0, 1.0, 500.0, 1e9, f64::NAN] {
            for (columns, rows) in [(1, 1), (2, 1), (1, 9), (40, 12)] {
                let scene = Scene {
                    ground: Ground::Invented(7),
                    rings: Some(place()),
                    lines: &[(Stroke::Ahead, &points), (Stroke::Trail, &points)],
                    circles: &[Circle { at: place(), metres: 8.0, vague: false }],
                    markers: &[Marker { label: "ALPHA 7", ..Marker::of(Kind::Vehicle, place()) }],
                    crosshair: Some(place()),
                    ..scene(Frame::around(place(), reach))
                };
                assert_eq!(drawn(&scene, columns, rows).len(), usize::from(rows));
            }
        }
    }

    #[test]
    fn rings_are_round_distances_with_their_words() {
        let rings = Scene { rings: Some(place()), ..scene(Frame::around(place(), 400.0)) };
        let text = drawn(&rings, 80, 24).concat();
        for label in ["200 m", "400 m", "600 m"] {
            assert!(text.contains(label), "{label}: {text}");
        }
        let far = Scene { rings: Some(place()), ..scene(Frame::around(place().towards(90.0, 9e5), 400.0)) };
        assert!(!drawn(&far, 80, 24).concat().contains('⠁'), "rings around a place far off are not there");
    }

    #[test]
    fn labels_stand_beside_their_sign_and_never_on_another() {
        let east = place().towards(90.0, 60.0);
        let (first, second) = (Marker::of(Kind::Vehicle, place()), Marker::of(Kind::Vehicle, east));
        let markers =
            [Marker { label: "ALPHA", ..first }, Marker { label: "BRAVO", selected: true, ..second }];
        let text =
            drawn(&Scene { markers: &markers, ..scene(Frame::around(place(), 400.0)) }, 60, 12).join("\n");
        assert!(text.contains("▲ BRAVO") && text.contains("ALPHA ▲"), "{text}");
        let markers = markers.map(|marker| Marker { at: place(), ..marker });
        let text =
            drawn(&Scene { markers: &markers, ..scene(Frame::around(place(), 400.0)) }, 8, 12).join("\n");
        assert!(!text.contains("ALPHA"), "{text}");
    }
}
