//! What every request passes on its way in and its reply on the way out: it is counted, kept for whoever
//! wants to see the traffic, bounded in time, and meets the faults that are switched on. Handlers know
//! nothing of it.

mod harm;

pub use harm::{Stale, closing};

use super::metrics::Counting;
use super::problem::{Problem, in_our_shape};
use super::traffic::Taken;
use super::{App, STAGE, V1, V2};
use crate::sim::faults::{Asked, Dialect, Met};
use axum::extract::{MatchedPath, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Instant;
use tower_layer::Layer;
use tower_service::Service;

/// Puts the edge around each route.
#[derive(Clone, Debug)]
pub struct Edges(pub App);

impl<S> Layer<S> for Edges {
    type Service = Edge<S>;

    fn layer(&self, inner: S) -> Edge<S> {
        Edge { inner, app: App::clone(&self.0) }
    }
}

#[derive(Clone, Debug)]
pub struct Edge<S> {
    inner: S,
    app: App,
}

type Answering = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

impl<S> Service<Request> for Edge<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Answering {
        let app = App::clone(&self.app);
        let template = request.extensions().get::<MatchedPath>().map(|path| unstaged(path.as_str()));
        let counting = app.metrics.begin(template, request.method().as_str());
        let met =
            if app.faults.is_on() { template.and_then(|path| meets(&app, path, &request)) } else { None };
        let taken = app.traffic.take(&mut request, || app.engine.clock.now());
        let way = Way { counting, taken, began: Instant::now() };
        let Some(met) = met else {
            let answering = within(app.limits.request, self.inner.call(request));
            return Box::pin(async move { Ok(way.end(&app, answering.await).await) });
        };
        let inner = self.inner.clone();
        Box::pin(async move { Ok(harm::meet(&app, inner, request, met, way).await) })
    }
}

/// One request on its way through.
struct Way {
    counting: Counting,
    taken: Option<Taken>,
    began: Instant,
}

impl Way {
    async fn end(self, app: &App, reply: Response) -> Response {
        let reply = in_our_shape(reply).await;
        let took = self.began.elapsed();
        self.counting.answered(reply.status().as_u16(), took);
        match self.taken {
            Some(taken) => app.traffic.keep(taken, reply, took),
            None => reply,
        }
    }

    /// There will be no reply that can be read.
    fn end_broken(self, app: &App) {
        let took = self.began.elapsed();
        self.counting.broken(took);
        if let Some(taken) = self.taken {
            app.traffic.keep_broken(taken, took);
        }
    }
}

async fn within(limit: Duration, answering: impl Future<Output = Result<Response, Infallible>>) -> Response {
    match tokio::time::timeout(limit, answering).await {
        Ok(Ok(reply)) => reply,
        Err(_) => Problem::new(StatusCode::REQUEST_TIMEOUT, "The request took too long.").into_response(),
    }
}

/// Both addresses of an operation are one.
fn unstaged(template: &str) -> &str {
    template.strip_prefix(STAGE).unwrap_or(template)
}

/// Dialect and route of a path that faults may be met at: the API, and the tracking page.
pub fn place(template: &str) -> Option<(Option<Dialect>, &str)> {
    let below = |prefix: &str| template.strip_prefix(prefix).filter(|rest| rest.starts_with('/'));
    match (below(V2), below(V1)) {
        (Some(route), _) => Some((Some(Dialect::V2), route)),
        (None, Some(route)) => Some((Some(Dialect::V1), route)),
        (None, None) => template.starts_with("/track").then_some((None, template)),
    }
}

fn meets(app: &App, template: &str, request: &Request) -> Option<Met> {
    let (dialect, route) = place(template)?;
    let callout = callout_in(template, unstaged(request.uri().path()));
    app.faults.meet(Asked { method: request.method().as_str(), route, dialect, callout })
}

/// The number that stands where the template says `{callout}`.
fn callout_in(template: &str, path: &str) -> Option<u64> {
    let parts = template.split('/').zip(path.split('/'));
    parts.filter(|(name, _)| *name == "{callout}").find_map(|(_, part)| part.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_met_at_the_api_and_at_nothing_beside_it() {
        assert_eq!(place("/panic-api/v2/callouts"), Some((Some(Dialect::V2), "/callouts")));
        assert_eq!(place("/panic-api/callouts"), Some((Some(Dialect::V1), "/callouts")));
        assert_eq!(place("/track/{callout}"), Some((None, "/track/{callout}")));
        for path in ["/control/callouts", "/control/faults", "/health", "/metrics", "/docs", "/openapi.json"]
        {
            assert_eq!(place(path), None, "{path}");
        }
    }

    #[test]
    fn a_callout_is_found_where_the_template_says() {
        let template = "/panic-api/v2/callouts/{callout}/events";
        assert_eq!(callout_in(template, "/panic-api/v2/callouts/1010/events"), Some(1_010));
        assert_eq!(callout_in(template, "/panic-api/v2/callouts/x/events"), None);
        assert_eq!(callout_in("/panic-api/v2/customers/{customer}", "/panic-api/v2/customers/7"), None);
    }
}
