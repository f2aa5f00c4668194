//! The profiles as a running console finds them: read anew each time, so that a setting that was mended
//! meanwhile holds.

use super::first_run::{self, Typed};
use super::{console, environment};
use crate::app::action::{Answer, Effect, Outcome};
use crate::app::profiles::Verdict;
use crate::config::{ConfigError, ConsoleSetup, Flags};
use crate::runtime::effects::Api;
use crate::runtime::traffic::Tap;
use crate::text::DisplayText;
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::{Arc, Mutex, PoisonError};

/// The way to each profile of the config.
#[derive(Debug)]
pub struct Profiles {
    flags: Flags,
    /// The profile that the flags were given for.
    first: String,
    /// A secret that was typed at the start holds until the end of the program.
    typed: Option<Typed>,
    /// The one that was looked at last: a secret is not fetched twice, since its owner may be asked for it.
    ready: Mutex<Option<(String, ConsoleSetup)>>,
}

impl Profiles {
    pub fn new(flags: &Flags, first: &str, typed: Option<Typed>) -> Self {
        Self { flags: flags.clone(), first: first.to_owned(), typed, ready: Mutex::default() }
    }

    /// Whether a console could start on it; then it is kept ready.
    fn look_at(&self, name: &str) -> Verdict {
        let (verdict, ready) = match self.load(name) {
            Ok(setup) => (Verdict::Ready, Some((name.to_owned(), setup))),
            Err(error) => {
                let why = error.problems().iter().map(|problem| DisplayText::new(&problem.text)).collect();
                (Verdict::NotReady { why }, None)
            }
        };
        *self.ready.lock().unwrap_or_else(PoisonError::into_inner) = ready;
        verdict
    }

    /// All that a console on it needs.
    pub fn take(&self, name: &str) -> Result<ConsoleSetup, ConfigError> {
        let ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner).take();
        match ready {
            Some((of, setup)) if of == name => Ok(setup),
            _ => self.load(name),
        }
    }

    /// The profile before, with the news that the next one does not run.
    pub fn back_to(
        &self,
        name: &str,
        from: &str,
        error: &anyhow::Error,
    ) -> Result<ConsoleSetup, ConfigError> {
        tracing::error!(error = format!("{error:#}"), "back to the profile before");
        let mut setup = self.take(name)?;
        setup.warnings.push(format!("{from} does not start: {error:#}"));
        Ok(setup)
    }

    fn load(&self, name: &str) -> Result<ConsoleSetup, ConfigError> {
        let mut flags = Flags { profile: Some(name.to_owned()), ..self.flags.clone() };
        if name != self.first {
            // A track was given for where the first profile is; nobody else is to be sent there.
            flags.location = None;
        }
        let env = |variable: &str| match &self.typed {
            Some(Typed { variable: known, secret }) if known == variable => {
                Some(secret.expose_secret().to_owned())
            }
            _ => environment(variable),
        };
        let mut setup = crate::config::load(&flags, &env)?.console(&env)?;
        setup.warnings.extend(first_run::advice(name, &setup));
        // Whom it talks to must be sayable too: authorities that cannot be used are found out here.
        console::check(&setup.target).map_err(|error| ConfigError::told(format!("{error:#}")))?;
        Ok(setup)
    }
}

/// An API beside which the profiles can be looked at.
#[derive(Debug)]
pub struct AmongProfiles<A> {
    api: A,
    profiles: Arc<Profiles>,
}

impl<A> AmongProfiles<A> {
    pub fn new(api: A, profiles: Arc<Profiles>) -> Self {
        Self { api, profiles }
    }
}

impl<A: Api> Api for AmongProfiles<A> {
    async fn call(&self, order: Effect) -> Outcome {
        let Effect::LookAt { profile, .. } = order else { return self.api.call(order).await };
        let profiles = Arc::clone(&self.profiles);
        // Files are read, and a command may be asked for the secret.
        let looked = tokio::task::spawn_blocking(move || profiles.look_at(profile.as_str())).await;
        match looked {
            Ok(verdict) => Ok(Answer::Profile(verdict)),
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    async fn token(&self) -> Option<SecretString> {
        self.api.token().await
    }

    fn tap(&self) -> Option<Tap> {
        self.api.tap()
    }
}
