//! Who is asking, and what of the world is theirs to see.

use super::App;
use super::body::path_id;
use super::problem::Problem;
use super::server::Arrived;
use crate::sim::auth::{Claims, Denied, Scope};
use crate::sim::world::{CalloutId, CalloutRecord, CustomerId, SourceId, UserId, World};
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use std::net::SocketAddr;
use std::sync::Arc;

/// Somebody with a token of any scope.
#[derive(Clone, Debug)]
pub struct Caller {
    claims: Arc<Claims>,
    source: SourceId,
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let token = bearer(parts).ok_or(Denied::Missing)?;
        let claims = app.engine.auth.verify(token, &app.engine.clock)?;
        // The token is ours, so what it says of its source is.
        let source = SourceId(u64::try_from(claims.customer_source_id).unwrap_or(0));
        Ok(Self { claims, source })
    }
}

/// What a link in a reply begins with, without a slash at its end: the address that we are known by, or
/// else the one that the request came in at, also when we listen on all addresses.
#[derive(Clone, Debug)]
pub struct Here(pub String);

impl FromRequestParts<App> for Here {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        match &app.public_url {
            Some(url) => Ok(Self(url.as_str().to_owned())),
            None => local(parts).map(|local| Self(format!("http://{local}"))),
        }
    }
}

/// The address that the request came in at.
pub fn local(parts: &Parts) -> Result<SocketAddr, Problem> {
    parts.extensions.get::<Arrived>().map(|arrived| arrived.local).ok_or_else(Problem::internal)
}

/// The token of an `Authorization: Bearer` header.
pub fn bearer(parts: &Parts) -> Option<&str> {
    bearer_of(&parts.headers)
}

pub fn bearer_of(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl Caller {
    pub fn source(&self) -> SourceId {
        self.source
    }

    /// 401 for a token that opens a callout flow only (reference §2.2).
    pub fn server(self) -> Result<SourceId, Problem> {
        if self.claims.scope == Scope::Server { Ok(self.source) } else { Err(outside()) }
    }

    pub fn client_id(&self) -> &str {
        &self.claims.client_id
    }

    pub fn is_server(&self) -> bool {
        self.claims.scope == Scope::Server
    }

    /// The customer that a token of a customer's own speaks for; none for a server token.
    pub fn own(&self, world: &World) -> Option<CustomerId> {
        match self.own_customer(world) {
            Own::All => None,
            Own::One(own) => own,
        }
    }

    /// 401 for a callout token (reference §2.2): what is left are the client itself and its users.
    pub fn no_callout_token(&self) -> Result<(), Problem> {
        if self.claims.scope == Scope::Callout { Err(outside()) } else { Ok(()) }
    }

    /// For what is under `/customers/{customerId}/callouts`. Reference §2.2 draws the callout flow of
    /// a token around its *own* customer's path, and outside the flow the answer is 401; the 404 there
    /// is for callouts, which are found by their own id. It tells no more than a 404 would: known or
    /// not, every other customer's path is refused alike.
    pub fn customer(&self, world: &World, raw: &str) -> Result<CustomerId, Problem> {
        let customer = CustomerId(path_id(raw, "customerId")?);
        match self.own_customer(world) {
            Own::All => Ok(customer),
            Own::One(own) if own == Some(customer) => Ok(customer),
            Own::One(_) => Err(outside()),
        }
    }

    /// Whether a callout is theirs: another source's and another customer's are both unknown to them.
    pub fn callout<'w>(&self, world: &'w World, id: CalloutId) -> Result<&'w CalloutRecord, Problem> {
        let record = world.callout(self.source, id);
        record.filter(|record| self.owns(world, record)).ok_or_else(|| Problem::not_found("Callout"))
    }

    fn owns(&self, world: &World, record: &CalloutRecord) -> bool {
        match self.own_customer(world) {
            Own::All => true,
            Own::One(own) => own == Some(record.customer),
        }
    }

    /// The v1 user, if it is one. Callout tokens may not raise through v1: 401.
    pub fn user(&self) -> Result<Option<UserId>, Problem> {
        match self.claims.scope {
            Scope::Server => Ok(None),
            Scope::User => Ok(Some(UserId(self.claims.sub.parse().unwrap_or(0)))),
            Scope::Callout => Err(outside()),
        }
    }

    fn own_customer(&self, world: &World) -> Own {
        match self.claims.scope {
            Scope::Server => Own::All,
            Scope::Callout => {
                Own::One(self.claims.customer_id.and_then(|id| u64::try_from(id).ok()).map(CustomerId))
            }
            // Looked up each time: a callout may tie the user to another customer record.
            Scope::User => {
                let user = self.claims.sub.parse().ok().and_then(|id| world.user(self.source, UserId(id)));
                Own::One(user.map(|user| user.customer))
            }
        }
    }
}

enum Own {
    All,
    One(Option<CustomerId>),
}

fn outside() -> Problem {
    Problem::unauthorized("The token does not allow this.")
}
