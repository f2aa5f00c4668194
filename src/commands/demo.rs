//! The simulator inside the console's process, started beside the first frame and reached over HTTP
//! like any other server.

use crate::api::Observer;
use crate::api::client::{Client, Connection};
use crate::app::action::{Effect, Failure, FailureKind, Outcome};
use crate::config::DemoSetup;
use crate::runtime::clock::Clock;
use crate::runtime::control::Control;
use crate::runtime::devices::Devices;
use crate::runtime::effects::Api;
use crate::runtime::remote::Remote;
use crate::sim::{Options, Running, Simulator};
use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{Mutex, OnceCell, oneshot};

/// A clock this far ahead of the wall's is noticed.
const AHEAD: SignedDuration = SignedDuration::from_secs(30);

/// What of the demo's world outlives the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Another console has the world: this one is gone at its end.
    Nothing,
    World,
    /// The last run left a callout in it.
    Callout,
}

pub struct Demo {
    setup: DemoSetup,
    keep: Keep,
    clock: Clock,
    observer: Arc<dyn Observer>,
    remote: OnceCell<Remote>,
    running: Mutex<Option<Running>>,
    /// Told once why the simulator does not start. Trying again would not mend a state file.
    failed: Mutex<Option<oneshot::Sender<anyhow::Error>>>,
}

impl fmt::Debug for Demo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Demo").field("keep", &self.keep).finish_non_exhaustive()
    }
}

impl Demo {
    /// The receiver hears why the simulator does not start, if it does not.
    pub fn new(
        setup: DemoSetup,
        keep: Keep,
        clock: Clock,
        observer: Arc<dyn Observer>,
    ) -> (Self, oneshot::Receiver<anyhow::Error>) {
        let (sender, failure) = oneshot::channel();
        let (running, failed) = (Mutex::new(None), Mutex::new(Some(sender)));
        (Self { setup, keep, clock, observer, remote: OnceCell::new(), running, failed }, failure)
    }

    /// Ends the simulator: what it has promised is on disk.
    pub async fn stop(&self) {
        if let Some(running) = self.running.lock().await.take() {
            running.stop().await;
        }
    }

    async fn start(&self) -> anyhow::Result<Remote> {
        let (running, control) = self.wake().await?;
        let mut connection = Connection { base_url: running.v2(), ..self.setup.connection.clone() };
        if self.keep == Keep::Nothing {
            // The other console's customer does not exist in this world.
            (connection.token_file, connection.customer_file) = (None, None);
        }
        let now = self.clock.clone();
        let client = Client::new(connection, Arc::new(move || now.now()))?;
        let client = client.observed_by(Arc::clone(&self.observer));
        *self.running.lock().await = Some(running);
        let devices = Devices::new(self.clock.clone(), None);
        Ok(Remote { client, control: Some(control), devices })
    }

    /// The world of the last time, where there is one. If its clock was run ahead of the wall's and
    /// nothing in it is active, a new one: nobody wants to be shown tomorrow's time for it.
    async fn wake(&self) -> anyhow::Result<(Running, Control)> {
        let (mut running, mut control) = self.launch().await?;
        let ahead = shows(&control).await?.duration_since(Clock::wall().now());
        if self.keep == Keep::World && ahead > AHEAD && !control.has_active_callout().await {
            running.stop().await;
            forget(&self.setup.state_file).context("the demo's world of the last time cannot be removed")?;
            (running, control) = self.launch().await?;
        }
        // Only now: our own clock never goes back.
        match control.follow_clock().await {
            Ok(_) => Ok((running, control)),
            Err(failure) => anyhow::bail!("{}", failure.message),
        }
    }

    async fn launch(&self) -> anyhow::Result<(Running, Control)> {
        let options = Options {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            client_id: DemoSetup::CLIENT_ID.to_owned(),
            client_secret: SecretString::from(DemoSetup::CLIENT_SECRET),
            clients: Vec::new(),
            state: (self.keep != Keep::Nothing).then(|| self.setup.state_file.clone()),
            autopilot: Some(self.setup.scenario.clone()),
            speed: self.setup.speed,
            seed: self.setup.seed,
            // One person polls a handful of callouts, all day long.
            keep_replies: 128 * 1024,
            ..Options::default()
        };
        let running = Simulator::start(options).await.context("the simulator did not start")?;
        let control =
            Control::new(&running.control(), self.clock.clone())?.read_only(self.setup.connection.read_only);
        let control = control.observed_by(Arc::clone(&self.observer));
        Ok((running, control))
    }
}

async fn shows(control: &Control) -> anyhow::Result<Timestamp> {
    control.clock_shows().await.map_err(|failure| anyhow::anyhow!("{}", failure.message))
}

/// Removes a state file and what the database keeps beside it.
fn forget(state_file: &Path) -> io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut file = state_file.as_os_str().to_owned();
        file.push(suffix);
        match std::fs::remove_file(PathBuf::from(file)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

impl Api for Demo {
    async fn call(&self, order: Effect) -> Outcome {
        match self.remote.get_or_try_init(|| self.start()).await {
            Ok(remote) => remote.call(order).await,
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "the demo's simulator did not start");
                let message = format!("{error:#}").into();
                if let Some(failed) = self.failed.lock().await.take() {
                    // Nobody listens any more when the console is at its end anyhow.
                    let _ = failed.send(error);
                }
                Err(Failure { kind: FailureKind::Unreachable, message, retry_after: None })
            }
        }
    }

    async fn token(&self) -> Option<SecretString> {
        self.remote.get()?.token().await
    }
}
