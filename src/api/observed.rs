//! Tells of each exchange to whoever observes the client, its secrets masked before they leave here.

use super::transport::Request;
use crate::traffic::{Body, Exchange, Header, Message, Method, Side, Trouble, mask};
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, DATE, ETAG, HeaderMap, LOCATION, RETRY_AFTER, SERVER,
    WWW_AUTHENTICATE,
};
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;
use std::time::Duration;

/// Hears of every exchange of a client.
pub trait Observer: Send + Sync {
    /// Time that only ever goes forward, in real seconds: differences of it are how long a thing took.
    fn elapsed(&self) -> Duration;
    fn exchanged(&self, exchange: Exchange);
}

/// Headers of a reply that help to read an exchange.
const TELLING: [reqwest::header::HeaderName; 9] = [
    CONTENT_TYPE,
    CONTENT_ENCODING,
    RETRY_AFTER,
    WWW_AUTHENTICATE,
    LOCATION,
    CACHE_CONTROL,
    ETAG,
    SERVER,
    DATE,
];

/// An exchange that is under way. One that is dropped before its end, since nobody waits for it any
/// more, is told all the same.
pub(super) struct Observed {
    observer: Arc<dyn Observer>,
    since: Duration,
    /// `None` once it was told.
    exchange: Option<Exchange>,
    token: Option<SecretString>,
}

impl Observed {
    pub(super) fn begin(
        observer: Arc<dyn Observer>,
        (side, base): (Side, &str),
        request: &Request,
        token: Option<&SecretString>,
        at: Timestamp,
    ) -> Self {
        // The control side's own name goes with the path, which is like that of the API else.
        let (base, above) = match side {
            Side::Api => (base, ""),
            Side::Control => base.rfind('/').map_or((base, ""), |at| base.split_at(at)),
        };
        let exchange = Exchange {
            at,
            took: SignedDuration::ZERO,
            what: request.what.into(),
            method: Method::of(request.method.as_str()),
            side,
            base: base.into(),
            path: mask::url(&format!("{above}{}", request.path)).into(),
            request: sent(request, token.is_some()),
            status: None,
            reply: Message::default(),
            trouble: Some(Trouble::GivenUp),
        };
        Self { since: observer.elapsed(), observer, exchange: Some(exchange), token: token.cloned() }
    }

    /// The head of a reply came.
    pub(super) fn head(&mut self, status: u16, headers: &HeaderMap) {
        if let Some(exchange) = &mut self.exchange {
            exchange.status = Some(status);
            exchange.reply.headers = telling(headers);
        }
    }

    /// All that will ever come has come.
    pub(super) fn end(mut self, trouble: Option<Trouble>, body: &[u8]) {
        let Some(exchange) = &mut self.exchange else { return };
        exchange.trouble = trouble;
        exchange.reply.size = body.len() as u64;
        // A server that sends our token back must not bring it onto the screen either.
        exchange.reply.body = text(body).map(|text| {
            let token = self.token.as_ref().map(SecretString::expose_secret).filter(|token| token.len() > 5);
            Body::new(&mask::body(
                &token.map_or_else(|| text.to_owned(), |token| text.replace(token, mask::MASK)),
            ))
        });
        self.tell();
    }

    fn tell(&mut self) {
        let Some(mut exchange) = self.exchange.take() else { return };
        let took = self.observer.elapsed().saturating_sub(self.since);
        exchange.took = SignedDuration::try_from(took).unwrap_or(SignedDuration::MAX);
        self.observer.exchanged(exchange);
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        self.tell();
    }
}

fn sent(request: &Request, authorized: bool) -> Message {
    let mut headers = Vec::new();
    if authorized {
        headers.push(header("authorization", &format!("Bearer {}", mask::MASK)));
    }
    let body = request.body.as_deref();
    if body.is_some() {
        headers.push(header("content-type", "application/json"));
    }
    Message {
        headers,
        size: body.map_or(0, |body| body.len() as u64),
        body: body.and_then(text).map(|text| Body::new(&mask::body(text))),
    }
}

fn telling(headers: &HeaderMap) -> Vec<Header> {
    let told = |name: &reqwest::header::HeaderName| {
        let value = String::from_utf8_lossy(headers.get(name)?.as_bytes()).into_owned();
        let value = if *name == LOCATION { mask::url(&value) } else { mask::header(name.as_str(), &value) };
        Some(header(name.as_str(), &value))
    };
    TELLING.iter().filter_map(told).collect()
}

fn header(name: &str, value: &str) -> Header {
    Header { name: name.into(), value: value.into() }
}

/// `None` for an empty body, and for one that is no text.
fn text(body: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(body) {
        Ok(text) => text,
        // Cut off in the middle of a character.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&body[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}
