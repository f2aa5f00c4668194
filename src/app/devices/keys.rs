//! What the keys and the mouse mean on the devices' screen.

use super::{Form, Say, Spot, Wanted, forms, map, orders, poll};
use crate::app::Effects;
use crate::app::control::{self, Reach};
use crate::app::intent::Intent;
use crate::app::intents::rows;
use crate::app::map::nudged;
use crate::app::screen::{self, Screen};
use crate::app::state::{Dialog, State, Tone};

pub(in crate::app) fn apply(state: &mut State, intent: Intent) -> Effects {
    if state.devices.shifting.is_some() && shifted(state, intent) {
        return Vec::new();
    }
    if map::key(state, intent) {
        return Vec::new();
    }
    match intent {
        Intent::LinkDevice => return forms::link(state),
        Intent::PressDevice => return say(state, Say::Press),
        Intent::CancelDevice => return say(state, Say::Cancel),
        Intent::MoveDevice => begin_to_shift(state),
        Intent::TypePlace => forms::place(state),
        Intent::DeviceBattery => forms::battery(state),
        Intent::UnlinkDevice => return unlink(state),
        Intent::Open => return open(state),
        Intent::Refresh => return poll::refresh(state),
        scrolling => poll::step(state, rows(scrolling)),
    }
    Vec::new()
}

/// The chosen device, if anything may be said for it.
pub(super) fn speaker(state: &mut State) -> Option<super::Key> {
    if !state.may_speak() {
        return None;
    }
    let key = state.devices.device().map(|device| device.key.clone());
    if key.is_none() {
        state.tell(Tone::Warning, "there is no device: link one first");
    }
    key
}

fn say(state: &mut State, say: Say) -> Effects {
    match speaker(state) {
        Some(device) => orders::want(state, Wanted::Say { device, say }),
        None => Vec::new(),
    }
}

fn unlink(state: &mut State) -> Effects {
    match speaker(state) {
        Some(device) => orders::want(state, Wanted::Unlink { device }),
        None => Vec::new(),
    }
}

fn begin_to_shift(state: &mut State) {
    if speaker(state).is_none() {
        return;
    }
    let Some(device) = state.devices.device() else { return };
    let (place, _) = state.place_of(device);
    state.devices.shifting = Some(place);
    // The keys of moving stand where the news do.
    state.notice = None;
}

/// Whether the key was one of moving.
fn shifted(state: &mut State, intent: Intent) -> bool {
    let (Some(place), Some(shown)) = (state.devices.shifting, state.devices_frame()) else { return false };
    let Some(there) = nudged(place, shown, intent) else { return false };
    map::put(state, there);
    true
}

/// Enter while a device is moved.
pub(in crate::app) fn submit(state: &mut State) -> Effects {
    let Some(to) = state.devices.shifting else { return Vec::new() };
    let Some(device) = speaker(state) else { return Vec::new() };
    state.devices.shifting = None;
    orders::want(state, Wanted::Say { device, say: Say::Move(to) })
}

/// Out of moving, else news away.
pub(in crate::app) fn back(state: &mut State) -> Effects {
    if state.devices.shifting.take().is_none() {
        state.notice = None;
    }
    Vec::new()
}

/// The keys go somewhere else.
pub(in crate::app) fn leave(state: &mut State) {
    state.devices.shifting = None;
    // Another program may have used the profile's own list meanwhile.
    if state.keeps_devices() {
        state.devices.asked = None;
    }
}

/// The callout of its last press: in the control room where there is one, else on the customer's screen,
/// if it is this customer's.
fn open(state: &mut State) -> Effects {
    let Some(device) = state.devices.device() else { return Vec::new() };
    let Some(callout) = device.callout.clone() else {
        state.tell(Tone::Info, "it has opened no callout yet");
        return Vec::new();
    };
    let followed = state.followed().is_some_and(|followed| followed.callout.id == callout);
    if state.reach() == Reach::Simulator {
        return control::open(state, callout);
    }
    if followed {
        return screen::show(state, Screen::Customer);
    }
    state.tell(
        Tone::Info,
        &format!("callout {callout} is not the one on your screen, and there is no control room here"),
    );
    Vec::new()
}

/// A key while a form stands in front. `None`: it is one of the form's input line.
pub(in crate::app) fn in_form(state: &mut State, intent: Intent) -> bool {
    let Some(Dialog::Devices(form)) = &mut state.dialog else { return false };
    let Form::Link(link) = form else { return false };
    let kinds = &state.devices.kinds;
    match intent {
        _ if link.busy => {}
        Intent::ScrollUp => link.step(-1),
        Intent::ScrollDown => link.step(1),
        Intent::CursorLeft if link.is_on_template() => link.choose(kinds, -1),
        Intent::CursorRight if link.is_on_template() => link.choose(kinds, 1),
        _ => return false,
    }
    true
}

pub(in crate::app) fn pressed(state: &mut State, spot: Spot) -> Effects {
    match spot {
        _ if state.dialog.is_some() => {}
        Spot::Device(row) => poll::choose(state, usize::try_from(row).unwrap_or(usize::MAX)),
        Spot::Map(spot) => map::point(state, spot),
        Spot::Screen => {}
    }
    Vec::new()
}

pub(in crate::app) fn wheeled(state: &mut State, spot: Spot, lines: i16) -> Effects {
    match spot {
        Spot::Map(spot) => map::zoom_at(state, spot, -lines.signum()),
        Spot::Device(_) | Spot::Screen => poll::step(state, lines),
    }
    Vec::new()
}

impl State {
    /// Metres from where the chosen device was to where it is being moved.
    pub fn shifted_by(&self) -> Option<f64> {
        let device = self.devices.device()?;
        let to = self.devices.shifting?;
        let from = self.devices.places.get(&device.id).copied().or(device.place);
        Some(from.unwrap_or(self.own.fix.position).distance_to(to))
    }
}
