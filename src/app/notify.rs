//! What the terminal is told so that somebody who looks elsewhere knows: its bell, and a notification of
//! OSC 9. Only ids and states, since it may stand on a locked screen; at most once a second, since a storm
//! of news must not ring a thousand times.

use super::Effects;
use super::action::Effect;
use super::callout::{CalloutId, Role, Status};
use super::state::State;
use super::watching::news::What;
use crate::text::DisplayText;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Seconds of the person's own time between two.
const APART: f64 = 1.0;

/// What is wanted, and what waits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alerts {
    pub bell: bool,
    pub osc9: bool,
    last: Option<Timestamp>,
    waiting: u32,
    newest: DisplayText,
}

impl Alerts {
    pub fn of(bell: bool, osc9: bool) -> Self {
        Self { bell, osc9, ..Self::default() }
    }

    fn are_on(&self) -> bool {
        self.bell || self.osc9
    }
}

/// Tells it now, or with what else comes within the second.
pub(super) fn tell(state: &mut State, text: &str) -> Effects {
    if !state.alerts.are_on() {
        return Vec::new();
    }
    state.alerts.waiting = state.alerts.waiting.saturating_add(1);
    state.alerts.newest = text.into();
    due(state)
}

/// When what waits may be told.
pub(super) fn deadline(state: &State) -> Option<Timestamp> {
    let last = state.alerts.last.filter(|_| state.alerts.waiting > 0)?;
    Some(last + state.wall_seconds(APART))
}

pub(super) fn due(state: &mut State) -> Effects {
    let is_due = state.alerts.waiting > 0 && deadline(state).is_none_or(|at| at <= state.now);
    if !is_due {
        return Vec::new();
    }
    let alerts = &mut state.alerts;
    alerts.last = Some(state.now);
    let text = match std::mem::take(&mut alerts.waiting) {
        1 => std::mem::take(&mut alerts.newest),
        many => format!("{many} news, the latest: {}", alerts.newest).into(),
    };
    vec![Effect::Notify { bell: alerts.bell, text: alerts.osc9.then_some(text) }]
}

/// The callout in front of us before a reply, as far as a change of it is told.
pub(super) struct Before {
    id: CalloutId,
    status: Status,
    comments: usize,
}

/// `None` when nobody wants to be told, or the list of many tells it.
pub(super) fn before(state: &State) -> Option<Before> {
    if !state.alerts.are_on() || state.is_watching() {
        return None;
    }
    let callout = &state.followed()?.callout;
    Some(Before {
        id: callout.id.clone(),
        status: callout.status.clone(),
        comments: state.chat.comments.len(),
    })
}

/// Tells what a reply changed of it.
pub(super) fn after(state: &mut State, before: Option<Before>) -> Effects {
    let Some(before) = before else { return Vec::new() };
    let Some(callout) = state.followed().map(|followed| &followed.callout) else { return Vec::new() };
    if callout.id != before.id {
        return Vec::new();
    }
    let mut told = Vec::new();
    if callout.status != before.status {
        let what = What::of(&callout.status);
        told.extend(what.rings().then(|| format!("callout {}: {}", callout.id, what.words())));
    }
    let new = state.chat.comments.get(before.comments..).unwrap_or_default();
    if new.iter().any(|comment| comment.role != Role::User) {
        told.push(format!("callout {}: new message", callout.id));
    }
    told.iter().flat_map(|text| tell(state, text)).collect()
}
