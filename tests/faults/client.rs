//! The console's own client: whatever it meets, it says what failed, in time, and goes on.

use super::Rig;
use panic_console::api::client::{Client, Connection, Credentials, CustomerSetup, Read};
use panic_console::api::error::ApiError;
use panic_console::app::callout::{CalloutId, Classification};
use panic_console::app::state::Dialect;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

const PATIENCE: Duration = Duration::from_secs(2);

fn client(rig: &Rig) -> Client {
    let connection = Connection {
        base_url: rig.running.v2(),
        realm: None,
        dialect: Dialect::V2,
        credentials: Credentials {
            client_id: "demo-client".to_owned(),
            client_secret: "demo-secret".into(),
            user: None,
        },
        customer: CustomerSetup { id: Some(rig.customer), ..CustomerSetup::default() },
        response_type_id: 1,
        classification: Classification::Test,
        internal_test: false,
        request_type: None,
        read_only: false,
        token_file: None,
        customer_file: None,
        connect_timeout: PATIENCE,
        total_timeout: PATIENCE,
        proxy: false,
        ca: None,
    };
    Client::new(connection, Arc::new(|| "2026-06-10T12:00:00Z".parse().unwrap())).unwrap()
}

/// Reads once with the fault and once without; gives what became of the first.
async fn survives(rig: &Rig, client: &Client, fault: &Value) -> Result<Read, ApiError> {
    let id = CalloutId::new(rig.callout.to_string()).unwrap();
    client.read(&id).await.expect("before the fault");
    rig.put(json!([{ "times": 1, "fault": fault }])).await;
    let met = timeout(PATIENCE * 20, client.read(&id)).await.expect("it hangs");
    let next = client.read(&id).await.unwrap_or_else(|error| panic!("{fault}, then {error}"));
    assert!(matches!(next, Read::Open(_)));
    met
}

#[tokio::test]
async fn the_console_s_client_survives_every_broken_reply() {
    let rig = Rig::new().await;
    let client = client(&rig);
    for fault in
        ["EMPTY_RESPONSE", "MALFORMED_RESPONSE_CHUNK", "RANDOM_DATA_THEN_CLOSE", "CONNECTION_RESET_BY_PEER"]
    {
        let error = survives(&rig, &client, &json!(fault)).await.expect_err(fault);
        let unclear = matches!(error, ApiError::Unanswered { .. } | ApiError::Unreadable { .. });
        assert!(unclear, "{fault}: {error}");
    }
    let status = json!({ "status": { "code": 503, "retryAfter": 7, "message": "Not now." } });
    let error = survives(&rig, &client, &status).await.unwrap_err();
    assert!(error.to_string().contains("Not now"), "{error}");
    assert!(
        matches!(error, ApiError::Status { status: 503, retry_after: Some(wait), .. } if wait.as_secs() == 7)
    );
}

#[tokio::test]
async fn the_console_s_client_waits_no_longer_than_it_may() {
    let rig = Rig::new().await;
    let client = client(&rig);
    for fault in [
        json!({ "delay": { "fixed": 60_000 } }),
        json!({ "chunked-dribble": { "chunks": 10, "totalMs": 60_000 } }),
    ] {
        let began = Instant::now();
        let error = survives(&rig, &client, &fault).await.unwrap_err();
        assert!(matches!(error, ApiError::Unanswered { .. }), "{error}");
        assert!(began.elapsed() >= PATIENCE, "{:?}", began.elapsed());
    }
    // Slow, and in time.
    survives(&rig, &client, &json!({ "delay": { "fixed": 50 } })).await.unwrap();
    survives(&rig, &client, &json!({ "chunked-dribble": { "chunks": 4, "totalMs": 100 } })).await.unwrap();
}

#[tokio::test]
async fn the_console_s_client_renews_a_token_that_expires_in_the_middle() {
    let rig = Rig::new().await;
    let client = client(&rig);
    let read = survives(&rig, &client, &json!("token-expired")).await.unwrap();
    assert!(matches!(read, Read::Open(_)));
}

#[tokio::test]
async fn the_console_s_client_reads_on_through_every_fault_of_a_callout() {
    let rig = Rig::new().await;
    let client = client(&rig);
    rig.step("dispatch").await;
    for fault in [
        "eta-grows",
        "gps-frozen",
        "gps-jumping",
        "chat-late",
        "chat-doubled",
        "nobody-available",
        "stale-reads",
    ] {
        survives(&rig, &client, &json!(fault)).await.expect(fault);
    }
}
