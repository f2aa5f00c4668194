//! A walk through the document that the simulator gives of itself: every operation in it is called, as
//! it should be and in the usual wrong ways, and every answer is held against it (`asker::send` does).

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a failure ends the test")]

#[allow(dead_code, reason = "shared by tests that each use a part of it")]
#[path = "support/asker.rs"]
mod asker;
#[path = "openapi/given.rs"]
mod given;
#[path = "openapi/people.rs"]
mod people;
#[allow(dead_code, reason = "shared by tests that each use a part of it")]
#[path = "support/shape.rs"]
mod shape;

use asker::{Answer, Asker, document, send};
use given::{Given, body_of, state_for};
use panic_console::sim::{Options, Running, Simulator};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// One operation of the document.
#[derive(Clone, Debug)]
struct Operation {
    method: Method,
    path: String,
    name: String,
    needs_token: bool,
    takes_json: bool,
    takes_form: bool,
}

impl Operation {
    /// The ids in the path, by name.
    fn ids(&self) -> impl Iterator<Item = &str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    fn filled(&self, value: impl Fn(&str) -> String) -> String {
        let part = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => value(name),
            None => part.to_owned(),
        };
        self.path.split('/').map(part).collect::<Vec<_>>().join("/")
    }

    async fn ask(&self, asker: &Asker, path: &str, body: Option<&Value>) -> Answer {
        let request = asker.request(self.method.clone(), path);
        send(match body {
            Some(body) => request.json(body),
            None if self.takes_form => {
                request.header("content-type", "multipart/form-data; boundary=edge").body(given::FORM)
            }
            None => request,
        })
        .await
    }
}

async fn operations(running: &Running) -> Vec<Operation> {
    let document = document::document(&running.url().parse().unwrap()).await;
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let security = operation["security"].as_array();
            all.push(Operation {
                method: method.to_ascii_uppercase().parse().unwrap(),
                path: path.clone(),
                name: operation["operationId"].as_str().unwrap().to_owned(),
                needs_token: security.is_some_and(|all| all.iter().any(|one| one.get("token").is_some())),
                takes_json: operation.pointer("/requestBody/content/application~1json").is_some(),
                takes_form: operation.pointer("/requestBody/content/multipart~1form-data").is_some(),
            });
        }
    }
    assert!(all.len() > 35, "{}", all.len());
    all
}

/// A simulator with one of everything that an id in a path may mean.
async fn start(operation: &Operation) -> (Running, Given) {
    let options = Options { allow_http_webhooks: true, ..Options::default() };
    let running = Simulator::start(options).await.unwrap();
    let given = state_for(&running.url(), &operation.name).await;
    (running, given)
}

#[tokio::test]
async fn every_operation_answers_as_the_document_says() {
    let first = Simulator::start(Options::default()).await.unwrap();
    for operation in operations(&first).await {
        let (running, given) = start(&operation).await;
        let path = operation.filled(|name| given.id(name, &operation.name));
        let body = body_of(&operation.name, &given);
        assert_eq!(body.is_some(), operation.takes_json, "{}: body of the example", operation.name);
        let answer = operation.ask(&given.asker, &path, body.as_ref()).await;
        let good = (200..300).contains(&answer.status);
        assert!(good, "{}: {} {}", operation.name, answer.status, answer.body);
        running.stop().await;
    }
}

#[tokio::test]
async fn nothing_of_the_api_is_told_without_a_token() {
    let running = Simulator::start(Options::default()).await.unwrap();
    let nobody = Asker::nobody(&running.url());
    let forger = nobody.with("eyJhbGciOiJIUzI1NiJ9.e30.AAAA");
    let mut open = BTreeSet::new();
    for operation in operations(&running).await {
        if operation.needs_token {
            let path = operation.filled(|_| "1001".to_owned());
            let body = operation.takes_json.then(|| json!({}));
            operation.ask(&nobody, &path, body.as_ref()).await.refused(401, "");
            operation.ask(&forger, &path, body.as_ref()).await.refused(401, "");
        } else if !operation.path.starts_with("/control") {
            open.insert(operation.path);
        }
    }
    assert_eq!(open, given::OPEN.into_iter().map(str::to_owned).collect());
}

#[tokio::test]
async fn an_id_that_means_nothing_is_unknown_everywhere() {
    let running = Simulator::start(Options::default()).await.unwrap();
    let given = state_for(&running.url(), "").await;
    for operation in operations(&running).await {
        if operation.ids().next().is_none() || given::ANY_ID_WILL_DO.contains(&&*operation.name) {
            continue;
        }
        let body = body_of(&operation.name, &given);
        for id in ["987654321", "0", "-1", "99999999999999999999", "x", "%00", "..%2f", "💥"] {
            let path = operation.filled(|_| id.to_owned());
            let answer = operation.ask(&given.asker, &path, body.as_ref()).await;
            let refused = matches!(answer.status, 400 | 404);
            assert!(refused, "{} with {id}: {} {}", operation.name, answer.status, answer.body);
            assert!(answer.body["message"].is_string(), "{}: {}", operation.name, answer.body);
        }
    }
}

#[tokio::test]
async fn what_is_no_object_is_no_body() {
    let first = Simulator::start(Options::default()).await.unwrap();
    for operation in operations(&first).await {
        if !operation.takes_json {
            continue;
        }
        let (running, given) = start(&operation).await;
        let path = operation.filled(|name| given.id(name, &operation.name));
        for body in [json!([]), json!("text"), json!(7), json!([{}])] {
            let answer = operation.ask(&given.asker, &path, Some(&body)).await;
            assert_eq!(answer.status, 400, "{} with {body}: {}", operation.name, answer.body);
        }
        let request = given.asker.request(operation.method.clone(), &path);
        let broken = send(request.header("content-type", "application/json").body("{\"a\":"));
        broken.await.refused(400, "not valid JSON");
        running.stop().await;
    }
}

#[tokio::test]
async fn the_browser_asks_no_other_host() {
    let running = Simulator::start(Options::default()).await.unwrap();
    let page = reqwest::get(format!("{}/docs", running.url())).await.unwrap();
    assert_eq!(page.status(), 200);
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("http"), "{policy}");
    let html = page.text().await.unwrap();
    assert!(!html.contains("//") || !html.contains("http"), "{html}");
    let files = html.split(['"', '\'']).filter_map(|word| word.strip_prefix("./"));
    for file in files.collect::<BTreeSet<_>>() {
        let url = format!("{}/docs/{file}", running.url());
        assert_eq!(reqwest::get(&url).await.unwrap().status(), 200, "{file}");
    }
    let start = reqwest::get(format!("{}/docs/swagger-initializer.js", running.url())).await.unwrap();
    let start = start.text().await.unwrap();
    assert!(start.contains("/openapi.json") && start.contains("\"none\""), "{start}");
}

/// The check that all of this leans on sees what is wrong.
#[tokio::test]
async fn a_reply_that_is_not_as_told_is_found() {
    let running = Simulator::start(Options::default()).await.unwrap();
    let asker = Asker::server(&running.url()).await;
    let customer = asker.customer("+27821234567").await;
    let callout = asker.callout(customer).await;
    let path = format!("/panic-api/v2/callouts/{callout}");
    let right = asker.get(&path).await.ok(200);
    let url: reqwest::Url = format!("{}{path}", running.url()).parse().unwrap();
    let with = |pointer: &str, key: &str, value: Value| {
        let mut body = right.clone();
        body.pointer_mut(pointer).unwrap()[key] = value;
        body
    };
    let wrong = [
        (200, with("/callout", "status", json!(7))),
        (200, with("/callout", "createdAt", json!({}))),
        (200, with("/callout", "surprise", json!(1))),
        (200, with("/callout/incidentInformation/0", "supplier", json!("nobody"))),
        (200, json!({ "message": "no callout" })),
        (418, right.clone()),
        (299, right.clone()),
    ];
    document::check(&Method::GET, &url, 200, &right).await;
    for (status, body) in wrong {
        let url = url.clone();
        let told = format!("{status} {body}");
        let check = tokio::spawn(async move { document::check(&Method::GET, &url, status, &body).await });
        assert!(check.await.is_err(), "{told}");
    }
}
