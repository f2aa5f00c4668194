//! The traffic screen's dealings with the world: exchanges as they are recorded, the terminal's
//! clipboard, files.

use super::clock::{Clock, Stopwatch};
use super::effects::Api;
use super::notify;
use crate::api::Observer;
use crate::app::action::{Action, Effect, Outcome};
use crate::app::shared::Shared;
use crate::app::traffic::log::Log;
use crate::app::traffic::{Copied, Done, TrafficOrder};
use crate::config::make_private;
use crate::text::DisplayText;
use crate::traffic::{Body, Exchange, har};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret as _, SecretString};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

/// Hears of the exchanges of a client and hands them to the loop.
#[derive(Debug)]
pub struct Recorder {
    since: Stopwatch,
    exchanges: UnboundedSender<Exchange>,
}

impl Recorder {
    /// With the other end, for the loop.
    pub fn new() -> (Arc<Self>, UnboundedReceiver<Exchange>) {
        let (exchanges, heard) = unbounded_channel();
        (Arc::new(Self { since: Stopwatch::start(), exchanges }), heard)
    }
}

impl Observer for Recorder {
    fn elapsed(&self) -> Duration {
        self.since.elapsed()
    }

    fn exchanged(&self, exchange: Exchange) {
        // At the end of the program nobody listens any more.
        let _ = self.exchanges.send(exchange);
    }
}

/// What the loop needs to know of the client's surroundings.
#[derive(Debug)]
pub struct Tap {
    pub exchanges: UnboundedReceiver<Exchange>,
    /// Where archives and bodies are written to.
    pub folder: PathBuf,
    /// Whether tmux stands between us and the terminal.
    pub tmux: bool,
}

/// An API whose exchanges are recorded.
#[derive(Debug)]
pub struct Recorded<A> {
    api: A,
    /// Taken by the loop when it begins.
    tap: Mutex<Option<Tap>>,
}

impl<A> Recorded<A> {
    pub fn new(api: A, tap: Tap) -> Self {
        Self { api, tap: Mutex::new(Some(tap)) }
    }
}

impl<A: Api> Api for Recorded<A> {
    async fn call(&self, order: Effect) -> Outcome {
        self.api.call(order).await
    }

    async fn token(&self) -> Option<SecretString> {
        self.api.token().await
    }

    fn tap(&self) -> Option<Tap> {
        self.tap.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// What an order led to: something for the terminal, and what to tell.
type Carried = (Option<SecretString>, Done);

#[derive(Debug)]
pub(super) struct Desk {
    exchanges: Option<UnboundedReceiver<Exchange>>,
    folder: Option<PathBuf>,
    tmux: bool,
    jobs: JoinSet<Carried>,
    for_terminal: Vec<SecretString>,
}

impl Desk {
    pub(super) fn new(tap: Option<Tap>) -> Self {
        let (exchanges, folder, tmux) = match tap {
            Some(Tap { exchanges, folder, tmux }) => (Some(exchanges), Some(folder), tmux),
            None => (None, None, false),
        };
        Self { exchanges, folder, tmux, jobs: JoinSet::new(), for_terminal: Vec::new() }
    }

    /// The next exchange, or what became of an order; never returns while there is neither.
    pub(super) async fn next(&mut self, clock: &Clock) -> Action {
        loop {
            tokio::select! { biased;
                Some(exchange) = heard(&mut self.exchanges) => {
                    return Action::Exchanged { exchange: Box::new(exchange), now: clock.now() };
                }
                Some(job) = self.jobs.join_next() => match job {
                    Ok((sequence, done)) => {
                        self.for_terminal.extend(sequence);
                        return Action::TrafficDone { done, now: clock.now() };
                    }
                    Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                    Err(_stopped) => {}
                },
                else => std::future::pending().await,
            }
        }
    }

    /// Sequences to be written between two frames.
    pub(super) fn for_terminal(&mut self) -> Vec<SecretString> {
        std::mem::take(&mut self.for_terminal)
    }

    /// To be heard or seen by somebody who looks elsewhere.
    pub(super) fn notify(&mut self, bell: bool, text: Option<&DisplayText>) {
        self.for_terminal.push(notify::sequence(bell, text, self.tmux));
    }

    pub(super) fn start<A: Api>(
        &mut self,
        order: TrafficOrder,
        log: &Shared<Log>,
        api: &Arc<A>,
        now: Timestamp,
    ) {
        let tmux = self.tmux;
        match order {
            TrafficOrder::CopyBody { body } => {
                let sequence = osc_52(body.as_str(), tmux);
                self.jobs.spawn(async move { (Some(sequence), Done::Copied { what: Copied::Body, tmux }) });
            }
            TrafficOrder::CopyCurl { curl, with_token: false } => {
                let sequence = osc_52(&curl.line(None), tmux);
                self.jobs.spawn(async move { (Some(sequence), Done::Copied { what: Copied::Curl, tmux }) });
            }
            TrafficOrder::CopyCurl { curl, with_token: true } => {
                let api = Arc::clone(api);
                self.jobs.spawn(async move {
                    let Some(token) = api.token().await else { return (None, Done::NoToken) };
                    let line = SecretString::from(curl.line(Some(token.expose_secret())));
                    let sequence = osc_52(line.expose_secret(), tmux);
                    (Some(sequence), Done::Copied { what: Copied::CurlWithToken, tmux })
                });
            }
            TrafficOrder::SaveBody { number, body } => {
                let folder = self.folder.clone();
                self.jobs.spawn_blocking(move || {
                    let kind = if body.as_str().starts_with(['{', '[']) { "json" } else { "txt" };
                    let place = own_file(folder, &format!("body-{number}-{}.{kind}", stamp(now)));
                    (None, saved(place, &body))
                });
            }
            TrafficOrder::Export { file } => {
                let (log, folder) = (log.clone(), self.folder.clone());
                self.jobs.spawn_blocking(move || {
                    let place = match file {
                        Some(file) => Ok(at_home(file.as_str())),
                        None => own_file(folder, &format!("traffic-{}.har", stamp(now))),
                    };
                    (None, exported(place, &log))
                });
            }
        }
    }
}

async fn heard(exchanges: &mut Option<UnboundedReceiver<Exchange>>) -> Option<Exchange> {
    exchanges.as_mut()?.recv().await
}

/// The sequence that puts `text` into the terminal's clipboard, wherever that terminal is. Inside tmux
/// once for tmux itself and once for the terminal around it: which of them is let through is up to its
/// settings, and twice the same is no harm.
fn osc_52(text: &str, tmux: bool) -> SecretString {
    let plain = format!("\x1b]52;c;{}\x07", STANDARD.encode(text));
    SecretString::from(if tmux { format!("{plain}\x1bPtmux;\x1b{plain}\x1b\\") } else { plain })
}

/// `20260301-120041`.
fn stamp(now: Timestamp) -> String {
    now.to_zoned(TimeZone::UTC).strftime("%Y%m%d-%H%M%S").to_string()
}

fn own_file(folder: Option<PathBuf>, name: &str) -> io::Result<PathBuf> {
    let folder = folder.ok_or_else(|| io::Error::other("there is no state folder"))?;
    make_private(&folder)?;
    Ok(folder.join(name))
}

/// `~/` as a shell would read it.
fn at_home(file: &str) -> PathBuf {
    match (file.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(file),
    }
}

fn saved(place: io::Result<PathBuf>, body: &Body) -> Done {
    let written = place.and_then(|file| {
        write_anew(&file, |out| out.write_all(body.as_str().as_bytes()))?;
        Ok(file)
    });
    match written {
        Ok(file) => Done::SavedBody { file: shown(&file) },
        Err(error) => Done::NotWritten { why: error.to_string().into() },
    }
}

fn exported(place: io::Result<PathBuf>, log: &Log) -> Done {
    let written = place.and_then(|file| {
        let mut exchanges = 0;
        write_anew(&file, |out| {
            exchanges = har::write(out, log.entries())?;
            Ok(())
        })?;
        Ok((file, exchanges))
    });
    match written {
        Ok((file, exchanges)) => Done::Exported { file: shown(&file), exchanges },
        Err(error) => Done::NotWritten { why: error.to_string().into() },
    }
}

/// Whole, also where a relative name was given: it has to be found again.
fn shown(file: &Path) -> DisplayText {
    let whole = std::path::absolute(file);
    whole.as_deref().unwrap_or(file).display().to_string().into()
}

/// A file that was not there, readable by its owner only; gone again when it cannot be written whole.
fn write_anew(file: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", file.display()));
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = BufWriter::new(options.open(file).map_err(named)?);
    let written = write(&mut out).and_then(|()| out.flush());
    written.map_err(|error| {
        let _ = std::fs::remove_file(file);
        named(error)
    })
}

#[cfg(test)]
mod tests;
