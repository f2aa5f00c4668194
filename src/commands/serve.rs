//! `panic-console serve`: the simulator alone, for other people's apps.

use crate::commands::print;
use crate::config::LogLevel;
use crate::sim::auth::Credentials;
use crate::sim::clock::SPEEDS;
use crate::sim::faults::Rules;
use crate::sim::http::MOST_KEPT;
use crate::sim::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, Options, PublicUrl, Running, Simulator};
use clap::Args;
use secrecy::SecretString;
use serde::Serialize;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Clone, Debug, Args)]
pub struct ServeArgs {
    /// Where to listen; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3005")]
    pub listen: SocketAddr,
    /// Who may ask for tokens: the API's clientId
    #[arg(long, value_name = "ID", default_value = DEMO_CLIENT_ID, value_parser = text)]
    pub client_id: String,
    /// The API's clientSecret
    #[arg(
        long,
        value_name = "SECRET",
        default_value = DEMO_CLIENT_SECRET,
        env = "PANIC_SERVE_CLIENT_SECRET",
        hide_env_values = true,
        value_parser = secret
    )]
    pub client_secret: SecretString,
    /// A further customer source with its own credentials; may be given several times
    #[arg(long = "client", value_name = "ID:SECRET", value_parser = client)]
    pub clients: Vec<Credentials>,
    /// Keep the state in this file; without it the state ends with the process
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Who plays the control room: off, a scenario, or a file of one
    #[arg(long, value_name = "off|NAME|FILE.toml", default_value = "off")]
    pub autopilot: String,
    /// How fast the simulator's clock runs, from 0.1 to 600
    #[arg(long, value_name = "N", default_value = "1", value_parser = speed, allow_negative_numbers = true)]
    pub speed: f64,
    /// What the streets and vehicles are made from
    #[arg(long, value_name = "N", default_value = "1")]
    pub seed: u64,
    /// Let webhooks be registered at plain http addresses of this machine
    #[arg(long)]
    pub allow_http_webhooks: bool,
    /// Tell webhooks of the steps that are made by hand through the control API, too
    #[arg(long)]
    pub step_webhooks: bool,
    /// What the links begin with that are given out, where others reach it at another address
    #[arg(long, value_name = "URL")]
    pub public_url: Option<PublicUrl>,
    /// Answer a wrong safe code with 400 instead of with the unchanged callout
    #[arg(long)]
    pub strict_safe_codes: bool,
    /// Device templates of your own: a file, or a folder of *.toml
    #[arg(long, value_name = "DIR|FILE")]
    pub device_templates: Option<PathBuf>,
    /// What the control API wants as its Bearer token; needed when not listening on loopback
    #[arg(
        long,
        value_name = "TOKEN",
        env = "PANIC_SERVE_CONTROL_TOKEN",
        hide_env_values = true,
        value_parser = secret
    )]
    pub control_token: Option<SecretString>,
    /// Let go wrong what this TOML file says, as PUT /control/faults does
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
    /// Keep so many of the last requests with their replies for GET /control/requests; 0 keeps none
    #[arg(long, value_name = "N", default_value = "200", value_parser = kept)]
    pub keep_requests: usize,
    /// What is written to stderr
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub log_level: LogLevel,
}

/// Nothing would open what an empty word keeps, or everything would.
fn text(given: &str) -> Result<String, &'static str> {
    if given.trim().is_empty() { Err("must not be empty") } else { Ok(given.to_owned()) }
}

fn secret(given: &str) -> Result<SecretString, &'static str> {
    text(given).map(SecretString::from)
}

/// The secret may hold colons, the id none. Never an error here: clap would print what was given, and
/// with it the secret. A half that is missing is empty, which the start refuses.
#[expect(clippy::unnecessary_wraps, reason = "the form of clap's parsers")]
fn client(given: &str) -> Result<Credentials, Infallible> {
    let (client_id, client_secret) = given.split_once(':').unwrap_or((given, ""));
    Ok(Credentials { client_id: client_id.to_owned(), client_secret: client_secret.into() })
}

fn kept(given: &str) -> Result<usize, String> {
    let range = format!("not from 0 to {MOST_KEPT}");
    given.parse().ok().filter(|count| *count <= MOST_KEPT).ok_or(range)
}

fn speed(given: &str) -> Result<f64, String> {
    let speed: f64 = given.parse().map_err(|_| "not a number".to_owned())?;
    let range = format!("not from {} to {}", SPEEDS.start(), SPEEDS.end());
    if SPEEDS.contains(&speed) { Ok(speed) } else { Err(range) }
}

impl From<ServeArgs> for Options {
    fn from(args: ServeArgs) -> Self {
        Self {
            listen: args.listen,
            client_id: args.client_id,
            client_secret: args.client_secret,
            clients: args.clients,
            state: args.state,
            autopilot: Some(args.autopilot),
            speed: args.speed,
            seed: args.seed,
            control_token: args.control_token,
            allow_http_webhooks: args.allow_http_webhooks,
            step_webhooks: Some(args.step_webhooks),
            public_url: args.public_url,
            strict_safe_codes: args.strict_safe_codes,
            device_templates: args.device_templates,
            keep_requests: args.keep_requests,
            ..Self::default()
        }
    }
}

/// The one line on stdout.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Ready<'a> {
    url: String,
    v2: String,
    v1: String,
    control: String,
    client_id: &'a str,
}

/// Serves until the process is asked to end.
pub async fn run(options: ServeArgs) -> Result<(), anyhow::Error> {
    // Before the first request: a signal that comes early must not kill us.
    let end = end_asked()?;
    let faults = options.faults.as_deref().map(Rules::from_file).transpose()?.unwrap_or_default();
    let running = Simulator::start(Options { faults, ..options.into() }).await?;
    print(&ready(&running)?)?;
    end.await;
    tracing::info!("asked to end");
    running.stop().await;
    Ok(())
}

fn ready(running: &Running) -> serde_json::Result<String> {
    let line = Ready {
        url: running.url(),
        v2: running.v2(),
        v1: running.v1(),
        control: running.control(),
        client_id: &running.client_id,
    };
    serde_json::to_string(&line).map(|line| line + "\n")
}

/// SIGTERM or ctrl-c. They are listened for from the call on, not from the first poll.
#[cfg(unix)]
fn end_asked() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn end_asked() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use secrecy::ExposeSecret;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        args: ServeArgs,
    }

    fn parse(flags: &[&str]) -> Result<ServeArgs, clap::Error> {
        Cli::try_parse_from([&["serve"], flags].concat()).map(|cli| cli.args)
    }

    #[test]
    fn the_defaults_are_the_contract_s() {
        let args = parse(&[]).unwrap();
        assert_eq!(args.listen.to_string(), "127.0.0.1:3005");
        assert_eq!(args.client_id, "demo-client");
        assert_eq!((args.speed, args.autopilot.as_str(), args.state), (1.0, "off", None));
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        for flags in [["--speed", "0"], ["--speed", "x"], ["--listen", "here"], ["--seed", "x"]] {
            let message = parse(&flags).unwrap_err().to_string();
            assert!(message.contains(flags[0]), "{message}");
        }
        let message = parse(&["--speed", "-1"]).unwrap_err().to_string();
        assert!(message.contains("not from 0.1 to 600"), "{message}");
    }

    #[test]
    fn a_public_url_is_one_that_links_can_begin_with() {
        let args = parse(&["--public-url", "https://panic.example.com/"]).unwrap();
        assert_eq!(args.public_url.unwrap().as_str(), "https://panic.example.com");
        for wrong in ["panic.example.com", "ftp://panic.example.com", "https://panic.example.com/?a=b"] {
            let message = parse(&["--public-url", wrong]).unwrap_err().to_string();
            assert!(message.contains("--public-url"), "{message}");
        }
    }

    #[test]
    fn what_keeps_a_door_may_not_be_empty() {
        for flag in ["--client-id", "--client-secret", "--control-token"] {
            for blank in ["", " "] {
                let message = parse(&[flag, blank]).unwrap_err().to_string();
                assert!(message.contains(flag) && message.contains("must not be empty"), "{message}");
            }
        }
    }

    #[test]
    fn a_further_client_is_an_id_and_a_secret() {
        let args = parse(&["--client", "acme:a:b", "--client", "other:hush"]).unwrap();
        let ids: Vec<_> = args.clients.iter().map(|client| client.client_id.as_str()).collect();
        assert_eq!(ids, ["acme", "other"]);
        assert_eq!(args.clients[0].client_secret.expose_secret(), "a:b");
    }

    #[test]
    fn secrets_do_not_print() {
        let flags = ["--client-secret", "hush", "--control-token", "quiet", "--client", "acme:whisper"];
        let printed = format!("{:?}", parse(&flags).unwrap());
        assert!(!["hush", "quiet", "whisper"].iter().any(|secret| printed.contains(secret)), "{printed}");
    }
}
