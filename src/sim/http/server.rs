//! Connections: accepting them, bounding them, and ending them in order.

use super::App;
use super::patience::{Patient, Stage};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower_service::Service;

/// What is under way when the server stops has this long to end: the process is to be gone after five
/// seconds, and has its state file to close.
pub const FOR_THE_REST: Duration = Duration::from_secs(4);

const MOST_HEADERS: usize = 100;
const LARGEST_HEAD: usize = 64 * 1024;

/// After a failure to accept (out of file descriptors) nothing is gained by trying again at once.
const AFTER_A_FAILURE: Duration = Duration::from_millis(50);

/// How a request came in.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// Its host must be this one, for some paths.
    pub local: SocketAddr,
    pub stage: Stage,
}

/// Marks a reply that goes on until its callout is closed. No request follows on its connection.
#[derive(Clone, Copy, Debug)]
pub struct Endless;

/// Serves until `stop`, then lets what runs end, and drops the rest.
pub async fn serve(listener: TcpListener, router: Router, app: App, stop: CancellationToken) {
    let mut connections = JoinSet::new();
    let places = Arc::new(Semaphore::new(app.limits.connections));
    loop {
        while connections.try_join_next().is_some() {}
        let place = tokio::select! {
            () = stop.cancelled() => break,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let serving = connection(stream, router.clone(), App::clone(&app), stop.clone());
                connections.spawn(async move {
                    serving.await;
                    drop(place);
                });
            }
            Err(error) => {
                app.metrics.not_accepted.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(AFTER_A_FAILURE).await;
            }
        }
    }
    drop(listener);
    let rest = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(FOR_THE_REST, rest).await.is_err() {
        tracing::warn!("requests were cut off at the end");
    }
}

async fn connection(stream: TcpStream, router: Router, app: App, stop: CancellationToken) {
    app.metrics.accepted.fetch_add(1, Ordering::Relaxed);
    let _open = Open::new(&app.metrics.connections);
    let Ok(local) = stream.local_addr() else { return };
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY");
    }
    let stage = Stage::default();
    let io = TokioIo::new(Patient::new(stream, stage.clone(), app.limits));
    let service =
        service_fn(|request| answer(request, Arrived { local, stage: stage.clone() }, router.clone()));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_headers(MOST_HEADERS)
        .max_buf_size(LARGEST_HEAD)
        .serve_connection(io, service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        app.metrics.ended_early.fetch_add(1, Ordering::Relaxed);
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Counts a connection while it is open.
struct Open<'a>(&'a AtomicUsize);

impl<'a> Open<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn answer(
    request: hyper::Request<Incoming>,
    arrived: Arrived,
    mut router: Router,
) -> Result<Response, Infallible> {
    let stage = arrived.stage.clone();
    stage.answering();
    let mut request: Request = request.map(Body::new);
    request.extensions_mut().insert(arrived);
    let answered = router.call(request).await;
    // A reply without an end is never idle. Who does not fetch it runs into the limit for replies.
    if !answered.as_ref().is_ok_and(|response| response.extensions().get::<Endless>().is_some()) {
        stage.idle();
    }
    answered
}
