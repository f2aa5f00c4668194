//! When the list is looked at, and what a look changes. Only while it is on the screen, one look at a
//! time, and seldomer while none gets through. The profile's own list changes by what is done here, so it
//! is read once.

use super::model::Survey;
use super::{Asked, Devices, Form, Order, Reading, map};
use crate::app::Effects;
use crate::app::action::{Effect, Failure};
use crate::app::callout::CalloutId;
use crate::app::screen::Screen;
use crate::app::state::{Call, Dialog, State, Tone, Watch};
use crate::app::{calls, link};
use jiff::{SignedDuration, Timestamp};

/// Seconds of the person's own time between two looks.
const EVERY: f64 = 2.0;
/// The longest wait after looks that failed.
const LONGEST_WAIT: f64 = 30.0;
/// Older events are told by the minute, which the next look does as well.
const COUNTED: SignedDuration = SignedDuration::from_mins(60);

pub(in crate::app) fn deadline(state: &State) -> Option<Timestamp> {
    let asks = state.screen == Screen::Devices && !state.is_blind() && state.has_devices();
    if !asks || is_looking(state) {
        return None;
    }
    let devices = &state.devices;
    match devices.asked {
        None => Some(state.now),
        Some(_) if state.keeps_devices() && devices.problem.is_none() => None,
        Some(asked) => Some(asked + state.wall_seconds(devices.wait.max(EVERY))),
    }
}

pub(in crate::app) fn due(state: &mut State) -> Effects {
    if deadline(state).is_some_and(|at| at <= state.now) { look(state) } else { Vec::new() }
}

/// Whether an age is on the screen that reads differently each second.
pub(in crate::app) fn shows_ages(state: &State) -> bool {
    let now = state.devices_now();
    let devices = &state.devices;
    let counts =
        devices.problem.is_some() || devices.newest.is_some_and(|at| now.duration_since(at) < COUNTED);
    state.screen == Screen::Devices && counts
}

fn is_looking(state: &State) -> bool {
    calls::is_waiting(state, |call| matches!(call, Call::Devices(Asked::Survey)))
}

fn look(state: &mut State) -> Effects {
    state.devices.asked = Some(state.now);
    let call = calls::start_beside(state, Call::Devices(Asked::Survey));
    vec![Effect::Devices { call, order: Order::Survey }]
}

/// The person wants to see it all now.
pub(super) fn refresh(state: &mut State) -> Effects {
    if is_looking(state) || !state.has_devices() { Vec::new() } else { look(state) }
}

/// After something was changed from here. A look that is under way may have seen the time before.
pub(super) fn look_again(state: &mut State) -> Effects {
    let mut effects = calls::abandon(state, |call| matches!(call, Call::Devices(Asked::Survey)));
    effects.extend(look(state));
    effects
}

pub(super) fn missed(state: &mut State, failure: Failure) -> Effects {
    let devices = &mut state.devices;
    devices.missed = devices.missed.saturating_add(1);
    let doubled = EVERY * f64::from(1u32 << devices.missed.min(8));
    let asked_for = failure.retry_after.map_or(0.0, |wait| wait.as_secs_f64());
    devices.wait = doubled.min(LONGEST_WAIT).max(asked_for);
    devices.problem = Some(failure);
    Vec::new()
}

pub(super) fn seen(state: &mut State, survey: Survey) -> Effects {
    let devices = &mut state.devices;
    (devices.missed, devices.problem, devices.wait) = (0, None, EVERY);
    devices.clock = Some(Reading { heard: state.now, showed: survey.now, speed: survey.speed });
    let known: Vec<CalloutId> = active(devices).cloned().collect();
    let row = devices.row();
    devices.take(survey.devices);
    devices.kinds = survey.kinds;
    let (list, exchanges, places) = (&devices.list, &mut devices.exchanges, &mut devices.places);
    let fresh = devices.fresh.clone();
    exchanges.retain(|id, _| fresh.as_ref() == Some(id) || list.iter().any(|device| device.id == *id));
    places.retain(|id, _| list.iter().any(|device| device.id == *id));
    let opened = active(devices).any(|callout| !known.contains(callout));
    settle(state, row);
    if opened { show_the_customer(state) } else { Vec::new() }
}

fn active(devices: &Devices) -> impl Iterator<Item = &CalloutId> {
    devices.list.iter().filter(|device| device.active).filter_map(|device| device.callout.as_ref())
}

/// Whether a device's callout is under way by this id.
pub(in crate::app) fn knows_active(state: &State, callout: &CalloutId) -> bool {
    active(&state.devices).any(|known| known == callout)
}

/// A callout that a device opened may be this customer's: their screen asks whether it is, without
/// waiting for anybody to go there.
fn show_the_customer(state: &mut State) -> Effects {
    match state.watch {
        Watch::Idle | Watch::Ended { .. } => link::find(state),
        Watch::Looking | Watch::Raising { .. } | Watch::Live(_) => Vec::new(),
    }
}

/// After the list changed: the chosen device is still chosen; where it is gone, its neighbour. `before`
/// is the row that it had.
fn settle(state: &mut State, before: Option<usize>) {
    let devices = &mut state.devices;
    if let Some(fresh) = &devices.fresh
        && let Some(device) = devices.list.iter().rev().find(|device| device.id == *fresh)
    {
        (devices.chosen, devices.fresh) = (Some(device.key.clone()), None);
        map::begin(devices);
    }
    if devices.row().is_none() {
        let row = before.unwrap_or(0).min(devices.list.len().saturating_sub(1));
        devices.chosen = devices.list.get(row).map(|device| device.key.clone());
        devices.shifting = None;
        map::begin(devices);
    }
    if let Some(Dialog::Devices(Form::Link(form))) = &mut state.dialog {
        form.settle(&state.devices.kinds);
    }
    let devices = &mut state.devices;
    let about = match &state.dialog {
        Some(Dialog::Devices(form)) => form.device().cloned(),
        _ => None,
    };
    if about.is_some_and(|key| devices.named(&key).is_none()) {
        state.dialog = None;
        state.tell(Tone::Info, "the device is not linked any more: nothing was sent");
    }
    map::fit(state);
}

pub(super) fn step(state: &mut State, rows: i16) {
    let last = state.devices.list.len().saturating_sub(1);
    let row = state.devices.row().unwrap_or(0).saturating_add_signed(isize::from(rows)).min(last);
    choose(state, row);
}

pub(super) fn choose(state: &mut State, row: usize) {
    let devices = &mut state.devices;
    let Some(device) = devices.list.get(row) else { return };
    if devices.chosen.as_ref() != Some(&device.key) {
        devices.chosen = Some(device.key.clone());
        devices.shifting = None;
        map::begin(devices);
    }
    map::fit(state);
}
