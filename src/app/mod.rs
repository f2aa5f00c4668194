//! PURE: what the console knows and how it changes. No terminal, no network, no clock.
//!
//! [`update`] is the only way in: an action and the state before it give the state after it and the
//! orders to the world. The same actions folded again give the same states.

pub mod action;
pub mod callout;
mod calls;
mod chat;
pub mod control;
pub mod devices;
mod dialogs;
pub mod draft;
pub mod flow;
mod follow;
pub mod intent;
mod intents;
mod link;
pub mod map;
pub mod notify;
mod palette;
mod position;
pub mod profiles;
mod raise;
pub mod reckoning;
pub mod screen;
pub mod shared;
pub mod spoken;
pub mod state;
#[cfg(test)]
mod tests;
pub mod timers;
pub mod traffic;
pub mod watching;

pub(crate) use chat::failed_message;
pub(crate) use position::{PATIENCE, TOO_VAGUE};

use action::{Action, Effect, Resume, Timer};
use state::{Notice, State, Tone};

/// Whether Enter sends at once while a panic counts down. Not when it ended the word that was typed.
pub(crate) fn countdown_can_be_cut(state: &State) -> bool {
    !raise::needs_the_word(state)
}

/// Orders of one action, in the order in which they are to be started.
type Effects = Vec<Effect>;

/// The whole console: routing only, each arm is one call into the file of its concern.
#[must_use]
pub fn update(mut state: State, action: Action) -> (State, Effects) {
    state.now = state.now.max(action.now());
    let state_mut = &mut state;
    let may_move = match action {
        Action::Started { .. } | Action::Reply { .. } | Action::Tick { timer: Timer::Location, .. } => true,
        Action::Tick { .. } => map::goes_along(state_mut),
        _ => false,
    };
    let mut effects = match action {
        Action::Started { .. } if state_mut.is_watching() => watching::begin(state_mut),
        Action::Started { resume, .. } => {
            position::begin(state_mut);
            link::begin(state_mut, resume)
        }
        Action::Do { intent, .. } => intents::apply(state_mut, intent),
        Action::Line { line, .. } => spoken::line(state_mut, &line),
        Action::Unattended { .. } => spoken::no_more(state_mut),
        Action::Run { intent, .. } => palette::run(state_mut, intent),
        Action::Typed { character, .. } => dialogs::typed(state_mut, character),
        Action::Pasted { text, .. } => dialogs::pasted(state_mut, &text),
        Action::Pressed { target, .. } => screen::pressed(state_mut, target),
        Action::Dragged { target, .. } => screen::dragged(state_mut, target),
        Action::Wheeled { target, lines, .. } => screen::wheeled(state_mut, target, lines),
        Action::Resized { columns, rows, .. } => dialogs::resized(state_mut, columns, rows),
        Action::Tick { timer: Timer::Poll, .. } => link::due(state_mut),
        Action::Tick { timer: Timer::Location, .. } => position::due(state_mut),
        Action::Tick { timer: Timer::Screen, .. } => screen::due(state_mut),
        Action::Tick { timer: Timer::Display, .. } => dialogs::due(state_mut),
        Action::Reply { call, outcome, .. } => {
            let before = notify::before(state_mut);
            let mut effects = calls::reply(state_mut, call, outcome);
            effects.extend(notify::after(state_mut, before));
            effects
        }
        Action::Exchanged { exchange, .. } => traffic::exchanged(state_mut, *exchange),
        Action::TrafficDone { done, .. } => traffic::done(state_mut, &done),
        Action::Trouble { text, .. } => {
            state_mut.tell(Tone::Problem, text.as_str());
            Vec::new()
        }
        Action::Shutdown { exit, .. } => {
            state_mut.exit = Some(exit);
            Vec::new()
        }
    };
    effects.extend(spoken::after(&mut state));
    if may_move {
        map::refit(&mut state);
    }
    (state, effects)
}

impl State {
    /// Seconds of the person's own time that a piece of news stays in the footer.
    const NEWS_LIFE: f64 = 8.0;

    fn tell(&mut self, tone: Tone, text: &str) {
        let until = self.now + self.wall_seconds(Self::NEWS_LIFE);
        self.notice = Some(Notice { text: text.into(), tone, until });
    }

    /// What the next start has to know, as of now.
    fn remember(&self) -> Effect {
        let kept = match &self.watch {
            state::Watch::Live(followed) => Some(Resume {
                callout: followed.callout.id.clone(),
                tracking: followed.callout.tracking.clone(),
                unsent: chat::unsent(&self.chat),
            }),
            _ => self.resuming.clone(),
        };
        Effect::Remember(kept)
    }
}
