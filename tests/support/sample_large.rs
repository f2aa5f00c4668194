//! States with far more in them than a screen shows: what is drawn must not cost more for it.

use super::{comment, dispatched, home, route};
use panic_console::app::callout::Role;
use panic_console::app::state::{State, Watch};
use panic_console::geo::layer::Layer;
use panic_console::geo::{self, Position};

/// A made-up quarter of so many points: streets of an uneven grid and a river through it.
pub fn quarter(points: usize) -> Layer {
    let corner = home().towards(225.0, 1_600.0);
    let each = (points / 42).max(2);
    #[expect(clippy::cast_precision_loss, reason = "a few thousand points")]
    let share = |index: usize| index as f64 / (each - 1) as f64;
    let street = |number: u32, (aside, along): (f64, f64)| {
        let sway = f64::from(number * number % 7) * 9.0;
        let start = corner.towards(aside, f64::from(number) * 112.0 + sway);
        (0..each).map(|index| start.towards(along, share(index) * 2_300.0)).collect::<Vec<_>>()
    };
    let mut lines: Vec<Vec<Position>> = (0..20).map(|number| street(number, (0.0, 90.0))).collect();
    lines.extend((0..20).map(|number| street(number, (90.0, 0.0))));
    let bank = |off: f64| {
        let bend = move |index: usize| {
            let along = corner.towards(60.0, share(index) * 3_000.0);
            along.towards(330.0, off + (share(index) * 9.0).sin() * 160.0)
        };
        (0..each).map(bend).collect::<Vec<_>>()
    };
    lines.extend([bank(300.0), bank(345.0)]);
    Layer::from(lines)
}

/// The usual picture with the person's own lines under it.
pub fn on_ground(points: usize) -> State {
    let mut state = dispatched();
    state.map.base = Some(quarter(points));
    state
}

pub fn long_chat(messages: usize) -> State {
    let mut state = dispatched();
    state.chat.comments = (0..messages)
        .map(|index| {
            let role = if index % 2 == 0 { Role::Admin } else { Role::User };
            let body =
                format!("Message {index}: the street is quiet, the gate is open and the dog is inside.");
            comment(index, role, "Control room", &body, i64::try_from(index % 180).unwrap_or(0))
        })
        .collect();
    state
}

/// The usual route with so many points on the same way.
pub fn long_route(points: usize) -> State {
    let mut state = dispatched();
    let line = route();
    let length = geo::length(&line);
    #[expect(clippy::cast_precision_loss, reason = "a few thousand points")]
    let share = |index: usize| index as f64 / (points - 1) as f64;
    let dense = (0..points).filter_map(|index| geo::along(&line, length * share(index))).collect();
    if let Watch::Live(followed) = &mut state.watch {
        followed.callout.route = Some(dense);
    }
    state
}
