//! The client against a server of ours on this machine: what it sends, and what it makes of each answer.

use super::super::model::wire_time::RequestTime;
use super::*;
use crate::app::action::{Failure, FailureKind};
use crate::app::callout::Classification;
use crate::geo::Position;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method as HttpMethod, Response, Uri};
use serde_json::{Value, json};
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;
use tokio::net::TcpListener;

/// One request as the server saw it.
#[derive(Clone, Debug)]
struct Seen {
    method: HttpMethod,
    path: String,
    token: Option<String>,
    body: Value,
}

impl Seen {
    fn is(&self, method: &str, path: &str) -> bool {
        self.method.as_str() == method && self.path == path
    }
}

enum Answer {
    Json(u16, Value),
    Text(u16, &'static [(&'static str, &'static str)], &'static str),
    Never,
}

fn ok(body: Value) -> Answer {
    Answer::Json(200, body)
}

type Script = Arc<dyn Fn(&Seen, usize) -> Answer + Send + Sync>;

#[derive(Clone)]
struct Server {
    url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    script: Script,
    tokens: Arc<AtomicUsize>,
}

impl Server {
    /// Gives out tokens `t1`, `t2`, … by itself; everything else is the script's, which is told how many
    /// tokens were given out.
    async fn start(script: impl Fn(&Seen, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            url: format!("http://{}/panic-api", listener.local_addr().unwrap()),
            seen: Arc::default(),
            script: Arc::new(script),
            tokens: Arc::default(),
        };
        let router = Router::new().fallback(answer).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        server
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// `METHOD /path` of each request but the token exchanges.
    fn calls(&self) -> Vec<String> {
        let seen = self.seen();
        let calls = seen.iter().filter(|seen| seen.path != "/oauth/token");
        calls.map(|seen| format!("{} {}", seen.method, seen.path)).collect()
    }

    fn tokens(&self) -> usize {
        self.tokens.load(Ordering::SeqCst)
    }

    fn connection(&self, dialect: Dialect) -> Connection {
        connection(&self.url, dialect)
    }

    fn client(&self, dialect: Dialect) -> Client {
        Client::new(self.connection(dialect), clock()).unwrap()
    }
}

async fn answer(
    State(server): State<Server>,
    method: HttpMethod,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let path = uri.path_and_query().unwrap().as_str().trim_start_matches("/panic-api").to_owned();
    let token = headers.get("authorization").map(|value| value.to_str().unwrap().replace("Bearer ", ""));
    let seen = Seen { method, path, token, body: serde_json::from_slice(&body).unwrap_or_default() };
    server.seen.lock().unwrap().push(seen.clone());
    let answer = if seen.path == "/oauth/token" && seen.body.get("clientSecret").is_some() {
        let number = server.tokens.fetch_add(1, Ordering::SeqCst) + 1;
        // Long enough for every task that wants a token to come and ask.
        tokio::time::sleep(Duration::from_millis(20)).await;
        ok(json!({ "accessToken": format!("t{number}"), "tokenType": "Bearer", "expiresIn": 3600 }))
    } else {
        (server.script)(&seen, server.tokens())
    };
    let (status, headers, body) = match answer {
        Answer::Json(status, body) => (status, &[][..], body.to_string()),
        Answer::Text(status, headers, body) => (status, headers, body.to_owned()),
        Answer::Never => std::future::pending().await,
    };
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Body::from(body)).unwrap()
}

fn connection(url: &str, dialect: Dialect) -> Connection {
    Connection {
        base_url: url.to_owned(),
        dialect,
        credentials: Credentials {
            client_id: "demo-client".to_owned(),
            client_secret: "demo-secret".into(),
            user: None,
        },
        customer: CustomerSetup {
            name: "Jane".to_owned(),
            surname: "Doe".to_owned(),
            mobile: "+27821234567".to_owned(),
            vehicle_colour: Some("Purple".to_owned()),
            subscription_type_id: 4,
            ..CustomerSetup::default()
        },
        response_type_id: 1,
        classification: Classification::Test,
        internal_test: false,
        request_type: Some("INTEGRATION_TEST".to_owned()),
        read_only: false,
        token_file: None,
        customer_file: None,
        connect_timeout: Duration::from_secs(2),
        total_timeout: Duration::from_secs(5),
        proxy: false,
        ca: None,
        realm: None,
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).unwrap()
}

fn clock() -> Clock {
    Arc::new(|| at(0))
}

fn fix() -> Fix {
    Fix { position: Position::new(-26.12345, 28.12345).unwrap(), accuracy: Some(10.0), at: None }
}

fn id() -> CalloutId {
    CalloutId::new("992011").unwrap()
}

fn callout(status: &str) -> Value {
    json!({ "message": "m", "callout": { "id": 992_011, "customerId": 5, "status": status } })
}

fn kind<T: fmt::Debug>(result: Result<T, ApiError>) -> FailureKind {
    Failure::from(result.unwrap_err()).kind
}

mod calls;
mod failures;
mod observed;
mod tokens;
