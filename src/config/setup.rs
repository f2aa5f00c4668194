//! The chosen profile, whole: everything that the console needs to start.

use super::check::{self, DEMO_RESPONSE, SECURITY_RESPONSE};
use super::model::{Customer, DEMO, LogLevel, Place, Profile, Theme, Vehicle};
use super::secret;
use super::{Config, ConfigError, Env, Folders, SecretSource, folders, host};
use crate::api::client::{Connection, Credentials, CustomerSetup, UserCredentials};
use crate::app::callout::Classification;
use crate::app::state::{Dialect, Environment, Settings};
use crate::geo::Position;
use crate::keymap::Keymap;
use crate::text::DisplayText;
use jiff::SignedDuration;
use secrecy::SecretString;
use std::path::PathBuf;
use std::time::Duration;

/// The type that a customer is registered with where the profile names none: the simulator's first.
const SUBSCRIPTION_TYPE: i64 = 4;
/// Metres per second of somebody who walks.
const WALKING_SPEED: f64 = 1.4;

#[derive(Debug)]
pub struct ConsoleSetup {
    pub settings: Settings,
    pub target: Target,
    pub theme: Theme,
    pub keymap: Keymap,
    pub log_level: LogLevel,
    pub folders: Folders,
    /// Where an active callout is kept for the next start.
    pub resume_file: PathBuf,
    /// What the person should know of the settings, each with its place.
    pub warnings: Vec<String>,
}

#[derive(Debug)]
pub enum Target {
    /// The simulator inside this process; where it listens is known once it does.
    Demo(DemoSetup),
    Server(Connection),
}

#[derive(Debug)]
pub struct DemoSetup {
    pub speed: f64,
    pub scenario: String,
    pub seed: u64,
    /// The world of the demo, so that an active callout outlives the console.
    pub state_file: PathBuf,
    /// The line to it, but for the `base_url`, which is known once it listens.
    pub connection: Connection,
}

impl DemoSetup {
    pub const CLIENT_ID: &str = "demo-client";
    pub const CLIENT_SECRET: &str = "demo-secret";
}

impl Config {
    /// Gathers the chosen profile, fetches its secrets and makes its folder.
    pub fn console(&self, env: Env<'_>) -> Result<ConsoleSetup, ConfigError> {
        let name = self.model.profile.as_str();
        let mut warnings = Vec::new();
        let (settings, target) = match self.model.profiles.get(name) {
            None => self.demo()?,
            Some(profile) => {
                let mut gathering = Gathering {
                    config: self,
                    at: format!("profiles.{name}"),
                    env,
                    problems: Vec::new(),
                    warnings: Vec::new(),
                };
                let gathered = gathering.server(name, profile);
                warnings = gathering.warnings;
                let problems = gathering.problems;
                gathered.filter(|_| problems.is_empty()).ok_or(ConfigError { problems })?
            }
        };
        let own = self.folders.of_profile(name);
        folders::make_private(&own).map_err(|error| {
            ConfigError::one(format!("cannot make the folder {}: {error}", own.display()))
        })?;
        Ok(ConsoleSetup {
            settings,
            target,
            theme: self.theme,
            keymap: self.keymap.clone(),
            log_level: self.model.log_level,
            resume_file: own.join("resume.json"),
            folders: self.folders.clone(),
            warnings,
        })
    }

    fn demo(&self) -> Result<(Settings, Target), ConfigError> {
        let demo = &self.model.demo;
        let own = self.folders.of_profile(DEMO);
        let connection = Connection {
            base_url: String::new(),
            dialect: Dialect::V2,
            credentials: Credentials {
                client_id: DemoSetup::CLIENT_ID.to_owned(),
                client_secret: SecretString::from(DemoSetup::CLIENT_SECRET),
                user: None,
            },
            customer: customer(&demo.customer, &demo.vehicle),
            response_type_id: SECURITY_RESPONSE,
            classification: Classification::Test,
            internal_test: false,
            request_type: None,
            read_only: self.model.read_only,
            token_file: Some(own.join("token.json")),
            customer_file: Some(own.join("customer.json")),
            connect_timeout: Connection::CONNECT_TIMEOUT,
            total_timeout: Connection::TOTAL_TIMEOUT,
            proxy: true,
            realm: Some("embedded simulator".to_owned()),
        };
        let place = Place {
            latitude: Some(demo.latitude),
            longitude: Some(demo.longitude),
            accuracy: Some(demo.accuracy),
        };
        let start = place.position().ok_or_else(|| ConfigError::one("demo: not a place on the earth"))?;
        let settings = Settings {
            host: DisplayText::new("embedded simulator"),
            environment: Environment::Demo,
            ..self.settings(&connection, start, demo.accuracy, (None, None))
        };
        let target = Target::Demo(DemoSetup {
            speed: demo.speed,
            scenario: demo.scenario.clone(),
            seed: demo.seed,
            state_file: own.join("world.sqlite"),
            connection,
        });
        Ok((settings, target))
    }

    fn settings(
        &self,
        connection: &Connection,
        start: Position,
        accuracy: f64,
        (poll, locate): (Option<i64>, Option<i64>),
    ) -> Settings {
        Settings {
            profile: DisplayText::new(&self.model.profile),
            host: DisplayText::default(),
            environment: Environment::Remote,
            dialect: connection.dialect,
            poll_every: SignedDuration::from_secs(poll.unwrap_or(self.model.poll_seconds)),
            locate_every: SignedDuration::from_secs(locate.unwrap_or(self.model.locate_seconds)),
            read_only: connection.read_only,
            classification: connection.classification,
            response_type_id: connection.response_type_id,
            start,
            accuracy,
            walking_speed: WALKING_SPEED,
            seed: rand::random(),
        }
    }
}

const WHERE: &str = "where you stand has no default, since help would go there";

/// One profile on its way to a [`Connection`]: what is missing is gathered too.
struct Gathering<'a> {
    config: &'a Config,
    at: String,
    env: Env<'a>,
    problems: Vec<String>,
    warnings: Vec<String>,
}

impl Gathering<'_> {
    /// `None` when something is missing; what it was is then in `problems`.
    fn server(&mut self, name: &str, profile: &Profile) -> Option<(Settings, Target)> {
        let url = self
            .need("base_url", profile.base_url.as_deref(), "the URL of the API with its path")
            .and_then(|raw| host::base_url(raw).ok());
        let dialect = profile.dialect.unwrap_or(Dialect::V2);
        let credentials = self.credentials(profile);
        let customer = self.customer(profile, dialect, url.as_ref().is_some_and(host::is_loopback));
        let place = profile.place.clone().unwrap_or_default();
        self.need("place.latitude", place.latitude, WHERE);
        self.need("place.longitude", place.longitude, WHERE);
        let (url, start) = (url?, place.position()?);
        let environment = profile.environment.map_or_else(|| host::environment(&url), Into::into);
        // Where a real responder could be rung, the demo's are the default.
        let careful = matches!(environment, Environment::Production | Environment::Remote);
        let response_type = check::response_type(profile).ok()?;
        let own = self.config.folders.of_profile(name);
        let poll_seconds = profile.poll_seconds.unwrap_or(self.config.model.poll_seconds);
        let shorter_than_poll = Duration::from_secs(poll_seconds.unsigned_abs()) * 4 / 5;
        let connection = Connection {
            base_url: url.as_str().trim_end_matches('/').to_owned(),
            dialect,
            credentials: credentials?,
            customer,
            response_type_id: response_type.unwrap_or(if careful {
                DEMO_RESPONSE
            } else {
                SECURITY_RESPONSE
            }),
            classification: check::classification(profile).ok()?,
            internal_test: profile.internal_test.unwrap_or(careful),
            request_type: profile.request_type.clone(),
            read_only: self.config.model.read_only || profile.read_only.unwrap_or(false),
            token_file: Some(own.join("token.json")),
            customer_file: Some(own.join("customer.json")),
            connect_timeout: Connection::CONNECT_TIMEOUT.min(shorter_than_poll),
            total_timeout: Connection::TOTAL_TIMEOUT.min(shorter_than_poll),
            proxy: true,
            realm: None,
        };
        let accuracy = place.accuracy.unwrap_or(Place::DEFAULT_ACCURACY);
        let intervals = (profile.poll_seconds, profile.locate_seconds);
        let settings = Settings {
            host: DisplayText::new(&host::shown(&url)),
            environment,
            ..self.config.settings(&connection, start, accuracy, intervals)
        };
        Some((settings, Target::Server(connection)))
    }

    fn credentials(&mut self, profile: &Profile) -> Option<Credentials> {
        let client_id = self.need("client_id", profile.client_id.clone(), "the id that came with the secret");
        // A v1 user logs in with the client id and a password of their own.
        let secret_needed = profile.user.is_none() || profile.client_secret.is_some();
        let client_secret = if secret_needed {
            self.secret("client_secret", profile.client_secret.as_ref())
        } else {
            Some(SecretString::from(""))
        };
        let user = match &profile.user {
            None => None,
            Some(user) => {
                let email =
                    self.need("user.email", user.email.clone(), "the name that the user was registered with");
                let password = self.secret("user.password", user.password.as_ref());
                Some(UserCredentials { email: email?, password: password? })
            }
        };
        Some(Credentials { client_id: client_id?, client_secret: client_secret?, user })
    }

    fn customer(&mut self, profile: &Profile, dialect: Dialect, loopback: bool) -> CustomerSetup {
        let given = profile.customer.clone().unwrap_or_default();
        if dialect == Dialect::V1 || given.id.is_none() {
            let who = match dialect {
                Dialect::V1 => "name, surname and mobile of the customer",
                Dialect::V2 => "name, surname and mobile of the customer, or their id",
            };
            self.need("customer.name", given.name.as_ref(), who);
            self.need("customer.surname", given.surname.as_ref(), who);
            self.need("customer.mobile", given.mobile.as_ref(), who);
        }
        if dialect == Dialect::V2 && given.id.is_none() && !loopback {
            let what = "the type to register the customer with, or their id: it differs between environments";
            self.need("customer.subscription_type_id", given.subscription_type_id, what);
        }
        customer(&given, &profile.vehicle.clone().unwrap_or_default())
    }

    fn secret(&mut self, setting: &str, source: Option<&SecretSource>) -> Option<SecretString> {
        let Some(source) = source else {
            self.refuse(setting, &format!("is missing: {}", secret::SOURCES));
            return None;
        };
        let found = match source.fetch(&self.config.folders, self.env) {
            Ok(found) => found,
            Err(problem) => {
                self.refuse(setting, &problem);
                return None;
            }
        };
        if let Some(warning) = found.warning {
            self.warnings.push(format!("{}: {warning}", self.place_of(setting)));
        }
        let file = &self.config.folders.config_file;
        if matches!(source, SecretSource::Value(_)) && secret::open_to_others(file) {
            self.warnings.push(format!("{} holds a secret and can be read by other users", file.display()));
        }
        Some(found.secret)
    }

    fn need<T>(&mut self, setting: &str, value: Option<T>, what: &str) -> Option<T> {
        if value.is_none() {
            self.refuse(setting, &format!("is missing: {what}"));
        }
        value
    }

    fn refuse(&mut self, setting: &str, problem: &str) {
        let place = self.place_of(setting);
        self.problems.push(format!("{place}: {problem}"));
    }

    fn place_of(&self, setting: &str) -> String {
        self.config.places.of(&format!("{}.{setting}", self.at))
    }
}

fn customer(customer: &Customer, vehicle: &Vehicle) -> CustomerSetup {
    let (customer, vehicle) = (customer.clone(), vehicle.clone());
    CustomerSetup {
        id: customer.id,
        name: customer.name.unwrap_or_default(),
        surname: customer.surname.unwrap_or_default(),
        mobile: customer.mobile.unwrap_or_default(),
        email: customer.email,
        gender: customer.gender,
        vehicle_make: vehicle.make,
        vehicle_model: vehicle.model,
        vehicle_colour: vehicle.colour,
        vehicle_license_plate: vehicle.license_plate,
        subscription_type_id: customer.subscription_type_id.unwrap_or(SUBSCRIPTION_TYPE),
    }
}
