//! One HTTP exchange: what is sent, what came back, and how it failed. No retries, no tokens.

use super::error::{ApiError, message_of};
use super::is_loopback;
use super::observed::{Observed, Observer};
use super::trust::Authorities;
use crate::traffic::{Side, Trouble};
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, DATE, RETRY_AFTER};
use reqwest::{Method, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::OnceCell;

/// Largest body that is read. A callout with its chat and route takes a few hundred kilobytes.
const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// How long an idle connection is kept. Short, since a server that was restarted has closed it: what
/// is sent into such a one fails as if it had been half done. Polls are farther apart than this anyway;
/// the calls that follow one another at once (customer, callout, chat) still share a connection.
const KEPT_IDLE: Duration = Duration::from_secs(2);
const MOST_IDLE: usize = 2;

/// HTTP status with which AURA refuses an update because the callout is closed. It is in the range of
/// success, so it must be looked for first.
pub(crate) const CALLOUT_CLOSED: u16 = 285;

/// Longest `Retry-After` that is believed.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);

pub(crate) struct Request {
    /// What is being done, for messages: `read the callout`.
    pub what: &'static str,
    pub method: Method,
    /// Below the base URL, with its query.
    pub path: String,
    pub body: Option<Vec<u8>>,
    /// Nobody is told of it: a look that is repeated every few seconds, and is not the API's.
    quiet: bool,
}

impl Request {
    pub(crate) fn new(what: &'static str, method: Method, path: impl Into<String>) -> Self {
        Self { what, method, path: path.into(), body: None, quiet: false }
    }

    pub(crate) fn quietly(self) -> Self {
        Self { quiet: true, ..self }
    }

    pub(crate) fn with<B: Serialize>(mut self, body: &B) -> Result<Self, ApiError> {
        let bytes = serde_json::to_vec(body).map_err(|_| {
            ApiError::Settings(format!("could not {}: it cannot be written as JSON", self.what))
        })?;
        self.body = Some(bytes);
        Ok(self)
    }
}

pub(crate) struct Reply {
    pub what: &'static str,
    pub status: u16,
    pub retry_after: Option<SignedDuration>,
    /// What the server's clock read, where it tells.
    pub server_time: Option<Timestamp>,
    pub body: Vec<u8>,
}

impl Reply {
    pub(crate) fn is_closed(&self) -> bool {
        self.status == CALLOUT_CLOSED
    }

    /// The reply, if it is a success. 285 is none: callers who expect it look for it before.
    pub(crate) fn success(self) -> Result<Self, ApiError> {
        if (200..300).contains(&self.status) && !self.is_closed() {
            return Ok(self);
        }
        let message = message_of(self.status, &self.body);
        if self.status == 401 {
            return Err(ApiError::Unauthorized { what: self.what, message });
        }
        Err(ApiError::Status { what: self.what, status: self.status, message, retry_after: self.retry_after })
    }

    pub(crate) fn unreadable(&self, why: impl Into<String>) -> ApiError {
        ApiError::Unreadable { what: self.what, why: why.into() }
    }
}

pub(crate) struct Transport {
    base: Url,
    connect_timeout: Duration,
    total_timeout: Duration,
    proxy: bool,
    ca: Option<Authorities>,
    largest_body: usize,
    /// Made at the first call: loading the system's certificates must not cost the first frame.
    http: OnceCell<reqwest::Client>,
    observer: Option<(Arc<dyn Observer>, Side)>,
}

impl Transport {
    /// Refuses a base URL that is none, and one that would send credentials in clear.
    pub(crate) fn new(
        base_url: &str,
        connect_timeout: Duration,
        total_timeout: Duration,
        proxy: bool,
    ) -> Result<Self, ApiError> {
        let settings = |why: &str| ApiError::Settings(format!("the base URL of the profile {why}"));
        let base = Url::parse(base_url.trim_end_matches('/'))
            .map_err(|_| settings("is not a URL; it looks like https://host/panic-api/v2"))?;
        let loopback = is_loopback(&base);
        match base.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => {
                return Err(settings(
                    "is http:// on another machine: credentials would travel in clear, use https://",
                ));
            }
            _ => return Err(settings("is neither http:// nor https://")),
        }
        if base.host_str().is_none() || base.query().is_some() || base.fragment().is_some() {
            return Err(settings("must have a host and no query"));
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(settings("holds a user name or a password; credentials have settings of their own"));
        }
        let (proxy, http) = (proxy && !loopback, OnceCell::new());
        let largest_body = LARGEST_BODY;
        Ok(Self { base, connect_timeout, total_timeout, proxy, ca: None, largest_body, http, observer: None })
    }

    /// Believes these authorities besides the system's.
    pub(crate) fn trusting(self, ca: Option<Authorities>) -> Self {
        Self { ca, ..self }
    }

    /// Tells of every exchange from here on.
    pub(crate) fn observed_by(&mut self, observer: Arc<dyn Observer>, side: Side) {
        self.observer = Some((observer, side));
    }

    /// Reads replies up to another size.
    pub(crate) fn taking(self, largest_body: usize) -> Self {
        Self { largest_body, ..self }
    }

    /// How long a whole call may take, fetching of a token included.
    pub(crate) fn total_timeout(&self) -> Duration {
        self.total_timeout
    }

    /// Sends it once. `sent` is set as soon as the server may have heard of it.
    pub(crate) async fn send(
        &self,
        request: &Request,
        token: Option<&SecretString>,
        now: Timestamp,
        sent: &AtomicBool,
    ) -> Result<Reply, ApiError> {
        let what = request.what;
        let base = self.base.as_str().trim_end_matches('/');
        let url = format!("{base}{}", request.path);
        let mut builder = self.http().await?.request(request.method.clone(), url);
        if let Some(token) = token {
            builder = builder.header(AUTHORIZATION, format!("Bearer {}", token.expose_secret()));
        }
        if let Some(body) = &request.body {
            builder = builder.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        sent.store(true, Ordering::Relaxed);
        let mut observed = self
            .observer
            .clone()
            .filter(|_| !request.quiet)
            .map(|(observer, side)| Observed::begin(observer, (side, base), request, token, now));
        let response = builder.send().await.map_err(|error| failed(what, &error));
        if matches!(response, Err(ApiError::Unreachable { .. })) {
            sent.store(false, Ordering::Relaxed);
        }
        let response = match response {
            Ok(response) => response,
            Err(error) => return Err(told(observed, error, &[])),
        };
        if let Some(observed) = &mut observed {
            observed.head(response.status().as_u16(), response.headers());
        }
        let status = response.status().as_u16();
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| wait_of(value, now));
        let date = response.headers().get(DATE).and_then(|value| value.to_str().ok());
        let server_time = date.and_then(|date| Some(jiff::fmt::rfc2822::parse(date).ok()?.timestamp()));
        let mut body = Vec::new();
        if let Err(error) = read_body(what, response, &mut body, self.largest_body).await {
            let error = told(observed, error, &body);
            // The status of an error is the news; a body that broke off on the way changes nothing.
            if !(status >= 400 && matches!(error, ApiError::Unanswered { .. })) {
                return Err(error);
            }
            body.clear();
        } else if let Some(observed) = observed {
            observed.end(None, &body);
        }
        tracing::debug!(what, status, bytes = body.len(), "exchange");
        Ok(Reply { what, status, retry_after, server_time, body })
    }

    async fn http(&self) -> Result<&reqwest::Client, ApiError> {
        self.http.get_or_try_init(|| async { self.build() }).await
    }

    fn build(&self) -> Result<reqwest::Client, ApiError> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("panic-console/", env!("CARGO_PKG_VERSION")))
            // A redirect would carry the bearer token to wherever it points.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(self.connect_timeout)
            .timeout(self.total_timeout)
            .pool_idle_timeout(KEPT_IDLE)
            .pool_max_idle_per_host(MOST_IDLE);
        if !self.proxy {
            builder = builder.no_proxy();
        }
        if self.base.scheme() == "http" {
            builder = builder.tls_certs_only([]);
        } else if let Some(ca) = &self.ca {
            builder = builder.tls_certs_merge(ca.certificates());
        }
        builder.build().map_err(|_| {
            ApiError::Settings(
                "the HTTP client cannot start: are the system's certificates installed?".to_owned(),
            )
        })
    }
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Transport({})", self.base.host_str().unwrap_or_default())
    }
}

fn failed(what: &'static str, error: &reqwest::Error) -> ApiError {
    if error.is_builder() {
        ApiError::Settings(format!("could not {what}: the request could not be made; check the profile"))
    } else if error.is_connect() {
        ApiError::Unreachable {
            what,
            why: if error.is_timeout() { "timed out" } else { "refused or unknown" },
        }
    } else {
        ApiError::Unanswered { what, why: if error.is_timeout() { "timed out" } else { "connection lost" } }
    }
}

/// The observer hears what kept a reply from coming whole; the caller gets the error as it is.
fn told(observed: Option<Observed>, error: ApiError, body: &[u8]) -> ApiError {
    if let Some(observed) = observed {
        let trouble = match &error {
            ApiError::Unreadable { .. } => Trouble::TooLarge,
            ApiError::Unreachable { .. } => Trouble::NoConnection,
            ApiError::Unanswered { why: "timed out", .. } => Trouble::TimedOut,
            _ => Trouble::CutOff,
        };
        observed.end(Some(trouble), body);
    }
    error
}

async fn read_body(
    what: &'static str,
    mut response: reqwest::Response,
    body: &mut Vec<u8>,
    largest: usize,
) -> Result<(), ApiError> {
    let too_large =
        || ApiError::Unreadable { what, why: format!("it is larger than {} MiB", largest / 1024 / 1024) };
    if response.content_length().is_some_and(|length| length > largest as u64) {
        return Err(too_large());
    }
    while let Some(chunk) = response.chunk().await.map_err(|error| failed(what, &error))? {
        if body.len() + chunk.len() > largest {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(())
}

/// `Retry-After` in either form: seconds, or a date.
fn wait_of(header: &str, now: Timestamp) -> Option<SignedDuration> {
    let header = header.trim();
    let wait = match header.parse::<i64>() {
        Ok(seconds) => SignedDuration::from_secs(seconds),
        Err(_) => jiff::fmt::rfc2822::parse(header).ok()?.timestamp().duration_since(now),
    };
    (!wait.is_negative()).then(|| wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(url: &str) -> Result<Transport, ApiError> {
        Transport::new(url, Duration::from_secs(3), Duration::from_secs(8), false)
    }

    #[test]
    fn credentials_never_travel_in_clear() {
        for url in
            ["http://127.0.0.1:3005/panic-api/v2/", "http://localhost", "https://panic.example.com/panic-api"]
        {
            assert!(base(url).is_ok(), "{url}");
        }
        let refused = base("http://panic.example.com/panic-api").unwrap_err();
        assert!(refused.to_string().contains("in clear"), "{refused}");
        for url in ["panic.example.com", "ftp://127.0.0.1", "https://a:b@panic.example.com", "https://x/?q=1"]
        {
            assert!(matches!(base(url), Err(ApiError::Settings(_))), "{url}");
        }
    }

    #[test]
    fn local_traffic_takes_no_proxy() {
        let transport = |url| Transport::new(url, Duration::ZERO, Duration::ZERO, true).unwrap();
        assert!(!transport("http://127.0.0.1:1").proxy);
        assert!(transport("https://panic.example.com").proxy);
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let now: Timestamp = "2024-01-10T10:34:45Z".parse().unwrap();
        assert_eq!(wait_of("10", now), Some(SignedDuration::from_secs(10)));
        assert_eq!(wait_of("Wed, 10 Jan 2024 10:35:15 GMT", now), Some(SignedDuration::from_secs(30)));
        assert_eq!(wait_of("999999", now), Some(LONGEST_WAIT));
        assert_eq!(wait_of("Wed, 10 Jan 2024 10:34:15 GMT", now), None);
        assert_eq!(wait_of("soon", now), None);
    }
}
