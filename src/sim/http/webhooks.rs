//! Registering a webhook (reference §8.3): one of a customer source, and the next one replaces it.

use super::body::{Fields, optional, required};
use super::caller::Caller;
use super::problem::Problem;
use super::reply::json;
use super::route::routes;
use super::{App, Routes};
use crate::api::model::reply::Message;
use crate::api::model::webhook::{
    CreateWebhook, METHOD, Notifier, NotifierCreated, NotifierReply, WebhookConfig,
};
use crate::sim::outgoing;
use crate::sim::world::{Command, Topic, Webhook, WebhookCommand};
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use std::collections::{BTreeMap, BTreeSet};

pub fn routes() -> Routes {
    vec![routes!(register, read, delete)]
}

/// Headers of one registration, and the bytes of them all. A request with more is refused by many servers.
const MOST_HEADERS: usize = 32;
const LARGEST_HEADERS: usize = 8 * 1_024;

/// Registers the customer source's webhook. It replaces the one before.
#[utoipa::path(
    post,
    path = "/notifiers/webhooks",
    operation_id = "create-webhook",
    tag = "Webhooks",
    request_body = CreateWebhook,
    responses((status = 200, body = NotifierCreated), (status = 400), (status = 401))
)]
pub async fn register(
    State(app): State<App>,
    caller: Caller,
    Fields(request): Fields<CreateWebhook>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    let url = required(&request.url, "url")?;
    app.outgoing.check("url", &url).map_err(|unfit| Problem::bad(format!("{unfit}.")))?;
    let webhook = Webhook {
        url,
        topics: topics(&required(&request.events, "events")?)?,
        method: method(optional(&request.method, "method")?)?,
        headers: headers(optional(&request.headers, "headers")?.unwrap_or_default())?,
    };
    let notifier = notifier(&webhook);
    let command = WebhookCommand::Register { source, webhook: Box::new(webhook) };
    app.engine.apply(Command::Webhook(command)).await?;
    Ok(json(&NotifierCreated { message: "Webhook created successfully.".to_owned(), notifier }))
}

/// Reads the customer source's webhook.
#[utoipa::path(
    get,
    path = "/notifiers/webhooks",
    operation_id = "get-webhook",
    tag = "Webhooks",
    responses((status = 200, body = NotifierReply), (status = 401), (status = 404))
)]
pub async fn read(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    let source = caller.server()?;
    let notifier = app.engine.survey(|world, _| world.webhook(source).map(notifier)).await;
    notifier.map(|notifier| json(&NotifierReply { notifier })).ok_or_else(|| Problem::not_found("Webhook"))
}

/// Deletes it. What has not been delivered to it never will be.
#[utoipa::path(
    delete,
    path = "/notifiers/webhooks",
    operation_id = "delete-webhook",
    tag = "Webhooks",
    responses((status = 200, body = Message), (status = 401), (status = 404))
)]
pub async fn delete(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    let source = caller.server()?;
    app.engine.apply(Command::Webhook(WebhookCommand::Unregister { source })).await?;
    Ok(json(&Message { message: "Webhook deleted successfully.".to_owned() }))
}

/// With the headers as they were given: they are shown to whoever gave them, and to nobody else.
fn notifier(webhook: &Webhook) -> Notifier {
    let config = WebhookConfig {
        url: webhook.url.clone(),
        events: webhook.topics.iter().map(|topic| topic.as_str().to_owned()).collect(),
        method: webhook.method.clone(),
        headers: webhook.headers.clone(),
    };
    Notifier { config: vec![config] }
}

fn topics(names: &[String]) -> Result<Vec<Topic>, Problem> {
    let mut topics = Vec::new();
    for name in names {
        let unknown = || {
            let name: String = name.chars().take(64).collect();
            Problem::bad(format!("events: {name:?} is not an event."))
        };
        let topic = Topic::named(name).ok_or_else(unknown)?;
        if !topics.contains(&topic) {
            topics.push(topic);
        }
    }
    if topics.is_empty() { Err(Problem::bad("events must name at least one event.")) } else { Ok(topics) }
}

fn method(given: Option<String>) -> Result<String, Problem> {
    match given {
        Some(method) if method != METHOD => Err(Problem::bad(format!("method must be {METHOD}."))),
        given => Ok(given.unwrap_or_else(|| METHOD.to_owned())),
    }
}

/// The refusal names a header, never its value.
fn headers(given: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Problem> {
    let bytes: usize = given.iter().map(|(name, value)| name.len() + value.len()).sum();
    if given.len() > MOST_HEADERS || bytes > LARGEST_HEADERS {
        return Err(Problem::bad(format!(
            "headers must be at most {MOST_HEADERS} and {LARGEST_HEADERS} bytes."
        )));
    }
    let mut names = BTreeSet::new();
    for (given, value) in &given {
        let name = HeaderName::from_bytes(given.as_bytes())
            .map_err(|_| Problem::bad("headers: a name is not that of a header."))?;
        if outgoing::is_of_the_connection(&name) {
            return Err(Problem::bad(format!("headers: {name} belongs to the connection.")));
        }
        if !value.is_ascii() || HeaderValue::from_str(value).is_err() {
            return Err(Problem::bad(format!("headers: the value of {name} is not one of a header.")));
        }
        if name == header::CONTENT_TYPE && !value.trim_start().starts_with("application/json") {
            return Err(Problem::bad(format!("headers: {name} is always application/json.")));
        }
        if !names.insert(name.as_str().to_owned()) {
            return Err(Problem::bad(format!("headers: {name} is there twice.")));
        }
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(name: &str, value: &str) -> String {
        headers(BTreeMap::from([(name.to_owned(), value.to_owned())])).unwrap_err().message
    }

    #[test]
    fn headers_are_what_a_request_may_have() {
        let good = BTreeMap::from([
            ("Authorization".to_owned(), "Bearer hush".to_owned()),
            ("content-type".to_owned(), "application/json; charset=utf-8".to_owned()),
        ]);
        assert_eq!(headers(good.clone()).unwrap(), good);
        for name in
            ["Host", "content-length", "Connection", "keep-alive", "Transfer-Encoding", "Upgrade", "TE"]
        {
            let message = refused(name, "hush");
            assert!(message.contains(&name.to_lowercase()) && !message.contains("hush"), "{message}");
        }
        for (name, value) in [("x y", "1"), ("", "1"), ("x:", "1"), ("x-a", "a\r\nb: c"), ("x-a", "\u{e9}")] {
            assert!(refused(name, value).starts_with("headers: "), "{name}");
        }
        assert!(refused("Content-Type", "text/plain").contains("content-type"));
        let twice = ["x-a", "X-A"].map(|name| (name.to_owned(), "1".to_owned()));
        assert!(headers(BTreeMap::from(twice)).unwrap_err().message.contains("x-a is there twice"));
        assert!(refused("x-long", &"x".repeat(LARGEST_HEADERS)).contains("at most"));
        let many = (0..=MOST_HEADERS).map(|number| (format!("x-{number}"), String::new()));
        assert!(headers(many.collect()).unwrap_err().message.contains("at most"));
    }

    #[test]
    fn each_event_is_asked_for_once_and_an_unknown_one_is_named() {
        let named = |names: &[&str]| topics(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        let twice = ["CALLOUT_CLOSED", "NEW_CALLOUT", "CALLOUT_CLOSED"];
        assert_eq!(named(&twice).unwrap(), [Topic::Closed, Topic::NewCallout]);
        assert_eq!(
            named(&["NEW_CALLOUT", "NEW_FIRE"]).unwrap_err().message,
            "events: \"NEW_FIRE\" is not an event."
        );
        assert!(named(&[]).unwrap_err().message.starts_with("events "));
        assert!(named(&[&"X".repeat(10_000)]).unwrap_err().message.len() < 100);
    }
}
