//! The one token of this process: fetched once, shared by all tasks, renewed a little early, kept in a
//! file that only its owner can read.

use super::client::{Clock, Credentials, UserCredentials};
use super::error::{ApiError, message_of};
use super::kept::KeptFile;
use super::model::token::{TokenReply, TokenRequest, UserRegistration};
use super::transport::{Reply, Request, Transport};
use crate::text::DisplayText;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio::sync::Mutex;

/// A token is renewed this long before it ends, or a twentieth of its life, whichever is less.
const EARLY: SignedDuration = SignedDuration::from_secs(60);
const EARLY_SHARE: i32 = 20;

/// Above this, `expiresIn` is a time since the epoch and no duration (reference §10, rule 10).
const EPOCH_FROM: f64 = 1_000_000_000.0;

const LOG_IN: &str = "get a token";

/// Whatever a token exchange needs to know.
pub(crate) struct Asking<'a> {
    pub transport: &'a Transport,
    pub credentials: &'a Credentials,
    pub clock: &'a Clock,
    pub read_only: bool,
}

pub(crate) struct Tokens {
    /// Held across the exchange, so that tasks that come meanwhile wait for its result instead of
    /// asking for a token of their own.
    slot: Mutex<Slot>,
    file: Option<Arc<KeptFile>>,
}

#[derive(Default)]
struct Slot {
    token: Option<Token>,
    file_was_read: bool,
    /// The user was sent to registration once; a second refusal is final.
    registered: bool,
}

#[derive(Clone)]
struct Token {
    secret: SecretString,
    /// `None`: until the server refuses it.
    renew_at: Option<Timestamp>,
}

impl Token {
    fn is_fresh(&self, now: Timestamp) -> bool {
        self.renew_at.is_none_or(|renew_at| now < renew_at)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    access_token: String,
    renew_at: Option<Timestamp>,
}

impl Tokens {
    pub(crate) fn new(file: Option<KeptFile>) -> Self {
        Self { slot: Mutex::default(), file: file.map(Arc::new) }
    }

    /// The token to use. `refused` is one that the server has just answered with 401: another task may
    /// have replaced it already, else it is renewed.
    pub(crate) async fn get(
        &self,
        asking: &Asking<'_>,
        refused: Option<&SecretString>,
    ) -> Result<SecretString, ApiError> {
        let mut slot = self.slot.lock().await;
        self.read_file_once(&mut slot).await;
        let now = (asking.clock)();
        let usable = slot.token.as_ref().filter(|token| token.is_fresh(now));
        let usable = usable.filter(|token| refused.is_none_or(|refused| !same(refused, &token.secret)));
        if let Some(token) = usable {
            return Ok(token.secret.clone());
        }
        slot.token = None;
        let reply = exchange(asking, &mut slot.registered).await.map_err(nothing_was_done)?;
        let renew_at = renew_at(&reply, (asking.clock)());
        let token = Token { secret: SecretString::from(reply.access_token), renew_at };
        slot.token = Some(token.clone());
        self.keep(&token).await;
        Ok(token.secret)
    }

    /// The token in use. None is fetched for it.
    pub(crate) async fn held(&self) -> Option<SecretString> {
        let mut slot = self.slot.lock().await;
        self.read_file_once(&mut slot).await;
        slot.token.as_ref().map(|token| token.secret.clone())
    }

    async fn read_file_once(&self, slot: &mut Slot) {
        if std::mem::replace(&mut slot.file_was_read, true) {
            return;
        }
        let Some(file) = self.file.clone() else { return };
        let kept: Option<Kept> = tokio::task::spawn_blocking(move || file.load()).await.ok().flatten();
        slot.token = kept.map(|kept| Token { secret: kept.access_token.into(), renew_at: kept.renew_at });
    }

    async fn keep(&self, token: &Token) {
        let Some(file) = self.file.clone() else { return };
        let kept = Kept { access_token: token.secret.expose_secret().to_owned(), renew_at: token.renew_at };
        // A task that is gone has logged why; the token in memory serves this process.
        let _ = tokio::task::spawn_blocking(move || file.save(kept)).await;
    }
}

fn same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

/// The exchange failed, so that the call it was for was never sent: whatever befell the exchange,
/// repeating that call is as safe as before.
fn nothing_was_done(error: ApiError) -> ApiError {
    match error {
        ApiError::Unanswered { what, .. } => ApiError::Unreachable { what, why: "it gave no token in time" },
        ApiError::Status { what, status: 500.., .. } => {
            ApiError::Unreachable { what, why: "it has trouble giving out tokens" }
        }
        ApiError::Status { what, message, status: 400 | 403 | 404, .. } => {
            ApiError::Unauthorized { what, message }
        }
        ApiError::Unreadable { what, why } => {
            ApiError::Unauthorized { what, message: DisplayText::new(&why) }
        }
        other => other,
    }
}

async fn exchange(asking: &Asking<'_>, registered: &mut bool) -> Result<TokenReply, ApiError> {
    let Some(user) = &asking.credentials.user else { return read(ask(asking, &as_server(asking)).await?) };
    let reply = ask(asking, &as_user(asking, user)).await?;
    if !matches!(reply.status, 401 | 404) || std::mem::replace(registered, true) {
        return read(reply);
    }
    register(asking, user).await?;
    read(ask(asking, &as_user(asking, user)).await?)
}

fn as_server(asking: &Asking<'_>) -> TokenRequest {
    let Credentials { client_id, client_secret, .. } = asking.credentials;
    TokenRequest {
        client_id: client_id.as_str().into(),
        client_secret: client_secret.expose_secret().into(),
        ..TokenRequest::default()
    }
}

fn as_user(asking: &Asking<'_>, user: &UserCredentials) -> TokenRequest {
    TokenRequest {
        client_id: asking.credentials.client_id.as_str().into(),
        email: user.email.as_str().into(),
        password: user.password.expose_secret().into(),
        ..TokenRequest::default()
    }
}

async fn ask(asking: &Asking<'_>, request: &TokenRequest) -> Result<Reply, ApiError> {
    post(asking, "/oauth/token", LOG_IN, request, None).await
}

fn read(reply: Reply) -> Result<TokenReply, ApiError> {
    let reply = reply.success()?;
    serde_json::from_slice(&reply.body).map_err(|_| reply.unreadable("there is no accessToken in it"))
}

async fn register(asking: &Asking<'_>, user: &UserCredentials) -> Result<(), ApiError> {
    const REGISTER: &str = "register the user";
    if asking.read_only {
        return Err(ApiError::ReadOnly { what: REGISTER });
    }
    let server = read(ask(asking, &as_server(asking)).await?)?;
    let body = UserRegistration {
        email: user.email.as_str().into(),
        password: user.password.expose_secret().into(),
        ..UserRegistration::default()
    };
    let token = SecretString::from(server.access_token);
    let reply = post(asking, "/oauth/user", REGISTER, &body, Some(&token)).await?;
    match reply.status {
        // Registered before, so that it was the password that was wrong: the next exchange says so.
        409 => Ok(()),
        401 => Err(ApiError::Unauthorized { what: REGISTER, message: message_of(401, &reply.body) }),
        _ => reply.success().map(|_| ()),
    }
}

async fn post<B: Serialize>(
    asking: &Asking<'_>,
    path: &str,
    what: &'static str,
    body: &B,
    token: Option<&SecretString>,
) -> Result<Reply, ApiError> {
    let request = Request::new(what, Method::POST, path).with(body)?;
    asking.transport.send(&request, token, (asking.clock)(), &AtomicBool::new(false)).await
}

/// When to ask for the next token: by the token's own `exp`, else by `expiresIn`.
///
/// A new token that is over already says that the clocks differ; then only its length of life counts.
fn renew_at(reply: &TokenReply, now: Timestamp) -> Option<Timestamp> {
    let claims = jsonwebtoken::dangerous::insecure_decode_claims::<Claims>(&reply.access_token).ok();
    let (issued, ends) = claims.map_or((None, None), |claims| (claims.iat, claims.exp));
    let stated = reply.expires_in.map(|number| number.0);
    let duration = stated.filter(|seconds| *seconds > 0.0 && *seconds <= EPOCH_FROM);
    let epoch = stated.filter(|seconds| *seconds > EPOCH_FROM);
    let now_s = now.as_duration().as_secs_f64();
    let of_its_own = ends
        .and_then(|ends| if ends > now_s { Some(ends - now_s) } else { issued.map(|issued| ends - issued) });
    let life = of_its_own.or(duration).or(epoch.map(|ends| ends - now_s)).filter(|life| *life > 0.0)?;
    let life = SignedDuration::try_from_secs_f64(life).ok()?;
    now.checked_add(life - EARLY.min(life / EARLY_SHARE)).ok()
}

#[derive(Deserialize)]
struct Claims {
    exp: Option<f64>,
    iat: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::super::model::Number;
    use super::*;
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::json;

    fn now() -> Timestamp {
        Timestamp::from_second(1_700_000_000).unwrap()
    }

    fn renewed_after(token: &str, expires_in: Option<f64>) -> Option<i64> {
        let reply = TokenReply {
            access_token: token.to_owned(),
            token_type: "Bearer".to_owned(),
            expires_in: expires_in.map(Number),
        };
        renew_at(&reply, now()).map(|at| at.as_second() - now().as_second())
    }

    fn jwt(claims: &serde_json::Value) -> String {
        encode(&Header::default(), claims, &EncodingKey::from_secret(b"test")).unwrap()
    }

    #[test]
    fn the_token_s_own_end_comes_first() {
        let token = jwt(&json!({ "exp": 1_700_003_600, "iat": 1_700_000_000 }));
        assert_eq!(renewed_after(&token, Some(60.0)), Some(3_540));
    }

    #[test]
    fn a_short_life_is_renewed_a_twentieth_early() {
        assert_eq!(renewed_after("opaque", Some(100.0)), Some(95));
    }

    #[test]
    fn a_large_number_is_an_epoch_and_a_small_one_a_duration() {
        assert_eq!(renewed_after("opaque", Some(1_700_007_200.0)), Some(7_140));
        assert_eq!(renewed_after("opaque", Some(7_200.0)), Some(7_140));
    }

    #[test]
    fn without_a_believable_end_it_serves_until_it_is_refused() {
        assert_eq!(renewed_after("opaque", None), None);
        assert_eq!(renewed_after("opaque", Some(0.0)), None);
        assert_eq!(renewed_after("opaque", Some(-5.0)), None);
        assert_eq!(renewed_after("opaque", Some(1_600_000_000.0)), None);
        assert_eq!(renewed_after("opaque", Some(1e300)), None);
    }

    #[test]
    fn with_clocks_apart_the_length_of_life_counts() {
        let token = jwt(&json!({ "exp": 1_600_003_600, "iat": 1_600_000_000 }));
        assert_eq!(renewed_after(&token, None), Some(3_540));
        assert_eq!(renewed_after(&jwt(&json!({ "exp": 1_600_000_000 })), Some(600.0)), Some(570));
        assert_eq!(renewed_after(&jwt(&json!({ "exp": 1_600_000_000 })), None), None);
    }

    #[test]
    fn whatever_befalls_the_exchange_the_call_itself_was_not_sent() {
        let lost = nothing_was_done(ApiError::Unanswered { what: LOG_IN, why: "timed out" });
        assert!(matches!(lost, ApiError::Unreachable { .. }));
        let status = |status| ApiError::Status {
            what: LOG_IN,
            status,
            message: DisplayText::new("x"),
            retry_after: None,
        };
        assert!(matches!(nothing_was_done(status(502)), ApiError::Unreachable { .. }));
        assert!(matches!(nothing_was_done(status(400)), ApiError::Unauthorized { .. }));
        assert!(matches!(nothing_was_done(status(429)), ApiError::Status { status: 429, .. }));
        let page = ApiError::Unreadable { what: LOG_IN, why: "x".to_owned() };
        assert!(matches!(nothing_was_done(page), ApiError::Unauthorized { .. }));
    }
}
