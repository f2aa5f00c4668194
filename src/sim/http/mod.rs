//! The simulator over HTTP. Thin: a handler reads the request, makes a command of it or looks at the
//! world, and writes what came of it in the shape of the dialect. Nothing is decided here.

mod body;
mod caller;
mod callouts;
mod callouts_v1;
mod control;
mod control_coverage;
mod control_devices;
mod control_faults;
mod control_fleet;
mod control_sources;
mod control_webhooks;
mod control_world;
mod customers;
mod devices;
mod edge;
mod feedback;
mod fresh;
mod guard;
mod hosted;
mod imports;
mod kept;
mod limits;
mod maps;
mod metrics;
mod openapi;
mod operations;
mod patience;
mod people_v1;
mod places;
mod plain;
mod problem;
mod raising;
mod reply;
mod route;
pub mod server;
mod services;
mod signup;
mod subscriptions;
mod tokens;
mod track;
mod track_live;
mod traffic;
mod view_control;
mod view_event;
mod view_people;
mod view_places;
mod view_v1;
mod view_v2;
mod view_webhook;
mod view_words;
mod webhooks;

use crate::sim::engine::{Engine, Failure};
use crate::sim::faults::{Faults, Rules};
use crate::sim::imports::Imports;
use crate::sim::outgoing::Outgoing;
use crate::sim::public_url::PublicUrl;
use crate::sim::world::Command;
use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use kept::Kept;
pub use kept::ROOM as KEPT_REPLIES;
use metrics::Metrics;
use problem::Problem;
use route::Routes;
use std::any::Any;
use std::sync::Arc;
use subscriptions::RateLimit;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use track_live::Streams;
use traffic::Traffic;

pub use body::LARGEST as LARGEST_BODY;
pub use control_faults::check as check_faults;
pub use control_world::scenario;
pub use guard::Access;
pub use limits::Limits;
pub use traffic::MOST_KEPT;
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
    /// What links begin with; `None`: with the address that the request came in at.
    public_url: Option<PublicUrl>,
    /// Whether a wrong safe code is answered with 400.
    strict_safe_codes: bool,
    pub limits: Limits,
    pub metrics: Metrics,
    pub faults: Faults,
    traffic: Traffic,
    stale: edge::Stale,
    /// One change of the faults after the other: they are in two places.
    faults_change: tokio::sync::Mutex<()>,
    subscription_reads: RateLimit,
    streams: Streams,
    /// Of those who make a map picture.
    pictures: Semaphore,
    kept: Kept,
}

impl Shared {
    /// With nothing kept of the traffic and nothing that goes wrong on purpose. What has no end of its
    /// own ends at `stop`.
    pub fn new(engine: Engine, access: Access, outgoing: Outgoing, stop: CancellationToken) -> Self {
        Self {
            engine,
            access,
            outgoing,
            imports: Imports::default(),
            public_url: None,
            strict_safe_codes: false,
            limits: Limits::default(),
            metrics: Metrics::default(),
            faults: Faults::default(),
            traffic: Traffic::new(0),
            stale: edge::Stale::default(),
            faults_change: tokio::sync::Mutex::default(),
            subscription_reads: RateLimit::default(),
            streams: Streams::new(stop),
            pictures: Semaphore::new(maps::AT_ONCE),
            kept: Kept::new(kept::ROOM),
        }
    }

    #[must_use]
    pub fn keeping(self, requests: usize) -> Self {
        Self { traffic: Traffic::new(requests.min(MOST_KEPT)), ..self }
    }

    /// With replies of callouts kept for the next read, in so many bytes.
    #[must_use]
    pub fn remembering(self, bytes: usize) -> Self {
        Self { kept: Kept::new(bytes), ..self }
    }

    #[must_use]
    pub fn within(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    #[must_use]
    pub fn known_as(self, public_url: Option<PublicUrl>) -> Self {
        Self { public_url, ..self }
    }

    #[must_use]
    pub fn strict(self, strict_safe_codes: bool) -> Self {
        Self { strict_safe_codes, ..self }
    }

    /// Takes these rules, all of them or none: those of callouts are the world's.
    pub async fn put_faults(&self, rules: Rules) -> Result<(), Failure> {
        let _one_by_one = self.faults_change.lock().await;
        self.engine.apply(Command::SetTroubles(rules.troubles())).await?;
        self.faults.put(rules);
        self.stale.forget();
        Ok(())
    }
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

/// Every path of the simulator.
pub fn router(shared: Shared) -> (Router, App) {
    let app = Arc::new(shared);
    let staged = |path: &str| format!("{STAGE}{path}");
    let router = mount(Router::new(), &[V2, &staged(V2)], &OF_V2);
    let router = mount(router, &[V1, &staged(V1)], &OF_V1);
    // The API has it outside its own path only. Who looks for it with the rest finds it too.
    let router = mount(router, &["", STAGE, V2, &staged(V2)], &[imports::routes]);
    let router = mount(router, &["/control"], &OF_CONTROL);
    let router = mount(router, &[""], &[control_world::beside]);
    let router = hosted::mount(router)
        .route("/metrics", get(operations::metrics))
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
        .layer(edge::Edges(Arc::clone(&app)))
        .with_state(Arc::clone(&app));
    (router, app)
}

/// An area makes its routes when they are asked for: once to mount them, once more for the document.
type Area = fn() -> Routes;

/// Written out rather than nested: a nested router rewrites the URI of every request.
fn mount(router: Router<App>, prefixes: &[&str], areas: &[Area]) -> Router<App> {
    areas.iter().flat_map(|area| area()).fold(router, |router, route| {
        prefixes.iter().fold(router, |router, prefix| {
            router.route(&format!("{prefix}{}", route.path), route.methods.clone())
        })
    })
}

/// Reference §2 and §4 to §6.
const OF_V2: [Area; 12] = [
    tokens::routes,
    devices::routes,
    customers::routes,
    places::routes,
    subscriptions::routes,
    signup::routes,
    services::routes,
    raising::routes,
    callouts::routes,
    maps::routes,
    feedback::routes,
    webhooks::routes,
];

/// Reference §2.4 and §7.
const OF_V1: [Area; 4] = [tokens::routes_v1, people_v1::routes_v1, raising::routes_v1, callouts_v1::routes];

/// Not part of AURA's API.
const OF_CONTROL: [Area; 9] = [
    control::routes,
    control_coverage::routes,
    control_devices::routes,
    control_fleet::routes,
    control_sources::routes,
    control_faults::routes,
    operations::routes,
    control_webhooks::routes,
    control_world::routes,
];

/// Everything that the document tells of, with the path it stands under.
fn documented() -> impl Iterator<Item = (&'static str, Routes)> {
    let all: [(&str, &[Area]); 4] = [
        (V2, &OF_V2),
        (V1, &OF_V1),
        ("/control", &OF_CONTROL),
        ("", &[control_world::beside, imports::routes]),
    ];
    all.into_iter().flat_map(|(prefix, areas)| areas.iter().map(move |area| (prefix, area())))
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
