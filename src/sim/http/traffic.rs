//! The last requests with their replies, for whoever looks for what an app did: in memory only, bounded
//! by count and by bytes, and with every secret masked before it is shown. Nothing is kept unless asked
//! for: a kept reply is one that the processor's cache does not get back.

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::Response;
use futures_util::FutureExt;
use http_body_util::BodyExt;
use hyper::body::Frame;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// Of all bodies that are kept, request and reply together.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// Of one body. A larger one is told by its size only.
const LARGEST: usize = 64 * 1024;

/// The most that may be asked to be kept.
pub const MOST_KEPT: usize = 10_000;

/// What stands in place of a secret.
const MASK: &str = "***";

/// Names of fields and parameters whose value nobody is shown, without regard to case and underscores.
const SECRET_WORDS: [&str; 6] = ["token", "secret", "password", "safecode", "authorization", "apikey"];

/// What stands in a path before the key to a hosted page.
const BEFORE_KEYS: [&str; 3] = ["signup", "manage", "sessions"];

/// How a key to a hosted page begins, wherever it stands.
const KEYS: [&str; 2] = ["css_", "sms_"];

/// Objects whose values are all secrets: a webhook's headers carry its credentials.
const SECRET_OBJECTS: [&str; 2] = ["customheaders", "headers"];

#[derive(Debug)]
pub struct Traffic {
    /// How many are kept; 0: none, and nothing is done for it.
    most: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    exchanges: VecDeque<Arc<Exchange>>,
    bytes: usize,
    next: u64,
}

/// One request and what came of it.
#[derive(Debug)]
pub struct Exchange {
    pub number: u64,
    pub at: Timestamp,
    pub method: Method,
    pub uri: Uri,
    pub status: u16,
    pub took: Duration,
    pub request: Captured,
    pub reply: Captured,
}

/// A body as far as it is kept.
#[derive(Clone, Debug, Default)]
pub struct Captured {
    /// `None`: a stream, whose end nobody waits for.
    pub size: Option<u64>,
    /// `None` for one that is too large, a stream, or no JSON.
    pub bytes: Option<Bytes>,
}

/// A request on its way.
#[derive(Debug)]
pub struct Taken {
    at: Timestamp,
    method: Method,
    uri: Uri,
    body: Arc<Mutex<Heard>>,
}

#[derive(Debug, Default)]
struct Heard {
    size: u64,
    bytes: Vec<u8>,
    json: bool,
}

impl Traffic {
    pub fn new(most: usize) -> Self {
        Self { most, kept: Mutex::default() }
    }

    /// How many are kept.
    pub fn most(&self) -> usize {
        self.most
    }

    /// Begins to listen to a request, if anything is kept at all.
    pub fn take(&self, request: &mut axum::extract::Request, at: impl Fn() -> Timestamp) -> Option<Taken> {
        if self.most == 0 || is_beside(request.method(), request.uri().path()) {
            return None;
        }
        let heard = Heard { json: is_json(request.headers()), ..Heard::default() };
        let body = Arc::new(Mutex::new(heard));
        if !request.body().is_end_stream() {
            let inner = std::mem::take(request.body_mut());
            *request.body_mut() = Body::new(Listening { inner, heard: Arc::clone(&body) });
        }
        Some(Taken { at: at(), method: request.method().clone(), uri: request.uri().clone(), body })
    }

    /// Keeps an exchange; gives the reply back to be sent.
    pub fn keep(&self, taken: Taken, reply: Response, took: Duration) -> Response {
        let (head, body) = reply.into_parts();
        let (captured, body) = capture(&head.headers, body);
        let Taken { at, method, uri, body: listened } = taken;
        let request = listened.lock().unwrap_or_else(PoisonError::into_inner).captured();
        let status = head.status.as_u16();
        self.put(Exchange { number: 0, at, method, uri, status, took, request, reply: captured });
        Response::from_parts(head, body)
    }

    /// Keeps an exchange whose reply is no HTTP.
    pub fn keep_broken(&self, taken: Taken, took: Duration) {
        let Taken { at, method, uri, body } = taken;
        let request = body.lock().unwrap_or_else(PoisonError::into_inner).captured();
        let reply = Captured::default();
        self.put(Exchange { number: 0, at, method, uri, status: 0, took, request, reply });
    }

    fn put(&self, mut exchange: Exchange) {
        let mut kept = self.lock();
        kept.next += 1;
        exchange.number = kept.next;
        kept.bytes += exchange.bytes();
        kept.exchanges.push_back(Arc::new(exchange));
        while kept.exchanges.len() > self.most || kept.bytes > MOST_BYTES {
            let Some(oldest) = kept.exchanges.pop_front() else { return };
            kept.bytes -= oldest.bytes();
        }
    }

    /// Newest first.
    pub fn newest(&self) -> Vec<Arc<Exchange>> {
        self.lock().exchanges.iter().rev().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who asks for these all the time would see little else: an open control room looks once a second. What it does
/// is kept.
fn is_beside(method: &Method, path: &str) -> bool {
    matches!(path, "/health" | "/metrics") || (method == Method::GET && path.starts_with("/control"))
}

fn is_json(headers: &HeaderMap) -> bool {
    let media = headers.get(header::CONTENT_TYPE).map(|value| value.as_bytes().to_ascii_lowercase());
    media.is_none_or(|media| media.windows(4).any(|four| four == b"json"))
}

/// A reply that lies ready is taken as it is; a stream goes its way unheard.
fn capture(headers: &HeaderMap, body: Body) -> (Captured, Body) {
    let Some(size) = body.size_hint().exact() else { return (Captured::default(), body) };
    let unheard = Captured { size: Some(size), bytes: None };
    if size > LARGEST as u64 || !is_json(headers) {
        return (unheard, body);
    }
    let mut body = body;
    match (&mut body).collect().now_or_never() {
        Some(Ok(whole)) => {
            let bytes = whole.to_bytes();
            (Captured { bytes: Some(bytes.clone()), ..unheard }, Body::from(bytes))
        }
        // It has a length and is not there yet: nothing of ours is like that.
        _ => (unheard, body),
    }
}

impl Exchange {
    fn bytes(&self) -> usize {
        let of = |captured: &Captured| captured.bytes.as_ref().map_or(0, Bytes::len);
        self.uri.path().len() + self.uri.query().map_or(0, str::len) + of(&self.request) + of(&self.reply)
    }

    /// The path with its secrets masked.
    pub fn path(&self) -> String {
        let mut secret = false;
        let mut segments = Vec::new();
        for segment in self.uri.path().split('/') {
            segments.push(if secret && !segment.is_empty() { MASK } else { segment });
            secret = BEFORE_KEYS.contains(&segment);
        }
        segments.join("/")
    }

    /// The query with its secrets masked.
    pub fn query(&self) -> Option<String> {
        let masked = |pair: &str| match pair.split_once('=') {
            Some((name, value)) if is_secret(name) || is_key(value) => format!("{name}={MASK}"),
            _ => pair.to_owned(),
        };
        Some(self.uri.query()?.split('&').map(masked).collect::<Vec<_>>().join("&"))
    }
}

impl Captured {
    /// The body as JSON, its secrets masked; `None` where there is none to show.
    pub fn shown(&self) -> Option<Value> {
        let mut value = serde_json::from_slice(self.bytes.as_ref()?).ok()?;
        mask(&mut value);
        Some(value)
    }
}

impl Heard {
    fn captured(&mut self) -> Captured {
        let whole = self.json && !self.bytes.is_empty() && self.bytes.len() as u64 == self.size;
        let bytes = whole.then(|| Bytes::from(std::mem::take(&mut self.bytes)));
        Captured { size: Some(self.size), bytes }
    }
}

fn is_secret(name: &str) -> bool {
    let name = plain(name);
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

/// A name as it is compared: `client_secret`, `clientSecret` and `Client-Secret` are one.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

fn mask(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if is_secret(name) && !value.is_null() && !says_what_kind(name) {
                    *value = Value::from(MASK);
                } else if SECRET_OBJECTS.contains(&plain(name).as_str()) {
                    mask_all(value);
                } else {
                    mask(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::String(text) => {
            if let Some(masked) = without_session(text).or_else(|| without_key(text)) {
                *text = masked;
            }
        }
        _ => {}
    }
}

/// `tokenType` is a token's kind, not a token.
fn says_what_kind(name: &str) -> bool {
    plain(name) == "tokentype"
}

fn mask_all(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(mask_all),
        Value::Array(items) => items.iter_mut().for_each(mask_all),
        Value::Null => {}
        other => *other = Value::from(MASK),
    }
}

/// A tracking link opens its callout for whoever reads it.
fn without_session(text: &str) -> Option<String> {
    const SESSION: &str = "sessionToken=";
    let start = text.find(SESSION)? + SESSION.len();
    let end = text[start..].find(['&', '#', ' ']).map_or(text.len(), |end| start + end);
    Some(format!("{}{MASK}{}", &text[..start], &text[end..]))
}

fn is_key(text: &str) -> bool {
    KEYS.iter().any(|key| text.starts_with(key))
}

/// The key to a hosted page, by itself or at the end of its link.
fn without_key(text: &str) -> Option<String> {
    let start = text.rfind('/').map_or(0, |slash| slash + 1);
    is_key(&text[start..]).then(|| format!("{}{MASK}", &text[..start]))
}

/// A body that is listened to while somebody reads it.
#[derive(Debug)]
struct Listening {
    inner: Body,
    heard: Arc<Mutex<Heard>>,
}

impl HttpBody for Listening {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        if let Some(data) = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref()) {
            let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.size += data.len() as u64;
            if heard.json && heard.bytes.len() + data.len() <= LARGEST {
                heard.bytes.extend_from_slice(data);
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_masked_wherever_they_are() {
        let mut value = json!({
            "clientId": "acme", "clientSecret": "hush", "client_secret": "hush", "password": "hush",
            "accessToken": "hush", "tokenType": "Bearer", "safeCode": "4321", "expiresIn": 3600,
            "callout": { "id": 7, "url": "http://127.0.0.1/track/7?sessionToken=hush&calloutId=7" },
            "webhook": { "customHeaders": { "X-Key": "hush", "list": ["hush", 4321] } },
            "list": [{ "Api-Key": "hush" }, "sessionToken=hush"], "refreshToken": null,
        });
        mask(&mut value);
        let text = value.to_string();
        assert!(!text.contains("hush") && !text.contains("4321"), "{text}");
        assert_eq!(value["clientId"], "acme");
        assert_eq!(value["tokenType"], "Bearer");
        assert_eq!(value["callout"]["url"], "http://127.0.0.1/track/7?sessionToken=***&calloutId=7");
        assert_eq!(value["refreshToken"], Value::Null);
    }

    #[test]
    fn the_key_to_a_hosted_page_is_masked_wherever_it_is() {
        let mut value = json!({
            "id": "css_hush", "sessionId": "css_hush", "returnUrl": "http://127.0.0.1:1/signup/css_hush",
            "url": "http://127.0.0.1:1/manage/sms_hush", "way": "https://example.com/done",
        });
        mask(&mut value);
        assert!(!value.to_string().contains("hush"), "{value}");
        assert_eq!(value["returnUrl"], "http://127.0.0.1:1/signup/***");
        assert_eq!(value["way"], "https://example.com/done");
        for (uri, path) in [
            ("/signup/hush", "/signup/***"),
            ("/manage/hush?a=b", "/manage/***"),
            ("/panic-api/v2/customer-signup/sessions/css_hush", "/panic-api/v2/customer-signup/sessions/***"),
            ("/panic-api/v2/customer-signup/sessions", "/panic-api/v2/customer-signup/sessions"),
        ] {
            assert_eq!(Exchange { uri: Uri::from_static(uri), ..exchange(0) }.path(), path);
        }
        let back = Uri::from_static("/done?signupSessionId=css_hush&a=b");
        assert_eq!(Exchange { uri: back, ..exchange(0) }.query().unwrap(), "signupSessionId=***&a=b");
    }

    fn exchange(size: usize) -> Exchange {
        Exchange {
            number: 0,
            at: Timestamp::UNIX_EPOCH,
            method: Method::GET,
            uri: Uri::from_static("/x?sessionToken=hush&a=b&access_token=hush"),
            status: 200,
            took: Duration::ZERO,
            request: Captured::default(),
            reply: Captured { size: None, bytes: Some(Bytes::from(vec![b'x'; size])) },
        }
    }

    #[test]
    fn a_query_is_masked_too() {
        assert_eq!(exchange(0).query().unwrap(), "sessionToken=***&a=b&access_token=***");
    }

    #[test]
    fn the_newest_are_kept_up_to_the_count_and_the_bytes() {
        let traffic = Traffic::new(3);
        (0..5).for_each(|_| traffic.put(exchange(10)));
        let numbers: Vec<_> = traffic.newest().iter().map(|exchange| exchange.number).collect();
        assert_eq!(numbers, [5, 4, 3]);
        let traffic = Traffic::new(MOST_KEPT);
        (0..500).for_each(|_| traffic.put(exchange(LARGEST)));
        let kept = traffic.newest().len();
        assert!((60..64).contains(&kept), "{kept}");
        assert!(traffic.lock().bytes <= MOST_BYTES);
    }
}
