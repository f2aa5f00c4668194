//! Draws the state, and nothing else: no clock, no network, no memory of the frame before. What a
//! pane shows comes from `State`; how it looks comes from `Look`.

mod age;
mod braille;
mod control;
mod devices;
mod dialogs;
mod footer;
mod frame;
mod header;
mod layout;
mod lines;
mod moments;
mod panes;
pub mod plain;
mod signs;
mod tabs;
mod theme;
mod traffic;
mod watching;
mod words;

pub use layout::hit;
pub use signs::Signs;
pub use theme::{Theme, ThemeName};
pub use watching::lines::WatchTeller;

use crate::app::screen::Screen;
use crate::app::state::State;
use crate::keymap::Keymap;
use jiff::tz::TimeZone;
use layout::Shape;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// How things look here: what the person chose and what the terminal can do.
#[derive(Clone, Debug)]
pub struct Look {
    pub theme: Theme,
    pub signs: Signs,
    pub keys: Keymap,
    /// Times of day are shown in it.
    pub zone: TimeZone,
}

impl Look {
    pub fn new(theme: ThemeName, signs: Signs, keys: Keymap, zone: TimeZone) -> Self {
        Self { theme: Theme::of(theme), signs, keys, zone }
    }
}

/// Draws one frame.
pub fn view(state: &State, look: &Look, frame: &mut Frame) {
    let area = frame.area();
    let plan = layout::plan(area, state);
    let buf = frame.buffer_mut();
    let mut cursor = None;
    if plan.shape == Shape::TooSmall {
        too_small(area, buf);
        header::warn(state, look, Rect { height: area.height.min(1), ..area }, buf);
    } else {
        header::draw(state, look, plan.header, buf);
        if let Some(status) = plan.status {
            panes::flow::strip(state, look, status, buf);
        }
        if let Some(area) = plan.list {
            cursor = watching::draw(state, look, area, buf);
        }
        if let Some(area) = plan.control {
            cursor = control::draw(state, look, area, buf).or(cursor);
        }
        for (pane, area) in &plan.panes {
            cursor = panes::draw(*pane, state, look, plan.shape, *area, buf).or(cursor);
        }
        if state.screen == Screen::Traffic {
            cursor = traffic::draw(state, look, plan.body, buf);
        }
        if state.screen == Screen::Devices {
            devices::draw(state, look, plan.body, buf);
        }
        cursor = footer::draw(state, look, plan.shape, plan.footer, buf).or(cursor);
        if state.dialog.is_some() {
            cursor = dialogs::draw(state, look, area, buf);
        }
    }
    if look.signs == Signs::Ascii {
        signs::to_ascii(buf);
    }
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
}

fn too_small(area: Rect, buf: &mut Buffer) {
    let needed =
        format!("Needs {}×{}, has {}×{}", layout::MIN_COLUMNS, layout::MIN_ROWS, area.width, area.height);
    lines::put(buf, area.x, area.y, area.width, &Line::raw(needed));
}
