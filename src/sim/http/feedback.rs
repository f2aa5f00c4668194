//! Cancellation reasons, the resolution report and ratings, in v2 (reference §6.7, §6.8).

use super::body::{Fields, id, optional, required};
use super::caller::Caller;
use super::callouts::{callout_id, look};
use super::problem::Problem;
use super::reply::json;
use super::route::routes;
use super::view_words::number;
use super::{App, Routes};
use crate::api::model::feedback::{
    AttachedReason, CalloutRated, CalloutRating, ItemRated, RateCallout, RateItem, RatedItem, RatingItemRow,
    ReasonAttached, ResolutionReport,
};
use crate::api::model::reply::ExceptionReason;
use crate::api::model::request::AttachExceptionReason;
use crate::api::model::{Given, Number};
use crate::sim::world::{
    CalloutId, CalloutRecord, Command, EXCEPTION_REASONS, FeedbackCommand, INCIDENT_CATEGORY, NamedItem,
    RATING_ITEMS, RatingId, Reply, Sentiment,
};
use axum::extract::{Path, State};
use axum::response::Response;
use jiff::Timestamp;

pub fn routes() -> Routes {
    vec![
        routes!(reasons, attach_reason),
        routes!(report),
        routes!(report_with_a_hyphen),
        routes!(rating_items, rate_item),
        routes!(rate),
    ]
}

/// The reasons that can be attached to a callout.
#[utoipa::path(
    get,
    path = "/callouts/{callout}/exceptionReasons",
    operation_id = "list-exception-reasons",
    tag = "Callouts",
    responses((status = 200, body = Vec<ExceptionReason>), (status = 400), (status = 401), (status = 404))
)]
pub async fn reasons(
    State(app): State<App>,
    caller: Caller,
    Path(callout): Path<String>,
) -> Result<Response, Problem> {
    look(&app, &caller, callout_id(&callout)?, |_, _, _| ()).await?;
    let row = |(id, reason): (i64, &str)| ExceptionReason { id: Some(id), reason: Some(reason.to_owned()) };
    Ok(json(&EXCEPTION_REASONS.map(row)))
}

/// Attaches one of the reasons, before or after the callout is closed.
#[utoipa::path(
    post,
    path = "/callouts/{callout}/exceptionReasons",
    operation_id = "create-exception-reason",
    tag = "Callouts",
    request_body = AttachExceptionReason,
    responses((status = 200, body = ReasonAttached), (status = 400), (status = 401), (status = 404))
)]
pub async fn attach_reason(
    State(app): State<App>,
    caller: Caller,
    Path(callout): Path<String>,
    Fields(request): Fields<AttachExceptionReason>,
) -> Result<Response, Problem> {
    let callout = callout_id(&callout)?;
    look(&app, &caller, callout, |_, _, _| ()).await?;
    let reason = required(&request.exception_reason_id, "exceptionReasonId")?;
    let notes = optional(&request.notes, "notes")?;
    let source = caller.source();
    let command = FeedbackCommand::AttachReason { source, callout, reason, notes: notes.clone() };
    let id = apply(&app, command).await?;
    Ok(json(&ReasonAttached {
        message: "Exception reason created.".to_owned(),
        created_exception_reason: AttachedReason {
            id: number(id),
            callout_id: number(callout.0),
            exception_reason_id: Some(reason),
            notes,
        },
    }))
}

/// How a callout went, once it is closed.
#[utoipa::path(
    get,
    path = "/callouts/{callout}/resolutionReport",
    operation_id = "get-resolution-report",
    tag = "Callouts",
    responses((status = 200, body = ResolutionReport), (status = 400), (status = 401), (status = 404))
)]
pub async fn report(
    State(app): State<App>,
    caller: Caller,
    Path(callout): Path<String>,
) -> Result<Response, Problem> {
    let view = |_: &_, record: &CalloutRecord, _| (!record.is_active()).then(|| resolution(record));
    let report = look(&app, &caller, callout_id(&callout)?, view).await?;
    let report = report
        .ok_or_else(|| Problem::bad("calloutId: there is a resolution report once the callout is closed."))?;
    Ok(json(&report))
}

/// The same under the other spelling of its path.
#[utoipa::path(
    get,
    path = "/callouts/{callout}/resolution-report",
    operation_id = "get-resolution-report-hyphen",
    tag = "Callouts",
    responses((status = 200, body = ResolutionReport), (status = 400), (status = 401), (status = 404))
)]
pub async fn report_with_a_hyphen(
    app: State<App>,
    caller: Caller,
    callout: Path<String>,
) -> Result<Response, Problem> {
    report(app, caller, callout).await
}

/// The emergency that was booked on completion; without one, what the callout was closed with.
fn resolution(record: &CalloutRecord) -> ResolutionReport {
    let assignment = record.assignment();
    let arrived = assignment.and_then(|assignment| assignment.arrived_at);
    let completed = assignment.and_then(|assignment| assignment.completed_at);
    let since = |at: Timestamp| at.duration_since(record.created_at).as_secs().max(0);
    let booked = completed.map(|_| INCIDENT_CATEGORY.1);
    ResolutionReport {
        callout_id: number(record.id.0),
        status: record.status.as_str().to_owned(),
        created_at: Some(record.created_at),
        responder_dispatched_at: assignment.map(|assignment| assignment.dispatched_at),
        responder_arrived_at: arrived,
        responder_completed_at: completed,
        resolved_at: record.resolved_at,
        response_time_seconds: arrived.map(since),
        resolution_time_seconds: record.resolved_at.map(since),
        outcome: booked.or(record.incident_details.as_deref()).map(str::to_owned),
    }
}

/// Rates a closed callout from 1 to 5. A second rating changes the first.
#[utoipa::path(
    post,
    path = "/ratings",
    operation_id = "create-callout-rating",
    tag = "Ratings",
    request_body = RateCallout,
    responses(
        (status = 200, body = CalloutRated),
        (status = 400),
        (status = 401),
        (status = 404),
        (status = 500),
    )
)]
pub async fn rate(
    State(app): State<App>,
    caller: Caller,
    Fields(request): Fields<RateCallout>,
) -> Result<Response, Problem> {
    let callout = CalloutId(id(&required(&request.callout_id, "calloutId")?, "calloutId")?);
    look(&app, &caller, callout, |_, _, _| ()).await?;
    let rating = required(&request.rating, "rating")?;
    let details = match optional(&request.additional_details, "additionalDetails")? {
        None => optional(&request.comment, "comment")?,
        given => given,
    };
    let contacted = &request.customer_allowed_to_be_contacted;
    let may_be_contacted = optional(contacted, "customerAllowedToBeContacted")?.unwrap_or(false);
    let source = caller.source();
    let command =
        FeedbackCommand::Rate { source, callout, rating, details: details.clone(), may_be_contacted };
    let id = apply(&app, command).await?;
    Ok(json(&CalloutRated {
        callout_rating_post_result: CalloutRating {
            id: number(id),
            callout_id: number(callout.0),
            rating: Some(rating),
            additional_details: details,
            customer_allowed_to_be_contacted: may_be_contacted,
        },
    }))
}

/// What a rating can be about.
#[utoipa::path(
    get,
    path = "/rating-items",
    operation_id = "list-rating-items",
    tag = "Ratings",
    responses((status = 200, body = Vec<RatingItemRow>), (status = 401))
)]
pub async fn rating_items(_: Caller) -> Response {
    json(&RATING_ITEMS.map(|item| RatingItemRow {
        id: Some(item.id),
        rating_item: Some(item.name.to_owned()),
        rating_item_description: Some(item.description.to_owned()),
    }))
}

/// Says of one thing whether it was good, under an overall rating. Once more: changes it.
#[utoipa::path(
    post,
    path = "/rating-items",
    operation_id = "create-callout-rating-item",
    tag = "Ratings",
    request_body = RateItem,
    responses((status = 200, body = ItemRated), (status = 400), (status = 401), (status = 404))
)]
pub async fn rate_item(
    State(app): State<App>,
    caller: Caller,
    Fields(request): Fields<RateItem>,
) -> Result<Response, Problem> {
    let (given, field) = match &request.callout_rating_id {
        Given::Absent if !request.rating_id.is_absent() => (&request.rating_id, "ratingId"),
        current => (current, "calloutRatingId"),
    };
    let rating = RatingId(id(&required(given, field)?, field)?);
    let item = named_item(&request)?;
    let sentiment = sentiment(&request)?;
    let known = app.engine.survey(|world, _| {
        world.rating(rating).is_some_and(|record| caller.callout(world, record.callout).is_ok())
    });
    if !known.await {
        return Err(Problem::not_found("Rating"));
    }
    let command = FeedbackCommand::RateItem { source: caller.source(), rating, item, sentiment };
    let id = apply(&app, command).await?;
    let view = app.engine.survey(|world, _| {
        let item = world.rating(rating)?.items.iter().find(|item| item.id == id)?;
        Some(RatedItem {
            id: number(id),
            callout_rating_id: number(rating.0),
            rating_item_id: item.item,
            rating_item_description: Some(item.description.clone()),
            sentiment: item.sentiment.map(|sentiment| sentiment.as_str().to_owned()),
            rating_item: item.name.clone().filter(|_| item.item.is_none()),
        })
    });
    let callout_rating_item_results = view.await.ok_or_else(Problem::internal)?;
    Ok(json(&ItemRated { callout_rating_item_results }))
}

fn named_item(request: &RateItem) -> Result<NamedItem, Problem> {
    let given = optional(&request.rating_item_id, "ratingItemId")?;
    let id =
        given.map(|given| given.number().ok_or_else(|| Problem::bad("ratingItemId must be an integer.")));
    let description = match &request.rating_item_description {
        // The older form has none: there the id says it all.
        Given::Absent if !request.score.is_absent() => None,
        given => Some(required(given, "ratingItemDescription")?),
    };
    let name = optional(&request.rating_item, "ratingItem")?;
    Ok(NamedItem { id: id.transpose()?, name, description })
}

/// The older form's score from 1 to 5 has a sentiment too, but for the middle.
fn sentiment(request: &RateItem) -> Result<Option<Sentiment>, Problem> {
    if let Some(word) = optional(&request.sentiment, "sentiment")? {
        return match word.to_ascii_lowercase().as_str() {
            "positive" => Ok(Some(Sentiment::Positive)),
            "negative" => Ok(Some(Sentiment::Negative)),
            _ => Err(Problem::bad("sentiment: is neither positive nor negative.")),
        };
    }
    let Some(Number(score)) = optional(&request.score, "score")? else { return Ok(None) };
    if !(1.0..=5.0).contains(&score) {
        return Err(Problem::bad("score: is not from 1 to 5."));
    }
    let good = (score > 3.0).then_some(Sentiment::Positive);
    Ok(good.or((score < 3.0).then_some(Sentiment::Negative)))
}

async fn apply(app: &App, command: FeedbackCommand) -> Result<u64, Problem> {
    match app.engine.apply(Command::Feedback(command)).await? {
        Reply::Feedback(id) => Ok(id),
        _ => Err(Problem::internal()),
    }
}
