//! Effects become tasks; what comes of them comes back as an action.

use super::clock::Clock;
use super::memory::Memory;
use super::traffic::{Desk, Tap};
use crate::app::action::{Action, CallId, Effect, Outcome};
use crate::app::state::{Call, State};
use crate::app::traffic::TrafficOrder;
use secrecy::SecretString;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{AbortHandle, JoinSet};

/// How long a message that is on its way may hold up the end of the program.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The other side of the network. One call is one try: repeating it is the reducer's decision.
pub trait Api: Send + Sync + 'static {
    /// Carries out an effect that names a call.
    fn call(&self, order: Effect) -> impl Future<Output = Outcome> + Send;

    /// The token in use, for a person who asked to copy it.
    fn token(&self) -> impl Future<Output = Option<SecretString>> + Send {
        std::future::ready(None)
    }

    /// Where its exchanges are heard of, if they are recorded. Given once.
    fn tap(&self) -> Option<Tap> {
        None
    }
}

#[derive(Debug)]
pub struct Effects<A> {
    api: Arc<A>,
    tasks: JoinSet<(CallId, Outcome)>,
    handles: HashMap<CallId, AbortHandle>,
    memory: Option<Memory>,
    desk: Desk,
}

impl<A: Api> Effects<A> {
    pub fn new(api: A, memory: Option<Memory>) -> Self {
        let desk = Desk::new(api.tap());
        Self { api: Arc::new(api), tasks: JoinSet::new(), handles: HashMap::new(), memory, desk }
    }

    /// Begins to carry out an order of the traffic screen.
    pub fn traffic(&mut self, order: TrafficOrder, state: &State, clock: &Clock) {
        self.desk.start(order, &state.traffic.log, &self.api, clock.now());
    }

    /// Sequences to be written to the terminal before the next frame.
    pub fn for_terminal(&mut self) -> Vec<SecretString> {
        self.desk.for_terminal()
    }

    /// Begins to carry out an order. What can fail on the spot is told.
    pub fn start(&mut self, order: Effect) -> Option<String> {
        let call = match &order {
            Effect::Remember(resume) => {
                let kept = self.memory.as_ref().map_or(Ok(()), |memory| memory.keep(resume.as_ref()));
                return kept.err().map(|error| {
                    tracing::error!(%error, "the active callout could not be kept");
                    format!("the active callout cannot be kept for the next start: {error}")
                });
            }
            // Carried out by `traffic`, which is given what it is about.
            Effect::Traffic(_) => return None,
            Effect::Notify { bell, text } => {
                self.desk.notify(*bell, text.as_ref());
                return None;
            }
            Effect::Abandon { call } => {
                if let Some(handle) = self.handles.remove(call) {
                    handle.abort();
                }
                return None;
            }
            Effect::Raise { call, .. }
            | Effect::Fetch { call, .. }
            | Effect::FindActive { call }
            | Effect::List { call }
            | Effect::SendLocation { call, .. }
            | Effect::SendMessage { call, .. }
            | Effect::SoftCancel { call, .. }
            | Effect::Cancel { call, .. }
            | Effect::SetSpeed { call, .. }
            | Effect::LookAt { call, .. }
            | Effect::Control { call, .. }
            | Effect::Devices { call, .. } => *call,
        };
        let api = Arc::clone(&self.api);
        let handle = self.tasks.spawn(async move { (call, api.call(order).await) });
        self.handles.insert(call, handle);
        None
    }

    /// The next finished call; never returns while nothing is under way. A task's panic goes on here,
    /// so that it ends the program as a panic anywhere else would.
    pub async fn done(&mut self, clock: &Clock) -> Option<Action> {
        loop {
            let finished = tokio::select! { biased;
                // An exchange is heard of before what was made of it.
                action = self.desk.next(clock) => return Some(action),
                Some(finished) = self.tasks.join_next() => finished,
            };
            match finished {
                Ok((call, outcome)) => {
                    self.handles.remove(&call);
                    return Some(Action::Reply { call, now: clock.now(), outcome });
                }
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Err(_abandoned) => {}
            }
        }
    }

    /// The end: a message on its way gets a moment, everything else is dropped.
    pub async fn finish(mut self, state: &State) {
        let is_message = |call: &CallId| matches!(state.in_flight.get(call), Some(Call::Say { .. }));
        let mut open: Vec<CallId> = Vec::new();
        for (call, handle) in &self.handles {
            if is_message(call) {
                open.push(*call);
            } else {
                handle.abort();
            }
        }
        let drained = async {
            while !open.is_empty() {
                match self.tasks.join_next().await {
                    Some(Ok((call, _))) => open.retain(|waiting| *waiting != call),
                    Some(Err(_)) => {}
                    None => break,
                }
            }
        };
        let _ = tokio::time::timeout(LAST_WORDS, drained).await;
    }
}
