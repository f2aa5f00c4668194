//! What is sent for a device: who is asked before, and what comes of it.

use super::model::{Device, Exchange};
use super::{Asked, Form, Key, Order, Say, Told, Wanted, forms, map, poll};
use crate::app::Effects;
use crate::app::action::{Answer, Effect, Failure, Outcome};
use crate::app::callout::CalloutId;
use crate::app::dialogs;
use crate::app::state::{Call, Dialog, PendingWrite, State, Tone};
use crate::app::{calls, link};
use crate::text::DisplayText;

/// What a device with a battery that nobody knows says where its message always tells one.
const FULL: f64 = 100.0;

/// Sends it, once nobody has to be asked any more. A press is REAL whatever the profile says, so beyond
/// this machine it takes the word; an unlink is asked for everywhere.
pub(super) fn want(state: &mut State, wanted: Wanted) -> Effects {
    if is_under_way(state, &wanted) {
        return Vec::new();
    }
    let beyond = !state.settings.environment.is_loopback();
    match &wanted {
        Wanted::Say { device, say: Say::Press } if beyond => {
            state.dialog = Some(Dialog::Devices(Form::press(device.clone())));
            Vec::new()
        }
        _ if dialogs::asks_first(state, PendingWrite::Device) => {
            state.devices.pending = Some(wanted);
            Vec::new()
        }
        Wanted::Unlink { device } => {
            state.dialog = Some(Dialog::Devices(Form::Unlink { device: device.clone() }));
            Vec::new()
        }
        _ => send(state, wanted),
    }
}

/// What waited for a yes got it.
pub(in crate::app) fn agreed(state: &mut State) -> Effects {
    match state.devices.pending.take() {
        Some(wanted) => send(state, wanted),
        None => Vec::new(),
    }
}

/// What waited for a yes got a no. What was filled in is not lost.
pub(in crate::app) fn refused_to_send(state: &mut State) {
    if let Some(Wanted::Link(form)) = state.devices.pending.take() {
        state.dialog = Some(Dialog::Devices(Form::Link(form)));
    }
}

pub(super) fn send(state: &mut State, wanted: Wanted) -> Effects {
    let (asked, order) = match wanted {
        Wanted::Link(form) => {
            let order = form.order();
            state.dialog = Some(Dialog::Devices(Form::Link(Box::new(form.on_its_way()))));
            (Asked::Link, order)
        }
        Wanted::Say { device, say } => {
            let Some(known) = state.devices.named(&device).cloned() else { return gone(state) };
            let order = saying(state, &known, say);
            (Asked::Say { device, say }, order)
        }
        Wanted::Unlink { device } => {
            let Some(known) = state.devices.named(&device) else { return gone(state) };
            let id = known.id.clone();
            (Asked::Unlink { device }, Order::Unlink { device: id })
        }
    };
    let call = calls::start(state, Call::Devices(asked));
    vec![Effect::Devices { call, order }]
}

fn gone(state: &mut State) -> Effects {
    state.tell(Tone::Info, "the device is not linked any more: nothing was sent");
    Vec::new()
}

fn saying(state: &mut State, device: &Device, say: Say) -> Order {
    let (mut place, whence) = state.place_of(device);
    if let Say::Move(to) = say {
        place = to;
    }
    let own = state.own.fix.accuracy.filter(|_| whence == super::Whence::Own && !matches!(say, Say::Move(_)));
    let known = device.battery.map_or(FULL, |battery| battery.level);
    let level = if let Say::Battery(level) = say { level } else { known };
    Order::Say { device: Box::new(device.clone()), say, place, accuracy: own, level }
}

/// A key pressed twice is one message.
fn is_under_way(state: &State, wanted: &Wanted) -> bool {
    calls::is_waiting(state, |call| match (call, wanted) {
        (Call::Devices(Asked::Link), Wanted::Link(_)) => true,
        (
            Call::Devices(Asked::Say { device: busy, .. } | Asked::Unlink { device: busy }),
            Wanted::Say { device, .. } | Wanted::Unlink { device },
        ) => busy == device,
        _ => false,
    })
}

pub(in crate::app) fn reply(state: &mut State, asked: Asked, outcome: Outcome) -> Effects {
    let told = match outcome {
        Ok(Answer::Devices(told)) => Ok(told),
        Ok(_) => Err(calls::unexpected()),
        Err(failure) => Err(failure),
    };
    match (asked, told) {
        (Asked::Survey, Ok(Told::Surveyed(survey))) => poll::seen(state, *survey),
        (Asked::Survey, Ok(_)) => poll::missed(state, calls::unexpected()),
        (Asked::Survey, Err(failure)) => poll::missed(state, failure),
        (asked, Ok(Told::Exchanged { exchange, trouble })) => {
            if let Some(trouble) = trouble {
                state.tell(Tone::Problem, trouble.as_str());
            }
            exchanged(state, &asked, *exchange)
        }
        (asked, Ok(Told::Wrong { field, why })) => {
            not_sent(state, &asked, &field, &why);
            Vec::new()
        }
        (asked, Ok(Told::Surveyed(_))) => {
            failed(state, &asked, &calls::unexpected());
            poll::look_again(state)
        }
        (asked, Err(failure)) => {
            failed(state, &asked, &failure);
            poll::look_again(state)
        }
    }
}

/// Something went out, and an answer came.
fn exchanged(state: &mut State, asked: &Asked, exchange: Exchange) -> Effects {
    match (asked, &exchange.came) {
        (_, Err(failure)) => failed(state, asked, &failure.clone()),
        (Asked::Link, Ok(resolved)) => {
            forms::linked(state);
            let id = resolved.device.clone().unwrap_or_default();
            state.tell(Tone::Info, &format!("{id} is linked"));
        }
        (Asked::Say { device, say }, Ok(resolved)) => {
            let name = name_of(state, device);
            let what = match (&resolved.callout, resolved.battery) {
                (Some(callout), _) => format!("callout {callout}"),
                (None, Some(level)) => format!("battery {level} %"),
                (None, None) => "no callout".to_owned(),
            };
            state.tell(Tone::Info, &format!("{name}: {}, {what}", resolved.event));
            if let Say::Move(to) = *say {
                keep_place(state, device, to);
            } else if let (Say::Press, Some(place)) = (say, exchange.place) {
                keep_place(state, device, place);
            }
        }
        (Asked::Unlink { device }, Ok(_)) => {
            let name = name_of(state, device);
            state.tell(Tone::Info, &format!("{name} is unlinked"));
        }
        (Asked::Survey, Ok(_)) => {}
    }
    let callout = exchange.callout().cloned();
    keep(state, asked, exchange);
    let mut effects = poll::look_again(state);
    effects.extend(callout.map(|callout| show_the_customer(state, &callout)).unwrap_or_default());
    effects
}

fn name_of(state: &State, key: &Key) -> DisplayText {
    state.devices.named(key).map(|device| device.id.clone()).unwrap_or_default()
}

fn keep_place(state: &mut State, key: &Key, place: crate::geo::Position) {
    let id = name_of(state, key);
    state.devices.places.insert(id, place);
    map::fit(state);
}

/// What was said last stays with its device. A link's is its first.
fn keep(state: &mut State, asked: &Asked, exchange: Exchange) {
    let id = match asked {
        Asked::Say { device, .. } | Asked::Unlink { device } => Some(name_of(state, device)),
        Asked::Link => exchange.came.as_ref().ok().and_then(|resolved| resolved.device.clone()),
        Asked::Survey => None,
    };
    if let Some(id) = id.filter(|id| !id.is_empty()) {
        if *asked == Asked::Link {
            state.devices.fresh = Some(id.clone());
        }
        state.devices.exchanges.insert(id, exchange);
    }
}

/// What was done here is seen on the customer's side without waiting for its timer.
fn show_the_customer(state: &mut State, callout: &CalloutId) -> Effects {
    let followed = state.followed().is_some_and(|followed| followed.callout.id == *callout);
    if followed { link::poll_now(state) } else { Vec::new() }
}

/// Nothing went out: a field of the form or of the message is wrong.
fn not_sent(state: &mut State, asked: &Asked, field: &DisplayText, why: &DisplayText) {
    if *asked == Asked::Link && forms::wrong(state, field.as_str(), why) {
        return;
    }
    state.tell(Tone::Problem, &format!("not sent: {field} {why}"));
}

fn failed(state: &mut State, asked: &Asked, failure: &Failure) {
    if *asked == Asked::Link && forms::refused(state, &failure.message) {
        return;
    }
    state.tell(Tone::Problem, failure.message.as_str());
}
