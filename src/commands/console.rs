//! `panic-console` without a command: the console itself.

use super::DONE;
use super::demo::{Demo, Keep};
use crate::api::Observer;
use crate::api::client::{Client, Connection};
use crate::app::action::{Effect, Exit, Outcome, Resume};
use crate::app::state::{self, State};
use crate::config::{ConsoleSetup, ControlLine, Target, Theme};
use crate::runtime::Console;
use crate::runtime::clock::Clock;
use crate::runtime::control::Control;
use crate::runtime::effects::Api;
use crate::runtime::input;
use crate::runtime::memory::Memory;
use crate::runtime::plain::{self, PlainScreen};
use crate::runtime::remote::Remote;
use crate::runtime::signals::{SIGHUP, Signals};
use crate::runtime::terminal::{self, TerminalScreen};
use crate::runtime::traffic::{Recorded, Recorder, Tap};
use crate::ui::plain::Teller;
use crate::ui::{Look, Signs, ThemeName};
use anyhow::Context;
use jiff::tz::TimeZone;
use secrecy::SecretString;
use std::io::{BufReader, IsTerminal};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Runs the console to its end; gives the exit status.
pub fn run(setup: ConsoleSetup, plain: bool) -> anyhow::Result<u8> {
    let plain = plain || !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let exit = runtime.block_on(open(setup, plain))?;
    // A blocked name lookup or a slow disk must not hold up the shell's prompt.
    runtime.shutdown_background();
    Ok(status(exit))
}

/// Whom to talk to. For the demo also where it will be told why its simulator does not start.
fn backend(
    target: Target,
    keep: Keep,
    clock: &Clock,
    observer: Arc<dyn Observer>,
) -> anyhow::Result<(Backend, Option<oneshot::Receiver<anyhow::Error>>)> {
    match target {
        Target::Demo(demo) => {
            let (demo, failure) = Demo::new(demo, keep, clock.clone(), observer);
            Ok((Backend::Demo(Arc::new(demo)), Some(failure)))
        }
        Target::Server(connection, control) => {
            let control = control_side(control, &connection, clock)?;
            let now = clock.clone();
            let client = Client::new(connection, Arc::new(move || now.now()))
                .context("cannot make a client for this profile")?
                .observed_by(observer);
            Ok((Backend::Server(Box::new(Remote { client, control })), None))
        }
    }
}

/// The client of the control side that the profile's simulator has, if it has one.
fn control_side(
    line: Option<ControlLine>,
    connection: &Connection,
    clock: &Clock,
) -> anyhow::Result<Option<Control>> {
    let Some(ControlLine { url, token }) = line else { return Ok(None) };
    let control = Control::new(&url, clock.clone()).context("cannot make a client for the control room")?;
    Ok(Some(control.with_token(token).trusting(connection.ca.clone()).read_only(connection.read_only)))
}

/// Why the simulator does not start; never, if it does.
async fn hear(failure: Option<oneshot::Receiver<anyhow::Error>>) -> anyhow::Error {
    match failure {
        Some(failure) => match failure.await {
            Ok(error) => error,
            Err(_) => std::future::pending().await,
        },
        None => std::future::pending().await,
    }
}

/// As the shell expects it: 128 more than the signal that ended it.
fn status(exit: Exit) -> u8 {
    match exit {
        Exit::Quit => DONE,
        Exit::Signal(number) => u8::try_from(128 + number).unwrap_or(u8::MAX),
    }
}

async fn open(setup: ConsoleSetup, plain: bool) -> anyhow::Result<Exit> {
    let clock = Clock::wall();
    let mut troubles = setup.warnings;
    let (memory, resume) = recall(setup.resume_file, &mut troubles);
    let keep = match (&memory, &resume) {
        (None, _) => Keep::Nothing,
        (Some(_), None) => Keep::World,
        (Some(_), Some(_)) => Keep::Callout,
    };
    let demo = match &setup.target {
        Target::Demo(demo) => {
            Some(state::Demo { speed: demo.speed, scenario: demo.scenario.as_str().into() })
        }
        Target::Server(..) => None,
    };
    let named = matches!(&setup.target, Target::Server(_, Some(_)));
    let mut state = State::new(setup.settings, demo);
    (state.control.named, state.control.canned) = (named, setup.canned);
    if let Target::Demo(demo) = &setup.target {
        state.map.streets = Some(demo.seed);
    }
    let movement = setup.movement;
    state.set_out(movement.source, movement.track, movement.reception, movement.speed_kmh);
    state.map.base = movement.base;
    let (recorder, exchanges) = Recorder::new();
    let (api, failure) = backend(setup.target, keep, &clock, recorder)?;
    let embedded = match &api {
        Backend::Demo(demo) => Some(Arc::clone(demo)),
        Backend::Server(_) => None,
    };
    let tmux = super::environment("TMUX").is_some_and(|value| !value.is_empty());
    let tap = Tap { exchanges, folder: setup.folders.traffic(), tmux };
    let signals = Signals::listen().context("cannot listen for signals")?;
    terminal::install_panic_hook();
    let console = Console {
        state,
        screen: (),
        input: (),
        signals: Some(signals),
        api: Recorded::new(api, tap),
        clock,
        keymap: setup.keymap,
        memory,
        resume,
        troubles,
    };
    // A simulator that does not start ends the console: its terminal is given back by the drop.
    let exit = tokio::select! {
        ended = on_screen(console, setup.theme, plain) => ended?,
        error = hear(failure) => return Err(error),
    };
    if let Some(demo) = embedded {
        demo.stop().await;
    }
    Ok(exit)
}

/// The console in a terminal of its own, or as lines.
async fn on_screen(
    console: Console<(), (), Recorded<Backend>>,
    theme_name: Theme,
    plain: bool,
) -> anyhow::Result<Exit> {
    let zone = TimeZone::system();
    let keys = console.keymap.clone();
    if plain {
        let ends_with_input = std::io::stdin().is_terminal();
        let screen = PlainScreen::new(std::io::stdout(), Teller::new(keys, zone));
        let input = plain::lines(BufReader::new(std::io::stdin()), ends_with_input);
        return Ok(ended(console.with(screen, input).run(0, 0).await));
    }
    let signs = Signs::for_utf8(locale_is_utf8(&super::environment));
    let look = Look::new(theme(theme_name), signs, keys, zone);
    let (columns, rows) = crossterm::terminal::size().context("cannot ask the terminal for its size")?;
    let screen = TerminalScreen::take(look).context("cannot take the terminal")?;
    Ok(ended(console.with(screen, input::events()).run(columns, rows).await))
}

fn ended(ran: std::io::Result<(State, Exit)>) -> Exit {
    ran.map_or_else(
        |error| {
            tracing::error!(%error, "the terminal is gone");
            Exit::Signal(SIGHUP)
        },
        |(_, exit)| exit,
    )
}

fn theme(theme: Theme) -> ThemeName {
    match theme {
        Theme::Dark => ThemeName::Dark,
        Theme::Light => ThemeName::Light,
        Theme::Mono => ThemeName::Mono,
    }
}

/// Whether the terminal can be expected to show more than ASCII: the first of these variables that is
/// set and not empty decides, as for every other program.
pub(super) fn locale_is_utf8(variable: &dyn Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| variable(name).filter(|value| !value.is_empty()));
    if cfg!(windows) {
        return true;
    }
    locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// What the last run left. Trouble with it is told and costs the resuming, not the console.
fn recall(file: PathBuf, troubles: &mut Vec<String>) -> (Option<Memory>, Option<Resume>) {
    let shown = file.display().to_string();
    match Memory::open(file) {
        Ok(Some(memory)) => {
            let resume = memory.recall().unwrap_or_else(|error| {
                troubles.push(format!("{shown} cannot be read, so no callout is resumed: {error}"));
                None
            });
            (Some(memory), resume)
        }
        Ok(None) => {
            troubles.push("another console has this profile: nothing of this one is kept".to_owned());
            (None, None)
        }
        Err(error) => {
            troubles.push(format!("{shown}: an active callout cannot be kept: {error}"));
            (None, None)
        }
    }
}

/// Whom the console talks to.
#[derive(Debug)]
enum Backend {
    Demo(Arc<Demo>),
    Server(Box<Remote>),
}

impl Api for Backend {
    async fn call(&self, order: Effect) -> Outcome {
        match self {
            Self::Demo(demo) => demo.call(order).await,
            Self::Server(remote) => remote.call(order).await,
        }
    }

    async fn token(&self) -> Option<SecretString> {
        match self {
            Self::Demo(demo) => demo.token().await,
            Self::Server(remote) => remote.token().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_locale_variable_that_says_something_decides() {
        let utf8 = |set: &'static [(&str, &str)]| {
            locale_is_utf8(&move |name| {
                set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(utf8(&[("LANG", "en_ZA.UTF-8")]));
        assert!(utf8(&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8"), ("LANG", "C")]));
        assert!(!utf8(&[("LC_ALL", "C"), ("LANG", "en_ZA.UTF-8")]));
        assert!(!utf8(&[]));
    }

    #[test]
    fn the_shell_hears_of_the_signal() {
        assert_eq!(status(Exit::Quit), 0);
        assert_eq!([1, 2, 15].map(|number| status(Exit::Signal(number))), [129, 130, 143]);
    }
}
