//! `panic-console token inspect`: what a token says of itself, without asking anybody.

use super::{DONE, ask, in_words, print, wall_clock};
use crate::api::claims::{self, Claims};
use crate::text::DisplayText;
use anyhow::Context;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Read};

/// More than any token has.
const LONGEST: u64 = 64 * 1024;

#[derive(Debug, Args)]
pub struct TokenArgs {
    #[command(subcommand)]
    pub command: TokenCommand,
}

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Server, callout or user token? Whose, and until when
    #[command(after_help = "\
Nothing is sent anywhere and the signature is not checked: anybody could have written such a token.
An argument can be read by others on this machine while the command runs; a pipe cannot:
  panic-console token inspect - < token.txt")]
    Inspect(InspectArgs),
}

#[derive(Debug, Args)]
pub struct InspectArgs {
    /// The token; `-` or nothing: from stdin, which a terminal does not show
    #[arg(value_name = "TOKEN|-", value_parser = |given: &str| Ok::<_, String>(SecretString::from(given)))]
    pub token: Option<SecretString>,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

pub fn run(args: &TokenArgs) -> anyhow::Result<u8> {
    let TokenCommand::Inspect(args) = &args.command;
    let token = match &args.token {
        Some(token) if token.expose_secret() != "-" => token.clone(),
        _ => from_stdin()?,
    };
    let claims = claims::read(token.expose_secret())?;
    let now = wall_clock().now();
    print(&if args.json { as_json(&claims, now) } else { as_text(&claims, now) })?;
    Ok(DONE)
}

fn from_stdin() -> anyhow::Result<SecretString> {
    if io::stdin().is_terminal() {
        return ask::hidden("Token (not shown)").context("no token was read");
    }
    let mut text = String::new();
    io::stdin().lock().take(LONGEST).read_to_string(&mut text).context("cannot read the token from stdin")?;
    Ok(text.into())
}

fn as_text(claims: &Claims, now: Timestamp) -> String {
    let mut text = String::new();
    let mut row = |name: &str, value: &str| {
        // Whoever wrote the token may have put anything into it.
        let _ = writeln!(text, "{name:<10} {}", DisplayText::new(value));
    };
    let guessed = if claims.kind_is_guessed { " (by its claims: it does not say)" } else { "" };
    row("kind", &format!("{} token{guessed}", claims.kind.as_str()));
    let facts = [
        ("client", &claims.client_id),
        ("source", &claims.customer_source),
        ("customer", &claims.customer),
        ("callout", &claims.callout),
        ("subject", &claims.subject),
        ("issuer", &claims.issuer),
    ];
    for (name, value) in facts {
        if let Some(value) = value {
            row(name, value);
        }
    }
    if let Some(issued) = claims.issued {
        row("issued", &when(issued, now));
    }
    match claims.expires {
        Some(expires) if expires <= now => row("expired", &when(expires, now)),
        Some(expires) => row("expires", &when(expires, now)),
        None => row("expires", "it does not say"),
    }
    let algorithm = claims.algorithm.as_deref().unwrap_or("it does not say how");
    row("signature", &format!("not checked ({algorithm})"));
    text
}

fn when(at: Timestamp, now: Timestamp) -> String {
    let apart = at.duration_since(now);
    let words = in_words(apart.abs());
    // Whole seconds: a token knows no smaller ones.
    let at = Timestamp::from_second(at.as_second()).unwrap_or(at);
    if apart.is_positive() { format!("{at}, in {words}") } else { format!("{at}, {words} ago") }
}

fn as_json(claims: &Claims, now: Timestamp) -> String {
    let left = claims.expires.map(|expires| expires.duration_since(now).as_secs());
    let value = json!({
        "kind": claims.kind.as_str(),
        "kindIsGuessed": claims.kind_is_guessed,
        "clientId": claims.client_id,
        "customerSourceId": claims.customer_source,
        "customerId": claims.customer,
        "calloutId": claims.callout,
        "subject": claims.subject,
        "issuer": claims.issuer,
        "issuedAt": claims.issued,
        "expiresAt": claims.expires,
        "expired": left.map(|seconds| seconds <= 0),
        "secondsLeft": left.map(|seconds| seconds.max(0)),
        "algorithm": claims.algorithm,
        "signatureChecked": false,
    });
    format!("{value:#}\n")
}
