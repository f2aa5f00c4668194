//! The simulator over HTTP. Thin: a handler reads the request, makes a command of it or looks at the
//! world, and writes what came of it in the shape of the dialect. Nothing is decided here.

mod body;
mod caller;
mod callouts;
mod callouts_v1;
mod control;
mod control_fleet;
mod control_world;
mod customers;
mod guard;
mod patience;
mod problem;
mod raising;
mod reply;
pub mod server;
mod tokens;
mod track;
mod view_control;
mod view_event;
mod view_people;
mod view_v1;
mod view_v2;
mod view_words;

use crate::sim::engine::Engine;
use axum::Router;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get, patch, post};
use customers::RateLimit;
use problem::Problem;
use std::any::Any;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;

pub use body::LARGEST as LARGEST_BODY;
pub use control_world::scenario;
pub use guard::Access;
pub use patience::{FOR_HEADERS, WHEN_IDLE};

/// Some existing apps have this in their local address.
const STAGE: &str = "/development";
const V1: &str = "/panic-api";
const V2: &str = "/panic-api/v2";

/// What the handlers share.
#[derive(Debug)]
pub struct Shared {
    pub engine: Engine,
    pub access: Access,
    subscription_reads: RateLimit,
}

pub type App = Arc<Shared>;

/// What a read asks for beyond the usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Included {
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
pub fn router(engine: Engine, access: Access) -> (Router, App) {
    let app = Arc::new(Shared { engine, access, subscription_reads: RateLimit::default() });
    let mut router = Router::new();
    for stage in ["", STAGE] {
        router = mount(router, &format!("{stage}{V2}"), v2());
        router = mount(router, &format!("{stage}{V1}"), v1());
    }
    router = mount(router, "/control", control());
    let router = router
        .route("/health", get(control_world::health))
        .route("/track/{callout}", get(track::page))
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

type Routes = Vec<(&'static str, MethodRouter<App>)>;

/// Written out rather than nested: a nested router rewrites the URI of every request.
fn mount(router: Router<App>, prefix: &str, paths: Routes) -> Router<App> {
    paths
        .into_iter()
        .fold(router, |router, (path, methods)| router.route(&format!("{prefix}{path}"), methods))
}

/// Reference §2 and §4 to §6.
fn v2() -> Routes {
    vec![
        ("/oauth/token", post(tokens::server_token)),
        ("/oauth/calloutToken", post(tokens::callout_token)),
        ("/customers", post(customers::create)),
        ("/customers/{customer}", get(customers::read)),
        ("/customers/{customer}/subscriptions", get(customers::subscriptions)),
        ("/customers/{customer}/callouts", get(callouts::of_customer).post(raising::for_customer)),
        ("/subscriptions", post(customers::create_subscription)),
        ("/subscriptions/subscriptionTypes", get(customers::subscription_types)),
        ("/callouts", post(raising::legacy)),
        ("/callouts/activeCallouts", get(callouts::active)),
        ("/callouts/{callout}", get(callouts::read)),
        ("/callouts/{callout}/location", post(callouts::locate)),
        ("/callouts/{callout}/updateLocationAndReturnCallout", post(callouts::locate_and_read)),
        ("/callouts/{callout}/events", get(callouts::events).post(callouts::send_event)),
        ("/callouts/{callout}/dismiss", post(callouts::dismiss)),
        ("/callouts/{callout}/cancel", post(callouts::cancel)),
    ]
}

/// Reference §2.4 and §7.
fn v1() -> Routes {
    vec![
        ("/oauth/token", post(tokens::token_v1)),
        ("/oauth/user", post(tokens::register_user)),
        ("/callout-classifications", get(callouts_v1::classifications)),
        ("/callouts", post(raising::v1)),
        ("/callouts/{callout}", get(callouts_v1::read)),
        ("/callouts/{callout}/location", post(callouts_v1::locate)),
        ("/callouts/{callout}/dismiss", post(callouts_v1::dismiss)),
        ("/callout/{callout}/comments", post(callouts_v1::comment)),
        ("/callouts/{callout}/comments", post(callouts_v1::comment)),
    ]
}

/// Not part of AURA's API.
fn control() -> Routes {
    vec![
        ("/callouts", get(control::list)),
        ("/callouts/{callout}", get(control::read)),
        ("/callouts/{callout}/steps", post(control::step)),
        ("/callouts/{callout}/comments", post(control::comment)),
        ("/responders", get(control_fleet::responders).post(control_fleet::add_responder)),
        (
            "/responders/{responder}",
            patch(control_fleet::patch_responder).delete(control_fleet::delete_responder),
        ),
        ("/suppliers", get(control_fleet::suppliers).post(control_fleet::add_supplier)),
        (
            "/suppliers/{supplier}",
            patch(control_fleet::patch_supplier).delete(control_fleet::delete_supplier),
        ),
        ("/autopilot", get(control_world::autopilot).put(control_world::set_autopilot)),
        ("/clock", get(control_world::clock).post(control_world::turn_clock)),
        ("/reset", post(control_world::reset)),
    ]
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
