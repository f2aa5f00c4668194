//! What becomes of a request that meets a fault.

use super::{Way, within};
use crate::geo::streets::mix;
use crate::sim::faults::{Break, Closing, Dribble, Instead, Met, StatusFault};
use crate::sim::http::App;
use crate::sim::http::body::LARGEST;
use crate::sim::http::caller::bearer_of;
use crate::sim::http::patience::{self, Stage};
use crate::sim::http::problem::Problem;
use crate::sim::http::server::Arrived;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http_body_util::{BodyExt, Limited};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tower_service::Service;

/// Replies that are remembered for reads that will be stale.
const MOST_STALE: usize = 256;
/// Of one of them.
const LARGEST_STALE: usize = 256 * 1024;

tokio::task_local! {
    static CLOSING: Closing;
}

/// What a fault has said of this request.
pub fn closing() -> Closing {
    CLOSING.try_with(|closing| *closing).unwrap_or_default()
}

pub async fn meet<S>(app: &App, inner: S, request: Request, met: Met, way: Way) -> Response
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    let stage = request.extensions().get::<Arrived>().map(|arrived| arrived.stage.clone());
    if met.token_expired
        && let Some(token) = bearer_of(request.headers())
    {
        app.engine.auth.expire(token);
    }
    let reply = match &met.instead {
        Some(_) if !met.carried_out => {
            // The peer has been heard out: otherwise the system would reset what only ends.
            let _too_much = Limited::new(request.into_body(), LARGEST).collect().await;
            None
        }
        _ => Some(carried_out(app, inner, request, &met).await),
    };
    tokio::time::sleep(met.delay).await;
    match (met.instead, stage) {
        (Some(Instead::Break(how, hash)), Some(stage)) => {
            way.end_broken(app);
            break_off(&stage, how, hash)
        }
        (Some(Instead::Status(status)), _) => way.end(app, refusal(status)).await,
        (_, _) => {
            let reply = reply.unwrap_or_else(|| Problem::internal().into_response());
            let reply = way.end(app, reply).await;
            match met.dribble {
                Some(dribble) => dribbled(reply, dribble).await,
                None => reply,
            }
        }
    }
}

async fn carried_out<S>(app: &App, mut inner: S, request: Request, met: &Met) -> Response
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    let key = (met.stale && request.method() == Method::GET).then(|| Stale::key(&request));
    let answering = within(app.limits.request, inner.call(request));
    let reply = CLOSING.scope(met.closing, answering).await;
    match key {
        Some(key) => app.stale.instead_of(key, reply).await,
        None => reply,
    }
}

fn refusal(StatusFault { code, retry_after, message }: StatusFault) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let usual = || status.canonical_reason().map_or_else(|| "Fault.".to_owned(), |why| format!("{why}."));
    let problem = Problem::new(status, message.unwrap_or_else(usual));
    match retry_after {
        Some(seconds) => problem.after(seconds).into_response(),
        None => problem.into_response(),
    }
}

/// hyper has to be given something to write; what is sent is said by the stage.
fn break_off(stage: &Stage, how: Break, hash: u64) -> Response {
    stage.break_off(match how {
        Break::Empty => patience::Break::Bytes(Vec::new()),
        Break::Reset => patience::Break::Reset,
        Break::RandomData => patience::Break::Bytes(noise(hash)),
        Break::MalformedChunk => {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
                        Transfer-Encoding: chunked\r\n\r\n";
            patience::Break::Bytes([head.as_bytes(), &noise(hash)].concat())
        }
    });
    Response::new(Body::empty())
}

/// Some hundred bytes that are no text, no status line and no size of a chunk.
fn noise(hash: u64) -> Vec<u8> {
    let words = 32 + hash % 32;
    (0..words).flat_map(|word| (mix(hash ^ word) | 0x8080_8080_8080_8080).to_le_bytes()).collect()
}

async fn dribbled(reply: Response, dribble: Dribble) -> Response {
    let (mut head, body) = reply.into_parts();
    let Ok(whole) = body.collect().await else { return Problem::internal().into_response() };
    let whole = whole.to_bytes();
    let chunks = usize::try_from(dribble.chunks).unwrap_or(1).min(whole.len()).max(1);
    let wait = Duration::from_millis(dribble.total_ms) / u32::try_from(chunks).unwrap_or(1);
    head.headers.remove(CONTENT_LENGTH);
    let pieces = stream::unfold((whole, chunks), move |(mut rest, left)| async move {
        if left == 0 || rest.is_empty() {
            return None;
        }
        tokio::time::sleep(wait).await;
        let piece = rest.split_to(rest.len().div_ceil(left));
        Some((Ok::<Bytes, Infallible>(piece), (rest, left - 1)))
    });
    Response::from_parts(head, Body::from_stream(pieces))
}

/// Replies of the reads before, given again in place of newer ones.
#[derive(Debug, Default)]
pub struct Stale(Mutex<HashMap<Key, Kept>>);

/// Who asked for what: nobody gets what another one read.
type Key = (Vec<u8>, String);
type Kept = (StatusCode, HeaderMap, Bytes);

impl Stale {
    fn key(request: &Request) -> Key {
        let who = request.headers().get(AUTHORIZATION).map(|value| value.as_bytes().to_vec());
        (who.unwrap_or_default(), request.uri().to_string())
    }

    /// What the read before this one was told; the first one is told the truth.
    async fn instead_of(&self, key: Key, reply: Response) -> Response {
        let (head, body) = reply.into_parts();
        let Ok(whole) = body.collect().await else { return Problem::internal().into_response() };
        let fresh = (head.status, head.headers.clone(), whole.to_bytes());
        let (status, headers, bytes) = if head.status == StatusCode::OK && fresh.2.len() <= LARGEST_STALE {
            let mut kept = self.lock();
            if kept.len() >= MOST_STALE {
                kept.clear();
            }
            kept.insert(key, fresh.clone()).unwrap_or(fresh)
        } else {
            fresh
        };
        let mut reply = Response::from_parts(head, Body::from(bytes));
        (*reply.status_mut(), *reply.headers_mut()) = (status, headers);
        reply
    }

    pub fn forget(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
