//! Effects as calls of the API's client, and its replies as answers.

use super::control::Control;
use super::devices::Devices;
use super::effects::Api;
use crate::api::client::{Client, Located, Read};
use crate::app::action::{Answer, Effect, Failure, FailureKind, Outcome};
use secrecy::SecretString;

/// The Panic API behind a profile, and the control side of its simulator where it has one.
#[derive(Debug)]
pub struct Remote {
    pub client: Client,
    pub control: Option<Control>,
    pub devices: Devices,
}

impl Api for Remote {
    async fn call(&self, order: Effect) -> Outcome {
        let client = &self.client;
        match order {
            Effect::Raise { fix, .. } => Ok(Answer::Raised(Box::new(client.raise(fix).await?))),
            Effect::Fetch { callout, .. } => Ok(match client.read(&callout).await? {
                Read::Open(callout) => Answer::Read(Box::new(callout)),
                Read::Closed(last) => Answer::Closed(last.map(Box::new)),
            }),
            Effect::FindActive { .. } => Ok(Answer::Active(client.active().await?)),
            Effect::List { .. } => Ok(Answer::Active(client.active_of_source().await?)),
            Effect::SendLocation { callout, fix, .. } => {
                Ok(match client.update_location(&callout, fix).await? {
                    Located::Taken => Answer::Located,
                    Located::Closed(last) => Answer::Closed(last.map(Box::new)),
                })
            }
            Effect::SendMessage { callout, text, .. } => {
                Ok(Answer::Said(client.say(&callout, text.as_str()).await?))
            }
            Effect::SoftCancel { callout, .. } => {
                client.dismiss(&callout).await?;
                Ok(Answer::Dismissed)
            }
            Effect::Cancel { callout, safe_code, .. } => {
                client.cancel(&callout, safe_code.as_ref()).await?;
                Ok(Answer::Cancelled)
            }
            Effect::SetSpeed { speed, .. } => match &self.control {
                Some(control) => control.set_speed(speed).await,
                None => Err(no_call("only the demo's clock can be changed")),
            },
            Effect::Control { order, .. } => match &self.control {
                Some(control) => control.carry_out(order).await,
                None => Err(no_call("there is no control side that could be asked")),
            },
            Effect::Devices { order, .. } => {
                self.devices.carry_out(order, client, self.control.as_ref()).await
            }
            Effect::Abandon { .. }
            | Effect::LookAt { .. }
            | Effect::Notify { .. }
            | Effect::Remember(_)
            | Effect::Traffic(_) => Err(no_call("not a request")),
        }
    }

    async fn token(&self) -> Option<SecretString> {
        self.client.held_token().await
    }
}

fn no_call(message: &str) -> Failure {
    Failure { kind: FailureKind::Forbidden, message: message.into(), retry_after: None }
}
