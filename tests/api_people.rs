//! Customers, subscriptions and tokens over HTTP (reference §2, §4 and §5).

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a failure ends the test")]

#[allow(dead_code, reason = "shared by tests that each use a part of it")]
#[path = "support/asker.rs"]
mod asker;
#[path = "api_people/customers.rs"]
mod customers;
#[path = "api_people/hosted.rs"]
mod hosted;
#[path = "api_people/services.rs"]
mod services;
#[allow(dead_code, reason = "shared by tests that each use a part of it")]
#[path = "support/shape.rs"]
mod shape;
#[path = "api_people/subscriptions.rs"]
mod subscriptions;
#[path = "api_people/tenants.rs"]
mod tenants;
#[path = "api_people/tokens.rs"]
mod tokens;
#[path = "api_people/v1.rs"]
mod v1;

use asker::{Answer, Asker, send};
use panic_console::sim::{Options, Running, Simulator};
use reqwest::Method;
use serde_json::{Value, json};
use shape::{assert_same_shape, fixture};

const V1: &str = "/panic-api";
const V2: &str = "/panic-api/v2";

/// A simulator and its main tenant.
struct House {
    running: Running,
    asker: Asker,
}

impl House {
    async fn open() -> Self {
        Self::with(Options::default()).await
    }

    async fn with(options: Options) -> Self {
        let running = Simulator::start(options).await.unwrap();
        let asker = Asker::server(&running.url()).await;
        Self { running, asker }
    }

    fn nobody(&self) -> Asker {
        Asker::nobody(&self.running.url())
    }

    async fn get(&self, path: &str) -> Answer {
        self.asker.get(&format!("{V2}{path}")).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.asker.post(&format!("{V2}{path}"), body).await
    }

    async fn put(&self, path: &str, body: Value) -> Answer {
        send(self.asker.request(Method::PUT, &format!("{V2}{path}")).json(&body)).await
    }

    async fn delete(&self, path: &str, body: Value) -> Answer {
        send(self.asker.request(Method::DELETE, &format!("{V2}{path}")).json(&body)).await
    }

    /// A customer without a subscription.
    async fn stranger(&self, mobile: &str) -> i64 {
        let body = json!({ "customer": { "name": "Sam", "surname": "Doe", "mobile": mobile } });
        self.post("/customers", body).await.ok(201)["customerId"].as_i64().unwrap()
    }

    /// A subscribed customer, and the subscription.
    async fn subscribed(&self, mobile: &str) -> (i64, i64) {
        let customer = self.asker.customer(mobile).await;
        let list = self.get(&format!("/customers/{customer}/subscriptions")).await.ok(200);
        (customer, list[0]["id"].as_i64().unwrap())
    }

    /// A callout token of that customer.
    async fn scoped(&self, customer: i64) -> Asker {
        let token = self.post("/oauth/calloutToken", json!({ "customerId": customer })).await.ok(200);
        self.nobody().with(token["accessToken"].as_str().unwrap())
    }

    /// A registered person of v1, with a token.
    async fn user(&self, email: &str, mobile: &str) -> Asker {
        let person = json!({ "email": email, "password": "correct horse", "mobileNumber": mobile });
        self.asker.post(&format!("{V1}/oauth/user"), person).await.ok(200);
        let login = json!({ "clientId": "demo-client", "email": email, "password": "correct horse" });
        let token = self.nobody().post(&format!("{V1}/oauth/token"), login).await.ok(200);
        self.nobody().with(token["accessToken"].as_str().unwrap())
    }

    async fn turn(&self, seconds: i64) {
        self.nobody().post("/control/clock", json!({ "advance": seconds })).await.ok(200);
    }
}
