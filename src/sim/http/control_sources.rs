//! The tenants, as the control side lists them: ids and client ids, never a secret.

use super::guard::Controller;
use super::reply::json;
use super::{App, Routes};
use crate::sim::world::SourceId;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

pub fn routes() -> Routes {
    vec![routes!(sources)]
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceView {
    id: u64,
    client_id: String,
}

/// The customer sources that this world knows, also those of a kept state that nobody may ask for now.
#[utoipa::path(
    get,
    path = "/sources",
    operation_id = "control-list-sources",
    tag = "Control",
    responses((status = 200, body = Vec<SourceView>))
)]
pub async fn sources(State(app): State<App>, _: Controller) -> Response {
    let list = app.engine.survey(|world, _| {
        let view =
            |(id, client_id): (SourceId, &str)| SourceView { id: id.0, client_id: client_id.to_owned() };
        world.sources().map(view).collect::<Vec<_>>()
    });
    json(&list.await)
}
