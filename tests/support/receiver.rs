//! Somebody's server that takes webhooks: it writes down what it hears and answers as it is told.

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How it answers.
#[derive(Clone, Debug)]
pub enum Say {
    Status(u16),
    Redirect(String),
    /// Nothing, for longer than anybody waits.
    Nothing,
}

#[derive(Clone, Debug)]
pub struct Heard {
    pub headers: HeaderMap,
    pub path: String,
    pub body: Value,
    /// Whether it said 2xx.
    pub accepted: bool,
}

impl Heard {
    pub fn event(&self) -> &str {
        self.body["message"].as_str().unwrap()
    }

    pub fn callout(&self) -> i64 {
        self.body["callout"]["id"].as_i64().unwrap_or_default()
    }
}

/// Long after anything should have come.
const DEADLINE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub struct Receiver {
    pub url: String,
    heard: watch::Receiver<Vec<Heard>>,
    serving: JoinHandle<()>,
}

impl Receiver {
    /// Says 204 to everything.
    pub async fn start() -> Self {
        Self::saying(|_, _| Say::Status(204)).await
    }

    /// Answers with what `say` makes of the body and of how often the same was heard before.
    pub async fn saying(say: impl Fn(&Value, usize) -> Say + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (sender, heard) = watch::channel(Vec::new());
        let say = Arc::new(say);
        let router = Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: Bytes| {
            let (say, sender) = (Arc::clone(&say), sender.clone());
            async move { answer(&*say, &sender, &uri, headers, &body).await }
        });
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, heard, serving }
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.heard.borrow().clone()
    }

    /// Waits until what was heard is as wanted.
    #[track_caller]
    pub fn when(&self, wanted: impl Fn(&[Heard]) -> bool) -> impl Future<Output = Vec<Heard>> {
        let mut heard = self.heard.clone();
        async move {
            if let Ok(Ok(heard)) = tokio::time::timeout(DEADLINE, heard.wait_for(|heard| wanted(heard))).await
            {
                return heard.clone();
            }
            panic!("it did not come; heard: {:?}", heard.borrow());
        }
    }

    /// Waits for so many that it took.
    pub async fn accepted(&self, count: usize) -> Vec<Heard> {
        let accepted = |heard: &Heard| heard.accepted;
        let all = self.when(|all| all.iter().filter(|heard| accepted(heard)).count() >= count).await;
        all.into_iter().filter(accepted).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(
    say: &(impl Fn(&Value, usize) -> Say + Sync),
    sender: &watch::Sender<Vec<Heard>>,
    uri: &Uri,
    headers: HeaderMap,
    body: &[u8],
) -> Response {
    let body: Value = serde_json::from_slice(body).unwrap();
    let before = sender.borrow().iter().filter(|heard| heard.body == body).count();
    let say = say(&body, before);
    let accepted = matches!(say, Say::Status(200..=299));
    let path = uri.to_string();
    sender.send_modify(|heard| heard.push(Heard { headers, path, body, accepted }));
    match say {
        Say::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Say::Redirect(to) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response(),
        Say::Nothing => {
            tokio::time::sleep(DEADLINE).await;
            StatusCode::OK.into_response()
        }
    }
}
