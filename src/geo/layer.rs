//! Lines of a map that lie under everything else: kept in several finenesses, cut into pieces with
//! their bounds, so that what is drawn costs by what is seen and not by the size of the file.

use super::Position;
use super::geojson::{self, Fault};
use super::view::{DEGREE_M, View, turn};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

/// Points of a file that are taken at most.
const MOST_POINTS: usize = 200_000;
/// Bytes of a file that are read at most.
pub const MOST_BYTES: u64 = 32 * 1024 * 1024;
/// Points of a piece.
const PIECE: usize = 48;
/// Metres that the first of the coarser levels may be off; each further one twice as far.
const FINEST_M: f64 = 2.0;
/// A level of fewer points than this is never too many.
const FEW: usize = 256;
/// Dots that a drawn line may be off.
const OFF_DOTS: f64 = 1.0;

/// A longitude and a latitude, in degrees.
type Point = (f64, f64);

/// Shared by all copies of a state: it never changes.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "Vec<Vec<Position>>", into = "Vec<Vec<Position>>")]
pub struct Layer(Arc<Levels>);

struct Levels {
    lines: Vec<Vec<Position>>,
    /// From the file's own lines to the coarsest.
    levels: Vec<Level>,
}

struct Level {
    off_m: f64,
    pieces: Vec<Piece>,
}

struct Piece {
    low: Point,
    high: Point,
    points: Vec<Point>,
}

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Layer({} lines, {} levels)", self.0.lines.len(), self.0.levels.len())
    }
}

impl PartialEq for Layer {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.lines == other.0.lines
    }
}

impl From<Vec<Vec<Position>>> for Layer {
    fn from(lines: Vec<Vec<Position>>) -> Self {
        let mut ways: Vec<Vec<Point>> = lines.iter().flat_map(|line| unbroken(line)).collect();
        let mut levels = vec![Level { off_m: 0.0, pieces: pieces(&ways) }];
        let mut off_m = FINEST_M;
        while ways.iter().map(Vec::len).sum::<usize>() > FEW && off_m < 1e6 {
            ways = coarser(&ways, off_m / DEGREE_M);
            levels.push(Level { off_m, pieces: pieces(&ways) });
            off_m *= 2.0;
        }
        Self(Arc::new(Levels { lines, levels }))
    }
}

impl From<Layer> for Vec<Vec<Position>> {
    fn from(layer: Layer) -> Self {
        layer.0.lines.clone()
    }
}

impl Layer {
    /// Lines and outlines of a GeoJSON file.
    pub fn read(text: &str) -> Result<Self, Fault> {
        let lines: Vec<Vec<Position>> =
            geojson::shapes(text)?.into_iter().map(|shape| shape.points).filter(|p| p.len() > 1).collect();
        let points: usize = lines.iter().map(Vec::len).sum();
        match points {
            0 => Err(Fault::whole("has no lines and no polygons: there is nothing to draw")),
            1..=MOST_POINTS => Ok(Self::from(lines)),
            _ => Err(Fault::whole(format!("has {points} points, more than {MOST_POINTS}: simplify it"))),
        }
    }

    /// Tells the stretches of lines that may be seen, in dots.
    pub fn stretches(&self, view: &View, mut draw: impl FnMut((f64, f64), (f64, f64))) {
        let most_off = OFF_DOTS / view.dots_per_metre;
        let level = self.0.levels.iter().rev().find(|level| level.off_m <= most_off);
        let Some(level) = level.or(self.0.levels.first()) else { return };
        let (across, down) = view.dots_per_degree();
        let middle = (view.middle().longitude(), view.middle().latitude());
        let reach = (view.size.0 / 2.0 / across, view.size.1 / 2.0 / down);
        for piece in &level.pieces {
            // The whole piece is moved the shorter way round.
            let centre = f64::midpoint(piece.low.0, piece.high.0);
            let shift = turn(centre - middle.0) - centre;
            let (west, east) = (piece.low.0 + shift, piece.high.0 + shift);
            let seen = (west <= reach.0 && east >= -reach.0)
                && (piece.low.1 - middle.1 <= reach.1 && piece.high.1 - middle.1 >= -reach.1);
            if !seen {
                continue;
            }
            let dot = |point: &Point| {
                let x = view.size.0 / 2.0 + (point.0 + shift) * across;
                (x, view.size.1 / 2.0 - (point.1 - middle.1) * down)
            };
            let mut points = piece.points.iter().map(dot);
            let Some(mut last) = points.next() else { continue };
            for next in points {
                draw(last, next);
                last = next;
            }
        }
    }
}

/// The line in parts that do not jump over the date line.
fn unbroken(line: &[Position]) -> Vec<Vec<Point>> {
    let mut parts: Vec<Vec<Point>> = vec![Vec::with_capacity(line.len())];
    let mut last: Option<f64> = None;
    for place in line {
        if last.is_some_and(|last| (place.longitude() - last).abs() > 180.0) {
            parts.push(Vec::new());
        }
        last = Some(place.longitude());
        if let Some(part) = parts.last_mut() {
            part.push((place.longitude(), place.latitude()));
        }
    }
    parts.retain(|part| part.len() > 1);
    parts
}

/// The lines on a grid of `cell` degrees, each stretch of it once: what is smaller than a cell goes, and
/// what lies on the same cells is drawn once.
fn coarser(lines: &[Vec<Point>], cell: f64) -> Vec<Vec<Point>> {
    let mut drawn: HashSet<((i64, i64), (i64, i64))> = HashSet::new();
    let mut kept: Vec<Vec<Point>> = Vec::new();
    let on_grid = |(x, y): Point| (whole(x / cell), whole(y / cell));
    for line in lines {
        let mut part: Vec<Point> = Vec::new();
        let mut last: Option<((i64, i64), Point)> = None;
        for point in line {
            let at = on_grid(*point);
            let Some((before, from)) = last else {
                last = Some((at, *point));
                continue;
            };
            if at == before {
                continue;
            }
            if drawn.insert((before.min(at), before.max(at))) {
                if part.is_empty() {
                    part.push(from);
                }
                part.push(*point);
            } else if !part.is_empty() {
                kept.push(std::mem::take(&mut part));
            }
            last = Some((at, *point));
        }
        if part.len() > 1 {
            kept.push(part);
        }
    }
    kept
}

#[expect(clippy::cast_possible_truncation, reason = "degrees in cells of metres")]
fn whole(value: f64) -> i64 {
    value.round() as i64
}

fn pieces(lines: &[Vec<Point>]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for line in lines {
        let mut start = 0;
        while start + 1 < line.len() {
            let end = (start + PIECE).min(line.len());
            pieces.push(Piece::of(&line[start..end]));
            // The next one begins where this one ends.
            start = end - 1;
        }
    }
    pieces
}

impl Piece {
    fn of(points: &[Point]) -> Self {
        let first = points.first().copied().unwrap_or_default();
        let (mut low, mut high) = (first, first);
        for (x, y) in points {
            low = (low.0.min(*x), low.1.min(*y));
            high = (high.0.max(*x), high.1.max(*y));
        }
        Self { low, high, points: points.to_vec() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::view::Frame;

    fn at(latitude: f64, longitude: f64) -> Position {
        Position::new(latitude, longitude).unwrap()
    }

    fn seen(layer: &Layer, frame: &Frame) -> Vec<((f64, f64), (f64, f64))> {
        let mut stretches = Vec::new();
        layer.stretches(&View::of(frame, 60, 20), |a, b| stretches.push((a, b)));
        stretches
    }

    /// A town of short lines, `side` by `side` of them.
    fn town(side: u32) -> Layer {
        let start = at(-26.1, 28.0);
        let line = |index: u32| {
            let corner = start.towards(90.0, f64::from(index % side) * 30.0);
            let corner = corner.towards(0.0, f64::from(index / side) * 30.0);
            vec![corner, corner.towards(45.0, 12.0), corner.towards(90.0, 20.0)]
        };
        Layer::from((0..side * side).map(line).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_out_of_sight_costs_nothing() {
        let town = town(100);
        let here = seen(&town, &Frame::around(at(-26.1, 28.0).towards(45.0, 1_500.0), 60.0));
        assert!((4..120).contains(&here.len()), "{}", here.len());
        assert!(seen(&town, &Frame::around(at(10.0, 10.0), 500.0)).is_empty());
    }

    #[test]
    fn from_afar_less_is_drawn_than_there_is() {
        let whole = seen(&town(100), &Frame::around(at(-26.09, 28.01), 6_000.0));
        assert!(whole.len() < 2_000, "{}", whole.len());
        let line: Vec<Position> = (0..50_000).map(|n| at(-26.0, 28.0).towards(90.0, f64::from(n))).collect();
        let layer = Layer::from(vec![line]);
        let drawn = seen(&layer, &Frame::around(at(-26.0, 28.25), 30_000.0));
        assert!((20..2_000).contains(&drawn.len()), "{}", drawn.len());
        let (first, last) = (drawn[0].0, drawn[drawn.len() - 1].1);
        assert!(last.0 - first.0 > 55.0, "the line is whole: {first:?} {last:?}");
    }

    #[test]
    fn the_date_line_is_no_bar_across_the_map() {
        let layer =
            Layer::from(vec![vec![at(0.0, 179.99), at(0.0, 180.0)], vec![at(0.0, -180.0), at(0.0, -179.99)]]);
        let drawn = seen(&layer, &Frame::around(at(0.0, 180.0), 1_500.0));
        assert_eq!(drawn.len(), 2);
        for ((x, _), (to, _)) in drawn {
            assert!((0.0..=120.0).contains(&x) && (to - x).abs() < 60.0, "{x} {to}");
        }
        let jumping = Layer::from(vec![vec![at(0.0, 179.9), at(0.0, -179.9)]]);
        assert!(seen(&jumping, &Frame::around(at(0.0, 0.0), 1_000.0)).is_empty());
    }

    #[test]
    fn it_is_written_down_and_read_back() {
        let town = town(4);
        let written = serde_json::to_string(&town).unwrap();
        assert_eq!(serde_json::from_str::<Layer>(&written).unwrap(), town);
        assert_ne!(town, super::Layer::from(Vec::new()));
    }

    #[test]
    fn a_file_without_lines_is_refused() {
        let told = |text: &str| Layer::read(text).unwrap_err().of_file("city.geojson");
        assert_eq!(told("[1]"), "city.geojson:1: invalid type: integer `1`, expected a string");
        let point = r#"{"type":"Point","coordinates":[1,2]}"#;
        assert_eq!(told(point), "city.geojson: has no lines and no polygons: there is nothing to draw");
    }
}
