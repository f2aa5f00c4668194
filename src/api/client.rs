//! The calls. Each is a single attempt: when to try again is the reducer's arithmetic. The one
//! exception is a token that was refused, which is renewed once.

mod connection;
pub mod devices;
mod people;

pub use connection::{Connection, Credentials, CustomerSetup, UserCredentials};
pub use people::{Reached, Registered, is_registered, keep_customer, kept_customer};

use super::customer::{self, Customers};
use super::decode::{
    self, DecodeError, decode_comments, decode_duress, decode_handling, decode_named, decode_sent,
};
use super::error::ApiError;
use super::kept::{KeptFile, Owner};
use super::model::request::{Cancel, Coordinates, CreateCallout, LocationUpdate, SendComment, SendEvent};
use super::observed::Observer;
use super::token::{Asking, Tokens};
use super::transport::{Reply, Request, Transport};
use super::{v1, v2};
use crate::app::action::SafeCode;
use crate::app::callout::{Callout, CalloutId, Comment, Fix};
use crate::app::state::Dialect;
use crate::traffic::Side;
use jiff::Timestamp;
use reqwest::Method;
use secrecy::SecretString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where the time comes from: tests turn it by hand, the demo runs it faster.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What a read found.
#[derive(Clone, Debug, PartialEq)]
pub enum Read {
    Open(Callout),
    /// Closed, by its status or by a 285, whose body may lack the callout.
    Closed(Option<Callout>),
}

/// What update-and-return found; the same as a read.
pub type LocatedCallout = Read;

/// What became of a location update.
#[expect(clippy::large_enum_variant, reason = "a return value that lives for one match")]
#[derive(Clone, Debug, PartialEq)]
pub enum Located {
    Taken,
    /// 285: refused because the callout is closed; its last state, if the body held it.
    Closed(Option<Callout>),
}

pub struct Client {
    connection: Connection,
    clock: Clock,
    transport: Transport,
    tokens: Tokens,
    customers: Customers,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("connection", &self.connection).finish_non_exhaustive()
    }
}

/// How the routes and the chat are asked for. Documented for v1; v2 servers that do not know it ignore
/// it.
const WITH_ALL: &str = "?shouldIncludeRoute=true&shouldIncludeEvents=true";

impl Client {
    /// Cheap: no file is read and no certificate loaded before the first call.
    pub fn new(connection: Connection, clock: Clock) -> Result<Self, ApiError> {
        let Connection { base_url, connect_timeout, total_timeout, proxy, .. } = &connection;
        let transport = Transport::new(base_url, *connect_timeout, *total_timeout, *proxy)?;
        let transport = transport.trusting(connection.ca.clone());
        let kept = |path: &PathBuf, person: Option<&str>| {
            let owner = Owner {
                realm: connection.realm.as_deref().unwrap_or(base_url.trim_end_matches('/')).to_owned(),
                client_id: connection.credentials.client_id.clone(),
                person: person.map(str::to_owned),
            };
            KeptFile::new(path.clone(), owner)
        };
        let email = connection.credentials.user.as_ref().map(|user| user.email.as_str());
        let tokens = Tokens::new(connection.token_file.as_ref().map(|path| kept(path, email)));
        let mobile = Some(connection.customer.mobile.as_str());
        let customer_file = connection.customer_file.as_ref().map(|path| kept(path, mobile));
        let customers = Customers::new(connection.customer.id, customer_file);
        Ok(Self { connection, clock, transport, tokens, customers })
    }

    /// Tells of every exchange, those for a token included, with secrets masked.
    #[must_use]
    pub fn observed_by(mut self, observer: Arc<dyn Observer>) -> Self {
        self.transport.observed_by(observer, Side::Api);
        self
    }

    /// The token in use, if there is one: for a person who asked to have it.
    pub async fn held_token(&self) -> Option<SecretString> {
        self.tokens.held().await
    }

    /// Opens a callout, or gives the one that the customer already has.
    ///
    /// v2 makes sure of the customer first. A kept customer that the server has lost (404) is created
    /// anew, once; one that the profile names is not.
    pub async fn raise(&self, fix: Fix) -> Result<Callout, ApiError> {
        const WHAT: &str = "raise the callout";
        self.refuse_if_read_only(WHAT)?;
        if self.connection.dialect == Dialect::V1 {
            let request = Request::new(WHAT, Method::POST, "/callouts").with(&self.creation_v1(fix))?;
            let reply = self.call(&request).await?.success()?;
            return v1::decode_created(&reply.body).map_err(|error| reply.unreadable(error));
        }
        let customer = self.customer().await?;
        match self.raise_for(WHAT, customer, fix).await {
            Err(ApiError::Status { status: 404, .. }) if !self.customers.is_given() => {
                self.customers.forget(customer).await;
                self.raise_for(WHAT, self.customer().await?, fix).await
            }
            raised => raised,
        }
    }

    async fn raise_for(&self, what: &'static str, customer: i64, fix: Fix) -> Result<Callout, ApiError> {
        let path = format!("/customers/{customer}/callouts");
        let request = Request::new(what, Method::POST, path).with(&self.creation_v2(fix))?;
        let reply = self.call(&request).await?.success()?;
        v2::decode_created(&reply.body).map_err(|error| reply.unreadable(error))
    }

    /// The callout with its route and its chat.
    ///
    /// v2 tells the chat by a request of its own. That one failing costs the chat of this reading
    /// (`comments` is `None`), never the callout.
    pub async fn read(&self, id: &CalloutId) -> Result<Read, ApiError> {
        const WHAT: &str = "read the callout";
        let request = Request::new(WHAT, Method::GET, format!("/callouts/{id}{WITH_ALL}"));
        if self.connection.dialect == Dialect::V1 {
            return self.found(self.call(&request).await?);
        }
        let (reply, stream) = tokio::join!(self.call(&request), self.event_stream(id));
        let mut read = self.found(reply?)?;
        let (Read::Open(callout) | Read::Closed(Some(callout))) = &mut read else { return Ok(read) };
        let Ok(stream) = stream else { return Ok(read) };
        if let Ok(events) = decode_comments(&stream.body) {
            callout.comments = Some(merged(callout.comments.take().unwrap_or_default(), events));
        }
        callout.duress |= decode_duress(&stream.body);
        if let Ok(handling) = decode_handling(&stream.body) {
            let times = &mut callout.times;
            times.acknowledged = times.acknowledged.or(handling.acknowledged);
            times.owned = times.owned.or(handling.owned);
            times.verified = times.verified.or(handling.verified);
        }
        Ok(read)
    }

    /// The active callouts of this profile's customer; none while no customer is known, since those of
    /// the whole source are other people's. v1 documents no such list: none where the server has none.
    pub async fn active(&self) -> Result<Vec<Callout>, ApiError> {
        const WHAT: &str = "find active callouts";
        let of_source = Request::new(WHAT, Method::GET, "/callouts/activeCallouts");
        if self.connection.dialect == Dialect::V1 {
            let reply = self.call(&of_source).await?;
            // Where that path is not known, its last part may be taken for the id of a callout.
            if matches!(reply.status, 400 | 404) {
                return Ok(Vec::new());
            }
            let reply = reply.success()?;
            let mobile = &self.connection.customer.mobile;
            return v1::decode_callouts(&reply.body, mobile).map_err(|error| reply.unreadable(error));
        }
        let Some(customer) = self.customers.known().await else { return Ok(Vec::new()) };
        let request = Request::new(WHAT, Method::GET, format!("/customers/{customer}/callouts"));
        let reply = self.call(&request).await?;
        if reply.status != 404 {
            let reply = reply.success()?;
            return v2::decode_callouts(&reply.body, None).map_err(|error| reply.unreadable(error));
        }
        // No page documents that list: a server without it has the one of the whole source.
        let reply = self.call(&of_source).await?.success()?;
        v2::decode_callouts(&reply.body, Some(customer)).map_err(|error| reply.unreadable(error))
    }

    /// All that are active, of the whole customer source. v1 documents no such list.
    pub async fn active_of_source(&self) -> Result<Vec<Callout>, ApiError> {
        const WHAT: &str = "list the active callouts";
        if self.connection.dialect == Dialect::V1 {
            return Err(ApiError::Unsupported { what: WHAT, why: "v1 has no such list" });
        }
        let request = Request::new(WHAT, Method::GET, "/callouts/activeCallouts");
        let reply = self.call(&request).await?.success()?;
        v2::decode_callouts(&reply.body, None).map_err(|error| reply.unreadable(error))
    }

    pub async fn update_location(&self, id: &CalloutId, fix: Fix) -> Result<Located, ApiError> {
        const WHAT: &str = "update the location";
        self.refuse_if_read_only(WHAT)?;
        let request = Request::new(WHAT, Method::POST, format!("/callouts/{id}/location"));
        let reply = self.call(&request.with(&LocationUpdate::from(fix))?).await?;
        if reply.is_closed() {
            return Ok(Located::Closed(self.last_state(&reply)));
        }
        reply.success().map(|_| Located::Taken)
    }

    /// v2: both in one, meant for polling.
    pub async fn update_location_and_return(
        &self,
        id: &CalloutId,
        fix: Fix,
    ) -> Result<LocatedCallout, ApiError> {
        const WHAT: &str = "update the location and read the callout";
        self.refuse_if_read_only(WHAT)?;
        if self.connection.dialect == Dialect::V1 {
            return Err(ApiError::Unsupported { what: WHAT, why: "v1 has no such call" });
        }
        let path = format!("/callouts/{id}/updateLocationAndReturnCallout");
        let request = Request::new(WHAT, Method::POST, path).with(&LocationUpdate::from(fix))?;
        self.found(self.call(&request).await?)
    }

    /// The chat alone, oldest first.
    pub async fn events(&self, id: &CalloutId) -> Result<Vec<Comment>, ApiError> {
        const WHAT: &str = "read the chat";
        if self.connection.dialect == Dialect::V1 {
            let path = format!("/callouts/{id}?shouldIncludeEvents=true");
            let reply = self.call(&Request::new(WHAT, Method::GET, path)).await?;
            let (Read::Open(callout) | Read::Closed(Some(callout))) = self.found(reply)? else {
                return Ok(Vec::new());
            };
            return Ok(callout.comments.unwrap_or_default());
        }
        let reply = self.event_stream(id).await?;
        decode_comments(&reply.body).map_err(|error| reply.unreadable(error))
    }

    /// v2's list of events: chat and lifecycle.
    async fn event_stream(&self, id: &CalloutId) -> Result<Reply, ApiError> {
        let request = Request::new("read the chat", Method::GET, format!("/callouts/{id}/events"));
        self.call(&request).await?.success()
    }

    /// Says something in the chat: the comment made of it, where the reply shows it.
    ///
    /// v1's path is documented in the singular. A server that does not know it has done nothing, so
    /// that the plural can be tried at once.
    pub async fn say(&self, id: &CalloutId, text: &str) -> Result<Option<Comment>, ApiError> {
        const WHAT: &str = "send the message";
        self.refuse_if_read_only(WHAT)?;
        let reply = if self.connection.dialect == Dialect::V1 {
            let body = SendComment { message: text.into() };
            let to = |path| Request::new(WHAT, Method::POST, path).with(&body);
            let reply = self.call(&to(format!("/callout/{id}/comments"))?).await?;
            if reply.status == 404 {
                self.call(&to(format!("/callouts/{id}/comments"))?).await?
            } else {
                reply
            }
        } else {
            let body = SendEvent { source: "customer".into(), event: text.into(), ..SendEvent::default() };
            let request = Request::new(WHAT, Method::POST, format!("/callouts/{id}/events"));
            self.call(&request.with(&body)?).await?
        };
        Ok(decode_sent(&reply.success()?.body))
    }

    /// Soft cancel: the response goes on until a controller has spoken to the customer.
    pub async fn dismiss(&self, id: &CalloutId) -> Result<(), ApiError> {
        const WHAT: &str = "soft-cancel the callout";
        self.refuse_if_read_only(WHAT)?;
        let request = Request::new(WHAT, Method::POST, format!("/callouts/{id}/dismiss"));
        self.call(&request.with(&serde_json::Map::new())?).await?.success().map(|_| ())
    }

    /// Hard cancel, verified when a safe code is given. Its reply tells nothing of the outcome
    /// (reference §10, rule 26): the next poll does.
    pub async fn cancel(&self, id: &CalloutId, safe_code: Option<&SafeCode>) -> Result<(), ApiError> {
        const WHAT: &str = "cancel the callout";
        self.refuse_if_read_only(WHAT)?;
        if self.connection.dialect == Dialect::V1 {
            return Err(ApiError::Unsupported { what: WHAT, why: "v1 has only the soft cancel" });
        }
        let body = Cancel { safe_code: safe_code.map(|code| code.0.clone()).into() };
        let request = Request::new(WHAT, Method::POST, format!("/callouts/{id}/cancel")).with(&body)?;
        self.call(&request).await?.success().map(|_| ())
    }

    pub async fn classifications(&self) -> Result<Vec<(i64, String)>, ApiError> {
        let request = Request::new("list the classifications", Method::GET, "/callout-classifications");
        let reply = self.call(&request).await?.success()?;
        decode_named(&reply.body).map_err(|error| reply.unreadable(error))
    }

    /// The customer's id, created if there is none.
    async fn customer(&self) -> Result<i64, ApiError> {
        if let Some(id) = self.connection.customer.id {
            return Ok(id);
        }
        let mut slot = self.customers.slot().await;
        if let Some(id) = slot.id() {
            return Ok(id);
        }
        let body = customer::creation(&self.connection, (self.clock)())?;
        let request = Request::new("create the customer", Method::POST, "/customers").with(&body)?;
        let reply = self.call(&request).await?;
        // Some servers tell whose number it is that is taken. Then it is ours, and known.
        let told = (reply.status == 409).then(|| v2::decode_customer_id(&reply.body)).flatten();
        let id = if let Some(id) = told {
            id
        } else {
            let reply = reply.success()?;
            v2::decode_customer_id(&reply.body)
                .ok_or_else(|| reply.unreadable("there is no customerId in it"))?
        };
        self.customers.keep(&mut slot, id).await;
        Ok(id)
    }

    fn creation_v1(&self, fix: Fix) -> CreateCallout {
        CreateCallout {
            customer: customer::fields(&self.connection.customer).into(),
            callout_location: Coordinates::from(fix).into(),
            request_type: self.connection.request_type.clone().into(),
            ..self.creation()
        }
    }

    fn creation_v2(&self, fix: Fix) -> CreateCallout {
        CreateCallout { location: Coordinates::from(fix).into(), ..self.creation() }
    }

    fn creation(&self) -> CreateCallout {
        CreateCallout {
            response_type_id: self.connection.response_type_id.into(),
            callout_classification_id: self.connection.classification.id().into(),
            // A legacy flag: left out unless it is wanted.
            internal_test: self.connection.internal_test.then_some(true).into(),
            ..CreateCallout::default()
        }
    }

    fn refuse_if_read_only(&self, what: &'static str) -> Result<(), ApiError> {
        if self.connection.read_only { Err(ApiError::ReadOnly { what }) } else { Ok(()) }
    }

    fn decode(&self, body: &[u8]) -> Result<Callout, DecodeError> {
        match self.connection.dialect {
            Dialect::V1 => v1::decode_callout(body),
            Dialect::V2 => v2::decode_callout(body),
        }
    }

    /// What a reply with a callout says, 285 first: HTTP counts it as a success.
    fn found(&self, reply: Reply) -> Result<Read, ApiError> {
        if reply.is_closed() {
            return Ok(Read::Closed(self.last_state(&reply)));
        }
        let reply = reply.success()?;
        let callout = self.decode(&reply.body).map_err(|error| reply.unreadable(error))?;
        Ok(if callout.status.is_closed() { Read::Closed(Some(callout)) } else { Read::Open(callout) })
    }

    fn last_state(&self, reply: &Reply) -> Option<Callout> {
        self.decode(&reply.body).ok()
    }

    /// Sends it with the token, once more with a new one after a 401, and in all within the total
    /// timeout.
    async fn call(&self, request: &Request) -> Result<Reply, ApiError> {
        let (what, sent) = (request.what, AtomicBool::new(false));
        let within = tokio::time::timeout(self.transport.total_timeout(), self.authorized(request, &sent));
        match within.await {
            Ok(outcome) => outcome,
            Err(_) if sent.load(Ordering::Relaxed) => Err(ApiError::Unanswered { what, why: "timed out" }),
            Err(_) => Err(ApiError::Unreachable { what, why: "it gave no token in time" }),
        }
    }

    async fn authorized(&self, request: &Request, sent: &AtomicBool) -> Result<Reply, ApiError> {
        let asking = Asking {
            transport: &self.transport,
            credentials: &self.connection.credentials,
            clock: &self.clock,
            read_only: self.connection.read_only,
        };
        let token = self.tokens.get(&asking, None).await?;
        let reply = self.transport.send(request, Some(&token), (self.clock)(), sent).await?;
        if reply.status != 401 {
            return Ok(reply);
        }
        // A request that was refused for its token did nothing.
        sent.store(false, Ordering::Relaxed);
        let token = self.tokens.get(&asking, Some(&token)).await?;
        self.transport.send(request, Some(&token), (self.clock)(), sent).await
    }
}

/// Both readings of the chat in one: the callout's own and the event stream's, each comment once.
fn merged(own: Vec<Comment>, events: Vec<Comment>) -> Vec<Comment> {
    let mut all = events;
    for comment in own {
        if comment.id.is_empty() || all.iter().all(|known| known.id != comment.id) {
            all.push(comment);
        }
    }
    decode::oldest_first(&mut all);
    all
}

#[cfg(test)]
mod tests;
