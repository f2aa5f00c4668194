//! Effects as calls of the API's client, and its replies as answers.

use super::clock::Clock;
use super::effects::Api;
use crate::api::client::{Client, Located, Read};
use crate::app::action::{Answer, Effect, Failure, FailureKind, Outcome};
use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// The Panic API behind a profile, and in the demo the control side of its simulator.
#[derive(Debug)]
pub struct Remote {
    pub client: Client,
    pub control: Option<Control>,
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
            Effect::Abandon { .. } | Effect::Remember(_) | Effect::Traffic(_) => {
                Err(no_call("not a request"))
            }
        }
    }

    async fn token(&self) -> Option<SecretString> {
        self.client.held_token().await
    }
}

fn no_call(message: &str) -> Failure {
    Failure { kind: FailureKind::Forbidden, message: message.into(), retry_after: None }
}

/// The demo's simulator, asked for its clock over HTTP like everything else.
#[derive(Debug)]
pub struct Control {
    http: reqwest::Client,
    base: String,
    clock: Clock,
}

#[derive(Deserialize)]
struct ClockReply {
    now: Timestamp,
    speed: f64,
}

#[derive(Serialize)]
struct ClockOrder {
    speed: f64,
}

impl Control {
    /// `url` is the control API's base; `clock` will go with the simulator's.
    pub fn new(url: &str, clock: Clock) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build()?;
        Ok(Self { http, base: url.to_owned(), clock })
    }

    /// Sets our clock by the simulator's.
    pub async fn follow_clock(&self) -> Outcome {
        self.take(self.http.get(self.clock_url())).await
    }

    /// What the simulator's clock shows; ours stays as it is.
    pub async fn clock_shows(&self) -> Result<Timestamp, reqwest::Error> {
        let reply = self.http.get(self.clock_url()).send().await?.error_for_status()?;
        Ok(reply.json::<ClockReply>().await?.now)
    }

    /// Whether a callout is active in the world. In doubt, yes.
    pub async fn has_active_callout(&self) -> bool {
        let url = format!("{}/callouts?status=active", self.base);
        let active =
            async { self.http.get(&url).send().await?.error_for_status()?.json::<Vec<Value>>().await };
        active.await.map_or(true, |callouts| !callouts.is_empty())
    }

    async fn set_speed(&self, speed: f64) -> Outcome {
        self.take(self.http.post(self.clock_url()).json(&ClockOrder { speed })).await
    }

    fn clock_url(&self) -> String {
        format!("{}/clock", self.base)
    }

    async fn take(&self, request: reqwest::RequestBuilder) -> Outcome {
        let reply = async { request.send().await?.error_for_status()?.json::<ClockReply>().await }.await;
        match reply {
            Ok(ClockReply { now, speed }) => {
                self.clock.follow(now, speed);
                Ok(Answer::Clock { speed })
            }
            Err(error) => Err(Failure {
                kind: FailureKind::Unreachable,
                message: format!("the demo's clock did not answer: {}", error.without_url()).into(),
                retry_after: None,
            }),
        }
    }
}
