//! The tracking page and the map picture over HTTP: who gets in, what the replies say of themselves,
//! and the stream that keeps the page live. What it looks like is in `browser.rs`.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a failure ends the test")]

#[expect(dead_code, reason = "shared with tests that ask for more")]
#[path = "support/asker.rs"]
mod asker;
#[path = "support/shape.rs"]
mod shape;

use asker::Asker;
use panic_console::sim::http::Limits;
use panic_console::sim::{Options, Running, Simulator};
use reqwest::Response;
use serde_json::{Value, json};
use shape::{assert_same_shape, fixture};
use std::time::Duration;
use tokio::time::timeout;

/// The colour of a way that lies behind.
const DRIVEN: [u8; 3] = [0x93, 0xa9, 0xc4];

const DEADLINE: Duration = Duration::from_secs(20);

async fn start() -> (Running, Asker) {
    let running = Simulator::start(Options::default()).await.unwrap();
    let server = Asker::server(&running.url()).await;
    (running, server)
}

/// A callout and its tracking link.
async fn raise(server: &Asker, mobile: &str) -> (i64, String) {
    let customer = server.customer(mobile).await;
    let location = json!({ "latitude": -26.1091, "longitude": 28.0830, "accuracy": 35 });
    let body = json!({ "location": location, "responseTypeId": 1 });
    let raised = server.post(&format!("/panic-api/v2/customers/{customer}/callouts"), body).await.ok(200);
    let link = raised["callout"]["url"].as_str().unwrap().to_owned();
    (raised["callout"]["id"].as_i64().unwrap(), link)
}

async fn page(link: &str) -> (u16, String) {
    let reply = reqwest::get(link).await.unwrap();
    (reply.status().as_u16(), reply.text().await.unwrap())
}

fn stream_of(link: &str) -> String {
    link.replacen('?', "/live?", 1)
}

/// A live page's end of the stream.
struct Stream {
    reply: Response,
    rest: String,
}

impl Stream {
    async fn open(link: &str) -> Self {
        Self::with(&reqwest::Client::new(), link).await
    }

    async fn with(client: &reqwest::Client, link: &str) -> Self {
        let reply = client.get(stream_of(link)).send().await.unwrap();
        assert_eq!(reply.status(), 200);
        assert_eq!(reply.headers()["content-type"], "text/event-stream");
        assert_eq!(reply.headers()["cache-control"], "no-store");
        Self { reply, rest: String::new() }
    }

    /// Name and data of the next event; `None` at the end.
    async fn next(&mut self) -> Option<(String, String)> {
        loop {
            if let Some(end) = self.rest.find("\n\n") {
                let event: String = self.rest.drain(..end + 2).collect();
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
                let told = (field("event: ").unwrap().to_owned(), field("data: ").unwrap().to_owned());
                return Some(told);
            }
            let chunk = timeout(DEADLINE, self.reply.chunk()).await.expect("the stream is silent");
            self.rest.push_str(std::str::from_utf8(&chunk.unwrap()?).unwrap());
        }
    }

    /// The next news, past the beats.
    async fn state(&mut self) -> Value {
        loop {
            let (event, data) = self.next().await.expect("the stream has ended");
            if event == "state" {
                return serde_json::from_str(&data).unwrap();
            }
            assert_eq!(event, "beat");
        }
    }

    /// News until they tell of this status.
    async fn until(&mut self, status: &str) -> Value {
        loop {
            let state = self.state().await;
            if state["status"] == status {
                return state;
            }
        }
    }
}

#[tokio::test]
async fn a_page_keeps_nothing_tells_nobody_and_is_small() {
    let (running, server) = start().await;
    let (callout, link) = raise(&server, "+27821234567").await;
    server.step(callout, "acknowledge").await;
    server.step(callout, "dispatch").await;
    let reply = reqwest::get(&link).await.unwrap();
    let headers = reply.headers().clone();
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["referrer-policy"], "no-referrer");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["content-type"], "text/html; charset=utf-8");
    assert!(!headers.contains_key("set-cookie"));
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{policy}");
    let page = reply.text().await.unwrap();
    assert!(!page.contains("Jane") && !page.contains("+27821234567"), "the customer is not named");
    assert!(!page.contains(" style=") && !page.contains(" onclick="), "nothing that the policy refuses");
    for outside in page.match_indices("http").map(|(at, _)| &page[at..at + 12]) {
        assert!(outside.starts_with("http-equiv"), "another address: {outside}");
    }
    let icon = reqwest::get(format!("{}/track/icon.svg", running.url())).await.unwrap();
    assert_eq!(icon.headers()["content-type"], "image/svg+xml");
    let all = page.len() + icon.bytes().await.unwrap().len();
    assert!(all < 50_000, "{all} bytes");
    running.stop().await;
}

#[tokio::test]
async fn a_link_opens_its_own_callout_only() {
    let (running, server) = start().await;
    let (callout, link) = raise(&server, "+27821234567").await;
    let (other, _) = raise(&server, "+27821234568").await;
    let borrowed = link.replace(&format!("/track/{callout}"), &format!("/track/{other}"));
    let (start, token) = link.split_once("sessionToken=").unwrap();
    let bent = format!("{start}sessionToken=A{}", &token[1..]);
    let bare = link.split('?').next().unwrap().to_owned();
    let nowhere = format!("{}/track/none?sessionToken=x", running.url());
    for wrong in [borrowed, bent, bare, nowhere, format!("{start}sessionToken=")] {
        let (status, page) = page(&wrong).await;
        assert_eq!(status, 404, "{wrong}");
        assert!(page.contains("This link opens no callout"), "{page}");
        let stream = reqwest::get(stream_of(&wrong)).await.unwrap();
        assert_eq!(stream.status(), 404, "{wrong}");
    }
    running.stop().await;
}

#[tokio::test]
async fn the_stream_tells_each_step_and_ends_with_the_callout() {
    let (running, server) = start().await;
    let (callout, link) = raise(&server, "+27821234567").await;
    let mut stream = Stream::open(&link).await;
    let first = stream.state().await;
    assert_eq!(first["status"], "created");
    assert_eq!(first["parts"].as_object().unwrap().len(), 6, "all parts at first: {first}");

    server.step(callout, "acknowledge").await;
    let state = stream.state().await;
    let parts: Vec<_> = state["parts"].as_object().unwrap().keys().collect();
    assert_eq!(parts, ["flow", "headline"], "only what changed");
    for (step, status) in [
        ("dispatch", "Responder Dispatched"),
        ("cancel-responder", "Responder Cancelled"),
        ("dispatch-manually", "Responder Dispatched"),
        ("arrive", "Responder Arrived"),
        ("complete", "Responder Completed"),
    ] {
        server.step(callout, step).await;
        assert_eq!(stream.until(status).await["over"], false);
    }
    server.step(callout, "close").await;
    let last = stream.until("closed").await;
    assert_eq!(last["over"], true);
    assert_eq!((&last["parts"]["map"], &last["parts"]["helper"]), (&json!(""), &json!("")));
    assert_eq!(stream.next().await, None);
    running.stop().await;
}

#[tokio::test]
async fn while_a_responder_drives_its_place_is_told_without_being_asked_for() {
    let options = Options { speed: 20.0, ..Options::default() };
    let running = Simulator::start(options).await.unwrap();
    let server = Asker::server(&running.url()).await;
    let (callout, link) = raise(&server, "+27821234567").await;
    server.step(callout, "dispatch").await;
    let mut stream = Stream::open(&link).await;
    let mut told = Vec::new();
    while told.len() < 3 {
        let state = stream.state().await;
        told.push((state["parts"]["eta"].clone(), state["parts"]["map"].clone()));
    }
    assert!(told.iter().all(|(eta, map)| eta.is_string() && map.is_string()), "{told:?}");
    assert!(told[0] != told[1] && told[1] != told[2]);
    running.stop().await;
}

#[tokio::test]
async fn the_autopilot_is_seen_on_a_page_that_only_listens() {
    let options = Options { autopilot: Some("happy-path".to_owned()), speed: 600.0, ..Options::default() };
    let running = Simulator::start(options).await.unwrap();
    let server = Asker::server(&running.url()).await;
    let (_, link) = raise(&server, "+27821234567").await;
    let mut stream = Stream::open(&link).await;
    stream.until("closed").await;
    assert_eq!(stream.next().await, None);
    running.stop().await;
}

#[tokio::test]
async fn a_quiet_stream_outlives_the_limits_of_a_request_and_ends_with_the_server() {
    let second = Duration::from_secs(1);
    let limits = Limits { request: second, idle: second, headers: second, ..Limits::default() };
    let running = Simulator::start(Options { limits, ..Options::default() }).await.unwrap();
    let server = Asker::server(&running.url()).await;
    let (_, link) = raise(&server, "+27821234567").await;
    let mut stream = Stream::open(&link).await;
    assert_eq!(stream.next().await.unwrap().0, "state");
    assert_eq!(stream.next().await.unwrap().0, "beat");
    timeout(Duration::from_secs(3), running.stop()).await.expect("a live page holds up the end");
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn streams_have_a_bound_and_leave_the_api_alone() {
    let (running, server) = start().await;
    let (callout, link) = raise(&server, "+27821234567").await;
    let client = reqwest::Client::new();
    let mut streams = Vec::new();
    for _ in 0..256 {
        streams.push(Stream::with(&client, &link).await);
    }
    let refused = reqwest::get(stream_of(&link)).await.unwrap();
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (503, &"10".parse().unwrap()));
    assert_eq!(page(&link).await.0, 200, "the page itself is there for all");
    server.step(callout, "acknowledge").await;
    drop(streams);
    // The places are free again as soon as the server has noticed.
    let free = async {
        while reqwest::get(stream_of(&link)).await.unwrap().status() != 200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(DEADLINE, free).await.expect("the places stay taken");
    running.stop().await;
}

#[tokio::test]
async fn a_closed_callout_has_a_last_page_for_a_day_and_then_none() {
    let (running, server) = start().await;
    let (callout, link) = raise(&server, "+27821234567").await;
    server.step(callout, "dispatch").await;
    let (_, open) = page(&link).await;
    assert!(open.contains("<svg") && open.contains("tel:+"));
    server.step(callout, "close").await;
    let (status, last) = page(&link).await;
    assert_eq!(status, 200);
    assert!(last.contains("This callout is closed"));
    for gone in ["<svg", "tel:", "-26.1", "<script>"] {
        assert!(!last.contains(gone), "{gone}: {last}");
    }
    server.post("/control/clock", json!({ "advance": 24 * 3_600 + 1 })).await.ok(200);
    let (status, dead) = page(&link).await;
    assert_eq!(status, 404);
    assert!(dead.contains("This link opens no callout"));
    running.stop().await;
}

#[tokio::test]
async fn a_wrong_safe_code_shows_nowhere_on_the_page() {
    let (running, server) = start().await;
    let (callout, link) = raise(&server, "+27821234567").await;
    server.step(callout, "dispatch").await;
    let parts =
        |page: String| page.split("<main").nth(1).unwrap().split("</main>").next().unwrap().to_owned();
    let words = |page: String| parts(page).split("<svg").next().unwrap().to_owned();
    let (_, before) = page(&link).await;
    let cancel = format!("/panic-api/v2/callouts/{callout}/cancel");
    server.post(&cancel, json!({ "safeCode": "0000" })).await.ok(200);
    let (_, after) = page(&link).await;
    let without_times = |html: String| html.split("<p class=\"figures\">").next().unwrap().to_owned();
    assert_eq!(without_times(words(after)), without_times(words(before)));
    running.stop().await;
}

#[tokio::test]
async fn the_map_of_a_closed_callout_is_a_picture_behind_a_link() {
    let (running, server) = start().await;
    let (callout, _) = raise(&server, "+27821234567").await;
    let path = format!("/panic-api/v2/callouts/{callout}/maps");
    server.get(&path).await.refused(400, "closed");
    for step in ["dispatch", "arrive", "complete", "close"] {
        server.step(callout, step).await;
    }
    let map = server.get(&path).await.ok(200);
    assert_same_shape(&map, &fixture("v2/get-callout-map.response.json"));
    assert_eq!(map["image"], Value::Null);
    let url = map["url"].as_str().unwrap();
    let picture = reqwest::get(url).await.unwrap();
    assert_eq!(picture.status(), 200);
    assert_eq!(picture.headers()["content-type"], "image/png");
    assert_eq!(picture.headers()["cache-control"], "no-store");
    assert_eq!(picture.headers()["referrer-policy"], "no-referrer");
    let png = picture.bytes().await.unwrap();
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n") && png.len() < 200_000, "{} bytes", png.len());
    let pixels = tiny_skia::Pixmap::decode_png(&png).unwrap();
    let way = pixels.pixels().iter().filter(|pixel| [pixel.red(), pixel.green(), pixel.blue()] == DRIVEN);
    assert!(way.count() > 500, "the way that was driven");

    server.post("/control/clock", json!({ "advance": 24 * 3_600 + 1 })).await.ok(200);
    assert_eq!(page(url).await.0, 404, "a day later that link is dead");
    running.stop().await;
}

#[tokio::test]
async fn a_map_is_for_those_who_may_see_the_callout() {
    let (running, server) = start().await;
    let (callout, _) = raise(&server, "+27821234567").await;
    let (open, _) = raise(&server, "+27821234568").await;
    server.step(callout, "close").await;
    let path = |id: &str| format!("/panic-api/v2/callouts/{id}/maps");
    server.get(&path("x")).await.refused(400, "calloutId");
    server.get(&path("999999")).await.refused(404, "not found");
    Asker::nobody(&running.url()).get(&path(&callout.to_string())).await.refused(401, "token");

    let url = server.get(&path(&callout.to_string())).await.ok(200)["url"].as_str().unwrap().to_owned();
    let later = url.replace("until=", "until=9");
    let other = url.replace(&format!("/track/{callout}"), &format!("/track/{open}"));
    let bare = url.split('?').next().unwrap().to_owned();
    for wrong in [later, other, bare] {
        assert_eq!(page(&wrong).await.0, 404, "{wrong}");
    }
    running.stop().await;
}

#[tokio::test]
async fn behind_a_proxy_every_link_begins_with_the_public_address() {
    let public = "https://panic.example.com/aura";
    let options = Options { public_url: Some(format!("{public}/").parse().unwrap()), ..Options::default() };
    let running = Simulator::start(options).await.unwrap();
    let server = Asker::server(&running.url()).await;
    let (callout, link) = raise(&server, "+27821234567").await;
    let v2 = |path: &str| format!("/panic-api/v2{path}");
    let signup = json!({ "returnUrl": "https://your-app.example.com/done" });
    let signup = server.post(&v2("/customer-signup/sessions"), signup).await.ok(201);
    let session = v2(&format!("/customer-signup/sessions/{}", signup["sessionId"].as_str().unwrap()));
    let session = server.get(&session).await.ok(200);
    let cancelled = server.post(&v2(&format!("/callouts/{callout}/cancel")), json!({})).await.ok(200);
    let map = server.get(&v2(&format!("/callouts/{callout}/maps"))).await.ok(200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let links = [link, text(&signup["returnUrl"]), text(&session["url"]), text(&map["url"])];
    for link in links.into_iter().chain(cancelled["callout"]["url"].as_str().map(str::to_owned)) {
        let below = link.strip_prefix(public).unwrap_or_else(|| panic!("{link}"));
        assert_eq!(page(&format!("{}{below}", running.url())).await.0, 200, "{below}");
    }
    running.stop().await;
}
