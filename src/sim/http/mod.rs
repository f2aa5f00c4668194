//! The simulator over HTTP. Thin: a handler reads the request, makes a command of it or looks at the
//! world, and writes what came of it in the shape of the dialect. Nothing is decided here.

mod body;
mod caller;
mod callouts;
mod callouts_v1;
mod control;
mod control_coverage;
mod control_devices;
mod control_fleet;
mod control_sources;
mod control_webhooks;
mod control_world;
mod customers;
mod devices;
mod feedback;
mod fresh;
mod guard;
mod hosted;
mod imports;
mod kept;
mod limits;
mod maps;
mod openapi;
mod patience;
mod people_v1;
mod places;
mod plain;
mod problem;
mod raising;
mod reply;
pub mod server;
mod services;
mod signup;
mod subscriptions;
mod tokens;
mod track;
mod track_live;
mod view_control;
mod view_event;
mod view_people;
mod view_places;
mod view_v1;
mod view_v2;
mod view_webhook;
mod view_words;
mod webhooks;

use crate::sim::engine::Engine;
use crate::sim::imports::Imports;
use crate::sim::outgoing::Outgoing;
use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use kept::Kept;
use problem::Problem;
use std::any::Any;
use std::sync::Arc;
use subscriptions::RateLimit;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use track_live::Streams;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

pub use body::LARGEST as LARGEST_BODY;
pub use control_world::scenario;
pub use guard::Access;
pub use limits::Limits;
pub use view_webhook::payload as webhook_payload;

/// Some existing apps have this in their local address.
const STAGE: &str = "/development";
const V1: &str = "/panic-api";
const V2: &str = "/panic-api/v2";

/// What the handlers share.
#[derive(Debug)]
pub struct Shared {
    pub engine: Engine,
    pub access: Access,
    pub outgoing: Outgoing,
    pub imports: Imports,
    subscription_reads: RateLimit,
    streams: Streams,
    /// Of those who make a map picture.
    pictures: Semaphore,
    kept: Kept,
}

pub type App = Arc<Shared>;

/// What a read asks for beyond the usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Included {
    route: bool,
    events: bool,
}

impl Included {
    /// Any value but `true` asks for nothing.
    fn asked_for(query: Option<&str>) -> Self {
        let has = |wanted: &str| query.is_some_and(|query| query.split('&').any(|pair| pair == wanted));
        Self { route: has("shouldIncludeRoute=true"), events: has("shouldIncludeEvents=true") }
    }
}

/// Every path of the simulator. What has no end of its own ends at `stop`.
pub fn router(engine: Engine, access: Access, outgoing: Outgoing, stop: CancellationToken) -> (Router, App) {
    let app = Arc::new(Shared {
        engine,
        access,
        outgoing,
        imports: Imports::default(),
        subscription_reads: RateLimit::default(),
        streams: Streams::new(stop),
        pictures: Semaphore::new(maps::AT_ONCE),
        kept: Kept::default(),
    });
    let mut router = Router::new();
    for stage in ["", STAGE] {
        router = mount(router, &format!("{stage}{V2}"), v2());
        router = mount(router, &format!("{stage}{V1}"), v1());
        // The API has it outside its own path only. Who looks for it with the rest finds it too.
        router = mount(router, stage, imports::routes());
        router = mount(router, &format!("{stage}{V2}"), imports::routes());
    }
    router = mount(router, "/control", control());
    router = mount(router, "", beside());
    let router = hosted::mount(router)
        .route("/openapi.json", get(openapi::document))
        .route("/track/icon.svg", get(track::icon))
        .merge(openapi::browser())
        .route("/track/{callout}", get(track::page))
        .route("/track/{callout}/live", get(track_live::stream))
        .route("/track/{callout}/map.png", get(maps::image))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(CatchPanicLayer::custom(|panic: Box<dyn Any + Send>| {
            drop(panic);
            tracing::error!("a handler panicked");
            Problem::internal().into_response()
        }))
        .with_state(Arc::clone(&app));
    (router, app)
}

/// The routes of one area, each with what the OpenAPI document says of it.
pub type Routes = Vec<UtoipaMethodRouter<App>>;

/// Written out rather than nested: a nested router rewrites the URI of every request.
fn mount(router: Router<App>, prefix: &str, area: Routes) -> Router<App> {
    area.into_iter().fold(router, |router, (_, paths, methods)| {
        let path = paths.paths.keys().next().map_or("", String::as_str);
        router.route(&format!("{prefix}{path}"), methods)
    })
}

/// Reference §2 and §4 to §6.
fn v2() -> Routes {
    [
        tokens::routes(),
        devices::routes(),
        customers::routes(),
        places::routes(),
        subscriptions::routes(),
        signup::routes(),
        services::routes(),
        raising::routes(),
        callouts::routes(),
        maps::routes(),
        feedback::routes(),
        webhooks::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Reference §2.4 and §7.
fn v1() -> Routes {
    [tokens::routes_v1(), people_v1::routes_v1(), callouts_v1::routes()].into_iter().flatten().collect()
}

/// Not part of AURA's API.
fn control() -> Routes {
    [
        control::routes(),
        control_coverage::routes(),
        control_devices::routes(),
        control_fleet::routes(),
        control_sources::routes(),
        control_webhooks::routes(),
        control_world::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Outside every prefix.
fn beside() -> Routes {
    vec![routes!(control_world::health)]
}

/// Everything that the document tells of, with the path it stands under.
fn documented() -> [(&'static str, Routes); 5] {
    [(V2, v2()), (V1, v1()), ("/control", control()), ("", beside()), ("", imports::routes())]
}

/// An unknown path and a wrong method are both a 404 (reference §3).
async fn unknown() -> Problem {
    Problem::not_found("Resource")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_true_includes() {
        let all = Included { route: true, events: true };
        assert_eq!(Included::asked_for(Some("shouldIncludeRoute=true&shouldIncludeEvents=true")), all);
        for query in [None, Some(""), Some("shouldIncludeRoute=1"), Some("shouldIncludeEvents=TRUE")] {
            assert_eq!(Included::asked_for(query), Included::default(), "{query:?}");
        }
    }
}
