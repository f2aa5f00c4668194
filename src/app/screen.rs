//! The seats of the console: one screen each, and what of them the mouse can point at.

use super::intent::Intent;
use super::state::{Dialog, Pane, State, Tone};
use super::{Effects, control, devices, intents, map, traffic, watching};
use crate::geo::view::Spot;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Screen {
    /// Who raised the panic: status flow, responder, route and chat.
    #[default]
    Customer,
    /// Who answers it: all callouts of the simulator.
    Control,
    /// The buttons that customers have.
    Devices,
    /// Who looks at every request in between.
    Traffic,
}

impl Screen {
    /// Those that there are, in the order of their keys.
    pub const ALL: &'static [Self] = &[Self::Customer, Self::Control, Self::Devices, Self::Traffic];

    /// Its key, and its number in the header.
    pub fn number(self) -> u8 {
        match self {
            Self::Customer => 1,
            Self::Control => 2,
            Self::Devices => 3,
            Self::Traffic => 4,
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Customer => "Customer",
            Self::Control => "Control room",
            Self::Devices => "Devices",
            Self::Traffic => "Traffic",
        }
    }
}

/// What is under the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    Pane(Pane),
    /// A cell of the screen's map.
    Map(Spot),
    /// The name of a screen in the header.
    Screen(Screen),
    Traffic(traffic::Spot),
    /// Something of the control room.
    Control(control::Spot),
    Devices(devices::Spot),
    /// A row of the list of watched callouts; none: the list.
    Watched(Option<u32>),
    /// Something with rows that stands in front: it can be scrolled.
    InFront,
}

impl Target {
    /// A cell of a map: what the mouse holds can be dragged.
    pub fn is_map(self) -> bool {
        use {control::Spot as InRoom, devices::Spot as OnDevices};
        matches!(self, Self::Map(_) | Self::Control(InRoom::Map(_)) | Self::Devices(OnDevices::Map(_)))
    }
}

pub(super) fn show(state: &mut State, screen: Screen) -> Effects {
    if state.dialog.is_none() && Screen::ALL.contains(&screen) {
        state.screen = screen;
        state.chat.writing = false;
        traffic::shown(state);
        control::leave(state);
        devices::leave(state);
    }
    Vec::new()
}

/// Customer and control room side by side, or one of them alone.
pub(super) fn toggle_split(state: &mut State) -> Effects {
    if state.dialog.is_some() {
        return Vec::new();
    }
    if state.is_watching() {
        state.tell(Tone::Info, "side by side is for the console, not for watching");
        return Vec::new();
    }
    if state.control.split {
        state.control.split = false;
    } else if state.columns < State::SPLIT {
        state.tell(Tone::Info, &needs_columns(state.columns));
    } else {
        state.control.split = true;
        if !state.is_split() {
            return show(state, Screen::Control);
        }
    }
    Vec::new()
}

const NEEDS: &str = "side by side needs";

pub(super) fn needs_columns(columns: u16) -> String {
    format!("{NEEDS} {} columns, there are {columns}", State::SPLIT)
}

/// News of a width that is another one by now.
pub(super) fn is_about_columns(news: &str) -> bool {
    news.starts_with(NEEDS)
}

/// The other side of the split view has the keys.
pub(super) fn other_side(state: &mut State) -> Effects {
    match state.screen {
        Screen::Customer if state.is_split() => show(state, Screen::Control),
        Screen::Control if state.is_split() => show(state, Screen::Customer),
        _ => Vec::new(),
    }
}

/// In the split view the side that is pointed at gets the keys.
fn side(state: &mut State, screen: Screen) {
    if state.is_split() && state.screen != screen {
        let _ = show(state, screen);
    }
}

pub(super) fn pressed(state: &mut State, target: Target) -> Effects {
    for camera in [&mut state.map.camera, &mut state.control.camera, &mut state.devices.camera] {
        camera.let_go();
    }
    match target {
        Target::InFront => Vec::new(),
        Target::Watched(row) => watching::pressed(state, row),
        Target::Pane(pane) => {
            watching::panes(state);
            side(state, Screen::Customer);
            intents::focus(state, pane)
        }
        Target::Map(spot) => {
            watching::panes(state);
            side(state, Screen::Customer);
            map::grab(state, spot);
            intents::focus(state, Pane::Route)
        }
        Target::Screen(screen) => show(state, screen),
        Target::Traffic(spot) => traffic::pressed(state, spot),
        Target::Control(spot) => {
            side(state, Screen::Control);
            control::pressed(state, spot)
        }
        Target::Devices(spot) => devices::pressed(state, spot),
    }
}

/// The mouse moved with its button down.
pub(super) fn dragged(state: &mut State, target: Target) -> Effects {
    match target {
        Target::Map(spot) => map::drag(state, spot),
        Target::Control(control::Spot::Map(spot)) => control::drag(state, spot),
        Target::Devices(devices::Spot::Map(spot)) => devices::drag(state, spot),
        _ => {}
    }
    Vec::new()
}

pub(super) fn wheeled(state: &mut State, target: Target, lines: i16) -> Effects {
    match target {
        Target::Pane(pane) => intents::wheel(state, pane, lines),
        Target::Map(spot) => {
            map::zoom_at(state, spot, -lines.signum());
            Vec::new()
        }
        Target::Screen(_) => Vec::new(),
        Target::InFront => scroll_in_front(state, lines),
        Target::Watched(_) => watching::wheeled(state, lines),
        Target::Traffic(spot) => traffic::wheeled(state, spot, lines),
        Target::Control(spot) => control::wheeled(state, spot, lines),
        Target::Devices(spot) => devices::wheeled(state, spot, lines),
    }
}

/// A notch is one row where a row is chosen, and three where there is only text.
fn scroll_in_front(state: &mut State, lines: i16) -> Effects {
    if state.dialog.is_none() {
        return Vec::new();
    }
    let step = if lines < 0 { Intent::ScrollUp } else { Intent::ScrollDown };
    let steps = if matches!(state.dialog, Some(Dialog::Help { .. })) { lines.unsigned_abs() } else { 1 };
    (0..steps).flat_map(|_| intents::apply(state, step)).collect()
}

/// When the screen that is shown asks for its own data again.
pub(super) fn deadline(state: &State) -> Option<Timestamp> {
    match state.screen {
        Screen::Customer | Screen::Control => control::deadline(state),
        Screen::Devices => devices::deadline(state),
        Screen::Traffic => None,
    }
}

pub(super) fn due(state: &mut State) -> Effects {
    match state.screen {
        Screen::Customer | Screen::Control => control::due(state),
        Screen::Devices => devices::due(state),
        Screen::Traffic => Vec::new(),
    }
}
