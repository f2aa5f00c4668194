//! Distances and durations in the words of the API (reference §9), and words for its ids.

use crate::api::model::route::{Measure, Measures, Route};
use crate::api::model::{Id, Number};
use crate::sim::world::{CalloutRecord, EtaNow, World};
use jiff::Timestamp;

/// An id of the world on the wire, where every id may be null.
#[expect(clippy::unnecessary_wraps, reason = "the wire's fields are optional")]
pub fn number(id: u64) -> Option<Id> {
    Some(Id::Number(id.cast_signed()))
}

/// `1.2 km`, `112 m`; a value of 0 still reads `1 m`.
pub fn distance(metres: u32) -> String {
    if metres < 1_000 {
        format!("{} m", metres.max(1))
    } else {
        format!("{:.1} km", f64::from(metres) / 1_000.0)
    }
}

/// `3 mins`; a value of 0 still reads `1 min`.
pub fn duration(seconds: u32) -> String {
    match (seconds.saturating_add(30) / 60).max(1) {
        1 => "1 min".to_owned(),
        minutes => format!("{minutes} mins"),
    }
}

pub fn measures(eta: &EtaNow) -> Measures {
    let measure = |text, value: u32| Measure { text: Some(text), value: Some(Number(f64::from(value))) };
    Measures {
        distance: measure(distance(eta.distance_m), eta.distance_m),
        duration: measure(duration(eta.duration_s), eta.duration_s),
    }
}

/// The way of the responder who is attached, if there is one with a position.
pub fn route(world: &World, record: &CalloutRecord, now: Timestamp) -> Option<Route> {
    record.assignment()?.responder?;
    let line = world.route(record, now)?;
    let Measures { distance, duration } =
        world.eta(record, now).map(|eta| measures(&eta)).unwrap_or_default();
    Some(Route::new(&line, distance, duration))
}

pub fn response_type(id: i64) -> Option<&'static str> {
    match id {
        1 => Some("SECURITY"),
        2 => Some("MEDICAL"),
        3 => Some("DEMO"),
        _ => None,
    }
}

pub fn classification(id: i64) -> Option<&'static str> {
    match id {
        1 => Some("REAL"),
        2 => Some("TEST"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_samples() {
        for (metres, text) in
            [(0, "1 m"), (112, "112 m"), (999, "999 m"), (1_113, "1.1 km"), (1_213, "1.2 km")]
        {
            assert_eq!(distance(metres), text);
        }
        for (seconds, text) in
            [(0, "1 min"), (17, "1 min"), (89, "1 min"), (90, "2 mins"), (175, "3 mins"), (195, "3 mins")]
        {
            assert_eq!(duration(seconds), text);
        }
    }
}
