//! Whom a device talks to, and by which template.

use super::Usage;
use super::args::{ServerArgs, TemplateArgs};
use crate::api::client::{Client, Connection, Credentials, CustomerSetup};
use crate::api::is_loopback_host;
use crate::app::callout::Classification;
use crate::app::state::{Dialect, Environment};
use crate::commands::{environment, tell};
use crate::config::{self, Flags, Target};
use crate::geo::Position;
use crate::runtime::clock::Clock;
use crate::runtime::devices::roster::Roster;
use crate::sim::devices::{Template, file, shipped};
use crate::sim::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET};
use anyhow::Context;
use reqwest::Url;
use std::path::Path;
use std::sync::Arc;

const API: &str = "/panic-api/v2";
const NO_SERVER: &str = "the profile demo has its simulator inside the console, where nothing else reaches it: \
     run `panic-console serve` and say --url http://127.0.0.1:3005, or name a profile of the config with --profile";

/// A server with what its profile says of the customer.
#[derive(Debug)]
pub struct Server {
    pub connection: Connection,
    /// Where the profile's customer is, and how exactly.
    pub place: Option<(Position, f64)>,
    pub environment: Environment,
    /// The profile's own list of devices, where no simulator has one.
    pub roster: Option<Roster>,
}

impl Server {
    /// `None` for a dry run that no server is named for.
    pub fn named_by(args: &ServerArgs) -> anyhow::Result<Option<Self>> {
        let flags = Flags {
            profile: args.profile.clone(),
            config: args.config.clone(),
            read_only: args.read_only,
            ..Flags::default()
        };
        let config = config::load(&flags, &environment)?;
        if let Some(url) = &args.url {
            let connection = Connection { read_only: config.model.read_only, ..at(url, args)? };
            let environment = config::environment_of(&connection.base_url);
            return Ok(Some(Self { connection, place: None, environment, roster: None }));
        }
        if config.model.profile == config::DEMO {
            return if args.dry_run { Ok(None) } else { Err(Usage(NO_SERVER.to_owned()).into()) };
        }
        let setup = config.console(&environment)?;
        for warning in &setup.warnings {
            tell(&format!("warning: {warning}"));
        }
        let own_list = setup.own_list_of_devices();
        let (connection, control, settings) = match setup.target {
            Target::Server(connection, control) => (connection, control, setup.settings),
            Target::Demo(_) => return Err(Usage(NO_SERVER.to_owned()).into()),
        };
        Ok(Some(Self {
            connection,
            place: Some((settings.start, settings.accuracy)),
            environment: settings.environment,
            roster: control.is_none().then(|| Roster::at(own_list)),
        }))
    }

    pub fn client(&self) -> anyhow::Result<Client> {
        let clock = Clock::wall();
        Client::new(self.connection.clone(), Arc::new(move || clock.now()))
            .context("cannot talk to the server")
    }

    pub fn is_this_machine(&self) -> bool {
        self.environment.is_loopback()
    }

    /// Host and port, for a question that must say where.
    pub fn host(&self) -> String {
        let url = Url::parse(&self.connection.base_url).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or("the server").to_owned();
        url.and_then(|url| url.port()).map_or(host.clone(), |port| format!("{host}:{port}"))
    }
}

/// The server at a URL. One without a path is the simulator's own.
fn at(url: &str, args: &ServerArgs) -> anyhow::Result<Connection> {
    let refused = |why: &str| Usage(format!("--url: {why}"));
    let parsed = Url::parse(url).map_err(|_| refused("not a URL; it looks like http://127.0.0.1:3005"))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(refused("only https:// goes, and http:// on this machine").into());
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(
            refused("holds a user name or a password; --client-id and --client-secret are for that").into()
        );
    }
    let base_url = match parsed.path().trim_end_matches('/') {
        "" => format!("{}{API}", url.trim_end_matches('/')),
        _ => url.trim_end_matches('/').to_owned(),
    };
    let local = is_loopback_host(&base_url);
    let (client_id, client_secret) = match (&args.client_id, &args.client_secret) {
        (Some(id), Some(secret)) => (id.clone(), secret.clone()),
        (None, _) if local => (DEMO_CLIENT_ID.to_owned(), DEMO_CLIENT_SECRET.into()),
        (Some(_), None) => {
            return Err(Usage("--client-secret is missing beside --client-id".to_owned()).into());
        }
        (None, _) => {
            return Err(
                Usage("--client-id and --client-secret are needed beyond this machine".to_owned()).into()
            );
        }
    };
    Ok(Connection {
        base_url,
        realm: None,
        dialect: Dialect::V2,
        credentials: Credentials { client_id, client_secret, user: None },
        customer: CustomerSetup::default(),
        response_type_id: 1,
        classification: Classification::Test,
        internal_test: false,
        request_type: None,
        read_only: false,
        token_file: None,
        customer_file: None,
        connect_timeout: Connection::CONNECT_TIMEOUT,
        total_timeout: Connection::TOTAL_TIMEOUT,
        proxy: true,
        ca: None,
    })
}

/// The template by its name or file, else by its type or supplier, else the first: with the type that
/// was asked for.
pub fn template(args: &TemplateArgs, supplier: Option<&str>) -> anyhow::Result<Template> {
    let by_type = || shipped().find(|template| args.type_id == Some(template.type_id));
    let by_supplier =
        || shipped().find(|template| supplier.is_some_and(|supplier| template.serves(supplier)));
    let found = match &args.template {
        Some(name) => named(name)?,
        None => {
            by_type().or_else(by_supplier).or_else(|| shipped().next()).context("no template is shipped")?
        }
    };
    Ok(Template { type_id: args.type_id.unwrap_or(found.type_id), ..found })
}

fn named(name: &str) -> anyhow::Result<Template> {
    if let Some(template) = shipped().find(|template| template.name == name) {
        return Ok(template);
    }
    let path = Path::new(name);
    if !path.exists() {
        let names: Vec<_> = shipped().map(|template| template.name).collect();
        let why = format!("--template: {name} is no file and none of {}", names.join(", "));
        return Err(Usage(why).into());
    }
    let mut templates = file::load(path).map_err(|error| Usage(error.to_string()))?.into_iter();
    match (templates.next(), templates.next()) {
        (Some((_, template)), None) => Ok(template),
        _ => Err(Usage(format!("--template: {name} holds more than one template")).into()),
    }
}
