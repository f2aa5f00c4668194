//! The control room without a terminal and without a simulator.

mod fleet;
mod looks;
mod map;
mod split;
mod steps;
mod talk;

use super::model::{Candidate, Case, Company, Outcome, Step, Survey, Vehicle};
use super::{Asked, Form, Order, Part, Pick, Reach, Spot, Taken, Told};
use crate::app::action::{Action, Answer, CallId, Effect, Failure, FailureKind, Timer};
use crate::app::callout::{CalloutId, Classification, Comment, Fix, Role, Status, Times};
use crate::app::intent::Intent;
use crate::app::screen::{Screen, Target};
use crate::app::state::{Call, Dialog, Environment, Settings, State};
use crate::app::tests::{Console, failure, id, settings};
use crate::app::timers::deadlines;
use crate::geo::Position;
use jiff::{SignedDuration, Timestamp};

pub(in crate::app) fn noon() -> Timestamp {
    "2026-06-10T12:00:00Z".parse().unwrap()
}

fn place() -> Position {
    Position::new(-26.125, 28.0625).unwrap()
}

/// A callout of this age in seconds, of which a controller may take the first steps.
pub(in crate::app) fn case(number: &str, age: i64) -> Case {
    let created = Some(noon() - SignedDuration::from_secs(age));
    Case {
        id: id(number),
        status: Status::Created,
        allowed: vec![Step::Acknowledge, Step::Own, Step::Verify, Step::Close],
        customer: "Jane Doe".into(),
        mobile: "+27000004567".into(),
        address: "".into(),
        response_type: 1,
        classification: Classification::Test,
        internal_test: false,
        cancelled_by_customer: false,
        stood_down: false,
        duress: false,
        fix: Some(Fix { position: place(), accuracy: Some(8.0), at: None }),
        times: Times { created, updated: created, ..Times::default() },
        candidates: Vec::new(),
        assignment: None,
        eta: None,
        route: Vec::new(),
        outcome: None,
        incident: "".into(),
        comments: Vec::new(),
        on_autopilot: false,
    }
}

fn allowing(number: &str, allowed: &[Step]) -> Case {
    Case { allowed: allowed.to_vec(), ..case(number, 10) }
}

fn closed(number: &str, age: i64) -> Case {
    Case { status: Status::Closed, allowed: Vec::new(), ..case(number, age) }
}

fn said(role: Role, body: &str) -> Comment {
    Comment { id: body.into(), role, author: "x".into(), body: body.into(), at: None }
}

fn vehicle(number: u64, metres: f64) -> Vehicle {
    // Rounded as the wire would have it, so that a recording reads back the same.
    let there = place().towards(0.0, metres);
    let round = |degrees: f64| (degrees * 1e5).round() / 1e5;
    Vehicle {
        id: number,
        name: "Sam".into(),
        callsign: format!("R-{number}").into(),
        model: "White Hilux".into(),
        plate: "TST 1 GP".into(),
        mobile: "".into(),
        on: true,
        demo: false,
        callout: None,
        position: Position::new(round(there.latitude()), round(there.longitude())).unwrap(),
    }
}

fn survey(cases: Vec<Case>) -> Survey {
    let vehicles = vec![vehicle(11, 2_000.0), vehicle(12, 500.0)];
    let companies = vec![Company { id: 21, name: "Guards".into(), phone: "".into() }];
    Survey { now: noon(), speed: 1.0, whole: true, cases, vehicles, companies }
}

/// What a request could be answered with, for sequences of anything.
pub(in crate::app) fn told(asked: &Asked, number: usize) -> Told {
    let cases = (0..number % 7).map(|n| case(&n.to_string(), i64::try_from(n).unwrap_or(0))).collect();
    match (asked, number % 5) {
        (Asked::Survey, 0) => Told::Surveyed(Box::new(Survey { whole: false, ..survey(cases) })),
        (Asked::Survey, _) => Told::Surveyed(Box::new(survey(cases))),
        (Asked::Fleet, _) => Told::Vehicle(Box::new(vehicle(11, 700.0))),
        (_, 0) => Told::Case(Box::new(closed("1", 5))),
        (_, _) => Told::Case(Box::new(case("1", 5))),
    }
}

impl Console {
    /// The control room is on the screen and was told this.
    fn room(cases: Vec<Case>) -> Self {
        let mut console = Self::idle();
        console.act(|now| Action::Resized { columns: 140, rows: 40, now });
        console.press(Intent::ShowControlRoom);
        console.look(survey(cases));
        console
    }

    /// The next look is due, and brings this.
    fn look(&mut self, survey: Survey) {
        self.due();
        let call = self.looking().expect("a look under way");
        self.answer(call, Ok(Answer::Control(Told::Surveyed(Box::new(survey)))));
    }

    fn due(&mut self) {
        let at = deadlines(&self.state).screen.expect("a next look");
        self.now = self.now.max(at);
        self.tick(Timer::Screen);
    }

    fn looking(&self) -> Option<CallId> {
        self.call(|call| matches!(call, Call::Control(Asked::Survey)))
    }

    fn asked(&self) -> CallId {
        self.call(|call| matches!(call, Call::Control(asked) if *asked != Asked::Survey)).expect("a request")
    }

    /// What was ordered by the last action.
    fn orders(&self) -> Vec<Order> {
        let order = |effect: &Effect| match effect {
            Effect::Control { order, .. } => Some(order.clone()),
            _ => None,
        };
        self.effects.iter().filter_map(order).collect()
    }

    fn rows(&self) -> Vec<&str> {
        self.state.control.cases.iter().map(|case| case.id.as_str()).collect()
    }

    fn chosen(&self) -> &str {
        self.state.control.chosen.as_ref().map_or("", CalloutId::as_str)
    }

    fn control_type(&mut self, text: &str) {
        for character in text.chars() {
            self.act(|now| Action::Typed { character, now });
        }
    }
}

fn read_only() -> Settings {
    Settings { read_only: true, ..settings() }
}
