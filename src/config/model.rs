//! What a config file may say, with the defaults of what it does not.

use super::secret::SecretSource;
use crate::app::control::CANNED;
use crate::app::state::{Dialect, Environment};
use crate::geo::Position;
use crate::keymap::KeyOrKeys;
use crate::location::{Reception, Source};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The profile that needs no settings: the simulator inside this process.
pub const DEMO: &str = "demo";

/// Settings of the file over the defaults; environment and flags are laid over it in turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Model {
    pub profile: String,
    /// `None`: mono under `NO_COLOR`, else dark.
    pub theme: Option<Theme>,
    pub log_level: LogLevel,
    pub poll_seconds: i64,
    pub locate_seconds: i64,
    pub read_only: bool,
    pub reduced_motion: bool,
    pub keys: BTreeMap<String, KeyOrKeys>,
    pub location: Location,
    pub map: Map,
    pub control: ControlRoom,
    pub notify: Notify,
    pub demo: Demo,
    pub profiles: BTreeMap<String, Profile>,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            profile: DEMO.to_owned(),
            theme: None,
            log_level: LogLevel::Info,
            poll_seconds: 15,
            locate_seconds: 10,
            read_only: false,
            reduced_motion: false,
            keys: BTreeMap::new(),
            location: Location::default(),
            map: Map::default(),
            control: ControlRoom::default(),
            notify: Notify::default(),
            demo: Demo::default(),
            profiles: BTreeMap::new(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    Dark,
    Light,
    /// No colours at all: bold, dim, reverse and underline.
    Mono,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

/// What moves the person, and what their receiver is worth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Location {
    pub source: Source,
    pub file: Option<PathBuf>,
    /// `None`: a track's own times, else the usual speed.
    pub speed_kmh: Option<f64>,
    #[serde(rename = "loop")]
    pub looped: bool,
    pub accuracy_model: Reception,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Map {
    /// `GeoJSON` whose lines are drawn under everything.
    pub base: Option<PathBuf>,
}

/// What the terminal is told for somebody who looks elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Notify {
    pub bell: bool,
    /// A notification of the desktop, by the terminal that knows OSC 9.
    pub osc9: bool,
}

impl Default for Notify {
    fn default() -> Self {
        Self { bell: true, osc9: true }
    }
}

/// The control room's screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ControlRoom {
    /// Replies to choose from.
    pub canned: Vec<String>,
}

impl Default for ControlRoom {
    fn default() -> Self {
        Self { canned: CANNED.map(str::to_owned).into() }
    }
}

/// The built-in profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Demo {
    /// Seconds of the demo for each second of ours.
    pub speed: f64,
    pub scenario: String,
    /// The same seed gives the same streets and responders.
    pub seed: u64,
    pub latitude: f64,
    pub longitude: f64,
    /// Metres.
    pub accuracy: f64,
    pub customer: Customer,
    pub vehicle: Vehicle,
}

impl Default for Demo {
    fn default() -> Self {
        let given = |text: &str| Some(text.to_owned());
        Self {
            speed: 1.0,
            scenario: "happy-path".to_owned(),
            seed: 1,
            // A public square in Sandton, Johannesburg.
            latitude: -26.1091,
            longitude: 28.0830,
            accuracy: 8.0,
            customer: Customer {
                name: given("Jane"),
                surname: given("Doe"),
                mobile: given("+27000004567"),
                email: given("jane@example.com"),
                ..Customer::default()
            },
            vehicle: Vehicle {
                make: given("Toyota"),
                model: given("Corolla"),
                colour: given("White"),
                license_plate: given("TST 001 GP"),
            },
        }
    }
}

/// A real environment. What has no default there is asked for when the profile is used.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    pub base_url: Option<String>,
    pub dialect: Option<Dialect>,
    pub environment: Option<KnownEnvironment>,
    pub client_id: Option<String>,
    pub client_secret: Option<SecretSource>,
    pub response_type: Option<NameOrId>,
    pub classification: Option<NameOrId>,
    pub request_type: Option<String>,
    pub internal_test: Option<bool>,
    pub read_only: Option<bool>,
    pub poll_seconds: Option<i64>,
    pub locate_seconds: Option<i64>,
    /// Seconds until a connection must stand.
    pub connect_timeout: Option<f64>,
    /// Seconds that a whole call may take; less than between two polls.
    pub timeout: Option<f64>,
    /// Authorities in PEM, believed besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Where the control side of its simulator is; on this machine it is known from `base_url`.
    pub control_url: Option<String>,
    pub control_token: Option<SecretSource>,
    pub user: Option<User>,
    pub customer: Option<Customer>,
    pub vehicle: Option<Vehicle>,
    pub place: Option<Place>,
}

/// What a profile may claim to be, where its host's name does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KnownEnvironment {
    Staging,
    Production,
}

impl From<KnownEnvironment> for Environment {
    fn from(known: KnownEnvironment) -> Self {
        match known {
            KnownEnvironment::Staging => Self::Staging,
            KnownEnvironment::Production => Self::Production,
        }
    }
}

/// A value of the API by the word we give it, or by its id there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a word in quotes or an id")]
pub enum NameOrId {
    Id(i64),
    Name(String),
}

/// The v1 user whose token raises the panic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct User {
    pub email: Option<String>,
    pub password: Option<SecretSource>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Customer {
    pub id: Option<i64>,
    pub name: Option<String>,
    pub surname: Option<String>,
    pub mobile: Option<String>,
    pub email: Option<String>,
    pub gender: Option<String>,
    pub subscription_type_id: Option<i64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Vehicle {
    pub make: Option<String>,
    pub model: Option<String>,
    pub colour: Option<String>,
    pub license_plate: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Place {
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    /// Metres.
    pub accuracy: Option<f64>,
}

impl Place {
    pub const DEFAULT_ACCURACY: f64 = 8.0;

    /// `None` when a part is missing or it is not on the earth.
    pub fn position(&self) -> Option<Position> {
        Position::new(self.latitude?, self.longitude?)
    }
}
