//! `panic-console` without a command: the console itself.

use super::DONE;
use super::demo::{Demo, Keep};
use super::first_run;
use super::profiles::{AmongProfiles, Profiles};
use crate::api::Observer;
use crate::api::client::{Client, Connection};
use crate::app::action::{Effect, Exit, Outcome, Resume};
use crate::app::notify::Alerts;
use crate::app::state::{self, Settings, State};
use crate::app::watching::Watching;
use crate::config::{ConsoleSetup, ControlLine, Movement, Target, Theme};
use crate::runtime::Console;
use crate::runtime::clock::Clock;
use crate::runtime::control::Control;
use crate::runtime::devices::Devices;
use crate::runtime::devices::roster::Roster;
use crate::runtime::effects::Api;
use crate::runtime::input::{self, Events};
use crate::runtime::memory::Memory;
use crate::runtime::plain::{self, PlainScreen};
use crate::runtime::remote::Remote;
use crate::runtime::signals::{SIGHUP, Signals};
use crate::runtime::terminal::{self, TerminalScreen};
use crate::runtime::traffic::{Recorded, Recorder, Tap};
use crate::ui::plain::Teller;
use crate::ui::{Look, Signs, ThemeName, WatchTeller};
use anyhow::Context;
use futures_util::FutureExt;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use secrecy::SecretString;
use std::io::{BufReader, IsTerminal};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Who sits in front of it.
#[derive(Debug)]
pub enum Seat {
    Customer,
    /// Somebody who watches many callouts; as JSON where a program does.
    Watcher {
        watching: Box<Watching>,
        json: bool,
    },
}

/// Runs the console to its end, over as many profiles as the person goes through; gives the exit status.
pub fn run(setup: ConsoleSetup, profiles: Profiles, plain: bool) -> anyhow::Result<u8> {
    let (exit, _) = start(setup, profiles, Seat::Customer, plain)?;
    Ok(status(exit))
}

/// The same for any seat; of a watcher with what was known at the end.
pub fn start(
    setup: ConsoleSetup,
    profiles: Profiles,
    seat: Seat,
    plain: bool,
) -> anyhow::Result<(Exit, Option<State>)> {
    let plain = plain || !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let mut stage = Stage { plain, seat, taken: None, last: None };
    let exit = runtime.block_on(go_through(setup, Arc::new(profiles), &mut stage))?;
    // A blocked name lookup or a slow disk must not hold up the shell's prompt.
    runtime.shutdown_background();
    Ok((exit, stage.last))
}

/// One profile after the other in the same terminal, until one of them is the end.
async fn go_through(
    mut setup: ConsoleSetup,
    profiles: Arc<Profiles>,
    stage: &mut Stage,
) -> anyhow::Result<Exit> {
    let mut between = listen()?;
    terminal::install_panic_hook();
    let mut came_from: Option<String> = None;
    loop {
        let name = setup.settings.profile.to_string();
        let signals = listen()?;
        // One that came while no console ran. Later ones are this profile's.
        if let Some(exit) = between.next().now_or_never() {
            return Ok(exit);
        }
        setup = match open(setup, signals, &profiles, stage).await {
            Ok((Exit::Switch(_), Some(next))) => {
                came_from = Some(name);
                profiles.take(&next)?
            }
            Ok((exit, _)) => return Ok(exit),
            // Whole by its settings, and yet it does not run: back to where somebody was at work.
            Err(error) => match came_from.take() {
                Some(back) => profiles.back_to(&back, &name, &error)?,
                None => return Err(error),
            },
        };
    }
}

fn listen() -> anyhow::Result<Signals> {
    Signals::listen().context("cannot listen for signals")
}

/// Whom to talk to. For the demo also where it will be told why its simulator does not start.
fn backend(
    target: Target,
    keep: Keep,
    own_list: PathBuf,
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
            let control = control.map(|control| control.observed_by(Arc::clone(&observer)));
            let now = clock.clone();
            let client = Client::new(connection, Arc::new(move || now.now()))
                .context("cannot make a client for this profile")?
                .observed_by(observer);
            // A simulator lists its devices; elsewhere the profile keeps its own.
            let roster = control.is_none().then(|| Roster::at(own_list));
            let devices = Devices::new(clock.clone(), roster);
            Ok((Backend::Server(Box::new(Remote { client, control, devices })), None))
        }
    }
}

/// Whether there can be a client for it.
pub(super) fn check(target: &Target) -> anyhow::Result<()> {
    if let Target::Server(connection, _) = target {
        Client::new(connection.clone(), Arc::new(Timestamp::default))
            .context("cannot make a client for this profile")?;
    }
    Ok(())
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
pub fn status(exit: Exit) -> u8 {
    match exit {
        Exit::Quit | Exit::Switch(_) => DONE,
        Exit::Signal(number) => u8::try_from(128 + number).unwrap_or(u8::MAX),
    }
}

/// One run of the console on one profile; with the name of the next where it leads to one.
async fn open(
    setup: ConsoleSetup,
    signals: Signals,
    profiles: &Arc<Profiles>,
    on: &mut Stage,
) -> anyhow::Result<(Exit, Option<String>)> {
    let clock = Clock::wall();
    let own_list = setup.own_list_of_devices();
    let mut troubles = setup.warnings;
    let (memory, resume) = match &on.seat {
        Seat::Customer => recall(setup.resume_file, &mut troubles),
        // What the console of this profile keeps is none of a watcher's business.
        Seat::Watcher { .. } => (None, None),
    };
    let keep = match (&memory, &resume) {
        (None, _) => Keep::Nothing,
        (Some(_), None) => Keep::World,
        (Some(_), Some(_)) => Keep::Callout,
    };
    let mut state = initial(setup.settings, &setup.target, setup.movement);
    (state.control.canned, state.still) = (setup.canned, setup.reduced_motion);
    (state.profiles.list, state.profiles.forgetful) = (setup.profiles, memory.is_none());
    *state.alerts = Alerts::of(setup.notify.bell, setup.notify.osc9);
    if let Seat::Watcher { watching, .. } = &on.seat {
        state.watching = Some(watching.clone());
        // Another profile is another watch.
        state.profiles = Box::default();
    }
    let (recorder, exchanges) = Recorder::new();
    let (api, failure) = backend(setup.target, keep, own_list, &clock, recorder)?;
    let embedded = match &api {
        Backend::Demo(demo) => Some(Arc::clone(demo)),
        Backend::Server(_) => None,
    };
    let tmux = super::environment("TMUX").is_some_and(|value| !value.is_empty());
    let tap = Tap { exchanges, folder: setup.folders.traffic(), tmux };
    let console = Console {
        state,
        screen: (),
        input: (),
        signals: Some(signals),
        api: AmongProfiles::new(Recorded::new(api, tap), Arc::clone(profiles)),
        clock,
        keymap: setup.keymap,
        memory,
        resume,
        troubles,
    };
    // A simulator that does not start ends the console: its terminal is given back by the drop.
    let ended = tokio::select! {
        ended = on.play(console, setup.theme) => ended?,
        error = hear(failure) => return Err(error),
    };
    if let Some(demo) = embedded {
        demo.stop().await;
    }
    Ok(ended)
}

/// What is known before the first action.
fn initial(settings: Settings, target: &Target, movement: Movement) -> State {
    let demo = match target {
        Target::Demo(demo) => {
            Some(state::Demo { speed: demo.speed, scenario: demo.scenario.as_str().into() })
        }
        Target::Server(..) => None,
    };
    let mut state = State::new(settings, demo);
    state.control.named = matches!(target, Target::Server(_, Some(_)));
    if let Target::Server(connection, _) = target {
        state.registers = first_run::registers(connection);
    }
    if let Target::Demo(demo) = target {
        state.map.streets = Some(demo.seed);
    }
    state.set_out(movement.source, movement.track, movement.reception, movement.speed_kmh);
    state.map.base = movement.base;
    state
}

/// Where the consoles of all profiles are seen, one after the other.
#[derive(Debug)]
struct Stage {
    /// As lines, nothing of the terminal taken.
    plain: bool,
    seat: Seat,
    /// A terminal of its own, from the first profile to the last.
    taken: Option<(TerminalScreen, Events)>,
    /// What a watcher's console knew at its end.
    last: Option<State>,
}

impl Stage {
    async fn play(
        &mut self,
        console: Console<(), (), AmongProfiles<Recorded<Backend>>>,
        theme_name: Theme,
    ) -> anyhow::Result<(Exit, Option<String>)> {
        let zone = TimeZone::system();
        let keys = console.keymap.clone();
        if self.plain {
            let ends_with_input = std::io::stdin().is_terminal();
            let input = plain::lines(BufReader::new(std::io::stdin()), ends_with_input);
            if let Seat::Watcher { json, .. } = self.seat {
                let screen = PlainScreen::new(std::io::stdout(), WatchTeller::new(zone, json));
                let ran = console.with(screen, input).run(0, 0).await;
                self.last = ran.as_ref().ok().map(|(last, _)| last.clone());
                return Ok(ended(ran));
            }
            let screen = PlainScreen::new(std::io::stdout(), Teller::new(keys, zone));
            return Ok(ended(console.with(screen, input).run(0, 0).await));
        }
        let signs = Signs::for_utf8(locale_is_utf8(&super::environment));
        let look = Look::new(theme(theme_name), signs, keys, zone);
        let (columns, rows) = crossterm::terminal::size().context("cannot ask the terminal for its size")?;
        let (screen, input) = if let Some((screen, input)) = &mut self.taken {
            screen.wear(look);
            // What was pressed on the way was not meant for where it leads.
            input.drop_waiting();
            (screen, input)
        } else {
            let screen = TerminalScreen::take(look).context("cannot take the terminal")?;
            let (screen, input) = self.taken.insert((screen, input::events()));
            (screen, input)
        };
        Ok(ended(console.with(screen, input).run(columns, rows).await))
    }
}

fn ended(ran: std::io::Result<(State, Exit)>) -> (Exit, Option<String>) {
    match ran {
        Ok((last, exit @ Exit::Switch(profile))) => {
            (exit, last.profiles.list.get(profile).map(|listed| listed.name.to_string()))
        }
        Ok((_, exit)) => (exit, None),
        Err(error) => {
            tracing::error!(%error, "the terminal is gone");
            (Exit::Signal(SIGHUP), None)
        }
    }
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
