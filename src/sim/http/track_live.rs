//! A live tracking page: what has changed since it was sent last, as server-sent events, until the
//! callout is closed. A stream costs something only while somebody looks at the page, and there are
//! so many of them at most.

use super::App;
use super::server::Endless;
use super::track::{guarded, nothing, opened};
use crate::sim::news::News;
use crate::sim::tracking::{Parts, Seen};
use crate::sim::world::CalloutId;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// Pages that are live at the same time. The others read themselves again, and say so.
pub const MOST_STREAMS: usize = 256;

/// A page that heard nothing for longer knows that the line is dead.
const BEAT: Duration = Duration::from_secs(5);

/// In a busy world, and on a fast clock, a page is brought up to date no more often than this.
const AT_LEAST_APART: Duration = Duration::from_millis(400);

/// What the streams share.
#[derive(Debug)]
pub struct Streams {
    places: Arc<Semaphore>,
    stop: CancellationToken,
}

impl Streams {
    /// All of them end at `stop`.
    pub fn new(stop: CancellationToken) -> Self {
        Self { places: Arc::new(Semaphore::new(MOST_STREAMS)), stop }
    }
}

/// `GET /track/{calloutId}/live?sessionToken=…`.
pub async fn stream(
    State(app): State<App>,
    Path(callout): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let Some(id) = opened(&app, &callout, query.as_deref()) else { return nothing() };
    let Ok(place) = Arc::clone(&app.streams.places).try_acquire_owned() else {
        let busy = (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "10")]);
        return guarded(busy.into_response());
    };
    let watcher = Watcher {
        news: app.engine.news(),
        app,
        id,
        sent: None,
        looked: None,
        next_report: None,
        over: false,
        _place: place,
    };
    let events = futures_util::stream::unfold(watcher, |mut watcher| async {
        let event = watcher.next().await?;
        Some((Ok::<_, Infallible>(event), watcher))
    });
    let mut response = Response::new(Body::from_stream(events));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    response.extensions_mut().insert(Endless);
    guarded(response)
}

/// One open page.
struct Watcher {
    app: App,
    id: CalloutId,
    news: News,
    /// What the page shows by now.
    sent: Option<Parts>,
    looked: Option<Instant>,
    next_report: Option<Timestamp>,
    over: bool,
    _place: OwnedSemaphorePermit,
}

#[derive(Serialize)]
struct Told<'a> {
    title: &'a str,
    status: &'a str,
    at: String,
    over: bool,
    parts: BTreeMap<&'a str, &'a str>,
}

impl Watcher {
    /// The next event. `None`: the page has been told all there is, or the server ends.
    async fn next(&mut self) -> Option<String> {
        if self.over {
            return None;
        }
        let beat = Instant::now() + BEAT;
        loop {
            if self.looked.is_some() && !self.something_happens(beat).await {
                return None;
            }
            let due = Instant::now() >= beat;
            let (seen, now) = self.look().await;
            // A callout that was there and is not: the world was reset. The link is dead.
            let seen = seen?;
            self.next_report = seen.next_report();
            self.over = seen.is_closed();
            let parts = Parts::of(&seen);
            if self.sent.as_ref() != Some(&parts) {
                let event = self.state(&parts, now);
                self.sent = Some(parts);
                return event;
            }
            if due {
                return Some(format!("event: beat\ndata: {}\n\n", seconds(now)));
            }
        }
    }

    /// Waits until there may be something to tell, or for the beat. `false`: the server ends.
    async fn something_happens(&mut self, beat: Instant) -> bool {
        let apart = self.looked.map_or(beat, |looked| looked + AT_LEAST_APART);
        let stop = self.app.streams.stop.clone();
        let report = async {
            match self.next_report {
                Some(at) => self.app.engine.clock.sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        let happens = async {
            let told = tokio::select! {
                told = self.news.changed() => told,
                () = report => true,
                () = sleep_until(beat) => true,
            };
            sleep_until(apart).await;
            told
        };
        tokio::select! {
            () = stop.cancelled() => false,
            told = happens => told,
        }
    }

    async fn look(&mut self) -> (Option<Seen>, Timestamp) {
        self.looked = Some(Instant::now());
        let id = self.id;
        let seen = self.app.engine.look(id, |world, now| {
            (world.callout_by_id(id).and_then(|record| Seen::new(world, record, now)), now)
        });
        seen.await
    }

    /// The parts that are not as they were sent.
    fn state(&self, parts: &Parts, now: Timestamp) -> Option<String> {
        let before = |id: &str| self.sent.as_ref().map(|sent| sent.part(id));
        let changed = parts.all.iter().map(|(id, html)| (*id, html.as_str()));
        let state = Told {
            title: &parts.title,
            status: parts.status,
            at: seconds(now),
            over: self.over,
            parts: changed.filter(|(id, html)| before(id) != Some(*html)).collect(),
        };
        // JSON has no line break of its own, so it is one line of the event.
        let state = serde_json::to_string(&state).ok()?;
        // A stream that is cut off is opened again after a second.
        Some(format!("retry: 1000\nevent: state\ndata: {state}\n\n"))
    }
}

fn seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
