//! `panic-console customer register`: the person that callouts are for, made known to a server before
//! the first panic.

use super::{DONE, FAILED, Usage, ask, environment, print, tell, wall_clock};
use crate::api::client::{Client, Connection, Registered, keep_customer};
use crate::api::error::ApiError;
use crate::app::state::Dialect;
use crate::config::{self, Concern, Config, Env, Flags, Line};
use crate::text::DisplayText;
use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;

const EXAMPLES: &str = "\
What is not said is taken from the profile, and asked for on a terminal. What would be created is shown
first, and beyond this machine nothing is sent before somebody has said yes.

Examples:
  panic-console customer register --profile staging
  panic-console customer register --profile staging --name Jane --surname Doe \\
      --mobile +27000000002 --subscription-type 4";

#[derive(Debug, Args)]
pub struct CustomerArgs {
    #[command(subcommand)]
    pub command: CustomerCommand,
}

#[derive(Debug, Subcommand)]
pub enum CustomerCommand {
    /// Register the customer with a subscription (v2), or the profile's user (v1)
    #[command(after_help = EXAMPLES)]
    Register(RegisterArgs),
}

#[derive(Debug, Default, Args)]
pub struct RegisterArgs {
    /// Environment to register at: a profile of the config
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Config file to read instead of the usual one
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[arg(long, value_parser = word)]
    pub name: Option<String>,
    #[arg(long, value_parser = word)]
    pub surname: Option<String>,
    /// By it the server knows the customer; its last four digits are the safe code
    #[arg(long, value_name = "NUMBER", value_parser = word)]
    pub mobile: Option<String>,
    #[arg(long, value_parser = word)]
    pub email: Option<String>,
    #[arg(long, value_parser = word)]
    pub gender: Option<String>,
    /// The subscription's type; it differs between environments
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
    pub subscription_type: Option<i64>,
    /// What is shown is meant: nothing is asked
    #[arg(long)]
    pub yes: bool,
    /// Print what came of it as JSON
    #[arg(long)]
    pub json: bool,
}

fn word(given: &str) -> Result<String, &'static str> {
    if given.trim().is_empty() { Err("must not be empty") } else { Ok(given.trim().to_owned()) }
}

pub fn run(args: &CustomerArgs) -> anyhow::Result<u8> {
    let CustomerCommand::Register(args) = &args.command;
    register(args, &environment)
}

/// Also a step of the first run, which may know a secret that no variable holds.
pub(super) fn register(args: &RegisterArgs, env: Env<'_>) -> anyhow::Result<u8> {
    let flags = Flags { profile: args.profile.clone(), config: args.config.clone(), ..Flags::default() };
    let config = config::load(&flags, env)?;
    let Some(line) = config.line(env)? else {
        let why = "the demo registers its own customer: name a profile of the config with --profile";
        return Err(Usage(why.to_owned()).into());
    };
    let line = line.with(&[Concern::Settings, Concern::Credentials])?;
    for warning in &line.warnings {
        tell(&format!("warning: {warning}"));
    }
    if line.connection.read_only {
        return Err(Usage("the profile is read-only: nothing was sent".to_owned()).into());
    }
    config.make_own_folder()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match line.connection.dialect {
        Dialect::V2 => runtime.block_on(customer(args, &config, line)),
        Dialect::V1 => runtime.block_on(user(args, line)),
    }
}

async fn customer(args: &RegisterArgs, config: &Config, line: Line) -> anyhow::Result<u8> {
    if let Some(id) = client(line.connection.clone())?.known_customer().await {
        tell("the profile has its customer already: nothing was sent");
        return told(args, &json!({ "customerId": id, "created": false }), &format!("customer {id}\n"));
    }
    let of_profile = line.connection.customer.mobile.clone();
    if args.mobile.as_ref().is_some_and(|mobile| !of_profile.is_empty() && *mobile != of_profile) {
        let why = "--mobile: the profile has another number; the console would not find this customer again";
        return Err(Usage(why.to_owned()).into());
    }
    let file = line.connection.customer_file.clone();
    let connection = Connection { customer_file: None, ..filled(args, config, line.connection)? };
    let who = &connection.customer;
    tell(&format!("To be registered at {} (profile {}):", line.host, config.model.profile));
    tell(&format!("  customer      {} {}, {}", clean(&who.name), clean(&who.surname), clean(&who.mobile)));
    for extra in [&who.email, &who.gender].into_iter().flatten() {
        tell(&format!("                {}", clean(extra)));
    }
    tell(&format!("  subscription  type {}, from now on for a year", who.subscription_type_id));
    if !agreed(args.yes || line.environment.is_loopback(), "Register this customer?")? {
        return Ok(FAILED);
    }
    let Registered::Customer(id) = client(connection.clone())?.register().await? else {
        anyhow::bail!("the server registered no customer");
    };
    if let Some(file) = file {
        keep_customer(&file, &connection, &of_profile, id);
    }
    tell(&format!("kept; next: panic-console --profile {}", config.model.profile));
    told(args, &json!({ "customerId": id, "created": true }), &format!("customer {id}\n"))
}

/// The customer of the profile and the flags; what neither says is asked for.
fn filled(args: &RegisterArgs, config: &Config, connection: Connection) -> anyhow::Result<Connection> {
    let mut connection = connection;
    let who = &mut connection.customer;
    let given = [
        (&mut who.name, &args.name, "Name", "--name"),
        (&mut who.surname, &args.surname, "Surname", "--surname"),
        (&mut who.mobile, &args.mobile, "Mobile number, as +27000000002", "--mobile"),
    ];
    for (value, flag, question, name) in given {
        if let Some(flag) = flag {
            flag.clone_into(value);
        } else if value.is_empty() {
            *value = asked(question, name)?;
        }
    }
    who.email = args.email.clone().or(who.email.take());
    who.gender = args.gender.clone().or(who.gender.take());
    let of_profile = config.model.profiles.get(&config.model.profile);
    let of_profile = of_profile.and_then(|profile| profile.customer.as_ref()?.subscription_type_id);
    let local = crate::api::is_loopback_host(&connection.base_url);
    let usual = local.then_some(connection.customer.subscription_type_id);
    let known = args.subscription_type.or(of_profile).or(usual);
    connection.customer.subscription_type_id = if let Some(id) = known { id } else { asked_type()? };
    Ok(connection)
}

fn asked_type() -> anyhow::Result<i64> {
    let given = asked("Subscription type, the id that AURA gave you", "--subscription-type")?;
    let id = given.parse().ok().filter(|id| *id >= 1);
    Ok(id.ok_or_else(|| Usage("the subscription type is an id: 1 or more".to_owned()))?)
}

fn asked(question: &str, flag: &str) -> anyhow::Result<String> {
    if !ask::is_possible() {
        return Err(Usage(format!("{flag} is needed: neither the profile nor a flag says it")).into());
    }
    Ok(ask::until(question, "", |answer| word(answer).map_err(str::to_owned))?)
}

/// v1: the user whose token raises panics. A try that may not write tells whether they are known.
async fn user(args: &RegisterArgs, line: Line) -> anyhow::Result<u8> {
    let Some(user) = &line.connection.credentials.user else {
        let why = "v1 registers a user: give the profile user.email and user.password";
        return Err(Usage(why.to_owned()).into());
    };
    let email = user.email.clone();
    let looking = Connection { read_only: true, token_file: None, ..line.connection.clone() };
    match client(looking)?.token().await {
        Ok(_) => {
            tell("the server knows the user already: nothing was sent");
            return told(args, &json!({ "user": email, "created": false }), "user known\n");
        }
        Err(ApiError::ReadOnly { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    if line.connection.credentials.client_secret_is_missing() {
        let why = "client_secret is needed to register a user: the server lets nobody else do it";
        return Err(Usage(why.to_owned()).into());
    }
    tell(&format!("To be registered at {}:", line.host));
    tell(&format!("  user          {}", clean(&email)));
    if !agreed(args.yes || line.environment.is_loopback(), "Register this user?")? {
        return Ok(FAILED);
    }
    client(line.connection)?.register().await?;
    told(args, &json!({ "user": email, "created": true }), "user registered\n")
}

/// Whether it may go out. Where nobody can be asked, only `--yes` says so.
fn agreed(already: bool, question: &str) -> anyhow::Result<bool> {
    if already {
        return Ok(true);
    }
    if !ask::is_possible() {
        let why = "there is no terminal to ask on; --yes says that it is meant; nothing was sent";
        return Err(Usage(why.to_owned()).into());
    }
    let yes = ask::yes(question)?;
    if !yes {
        tell("nothing was sent");
    }
    Ok(yes)
}

fn client(connection: Connection) -> anyhow::Result<Client> {
    let clock = wall_clock();
    Client::new(connection, Arc::new(move || clock.now())).context("cannot talk to the server")
}

fn told(args: &RegisterArgs, json: &serde_json::Value, text: &str) -> anyhow::Result<u8> {
    print(&if args.json { format!("{json}\n") } else { text.to_owned() })?;
    Ok(DONE)
}

fn clean(text: &str) -> DisplayText {
    DisplayText::new(text)
}
