//! One profile on its way to a line to its server: what is missing is gathered too, so that one run
//! tells all of it.

use super::check::{self, DEMO_RESPONSE, SECURITY_RESPONSE};
use super::model::{Customer, Place, Profile, Vehicle};
use super::{Concern, Config, ConfigError, Env, Problem, SecretSource, host, secret};
use crate::api::client::{Connection, Credentials, CustomerSetup, UserCredentials, kept_customer};
use crate::api::trust::Authorities;
use crate::app::control::Reach;
use crate::app::state::{Dialect, Environment};
use crate::geo::Position;
use reqwest::Url;
use secrecy::SecretString;
use std::time::Duration;

/// The type that a customer is registered with where the profile names none: the simulator's first.
const SUBSCRIPTION_TYPE: i64 = 4;

const WHERE: &str = "where you stand has no default, since help would go there";

/// What is known of the chosen profile's server, whole or not.
#[derive(Debug)]
pub struct Line {
    /// With empty credentials where they are among the problems.
    pub connection: Connection,
    pub environment: Environment,
    /// Host and port, as the header shows them.
    pub host: String,
    /// The control side of its simulator, where it is known to have one.
    pub control: Option<ControlLine>,
    pub(super) place: Option<(Position, f64)>,
    /// Seconds between polls and between reports of the position, where the profile says so.
    pub(super) intervals: (Option<i64>, Option<i64>),
    /// What the console cannot start without.
    pub problems: Vec<Problem>,
    /// What the person should know of the settings, each with its place.
    pub warnings: Vec<String>,
}

/// Where a control side is, and what opens it.
#[derive(Debug)]
pub struct ControlLine {
    pub url: String,
    pub token: Option<SecretString>,
}

impl Line {
    /// The line, if nothing is missing of what concerns these. Commands need less than the console.
    pub fn with(mut self, needed: &[Concern]) -> Result<Self, ConfigError> {
        self.problems.retain(|problem| needed.contains(&problem.concern));
        if self.problems.is_empty() { Ok(self) } else { Err(ConfigError { problems: self.problems }) }
    }
}

impl Config {
    /// The line to the chosen profile's server, its secrets fetched; `None` for the demo, whose server
    /// is inside the console. Refused only where it is not known whom to talk to.
    pub fn line(&self, env: Env<'_>) -> Result<Option<Line>, ConfigError> {
        let name = self.model.profile.as_str();
        let Some(profile) = self.model.profiles.get(name) else { return Ok(None) };
        let at = format!("profiles.{name}");
        let mut gathering = Gathering { config: self, at, env, problems: Vec::new(), warnings: Vec::new() };
        let line = gathering.server(name, profile);
        let (problems, warnings) = (gathering.problems, gathering.warnings);
        match line {
            Some(line) => Ok(Some(Line { problems, warnings, ..line })),
            None => Err(ConfigError { problems }),
        }
    }
}

struct Gathering<'a> {
    config: &'a Config,
    at: String,
    env: Env<'a>,
    problems: Vec<Problem>,
    warnings: Vec<String>,
}

impl Gathering<'_> {
    /// `None` when it is not known whom to talk to; what is missing is in `problems`.
    fn server(&mut self, name: &str, profile: &Profile) -> Option<Line> {
        let url = self
            .need("base_url", profile.base_url.as_deref(), "the URL of the API with its path")
            .and_then(|raw| host::base_url(raw).ok());
        let dialect = profile.dialect.unwrap_or(Dialect::V2);
        let ca = self.authorities(profile);
        let credentials = self.credentials(profile);
        let own = self.config.folders.of_profile(name);
        let customer_file = own.join("customer.json");
        let base_url = url.as_ref().map_or("", Url::as_str).trim_end_matches('/').to_owned();
        let client_id = profile.client_id.as_deref().unwrap_or_default();
        let registered = || kept_customer(&customer_file, &base_url, client_id);
        let loopback = url.as_ref().is_some_and(host::is_loopback);
        let customer = self.customer(profile, dialect, loopback, &registered);
        let place = profile.place.clone().unwrap_or_default();
        self.need("place.latitude", place.latitude, WHERE);
        self.need("place.longitude", place.longitude, WHERE);
        let url = url?;
        let environment = profile.environment.map_or_else(|| host::environment(&url), Into::into);
        // Where a real responder could be rung, the demo's are the default.
        let careful = matches!(environment, Environment::Production | Environment::Remote);
        let usual_response = if careful { DEMO_RESPONSE } else { SECURITY_RESPONSE };
        let (connect_timeout, total_timeout) = self.timeouts(profile);
        let connection = Connection {
            base_url,
            dialect,
            credentials,
            customer,
            response_type_id: check::response_type(profile).ok()?.unwrap_or(usual_response),
            classification: check::classification(profile).ok()?,
            internal_test: profile.internal_test.unwrap_or(careful),
            request_type: profile.request_type.clone(),
            read_only: self.config.model.read_only || profile.read_only.unwrap_or(false),
            token_file: Some(own.join("token.json")),
            customer_file: Some(customer_file),
            connect_timeout,
            total_timeout,
            proxy: true,
            ca,
            realm: None,
        };
        let control = self.control(profile, &url, environment);
        let accuracy = place.accuracy.unwrap_or(Place::DEFAULT_ACCURACY);
        Some(Line {
            connection,
            environment,
            host: host::shown(&url),
            control,
            place: place.position().map(|position| (position, accuracy)),
            intervals: (profile.poll_seconds, profile.locate_seconds),
            problems: Vec::new(),
            warnings: Vec::new(),
        })
    }

    /// A simulator on this machine has its control side beside the API; of any other host only a setting
    /// tells. AURA's own have none that is ours.
    fn control(&mut self, profile: &Profile, url: &Url, environment: Environment) -> Option<ControlLine> {
        let named = profile.control_url.as_deref().and_then(|raw| host::base_url(raw).ok());
        if Reach::of(environment, named.is_some()) != Reach::Simulator {
            return None;
        }
        let url = match named {
            Some(url) => url,
            None => url.join("/control").ok()?,
        };
        let token = match &profile.control_token {
            Some(source) => Some(self.secret("control_token", Some(source))?),
            None => None,
        };
        Some(ControlLine { url: url.as_str().trim_end_matches('/').to_owned(), token })
    }

    /// A whole call ends before the next poll, whatever is set.
    fn timeouts(&self, profile: &Profile) -> (Duration, Duration) {
        let poll = profile.poll_seconds.unwrap_or(self.config.model.poll_seconds);
        let shorter_than_poll = Duration::from_secs(poll.unsigned_abs()) * 4 / 5;
        let given =
            |seconds: Option<f64>| seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let total = given(profile.timeout).unwrap_or(Connection::TOTAL_TIMEOUT.min(shorter_than_poll));
        (given(profile.connect_timeout).unwrap_or(Connection::CONNECT_TIMEOUT).min(total), total)
    }

    fn authorities(&mut self, profile: &Profile) -> Option<Authorities> {
        let path = self.config.folders.beside_config(profile.ca_file.as_deref()?);
        let read = std::fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()));
        match read
            .and_then(|pem| Authorities::from_pem(pem).map_err(|why| format!("{} {why}", path.display())))
        {
            Ok(authorities) => Some(authorities),
            Err(problem) => {
                self.refuse("ca_file", &problem);
                None
            }
        }
    }

    fn credentials(&mut self, profile: &Profile) -> Credentials {
        let client_id = self.need("client_id", profile.client_id.clone(), "the id that came with the secret");
        let nothing = || SecretString::from("");
        // A v1 user logs in with the client id and a password of their own.
        let secret_needed = profile.user.is_none() || profile.client_secret.is_some();
        let client_secret = if secret_needed {
            self.secret("client_secret", profile.client_secret.as_ref()).unwrap_or_else(nothing)
        } else {
            nothing()
        };
        let user = profile.user.as_ref().map(|user| {
            let email =
                self.need("user.email", user.email.clone(), "the name that the user was registered with");
            let password = self.secret("user.password", user.password.as_ref());
            UserCredentials { email: email.unwrap_or_default(), password: password.unwrap_or_else(nothing) }
        });
        Credentials { client_id: client_id.unwrap_or_default(), client_secret, user }
    }

    fn customer(
        &mut self,
        profile: &Profile,
        dialect: Dialect,
        loopback: bool,
        registered: &dyn Fn() -> Option<i64>,
    ) -> CustomerSetup {
        let mut given = profile.customer.clone().unwrap_or_default();
        if dialect == Dialect::V2 && given.id.is_none() && given.mobile.is_none() {
            // Registered by `customer register` with words of the command line.
            given.id = registered();
        }
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
        if source.is_in_clear() && secret::open_to_others(file) {
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
        let text = format!("{}: {problem}", self.place_of(setting));
        self.problems.push(Problem { concern: Concern::of(setting), text });
    }

    fn place_of(&self, setting: &str) -> String {
        self.config.places.of(&format!("{}.{setting}", self.at))
    }
}

pub(super) fn customer(customer: &Customer, vehicle: &Vehicle) -> CustomerSetup {
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
