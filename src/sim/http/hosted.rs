//! The pages behind hosted sessions: a signup, and looking after a subscription. Whoever holds the link
//! is the person it is for, so its key cannot be guessed, no other site learns it, and nothing on a page
//! comes from elsewhere. The only way out is the `returnUrl` that the integrator registered.

use super::App;
use super::problem::Problem;
use crate::sim::engine::Failure;
use crate::sim::world::{
    Command, CustomerFields, MembershipCommand, Refusal, SessionKey, SignupCommand, SignupEnd, SignupRecord,
    SignupStatus, SubscriptionId, SubscriptionRecord,
};
use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http_body_util::{BodyExt, Limited};
use jiff::Timestamp;
use reqwest::Url;
use std::collections::BTreeMap;
use std::fmt::Write;

/// A form of ours has some hundred bytes.
const LARGEST_FORM: usize = 16 * 1024;

const STYLE: &str = "body{font:1.1rem system-ui;margin:2rem auto;max-width:30rem;padding:0 1rem}\
    label,button{display:block;margin:.8rem 0}input{display:block;width:100%;font:inherit}\
    button{font:inherit}.wrong{font-weight:bold}";

pub fn mount(router: Router<App>) -> Router<App> {
    router
        .route("/signup/{session}", get(signup).post(end_signup))
        .route("/manage/{session}", get(management).post(cancel_subscription))
}

/// A body as a browser sends it.
#[derive(Debug)]
pub struct Form(BTreeMap<String, String>);

impl Form {
    fn text(&self, field: &str) -> String {
        self.0.get(field).map(|text| text.trim().to_owned()).unwrap_or_default()
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        let media = head.headers.get(header::CONTENT_TYPE).and_then(|media| media.to_str().ok());
        let essence = media.and_then(|media| media.split(';').next()).unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            let message = "Content-Type must be application/x-www-form-urlencoded.";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
        }
        let read = Limited::new(body, LARGEST_FORM).collect().await;
        let bytes = read.map_err(|_| Problem::bad("The form is too large."))?.to_bytes();
        let text = String::from_utf8_lossy(&bytes);
        // A form is written as the query of an address is, and read by the same rules.
        let mut page = Url::parse("http://localhost/").map_err(|_| Problem::internal())?;
        page.set_query(Some(&text));
        Ok(Self(page.query_pairs().into_owned().collect()))
    }
}

/// `GET /signup/{sessionId}`.
async fn signup(State(app): State<App>, Path(key): Path<String>) -> Result<Response, Problem> {
    let record = session(&app, &SessionKey(key)).await?;
    Ok(match record.status {
        SignupStatus::Pending => {
            let email = record.email.clone().unwrap_or_default();
            let form = Form([("email".to_owned(), email)].into());
            ask(&record, &form, StatusCode::OK, "")
        }
        _ => ended(&record, StatusCode::OK),
    })
}

/// `POST /signup/{sessionId}`: what the person did.
async fn end_signup(
    State(app): State<App>,
    Path(key): Path<String>,
    form: Form,
) -> Result<Response, Problem> {
    let key = SessionKey(key);
    let record = session(&app, &key).await?;
    if record.status != SignupStatus::Pending {
        return Ok(ended(&record, StatusCode::CONFLICT));
    }
    let how = match form.text("outcome").as_str() {
        "complete" => SignupEnd::Completed(Box::new(person(&form))),
        "payment-failed" => SignupEnd::PaymentFailed,
        "cancel" => SignupEnd::Cancelled,
        _ => return Err(Problem::bad("outcome must be complete, payment-failed or cancel.")),
    };
    let end = SignupCommand::End { key: key.clone(), how };
    match app.engine.apply(Command::Signup(end)).await {
        Ok(_) => Ok(back(&session(&app, &key).await?)),
        // Somebody was faster: another tab, or a second click.
        Err(Failure::Refused(Refusal::Invalid { field: "sessionId", .. })) => {
            Ok(ended(&session(&app, &key).await?, StatusCode::CONFLICT))
        }
        Err(failure) => {
            let problem = Problem::from(failure);
            Ok(ask(&record, &form, problem.status, &problem.message))
        }
    }
}

async fn session(app: &App, key: &SessionKey) -> Result<SignupRecord, Problem> {
    let record = app.engine.survey(|world, now| world.signup(key, now).cloned());
    record.await.ok_or_else(|| Problem::not_found("Signup session"))
}

fn person(form: &Form) -> CustomerFields {
    CustomerFields {
        name: form.text("name"),
        surname: form.text("surname"),
        mobile: form.text("mobile"),
        email: Some(form.text("email")).filter(|email| !email.is_empty()),
        ..CustomerFields::default()
    }
}

fn ask(record: &SignupRecord, form: &Form, status: StatusCode, wrong: &str) -> Response {
    let mut body = String::new();
    let site = record.site.as_ref().and_then(|site| site.details.get("siteName")?.as_str());
    if let Some(site) = site {
        let _written = write!(body, "<p>{}", escape(site));
    }
    if !wrong.is_empty() {
        let _written = write!(body, "<p class=wrong role=alert>{}", escape(wrong));
    }
    body.push_str("<form method=post>");
    for (name, label, kind) in [
        ("name", "Name", "text"),
        ("surname", "Surname", "text"),
        ("mobile", "Mobile number", "tel"),
        ("email", "E-mail (optional)", "email"),
    ] {
        let value = escape(&form.text(name));
        let _written =
            write!(body, "<label>{label}<input name={name} type={kind} value=\"{value}\"></label>");
    }
    body.push_str(
        "<button name=outcome value=complete>Sign up</button>\
         <button name=outcome value=payment-failed>Let the payment fail</button>\
         <button name=outcome value=cancel>Cancel</button></form>",
    );
    page("Sign up", &body, &record.return_url, status)
}

fn ended(record: &SignupRecord, status: StatusCode) -> Response {
    let body = format!(
        "<p>This signup is {}.<p><a href=\"{}\" rel=noreferrer>Go back</a>",
        escape(record.status.as_str()),
        escape(&outcome(record).unwrap_or_default()),
    );
    page("Sign up", &body, &record.return_url, status)
}

/// To the integrator's page, with the documented parameters.
fn back(record: &SignupRecord) -> Response {
    let target = outcome(record).and_then(|url| HeaderValue::try_from(url).ok());
    let Some(target) = target else { return Problem::internal().into_response() };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, target);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn outcome(record: &SignupRecord) -> Option<String> {
    let mut url = Url::parse(&record.return_url).ok()?;
    {
        let mut query = url.query_pairs_mut();
        query.append_pair("status", record.status.as_str());
        if record.status == SignupStatus::PaymentFailed {
            query.append_pair("error_code", "payment_failed");
        }
        query.append_pair("signupSessionId", &record.key.0);
        if let SignupStatus::Completed(customer) = record.status {
            query.append_pair("customerId", &customer.to_string());
        }
        if let Some(site) = &record.site {
            query.append_pair("siteId", &site.id.to_string());
        }
    }
    Some(url.into())
}

/// `GET /manage/{sessionId}`.
async fn management(State(app): State<App>, Path(key): Path<String>) -> Result<Response, Problem> {
    manage_page(&app, &SessionKey(key), StatusCode::OK, "").await
}

/// `POST /manage/{sessionId}`: cancels a subscription that the customer holds.
async fn cancel_subscription(
    State(app): State<App>,
    Path(key): Path<String>,
    form: Form,
) -> Result<Response, Problem> {
    let key = SessionKey(key);
    let subscription = SubscriptionId(form.text("subscription").parse().unwrap_or(0));
    let held = app.engine.survey(|world, now| {
        let session = world.management(&key, now)?;
        let record = world.subscription(session.source, subscription);
        Some(record.filter(|record| record.customer == session.customer).map(|_| session.source))
    });
    let held = held.await.ok_or_else(|| Problem::not_found("Session"))?;
    let source = held.ok_or_else(|| Problem::not_found("Subscription"))?;
    let reason = Some(form.text("reason"));
    let cancel = MembershipCommand::CancelSubscription { source, subscription, reason };
    match app.engine.apply(Command::Membership(cancel)).await {
        Ok(_) => manage_page(&app, &key, StatusCode::OK, "The subscription is cancelled.").await,
        Err(failure) => {
            let problem = Problem::from(failure);
            manage_page(&app, &key, problem.status, &problem.message).await
        }
    }
}

async fn manage_page(
    app: &App,
    key: &SessionKey,
    status: StatusCode,
    said: &str,
) -> Result<Response, Problem> {
    let found = app.engine.survey(|world, now| {
        let session = world.management(key, now)?;
        world.customer(session.source, session.customer)?;
        let held = world.subscriptions(session.customer);
        let held = held.filter(|record| record.customer == session.customer);
        let list: String = held.map(|record| subscription(record, now)).collect();
        Some((list, session.return_url.clone()))
    });
    let (list, return_url) = found.await.ok_or_else(|| Problem::not_found("Session"))?;
    let list = if list.is_empty() { "<p>There is none.".to_owned() } else { list };
    let said = if said.is_empty() { String::new() } else { format!("<p role=status>{}", escape(said)) };
    let body = format!("{said}{list}<p><a href=\"{}\" rel=noreferrer>Go back</a>", escape(&return_url));
    Ok(page("Your subscriptions", &body, &return_url, status))
}

fn subscription(record: &SubscriptionRecord, now: Timestamp) -> String {
    let day = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
    let state = match &record.cancelled {
        Some(cancelled) => format!("cancelled on {}", day(cancelled.at)),
        None if record.has_ended(now) => format!("lapsed on {}", day(record.valid_to)),
        None => format!("until {}", day(record.valid_to)),
    };
    let mut text = format!("<h2>Subscription {}</h2><p>{}", record.id, escape(&state));
    if !record.has_ended(now) {
        let _written = write!(
            text,
            "<form method=post><input type=hidden name=subscription value={}>\
             <label>Why do you leave?<input name=reason></label><button>Cancel it</button></form>",
            record.id,
        );
    }
    text
}

/// The policy lets a form lead to the integrator's page too: browsers hold the redirect that follows a
/// form to the same directive.
fn page(title: &str, body: &str, return_url: &str, status: StatusCode) -> Response {
    let nonce = super::fresh::session("n");
    let site = Url::parse(return_url).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self' {site}; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    let title = escape(title);
    let html = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>\
         <title>{title}</title><style nonce={nonce}>{STYLE}</style><h1>{title}</h1>{body}"
    );
    let Ok(policy) = HeaderValue::try_from(policy) else { return Problem::internal().into_response() };
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// For text and for attributes in double quotes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
