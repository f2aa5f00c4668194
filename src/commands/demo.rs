//! The simulator inside the console's process, started beside the first frame and reached over HTTP
//! like any other server.

use crate::api::client::{Client, Connection};
use crate::app::action::{Effect, Failure, FailureKind, Outcome};
use crate::config::DemoSetup;
use crate::runtime::clock::Clock;
use crate::runtime::effects::Api;
use crate::runtime::remote::{Control, Remote};
use crate::sim::{Options, Running, Simulator};
use anyhow::Context;
use secrecy::SecretString;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::sync::{Mutex, OnceCell, oneshot};

pub struct Demo {
    setup: DemoSetup,
    /// Keep the world in its file; otherwise it is gone with the console.
    keep: bool,
    clock: Clock,
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
    pub fn new(setup: DemoSetup, keep: bool, clock: Clock) -> (Self, oneshot::Receiver<anyhow::Error>) {
        let (sender, failure) = oneshot::channel();
        let (running, failed) = (Mutex::new(None), Mutex::new(Some(sender)));
        (Self { setup, keep, clock, remote: OnceCell::new(), running, failed }, failure)
    }

    /// Ends the simulator: what it has promised is on disk.
    pub async fn stop(&self) {
        if let Some(running) = self.running.lock().await.take() {
            running.stop().await;
        }
    }

    async fn start(&self) -> anyhow::Result<Remote> {
        let options = Options {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            client_id: DemoSetup::CLIENT_ID.to_owned(),
            client_secret: SecretString::from(DemoSetup::CLIENT_SECRET),
            state: self.keep.then(|| self.setup.state_file.clone()),
            autopilot: Some(self.setup.scenario.clone()),
            speed: self.setup.speed,
            seed: self.setup.seed,
            control_token: None,
            allow_http_webhooks: false,
        };
        let running = Simulator::start(options).await.context("the simulator did not start")?;
        let control = Control::new(&running.control(), self.clock.clone())?;
        if let Err(failure) = control.follow_clock().await {
            anyhow::bail!("{}", failure.message);
        }
        let mut connection = Connection { base_url: running.v2(), ..self.setup.connection.clone() };
        if !self.keep {
            // The other console's customer does not exist in this world.
            (connection.token_file, connection.customer_file) = (None, None);
        }
        let now = self.clock.clone();
        let client = Client::new(connection, Arc::new(move || now.now()))?;
        *self.running.lock().await = Some(running);
        Ok(Remote { client, control: Some(control) })
    }
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
}
