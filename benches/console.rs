//! What one frame costs. The second and third group must not differ from line to line: the length of
//! the chat and of the route is no part of the cost.

#![expect(clippy::unwrap_used, reason = "a sample that cannot be made ends the benchmark")]

#[allow(dead_code, reason = "the screens' tests use the rest")]
#[path = "../tests/support/sample_states.rs"]
mod sample_states;
#[allow(dead_code, reason = "the screens' tests use the rest")]
#[path = "../tests/support/traffic_states.rs"]
mod traffic_states;
#[allow(dead_code, reason = "the screens' tests use the rest")]
#[path = "../tests/support/watch_states.rs"]
mod watch_states;

use divan::Bencher;
use jiff::tz::TimeZone;
use panic_console::app::action::{Action, Answer, Timer};
use panic_console::app::callout::Status;
use panic_console::app::intent::Intent;
use panic_console::app::state::{Call, State};
use panic_console::app::timers::deadlines;
use panic_console::app::update;
use panic_console::keymap::Keymap;
use panic_console::ui::{self, Look, Signs, ThemeName};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

fn main() {
    divan::main();
}

/// `Terminal::draw` on a backend in memory: the view, the difference to the last frame, no bytes out.
fn draw(bencher: Bencher, state: &State, columns: u16, rows: u16) {
    let look = Look::new(ThemeName::Dark, Signs::Utf8, Keymap::default(), TimeZone::UTC);
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    bencher.bench_local(|| terminal.draw(|frame| ui::view(state, &look, frame)).unwrap().count);
}

#[divan::bench(args = [(80, 24), (120, 36), (200, 60)])]
fn view_usual(bencher: Bencher, (columns, rows): (u16, u16)) {
    draw(bencher, &sample_states::dispatched(), columns, rows);
}

#[divan::bench(args = [10, 1_000, 10_000, 100_000])]
fn view_with_messages(bencher: Bencher, messages: usize) {
    draw(bencher, &sample_states::long_chat(messages), 120, 36);
}

/// The cost of a base layer goes by what is seen of it, whole or from near, and not by its points.
#[divan::bench(args = [500, 5_000, 50_000])]
fn view_with_base_layer(bencher: Bencher, points: usize) {
    draw(bencher, &sample_states::on_ground(points), 120, 36);
}

#[divan::bench(args = [0, 2, 6])]
fn view_of_50_000_points_from_nearer(bencher: Bencher, steps: usize) {
    let state = sample_states::pressed(sample_states::on_ground(50_000), &vec![Intent::ZoomIn; steps]);
    draw(bencher, &state, 120, 36);
}

#[divan::bench(args = [10, 500, 5_000, 50_000])]
fn view_with_route_points(bencher: Bencher, points: usize) {
    draw(bencher, &sample_states::long_route(points), 120, 36);
}

#[divan::bench(args = [10, 1_000, 100_000])]
fn view_with_exchanges(bencher: Bencher, exchanges: usize) {
    draw(bencher, &traffic_states::long_traffic(exchanges, 120, 36), 120, 36);
}

/// The list filtered, so that its index is what is drawn by.
#[divan::bench(args = [10, 1_000, 100_000])]
fn view_with_filtered_exchanges(bencher: Bencher, exchanges: usize) {
    let state = traffic_states::press(traffic_states::long_traffic(exchanges, 120, 36), &[Intent::Find]);
    draw(bencher, &traffic_states::write(state, "events"), 120, 36);
}

/// A character more in the filter, when the ones before have left a third of them.
#[divan::bench(args = [10, 1_000, 100_000], sample_count = 20)]
fn filter_one_more_character(bencher: Bencher, exchanges: usize) {
    let state = traffic_states::press(traffic_states::long_traffic(exchanges, 120, 36), &[Intent::Find]);
    let state = traffic_states::write(state, "event");
    let now = state.now;
    bencher
        .with_inputs(|| state.clone())
        .bench_values(|state| update(state, Action::Typed { character: 's', now }));
}

/// An exchange comes while the list is filtered: the others are not looked at again.
#[divan::bench(args = [10, 1_000, 100_000], sample_count = 20)]
fn exchange_arrives_in_filter(bencher: Bencher, exchanges: usize) {
    let state = traffic_states::press(traffic_states::long_traffic(exchanges, 120, 36), &[Intent::Find]);
    let state = traffic_states::write(state, "events");
    let exchange = Box::new(state.traffic.log.exchange(1).unwrap().exchange);
    let now = state.now;
    bencher
        .with_inputs(|| (state.clone(), Action::Exchanged { exchange: exchange.clone(), now }))
        .bench_values(|(state, action)| update(state, action));
}

/// The list of many is a window: a thousand must cost what ten do.
#[divan::bench(args = [10, 1_000])]
fn view_with_watched(bencher: Bencher, callouts: usize) {
    draw(bencher, &watch_states::many(callouts, 120, 36), 120, 36);
}

/// A reading that changes where its callout stands in the list.
#[divan::bench(args = [10, 1_000])]
fn watched_callout_is_read(bencher: Bencher, callouts: usize) {
    let mut state = watch_states::many(callouts, 120, 36);
    while !state.in_flight.values().any(|call| matches!(call, Call::Poll { .. })) {
        let now = deadlines(&state).poll.unwrap();
        state = update(state, Action::Tick { timer: Timer::Poll, now }).0;
    }
    let polls = state.in_flight.iter().find_map(|(id, call)| match call {
        Call::Poll { callout, .. } => Some((*id, callout.clone())),
        _ => None,
    });
    let (call, id) = polls.unwrap();
    let mut callout = watch_states::read(&id);
    callout.status = Status::Arrived;
    let now = state.now;
    let reply = Action::Reply { call, now, outcome: Ok(Answer::Read(Box::new(callout))) };
    bencher
        .with_inputs(|| (state.clone(), reply.clone()))
        .bench_values(|(state, reply)| update(state, reply));
}

#[divan::bench(args = [10, 1_000])]
fn step_through_watched(bencher: Bencher, callouts: usize) {
    let state = watch_states::many(callouts, 120, 36);
    let now = state.now;
    bencher
        .with_inputs(|| state.clone())
        .bench_values(|state| update(state, Action::Do { intent: Intent::ScrollDown, now }));
}
