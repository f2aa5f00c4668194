//! Who we are to a server: whether it is there, whether it knows us, and the customer that a callout
//! is for.

use super::{Client, Clock, Connection};
use crate::api::customer;
use crate::api::error::ApiError;
use crate::api::kept::{KeptFile, Owner};
use crate::api::token::Asking;
use crate::api::transport::Request;
use crate::app::state::Dialect;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use secrecy::SecretString;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// What a server says to somebody who shows no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    pub status: u16,
    pub took: SignedDuration,
    /// Its clock against ours, as far as both were read about the same time; `None` when it does not
    /// tell. Positive: its clock is ahead.
    pub ahead: Option<SignedDuration>,
}

/// What became of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// v2: a customer with a subscription, by this id.
    Customer(i64),
    /// v1: the user that the profile names.
    User,
}

impl Client {
    /// Asks without a token: any answer shows that the way there is open. Nothing is changed by it.
    pub async fn reach(&self) -> Result<Reached, ApiError> {
        let request = Request::new("reach the server", Method::GET, "/callouts/activeCallouts");
        let asked = (self.clock)();
        let reply = self.transport.send(&request, None, asked, &AtomicBool::new(false)).await?;
        let answered = (self.clock)();
        Ok(Reached {
            status: reply.status,
            took: answered.duration_since(asked),
            ahead: reply.server_time.map(|theirs| apart(theirs, asked, answered)),
        })
    }

    /// The token that our credentials are good for. A v1 user who is not registered yet is, unless the
    /// connection is read-only.
    pub async fn token(&self) -> Result<SecretString, ApiError> {
        let asking = Asking {
            transport: &self.transport,
            credentials: &self.connection.credentials,
            clock: &self.clock,
            read_only: self.connection.read_only,
        };
        self.tokens.get(&asking, None).await
    }

    /// The customer that callouts are for, where one is named or was registered.
    pub async fn known_customer(&self) -> Option<i64> {
        self.customers.known().await
    }

    /// v2: creates the customer with a subscription. v1: registers the user, if that is needed.
    pub async fn register(&self) -> Result<Registered, ApiError> {
        self.refuse_if_read_only("register the customer")?;
        match self.connection.dialect {
            Dialect::V1 => self.token().await.map(|_| Registered::User),
            Dialect::V2 => self.customer().await.map(Registered::Customer),
        }
    }

    /// What [`Self::register`] would send to create the customer.
    pub fn registration(connection: &Connection, clock: &Clock) -> Result<serde_json::Value, ApiError> {
        let body = customer::creation(connection, clock())?;
        serde_json::to_value(&body)
            .map_err(|_| ApiError::Settings("the customer cannot be written as JSON".to_owned()))
    }
}

/// How far their clock is ahead of ours. A `Date` has whole seconds and was written at some time
/// between question and answer, so what may be nothing is nothing.
fn apart(theirs: Timestamp, asked: Timestamp, answered: Timestamp) -> SignedDuration {
    let earliest = theirs.duration_since(answered);
    let latest = theirs.duration_since(asked) + SignedDuration::from_secs(1);
    if earliest.is_positive() {
        earliest
    } else if latest.is_negative() {
        latest
    } else {
        SignedDuration::ZERO
    }
}

/// The customer that was registered for a profile which itself says nothing of them.
pub fn kept_customer(file: &Path, base_url: &str, client_id: &str) -> Option<i64> {
    customer_file(file, base_url, client_id, "").load()
}

/// Whether the profile names its customer, or one was registered for it.
pub fn is_registered(connection: &Connection) -> bool {
    let Connection { base_url, credentials, customer, customer_file, .. } = connection;
    let kept = |file: &PathBuf| -> Option<i64> {
        self::customer_file(file, base_url, &credentials.client_id, &customer.mobile).load()
    };
    customer.id.is_some() || customer_file.as_ref().and_then(kept).is_some()
}

/// Keeps a customer for the next start. `mobile` is what the profile says of them, which may be
/// nothing: by it the customer is found again.
pub fn keep_customer(file: &Path, connection: &Connection, mobile: &str, id: i64) {
    customer_file(file, &connection.base_url, &connection.credentials.client_id, mobile).save(id);
}

fn customer_file(file: &Path, base_url: &str, client_id: &str, mobile: &str) -> KeptFile {
    let owner = Owner {
        realm: base_url.trim_end_matches('/').to_owned(),
        client_id: client_id.to_owned(),
        person: Some(mobile.to_owned()),
    };
    KeptFile::new(file.to_owned(), owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_apart_only_when_no_delay_explains_it() {
        let at = |millis: i64| Timestamp::from_millisecond(1_700_000_000_000 + millis).unwrap();
        let of = |theirs, asked, answered| apart(at(theirs), at(asked), at(answered)).as_millis();
        assert_eq!(of(0, 0, 300), 0);
        assert_eq!(of(0, 900, 950), 0, "whole seconds are rounded down");
        assert_eq!(of(0, -4_000, 100), 0, "a slow answer");
        assert_eq!(of(30_000, 0, 500), 29_500);
        assert_eq!(of(-30_000, 0, 500), -29_000);
    }
}
