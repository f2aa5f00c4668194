//! What the simulator tells of itself: `/metrics` and `/control/requests`.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a failure ends the test")]
#![cfg(unix)]

#[path = "support/asker.rs"]
mod asker;

use asker::{Asker, send};
use panic_console::sim::{Options, Running, Simulator};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tempfile::TempDir;

async fn simulator(keep_requests: usize) -> (Running, Asker) {
    let running = Simulator::start(Options { keep_requests, ..Options::default() }).await.unwrap();
    let asker = Asker::server(&running.url()).await;
    (running, asker)
}

async fn metrics(asker: &Asker) -> String {
    let reply = asker.request(Method::GET, "/metrics").send().await.unwrap();
    assert_eq!(reply.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    reply.text().await.unwrap()
}

/// The value of a sample as it is written, by its name with its labels.
#[track_caller]
fn told<'t>(text: &'t str, name: &str) -> &'t str {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("{name} is not in:\n{text}"))
}

fn sample(text: &str, name: &str) -> f64 {
    told(text, name).parse().unwrap()
}

const READ: &str = "method=\"GET\",route=\"/panic-api/v2/callouts/{callout}\"";

#[tokio::test]
async fn metrics_tell_the_four_usual_signals() {
    let (_running, asker) = simulator(0).await;
    let customer = asker.customer("+27821234567").await;
    let callout = asker.callout(customer).await;
    for path in ["/panic-api/v2/callouts/", "/development/panic-api/v2/callouts/"] {
        asker.get(&format!("{path}{callout}")).await.ok(200);
    }
    asker.get("/panic-api/v2/callouts/999999").await.refused(404, "Callout");
    for number in 0..20 {
        asker.get(&format!("/nothing/{number}")).await.refused(404, "not found");
    }
    asker.step(callout, "dispatch").await;
    let text = metrics(&asker).await;
    assert_eq!(told(&text, &format!("panic_http_requests_total{{{READ},status=\"200\"}}")), "2");
    assert_eq!(told(&text, &format!("panic_http_requests_total{{{READ},status=\"404\"}}")), "1");
    let unknown = "panic_http_requests_total{method=\"GET\",route=\"unknown\",status=\"404\"}";
    assert_eq!(told(&text, unknown), "20");
    assert_eq!(told(&text, &format!("panic_http_request_duration_seconds_count{{{READ}}}")), "3");
    let all = format!("panic_http_request_duration_seconds_bucket{{{READ},le=\"+Inf\"}}");
    assert_eq!(told(&text, &all), "3");
    assert!(sample(&text, &format!("panic_http_request_duration_seconds_sum{{{READ}}}")) > 0.0);
    assert_eq!(told(&text, &format!("panic_http_requests_in_flight{{{READ}}}")), "0");
    assert_eq!(told(&text, &format!("panic_http_errors_total{{{READ}}}")), "0");
    assert_eq!(told(&text, "panic_http_requests_in_flight{method=\"GET\",route=\"/metrics\"}"), "1");
    assert!(sample(&text, "panic_connections_open") >= 1.0);
    assert_eq!(told(&text, "panic_connections_limit"), "1024");
    assert_eq!(told(&text, "panic_callouts_active{status=\"created\"}"), "0");
    assert_eq!(told(&text, "panic_callouts_active{status=\"responder dispatched\"}"), "1");
    assert_eq!(told(&text, "panic_webhooks_pending"), "0");
    let version = format!("panic_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    assert_eq!(told(&text, &version), "1");
    for word in ["+2782", "Jane", "Doe", "-26.1", "Bearer"] {
        assert!(!text.contains(word), "{word} is in:\n{text}");
    }
}

/// Every line is what a scraper reads: a comment, or a name with its labels and a number; each family is
/// announced once, before its samples.
#[tokio::test]
async fn metrics_are_in_the_text_format() {
    let (_running, asker) = simulator(0).await;
    asker.get("/panic-api/v2/callouts/1").await.refused(404, "Callout");
    let text = metrics(&asker).await;
    assert!(text.ends_with('\n'));
    let (mut announced, mut seen) = (BTreeSet::new(), BTreeSet::new());
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert!(announced.insert(name.to_owned()), "{name} twice");
            continue;
        }
        if line.starts_with("# HELP ") {
            continue;
        }
        let (sample, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
        assert!(seen.insert(sample.to_owned()), "{sample} twice");
        let name = sample.split('{').next().unwrap();
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        let family = family.filter(|family| announced.contains(*family)).unwrap_or(name);
        assert!(announced.contains(family), "{line}");
    }
}

#[tokio::test]
async fn metrics_tell_of_the_state_file_the_clock_and_the_faults() {
    let folder = TempDir::new().unwrap();
    let state = Some(folder.path().join("world.db"));
    let running = Simulator::start(Options { state, ..Options::default() }).await.unwrap();
    let asker = Asker::server(&running.url()).await;
    let before = metrics(&asker).await;
    assert!(!before.contains("panic_faults_met_total"));
    asker.customer("+27821234567").await;
    asker.post("/control/clock", json!({ "advance": 3_600, "speed": 2 })).await.ok(200);
    let rules = json!({ "rules": [{ "fault": { "status": { "code": 503 } } }] });
    send(asker.request(Method::PUT, "/control/faults").json(&rules)).await.ok(200);
    asker.get("/panic-api/v2/callouts/1").await.refused(503, "Unavailable");
    let text = metrics(&asker).await;
    let grown = |name: &str| sample(&text, name) - sample(&before, name);
    assert!(grown("panic_state_events_total") >= 2.0 && grown("panic_state_commits_total") >= 1.0);
    assert!(sample(&text, "panic_state_file_bytes") > 10_000.0);
    assert_eq!(told(&text, "panic_state_writable"), "1");
    assert_eq!(told(&text, "panic_state_failures_total"), "0");
    assert!(sample(&text, "panic_clock_offset_seconds") >= 3_600.0);
    assert_eq!(told(&text, "panic_clock_speed"), "2");
    assert_eq!(told(&text, "panic_faults_met_total{rule=\"0\"}"), "1");
    assert_eq!(told(&text, &format!("panic_http_errors_total{{{READ}}}")), "1");
    running.stop().await;
}

async fn requests(asker: &Asker, query: &str) -> Vec<Value> {
    let reply = asker.get(&format!("/control/requests{query}")).await.ok(200);
    reply["requests"].as_array().unwrap().clone()
}

#[tokio::test]
async fn control_requests_show_what_was_asked_and_answered() {
    let (_running, asker) = simulator(50).await;
    let customer = asker.customer("+27821234567").await;
    let callout = asker.callout(customer).await;
    let place = json!({ "latitude": 1.5, "longitude": 2.5 });
    asker.post(&format!("/panic-api/v2/callouts/{callout}/location?a=b"), place.clone()).await.ok(200);
    let newest = &requests(&asker, "").await[0];
    assert_eq!(newest["method"], "POST");
    assert_eq!(newest["path"], format!("/panic-api/v2/callouts/{callout}/location"));
    assert_eq!((&newest["query"], &newest["status"]), (&json!("a=b"), &json!(200)));
    assert_eq!(newest["request"], place);
    assert_eq!(newest["requestBytes"], place.to_string().len());
    let message = json!({ "message": "Request completed successfully." });
    assert_eq!((&newest["reply"], &newest["replyBytes"]), (&message, &json!(message.to_string().len())));
    assert!(newest["milliseconds"].as_f64().unwrap() > 0.0 && newest["at"].is_string());
    let numbers: Vec<_> =
        requests(&asker, "").await.iter().map(|request| request["number"].as_u64().unwrap()).collect();
    assert!(numbers.is_sorted_by(|a, b| a > b), "{numbers:?}");
}

#[tokio::test]
async fn control_requests_show_no_secret() {
    let (running, asker) = simulator(50).await;
    let customer = asker.customer("+27821234567").await;
    let callout = asker.callout(customer).await;
    let cancel = json!({ "safeCode": "9999" });
    asker.post(&format!("/panic-api/v2/callouts/{callout}/cancel"), cancel).await.ok(200);
    let user = json!({ "email": "jane@example.com", "password": "correct horse" });
    asker.post("/panic-api/oauth/user", user).await.ok(200);
    asker.get("/panic-api/v2/callouts/1?access_token=hush").await.refused(404, "Callout");
    let all = json!(requests(&asker, "").await);
    let token = asker.request(Method::GET, "/").build().unwrap();
    let token = token.headers()["authorization"].to_str().unwrap().trim_start_matches("Bearer ").to_owned();
    let session = format!("{}/track/{callout}?sessionToken=***", running.url());
    let text = all.to_string();
    for secret in ["demo-secret", "\"9999\"", "correct horse", "hush", token.as_str()] {
        assert!(!text.contains(secret), "{secret} is in: {text}");
    }
    assert!(text.contains(&session), "{text}");
    assert!(text.contains("demo-client") && text.contains("+27821234567"), "{text}");
}

#[tokio::test]
async fn control_requests_can_be_searched() {
    let (_running, asker) = simulator(50).await;
    let customer = asker.customer("+27821234567").await;
    asker.callout(customer).await;
    asker.get("/panic-api/v2/callouts/999999").await.refused(404, "Callout");
    asker.get("/panic-api/v2/callouts/x").await.refused(400, "calloutId");
    let count = async |query: &str| requests(&asker, query).await.len();
    assert_eq!(count("?status=404").await, 1);
    assert_eq!(count("?status=4xx").await, 2);
    assert_eq!(count("?status=4xx&limit=1").await, 1);
    assert_eq!(count("?path=/callouts/").await, 2);
    assert_eq!(count("?path=%2Foauth&status=200").await, 1);
    asker.get("/control/callouts").await.ok(200);
    assert_eq!(count("?path=/control").await, 0, "an open control room does not push everything else out");
    asker.post("/control/clock", json!({ "advance": 1 })).await.ok(200);
    assert_eq!(count("?path=/control").await, 1, "but what it does is shown");
    for (query, field) in [("?status=9xx", "status"), ("?status=x", "status"), ("?limit=x", "limit")] {
        asker.get(&format!("/control/requests{query}")).await.refused(400, field);
    }
}

#[tokio::test]
async fn control_requests_are_bounded_and_off_by_zero() {
    let (_running, asker) = simulator(3).await;
    for _ in 0..10 {
        asker.get("/panic-api/v2/callouts/1").await.refused(404, "Callout");
    }
    let reply = asker.get("/control/requests").await.ok(200);
    assert_eq!((reply["requests"].as_array().unwrap().len(), &reply["kept"]), (3, &json!(3)));
    let (_running, asker) = simulator(0).await;
    asker.get("/panic-api/v2/callouts/1").await.refused(404, "Callout");
    assert_eq!(asker.get("/control/requests").await.ok(200), json!({ "kept": 0, "requests": [] }));
}

#[tokio::test]
async fn a_body_that_is_too_large_to_keep_is_told_by_its_size() {
    let (_running, asker) = simulator(50).await;
    let large = json!({ "clientId": "x".repeat(100_000), "clientSecret": "x" });
    asker.post("/panic-api/v2/oauth/token", large.clone()).await.refused(401, "credentials");
    let newest = &requests(&asker, "").await[0];
    assert_eq!(
        (&newest["requestBytes"], &newest["request"]),
        (&json!(large.to_string().len()), &Value::Null)
    );
}

#[tokio::test]
async fn control_requests_show_no_key_to_a_hosted_page() {
    let (running, asker) = simulator(50).await;
    let sessions = "/panic-api/v2/customer-signup/sessions";
    let body = json!({ "returnUrl": "https://your-app.example.com/done" });
    let opened = asker.post(sessions, body).await.ok(201);
    let key = opened["sessionId"].as_str().unwrap();
    asker.get(&format!("{sessions}/{key}")).await.ok(200);
    let link = format!("{}/signup/{key}", running.url());
    assert_eq!(reqwest::get(&link).await.unwrap().status(), 200);
    reqwest::get(link.replace("/signup/css_", "/manage/sms_")).await.unwrap();
    let shown = requests(&asker, "").await;
    let paths: Vec<_> = shown.iter().take(4).map(|request| request["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["/manage/***", "/signup/***", &format!("{sessions}/***"), sessions]);
    assert!(!json!(shown).to_string().contains(&key[4..]), "{shown:?}");
    // Nor can it be found out by asking for a piece of it.
    assert_eq!(requests(&asker, &format!("?path={}", &key[..8])).await.len(), 0);
}
