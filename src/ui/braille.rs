//! A grid of dots, eight to a cell, in layers: where two meet in a cell the higher one gives its style.

use super::signs::Signs;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

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
        *cell = (cell.0 | bit, cell.1.max(layer));
    }

    /// A straight line of dots. Both ends must lie near the grid: its length is its cost.
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), layer: u8) {
        let steps = (to.0 - from.0).abs().max((to.1 - from.1).abs()).ceil().max(1.0);
        let mut step = 0.0;
        while step <= steps {
            let share = step / steps;
            self.point((from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share), layer);
            step += 1.0;
        }
    }

    /// A circle of separate dots.
    pub(super) fn ring(&mut self, centre: (f64, f64), radius: f64, layer: u8) {
        let dots = (radius * 3.0).clamp(12.0, 240.0).round();
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
        let layers = [Layer { style: Style::new(), plain: '.' }, Layer { style: Style::new(), plain: '*' }];
        grid.paint(&layers, signs, area, &mut buf);
        buf.content.iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn dots_fill_their_cell_in_the_order_of_unicode() {
        let mut grid = Grid::new(3, 2);
        grid.dot(0, 0, 0);
        grid.dot(3, 7, 1);
        assert_eq!(drawn(&grid, Signs::Utf8), "⠁   ⢀ ");
        for y in 0..4 {
            grid.dot(0, y, 0);
            grid.dot(1, y, 0);
        }
        assert_eq!(drawn(&grid, Signs::Utf8), "⣿   ⢀ ");
        assert_eq!(drawn(&grid, Signs::Ascii), ".   * ");
    }

    #[test]
    fn what_is_off_the_grid_is_let_go() {
        let mut grid = Grid::new(3, 2);
        grid.line((-4.0, -4.0), (9.0, 9.0), 0);
        grid.ring((3.0, 4.0), 50.0, 0);
        grid.point((f64::NAN, 1e300), 0);
        assert_eq!(drawn(&grid, Signs::Utf8), "⠑⢄   ⠑");
    }
}
