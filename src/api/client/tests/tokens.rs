//! One token, shared, renewed once, kept privately.

use super::*;
use std::sync::atomic::AtomicI64;

#[tokio::test]
async fn a_401_renews_the_token_once_and_repeats_the_call() {
    let server = Server::start(|seen, _| {
        if seen.token.as_deref() == Some("t1") {
            Answer::Json(401, json!({ "message": "expired" }))
        } else {
            ok(callout("created"))
        }
    })
    .await;
    let client = server.client(Dialect::V1);
    client.read(&id()).await.unwrap();
    assert_eq!((server.tokens(), server.calls().len()), (2, 2));
    client.read(&id()).await.unwrap();
    assert_eq!((server.tokens(), server.calls().len()), (2, 3), "the new token is used from then on");
}

#[tokio::test]
async fn a_second_401_gives_up() {
    let server = Server::start(|_, _| Answer::Json(401, json!({ "message": "not you" }))).await;
    let failure = Failure::from(server.client(Dialect::V1).say(&id(), "hello").await.unwrap_err());
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert!(failure.message.as_str().contains("not you"), "{}", failure.message);
    assert_eq!((server.tokens(), server.calls().len()), (2, 2));
}

async fn read_together(client: &Arc<Client>, tasks: usize) {
    let spawn = |_| {
        let client = Arc::clone(client);
        tokio::spawn(async move { client.read(&id()).await })
    };
    for task in (0..tasks).map(spawn).collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn tasks_share_one_token() {
    let server = Server::start(|_, _| ok(callout("created"))).await;
    let client = Arc::new(server.client(Dialect::V1));
    read_together(&client, 8).await;
    assert_eq!((server.tokens(), server.calls().len()), (1, 8));
}

#[tokio::test]
async fn tasks_that_are_refused_together_renew_together() {
    let server = Server::start(|seen, _| {
        if seen.token.as_deref() == Some("t1") {
            Answer::Json(401, json!({ "message": "expired" }))
        } else {
            ok(callout("created"))
        }
    })
    .await;
    let client = Arc::new(server.client(Dialect::V1));
    read_together(&client, 4).await;
    assert_eq!(server.tokens(), 2);
}

#[tokio::test]
async fn the_token_is_renewed_a_little_before_it_ends() {
    let server = Server::start(|_, _| ok(callout("created"))).await;
    let seconds = Arc::new(AtomicI64::new(0));
    let hand = Arc::clone(&seconds);
    let clock: Clock = Arc::new(move || at(hand.load(Ordering::SeqCst)));
    let client = Client::new(server.connection(Dialect::V1), clock).unwrap();
    for (second, tokens) in [(0, 1), (3_539, 1), (3_540, 2)] {
        seconds.store(second, Ordering::SeqCst);
        client.read(&id()).await.unwrap();
        assert_eq!(server.tokens(), tokens, "after {second} s");
    }
}

#[tokio::test]
async fn the_token_outlives_the_process_in_a_private_file() {
    let server = Server::start(|_, _| ok(callout("created"))).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token.json");
    let read_as = async |client_id: &str| {
        let mut connection = server.connection(Dialect::V1);
        connection.token_file = Some(path.clone());
        connection.credentials.client_id = client_id.to_owned();
        Client::new(connection, clock()).unwrap().read(&id()).await.unwrap();
        server.tokens()
    };
    assert_eq!(read_as("demo-client").await, 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(read_as("demo-client").await, 1, "the kept token is used");
    assert_eq!(read_as("another-client").await, 2, "but by nobody else");
    std::fs::write(&path, b"nonsense").unwrap();
    assert_eq!(read_as("another-client").await, 3, "a damaged file is no cache");
}

#[tokio::test]
async fn wrong_credentials_are_said_to_be_wrong() {
    let server = Server::start(|_, _| Answer::Json(401, json!({ "message": "no such client" }))).await;
    let mut connection = server.connection(Dialect::V1);
    connection.base_url = format!("{}/refusing", server.url);
    let failure = Failure::from(Client::new(connection, clock()).unwrap().read(&id()).await.unwrap_err());
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert!(failure.message.as_str().contains("client id and secret"), "{}", failure.message);
}

fn with_user(server: &Server) -> Connection {
    let mut connection = server.connection(Dialect::V1);
    connection.credentials.user =
        Some(UserCredentials { email: "jane@example.com".to_owned(), password: "pass".into() });
    connection
}

#[tokio::test]
async fn an_unknown_user_is_registered_once() {
    let known = Arc::new(AtomicBool::new(false));
    let server = Server::start(move |seen, _| match seen.path.as_str() {
        "/oauth/user" => {
            assert_eq!(seen.token.as_deref(), Some("t1"), "with the server's token");
            known.store(true, Ordering::SeqCst);
            ok(json!({ "message": "user_creation_success" }))
        }
        "/oauth/token" if known.load(Ordering::SeqCst) => {
            ok(json!({ "accessToken": "user", "expiresIn": 1_800_000_000, "tokenType": "Bearer" }))
        }
        "/oauth/token" => Answer::Json(401, json!({ "message": "unknown user" })),
        _ => ok(callout("created")),
    })
    .await;
    let client = Client::new(with_user(&server), clock()).unwrap();
    client.raise(fix()).await.unwrap();
    assert_eq!(server.calls(), ["POST /oauth/user", "POST /callouts"]);
    assert_eq!(server.seen().last().unwrap().token.as_deref(), Some("user"));
}

#[tokio::test]
async fn a_user_who_stays_refused_is_not_registered_again() {
    let server = Server::start(|seen, _| match seen.path.as_str() {
        "/oauth/user" => Answer::Json(409, json!({ "message": "known already" })),
        _ => Answer::Json(401, json!({ "message": "wrong password" })),
    })
    .await;
    let client = Client::new(with_user(&server), clock()).unwrap();
    for _ in 0..2 {
        assert_eq!(kind(client.raise(fix()).await), FailureKind::Unauthorized);
    }
    assert_eq!(server.calls(), ["POST /oauth/user"]);
}

#[tokio::test]
async fn read_only_registers_nobody() {
    let server = Server::start(|_, _| Answer::Json(404, json!({ "message": "unknown user" }))).await;
    let mut connection = with_user(&server);
    connection.read_only = true;
    let client = Client::new(connection, clock()).unwrap();
    assert_eq!(kind(client.read(&id()).await), FailureKind::Forbidden);
    assert!(server.calls().is_empty());
}
