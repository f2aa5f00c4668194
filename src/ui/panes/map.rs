//! The braille map: places laid flat on the dots of a pane, as large as they fit.

use crate::app::reckoning::thinned;
use crate::geo::Position;
use crate::ui::braille::{Grid, Layer};
use crate::ui::{Look, lines};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Metres across that a map shows at least: a person alone is not drawn larger than their street.
const SMALLEST_M: f64 = 90.0;
/// An accuracy worse than this does not make the map larger; the ring leaves it.
const LARGEST_RING_M: f64 = 250.0;
/// Dots kept free at each edge, so that signs do not touch the border.
const MARGIN: f64 = 5.0;
const DEGREE_M: f64 = 111_195.0;

const TRAIL: u8 = 0;
const RING: u8 = 1;
const TRAVELLED: u8 = 2;
const AHEAD: u8 = 3;

/// A sign on the map.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub at: Position,
    pub sign: &'static str,
    pub style: Style,
}

/// What there is to draw.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    pub route: &'a [Position],
    pub trail: &'a std::collections::VecDeque<Position>,
    pub own: Mark,
    pub accuracy: Option<f64>,
    /// The ring of a fix that is too vague to send.
    pub vague: bool,
    pub responder: Option<Mark>,
}

pub(super) fn draw(scene: &Scene<'_>, look: &Look, area: Rect, buf: &mut Buffer) {
    let route: Vec<Position> = thinned(scene.route).collect();
    let view = Projection::of(scene, &route, area);
    let mut grid = Grid::new(area.width, area.height);
    for place in scene.trail {
        grid.point(view.dot(*place), TRAIL);
    }
    if let Some(accuracy) = scene.accuracy {
        let radius = accuracy * view.dots_per_metre;
        if radius >= 2.0 {
            grid.ring(view.middle_of_cell(scene.own.at), radius, RING);
        }
    }
    draw_route(&mut grid, &view, &route, scene.responder);
    let layers = [
        Layer { style: look.theme.muted, plain: '.' },
        Layer { style: if scene.vague { look.theme.warn } else { look.theme.ok }, plain: '.' },
        Layer { style: look.theme.border, plain: '.' },
        Layer { style: look.theme.info, plain: ':' },
    ];
    grid.paint(&layers, look.signs, area, buf);
    let marks = [Some(scene.own), scene.responder];
    for mark in marks.into_iter().flatten() {
        put_mark(&view, mark, area, buf);
    }
    furniture(&view, look, area, buf);
}

/// The way that is left stands out from the way that was travelled.
fn draw_route(grid: &mut Grid, view: &Projection, route: &[Position], responder: Option<Mark>) {
    let dots: Vec<(f64, f64)> = route.iter().map(|place| view.dot(*place)).collect();
    let near = |dot: &(f64, f64), to: (f64, f64)| (dot.0 - to.0).hypot(dot.1 - to.1);
    let here = responder.map(|mark| view.dot(mark.at));
    let ahead_from = here.and_then(|here| {
        let segments = dots.windows(2).enumerate();
        let nearest = segments.min_by(|(_, a), (_, b)| {
            let detour = |s: &[(f64, f64)]| near(&s[0], here) + near(&s[1], here) - near(&s[0], s[1]);
            detour(a).total_cmp(&detour(b))
        });
        nearest.map(|(index, _)| (index, here))
    });
    for (index, segment) in dots.windows(2).enumerate() {
        match ahead_from {
            Some((from, _)) if index < from => grid.line(segment[0], segment[1], TRAVELLED),
            Some((from, here)) if index == from => {
                grid.line(segment[0], here, TRAVELLED);
                grid.line(here, segment[1], AHEAD);
            }
            _ => grid.line(segment[0], segment[1], AHEAD),
        }
    }
}

fn put_mark(view: &Projection, mark: Mark, area: Rect, buf: &mut Buffer) {
    let (x, y) = view.cell(mark.at);
    let place = (column(x, area.x, area.width), column(y, area.y, area.height));
    if let (Some(x), Some(y)) = place {
        lines::put(buf, x, y, 1, &Line::from(Span::styled(mark.sign, mark.style)));
    }
}

/// The column, or row, on the screen, if it is on the map.
fn column(value: f64, start: u16, length: u16) -> Option<u16> {
    let inside = (0.0..f64::from(length)).contains(&value);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "inside the map")]
    inside.then_some(start + value as u16)
}

/// North, and how long a stretch on the map is.
fn furniture(view: &Projection, look: &Look, area: Rect, buf: &mut Buffer) {
    let north = Line::from(Span::styled("N↑", look.theme.muted));
    lines::put_right(buf, area.right(), area.y, 2, &north);
    let widest = f64::from(area.width) / 3.0;
    let per_column = 2.0 / view.dots_per_metre;
    let Some(metres) = round_length(widest * per_column) else { return };
    let label = if metres < 1_000.0 { format!(" {metres} m") } else { format!(" {} km", metres / 1_000.0) };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most a third of the width"
    )]
    let columns = (metres / per_column).round().max(2.0) as usize;
    let bar = format!("├{}┤", "─".repeat(columns.saturating_sub(2)));
    let scale = Line::from(vec![Span::styled(bar, look.theme.muted), Span::styled(label, look.theme.muted)]);
    lines::put(buf, area.x, area.bottom() - 1, area.width, &scale);
}

/// The longest of 1, 2 or 5 times a power of ten that is not longer than `most`.
fn round_length(most: f64) -> Option<f64> {
    if !most.is_finite() || most < 1.0 {
        return None;
    }
    let power = 10f64.powf(most.log10().floor());
    [5.0, 2.0, 1.0].into_iter().map(|digit| digit * power).find(|length| *length <= most)
}

/// From places to dots: flat around the middle of the scene, the same scale both ways. A cell is
/// twice as high as wide and has 2×4 dots, so dots are square.
struct Projection {
    middle: Position,
    degree_x: f64,
    dots_per_metre: f64,
    centre: (f64, f64),
}

impl Projection {
    fn of(scene: &Scene<'_>, route: &[Position], area: Rect) -> Self {
        let first = scene.own.at;
        let degree_x = DEGREE_M * first.latitude().to_radians().cos().max(0.01);
        let flat = |place: Position| {
            let east = (place.longitude() - first.longitude()) * degree_x;
            (east, (place.latitude() - first.latitude()) * DEGREE_M)
        };
        let ring = scene.accuracy.unwrap_or(0.0).min(LARGEST_RING_M);
        let (mut low, mut high) = ((-ring, -ring), (ring, ring));
        let others = route.iter().chain(scene.trail).copied().chain(scene.responder.map(|mark| mark.at));
        for (east, north) in others.map(flat) {
            low = (low.0.min(east), low.1.min(north));
            high = (high.0.max(east), high.1.max(north));
        }
        let (columns, rows) = (f64::from(area.width) * 2.0, f64::from(area.height) * 4.0);
        let span = ((high.0 - low.0).max(1.0), (high.1 - low.1).max(1.0));
        let room = |dots: f64| (dots - 2.0 * MARGIN.min(dots / 6.0)).max(1.0);
        let fitting = (room(columns) / span.0).min(room(rows) / span.1);
        let dots_per_metre = fitting.min(columns.min(rows) / SMALLEST_M);
        let (east, north) = (f64::midpoint(low.0, high.0), f64::midpoint(low.1, high.1));
        let middle = Position::new(first.latitude() + north / DEGREE_M, first.longitude() + east / degree_x);
        Self {
            middle: middle.unwrap_or(first),
            degree_x,
            dots_per_metre,
            centre: (columns / 2.0, rows / 2.0),
        }
    }

    /// Column and row, where its dot would be: a sign covers the end of the line that leads to it.
    fn cell(&self, place: Position) -> (f64, f64) {
        let (x, y) = self.dot(place);
        ((x.round() / 2.0).floor(), (y.round() / 4.0).floor())
    }

    fn middle_of_cell(&self, place: Position) -> (f64, f64) {
        let (column, row) = self.cell(place);
        (column * 2.0 + 0.5, row * 4.0 + 1.5)
    }

    fn dot(&self, place: Position) -> (f64, f64) {
        let east = (place.longitude() - self.middle.longitude()) * self.degree_x;
        let north = (place.latitude() - self.middle.latitude()) * DEGREE_M;
        (self.centre.0 + east * self.dots_per_metre, self.centre.1 - north * self.dots_per_metre)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::{Signs, ThemeName, signs};
    use std::collections::VecDeque;

    #[test]
    fn a_scale_is_a_round_length() {
        for (most, length) in [(1.0, Some(1.0)), (49.0, Some(20.0)), (50.0, Some(50.0)), (0.4, None)] {
            assert_eq!(round_length(most), length);
        }
    }

    /// North up, east right, and as far north as east is as many dots, far from the equator too.
    #[test]
    fn the_map_keeps_its_angles() {
        let own = Position::new(60.0, 25.0).unwrap();
        let mark = Mark { at: own, sign: signs::OWN, style: Style::new() };
        let corner = own.towards(0.0, 500.0).towards(90.0, 500.0);
        let trail = VecDeque::from([corner]);
        let scene =
            Scene { route: &[], trail: &trail, own: mark, accuracy: None, vague: false, responder: None };
        let view = Projection::of(&scene, &[], Rect::new(0, 0, 60, 20));
        let (from, to) = (view.dot(own), view.dot(corner));
        assert!(to.0 > from.0 && to.1 < from.1);
        assert!(((to.0 - from.0) - (from.1 - to.1)).abs() < 1.0, "{from:?} {to:?}");
        for (x, y) in [from, to] {
            assert!((0.0..120.0).contains(&x) && (0.0..80.0).contains(&y));
        }
    }

    #[test]
    fn a_map_of_one_cell_is_no_trouble() {
        let own = Position::new(-26.1, 28.0).unwrap();
        let mark = Mark { at: own, sign: signs::OWN, style: Style::new() };
        let (trail, area) = (VecDeque::new(), Rect::new(0, 0, 1, 1));
        let scene = Scene {
            route: &[own, own],
            trail: &trail,
            own: mark,
            accuracy: Some(8.0),
            vague: false,
            responder: Some(mark),
        };
        let mut buf = Buffer::empty(area);
        let zone = jiff::tz::TimeZone::UTC;
        let look = Look::new(ThemeName::Dark, Signs::Utf8, crate::keymap::Keymap::default(), zone);
        draw(&scene, &look, area, &mut buf);
    }
}
