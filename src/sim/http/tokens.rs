//! Tokens: for the client itself, for one customer's callouts, and for users of v1 (reference §2).

use super::body::{Fields, id, optional, required};
use super::caller::Caller;
use super::problem::Problem;
use super::reply::json;
use super::route::routes;
use super::{App, Routes};
use crate::api::model::Number;
use crate::api::model::reply::Message;
use crate::api::model::token::{CalloutTokenRequest, TokenReply, TokenRequest, UserRegistration};
use crate::sim::auth::{Client, Denied, EXPIRES_IN, Scope, Subject};
use crate::sim::password;
use crate::sim::world::{Command, CustomerId, SourceId, UserId};
use axum::extract::State;
use axum::response::Response;

/// v2's tokens.
pub fn routes() -> Routes {
    vec![routes!(server_token), routes!(callout_token)]
}

/// v1's tokens.
pub fn routes_v1() -> Routes {
    vec![routes!(token_v1), routes!(register_user)]
}

/// A token for the client itself.
#[utoipa::path(
    post,
    path = "/oauth/token",
    operation_id = "create-oauth-token",
    tag = "Authentication",
    request_body = TokenRequest,
    responses((status = 200, body = TokenReply), (status = 400), (status = 401))
)]
pub async fn server_token(
    State(app): State<App>,
    Fields(request): Fields<TokenRequest>,
) -> Result<Response, Problem> {
    let client_id = required(&request.client_id, "clientId")?;
    let client_secret = required(&request.client_secret, "clientSecret")?;
    let client = app.engine.auth.check_credentials(&client_id, &client_secret)?;
    give(&app, server(&client.credentials.client_id, client.source))
}

/// v1: a token for the client (with its secret) or for a user (with e-mail and password).
#[utoipa::path(
    post,
    path = "/oauth/token",
    operation_id = "v1-create-token",
    tag = "v1",
    request_body = TokenRequest,
    responses((status = 200, body = TokenReply), (status = 400), (status = 401))
)]
pub async fn token_v1(
    State(app): State<App>,
    Fields(request): Fields<TokenRequest>,
) -> Result<Response, Problem> {
    let client_id = required(&request.client_id, "clientId")?;
    if let Some(client_secret) = optional(&request.client_secret, "clientSecret")? {
        let client = app.engine.auth.check_credentials(&client_id, &client_secret)?;
        return give(&app, server(&client.credentials.client_id, client.source));
    }
    let Some(email) = optional(&request.email, "email")? else {
        return Err(Problem::bad("clientSecret is required, or email and password."));
    };
    let password = checked_password(required(&request.password, "password")?)?;
    let client = app.engine.auth.check_client_id(&client_id)?;
    let user = user_by_password(&app, client, email, password).await?;
    give(&app, user)
}

/// A token that opens one customer's callouts and nothing else.
#[utoipa::path(
    post,
    path = "/oauth/calloutToken",
    operation_id = "create-callout-token",
    tag = "Authentication",
    request_body = CalloutTokenRequest,
    responses((status = 200, body = TokenReply), (status = 401), (status = 404))
)]
pub async fn callout_token(
    State(app): State<App>,
    caller: Caller,
    Fields(request): Fields<CalloutTokenRequest>,
) -> Result<Response, Problem> {
    let server = server(caller.client_id(), caller.source());
    let source = caller.server()?;
    let customer = CustomerId(id(&required(&request.customer_id, "customerId")?, "customerId")?);
    if app.engine.survey(|world, _| world.customer(source, customer).is_none()).await {
        return Err(Problem::not_found("Customer"));
    }
    give(&app, Subject { scope: Scope::Callout, customer_id: signed(customer), ..server })
}

/// v1: registers a user, who is given a subscription.
#[utoipa::path(
    post,
    path = "/oauth/user",
    operation_id = "v1-register-user",
    tag = "v1",
    request_body = UserRegistration,
    responses((status = 200, body = Message), (status = 400), (status = 401), (status = 409))
)]
pub async fn register_user(
    State(app): State<App>,
    caller: Caller,
    Fields(request): Fields<UserRegistration>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    let email = required(&request.email, "email")?;
    let password = checked_password(required(&request.password, "password")?)?;
    let mobile = optional(&request.mobile_number, "mobileNumber")?;
    let password_hash = blocking(move || password::hash(&password)).await?;
    app.engine.apply(Command::RegisterUser { source, email, password_hash, mobile }).await?;
    Ok(json(&Message { message: "user_creation_success".to_owned() }))
}

async fn user_by_password(
    app: &App,
    client: &Client,
    email: String,
    password: String,
) -> Result<Subject, Problem> {
    let source = client.source;
    let user = app.engine.survey(|world, _| world.user_by_email(source, &email).cloned()).await;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let right = blocking(move || password::matches(&password, hash.as_ref())).await?;
    match user.filter(|_| right) {
        Some(user) => Ok(Subject {
            sub: user_sub(user.id),
            scope: Scope::User,
            customer_id: signed(user.customer),
            ..server(&client.credentials.client_id, source)
        }),
        None => Err(Problem::unauthorized(Denied::Credentials.to_string())),
    }
}

fn user_sub(user: UserId) -> String {
    user.to_string()
}

fn checked_password(password: String) -> Result<String, Problem> {
    if password.is_empty() || password.len() > password::LONGEST {
        return Err(Problem::bad(format!("password must have 1 to {} bytes.", password::LONGEST)));
    }
    Ok(password)
}

fn server(client_id: &str, source: SourceId) -> Subject {
    Subject {
        sub: client_id.to_owned(),
        client_id: client_id.to_owned(),
        customer_source_id: i64::try_from(source.0).unwrap_or(i64::MAX),
        scope: Scope::Server,
        customer_id: None,
    }
}

fn signed(customer: CustomerId) -> Option<i64> {
    i64::try_from(customer.0).ok()
}

fn give(app: &App, subject: Subject) -> Result<Response, Problem> {
    let token = app.engine.auth.issue(subject, &app.engine.clock).map_err(|error| {
        tracing::error!(%error, "a token cannot be signed");
        Problem::internal()
    })?;
    Ok(json(&TokenReply {
        access_token: token,
        token_type: "Bearer".to_owned(),
        #[expect(clippy::cast_precision_loss, reason = "some thousand seconds")]
        expires_in: Some(Number(EXPIRES_IN as f64)),
    }))
}

async fn blocking<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> Result<R, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Problem::internal())
}
