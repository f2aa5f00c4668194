//! The client of the control side of a simulator: its clock, its callouts, its vehicles. AURA's own
//! hosts have no such side that anybody but their portal may use, and are refused here once more.

mod wire;

use super::clock::Clock;
use crate::api::Observer;
use crate::api::error::{ApiError, message_of};
use crate::api::transport::{Reply, Request, Transport};
use crate::api::trust::Authorities;
use crate::app::action::{Answer, Failure, FailureKind, Outcome};
use crate::app::callout::CalloutId;
use crate::app::control::model::{Case, Company, Step, Survey, Vehicle};
use crate::app::control::{Order, Taken, Told};
use crate::text::DisplayText;
use crate::traffic::Side;
use jiff::Timestamp;
use reqwest::{Method, Url};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(5);
/// All callouts with their chats and routes are more than any one reply of the API.
const LARGEST_BODY: usize = 32 * 1024 * 1024;
/// Whose hosts are played in the portal, and never from here.
const PORTAL: &str = "aura.services";

pub struct Control {
    transport: Transport,
    token: Option<SecretString>,
    clock: Clock,
    read_only: bool,
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Control({:?})", self.transport)
    }
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
    /// `url` is the control side's base; `clock` is ours, which can be made to go with the simulator's.
    pub fn new(url: &str, clock: Clock) -> Result<Self, ApiError> {
        if is_aura(url) {
            let why = "the control room of AURA's own hosts is the Responder Simulator in AURA's portal";
            return Err(ApiError::Settings(why.to_owned()));
        }
        let transport = Transport::new(url, CONNECT_TIMEOUT, TOTAL_TIMEOUT, true)?.taking(LARGEST_BODY);
        Ok(Self { transport, token: None, clock, read_only: false })
    }

    #[must_use]
    pub fn with_token(self, token: Option<SecretString>) -> Self {
        Self { token, ..self }
    }

    /// Tells of every write but those of the clock. The looks, four requests each two seconds, would hide what matters.
    #[must_use]
    pub fn observed_by(mut self, observer: Arc<dyn Observer>) -> Self {
        self.transport.observed_by(observer, Side::Control);
        self
    }

    /// Believes these authorities besides the system's.
    #[must_use]
    pub fn trusting(self, ca: Option<Authorities>) -> Self {
        Self { transport: self.transport.trusting(ca), ..self }
    }

    /// Refuses every write, whoever asks for it.
    #[must_use]
    pub fn read_only(self, read_only: bool) -> Self {
        Self { read_only, ..self }
    }

    /// Sets our clock by the simulator's.
    pub async fn follow_clock(&self) -> Outcome {
        let reply = self.get("read the demo's clock", "/clock").await?;
        self.follow(&reply)
    }

    /// What the simulator's clock shows; ours stays as it is.
    pub async fn clock_shows(&self) -> Result<Timestamp, Failure> {
        let reply = self.get("read the demo's clock", "/clock").await?;
        Ok(read::<ClockReply>(&reply)?.now)
    }

    /// What the simulator's clock shows, and how fast it goes.
    pub(super) async fn clock(&self, what: &'static str) -> Result<(Timestamp, f64), Failure> {
        let ClockReply { now, speed } = self.read(what, "/clock").await?;
        Ok((now, speed))
    }

    /// Something that is read below the control side's base.
    pub(super) async fn read<T: DeserializeOwned>(
        &self,
        what: &'static str,
        path: &str,
    ) -> Result<T, Failure> {
        read(&self.get(what, path).await?)
    }

    /// Whether a callout is active in the world. In doubt, yes.
    pub async fn has_active_callout(&self) -> bool {
        let active = async {
            let reply = self.get("look for an active callout", "/callouts?status=active").await?;
            read::<Vec<Value>>(&reply)
        };
        active.await.map_or(true, |callouts| !callouts.is_empty())
    }

    pub async fn set_speed(&self, speed: f64) -> Outcome {
        let what = "change the demo's clock";
        // How fast the demo goes is no part of what an integration sees.
        let request = Request::new(what, Method::POST, "/clock").with(&ClockOrder { speed })?.quietly();
        let reply = self.exchange(request).await?;
        self.follow(&reply)
    }

    fn follow(&self, reply: &Reply) -> Outcome {
        let ClockReply { now, speed } = read(reply)?;
        self.clock.follow(now, speed);
        Ok(Answer::Clock { speed })
    }

    pub async fn carry_out(&self, order: Order) -> Outcome {
        let told = match order {
            Order::Survey { since } => Told::Surveyed(Box::new(self.survey(since).await?)),
            Order::Step { callout, step } => {
                let request = Request::new("take the step", Method::POST, below(&callout, "steps"));
                Told::Case(Box::new(self.case(request.with(&step_body(&step))?).await?))
            }
            Order::Say { callout, text } => {
                let request = Request::new("send the message", Method::POST, below(&callout, "comments"));
                Told::Case(Box::new(self.case(request.with(&json!({ "message": text }))?).await?))
            }
            Order::Place { name, callsign, demo, at } => {
                let body = json!({
                    "name": name, "callsign": callsign, "demo": demo, "position": at,
                    "vehicleMake": "Toyota", "vehicleModel": "Hilux", "vehicleColour": "White",
                });
                let request = Request::new("place the vehicle", Method::POST, "/responders").with(&body)?;
                Told::Vehicle(Box::new(self.vehicle(request).await?))
            }
            Order::Move { vehicle, to } => {
                let request = patch("move the vehicle", vehicle).with(&json!({ "position": to }))?;
                Told::Vehicle(Box::new(self.vehicle(request).await?))
            }
            Order::Switch { vehicle, on } => {
                let request = patch("switch the vehicle", vehicle).with(&json!({ "active": on }))?;
                Told::Vehicle(Box::new(self.vehicle(request).await?))
            }
        };
        Ok(Answer::Control(told))
    }

    async fn survey(&self, since: Option<Timestamp>) -> Result<Survey, Failure> {
        let what = "look at the control room";
        let callouts =
            since.map_or_else(|| "/callouts".to_owned(), |since| format!("/callouts?updatedSince={since}"));
        let (clock, callouts, vehicles, companies) = tokio::try_join!(
            self.get(what, "/clock"),
            self.get(what, &callouts),
            self.get(what, "/responders"),
            self.get(what, "/suppliers"),
        )?;
        let ClockReply { now, speed } = read(&clock)?;
        // One that cannot be understood costs itself, not the others.
        Ok(Survey {
            now,
            speed,
            whole: since.is_none(),
            cases: read::<Vec<wire::Callout>>(&callouts)?.into_iter().filter_map(Case::from_wire).collect(),
            vehicles: read::<Vec<wire::Responder>>(&vehicles)?
                .iter()
                .filter_map(Vehicle::from_wire)
                .collect(),
            companies: read::<Vec<wire::Supplier>>(&companies)?
                .iter()
                .filter_map(Company::from_wire)
                .collect(),
        })
    }

    async fn case(&self, request: Request) -> Result<Case, Failure> {
        let reply = self.write(request).await?;
        Case::from_wire(read(&reply)?).ok_or_else(|| unreadable(&reply, "it is no callout"))
    }

    async fn vehicle(&self, request: Request) -> Result<Vehicle, Failure> {
        let reply = self.write(request).await?;
        Vehicle::from_wire(&read(&reply)?).ok_or_else(|| unreadable(&reply, "it is no vehicle"))
    }

    async fn get(&self, what: &'static str, path: &str) -> Result<Reply, Failure> {
        self.exchange(Request::new(what, Method::GET, path).quietly()).await
    }

    async fn write(&self, request: Request) -> Result<Reply, Failure> {
        if self.read_only {
            return Err(ApiError::ReadOnly { what: request.what }.into());
        }
        self.exchange(request).await
    }

    async fn exchange(&self, request: Request) -> Result<Reply, Failure> {
        let sent = AtomicBool::new(false);
        let reply = self.transport.send(&request, self.token.as_ref(), self.clock.now(), &sent).await?;
        if (200..300).contains(&reply.status) { Ok(reply) } else { Err(refusal(&reply)) }
    }
}

fn is_aura(url: &str) -> bool {
    let url = Url::parse(url).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default().trim_end_matches('.');
    host == PORTAL || host.ends_with(".aura.services")
}

fn below(callout: &CalloutId, what: &str) -> String {
    format!("/callouts/{callout}/{what}")
}

fn patch(what: &'static str, vehicle: u64) -> Request {
    Request::new(what, Method::PATCH, format!("/responders/{vehicle}"))
}

fn read<T: DeserializeOwned>(reply: &Reply) -> Result<T, Failure> {
    serde_json::from_slice(&reply.body).map_err(|_| unreadable(reply, "it is not what a simulator sends"))
}

fn unreadable(reply: &Reply, why: &str) -> Failure {
    let message = format!("could not {}: the reply cannot be read: {why}", reply.what);
    Failure { kind: FailureKind::Unreadable, message: message.into(), retry_after: None }
}

/// The simulator's own words, and with a 409 what is possible instead.
fn refusal(reply: &Reply) -> Failure {
    let said = message_of(reply.status, &reply.body);
    let said = said.as_str().trim_end_matches('.');
    let (kind, message) = match reply.status {
        401 => (FailureKind::Unauthorized, format!("{said}: see control_token of the profile")),
        404 => (FailureKind::NotFound, format!("{said}: is there a simulator's control side?")),
        409 => (FailureKind::Refused, with_allowed(said, &reply.body)),
        429 => (FailureKind::TooMany, said.to_owned()),
        500.. => (FailureKind::Server, said.to_owned()),
        _ => (FailureKind::Refused, said.to_owned()),
    };
    Failure { kind, message: DisplayText::from(message), retry_after: reply.retry_after }
}

fn with_allowed(said: &str, body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct NotAllowed {
        allowed: Vec<String>,
    }
    let allowed = serde_json::from_slice::<NotAllowed>(body).map(|body| body.allowed).unwrap_or_default();
    let known: Vec<&str> = allowed.iter().filter_map(|name| Step::named(name)).map(Step::name).collect();
    if known.is_empty() || said.contains("possible: ") {
        return said.to_owned();
    }
    format!("{said}; possible: {}", known.join(", "))
}

fn step_body(step: &Taken) -> Value {
    let name = step.step().name();
    match step {
        Taken::Plain(_) => json!({ "step": name }),
        Taken::Dispatch { responder } | Taken::Decline { responder } => {
            json!({ "step": name, "responderId": responder })
        }
        Taken::DispatchManually { supplier } => json!({ "step": name, "supplierId": supplier }),
        Taken::Complete(outcome) => json!({
            "step": name,
            "anyInjuries": outcome.any_injuries,
            "customerHappy": outcome.customer_happy,
            "followUpRequired": outcome.follow_up_required,
        }),
        Taken::Close { incident } => json!({ "step": name, "incidentDetails": incident }),
    }
}

#[cfg(test)]
mod tests;
