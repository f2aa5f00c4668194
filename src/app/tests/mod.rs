//! The reducer without a terminal: each transition's state and effects.

mod chat;
mod link;
mod map;
mod palette;
mod position;
mod profiles;
pub(in crate::app) mod properties;
mod raise;
mod safety;
mod spoken;

use super::action::*;
use super::callout::*;
use super::intent::Intent;
use super::screen::Target;
use super::state::*;
use super::update;
use crate::geo::Position;
use crate::text::DisplayText;
use jiff::{SignedDuration, Timestamp, ToSpan};

pub(super) fn settings() -> Settings {
    Settings {
        profile: "staging".into(),
        host: "127.0.0.1:3005".into(),
        environment: Environment::Local,
        dialect: Dialect::V2,
        poll_every: SignedDuration::from_secs(15),
        locate_every: SignedDuration::from_secs(10),
        read_only: false,
        classification: Classification::Test,
        response_type_id: 1,
        start: Position::new(-26.1091, 28.083).unwrap(),
        accuracy: 8.0,
        walking_speed: 1.4,
        seed: 7,
    }
}

pub(super) fn id(raw: &str) -> CalloutId {
    CalloutId::new(raw).unwrap()
}

pub(super) fn comment(id: &str, role: Role, body: &str) -> Comment {
    Comment { id: id.into(), role, author: "Jane Doe".into(), body: body.into(), at: None }
}

pub(super) fn failure(kind: FailureKind) -> Failure {
    Failure { kind, message: "it broke".into(), retry_after: None }
}

/// A console under test: folds actions, keeps the clock and what was ordered last.
pub(super) struct Console {
    pub state: State,
    pub effects: Vec<Effect>,
    pub now: Timestamp,
}

impl Console {
    /// Started, asked for active callouts and found none.
    pub(super) fn idle_with(settings: Settings) -> Self {
        let mut console = Self::fresh(settings);
        console.act(|now| Action::Started { now, resume: None });
        let call = console.only_call();
        console.answer(call, Ok(Answer::Active(Vec::new())));
        assert_eq!(console.state.watch, Watch::Idle);
        console
    }

    pub(super) fn idle() -> Self {
        Self::idle_with(settings())
    }

    pub(super) fn fresh(settings: Settings) -> Self {
        let now = "2026-06-10T09:30:00Z".parse().unwrap();
        Self { state: State::new(settings, None), effects: Vec::new(), now }
    }

    /// A callout 7 was raised and read once.
    pub(super) fn live() -> Self {
        Self::live_with(settings())
    }

    pub(super) fn live_with(settings: Settings) -> Self {
        let mut console = Self::idle_with(settings);
        console.press(Intent::Raise);
        console.press(Intent::Confirm);
        let call = console.only_call();
        console.answer(call, Ok(Answer::Raised(Box::new(Callout::new(id("7"), Status::Created)))));
        console.answer_poll(Callout { comments: Some(Vec::new()), ..Callout::new(id("7"), Status::Created) });
        console
    }

    pub(super) fn act(&mut self, action: impl FnOnce(Timestamp) -> Action) {
        let state = self.state.clone();
        let action = action(self.now);
        let written = serde_json::to_string(&action).unwrap();
        assert_eq!(serde_json::from_str::<Action>(&written).unwrap(), action, "an action is a recording");
        (self.state, self.effects) = update(state, action);
    }

    pub(super) fn press(&mut self, intent: Intent) {
        self.act(|now| Action::Do { intent, now });
    }

    pub(super) fn write(&mut self, text: &str) {
        self.press(Intent::Write);
        self.act(|now| Action::Pasted { text: text.into(), now });
        self.press(Intent::Submit);
    }

    pub(super) fn pass(&mut self, seconds: i64) {
        self.now += seconds.seconds();
    }

    pub(super) fn tick(&mut self, timer: Timer) {
        self.act(|now| Action::Tick { timer, now });
    }

    pub(super) fn answer(&mut self, call: CallId, outcome: Outcome) {
        self.act(|now| Action::Reply { call, now, outcome });
    }

    pub(super) fn call(&self, wanted: impl Fn(&Call) -> bool) -> Option<CallId> {
        self.state.in_flight.iter().find(|(_, call)| wanted(call)).map(|(id, _)| *id)
    }

    pub(super) fn only_call(&self) -> CallId {
        assert_eq!(self.state.in_flight.len(), 1, "{:?}", self.state.in_flight);
        *self.state.in_flight.keys().next().unwrap()
    }

    pub(super) fn poll(&self) -> CallId {
        self.call(|call| matches!(call, Call::Poll { .. })).expect("a poll in flight")
    }

    pub(super) fn say(&self) -> CallId {
        self.call(|call| matches!(call, Call::Say { .. })).expect("a message in flight")
    }

    pub(super) fn answer_poll(&mut self, callout: Callout) {
        let call = self.poll();
        self.answer(call, Ok(Answer::Read(Box::new(callout))));
    }

    /// Waits for the poll timer and answers with this callout.
    pub(super) fn next_poll(&mut self, callout: Callout) {
        self.pass(15);
        self.tick(Timer::Poll);
        self.answer_poll(callout);
    }

    pub(super) fn with_comments(comments: Vec<Comment>) -> Callout {
        Callout { comments: Some(comments), ..Callout::new(id("7"), Status::Created) }
    }

    pub(super) fn followed(&self) -> &Followed {
        self.state.followed().expect("a callout")
    }

    pub(super) fn notice(&self) -> &str {
        self.state.notice.as_ref().map_or("", |notice| notice.text.as_str())
    }

    pub(super) fn outbox(&self) -> Vec<(&str, &Delivery)> {
        self.state.chat.outbox.iter().map(|m| (m.text.as_str(), &m.delivery)).collect()
    }
}

pub(super) fn text(raw: &str) -> DisplayText {
    raw.into()
}
