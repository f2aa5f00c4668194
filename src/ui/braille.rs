//! A grid of dots, eight to a cell, in layers: where two meet in a cell the higher one gives its style.

use super::signs::Signs;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Dots of a circle: a wide one of which little is seen has gaps.
const MOST_OF_RING: f64 = 4_000.0;
/// Layers below this one are ground: in a cell where something lies on it, it gives way, so that a route
/// over a dense map stays a line.
const GROUND: u8 = 2;

/// How a layer looks, and its character where braille cannot be shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layer {
    pub style: Style,
    pub plain: char,
}

#[derive(Debug)]
pub(super) struct Grid {
    columns: usize,
    rows: usize,
    /// Bits of the braille pattern, and the highest layer that set one.
    cells: Vec<(u8, u8)>,
}

impl Grid {
    pub(super) fn new(columns: u16, rows: u16) -> Self {
        let (columns, rows) = (usize::from(columns), usize::from(rows));
        Self { columns, rows, cells: vec![(0, 0); columns * rows] }
    }

    /// Sets a dot; one off the grid is let go.
    pub(super) fn dot(&mut self, x: i32, y: i32, layer: u8) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
        let (column, row) = (x / 2, y / 4);
        if column >= self.columns || row >= self.rows {
            return;
        }
        let bit = match (x % 2, y % 4) {
            (0, 3) => 0x40,
            (1, 3) => 0x80,
            (right, down) => 1 << (right * 3 + down),
        };
        let cell = &mut self.cells[row * self.columns + column];
        *cell = match (cell.1 < GROUND && cell.0 != 0, layer < GROUND) {
            (true, false) => (bit, layer),
            (false, true) if cell.1 >= GROUND => *cell,
            _ => (cell.0 | bit, cell.1.max(layer)),
        };
    }

    /// Whether something lies there, or nothing but ground.
    pub(super) fn is_free(&self, column: u16, row: u16) -> bool {
        let cell = self.cells.get(usize::from(row) * self.columns + usize::from(column));
        cell.is_some_and(|(bits, layer)| *bits == 0 || *layer < GROUND)
    }

    /// A straight line of dots, as much of it as lies on the grid.
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), layer: u8) {
        let Some((from, to)) = self.clipped(from, to) else { return };
        let steps = (to.0 - from.0).abs().max((to.1 - from.1).abs()).ceil().max(1.0);
        let mut step = 0.0;
        while step <= steps {
            let share = step / steps;
            self.point((from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share), layer);
            step += 1.0;
        }
    }

    /// The part of a line that lies on the grid (Liang and Barsky). `None` when there is none.
    fn clipped(&self, from: (f64, f64), to: (f64, f64)) -> Option<((f64, f64), (f64, f64))> {
        let (across, down) = self.size();
        let way = (to.0 - from.0, to.1 - from.1);
        if ![from.0, from.1, way.0, way.1].into_iter().all(f64::is_finite) {
            return None;
        }
        let (mut enters, mut leaves) = (0.0f64, 1.0f64);
        for (way, room) in
            [(-way.0, from.0 + 1.0), (way.0, across - from.0), (-way.1, from.1 + 1.0), (way.1, down - from.1)]
        {
            if way < 0.0 {
                enters = enters.max(room / way);
            } else if way > 0.0 {
                leaves = leaves.min(room / way);
            } else if room < 0.0 {
                return None;
            }
        }
        let at = |share: f64| (from.0 + way.0 * share, from.1 + way.1 * share);
        (enters <= leaves).then(|| (at(enters), at(leaves)))
    }

    /// Dots across and down.
    #[expect(clippy::cast_precision_loss, reason = "columns and rows of a terminal")]
    fn size(&self) -> (f64, f64) {
        (self.columns as f64 * 2.0, self.rows as f64 * 4.0)
    }

    /// A circle of dots that stand so far apart. One that lies around the grid, or beside it, costs
    /// nothing.
    pub(super) fn ring(&mut self, centre: (f64, f64), radius: f64, apart: f64, layer: u8) {
        let (across, down) = self.size();
        let off = |at: f64, most: f64| (at - at.clamp(0.0, most)).abs();
        let farthest = |at: f64, most: f64| at.abs().max((most - at).abs());
        let nearest = off(centre.0, across).hypot(off(centre.1, down));
        if radius < nearest || radius > farthest(centre.0, across).hypot(farthest(centre.1, down)) {
            return;
        }
        let dots = (radius * std::f64::consts::TAU / apart).clamp(12.0, MOST_OF_RING).round();
        let mut dot = 0.0;
        while dot < dots {
            let turn = dot / dots * std::f64::consts::TAU;
            self.point((centre.0 + radius * turn.cos(), centre.1 + radius * turn.sin()), layer);
            dot += 1.0;
        }
    }

    pub(super) fn point(&mut self, at: (f64, f64), layer: u8) {
        #[expect(clippy::cast_possible_truncation, reason = "saturates off the grid, where dots are let go")]
        self.dot(at.0.round() as i32, at.1.round() as i32, layer);
    }

    pub(super) fn paint(&self, layers: &[Layer], signs: Signs, area: Rect, buf: &mut Buffer) {
        for (row, cells) in (area.y..area.bottom()).zip(self.cells.chunks(self.columns.max(1))) {
            for (column, (bits, layer)) in (area.x..area.right()).zip(cells) {
                let Some(look) = layers.get(usize::from(*layer)).filter(|_| *bits != 0) else { continue };
                let sign = match signs {
                    Signs::Utf8 => char::from_u32(0x2800 + u32::from(*bits)).unwrap_or('.'),
                    Signs::Ascii => look.plain,
                };
                if let Some(cell) = buf.cell_mut((column, row)) {
                    cell.set_char(sign).set_style(look.style);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(grid: &Grid, signs: Signs) -> String {
        let area = Rect::new(0, 0, 3, 2);
        let mut buf = Buffer::empty(area);
        let layers = ['-', '-', '.', '*'].map(|plain| Layer { style: Style::new(), plain });
        grid.paint(&layers, signs, area, &mut buf);
        buf.content.iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn dots_fill_their_cell_in_the_order_of_unicode() {
        let mut grid = Grid::new(3, 2);
        grid.dot(0, 0, 2);
        grid.dot(3, 7, 3);
        assert_eq!(drawn(&grid, Signs::Utf8), "⠁   ⢀ ");
        for y in 0..4 {
            grid.dot(0, y, 2);
            grid.dot(1, y, 2);
        }
        assert_eq!(drawn(&grid, Signs::Utf8), "⣿   ⢀ ");
        assert_eq!(drawn(&grid, Signs::Ascii), ".   * ");
    }

    #[test]
    fn what_is_off_the_grid_is_let_go() {
        let mut grid = Grid::new(3, 2);
        grid.line((-4.0, -4.0), (9.0, 9.0), 2);
        grid.line((-1e12, -1e12), (1e12, 1e12), 2);
        grid.line((f64::NAN, 0.0), (3.0, 3.0), 2);
        grid.line((-5.0, 900.0), (5.0, 900.0), 2);
        grid.ring((3.0, 4.0), 50.0, 2.0, 2);
        grid.ring((1e9, 4.0), 5.0, 2.0, 2);
        grid.point((f64::NAN, 1e300), 2);
        assert_eq!(drawn(&grid, Signs::Utf8), "⠑⢄   ⠑");
    }

    /// A route over a dense map is a line, whichever of the two was drawn first.
    #[test]
    fn ground_gives_way() {
        for ground_first in [true, false] {
            let mut grid = Grid::new(3, 2);
            if ground_first {
                grid.dot(1, 1, 0);
            }
            grid.dot(0, 0, 2);
            if !ground_first {
                grid.dot(1, 1, 0);
            }
            grid.dot(2, 0, 0);
            grid.dot(3, 0, 1);
            assert_eq!(drawn(&grid, Signs::Utf8), "⠁⠉    ");
            assert!(!grid.is_free(0, 0) && grid.is_free(1, 0) && grid.is_free(2, 1) && !grid.is_free(0, 9));
        }
    }
}
