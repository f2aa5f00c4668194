//! What may be said to `panic-console device`.

use crate::geo::Position;
use clap::{Args, Subcommand};
use secrecy::SecretString;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples, against `panic-console serve` on this machine:
  panic-console device link --url http://127.0.0.1:3005 --customer 1002 --serial SN-0001-A1B2C3D4
  panic-console device press --url http://127.0.0.1:3005 --serial SN-0001-A1B2C3D4 --at=-26.1091,28.083
  panic-console device battery --url http://127.0.0.1:3005 --serial SN-0001-A1B2C3D4 --battery 72

Against a profile of the config, whose customer and place are taken:
  panic-console device link --profile staging --serial SN-0001-A1B2C3D4
  panic-console device press --profile staging --serial SN-0001-A1B2C3D4

A raw Sigfox uplink, as the message would go out:
  panic-console device press --template sigfox-button --serial SIGFOX-BTN-1A2B3C \\
      --at=-26.1091,28.083 --battery 88 --dry-run";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct DeviceArgs {
    #[command(subcommand)]
    pub command: DeviceCommand,
}

#[derive(Debug, Subcommand)]
pub enum DeviceCommand {
    /// Link a device to a customer
    Link(LinkArgs),
    /// Press the button: a new callout, REAL, or the one that is active already
    #[command(after_help = "\
A press raises a REAL callout: a device knows no test. Beyond this machine the word REAL has to be
typed out; where there is no terminal to type it into, --yes-real says that it is meant.")]
    Press(EventArgs),
    /// Move the device's active callout to another place
    Move(EventArgs),
    /// Cancel the device's active callout
    Cancel(EventArgs),
    /// Tell how full the battery is
    Battery(EventArgs),
    /// Take the device from its customer
    Unlink(UnlinkArgs),
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub struct ServerArgs {
    /// Environment to talk to: a profile of the config
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Config file to read instead of the usual one
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A server to talk to instead of a profile, such as the `url` that `serve` prints
    #[arg(long, value_name = "URL", conflicts_with = "profile")]
    pub url: Option<String>,
    /// The API's clientId for --url; without it the one that `serve` has by itself
    #[arg(long, value_name = "ID", requires = "url")]
    pub client_id: Option<String>,
    /// The API's clientSecret for --url
    #[arg(
        long,
        value_name = "SECRET",
        value_parser = secret,
        env = "PANIC_DEVICE_CLIENT_SECRET",
        hide_env_values = true
    )]
    pub client_secret: Option<SecretString>,
    /// Send nothing
    #[arg(long)]
    pub read_only: bool,
    /// Meant on production and other machines too: do not ask (a press needs --yes-real)
    #[arg(long)]
    pub yes: bool,
    /// Print what was sent and what came back as JSON
    #[arg(long)]
    pub json: bool,
    /// Print the message as it would go out, and send nothing
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, Args)]
pub struct TemplateArgs {
    /// Device template: the name of a shipped one (example-devices, sigfox-button), or a file
    #[arg(long, value_name = "NAME|FILE")]
    pub template: Option<String>,
    /// The API's type id, where it is not the template's
    #[arg(long = "type", value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
    pub type_id: Option<i64>,
}

#[derive(Debug, Args)]
pub struct LinkArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(flatten)]
    pub template: TemplateArgs,
    /// The serial that is printed on the device
    #[arg(long)]
    pub serial: String,
    /// Whose devices these are; without it the template's own
    #[arg(long, value_name = "NAME")]
    pub supplier: Option<String>,
    /// Whom to link it to; without it the profile's customer
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
    pub customer: Option<i64>,
    /// What the customer calls it
    #[arg(long, value_name = "TEXT")]
    pub alias: Option<String>,
    #[arg(long, value_name = "VERSION")]
    pub firmware: Option<String>,
}

/// Which device it is.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct WhichArgs {
    /// The serial that is printed on the device; its id is taken out of it by the template
    #[arg(long)]
    pub serial: Option<String>,
    /// The deviceId that the link's reply told
    #[arg(long, value_name = "ID")]
    pub device_id: Option<String>,
}

#[derive(Debug, Args)]
pub struct EventArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(flatten)]
    pub template: TemplateArgs,
    #[command(flatten)]
    pub which: WhichArgs,
    /// Where it is; without it the profile's place
    #[arg(long, value_name = "LAT,LNG", value_parser = position, allow_hyphen_values = true)]
    pub at: Option<Position>,
    /// How exact that is
    #[arg(long, value_name = "METRES", value_parser = metres, allow_hyphen_values = true)]
    pub accuracy: Option<f64>,
    /// How full the battery is, from 0 to 100
    #[arg(long, value_name = "PERCENT", value_parser = percent, allow_hyphen_values = true)]
    pub battery: Option<f64>,
    /// The device's own counter; without it one that goes on with the time
    #[arg(long, value_name = "N")]
    pub sequence: Option<u32>,
    /// A REAL callout beyond this machine is meant
    #[arg(long)]
    pub yes_real: bool,
}

#[derive(Debug, Args)]
pub struct UnlinkArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(flatten)]
    pub template: TemplateArgs,
    #[command(flatten)]
    pub which: WhichArgs,
}

fn secret(given: &str) -> Result<SecretString, &'static str> {
    if given.trim().is_empty() { Err("must not be empty") } else { Ok(given.into()) }
}

fn position(given: &str) -> Result<Position, &'static str> {
    let (latitude, longitude) = given.split_once(',').ok_or("not LAT,LNG, as -26.1091,28.083")?;
    let number = |text: &str| text.trim().parse::<f64>().map_err(|_| "not LAT,LNG, as -26.1091,28.083");
    Position::new(number(latitude)?, number(longitude)?).ok_or("not a place on the earth")
}

fn metres(given: &str) -> Result<f64, &'static str> {
    let metres: f64 = given.parse().map_err(|_| "not a number")?;
    if metres.is_finite() && metres >= 0.0 { Ok(metres) } else { Err("not a distance") }
}

fn percent(given: &str) -> Result<f64, &'static str> {
    let percent: f64 = given.parse().map_err(|_| "not a number")?;
    if (0.0..=100.0).contains(&percent) { Ok(percent) } else { Err("not from 0 to 100") }
}
