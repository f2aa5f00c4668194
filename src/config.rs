//! Settings: defaults < file < environment < flags, merged once at the start.
//!
//! Whatever is refused is refused with one message that names the setting, the file and the line.

mod check;
mod folders;
mod gather;
mod host;
mod listed;
mod model;
mod movement;
mod places;
mod secret;
mod setup;
mod show;

pub use folders::{Folders, make_private};
pub use gather::{ControlLine, Line};
pub use host::of_base_url as environment_of;
pub use model::{
    Customer, DEMO, Demo, Location, LogLevel, Map, Model, NameOrId, Notify, Place, Profile, Theme, User,
    Vehicle,
};
pub use movement::Movement;
pub use secret::SecretSource;
pub use setup::{ConsoleSetup, DemoSetup, Target};

use crate::keymap::Keymap;
use crate::location::Source;
use clap::{Args, ValueEnum};
use places::Places;
use serde::Deserialize;
use std::fmt;
use std::path::{Path, PathBuf};
use toml::de::DeTable;

/// How an environment variable is looked up: tests have their own.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What the command line says of the settings.
#[derive(Clone, Debug, Default, PartialEq, Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of the command line")]
pub struct Flags {
    /// Environment to talk to: demo, or a profile of the config
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Config file to read instead of the usual one
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Track to move along: a GPX or GeoJSON file
    #[arg(long, value_name = "FILE")]
    pub location: Option<PathBuf>,
    /// Colours
    #[arg(long)]
    pub theme: Option<Theme>,
    /// Speed of the demo's clock
    #[arg(long, value_name = "TIMES")]
    pub speed: Option<f64>,
    /// What the demo's control room does: a scenario's name, its file, or off: nothing by itself
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
    /// Look only: refuse everything that would change something, own position included
    #[arg(long)]
    pub read_only: bool,
    /// Nothing moves by itself: times of day instead of counted seconds, no estimated places
    #[arg(long)]
    pub reduced_motion: bool,
    /// No drawing: a line for each change, orders as lines. What a pipe gets anyway
    #[arg(long)]
    pub plain: bool,
    /// No bell on dispatch, arrival, a new message
    #[arg(long)]
    pub no_bell: bool,
    /// No notification (OSC 9) of them
    #[arg(long)]
    pub no_notify: bool,
    /// How much is written to the log
    #[arg(long, value_name = "LEVEL")]
    pub log_level: Option<LogLevel>,
}

/// Every reason why the settings cannot be taken, one a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    problems: Vec<Problem>,
}

impl ConfigError {
    fn one(problem: impl Into<String>) -> Self {
        Self::of_settings(vec![problem.into()])
    }

    fn of_settings(problems: Vec<String>) -> Self {
        let problem = |text| Problem { concern: Concern::Settings, text };
        Self { problems: problems.into_iter().map(problem).collect() }
    }

    /// Found out when the settings were used.
    pub(crate) fn told(problem: String) -> Self {
        Self::one(problem)
    }

    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

/// What is refused, with its place; and which step of setting up an environment it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub concern: Concern,
    pub text: String,
}

/// The steps from nothing to a callout, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Concern {
    Settings,
    Credentials,
    Customer,
    Place,
}

impl Concern {
    /// By a setting of a profile.
    fn of(setting: &str) -> Self {
        match setting.split('.').next() {
            Some("client_id" | "client_secret" | "user") => Self::Credentials,
            Some("customer") => Self::Customer,
            Some("place") => Self::Place,
            _ => Self::Settings,
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<&str> = self.problems.iter().map(|problem| problem.text.as_str()).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// The settings that hold, with the place each came from.
#[derive(Clone, Debug)]
pub struct Config {
    pub model: Model,
    pub theme: Theme,
    pub keymap: Keymap,
    pub folders: Folders,
    places: Places,
}

/// Reads the file, lays environment and flags over it, and holds the whole against the rules. The
/// secrets stay where they are until [`Config::console`] fetches those of the chosen profile.
pub fn load(flags: &Flags, env: Env<'_>) -> Result<Config, ConfigError> {
    let env: Env<'_> = &|name: &str| env(name).filter(|value| !value.is_empty());
    let folders = Folders::named_by(flags, env)?;
    let must_exist = folders::named_file(flags, env).is_some();
    let (mut model, mut places) = read(&folders, must_exist)?;
    lay_environment(&mut model, &mut places, env)?;
    lay_flags(&mut model, &mut places, flags)?;
    let keymap = check::all(&model, &places)?;
    let colourless = env("NO_COLOR").is_some();
    let theme = model.theme.unwrap_or(if colourless { Theme::Mono } else { Theme::Dark });
    Ok(Config { model, theme, keymap, folders, places })
}

fn read(folders: &Folders, must_exist: bool) -> Result<(Model, Places), ConfigError> {
    let file = &folders.config_file;
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must_exist => {
            return Ok((Model::default(), Places::default()));
        }
        Err(error) => return Err(ConfigError::one(format!("cannot read {}: {error}", file.display()))),
    };
    let refused = |error: &toml::de::Error, table: &DeTable<'_>| {
        let span = error.span().unwrap_or(0..0);
        let mut path = places::path_at(table, &span);
        if path.is_empty() && error.message() == "duplicate key" {
            text.get(span.clone()).unwrap_or_default().clone_into(&mut path);
        }
        let setting = if path.is_empty() { String::new() } else { format!("{path}: ") };
        // A secret in the wrong shape must not be read out by the message that refuses it.
        let message = if is_secret(&path) { secret::SOURCES.to_owned() } else { plain(error.message()) };
        let line = places::line_of(&text, span.start);
        ConfigError::one(format!("{}:{line}: {setting}{message}", file.display()))
    };
    let (table, errors) = DeTable::parse_recoverable(&text);
    if let Some(error) = errors.first() {
        return Err(refused(error, table.get_ref()));
    }
    let places = Places::new(file, &text, table.get_ref());
    let model = Model::deserialize(toml::Deserializer::from(table.clone()))
        .map_err(|error| refused(&error, table.get_ref()))?;
    Ok((model, places))
}

/// The parser's message in words of a config file rather than of Rust.
fn plain(message: &str) -> String {
    [("unknown variant", "unknown value"), ("unknown field", "unknown setting")]
        .iter()
        .chain(&[
            ("expected i64", "expected a whole number"),
            ("expected u64", "expected a whole number, 0 or more"),
        ])
        .chain(&[("expected f64", "expected a number")])
        .fold(message.trim().to_owned(), |text, (rusts, ours)| text.replace(rusts, ours))
}

fn is_secret(path: &str) -> bool {
    path.split('.').any(|name| matches!(name, "client_secret" | "password"))
}

fn lay_environment(model: &mut Model, places: &mut Places, env: Env<'_>) -> Result<(), ConfigError> {
    let mut problems = Vec::new();
    let mut take =
        |setting: &'static str, variable: &'static str, lay: &mut dyn FnMut(&str) -> Result<(), String>| {
            if let Some(value) = env(variable) {
                places.override_by(setting, variable);
                problems.extend(lay(&value).err().map(|problem| format!("{variable}: {problem}")));
            }
        };
    take("profile", "PANIC_CONSOLE_PROFILE", &mut |value| {
        value.clone_into(&mut model.profile);
        Ok(())
    });
    take("theme", "PANIC_CONSOLE_THEME", &mut |value| word(value).map(|theme| model.theme = Some(theme)));
    take("log_level", "PANIC_CONSOLE_LOG_LEVEL", &mut |value| {
        word(value).map(|level| model.log_level = level)
    });
    take("demo.speed", "PANIC_CONSOLE_SPEED", &mut |value| {
        model.demo.speed = value.parse().map_err(|_| format!("\"{value}\" is not a number"))?;
        Ok(())
    });
    take("demo.scenario", "PANIC_CONSOLE_SCENARIO", &mut |value| {
        value.clone_into(&mut model.demo.scenario);
        Ok(())
    });
    take("read_only", "PANIC_CONSOLE_READ_ONLY", &mut |value| {
        model.read_only = value.parse().map_err(|_| format!("\"{value}\" is neither true nor false"))?;
        Ok(())
    });
    take("reduced_motion", "PANIC_CONSOLE_REDUCED_MOTION", &mut |value| {
        model.reduced_motion = value.parse().map_err(|_| format!("\"{value}\" is neither true nor false"))?;
        Ok(())
    });
    if problems.is_empty() { Ok(()) } else { Err(ConfigError::of_settings(problems)) }
}

/// One of the words of a setting, or a message that lists them.
fn word<T: ValueEnum>(value: &str) -> Result<T, String> {
    T::from_str(value, false).map_err(|_| {
        let words = T::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let words: Vec<String> = words.map(|word| word.get_name().to_owned()).collect();
        format!("\"{value}\" is none of {}", words.join(", "))
    })
}

fn lay_flags(model: &mut Model, places: &mut Places, flags: &Flags) -> Result<(), ConfigError> {
    if let Some(profile) = &flags.profile {
        profile.clone_into(&mut model.profile);
        places.override_by("profile", "--profile");
    }
    if let Some(scenario) = &flags.scenario {
        scenario.clone_into(&mut model.demo.scenario);
        places.override_by("demo.scenario", "--scenario");
    }
    if let Some(speed) = flags.speed {
        model.demo.speed = speed;
        places.override_by("demo.speed", "--speed");
    }
    if let Some(theme) = flags.theme {
        model.theme = Some(theme);
        places.override_by("theme", "--theme");
    }
    if let Some(level) = flags.log_level {
        model.log_level = level;
        places.override_by("log_level", "--log-level");
    }
    if flags.read_only {
        model.read_only = true;
        places.override_by("read_only", "--read-only");
    }
    if flags.no_bell {
        model.notify.bell = false;
        places.override_by("notify.bell", "--no-bell");
    }
    if flags.no_notify {
        model.notify.osc9 = false;
        places.override_by("notify.osc9", "--no-notify");
    }
    if flags.reduced_motion {
        model.reduced_motion = true;
        places.override_by("reduced_motion", "--reduced-motion");
    }
    if let Some(file) = &flags.location {
        lay_track(model, places, file)?;
    }
    Ok(())
}

/// A track of the command line: its name tells what it is, and it lies where the person is.
fn lay_track(model: &mut Model, places: &mut Places, file: &Path) -> Result<(), ConfigError> {
    let Some(source) = Source::of_file(&file.to_string_lossy()) else {
        let shown = file.display();
        return Err(ConfigError::one(format!(
            "--location: {shown}: its name ends neither in .gpx nor in .geojson"
        )));
    };
    let cannot = |error| ConfigError::one(format!("--location: {}: {error}", file.display()));
    model.location.source = source;
    model.location.file = Some(std::path::absolute(file).map_err(cannot)?);
    places.override_by("location.file", "--location");
    places.override_by("location.source", "--location");
    Ok(())
}
