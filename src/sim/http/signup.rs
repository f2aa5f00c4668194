//! Hosted sessions from the integrator's side (reference §4.1 and the end of §5): opened here, and asked
//! how they stand. The pages themselves are [`super::hosted`].

use super::body::{Fields, optional, required};
use super::caller::{Caller, Here};
use super::problem::Problem;
use super::reply::{created, json};
use super::route::routes;
use super::view_words::number;
use super::{App, Routes, fresh};
use crate::api::model::Given;
use crate::api::model::signup::{CreateSignupSession, SignupSession, SignupSessionCreated};
use crate::api::model::subscription::{ManageSubscription, ManagementSession};
use crate::sim::world::{Command, NewSignup, SessionKey, SignupCommand, SignupRecord, SignupStatus};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use reqwest::Url;

pub fn routes() -> Routes {
    vec![routes!(create), routes!(read), routes!(manage)]
}

/// Longest address that is kept.
const LONGEST_URL: usize = 2_048;

/// Opens a hosted signup. The `returnUrl` of the reply is the page to send the person to, for 24 hours.
#[utoipa::path(
    post,
    path = "/customer-signup/sessions",
    operation_id = "create-customer-signup-session",
    tag = "Customers",
    request_body = CreateSignupSession,
    responses((status = 201, body = SignupSessionCreated), (status = 400), (status = 401))
)]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    here: Here,
    Fields(request): Fields<CreateSignupSession>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    let session_id = fresh::session("css");
    let new = Box::new(NewSignup {
        key: SessionKey(session_id.clone()),
        return_url: return_url(&request.return_url)?,
        email: optional(&request.email, "email")?,
        customer_reference_id: optional(&request.customer_reference_id, "customerReferenceId")?,
        site_details: optional(&request.site_details, "siteDetails")?,
    });
    app.engine.apply(Command::Signup(SignupCommand::Open { source, new })).await?;
    let return_url = link(&here, "signup", &session_id);
    Ok(created(&SignupSessionCreated { session_id, customer_id: None, return_url }))
}

/// How a signup stands: the source of truth for its outcome.
#[utoipa::path(
    get,
    path = "/customer-signup/sessions/{session}",
    operation_id = "get-customer-signup-session",
    tag = "Customers",
    responses((status = 200, body = SignupSession), (status = 401), (status = 404))
)]
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    here: Here,
    Path(session): Path<String>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    let key = SessionKey(session);
    let url = link(&here, "signup", &key.0);
    let session =
        app.engine.survey(|world, now| Some(session_view(world.signup_of(source, &key, now)?, url.clone())));
    session.await.map(|session| json(&session)).ok_or_else(|| Problem::not_found("Signup session"))
}

/// Opens the hosted page where a customer looks after a subscription. The customer is the token's own,
/// so a server token has none.
#[utoipa::path(
    post,
    path = "/subscriptions/management-sessions",
    operation_id = "create-subscription-management-session",
    tag = "Subscriptions",
    request_body = ManageSubscription,
    responses((status = 201, body = ManagementSession), (status = 400), (status = 401))
)]
pub async fn manage(
    State(app): State<App>,
    caller: Caller,
    here: Here,
    Fields(request): Fields<ManageSubscription>,
) -> Result<Response, Problem> {
    caller.no_callout_token()?;
    let customer = app.engine.survey(|world, _| {
        caller.own(world).filter(|customer| world.customer(caller.source(), *customer).is_some())
    });
    let customer = customer.await.ok_or_else(|| Problem::bad("No valid customerId found"))?;
    let return_url = return_url(&request.return_url)?;
    let session_id = fresh::session("sms");
    let (source, key) = (caller.source(), SessionKey(session_id.clone()));
    let open = SignupCommand::OpenManagement { source, customer, key, return_url };
    app.engine.apply(Command::Signup(open)).await?;
    Ok(created(&ManagementSession { url: link(&here, "manage", &session_id) }))
}

fn link(Here(base): &Here, page: &str, key: &str) -> String {
    format!("{base}/{page}/{key}")
}

fn session_view(record: &SignupRecord, url: String) -> SignupSession {
    let customer = match record.status {
        SignupStatus::Completed(customer) => Some(customer),
        _ => None,
    };
    SignupSession {
        id: record.key.0.clone(),
        session_id: record.key.0.clone(),
        status: record.status.as_str().to_owned(),
        url,
        customer_id: customer.and_then(|customer| number(customer.0)),
        customer_reference_id: record.customer_reference_id.clone(),
        // Our page asks for names and a number, and for nothing of these three.
        payment: false,
        auth: false,
        download: false,
        site_id: record.site.as_ref().and_then(|site| number(site.id)),
        site_details: record.site.as_ref().map(|site| site.details.clone()),
    }
}

/// The page that a person is sent back to. Only an address of the web, and nothing in its host that
/// could end a directive of the page's content security policy, which names it.
fn return_url(given: &Given<String>) -> Result<String, Problem> {
    let bad = |why: &str| Problem::new(StatusCode::BAD_REQUEST, format!("returnUrl {why}."));
    let text = required(given, "returnUrl")?;
    if text.len() > LONGEST_URL {
        return Err(bad("is longer than 2048 bytes"));
    }
    let url = Url::parse(text.trim()).map_err(|_| bad("is not an absolute URL"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(bad("must begin with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("must not hold a user or a password"));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
    if !url.host_str().is_some_and(|host| host.chars().all(plain)) {
        return Err(bad("has no valid host"));
    }
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_leads_into_the_web_only() {
        for good in ["https://app.example.com/done?a=1#x", "http://127.0.0.1:8080/", "http://[::1]/x"] {
            assert!(return_url(&good.into()).is_ok(), "{good}");
        }
        for wrong in [
            "",
            "/done",
            "javascript:alert(1)",
            "data:text/html,x",
            "myapp://done",
            "file:///etc/passwd",
            "https://",
            "https://user:word@example.com/",
            "https://user@example.com/",
            "http://a;sandbox/",
            "http://a,b/",
            "http://a'b/",
            &format!("https://example.com/{}", "x".repeat(2_048)),
        ] {
            let problem = return_url(&wrong.into()).unwrap_err();
            assert!(problem.message.starts_with("returnUrl"), "{wrong}: {}", problem.message);
        }
        assert!(return_url(&Given::Absent).is_err() && return_url(&Given::Wrong).is_err());
    }
}
