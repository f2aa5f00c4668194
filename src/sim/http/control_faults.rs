//! What goes wrong on purpose, as the control side sets it.

use super::body::Fields;
use super::edge::place;
use super::guard::Controller;
use super::problem::Problem;
use super::reply::json;
use super::route::routes;
use super::{App, Routes, documented};
use crate::sim::faults::{Counted, Rules};
use axum::extract::State;
use axum::response::Response;

pub fn routes() -> Routes {
    vec![routes!(faults, set_faults)]
}

/// The rules that hold, with how often each was met.
#[utoipa::path(
    get,
    path = "/faults",
    operation_id = "control-get-faults",
    tag = "Control",
    responses((status = 200, body = Rules))
)]
pub async fn faults(State(app): State<App>, _: Controller) -> Response {
    view(&app).await
}

/// Puts these rules in place of those that hold; none: nothing goes wrong any more.
#[utoipa::path(
    put,
    path = "/faults",
    operation_id = "control-set-faults",
    tag = "Control",
    request_body = Rules,
    responses((status = 200, body = Rules), (status = 400))
)]
pub async fn set_faults(
    State(app): State<App>,
    _: Controller,
    Fields(rules): Fields<Rules>,
) -> Result<Response, Problem> {
    check(&rules).map_err(Problem::bad)?;
    app.put_faults(rules).await?;
    Ok(view(&app).await)
}

/// A rule for a path that nobody can ask for would be a slip that never shows.
pub fn check(rules: &Rules) -> Result<(), String> {
    // At each start there are none, and the paths of all areas take a while.
    if rules.rules.iter().all(|rule| rule.route.is_none()) {
        return Ok(());
    }
    let whole = documented().flat_map(|(prefix, routes)| {
        let paths = routes.into_iter().map(|route| route.path);
        paths.map(move |path| format!("{prefix}{path}")).collect::<Vec<_>>()
    });
    let known: Vec<String> = whole.chain(["/track/{callout}".to_owned()]).collect();
    for (number, rule) in rules.rules.iter().enumerate() {
        let Some(route) = &rule.route else { continue };
        let fits = |template: &String| {
            place(template).is_some_and(|(dialect, known)| {
                known == route && rule.dialect.is_none_or(|wanted| Some(wanted) == dialect)
            })
        };
        if !known.iter().any(fits) {
            return Err(format!("rules[{number}].route: no such route; one is /callouts/{{callout}}."));
        }
    }
    Ok(())
}

async fn view(app: &App) -> Response {
    let mut rules = app.faults.rules();
    let counted = app.faults.counted();
    for (rule, Counted { seen, met }) in rules.rules.iter_mut().zip(counted) {
        (rule.seen, rule.met) = (Some(seen), Some(met));
    }
    // Those of callouts are counted in the world, where they are met.
    let troubles = app.engine.survey(|world, _| world.trouble_rules().to_vec()).await;
    for trouble in troubles {
        let number = usize::try_from(trouble.number).unwrap_or(usize::MAX);
        if let Some(rule) = rules.rules.get_mut(number) {
            (rule.seen, rule.met) = (Some(trouble.seen), Some(trouble.met));
        }
    }
    json(&rules)
}
