//! Every sample of the reference through the client's own types: the values that are read, what is
//! tolerated, and that writing a sample again gives the same JSON.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its sample stops there")]

#[path = "api_decode/round_trip.rs"]
mod round_trip;
#[path = "api_decode/routes.rs"]
mod routes;
#[path = "api_decode/tolerance.rs"]
mod tolerance;
#[path = "api_decode/v1_values.rs"]
mod v1_values;
#[path = "api_decode/v2_values.rs"]
mod v2_values;

use serde_json::Value;
use std::path::Path;

/// A sample's bytes, by its path below `tests/fixtures`.
fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(name: &str) -> Value {
    serde_json::from_slice(&fixture(name)).unwrap()
}

#[expect(clippy::unnecessary_wraps, reason = "the model holds times that may be missing")]
fn time(text: &str) -> Option<jiff::Timestamp> {
    Some(text.parse().unwrap())
}

fn place(latitude: f64, longitude: f64) -> panic_console::geo::Position {
    panic_console::geo::Position::new(latitude, longitude).unwrap()
}
