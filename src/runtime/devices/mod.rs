//! What the devices' screen has done: messages made by the device's template and sent by the API's own
//! operations, the same as `panic-console device` sends.

pub mod message;
pub mod roster;
mod wire;

use super::clock::Clock;
use super::control::Control;
use crate::api::client::Client;
use crate::api::client::devices::{DEVICE_EVENT, DEVICES, device_path};
use crate::app::action::{Answer, Failure, FailureKind, Outcome};
use crate::app::devices::model::{Device, Exchange, Kind, Resolved, Survey};
use crate::app::devices::{Order, Say, Told};
use crate::geo::Position;
use crate::sim::devices::{Action, Fault, Template, shipped};
use crate::text::DisplayText;
use message::{Linking, Saying};
use roster::Roster;
use serde::Serialize;
use std::sync::{Mutex, PoisonError};

/// The console's hands on devices.
#[derive(Debug)]
pub struct Devices {
    clock: Clock,
    /// The profile's own list, where no simulator has one.
    roster: Option<Roster>,
    /// As they were last seen.
    templates: Mutex<Vec<Template>>,
}

impl Devices {
    pub fn new(clock: Clock, roster: Option<Roster>) -> Self {
        Self { clock, roster, templates: Mutex::new(shipped().collect()) }
    }

    pub async fn carry_out(&self, order: Order, client: &Client, control: Option<&Control>) -> Outcome {
        let told = match order {
            Order::Survey => Told::Surveyed(Box::new(self.survey(control).await?)),
            Order::Link { template, serial, supplier, customer, alias } => {
                let template = self.template(&template, None)?;
                let given = |text: &DisplayText| (!text.is_empty()).then(|| text.to_string());
                let linking = Linking {
                    serial: serial.to_string(),
                    supplier: given(&supplier),
                    customer,
                    alias: given(&alias),
                    // Two templates may have one supplier; the one that was chosen is meant.
                    type_id: Some(template.type_id),
                    firmware: None,
                };
                self.link(client, &template, &linking).await
            }
            Order::Say { device, say, place, accuracy, level } => {
                let template = self.template(&device.template, device.type_id)?;
                self.say(client, &template, &device, (say, place, accuracy, level)).await
            }
            Order::Unlink { device } => self.unlink(client, &device).await?,
        };
        Ok(Answer::Devices(told))
    }

    async fn survey(&self, control: Option<&Control>) -> Result<Survey, Failure> {
        let Some(control) = control else { return self.own_list() };
        let survey = wire::survey(control).await?;
        let kinds = survey.templates.iter().map(kind).collect();
        *self.templates.lock().unwrap_or_else(PoisonError::into_inner) = survey.templates;
        Ok(Survey { now: survey.now, speed: survey.speed, devices: survey.devices, kinds })
    }

    fn own_list(&self) -> Result<Survey, Failure> {
        let listed = self.roster.as_ref().map_or(Ok(Vec::new()), Roster::devices);
        let devices = listed.map_err(|error| Failure {
            kind: FailureKind::Forbidden,
            message: format!("the profile's list of devices: {error}").into(),
            retry_after: None,
        })?;
        let templates = self.templates.lock().unwrap_or_else(PoisonError::into_inner);
        let kinds = templates.iter().map(kind).collect();
        Ok(Survey { now: self.clock.now(), speed: 1.0, devices, kinds })
    }

    /// By its name, else by its type.
    fn template(&self, name: &DisplayText, type_id: Option<i64>) -> Result<Template, Failure> {
        let templates = self.templates.lock().unwrap_or_else(PoisonError::into_inner);
        let named = templates.iter().find(|template| template.name == name.as_str());
        let typed = || templates.iter().find(|template| Some(template.type_id) == type_id);
        named.or_else(typed).cloned().ok_or_else(|| Failure {
            kind: FailureKind::Forbidden,
            message: "not sent: there is no template for this type of device any more".into(),
            retry_after: None,
        })
    }

    async fn link(&self, client: &Client, template: &Template, linking: &Linking) -> Told {
        let request = match message::link(template, linking) {
            Ok(request) => request,
            Err(fault) => return wrong(fault),
        };
        let sent = request.clone();
        let (sent, came) = match client.link_device(request).await {
            Ok((sent, reply)) => {
                let trouble = self.note(|roster| roster.linked(template, linking, &sent, &reply));
                let exchange = self.exchange(format!("POST {DEVICES}"), Some(&sent), None);
                return told(Exchange { came: Ok(message::linked(&sent, &reply)), ..exchange }, trouble);
            }
            Err(error) => (sent, Err(error.into())),
        };
        let exchange = self.exchange(format!("POST {DEVICES}"), Some(&sent), None);
        told(Exchange { came, ..exchange }, None)
    }

    async fn say(
        &self,
        client: &Client,
        template: &Template,
        device: &Device,
        (say, place, accuracy, level): (Say, Position, Option<f64>, f64),
    ) -> Told {
        let action = match say {
            Say::Press => Action::Callout,
            Say::Move(_) => Action::Location,
            Say::Cancel => Action::Cancel,
            Say::Battery(_) => Action::Battery,
        };
        let saying = Saying {
            action,
            device: device.id.as_str(),
            place: Some(place),
            accuracy,
            level: Some(level),
            sequence: None,
        };
        let message = match saying.message(template, self.clock.now()) {
            Ok(message) => message,
            Err(fault) => return wrong(fault),
        };
        let place = action.moves().then_some(place);
        let exchange = self.exchange(format!("POST {DEVICE_EVENT}"), Some(&message), place);
        match client.device_event(&message).await {
            Ok(reply) => {
                let resolved = message::resolved(&reply);
                let now = self.clock.now();
                let trouble = self.note(|roster| roster.heard(template, &saying, &resolved, now));
                told(Exchange { came: Ok(resolved), ..exchange }, trouble)
            }
            Err(error) => told(Exchange { came: Err(error.into()), ..exchange }, None),
        }
    }

    async fn unlink(&self, client: &Client, device: &DisplayText) -> Result<Told, Failure> {
        let path = device_path(device.as_str())?;
        let exchange = self.exchange(format!("DELETE {path}"), None::<&()>, None);
        Ok(match client.unlink_device(device.as_str()).await {
            Ok(()) => {
                let trouble = self.note(|roster| roster.unlinked(device.as_str()));
                let came = Ok(Resolved { device: Some(device.clone()), ..Resolved::default() });
                told(Exchange { came, ..exchange }, trouble)
            }
            Err(error) => told(Exchange { came: Err(error.into()), ..exchange }, None),
        })
    }

    /// Writes something into the profile's own list, if there is one; what went wrong with it.
    fn note(&self, write: impl FnOnce(&Roster) -> std::io::Result<()>) -> Option<DisplayText> {
        let error = write(self.roster.as_ref()?).err()?;
        tracing::error!(%error, "the profile's list of devices could not be kept");
        Some(format!("done, but the profile's list of devices cannot be kept: {error}").into())
    }

    fn exchange(&self, request: String, body: Option<&impl Serialize>, place: Option<Position>) -> Exchange {
        let sent = body.and_then(|body| serde_json::to_string(body).ok()).unwrap_or_default();
        let came = Ok(Resolved::default());
        Exchange { at: self.clock.now(), request: request.into(), sent: sent.into(), place, came }
    }
}

fn told(exchange: Exchange, trouble: Option<DisplayText>) -> Told {
    Told::Exchanged { exchange: Box::new(exchange), trouble }
}

fn wrong(fault: Fault) -> Told {
    Told::Wrong { field: fault.at.into(), why: fault.why.into() }
}

fn kind(template: &Template) -> Kind {
    Kind {
        name: template.name.as_str().into(),
        description: template.description.as_str().into(),
        type_id: template.type_id,
        suppliers: template.suppliers.iter().map(|supplier| supplier.as_str().into()).collect(),
    }
}

#[cfg(test)]
mod tests;
