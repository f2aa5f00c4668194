//! Hosted sessions: opened over the API, ended on the page behind the link.

use super::*;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};

/// A browser that shows where it is sent.
struct Browser(Client);

impl Browser {
    fn new() -> Self {
        Self(Client::builder().redirect(Policy::none()).build().unwrap())
    }

    async fn see(&self, url: &str) -> Response {
        self.0.get(url).send().await.unwrap()
    }

    async fn submit(&self, url: &str, fields: &[(&str, &str)]) -> Response {
        let mut page = reqwest::Url::parse("http://localhost/").unwrap();
        page.query_pairs_mut().extend_pairs(fields);
        let body = page.query().unwrap_or_default().to_owned();
        let request = self.0.post(url).header("content-type", "application/x-www-form-urlencoded");
        request.body(body).send().await.unwrap()
    }
}

fn location(response: &Response) -> reqwest::Url {
    assert_eq!(response.status(), 303);
    response.headers()["location"].to_str().unwrap().parse().unwrap()
}

fn query(url: &reqwest::Url) -> Vec<(String, String)> {
    url.query_pairs().into_owned().collect()
}

/// Opens a signup; gives its id and the hosted link.
async fn open(house: &House) -> (String, String) {
    let body = fixture("v2/create-signup-session.request.json");
    let created = house.post("/customer-signup/sessions", body).await.ok(201);
    assert_same_shape(&created, &fixture("v2/create-signup-session.response.json"));
    let text = |field: &str| created[field].as_str().unwrap().to_owned();
    (text("sessionId"), text("returnUrl"))
}

const PERSON: [(&str, &str); 4] =
    [("name", "Jane"), ("surname", "Doe"), ("mobile", "+27821234567"), ("outcome", "complete")];

#[tokio::test]
async fn create_signup_session() {
    let house = House::open().await;
    let (id, link) = open(&house).await;
    assert!(id.starts_with("css_") && link.starts_with(&house.running.url()) && link.ends_with(&id));
    let create = async |body: Value| house.post("/customer-signup/sessions", body).await;
    create(json!({})).await.refused(400, "returnUrl is required");
    create(json!({ "returnUrl": 7 })).await.refused(400, "returnUrl is not valid");
    for wrong in ["done", "javascript:alert(1)", "ftp://example.com/", "https://a:b@example.com/"] {
        create(json!({ "returnUrl": wrong })).await.refused(400, "returnUrl");
    }
    let site = json!({ "returnUrl": "https://example.com/", "siteDetails": ["x"] });
    create(site).await.refused(400, "siteDetails");
    let email = json!({ "returnUrl": "https://example.com/", "email": 7 });
    create(email).await.refused(400, "email");
    let path = format!("{V2}/customer-signup/sessions");
    house.nobody().post(&path, json!({})).await.refused(401, "bearer token");
}

#[tokio::test]
async fn get_signup_session_before_and_after() {
    let house = House::open().await;
    let (id, link) = open(&house).await;
    let path = format!("/customer-signup/sessions/{id}");
    let before = house.get(&path).await.ok(200);
    let older = fixture("v2/get-signup-session.response.older.json");
    for field in older.as_object().unwrap().keys() {
        assert!(before.get(field).is_some(), "{field}");
    }
    assert_eq!((&before["status"], &before["url"]), (&older["status"], &link.as_str().into()));
    assert_eq!((&before["customerId"], &before["customerReferenceId"]), (&Value::Null, &"user-123".into()));
    assert_eq!(before["siteDetails"]["siteReferenceId"], "site_9944");
    for flow in ["payment", "auth", "download"] {
        assert_eq!(before[flow], false, "{flow}");
    }
    house.get("/customer-signup/sessions/css_123").await.refused(404, "Signup session not found");

    let done = Browser::new().submit(&link, &PERSON).await;
    let back = location(&done);
    let after = house.get(&path).await.ok(200);
    assert_eq!(after["status"], "completed");
    let customer = after["customerId"].as_i64().unwrap();
    assert_eq!(back.as_str().split('?').next(), Some("https://your-app.example.com/signup-complete"));
    let expected = [
        ("status", "completed".to_owned()),
        ("signupSessionId", id),
        ("customerId", customer.to_string()),
        ("siteId", after["siteId"].to_string()),
    ];
    assert_eq!(query(&back), expected.map(|(name, value)| (name.to_owned(), value)));
    let record = house.get(&format!("/customers/{customer}")).await.ok(200)["customer"].clone();
    assert_eq!((&record["name"], &record["externalReferenceId"]), (&"Jane".into(), &"user-123".into()));
    house.asker.callout(customer).await;
}

#[tokio::test]
async fn a_signup_that_fails_or_is_given_up_says_so() {
    let house = House::open().await;
    let browser = Browser::new();
    for (outcome, status) in [("payment-failed", "failed"), ("cancel", "cancelled")] {
        let (id, link) = open(&house).await;
        let back = query(&location(&browser.submit(&link, &[("outcome", outcome)]).await));
        assert_eq!(back[0], ("status".to_owned(), status.to_owned()));
        let failed = back.contains(&("error_code".to_owned(), "payment_failed".to_owned()));
        assert_eq!(failed, status == "failed", "{back:?}");
        assert!(!back.iter().any(|(name, _)| name == "customerId"));
        let read = house.get(&format!("/customer-signup/sessions/{id}")).await.ok(200);
        assert_eq!(read["status"], status);
        let again = browser.submit(&link, &PERSON).await;
        assert_eq!(again.status(), 409, "it has ended");
        assert!(browser.see(&link).await.text().await.unwrap().contains(status));
    }
}

#[tokio::test]
async fn what_is_wrong_stands_on_the_page_and_the_rest_is_kept() {
    let house = House::open().await;
    house.stranger("+27821234567").await;
    let (id, link) = open(&house).await;
    let browser = Browser::new();
    let nasty = "\"><script>alert(1)</script>";
    for (mobile, status) in [("+27821234567", 409), ("nobody", 400), ("", 400)] {
        let fields = [("name", nasty), ("surname", "Doe"), ("mobile", mobile), ("outcome", "complete")];
        let page = browser.submit(&link, &fields).await;
        assert_eq!(page.status(), status, "{mobile}");
        let html = page.text().await.unwrap();
        assert!(html.contains("&quot;&gt;&lt;script&gt;") && !html.contains("<script"), "{html}");
        assert!(html.contains("mobile"), "{html}");
    }
    assert_eq!(browser.submit(&link, &[("outcome", "x")]).await.status(), 400);
    assert_eq!(browser.submit(&link, &[]).await.status(), 400);
    let json = browser.0.post(&link).header("content-type", "application/json").body("{}").send().await;
    assert_eq!(json.unwrap().status(), 415);
    let large = "x".repeat(20_000);
    assert_eq!(browser.submit(&link, &[("name", &large)]).await.status(), 400);
    let read = house.get(&format!("/customer-signup/sessions/{id}")).await.ok(200);
    assert_eq!(read["status"], "pending_verification");
}

#[tokio::test]
async fn the_page_holds_nothing_of_elsewhere_and_leads_back_only() {
    let house = House::open().await;
    let body = json!({
        "returnUrl": "https://your-app.example.com/done?keep=1&status=mine#part",
        "siteDetails": { "siteName": "<b>Demo & Site</b>" },
    });
    let created = house.post("/customer-signup/sessions", body).await.ok(201);
    let link = created["returnUrl"].as_str().unwrap();
    let browser = Browser::new();
    let page = browser.see(link).await;
    let header = |name: &str| page.headers()[name].to_str().unwrap().to_owned();
    let policy = header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'nonce-"), "{policy}");
    assert!(
        policy.contains("; form-action 'self' https://your-app.example.com; base-uri 'none'"),
        "{policy}"
    );
    assert!(policy.ends_with("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(
        (header("referrer-policy"), header("cache-control")),
        ("no-referrer".into(), "no-store".into())
    );
    let html = page.text().await.unwrap();
    assert!(html.contains("&lt;b&gt;Demo &amp; Site&lt;/b&gt;"), "{html}");
    for foreign in ["<script", "src=", "href=", "@import", "url("] {
        assert!(!html.contains(foreign), "{foreign}: {html}");
    }
    let back = location(&browser.submit(link, &[("outcome", "cancel")]).await);
    assert_eq!(
        (back.host_str(), back.path(), back.fragment()),
        (Some("your-app.example.com"), "/done", Some("part"))
    );
    assert_eq!(query(&back)[0], ("keep".to_owned(), "1".to_owned()));
    let gone = format!("{}/signup/css_guess", house.running.url());
    assert_eq!(browser.see(&gone).await.status(), 404);
    assert_eq!(browser.submit(&gone, &PERSON).await.status(), 404);
    house.nobody().get("/panic-api/v2/signup/css_guess").await.refused(404, "not found");
}

#[tokio::test]
async fn subscription_management_session() {
    let house = House::open().await;
    let path = format!("{V2}/subscriptions/management-sessions");
    let body = json!({ "returnUrl": "https://your-app.example.com/account" });
    house.asker.post(&path, body.clone()).await.refused(400, "No valid customerId found");
    let jane = house.asker.customer("+27821234567").await;
    house.scoped(jane).await.post(&path, body.clone()).await.refused(401, "does not allow");
    let user = house.user("jane@example.com", "+27821234567").await;
    user.post(&path, json!({})).await.refused(400, "returnUrl is required");
    user.post(&path, json!({ "returnUrl": "x:y" })).await.refused(400, "returnUrl");
    let url = user.post(&path, body).await.ok(201)["url"].as_str().unwrap().to_owned();

    let browser = Browser::new();
    let list = house.get(&format!("/customers/{jane}/subscriptions")).await.ok(200);
    let id = list[0]["id"].to_string();
    let html = browser.see(&url).await.text().await.unwrap();
    assert!(html.contains(&format!("Subscription {id}")) && html.contains("/account\""), "{html}");
    let (_, other) = house.subscribed("+27820000001").await;
    let reason = ("reason", "Moving <away>");
    let foreign = browser.submit(&url, &[("subscription", &other.to_string()), reason]).await;
    assert_eq!(foreign.status(), 404);
    let blank = browser.submit(&url, &[("subscription", &id), ("reason", " ")]).await;
    assert_eq!(blank.status(), 400);
    let done = browser.submit(&url, &[("subscription", &id), reason]).await;
    assert_eq!(done.status(), 200);
    assert!(done.text().await.unwrap().contains("is cancelled"));
    let read = house.get(&format!("/subscriptions/{id}")).await.ok(200);
    assert_eq!(read["CancelledReason"], "Moving <away>");
    let gone = format!("{}/manage/sms_guess", house.running.url());
    assert_eq!(browser.see(&gone).await.status(), 404);
    assert_eq!(browser.submit(&gone, &[reason]).await.status(), 404);
}

#[tokio::test]
async fn a_hosted_page_can_be_opened_for_a_day() {
    let house = House::open().await;
    let browser = Browser::new();
    let (pending, link) = open(&house).await;
    let (ended, ended_link) = open(&house).await;
    location(&browser.submit(&ended_link, &[("outcome", "cancel")]).await);
    house.asker.customer("+27821234567").await;
    let user = house.user("jane@example.com", "+27821234567").await;
    let body = json!({ "returnUrl": "https://your-app.example.com/account" });
    let path = format!("{V2}/subscriptions/management-sessions");
    let manage = user.post(&path, body).await.ok(201)["url"].as_str().unwrap().to_owned();
    let advance = async |seconds: i64| {
        house.asker.post("/control/clock", json!({ "advance": seconds })).await.ok(200);
    };
    advance(24 * 3_600 - 60).await;
    for url in [&link, &ended_link, &manage] {
        assert_eq!(browser.see(url).await.status(), 200, "{url}");
    }
    advance(60).await;
    for url in [&link, &ended_link, &manage] {
        assert_eq!(browser.see(url).await.status(), 404, "{url}");
    }
    assert_eq!(browser.submit(&link, &PERSON).await.status(), 404);
    assert_eq!(browser.submit(&manage, &[("subscription", "1"), ("reason", "x")]).await.status(), 404);
    // The token is a day old, too.
    let server = Asker::server(&house.running.url()).await;
    let read = async |id: &str| server.get(&format!("{V2}/customer-signup/sessions/{id}")).await;
    read(&pending).await.refused(404, "Signup session not found");
    assert_eq!(read(&ended).await.ok(200)["status"], "cancelled", "how it ended can still be read");
}
