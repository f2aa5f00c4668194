//! Everything that touches the world: the loop, the terminal, signals, timers, files and the network.

pub mod clock;
pub mod control;
pub mod devices;
pub mod effects;
pub mod input;
pub mod memory;
mod notify;
pub mod plain;
pub mod remote;
pub mod signals;
pub mod terminal;
#[cfg(test)]
mod tests;
pub mod traffic;

use crate::app::action::{Action, Effect, Exit, Resume, Timer};
use crate::app::state::State;
use crate::app::{timers, update};
use crate::keymap::Keymap;
use clock::Clock;
use effects::{Api, Effects};
use futures_util::{FutureExt, Stream, StreamExt};
use input::Input;
use memory::Memory;
use signals::{SIGHUP, Signals};
use std::io;
use terminal::Screen;
use tokio::select;

/// Actions taken before a frame is drawn when more of them are waiting: a held key or a long paste
/// costs one frame, and never more than this many actions go by unseen.
const BATCH: usize = 64;

/// The console's surroundings. All are parameters, so the loop under test is the loop that ships.
#[derive(Debug)]
pub struct Console<S, I, A> {
    pub state: State,
    pub screen: S,
    /// Ends when the terminal does.
    pub input: I,
    pub signals: Option<Signals>,
    pub api: A,
    pub clock: Clock,
    pub keymap: Keymap,
    /// `None`: another console has this profile, and nothing is kept.
    pub memory: Option<Memory>,
    pub resume: Option<Resume>,
    /// Told once at the start.
    pub troubles: Vec<String>,
}

impl<A> Console<(), (), A> {
    /// The same console with a place for its frames and a person.
    pub fn with<S, I>(self, screen: S, input: I) -> Console<S, I, A> {
        let Self { state, signals, api, clock, keymap, memory, resume, troubles, .. } = self;
        Console { state, screen, input, signals, api, clock, keymap, memory, resume, troubles }
    }
}

impl<S, I, E, A> Console<S, I, A>
where
    S: Screen,
    I: Stream<Item = io::Result<E>> + Unpin,
    E: Into<Input>,
    A: Api,
{
    /// Runs until the person or a signal ends it. An error means that the terminal is gone.
    pub async fn run(mut self, columns: u16, rows: u16) -> io::Result<(State, Exit)> {
        let mut effects = Effects::new(self.api, self.memory);
        let mut state = self.state;
        let now = self.clock.now();
        let mut first =
            vec![Action::Resized { columns, rows, now }, Action::Started { now, resume: self.resume.take() }];
        first.extend(self.troubles.drain(..).map(|text| Action::Trouble { text: text.into(), now }));
        // The first frame comes before the first request, whose preparations take longer.
        for action in first {
            if matches!(action, Action::Started { .. }) {
                self.screen.show(&state)?;
            }
            state = step(state, action, &mut effects, &self.clock);
        }
        while state.exit.is_none() {
            for sequence in effects.for_terminal() {
                self.screen.send(&sequence)?;
            }
            self.screen.show(&state)?;
            let action =
                next(&state, &mut self.signals, &mut self.input, &mut effects, &self.clock, &self.keymap)
                    .await;
            state = step(state, action, &mut effects, &self.clock);
            for _ in 0..BATCH {
                let Some(action) = waiting(&state, &mut self.input, &mut effects, &self.clock, &self.keymap)
                else {
                    break;
                };
                state = step(state, action, &mut effects, &self.clock);
            }
        }
        self.screen.end(&state)?;
        effects.finish(&state).await;
        let exit = state.exit.unwrap_or(Exit::Quit);
        Ok((state, exit))
    }
}

/// One action through the reducer, and its effects started.
fn step<A: Api>(state: State, action: Action, effects: &mut Effects<A>, clock: &Clock) -> State {
    tracing::debug!(%action, "action");
    if let Action::Reply { call, .. } = &action
        && !state.in_flight.contains_key(call)
    {
        tracing::warn!(call = call.0, "dropped a reply that nobody waits for");
    }
    let (mut state, orders) = update(state, action);
    for order in orders {
        if let Effect::Traffic(order) = order {
            effects.traffic(order, &state, clock);
        } else if let Some(trouble) = effects.start(order) {
            (state, _) = update(state, Action::Trouble { text: trouble.into(), now: clock.now() });
        }
    }
    state
}

/// Waits for what comes next: signals, keys, replies, timers, in this order.
async fn next<I, E, A>(
    state: &State,
    signals: &mut Option<Signals>,
    input: &mut I,
    effects: &mut Effects<A>,
    clock: &Clock,
    keymap: &Keymap,
) -> Action
where
    I: Stream<Item = io::Result<E>> + Unpin,
    E: Into<Input>,
    A: Api,
{
    let due = timers::deadlines(state);
    loop {
        let now = || clock.now();
        return select! { biased;
            exit = signal(signals) => Action::Shutdown { exit, now: now() },
            event = input.next() => match heard(event, state, clock, keymap) {
                Some(action) => action,
                None => continue,
            },
            Some(action) = effects.done(clock) => action,
            () = clock.sleep_until(due.poll) => Action::Tick { timer: Timer::Poll, now: now() },
            () = clock.sleep_until(due.location) => Action::Tick { timer: Timer::Location, now: now() },
            () = clock.sleep_until(due.screen) => Action::Tick { timer: Timer::Screen, now: now() },
            () = clock.sleep_until(due.display) => Action::Tick { timer: Timer::Display, now: now() },
        };
    }
}

async fn signal(signals: &mut Option<Signals>) -> Exit {
    match signals {
        Some(signals) => signals.next().await,
        None => std::future::pending().await,
    }
}

/// What is there already, without waiting for it.
fn waiting<I, E, A>(
    state: &State,
    input: &mut I,
    effects: &mut Effects<A>,
    clock: &Clock,
    keymap: &Keymap,
) -> Option<Action>
where
    I: Stream<Item = io::Result<E>> + Unpin,
    E: Into<Input>,
    A: Api,
{
    if state.is_over() {
        return None;
    }
    while let Some(event) = input.next().now_or_never() {
        if let Some(action) = heard(event, state, clock, keymap) {
            return Some(action);
        }
    }
    effects.done(clock).now_or_never().flatten()
}

/// The end of the input is the end of the terminal: as good as a hangup.
fn heard(
    input: Option<io::Result<impl Into<Input>>>,
    state: &State,
    clock: &Clock,
    keymap: &Keymap,
) -> Option<Action> {
    let now = clock.now();
    match input {
        Some(Ok(input)) => input::translate(&input.into(), state, keymap, now),
        Some(Err(_)) | None => Some(Action::Shutdown { exit: Exit::Signal(SIGHUP), now }),
    }
}
