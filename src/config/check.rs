//! The rules that a type cannot hold. Every broken one is told, not only the first.

use super::host;
use super::model::{
    Customer, DEMO, Demo, KnownEnvironment, Location, Model, NameOrId, Place, Profile, User, Vehicle,
};
use super::places::Places;
use super::{ConfigError, SecretSource};
use crate::app::callout::Classification;
use crate::app::control::LONGEST;
use crate::app::state::{Dialect, Environment};
use crate::geo::Position;
use crate::keymap::Keymap;
use reqwest::Url;
use std::fmt::Display;
use std::ops::RangeInclusive;

/// Seconds between two polls of a host that others use too.
const POLL: RangeInclusive<i64> = 10..=20;
const LOCATE: RangeInclusive<i64> = 5..=60;
/// On this machine nobody else waits.
const ON_LOOPBACK: RangeInclusive<i64> = 1..=60;
const SPEED: RangeInclusive<f64> = 0.1..=600.0;
/// Seconds.
const TIMEOUT: RangeInclusive<f64> = 0.1..=60.0;
/// Kilometres per hour.
const TRAVEL: RangeInclusive<f64> = 0.1..=400.0;
/// Metres.
const ACCURACY: RangeInclusive<f64> = 0.1..=10_000.0;

/// As many as there are digits to choose by.
const MOST_CANNED: usize = 9;

const RESPONSE_TYPES: [(&str, i64); 3] = [("security", 1), ("medical", 2), ("demo", DEMO_RESPONSE)];
pub const SECURITY_RESPONSE: i64 = 1;
/// Rings demo vehicles only.
pub const DEMO_RESPONSE: i64 = 3;

struct Checker<'a> {
    places: &'a Places,
    problems: Vec<String>,
}

/// Checks what is there, in every profile; what is missing is asked for when a profile is used.
pub fn all(model: &Model, places: &Places) -> Result<Keymap, ConfigError> {
    let mut check = Checker { places, problems: Vec::new() };
    check.range("poll_seconds", model.poll_seconds, &ON_LOOPBACK, "");
    check.range("locate_seconds", model.locate_seconds, &ON_LOOPBACK, "");
    check.location(&model.location);
    check.canned(&model.control.canned);
    check.demo(&model.demo);
    for (name, profile) in &model.profiles {
        let at = format!("profiles.{name}");
        check.profile(&at, name, profile);
        check.timeouts(&at, profile, profile.poll_seconds.unwrap_or(model.poll_seconds));
    }
    check.chosen(model);
    let keymap = match Keymap::with_overrides(&model.keys) {
        Ok(keymap) => keymap,
        Err(bad) => {
            for keys in bad {
                check.refuse(&format!("keys.{}", keys.intent), &keys.problem);
            }
            Keymap::default()
        }
    };
    if check.problems.is_empty() { Ok(keymap) } else { Err(ConfigError::of_settings(check.problems)) }
}

impl Checker<'_> {
    fn refuse(&mut self, setting: &str, problem: impl Display) {
        self.problems.push(format!("{}: {problem}", self.places.of(setting)));
    }

    fn range<T: PartialOrd + Display + Copy>(
        &mut self,
        setting: &str,
        value: T,
        allowed: &RangeInclusive<T>,
        at: &str,
    ) {
        if !allowed.contains(&value) {
            let (from, to) = (allowed.start(), allowed.end());
            self.refuse(setting, format!("{value} is out of range: {from} to {to}{at}"));
        }
    }

    fn text(&mut self, setting: &str, value: Option<&String>) {
        if value.is_some_and(|text| text.trim().is_empty()) {
            self.refuse(setting, "is empty: leave it out, or fill it in");
        }
    }

    fn id(&mut self, setting: &str, value: Option<i64>) {
        if let Some(id) = value.filter(|id| *id < 1) {
            self.refuse(setting, format!("{id} is not an id: 1 or more"));
        }
    }

    fn location(&mut self, given: &Location) {
        if given.source.plays_a_file() && given.file.is_none() {
            self.refuse("location.file", "is missing: the track that the source plays");
        }
        if !given.source.plays_a_file() && given.file.is_some() {
            self.refuse(
                "location.file",
                "is for the sources \"gpx\" and \"geojson\" only: set one, or leave it out",
            );
        }
        if let Some(speed) = given.speed_kmh {
            self.range("location.speed_kmh", speed, &TRAVEL, "");
        }
    }

    fn canned(&mut self, canned: &[String]) {
        let setting = "control.canned";
        if canned.len() > MOST_CANNED {
            self.refuse(setting, format!("{} replies are too many: {MOST_CANNED} have a key", canned.len()));
        }
        for (number, text) in (1..).zip(canned) {
            if text.trim().is_empty() {
                self.refuse(setting, format!("reply {number} is empty: leave it out, or fill it in"));
            } else if text.chars().count() > LONGEST {
                self.refuse(
                    setting,
                    format!("reply {number} is longer than the {LONGEST} characters of a message"),
                );
            }
        }
    }

    fn control(&mut self, at: &str, profile: &Profile) {
        self.secret(&format!("{at}.control_token"), profile.control_token.as_ref());
        let Some(raw) = &profile.control_url else { return };
        let setting = format!("{at}.control_url");
        match host::base_url(raw) {
            Err(problem) => self.refuse(&setting, problem),
            Ok(url) if matches!(host::environment(&url), Environment::Production | Environment::Staging) => {
                self.refuse(&setting, "this host's control room is the Responder Simulator in AURA's portal");
            }
            Ok(_) => {}
        }
    }

    fn demo(&mut self, demo: &Demo) {
        self.range("demo.speed", demo.speed, &SPEED, "");
        self.text("demo.scenario", Some(&demo.scenario));
        let place = Place {
            latitude: Some(demo.latitude),
            longitude: Some(demo.longitude),
            accuracy: Some(demo.accuracy),
        };
        self.place("demo", &place);
        self.customer("demo.customer", &demo.customer);
        self.vehicle("demo.vehicle", &demo.vehicle);
        if demo.customer.id.is_some() {
            self.refuse("demo.customer.id", "the demo makes its own customer: leave it out");
        }
        for (name, value) in [
            ("name", &demo.customer.name),
            ("surname", &demo.customer.surname),
            ("mobile", &demo.customer.mobile),
        ] {
            if value.is_none() {
                self.refuse(&format!("demo.customer.{name}"), "is missing: the customer table needs it");
            }
        }
    }

    fn profile(&mut self, at: &str, name: &str, profile: &Profile) {
        if name == DEMO {
            self.refuse(at, "demo is built in; its settings stand under [demo]");
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || name.len() > 32 || !name.chars().all(plain) {
            self.refuse(at, "a profile's name has 1 to 32 letters, digits, - and _");
        }
        let url = profile.base_url.as_deref().map(host::base_url);
        if let Some(Err(problem)) = &url {
            self.refuse(&format!("{at}.base_url"), problem);
        }
        if let Some(Ok(url)) = &url {
            self.at_host(at, profile, url);
        }
        for (setting, value) in [("client_id", &profile.client_id), ("request_type", &profile.request_type)] {
            self.text(&format!("{at}.{setting}"), value.as_ref());
        }
        self.secret(&format!("{at}.client_secret"), profile.client_secret.as_ref());
        if let Err(problem) = response_type(profile) {
            self.refuse(&format!("{at}.response_type"), problem);
        }
        if let Err(problem) = classification(profile) {
            self.refuse(&format!("{at}.classification"), problem);
        }
        self.control(at, profile);
        if let Some(user) = &profile.user {
            self.user(&format!("{at}.user"), profile.dialect, user);
        }
        self.customer(&format!("{at}.customer"), &profile.customer.clone().unwrap_or_default());
        self.vehicle(&format!("{at}.vehicle"), &profile.vehicle.clone().unwrap_or_default());
        self.place(&format!("{at}.place"), &profile.place.clone().unwrap_or_default());
    }

    fn at_host(&mut self, at: &str, profile: &Profile, url: &Url) {
        let loopback = host::is_loopback(url);
        let (poll, locate) = if loopback { (ON_LOOPBACK, ON_LOOPBACK) } else { (POLL, LOCATE) };
        let at_host = if loopback { "" } else { OTHER_MACHINE };
        if let Some(seconds) = profile.poll_seconds {
            self.range(&format!("{at}.poll_seconds"), seconds, &poll, at_host);
        }
        if let Some(seconds) = profile.locate_seconds {
            self.range(&format!("{at}.locate_seconds"), seconds, &locate, at_host);
        }
        let tamed = profile.environment == Some(KnownEnvironment::Staging)
            && host::environment(url) == Environment::Production;
        if tamed {
            self.refuse(&format!("{at}.environment"), "this host is production, whatever the setting says");
        }
    }

    /// A call that outlives the wait for the next one would pile up.
    fn timeouts(&mut self, at: &str, profile: &Profile, poll_seconds: i64) {
        let (connect, total) = (format!("{at}.connect_timeout"), format!("{at}.timeout"));
        for (setting, given) in [(&connect, profile.connect_timeout), (&total, profile.timeout)] {
            if let Some(seconds) = given {
                self.range(setting, seconds, &TIMEOUT, " seconds");
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "some seconds")]
        let poll = poll_seconds as f64;
        if let Some(seconds) = profile.timeout.filter(|seconds| TIMEOUT.contains(seconds) && *seconds >= poll)
        {
            let why = format!("{seconds} s is not shorter than the {poll_seconds} s between two polls");
            self.refuse(&total, why);
        }
        if let (Some(of_connect), Some(of_all)) = (profile.connect_timeout, profile.timeout)
            && of_connect > of_all
        {
            self.refuse(&connect, format!("{of_connect} s is longer than timeout, {of_all} s"));
        }
        if profile.ca_file.as_ref().is_some_and(|path| path.as_os_str().is_empty()) {
            self.refuse(&format!("{at}.ca_file"), "is empty: leave it out, or name a file");
        }
    }

    /// What the chosen profile takes over from the top of the file.
    fn chosen(&mut self, model: &Model) {
        if model.profile == DEMO {
            return;
        }
        let Some(profile) = model.profiles.get(&model.profile) else {
            let known: Vec<&str> =
                std::iter::once(DEMO).chain(model.profiles.keys().map(String::as_str)).collect();
            self.refuse(
                "profile",
                format!("there is no profile \"{}\"; there are: {}", model.profile, known.join(", ")),
            );
            return;
        };
        let Some(Ok(url)) = profile.base_url.as_deref().map(host::base_url) else { return };
        if host::is_loopback(&url) {
            return;
        }
        if profile.poll_seconds.is_none() {
            self.range("poll_seconds", model.poll_seconds, &POLL, OTHER_MACHINE);
        }
        if profile.locate_seconds.is_none() {
            self.range("locate_seconds", model.locate_seconds, &LOCATE, OTHER_MACHINE);
        }
    }

    fn secret(&mut self, setting: &str, source: Option<&SecretSource>) {
        if let Some(problem) = source.and_then(SecretSource::check) {
            self.refuse(setting, problem);
        }
    }

    fn user(&mut self, at: &str, dialect: Option<Dialect>, user: &User) {
        if dialect != Some(Dialect::V1) {
            self.refuse(at, "only dialect \"v1\" has users: set the dialect, or leave the user out");
        }
        self.text(&format!("{at}.email"), user.email.as_ref());
        self.secret(&format!("{at}.password"), user.password.as_ref());
    }

    fn customer(&mut self, at: &str, customer: &Customer) {
        self.id(&format!("{at}.id"), customer.id);
        self.id(&format!("{at}.subscription_type_id"), customer.subscription_type_id);
        for (setting, value) in [
            ("name", &customer.name),
            ("surname", &customer.surname),
            ("mobile", &customer.mobile),
            ("email", &customer.email),
            ("gender", &customer.gender),
        ] {
            self.text(&format!("{at}.{setting}"), value.as_ref());
        }
    }

    fn vehicle(&mut self, at: &str, vehicle: &Vehicle) {
        for (setting, value) in [
            ("make", &vehicle.make),
            ("model", &vehicle.model),
            ("colour", &vehicle.colour),
            ("license_plate", &vehicle.license_plate),
        ] {
            self.text(&format!("{at}.{setting}"), value.as_ref());
        }
    }

    fn place(&mut self, at: &str, place: &Place) {
        if let Some(latitude) = place.latitude.filter(|latitude| Position::new(*latitude, 0.0).is_none()) {
            self.refuse(&format!("{at}.latitude"), format!("{latitude} is out of range: -90 to 90"));
        }
        if let Some(longitude) = place.longitude.filter(|longitude| Position::new(0.0, *longitude).is_none())
        {
            self.refuse(&format!("{at}.longitude"), format!("{longitude} is out of range: -180 to 180"));
        }
        if let Some(accuracy) = place.accuracy {
            self.range(&format!("{at}.accuracy"), accuracy, &ACCURACY, " metres");
        }
    }
}

const OTHER_MACHINE: &str = " on a host that is not this machine";

/// The id of the response type that the profile names, if it names one.
pub fn response_type(profile: &Profile) -> Result<Option<i64>, String> {
    match &profile.response_type {
        None => Ok(None),
        Some(NameOrId::Id(id)) if *id >= 1 => Ok(Some(*id)),
        Some(NameOrId::Id(id)) => Err(format!("{id} is not an id: 1 or more")),
        Some(NameOrId::Name(name)) => match RESPONSE_TYPES.iter().find(|(known, _)| known == name) {
            Some((_, id)) => Ok(Some(*id)),
            None => Err(format!("\"{name}\" is none of security, medical, demo, and no id")),
        },
    }
}

/// TEST where nothing is said: a REAL callout is never meant by accident.
pub fn classification(profile: &Profile) -> Result<Classification, String> {
    match &profile.classification {
        None => Ok(Classification::Test),
        Some(NameOrId::Id(id)) if *id >= 1 => Ok(Classification::from_id(*id)),
        Some(NameOrId::Id(id)) => Err(format!("{id} is not an id: 1 or more")),
        Some(NameOrId::Name(name)) => match name.as_str() {
            "test" => Ok(Classification::Test),
            "real" => Ok(Classification::Real),
            _ => Err(format!("\"{name}\" is none of test, real, and no id")),
        },
    }
}
