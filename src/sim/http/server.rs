//! Connections: accepting them, bounding them, and ending them in order.

use super::limits::Limits;
use super::patience::{Patient, Stage};
use super::problem::{Problem, in_our_shape};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
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

/// Where a request came in: its host must be this one, for some paths.
#[derive(Clone, Copy, Debug)]
pub struct LocalAddress(pub SocketAddr);

/// Marks a reply that goes on until its callout is closed. No request follows on its connection.
#[derive(Clone, Copy, Debug)]
pub struct Endless;

/// Serves until `stop`, then lets what runs end, and drops the rest.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: CancellationToken) {
    let mut connections = JoinSet::new();
    let places = Arc::new(Semaphore::new(limits.connections));
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
                let serving = connection(stream, router.clone(), limits, stop.clone());
                connections.spawn(async move {
                    serving.await;
                    drop(place);
                });
            }
            Err(error) => {
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

async fn connection(stream: TcpStream, router: Router, limits: Limits, stop: CancellationToken) {
    let Ok(local) = stream.local_addr() else { return };
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY");
    }
    let stage = Stage::default();
    let io = TokioIo::new(Patient::new(stream, stage.clone(), limits));
    let service = service_fn(|request| answer(request, local, router.clone(), &stage, limits));
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
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn answer(
    request: hyper::Request<Incoming>,
    local: SocketAddr,
    mut router: Router,
    stage: &Stage,
    limits: Limits,
) -> Result<Response, Infallible> {
    stage.answering();
    let mut request: Request = request.map(Body::new);
    request.extensions_mut().insert(LocalAddress(local));
    let answered = tokio::time::timeout(limits.request, router.call(request)).await;
    let response = match answered {
        Ok(Ok(response)) => in_our_shape(response).await,
        Err(_) => Problem::new(StatusCode::REQUEST_TIMEOUT, "The request took too long.").into_response(),
    };
    // A reply without an end is never idle. Who does not fetch it runs into the limit for replies.
    if response.extensions().get::<Endless>().is_none() {
        stage.idle();
    }
    Ok(response)
}
