//! `panic-console watch`: live callouts, many at once, read-only.

use super::console::{self, Seat};
use super::device::ServerArgs;
use super::device::target::Server;
use super::profiles::Profiles;
use super::{FAILED, Usage, environment, logged};
use crate::app::action::Exit;
use crate::app::callout::CalloutId;
use crate::app::state::{Dialect, Ending, State};
use crate::app::watching::{MOST, Watching};
use crate::config::{self, ConsoleSetup, Flags, LogLevel, Theme};
use clap::Args;
use secrecy::SecretString;
use std::path::PathBuf;

const NOTHING_THERE: &str = "the demo's simulator is inside the console, and nothing of it can be watched from \
     here. Watch one of its own: start `panic-console serve --autopilot happy-path`, raise callouts there, and \
     say --url http://127.0.0.1:3005; or name a profile of the config with --profile";
const NO_LIST: &str = "v1 of the API has no list of active callouts: name those to watch by their ids, as in \
     `panic-console watch 1005 1006`";

const EXAMPLES: &str = "\
Examples:
  panic-console watch --profile staging                   all that are active
  panic-console watch --profile staging 1005 1006         these two
  panic-console watch --url http://127.0.0.1:3005         of `panic-console serve` on this machine
  panic-console watch --profile staging --json | jq .     a line of JSON for each change

Read-only: nothing is written from here, whatever the config says. The terminal rings on what is new,
dispatch, arrival, a message and the end; --no-bell and --no-notify, or [notify] of the config, stop that.
Without a terminal, with --plain or --json, each change is a line; then ids end it when all of them are over.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "flags of the command line")]
pub struct WatchArgs {
    /// Callouts to watch; without one all that are active
    #[arg(value_name = "CALLOUT_ID")]
    pub ids: Vec<String>,
    /// Environment to talk to: a profile of the config
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// A server to talk to instead of a profile, such as the `url` that `serve` prints
    #[arg(long, value_name = "URL", conflicts_with = "profile")]
    pub url: Option<String>,
    /// The API's clientId for --url; without it the one that `serve` has by itself
    #[arg(long, value_name = "ID", requires = "url")]
    pub client_id: Option<String>,
    /// The API's clientSecret for --url
    #[arg(long, value_name = "SECRET", env = "PANIC_WATCH_CLIENT_SECRET", hide_env_values = true)]
    pub client_secret: Option<SecretString>,
    /// Config file to read instead of the usual one
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Colours
    #[arg(long)]
    pub theme: Option<Theme>,
    /// No drawing: a line for each change. What a pipe gets anyway
    #[arg(long)]
    pub plain: bool,
    /// A line of JSON for each change
    #[arg(long)]
    pub json: bool,
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

pub fn run(args: &WatchArgs) -> anyhow::Result<u8> {
    let ids = ids(&args.ids)?;
    let (setup, profiles) = set_up(args)?;
    if ids.is_empty() && setup.settings.dialect == Dialect::V1 {
        return Err(Usage(NO_LIST.to_owned()).into());
    }
    let watching = Box::new(Watching::of(ids));
    let (json, plain) = (args.json, args.plain || args.json);
    logged(setup, |setup| {
        let (exit, last) = console::start(setup, profiles, Seat::Watcher { watching, json }, plain)?;
        Ok(if exit == Exit::Quit && last.is_some_and(|state| found_nothing(&state)) {
            FAILED
        } else {
            console::status(exit)
        })
    })
}

/// Every one of them is refused by name, not only the first.
fn ids(given: &[String]) -> Result<Vec<CalloutId>, Usage> {
    let bad: Vec<String> = given
        .iter()
        .filter(|raw| CalloutId::new(raw.as_str()).is_none())
        .map(|raw| format!("{raw:?}"))
        .collect();
    if !bad.is_empty() {
        let what = if bad.len() == 1 { "is not a callout id" } else { "are not callout ids" };
        return Err(Usage(format!("{} {what}: letters, digits, - and _ only, at most 64", bad.join(", "))));
    }
    if given.len() > MOST {
        return Err(Usage(format!("{} ids are too many: at most {MOST} are watched", given.len())));
    }
    Ok(given.iter().filter_map(|raw| CalloutId::new(raw.as_str())).collect())
}

fn set_up(args: &WatchArgs) -> anyhow::Result<(ConsoleSetup, Profiles)> {
    let flags = Flags {
        profile: args.profile.clone(),
        config: args.config.clone(),
        theme: args.theme,
        log_level: args.log_level,
        no_bell: args.no_bell,
        no_notify: args.no_notify,
        read_only: true,
        ..Flags::default()
    };
    let elsewhere = match &args.url {
        None => None,
        Some(url) => Server::named_by(&ServerArgs {
            profile: None,
            config: args.config.clone(),
            url: Some(url.clone()),
            client_id: args.client_id.clone(),
            client_secret: args.client_secret.clone(),
            read_only: true,
            yes: false,
            json: false,
            dry_run: false,
        })?,
    };
    let config = config::load(&flags, &environment)?;
    let setup = config.watch(&environment, elsewhere.map(|server| server.connection))?;
    let setup = setup.ok_or_else(|| Usage(NOTHING_THERE.to_owned()))?;
    Ok((setup, Profiles::new(&flags, &config.model.profile, None)))
}

/// Without anybody at the keys: one that was asked for by name is not known to the server.
fn found_nothing(state: &State) -> bool {
    let Some(watching) = &state.watching else { return false };
    let unknown = |ended: &Option<Ending>| *ended == Some(Ending::Unknown);
    state.unattended && watching.named && watching.entries.values().any(|entry| unknown(&entry.ended))
}
