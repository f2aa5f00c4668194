//! The simulator of the AURA Panic API: for other people's apps as `serve`, and inside the console.
//! Either way it is spoken to over HTTP only.
//!
//! - [`world`]: what is so and how it changes, pure; [`scenario`] and [`crate::geo::streets`] are its matter.
//! - [`devices`]: how devices speak, as data.
//! - [`store`], [`clock`], [`auth`]: what the world must not know; [`engine`] puts them together, and
//!   [`news`] tells those who have to be told, [`deliverer`] those who registered a webhook.
//! - [`tracking`]: the page and the picture that a customer sees of a callout.
//! - [`http`]: paths, limits, and the shapes of both dialects; [`outgoing`]: what we post to others.

pub mod auth;
pub mod clock;
pub mod deliverer;
pub mod devices;
pub mod engine;
pub mod faults;
pub mod http;
pub mod imports;
pub mod news;
pub mod outgoing;
mod password;
mod public_url;
pub mod scenario;
pub mod store;
pub mod tracking;
pub mod world;

use crate::sim::auth::Credentials;
use crate::sim::devices::Template;
use crate::sim::devices::file::TemplateError;
use crate::sim::engine::{Engine, EngineError, Failure, Plan};
use crate::sim::faults::Rules;
pub use crate::sim::http::Limits;
use crate::sim::http::{Access, App, Shared, scenario as scenario_named, server};
use crate::sim::outgoing::Outgoing;
pub use crate::sim::public_url::{NotPublicUrl, PublicUrl};
use crate::sim::scenario::{Params, Scenario};
use crate::sim::world::{Command, DeviceCommand, WebhookCommand};
use secrecy::{ExposeSecret, SecretString};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Who may ask when nobody says otherwise. Everyone can read them here, so they are for this machine.
pub const DEMO_CLIENT_ID: &str = "demo-client";
pub const DEMO_CLIENT_SECRET: &str = "demo-secret";

/// How a simulator is to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Port 0 takes a free one.
    pub listen: SocketAddr,
    pub client_id: String,
    pub client_secret: SecretString,
    /// Further tenants: each a customer source of its own.
    pub clients: Vec<Credentials>,
    /// `None`: the state ends with the process.
    pub state: Option<PathBuf>,
    /// `off`, the name of a scenario, or a file of one (`….toml`). `None`: off, or what the state file says.
    pub autopilot: Option<String>,
    pub speed: f64,
    pub seed: u64,
    pub control_token: Option<SecretString>,
    /// Whether a webhook may be registered at a plain `http://` address of this machine.
    pub allow_http_webhooks: bool,
    /// Whether webhooks are told of a controller's own steps. `None`: no, or what the state file says.
    pub step_webhooks: Option<bool>,
    /// What links begin with; `None`: with the address that a request came in at.
    pub public_url: Option<PublicUrl>,
    /// Whether a wrong safe code is answered with 400.
    pub strict_safe_codes: bool,
    pub limits: Limits,
    /// Device templates beside the shipped ones: a file, or a folder of them.
    pub device_templates: Option<PathBuf>,
    /// What goes wrong on purpose.
    pub faults: Rules,
    /// How many of the last requests are kept for `GET /control/requests`; 0: none.
    pub keep_requests: usize,
    /// Bytes for replies that are kept in case the next read finds its callout unchanged.
    pub keep_replies: usize,
}

impl Default for Options {
    /// As `serve` without flags, at a free port.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            client_id: DEMO_CLIENT_ID.to_owned(),
            client_secret: DEMO_CLIENT_SECRET.into(),
            clients: Vec::new(),
            state: None,
            autopilot: None,
            speed: 1.0,
            seed: 1,
            control_token: None,
            allow_http_webhooks: false,
            step_webhooks: None,
            public_url: None,
            strict_safe_codes: false,
            limits: Limits::default(),
            device_templates: None,
            faults: Rules::default(),
            keep_requests: 0,
            keep_replies: http::KEPT_REPLIES,
        }
    }
}

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(
        "the default client secret is known to everyone, so it is taken on loopback only: \
         give --client-id and --client-secret (and another secret to each --client) to listen on {0}"
    )]
    DefaultCredentials(SocketAddr),
    #[error("--client must be ID:SECRET, and neither half may be empty")]
    Client,
    #[error("--client: the id {0:?} is given twice: each tenant has its own")]
    SameClient(String),
    #[error("{0} must not be empty")]
    Empty(&'static str),
    #[error("--faults: {0}")]
    Faults(String),
    #[error("autopilot: {0}")]
    Autopilot(String),
    // Not called `source`: whoever prints the chain of causes would say it twice.
    #[error("cannot listen on {address}: {why}")]
    Listen { address: SocketAddr, why: std::io::Error },
    #[error(transparent)]
    Templates(#[from] TemplateError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Command(#[from] Failure),
}

impl StartError {
    /// Whether the flags are wrong, rather than the machine.
    pub fn is_usage(&self) -> bool {
        let clock = matches!(self, Self::Engine(EngineError::Clock(_)));
        let flag = matches!(
            self,
            Self::DefaultCredentials(_)
                | Self::SameClient(_)
                | Self::Client
                | Self::Empty(_)
                | Self::Autopilot(_)
                | Self::Templates(_)
                | Self::Faults(_)
        );
        clock || flag
    }
}

#[derive(Debug)]
pub struct Simulator;

/// A simulator that answers. Dropped, it ends with the runtime; [`Running::stop`] ends it in order.
#[derive(Debug)]
pub struct Running {
    pub address: SocketAddr,
    pub client_id: String,
    app: App,
    stop: CancellationToken,
    serving: JoinHandle<()>,
    moving: JoinHandle<()>,
    delivering: JoinHandle<()>,
}

impl Simulator {
    /// Returns once it can answer.
    pub async fn start(options: Options) -> Result<Running, StartError> {
        if let Some(empty) = empty_word(&options) {
            return Err(StartError::Empty(empty));
        }
        if is_default(&options) && !options.listen.ip().is_loopback() {
            return Err(StartError::DefaultCredentials(options.listen));
        }
        http::check_faults(&options.faults).map_err(StartError::Faults)?;
        let clients = tenants(&options)?;
        let autopilot = options.autopilot.as_deref();
        let autopilot = autopilot.map(scenario_of).transpose();
        let autopilot = autopilot.map_err(StartError::Autopilot)?;
        let templates = templates(options.device_templates.as_deref())?;
        let failed = |why| StartError::Listen { address: options.listen, why };
        // Before the state file is opened: a port in use must not cost its replay.
        let listener = TcpListener::bind(options.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let engine = Engine::start(Plan {
            state: options.state.as_deref(),
            seed: options.seed,
            speed: options.speed,
            clients,
        })
        .await?;
        hand_in(&engine, templates).await?;
        if let Some(scenario) = autopilot {
            set_autopilot(&engine, scenario).await?;
        }
        if let Some(steps) = options.step_webhooks {
            engine.apply(Command::Webhook(WebhookCommand::SetSteps(steps))).await?;
        }
        let outgoing = Outgoing::new(options.allow_http_webhooks);
        let stop = CancellationToken::new();
        let access = Access::new(options.listen, options.control_token);
        let shared = Shared::new(engine, access, outgoing, stop.clone()).within(options.limits);
        let shared = shared.keeping(options.keep_requests).remembering(options.keep_replies);
        let shared = shared.known_as(options.public_url);
        let (router, app) = http::router(shared.strict(options.strict_safe_codes));
        app.put_faults(options.faults).await?;
        app.imports.resume(&app).await;
        let serving = tokio::spawn(server::serve(listener, router, Arc::clone(&app), stop.clone()));
        let moving = {
            let (app, stop) = (Arc::clone(&app), stop.clone());
            tokio::spawn(async move { news::keep_up(&app.engine, stop).await })
        };
        let delivering = {
            let (app, stop) = (Arc::clone(&app), stop.clone());
            tokio::spawn(async move { deliverer::run(&app.engine, &app.outgoing, &app.faults, &stop).await })
        };
        tracing::info!(%address, "the simulator answers");
        Ok(Running { address, client_id: options.client_id, app, stop, serving, moving, delivering })
    }
}

/// The scenario of a file, where the word is one, or of that name; `None` for `off`.
fn scenario_of(word: &str) -> Result<Option<Scenario>, String> {
    let file = Path::new(word);
    if !file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) {
        return scenario_named(word, Params::default());
    }
    let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read {word}: {error}"))?;
    Scenario::parse(word, &text).map(Some).map_err(|error| error.to_string())
}

/// The flag of a word that keeps a door and is empty: nobody would have to say anything.
fn empty_word(options: &Options) -> Option<&'static str> {
    let blank = |secret: &SecretString| secret.expose_secret().trim().is_empty();
    let words = [
        ("--client-id", options.client_id.trim().is_empty()),
        ("--client-secret", blank(&options.client_secret)),
        ("--control-token", options.control_token.as_ref().is_some_and(blank)),
    ];
    words.into_iter().find(|(_, empty)| *empty).map(|(flag, _)| flag)
}

/// The id alone opens nothing.
fn is_default(options: &Options) -> bool {
    let further = options.clients.iter().map(|client| &client.client_secret);
    further.chain([&options.client_secret]).any(|secret| secret.expose_secret() == DEMO_CLIENT_SECRET)
}

/// The main tenant and the further ones. Two of one id would be one source behind two secrets.
fn tenants(options: &Options) -> Result<Vec<Credentials>, StartError> {
    let (client_id, client_secret) = (options.client_id.clone(), options.client_secret.clone());
    let mut all = vec![Credentials { client_id, client_secret }];
    for client in &options.clients {
        if client.client_id.trim().is_empty() || client.client_secret.expose_secret().trim().is_empty() {
            return Err(StartError::Client);
        }
        if all.iter().any(|known| known.client_id == client.client_id) {
            return Err(StartError::SameClient(client.client_id.clone()));
        }
        all.push(client.clone());
    }
    Ok(all)
}

/// The shipped templates with the user's own.
fn templates(own: Option<&Path>) -> Result<Vec<Template>, TemplateError> {
    let own = own.map_or(Ok(Vec::new()), devices::file::load)?;
    devices::file::with_own(own)
}

/// The world keeps them: what a message came to must not depend on a file that changed since.
async fn hand_in(engine: &Engine, templates: Vec<Template>) -> Result<(), StartError> {
    match engine.apply(Command::Device(DeviceCommand::HandInTemplates(templates))).await {
        Err(Failure::Refused(refusal)) => {
            Err(TemplateError::new(format!("device template {refusal}")).into())
        }
        done => Ok(done.map(|_| ())?),
    }
}

/// A scenario that the state file already has on is left alone: callouts under way keep their plans.
async fn set_autopilot(engine: &Engine, scenario: Option<Scenario>) -> Result<(), Failure> {
    if engine.survey(|world, _| world.autopilot().cloned()).await != scenario {
        engine.apply(Command::SetAutopilot(scenario.map(Box::new))).await?;
    }
    Ok(())
}

impl Running {
    /// Where it is, without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn v2(&self) -> String {
        format!("{}/panic-api/v2", self.url())
    }

    pub fn v1(&self) -> String {
        format!("{}/panic-api", self.url())
    }

    pub fn control(&self) -> String {
        format!("{}/control", self.url())
    }

    /// Accepts no more, lets what runs end, and closes the state file.
    pub async fn stop(self) {
        self.stop.cancel();
        for task in [self.serving, self.moving, self.delivering] {
            if let Err(error) = task.await {
                tracing::error!(%error, "a part of the simulator ended badly");
            }
        }
        self.app.imports.end().await;
        self.app.engine.close().await;
        tracing::info!("the simulator has stopped");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_empty_word_keeps_no_door() {
        let usual = Options::default;
        let all = [
            ("--client-id", Options { client_id: " ".to_owned(), ..usual() }),
            ("--client-secret", Options { client_secret: "".into(), ..usual() }),
            ("--client", Options { clients: vec![tenant("acme", " ")], ..usual() }),
            ("--client", Options { clients: vec![tenant("", "hush")], ..usual() }),
            ("--control-token", Options { control_token: Some("".into()), ..usual() }),
        ];
        for (flag, options) in all {
            let error = Simulator::start(options).await.unwrap_err();
            assert!(error.is_usage() && error.to_string().contains(flag), "{error}");
        }
    }

    fn tenant(client_id: &str, secret: &str) -> Credentials {
        Credentials { client_id: client_id.to_owned(), client_secret: secret.into() }
    }

    #[tokio::test]
    async fn what_holds_for_the_main_tenant_holds_for_all() {
        let abroad = Options {
            listen: SocketAddr::from(([0, 0, 0, 0], 0)),
            client_secret: "hush".into(),
            clients: vec![tenant("acme", "quiet"), tenant("other", DEMO_CLIENT_SECRET)],
            ..Options::default()
        };
        let error = Simulator::start(abroad).await.unwrap_err();
        assert!(error.is_usage() && error.to_string().contains("default client secret"), "{error}");
        let twice = Options { clients: vec![tenant("acme", "a"), tenant("acme", "b")], ..Options::default() };
        let error = Simulator::start(twice).await.unwrap_err();
        assert!(error.is_usage() && error.to_string().contains("\"acme\""), "{error}");
    }
}
