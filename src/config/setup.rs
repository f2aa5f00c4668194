//! The chosen profile, whole: everything that the console needs to start.

use super::check::SECURITY_RESPONSE;
use super::gather::customer;
use super::model::{DEMO, LogLevel, Place, Theme};
use super::movement::Movement;
use super::{Concern, Config, ConfigError, ControlLine, Env, Folders, Notify, folders, host};
use crate::api::client::{Connection, Credentials};
use crate::app::callout::Classification;
use crate::app::profiles::Listed;
use crate::app::state::{Dialect, Environment, Settings};
use crate::geo::Position;
use crate::keymap::Keymap;
use crate::text::DisplayText;
use jiff::SignedDuration;
use secrecy::SecretString;
use std::path::PathBuf;

/// Metres per second of somebody who walks.
const WALKING_SPEED: f64 = 1.4;

#[derive(Debug)]
pub struct ConsoleSetup {
    pub settings: Settings,
    pub target: Target,
    /// The profiles that there are, this one among them.
    pub profiles: Vec<Listed>,
    /// The replies that the control room's screen offers.
    pub canned: Vec<DisplayText>,
    pub theme: Theme,
    /// Nothing on the screen is to move by itself.
    pub reduced_motion: bool,
    pub keymap: Keymap,
    pub log_level: LogLevel,
    pub folders: Folders,
    pub movement: Movement,
    pub notify: Notify,
    /// Where an active callout is kept for the next start.
    pub resume_file: PathBuf,
    /// What the person should know of the settings, each with its place.
    pub warnings: Vec<String>,
}

impl ConsoleSetup {
    /// Where the profile keeps the devices that it linked or used.
    pub fn own_list_of_devices(&self) -> PathBuf {
        self.resume_file.with_file_name("devices.json")
    }
}

#[derive(Debug)]
pub enum Target {
    /// The simulator inside this process; where it listens is known once it does.
    Demo(DemoSetup),
    Server(Connection, Option<ControlLine>),
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
        let (settings, target, warnings) = match self.line(env)? {
            None => {
                let (settings, target) = self.demo()?;
                (settings, target, Vec::new())
            }
            Some(line) => {
                let start = line.place.filter(|_| line.problems.is_empty());
                let (start, accuracy) = start.ok_or(ConfigError { problems: line.problems })?;
                let settings = Settings {
                    host: DisplayText::new(&line.host),
                    environment: line.environment,
                    ..self.settings(&line.connection, start, accuracy, line.intervals)
                };
                (settings, Target::Server(line.connection, line.control), line.warnings)
            }
        };
        self.set_up(settings, target, self.movement()?, warnings)
    }

    fn set_up(
        &self,
        settings: Settings,
        target: Target,
        movement: Movement,
        warnings: Vec<String>,
    ) -> Result<ConsoleSetup, ConfigError> {
        let own = self.make_own_folder()?;
        Ok(ConsoleSetup {
            settings,
            target,
            profiles: self.listed(),
            canned: self.model.control.canned.iter().map(|text| DisplayText::new(text)).collect(),
            theme: self.theme,
            reduced_motion: self.model.reduced_motion,
            keymap: self.keymap.clone(),
            log_level: self.model.log_level,
            movement,
            notify: self.model.notify,
            resume_file: own.join("resume.json"),
            folders: self.folders.clone(),
            warnings,
        })
    }

    /// Watching needs less than the console: nothing is raised, and nobody stands anywhere. `elsewhere` is a
    /// server that the command line names instead of a profile. `None` for the demo, whose simulator is
    /// inside the console and has nothing to be watched.
    pub fn watch(
        &self,
        env: Env<'_>,
        elsewhere: Option<Connection>,
    ) -> Result<Option<ConsoleSetup>, ConfigError> {
        let by_url = elsewhere.is_some();
        let (connection, environment, shown, control, intervals, warnings) =
            if let Some(connection) = elsewhere {
                let url = host::base_url(&connection.base_url)
                    .map_err(|problem| ConfigError::one(format!("--url: {problem}")))?;
                (connection, host::environment(&url), host::shown(&url), None, (None, None), Vec::new())
            } else {
                let Some(line) = self.line(env)? else { return Ok(None) };
                let line = line.with(&[Concern::Settings, Concern::Credentials])?;
                (line.connection, line.environment, line.host, line.control, line.intervals, line.warnings)
            };
        let connection = Connection { read_only: true, ..connection };
        let nowhere = Position::new(0.0, 0.0).ok_or_else(|| ConfigError::one("not a place on the earth"))?;
        let settings = Settings {
            profile: DisplayText::new(if by_url { "" } else { &self.model.profile }),
            host: DisplayText::new(&shown),
            environment,
            read_only: true,
            ..self.settings(&connection, nowhere, Place::DEFAULT_ACCURACY, intervals)
        };
        let movement = Movement::none(self.movement()?.base);
        let target = Target::Server(connection, control);
        self.set_up(settings, target, movement, warnings).map(Some)
    }

    /// The chosen profile's own folder, there and its owner's alone.
    pub fn make_own_folder(&self) -> Result<PathBuf, ConfigError> {
        let own = self.folders.of_profile(&self.model.profile);
        folders::make_private(&own).map_err(|error| {
            ConfigError::one(format!("cannot make the folder {}: {error}", own.display()))
        })?;
        Ok(own)
    }

    /// The line to the demo's simulator, but for the `base_url`, which is known once it listens.
    pub fn demo_connection(&self) -> Connection {
        let demo = &self.model.demo;
        let own = self.folders.of_profile(DEMO);
        Connection {
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
            ca: None,
            realm: Some("embedded simulator".to_owned()),
        }
    }

    fn demo(&self) -> Result<(Settings, Target), ConfigError> {
        let demo = &self.model.demo;
        let connection = self.demo_connection();
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
            state_file: self.folders.of_profile(DEMO).join("world.sqlite"),
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
