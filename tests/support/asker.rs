//! The simulator as a test speaks with it: nothing but HTTP. Every reply is held against the document
//! that the simulator gives of itself.

#[path = "document.rs"]
pub mod document;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    #[track_caller]
    pub fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// Wants a refusal whose message holds `words`.
    #[track_caller]
    pub fn refused(self, status: u16, words: &str) {
        let keys: Vec<_> = self.body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!((self.status, keys), (status, vec!["message"]), "{}", self.body);
        let message = self.body["message"].as_str().unwrap();
        assert!(message.contains(words), "{message}");
    }
}

/// Somebody with a token, or none.
#[derive(Clone, Debug)]
pub struct Asker {
    client: reqwest::Client,
    url: String,
    token: Option<String>,
}

impl Asker {
    pub fn nobody(url: &str) -> Self {
        Self { client: reqwest::Client::new(), url: url.to_owned(), token: None }
    }

    /// The customer source itself.
    pub async fn server(url: &str) -> Self {
        Self::nobody(url).as_server().await
    }

    /// The customer source of another simulator, over the same client: to make one takes a while.
    #[allow(dead_code, reason = "shared by tests that each use a part of it")]
    pub async fn server_at(&self, url: &str) -> Self {
        Self { url: url.to_owned(), token: None, ..self.clone() }.as_server().await
    }

    async fn as_server(&self) -> Self {
        let nobody = self;
        let credentials = json!({ "clientId": "demo-client", "clientSecret": "demo-secret" });
        let reply = nobody.post("/panic-api/v2/oauth/token", credentials).await.ok(200);
        nobody.with(reply["accessToken"].as_str().unwrap())
    }

    pub fn with(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }

    /// A step of the control room; gives the callout.
    pub async fn step(&self, callout: i64, step: &str) -> Value {
        self.post(&format!("/control/callouts/{callout}/steps"), json!({ "step": step })).await.ok(200)
    }

    /// A customer with a subscription; gives the id.
    pub async fn customer(&self, mobile: &str) -> i64 {
        let body = json!({
            "customer": { "name": "Jane", "surname": "Doe", "mobile": mobile },
            "subscription": { "subscriptionTypeId": 4 },
        });
        self.post("/panic-api/v2/customers", body).await.ok(201)["customerId"].as_i64().unwrap()
    }

    /// A callout of that customer; gives the id.
    pub async fn callout(&self, customer: i64) -> i64 {
        let body = json!({
            "location": { "latitude": -26.12345, "longitude": 28.12345, "accuracy": 10 },
            "responseTypeId": 1,
        });
        let path = format!("/panic-api/v2/customers/{customer}/callouts");
        self.post(&path, body).await.ok(200)["callout"]["id"].as_i64().unwrap()
    }
}

pub async fn send(request: RequestBuilder) -> Answer {
    let (client, request) = request.build_split();
    let request = request.unwrap();
    let (method, url) = (request.method().clone(), request.url().clone());
    let response = client.execute(request).await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).expect(&text) };
    document::check(&method, &url, status, &body).await;
    Answer { status, body }
}
