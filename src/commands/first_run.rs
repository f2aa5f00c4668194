//! The way from nothing to a TEST callout, told when a step of it is missing.

use super::customer::{RegisterArgs, register};
use super::{DONE, ask, environment, tell};
use crate::api::client::{Connection, is_registered};
use crate::app::state::Dialect;
use crate::config::{Concern, Config, ConfigError, ConsoleSetup, Flags, SecretSource, Target};
use secrecy::{ExposeSecret as _, SecretString};
use std::fmt::Write as _;

/// A profile that is not ready: what is missing, and the way there.
#[derive(Debug, thiserror::Error)]
#[error("{problems}\n\n{way}")]
pub struct NotReady {
    problems: ConfigError,
    way: String,
}

/// A secret that somebody typed, and the variable that it stands for.
#[derive(Debug)]
pub struct Typed {
    pub variable: String,
    pub secret: SecretString,
}

/// Goes the way with somebody at a terminal, as far as words can be asked for; else tells it.
pub fn walk(
    config: &Config,
    flags: &Flags,
    problems: ConfigError,
) -> anyhow::Result<(ConsoleSetup, Option<Typed>)> {
    if !ask::is_possible() {
        return Err(explained(config, problems));
    }
    let typed = match unset_variable(config, &problems) {
        None => None,
        Some(variable) => {
            tell(&format!(
                "The client secret of {} is missing: {variable} is not set.",
                config.model.profile
            ));
            let typed = ask::hidden("Client secret (not shown, for this run only; Enter: stop)")?;
            if typed.expose_secret().is_empty() {
                return Err(explained(config, problems));
            }
            Some(Typed { variable, secret: typed })
        }
    };
    let env = |name: &str| match &typed {
        Some(Typed { variable, secret }) if *variable == name => Some(secret.expose_secret().to_owned()),
        _ => environment(name),
    };
    let problems = match config.console(&env) {
        Ok(setup) => return Ok((setup, typed)),
        Err(problems) => problems,
    };
    let needs_customer = problems.problems().iter().all(|problem| problem.concern == Concern::Customer);
    if !needs_customer || dialect(config) == Dialect::V1 {
        return Err(explained(config, problems));
    }
    tell(&format!("{} has no customer yet, and a callout is somebody's.", config.model.profile));
    let args = RegisterArgs {
        profile: Some(config.model.profile.clone()),
        config: flags.config.clone(),
        ..RegisterArgs::default()
    };
    if !ask::yes("Register one now?")? || register(&args, &env)? != DONE {
        return Err(explained(config, problems));
    }
    let setup = config.console(&env)?;
    Ok((setup, typed))
}

/// The variable that should hold the client secret, when that is all that the credentials lack.
fn unset_variable(config: &Config, problems: &ConfigError) -> Option<String> {
    let mut credentials =
        problems.problems().iter().filter(|problem| problem.concern == Concern::Credentials);
    let profile = config.model.profiles.get(&config.model.profile)?;
    match (&profile.client_secret, credentials.next(), credentials.next()) {
        (Some(SecretSource::Env(variable)), Some(_), None) if environment(variable).is_none() => {
            Some(variable.clone())
        }
        _ => None,
    }
}

fn dialect(config: &Config) -> Dialect {
    let profile = config.model.profiles.get(&config.model.profile);
    profile.and_then(|profile| profile.dialect).unwrap_or(Dialect::V2)
}

/// The error of a console that cannot start; with the way there, where steps are missing and nothing
/// is simply wrong.
fn explained(config: &Config, problems: ConfigError) -> anyhow::Error {
    let concerns: Vec<Concern> = problems.problems().iter().map(|problem| problem.concern).collect();
    if concerns.is_empty() || concerns.contains(&Concern::Settings) {
        return problems.into();
    }
    let way = way(&config.model.profile, dialect(config), &concerns);
    NotReady { problems, way }.into()
}

fn way(profile: &str, dialect: Dialect, missing: &[Concern]) -> String {
    let customer = match dialect {
        Dialect::V2 => format!("panic-console customer register --profile {profile}"),
        Dialect::V1 => "name, surname and mobile in the config".to_owned(),
    };
    let steps = [
        (Some(Concern::Credentials), "credentials", "AURA hands them out; the config names where they are"),
        (Some(Concern::Customer), "customer", &customer),
        (Some(Concern::Place), "place", "latitude and longitude in the config"),
        (None, "TEST callout", &format!("panic-console --profile {profile}, then p")),
    ];
    let mut text = format!("Still missing for a first callout at {profile}:");
    for (number, (concern, what, how)) in (1..).zip(steps) {
        let sign = match concern {
            Some(concern) if missing.contains(&concern) => "missing",
            Some(_) => "done",
            None => "then",
        };
        let _ = write!(text, "\n  {number}. {what:<13} {sign:<8} {how}");
    }
    let _ = write!(text, "\npanic-console doctor --profile {profile} looks at each step.");
    text
}

/// What the person should know when the console starts: a customer who is not registered yet is at the
/// first panic, and that is a bad moment to find out that it does not work.
pub fn advice(profile: &str, setup: &ConsoleSetup) -> Option<String> {
    let Target::Server(connection, _) = &setup.target else { return None };
    let tells = !setup.settings.environment.is_loopback() && !setup.settings.read_only;
    (tells && registers(connection)).then(|| {
        format!("no customer yet: the first panic registers one, or customer register --profile {profile}")
    })
}

/// Whether the first panic has to register the customer.
pub fn registers(connection: &Connection) -> bool {
    connection.dialect == Dialect::V2 && !is_registered(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_marks_what_is_missing() {
        let told = way("staging", Dialect::V2, &[Concern::Customer]);
        assert!(told.contains("1. credentials   done "), "{told}");
        assert!(told.contains("2. customer      missing  panic-console customer register --profile staging"));
        assert!(told.contains("4. TEST callout  then     panic-console --profile staging, then p"), "{told}");
    }
}
