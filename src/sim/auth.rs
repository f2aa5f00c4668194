//! Who may ask: the client's own credentials, and the tokens that are given for them.
//!
//! Tokens are JWTs signed with HS256 (reference §2.3). Their `iat` and `exp` are times of the
//! simulator's clock, as every other time it writes. Alone that would end a token early whenever
//! somebody turns that clock: at `--speed 600` after six seconds, and at once after
//! `POST /control/clock {"advance": 3600}`, though `expiresIn` promised the caller an hour. So a token
//! that this process gave out is refused only when its `exp` has passed **and** it has lived its
//! `expiresIn` by the wall's clock too. After a restart, and for one that was pushed out of the cache,
//! `exp` alone decides; the caller then renews it as after any 401.

use crate::sim::clock::SimClock;
use crate::sim::world::SourceId;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use subtle::{Choice, ConstantTimeEq};
use tokio::time::Instant;

/// Seconds that a token lives; the API has no way to ask for another lifetime.
pub const EXPIRES_IN: i64 = 3600;

const ISSUER: &str = "panic-console";

/// Tokens remembered as verified. A client holds one or two; the bound is for those that fetch a new
/// one with every request.
const REMEMBERED: usize = 4096;

/// The longest token that is looked at. Ours have some 350 characters.
const LONGEST: usize = 4096;

/// What a token opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Everything of its customer source.
    Server,
    /// The callouts of one customer.
    Callout,
    /// v1: what one registered person raises.
    User,
}

/// The payload of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims {
    pub iss: String,
    pub iat: i64,
    pub exp: i64,
    pub sub: String,
    pub client_id: String,
    pub customer_source_id: i64,
    pub scope: Scope,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<i64>,
}

/// Whom a token is for, before it has its times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub sub: String,
    pub client_id: String,
    pub customer_source_id: i64,
    pub scope: Scope,
    pub customer_id: Option<i64>,
}

/// Why a caller was not let in. All of them are a 401 that says no more than this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("Missing bearer token.")]
    Missing,
    #[error("Invalid token.")]
    Invalid,
    #[error("The token has expired.")]
    Expired,
    #[error("Invalid client credentials.")]
    Credentials,
}

/// The key that signs the tokens. Kept with the state, so that a token outlives a restart.
#[derive(Clone)]
pub struct SigningKey([u8; 32]);

impl SigningKey {
    pub fn random() -> Self {
        Self(rand::random())
    }

    /// `None` when `bytes` are not such a key.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(***)")
    }
}

/// What a tenant shows for a token.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub client_id: String,
    pub client_secret: SecretString,
}

/// A tenant who may ask, and the customer source that is theirs.
#[derive(Clone, Debug)]
pub struct Client {
    pub credentials: Credentials,
    pub source: SourceId,
}

/// A token whose signature was checked once.
struct Verified {
    claims: Arc<Claims>,
    /// Until when it lives by the wall's clock; `None` when another run of the program gave it.
    lives_until: Option<Instant>,
}

/// Checks credentials, gives tokens and recognises them.
pub struct Auth {
    clients: Vec<Client>,
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    /// Spares the hot read path the signature. A token is found by its whole text, so nothing can be
    /// learned of one by trying others.
    verified: RwLock<HashMap<String, Verified>>,
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.clients.iter().map(|client| &client.credentials.client_id).collect();
        f.debug_struct("Auth").field("clients", &ids).finish_non_exhaustive()
    }
}

impl Auth {
    /// Lets nobody in yet.
    pub fn new(key: &SigningKey) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "iss"]);
        // By the wall's clock; ours is looked at in `verify`.
        validation.validate_exp = false;
        Self {
            clients: Vec::new(),
            encoding: EncodingKey::from_secret(key.as_bytes()),
            decoding: DecodingKey::from_secret(key.as_bytes()),
            validation,
            verified: RwLock::default(),
        }
    }

    pub fn admit(&mut self, client: Client) {
        self.clients.push(client);
    }

    /// Whose these are. Both halves of every client are always compared, so that the time it takes
    /// does not tell which was wrong.
    pub fn check_credentials(&self, client_id: &str, client_secret: &str) -> Result<&Client, Denied> {
        self.only(|client| {
            let Credentials { client_id: id, client_secret: secret } = &client.credentials;
            let id = id.as_bytes().ct_eq(client_id.as_bytes());
            id & secret.expose_secret().as_bytes().ct_eq(client_secret.as_bytes())
        })
    }

    pub fn check_client_id(&self, client_id: &str) -> Result<&Client, Denied> {
        self.only(|client| client.credentials.client_id.as_bytes().ct_eq(client_id.as_bytes()))
    }

    fn only(&self, is_theirs: impl Fn(&Client) -> Choice) -> Result<&Client, Denied> {
        let found = self
            .clients
            .iter()
            .fold(None, |found, client| if bool::from(is_theirs(client)) { Some(client) } else { found });
        found.ok_or(Denied::Credentials)
    }

    /// A new token, already remembered as a good one.
    pub fn issue(&self, subject: Subject, clock: &SimClock) -> Result<String, jsonwebtoken::errors::Error> {
        let iat = clock.now().as_second();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            iat,
            exp: iat + EXPIRES_IN,
            sub: subject.sub,
            client_id: subject.client_id,
            customer_source_id: subject.customer_source_id,
            scope: subject.scope,
            customer_id: subject.customer_id,
        };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)?;
        let life = Duration::from_secs(EXPIRES_IN.unsigned_abs());
        self.remember(token.clone(), Arc::new(claims), Some(Instant::now() + life), clock.now());
        Ok(token)
    }

    /// The claims of a token of ours that still lives.
    pub fn verify(&self, token: &str, clock: &SimClock) -> Result<Arc<Claims>, Denied> {
        let now = clock.now();
        let known = {
            let verified = self.verified.read().unwrap_or_else(PoisonError::into_inner);
            verified.get(token).map(|entry| (Arc::clone(&entry.claims), entry.lives_until))
        };
        if let Some((claims, lives_until)) = known {
            return if lives(&claims, lives_until, now) { Ok(claims) } else { Err(Denied::Expired) };
        }
        let claims = Arc::new(self.check_signature(token)?);
        if !lives(&claims, None, now) {
            return Err(Denied::Expired);
        }
        self.remember(token.to_owned(), Arc::clone(&claims), None, now);
        Ok(claims)
    }

    /// Ends a token before its time; for good, unless so many others come that it is forgotten.
    pub fn expire(&self, token: &str) {
        let Ok(claims) = self.check_signature(token) else { return };
        let claims = Arc::new(Claims { exp: 0, ..claims });
        let mut verified = self.verified.write().unwrap_or_else(PoisonError::into_inner);
        if verified.len() < REMEMBERED {
            verified.insert(token.to_owned(), Verified { claims, lives_until: None });
        }
    }

    fn check_signature(&self, token: &str) -> Result<Claims, Denied> {
        if token.len() > LONGEST {
            return Err(Denied::Invalid);
        }
        let decoded = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation);
        let claims = decoded.map_err(|_| Denied::Invalid)?.claims;
        // A state file may be opened under other client ids: those are other customer sources.
        let known = self.clients.iter().any(|client| {
            let source = client.source.0.cast_signed();
            client.credentials.client_id == claims.client_id && source == claims.customer_source_id
        });
        if known { Ok(claims) } else { Err(Denied::Invalid) }
    }

    fn remember(&self, token: String, claims: Arc<Claims>, lives_until: Option<Instant>, now: Timestamp) {
        let mut verified = self.verified.write().unwrap_or_else(PoisonError::into_inner);
        if verified.len() >= REMEMBERED {
            verified.retain(|_, entry| lives(&entry.claims, entry.lives_until, now));
        }
        if verified.len() >= REMEMBERED {
            // All of them live. Forgetting costs their holders one check of the signature.
            verified.clear();
        }
        verified.insert(token, Verified { claims, lives_until });
    }
}

fn lives(claims: &Claims, lives_until: Option<Instant>, now: Timestamp) -> bool {
    now.as_second() < claims.exp || lives_until.is_some_and(|until| Instant::now() < until)
}

/// Compares two secrets in a time that does not depend on where they differ.
pub fn same_secret(given: &str, expected: &str) -> bool {
    bool::from(given.as_bytes().ct_eq(expected.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    fn auth(key: &SigningKey) -> Auth {
        open_to([client("demo-client", "demo-secret", 1), client("other", "hush", 2)], key)
    }

    fn open_to(clients: impl IntoIterator<Item = Client>, key: &SigningKey) -> Auth {
        let mut auth = Auth::new(key);
        clients.into_iter().for_each(|client| auth.admit(client));
        auth
    }

    fn client(client_id: &str, secret: &str, source: u64) -> Client {
        let credentials = Credentials { client_id: client_id.to_owned(), client_secret: secret.into() };
        Client { credentials, source: SourceId(source) }
    }

    fn clock() -> SimClock {
        SimClock::starting_at("2026-06-10T12:00:00Z".parse().unwrap(), 1.0).unwrap()
    }

    fn subject() -> Subject {
        Subject {
            sub: "demo-client".to_owned(),
            client_id: "demo-client".to_owned(),
            customer_source_id: 1,
            scope: Scope::Server,
            customer_id: None,
        }
    }

    #[test]
    fn credentials_must_both_be_right() {
        let auth = auth(&SigningKey::random());
        let source = |id, secret| auth.check_credentials(id, secret).map(|client| client.source.0);
        assert_eq!(source("demo-client", "demo-secret"), Ok(1));
        assert_eq!(source("other", "hush"), Ok(2));
        for (id, secret) in [
            ("demo-client", "x"),
            ("x", "demo-secret"),
            ("", ""),
            ("demo-client", "demo-secre"),
            ("demo-client", "hush"),
            ("other", "demo-secret"),
        ] {
            assert_eq!(source(id, secret), Err(Denied::Credentials), "{id} {secret}");
        }
        assert_eq!(auth.check_client_id("other").map(|client| client.source.0), Ok(2));
        assert!(auth.check_client_id("x").is_err());
    }

    #[test]
    fn a_token_carries_the_claims_of_the_reference() {
        let (auth, clock) = (auth(&SigningKey::random()), clock());
        let scoped = Subject { scope: Scope::Callout, customer_id: Some(178_921), ..subject() };
        let token = auth.issue(scoped, &clock).unwrap();
        let payload: serde_json::Value = jsonwebtoken::dangerous::insecure_decode(&token).unwrap().claims;
        let mut keys: Vec<_> = payload.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        assert_eq!(keys, ["clientId", "customerId", "customerSourceId", "exp", "iat", "iss", "scope", "sub"]);
        assert_eq!(payload["scope"], "callout");
        assert_eq!(payload["exp"].as_i64().unwrap() - payload["iat"].as_i64().unwrap(), 3600);
        assert_eq!(auth.verify(&token, &clock).unwrap().customer_id, Some(178_921));
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_lives_its_hour_whatever_is_done_to_the_clock() {
        let (auth, clock) = (auth(&SigningKey::random()), clock());
        let token = auth.issue(subject(), &clock).unwrap();
        clock.advance(SignedDuration::from_hours(48)).unwrap();
        assert!(auth.verify(&token, &clock).is_ok());
        tokio::time::advance(Duration::from_secs(3_601)).await;
        assert_eq!(auth.verify(&token, &clock), Err(Denied::Expired));
    }

    #[tokio::test(start_paused = true)]
    async fn on_a_slow_clock_it_lives_until_its_exp() {
        let auth = auth(&SigningKey::random());
        let clock = SimClock::starting_at("2026-06-10T12:00:00Z".parse().unwrap(), 0.5).unwrap();
        let token = auth.issue(subject(), &clock).unwrap();
        tokio::time::advance(Duration::from_secs(7_000)).await;
        assert!(auth.verify(&token, &clock).is_ok());
        tokio::time::advance(Duration::from_secs(300)).await;
        assert_eq!(auth.verify(&token, &clock), Err(Denied::Expired));
    }

    #[test]
    fn after_a_restart_its_exp_alone_decides() {
        let (key, clock) = (SigningKey::random(), clock());
        let token = auth(&key).issue(subject(), &clock).unwrap();
        assert!(auth(&key).verify(&token, &clock).is_ok());
        clock.advance(SignedDuration::from_secs(3_601)).unwrap();
        assert_eq!(auth(&key).verify(&token, &clock), Err(Denied::Expired));
    }

    #[test]
    fn foreign_bent_and_unsigned_tokens_are_refused() {
        let (auth, clock) = (auth(&SigningKey::random()), clock());
        let good = auth.issue(subject(), &clock).unwrap();
        let (head, signature) = good.rsplit_once('.').unwrap();
        let other = self::auth(&SigningKey::random()).issue(subject(), &clock).unwrap();
        let none = format!("eyJhbGciOiJub25lIn0.{}.", head.split_once('.').unwrap().1);
        let bent = format!("{head}.{}", signature.chars().rev().collect::<String>());
        for token in [other, none, bent, String::new(), "a.b.c".to_owned(), "x".repeat(10_000)] {
            assert_eq!(auth.verify(&token, &clock), Err(Denied::Invalid));
        }
    }

    #[test]
    fn a_token_of_another_client_on_the_same_state_is_refused() {
        let (key, clock) = (SigningKey::random(), clock());
        let token = auth(&key).issue(subject(), &clock).unwrap();
        for client in [client("other-client", "demo-secret", 1), client("demo-client", "demo-secret", 2)] {
            assert_eq!(open_to([client], &key).verify(&token, &clock), Err(Denied::Invalid));
        }
    }

    #[test]
    fn an_expired_token_stays_expired_and_a_new_one_is_good() {
        let (auth, clock) = (auth(&SigningKey::random()), clock());
        let token = auth.issue(subject(), &clock).unwrap();
        auth.expire(&token);
        auth.expire("no token");
        assert_eq!(auth.verify(&token, &clock), Err(Denied::Expired));
        let other = Subject { customer_id: Some(1), ..subject() };
        assert!(auth.verify(&auth.issue(other, &clock).unwrap(), &clock).is_ok());
    }

    #[test]
    fn the_cache_stays_bounded() {
        let (auth, clock) = (auth(&SigningKey::random()), clock());
        let first = auth.issue(subject(), &clock).unwrap();
        for customer in 0..5_000 {
            auth.issue(Subject { customer_id: Some(customer), ..subject() }, &clock).unwrap();
        }
        assert!(auth.verified.read().unwrap().len() <= REMEMBERED);
        assert!(auth.verify(&first, &clock).is_ok(), "forgotten, but still a good token");
    }

    #[test]
    fn nothing_secret_is_printed() {
        let key = SigningKey::random();
        assert_eq!(format!("{key:?}"), "SigningKey(***)");
        assert!(!format!("{:?}", auth(&key)).contains("demo-secret"));
    }
}
