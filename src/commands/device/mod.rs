//! `panic-console device`: acts as an IoT device.

mod args;
pub(super) mod target;

pub use args::{DeviceArgs, DeviceCommand, ServerArgs};

use super::{DONE, Usage, ask, print, tell};
use crate::api::client::devices::{DEVICE_EVENT, DEVICES, device_path};
use crate::api::model::Id;
use crate::api::model::device::{DeviceEventReply, LinkDevice};
use crate::geo::Position;
use crate::runtime::clock::Clock;
use crate::runtime::devices::message::{self, Linking, Saying};
use crate::runtime::devices::roster::Roster;
use crate::sim::devices::{Action, Template};
use crate::text::DisplayText;
use anyhow::{Context, bail};
use args::{EventArgs, LinkArgs, UnlinkArgs, WhichArgs};
use serde_json::{Value, json};
use std::io::{self, Write};
use target::{Server, template};

/// What has to be typed before a callout is raised beyond this machine.
const WORD: &str = "REAL";

pub fn run(args: &DeviceArgs) -> anyhow::Result<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match &args.command {
        DeviceCommand::Link(args) => runtime.block_on(link(args))?,
        DeviceCommand::Press(args) => runtime.block_on(event(Action::Callout, args))?,
        DeviceCommand::Move(args) => runtime.block_on(event(Action::Location, args))?,
        DeviceCommand::Cancel(args) => runtime.block_on(event(Action::Cancel, args))?,
        DeviceCommand::Battery(args) => runtime.block_on(event(Action::Battery, args))?,
        DeviceCommand::Unlink(args) => runtime.block_on(unlink(args))?,
    }
    Ok(DONE)
}

async fn link(args: &LinkArgs) -> anyhow::Result<()> {
    let template = template(&args.template, args.supplier.as_deref())?;
    let linking = Linking {
        serial: args.serial.clone(),
        supplier: args.supplier.clone(),
        customer: args.customer,
        alias: args.alias.clone(),
        type_id: args.template.type_id,
        firmware: args.firmware.clone(),
    };
    let request = message::link(&template, &linking).map_err(|fault| {
        let flag = if fault.at == "deviceSupplier" { "--supplier" } else { "--serial" };
        Usage(format!("{flag}: {fault}"))
    })?;
    let Some(server) = ready(&args.server)? else {
        return show(&args.server, "POST", DEVICES, Some(&json!(request)), None);
    };
    if args.server.dry_run {
        let known = server.connection.customer.id.map(Id::from);
        let customer_id = args.customer.map(Id::from).or(known).into();
        let request = LinkDevice { customer_id, ..request };
        return show(&args.server, "POST", DEVICES, Some(&json!(request)), Some(&server));
    }
    let whose = args.customer.or(server.connection.customer.id);
    if whose.is_none() && server.connection.customer.mobile.is_empty() {
        return Err(Usage("--customer is needed with --url".to_owned()).into());
    }
    confirm_write(&server, &args.server, "links a device to a customer")?;
    let (sent, linked) = server.client()?.link_device(request).await?;
    note(&server, |roster| roster.linked(&template, &linking, &sent, &linked));
    if args.server.json {
        return print_json(&json!({ "sent": sent, "reply": linked }));
    }
    let id = linked.device_id.map_or_else(|| "not told".to_owned(), |id| clean(&id.to_string()));
    let type_id = linked.device_type_id.map_or_else(|| "not told".to_owned(), |id| id.to_string());
    let customer = sent.customer_id.value().map_or_else(String::new, ToString::to_string);
    print(&format!(
        "sent      link of serial {} to customer {}\nresolved  deviceId {id}, type {type_id}\n",
        clean(&args.serial),
        clean(&customer),
    ))?;
    Ok(())
}

async fn event(action: Action, args: &EventArgs) -> anyhow::Result<()> {
    let template = template(&args.template, None)?;
    let device = device_id(&args.which, &template)?;
    let server = ready(&args.server)?;
    let saying = saying(action, args, &device, server.as_ref())?;
    let now = Clock::wall().now();
    let message = saying.message(&template, now).map_err(|fault| Usage(fault.to_string()))?;
    let Some(server) = server.filter(|_| !args.server.dry_run) else {
        return show(&args.server, "POST", DEVICE_EVENT, Some(&message), None);
    };
    match action {
        Action::Callout => confirm_real(&server, args.yes_real)?,
        Action::Location => confirm_write(&server, &args.server, "moves the device's callout")?,
        Action::Cancel => confirm_write(&server, &args.server, "cancels the device's callout")?,
        Action::Battery => confirm_write(&server, &args.server, "tells the device's battery")?,
    }
    let reply = server.client()?.device_event(&message).await?;
    note(&server, |roster| roster.heard(&template, &saying, &message::resolved(&reply), now));
    if args.server.json {
        return print_json(&json!({ "sent": message, "reply": reply }));
    }
    let what = match action {
        Action::Callout => "a press",
        Action::Location => "a place",
        Action::Cancel => "a cancel",
        Action::Battery => "the battery",
    };
    print(&format!(
        "sent      {what} of device {} (type {}, template {})\nresolved  {}\n",
        clean(&device),
        template.type_id,
        template.name,
        resolved(&reply),
    ))?;
    Ok(())
}

async fn unlink(args: &UnlinkArgs) -> anyhow::Result<()> {
    let device = device_id(&args.which, &template(&args.template, None)?)?;
    let path = device_path(&device)?;
    let server = ready(&args.server)?;
    let Some(server) = server.filter(|_| !args.server.dry_run) else {
        return show(&args.server, "DELETE", &path, None, None);
    };
    confirm_write(&server, &args.server, "takes a device from its customer")?;
    server.client()?.unlink_device(&device).await?;
    note(&server, |roster| roster.unlinked(&device));
    if args.server.json {
        return print_json(&json!({ "unlinked": device }));
    }
    print(&format!("sent      unlink of device {}\nresolved  unlinked\n", clean(&device)))?;
    Ok(())
}

/// The server, if it may be written to.
fn ready(args: &ServerArgs) -> anyhow::Result<Option<Server>> {
    let server = Server::named_by(args)?;
    let refused = server.as_ref().is_some_and(|server| server.connection.read_only) && !args.dry_run;
    if refused {
        return Err(Usage("read-only: a device would change something; nothing was sent".to_owned()).into());
    }
    Ok(server)
}

fn device_id(which: &WhichArgs, template: &Template) -> anyhow::Result<String> {
    match (&which.serial, &which.device_id) {
        (_, Some(id)) => Ok(id.clone()),
        (Some(serial), None) => {
            template.device_id(serial).map_err(|fault| Usage(format!("--serial: {fault}")).into())
        }
        (None, None) => bail!(Usage("--serial or --device-id is needed".to_owned())),
    }
}

/// What the device says: of the command line, and of the profile where that says nothing.
fn saying<'a>(
    action: Action,
    args: &EventArgs,
    device: &'a str,
    server: Option<&Server>,
) -> anyhow::Result<Saying<'a>> {
    let place = server.and_then(|server| server.place);
    let at: Option<Position> = args.at.or(place.map(|(position, _)| position));
    if action.moves() && at.is_none() {
        return Err(Usage("--at is needed: no profile says where it is".to_owned()).into());
    }
    if action == Action::Battery && args.battery.is_none() {
        return Err(Usage("--battery is needed".to_owned()).into());
    }
    // The profile's accuracy is that of its own place.
    let of_profile = place.map(|(_, accuracy)| accuracy).filter(|_| args.at.is_none());
    Ok(Saying {
        action,
        device,
        place: at,
        accuracy: args.accuracy.or(of_profile),
        level: args.battery,
        sequence: args.sequence,
    })
}

/// A responder may be sent. Beyond this machine somebody has to say so in so many letters.
fn confirm_real(server: &Server, said: bool) -> anyhow::Result<()> {
    if said || server.is_this_machine() {
        return Ok(());
    }
    let host = server.host();
    if !ask::is_possible() {
        let why = "there is no terminal to type the word into; --yes-real says that it is meant";
        return Err(Usage(format!("a press raises a REAL callout at {host}: {why}")).into());
    }
    tell(&format!("This raises a REAL callout at {host}: a responder may be sent."));
    let _ = write!(io::stderr(), "Type {WORD} to go on: ");
    let mut line = String::new();
    io::stdin().read_line(&mut line).context("cannot read the answer")?;
    if line.trim() == WORD { Ok(()) } else { bail!("not raised: {WORD} was not typed; nothing was sent") }
}

/// Production, and what may be it under another name, asks before each write.
fn confirm_write(server: &Server, args: &ServerArgs, what: &str) -> anyhow::Result<()> {
    if args.yes || !server.environment.asks_first() {
        return Ok(());
    }
    let host = server.host();
    if !ask::is_possible() {
        let why = "there is no terminal to ask in; --yes says that it is meant";
        return Err(Usage(format!("this {what} at {host}: {why}")).into());
    }
    let agreed = ask::yes(&format!("This {what} at {host}. Go on?")).context("cannot read the answer")?;
    if agreed { Ok(()) } else { bail!("the answer was no; nothing was sent") }
}

/// The console of the profile shows what was done here, where no simulator lists it.
fn note(server: &Server, write: impl FnOnce(&Roster) -> io::Result<()>) {
    if let Some(Err(error)) = server.roster.as_ref().map(write) {
        tell(&format!("warning: the profile's list of devices cannot be kept: {error}"));
    }
}

fn resolved(reply: &DeviceEventReply) -> String {
    let told = message::resolved(reply);
    let name = match told.event.as_str() {
        "" => "nothing that the reply tells",
        event => event,
    };
    let level = told.battery.map(|level| format!("battery {level} %"));
    match told.callout.map(|callout| format!("callout {callout}")).or(level) {
        Some(what) => format!("{name}: {what}"),
        None => name.to_owned(),
    }
}

/// The message of a dry run: on stdout alone, so that it can be piped on.
fn show(
    args: &ServerArgs,
    method: &str,
    path: &str,
    body: Option<&Value>,
    server: Option<&Server>,
) -> anyhow::Result<()> {
    if args.json {
        return print_json(&json!({ "method": method, "path": path, "body": body }));
    }
    let base = server.map_or("", |server| server.connection.base_url.as_str());
    tell(&format!("not sent: {method} {base}{path}"));
    body.map_or(Ok(()), |body| print(&format!("{body}\n")))?;
    Ok(())
}

fn print_json(value: &Value) -> anyhow::Result<()> {
    Ok(print(&format!("{value}\n"))?)
}

/// What a server or a file says may hold anything.
fn clean(text: &str) -> String {
    DisplayText::new(text).to_string()
}
