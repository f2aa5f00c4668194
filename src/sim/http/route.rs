//! A path with its methods, and what the document says of it.

use super::App;
use axum::handler::Handler;
use axum::routing::MethodRouter;
use utoipa_axum::PathItemExt;
use utoipa_axum::router::UtoipaMethodRouter;

pub type Routes = Vec<Route>;

/// What the document says is many times what the methods take, and most runs never ask for it: so it is
/// made when it is asked for, and nothing is held of it before.
pub struct Route {
    pub path: String,
    pub methods: MethodRouter<App>,
    pub described: fn() -> UtoipaMethodRouter<App>,
}

impl Route {
    pub fn new(described: fn() -> UtoipaMethodRouter<App>) -> Self {
        Self { path: String::new(), methods: MethodRouter::new(), described }
    }

    /// With the path and the methods that stand in the `#[utoipa::path]` of a handler.
    pub fn with<P: utoipa::Path, T: 'static>(self, _: P, handler: &impl Handler<T, App>) -> Self {
        let methods = P::methods()
            .iter()
            .fold(self.methods, |methods, method| methods.on(method.to_method_filter(), handler.clone()));
        Self { path: P::path(), methods, ..self }
    }
}

/// One [`Route`] of the handlers of one path, in the file of those handlers.
macro_rules! routes {
    ($($handler:ident),+ $(,)?) => {
        ::utoipa_axum::paste! {
            $crate::sim::http::route::Route::new(|| ::utoipa_axum::routes!($($handler),+))
                $(.with([<__path_ $handler>], &$handler))+
        }
    };
}

pub(super) use routes;
