//! The devices' screen without a terminal, a server or a template.

mod forms;
mod looks;
mod safety;
mod saying;

use super::model::{Battery, Device, Event, Exchange, Kind, Resolved, Survey};
use super::{Asked, Field, Form, LinkForm, Order, Say, Spot, Told, Wanted, Whence};
use crate::app::action::{Action, Answer, CallId, Effect, Failure, FailureKind, Timer};
use crate::app::callout::{Callout, Status};
use crate::app::intent::Intent;
use crate::app::screen::{Screen, Target};
use crate::app::state::{Call, Dialect, Dialog, Ending, Environment, PendingWrite, Settings, Watch};
use crate::app::tests::{Console, failure, id, settings};
use crate::app::timers::deadlines;
use crate::geo::Position;
use jiff::{SignedDuration, Timestamp};

fn noon() -> Timestamp {
    "2026-06-10T12:00:00Z".parse().unwrap()
}

fn place() -> Position {
    Position::new(-26.125, 28.0625).unwrap()
}

fn device(number: &str) -> Device {
    Device {
        key: format!("10{number}").into(),
        id: format!("DEV-{number}").into(),
        serial: format!("SN-{number}").into(),
        supplier: "ExampleDevices".into(),
        template: "example-devices".into(),
        type_id: Some(1),
        customer: "1002".into(),
        customer_name: "Jane Doe".into(),
        ..Device::default()
    }
}

/// It was pressed, and its callout is under way.
fn pressed(number: &str, callout: &str) -> Device {
    let last_event = Some(Event { name: "NEW_CALLOUT".into(), at: Some(noon()) });
    Device { callout: Some(id(callout)), active: true, last_event, ..device(number) }
}

fn survey(devices: Vec<Device>) -> Survey {
    let kind = |name: &str, type_id, supplier: Option<&str>| Kind {
        name: name.into(),
        description: "".into(),
        type_id,
        suppliers: supplier.into_iter().map(Into::into).collect(),
    };
    let kinds = vec![kind("example-devices", 1, Some("ExampleDevices")), kind("nobodys", 2, None)];
    Survey { now: noon(), speed: 1.0, devices, kinds }
}

fn exchange(came: Result<Resolved, Failure>) -> Told {
    let exchange = Exchange {
        at: noon(),
        request: "POST /deviceEvent".into(),
        sent: "{\"device_id\":\"DEV-1\"}".into(),
        place: None,
        came,
    };
    Told::Exchanged { exchange: Box::new(exchange), trouble: None }
}

fn resolved(event: &str, callout: Option<&str>) -> Resolved {
    Resolved { event: event.into(), callout: callout.map(id), ..Resolved::default() }
}

/// What a request could be answered with, for sequences of anything.
pub(in crate::app) fn told(asked: &Asked, number: usize) -> Told {
    let some = (0..number % 4).map(|n| if n == 2 { pressed("2", "7") } else { device(&n.to_string()) });
    match (asked, number % 5) {
        (Asked::Survey, _) => Told::Surveyed(Box::new(survey(some.collect()))),
        (_, 0) => Told::Wrong { field: "deviceSerial".into(), why: "is wrong".into() },
        (_, 1) => exchange(Err(failure(FailureKind::Refused))),
        (_, 2) => exchange(Ok(resolved("NEW_CALLOUT", Some("7")))),
        (_, _) => exchange(Ok(resolved("CALLOUT_CANCELLED", None))),
    }
}

impl Console {
    /// The devices are on the screen, and these are linked.
    fn devices(devices: Vec<Device>) -> Self {
        Self::devices_with(settings(), devices)
    }

    fn devices_with(settings: Settings, devices: Vec<Device>) -> Self {
        let mut console = Self::idle_with(settings);
        console.act(|now| Action::Resized { columns: 120, rows: 36, now });
        console.press(Intent::ShowDevices);
        console.look_at(devices);
        console
    }

    /// The next look is due, and brings these.
    fn look_at(&mut self, devices: Vec<Device>) {
        if self.looking_at_devices().is_none() {
            let at = deadlines(&self.state).screen.expect("a next look");
            self.now = self.now.max(at);
            self.tick(Timer::Screen);
        }
        let call = self.looking_at_devices().expect("a look under way");
        self.tell_devices(call, Told::Surveyed(Box::new(survey(devices))));
    }

    fn looking_at_devices(&self) -> Option<CallId> {
        self.call(|call| matches!(call, Call::Devices(Asked::Survey)))
    }

    /// The request about a device that is under way.
    fn sent_for_device(&self) -> Option<CallId> {
        self.call(|call| matches!(call, Call::Devices(asked) if *asked != Asked::Survey))
    }

    fn tell_devices(&mut self, call: CallId, told: Told) {
        self.answer(call, Ok(Answer::Devices(told)));
    }

    /// What was ordered by the last action.
    fn device_orders(&self) -> Vec<Order> {
        let order = |effect: &Effect| match effect {
            Effect::Devices { order, .. } => Some(order.clone()),
            _ => None,
        };
        self.effects.iter().filter_map(order).filter(|order| *order != Order::Survey).collect()
    }

    fn chosen_device(&self) -> &str {
        self.state.devices.device().map_or("", |device| device.id.as_str())
    }

    fn type_in(&mut self, text: &str) {
        for character in text.chars() {
            self.act(|now| Action::Typed { character, now });
        }
    }

    fn link_form(&self) -> &LinkForm {
        match &self.state.dialog {
            Some(Dialog::Devices(Form::Link(form))) => form,
            other => panic!("{other:?}"),
        }
    }
}
