//! A drawn screen as text that can be reviewed: its symbols, then each run of style.

use panic_console::app::screen::Target;
use panic_console::app::state::{Pane, State};
use panic_console::ui::{self, Look};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use std::fmt::{self, Write};
use unicode_width::UnicodeWidthStr;

#[derive(Debug)]
pub struct Picture {
    buffer: Buffer,
    area: Rect,
    cursor: Option<(u16, u16)>,
    styles: bool,
}

pub fn screen(state: &State, look: &Look, columns: u16, rows: u16) -> Picture {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal.draw(|frame| ui::view(state, look, frame)).unwrap();
    let backend = terminal.backend();
    let place = backend.cursor_position();
    let cursor = backend.cursor_visible().then_some((place.x, place.y));
    let buffer = backend.buffer().clone();
    Picture { area: buffer.area, buffer, cursor, styles: true }
}

/// Only the part of the screen in which the mouse would hit this pane.
pub fn pane_of(pane: Pane, state: &State, look: &Look, columns: u16, rows: u16) -> Picture {
    let whole = screen(state, look, columns, rows);
    let mut area: Option<Rect> = None;
    for place in whole.area.positions() {
        if ui::hit(state, columns, rows, place.x, place.y) == Some(Target::Pane(pane)) {
            let cell = Rect::new(place.x, place.y, 1, 1);
            area = Some(area.map_or(cell, |area| area.union(cell)));
        }
    }
    Picture { area: area.unwrap(), ..whole }
}

impl Picture {
    pub fn without_styles(self) -> Self {
        Self { styles: false, ..self }
    }

    pub fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.area.positions().map(|place| &self.buffer[place])
    }

    fn row(&self, y: u16) -> String {
        let mut row = String::new();
        let mut covered = 0;
        for x in self.area.x..self.area.right() {
            let symbol = self.buffer[(x, y)].symbol();
            if covered == 0 {
                row.push_str(symbol);
                covered = symbol.width().max(1);
            }
            covered -= 1;
        }
        row
    }

    fn runs(&self, y: u16) -> Vec<(u16, u16, Style)> {
        let mut runs: Vec<(u16, u16, Style)> = Vec::new();
        for x in self.area.x..self.area.right() {
            let style = self.buffer[(x, y)].style();
            let column = x - self.area.x;
            match runs.last_mut() {
                Some((_, end, last)) if *last == style => *end = column,
                _ => runs.push((column, column, style)),
            }
        }
        runs.retain(|(_, _, style)| !words(*style).is_empty());
        runs
    }
}

fn words(style: Style) -> String {
    let mut words = Vec::new();
    for (name, colour) in [("fg", style.fg), ("bg", style.bg)] {
        match colour {
            None | Some(Color::Reset) => {}
            Some(Color::Indexed(index)) => words.push(format!("{name} {index}")),
            Some(colour) => words.push(format!("{name} {colour}")),
        }
    }
    words.extend(style.add_modifier.iter_names().map(|(name, _)| name.to_lowercase()));
    words.join(" ")
}

impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for y in self.area.y..self.area.bottom() {
            writeln!(f, "{}", self.row(y).trim_end())?;
        }
        if let Some((x, y)) = self.cursor {
            writeln!(f, "cursor {x},{y}")?;
        }
        if !self.styles {
            return Ok(());
        }
        for y in self.area.y..self.area.bottom() {
            let mut line = String::new();
            for (from, to, style) in self.runs(y) {
                write!(line, " | {from}-{to} {}", words(style))?;
            }
            if !line.is_empty() {
                writeln!(f, "{}{line}", y - self.area.y)?;
            }
        }
        Ok(())
    }
}
