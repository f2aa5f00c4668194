//! What one action costs, by what it is about. `update` takes the state by value, so each sample gets
//! its own copy, made and dropped outside the measured time.

#![expect(clippy::unwrap_used, reason = "a sample that cannot be made ends the benchmark")]

#[allow(dead_code, reason = "the screens' tests use the rest")]
#[path = "../tests/support/sample_states.rs"]
mod sample_states;

use divan::Bencher;
use jiff::{SignedDuration, Timestamp};
use panic_console::app::action::{Action, Answer, CallId, Timer};
use panic_console::app::state::{Call, State};
use panic_console::app::update;

fn main() {
    divan::main();
}

fn bench(bencher: Bencher, state: &State, action: &Action) {
    bencher
        .with_inputs(|| (state.clone(), action.clone()))
        .bench_values(|(state, action)| update(state, action));
}

fn later(state: &State, seconds: i64) -> Timestamp {
    state.now + SignedDuration::from_secs(seconds)
}

#[divan::bench]
fn display_tick(bencher: Bencher) {
    let state = sample_states::dispatched();
    let now = later(&state, 1);
    bench(bencher, &state, &Action::Tick { timer: Timer::Display, now });
}

#[divan::bench]
fn typed_character(bencher: Bencher) {
    let mut state = sample_states::dispatched();
    state.chat.writing = true;
    let now = later(&state, 0);
    bench(bencher, &state, &Action::Typed { character: 'x', now });
}

#[divan::bench]
fn location_tick(bencher: Bencher) {
    let state = sample_states::dispatched();
    let now = later(&state, 60);
    bench(bencher, &state, &Action::Tick { timer: Timer::Location, now });
}

#[divan::bench]
fn poll_tick(bencher: Bencher) {
    let state = sample_states::dispatched();
    let now = later(&state, 60);
    bench(bencher, &state, &Action::Tick { timer: Timer::Poll, now });
}

/// A reading with a chat of this many messages.
#[divan::bench(args = [10, 1_000])]
fn poll_reply(bencher: Bencher, messages: usize) {
    let mut state = sample_states::long_chat(messages);
    let mut callout = state.followed().unwrap().callout.clone();
    callout.comments = Some(state.chat.comments.clone());
    let call = CallId(u64::MAX);
    let since = state.now;
    state.in_flight.insert(call, Call::Poll { callout: callout.id.clone(), since });
    let now = later(&state, 1);
    bench(bencher, &state, &Action::Reply { call, now, outcome: Ok(Answer::Read(Box::new(callout))) });
}
