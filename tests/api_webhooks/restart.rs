//! The built program, killed between an event and its delivery.

use super::*;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

struct Served {
    child: Child,
    url: String,
}

impl Served {
    fn start(folder: &Path, flags: &[&str]) -> Self {
        let log = File::options().create(true).append(true).open(folder.join("log")).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_panic-console"))
            .args(["serve", "--listen", "127.0.0.1:0", "--allow-http-webhooks", "--log-level", "trace"])
            .arg("--state")
            .arg(folder.join("state"))
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).expect("one line of JSON");
        Self { child, url: ready["url"].as_str().unwrap().to_owned() }
    }
}

/// SIGKILL.
impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn what_was_registered_under_other_rules_is_not_sent() {
    let folder = tempfile::tempdir().unwrap();
    let options = |allow_http_webhooks| Options {
        allow_http_webhooks,
        state: Some(folder.path().join("state")),
        ..Options::default()
    };
    let receiver = Receiver::saying(|_, _| Say::Status(500)).await;
    let running = Simulator::start(options(true)).await.unwrap();
    let asker = Asker::server(&running.url()).await;
    register(&asker, &receiver.url, &["NEW_CALLOUT"]).await;
    asker.callout(asker.customer("+27820000001").await).await;
    deliveries_when(&asker, |all| !all[0]["tries"].as_array().unwrap().is_empty()).await;
    running.stop().await;

    let count = receiver.heard().len();
    let running = Simulator::start(options(false)).await.unwrap();
    let asker = Asker::server(&running.url()).await;
    let log = deliveries_when(&asker, |all| all[0]["tries"].as_array().unwrap().len() > count).await;
    assert_eq!(log[0]["tries"][count]["error"], "address not allowed");
    assert_eq!(receiver.heard().len(), count);
    running.stop().await;
}

#[tokio::test]
async fn what_a_kill_left_undelivered_is_delivered_after_the_restart() {
    let folder = tempfile::tempdir().unwrap();
    let awake = Arc::new(AtomicBool::new(false));
    let receiver = Receiver::saying({
        let awake = Arc::clone(&awake);
        move |_, _| if awake.load(Ordering::SeqCst) { Say::Status(200) } else { Say::Nothing }
    })
    .await;
    let served = Served::start(folder.path(), &[]);
    let asker = Asker::server(&served.url).await;
    let body = json!({
        "url": format!("{}?key=hush", receiver.url),
        "events": ["NEW_CALLOUT", "CALLOUT_EVENTS_CHANGED"],
        "headers": { "Authorization": "Bearer hush" },
    });
    asker.post(HOOKS, body).await.ok(200);
    let (first, second) = (asker.customer("+27820000001").await, asker.customer("+27820000002").await);
    let first = asker.callout(first).await;
    receiver.when(|all| !all.is_empty()).await;
    let second = asker.callout(second).await;
    let path = format!("/panic-api/v2/callouts/{first}/events");
    asker.post(&path, json!({ "source": "customer", "event": "Hello" })).await.ok(200);
    drop(served);

    awake.store(true, Ordering::SeqCst);
    let served = Served::start(folder.path(), &[]);
    let asker = Asker::server(&served.url).await;
    let heard = receiver.accepted(3).await;
    let of = |callout| heard.iter().filter(move |heard| heard.callout() == callout).map(Heard::event);
    assert_eq!(of(first).collect::<Vec<_>>(), ["NEW_CALLOUT", "CALLOUT_EVENTS_CHANGED"]);
    assert_eq!(of(second).collect::<Vec<_>>(), ["NEW_CALLOUT"]);
    assert!(heard.iter().all(|heard| heard.headers["authorization"] == "Bearer hush"));
    deliveries_when(&asker, |all| all.iter().all(|one| one["state"] == "delivered")).await;
    let count = receiver.heard().len();
    drop(served);

    // What is delivered stays so: another start sends only what is new.
    let served = Served::start(folder.path(), &["--step-webhooks"]);
    let asker = Asker::server(&served.url).await;
    assert_eq!(asker.get("/control/webhooks").await.ok(200)["steps"], true);
    asker.step(second, "own").await;
    let heard = receiver.when(|all| all.len() > count).await;
    assert_eq!((heard.len(), heard[count].callout()), (count + 1, second));
    drop(served);

    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains("the simulator answers") && !log.contains("hush"), "{log}");
}

/// A webhook that a fault holds back waits for the one behind it. None comes before the kill.
#[tokio::test]
async fn what_a_fault_held_back_is_delivered_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let served = Served::start(folder.path(), &[]);
    let asker = Asker::server(&served.url).await;
    register(&asker, &receiver.url, &["NEW_CALLOUT"]).await;
    let rules = json!({ "rules": [{ "fault": "webhook-out-of-order" }] });
    send(asker.request(Method::PUT, "/control/faults").json(&rules)).await.ok(200);
    let callout = asker.callout(asker.customer("+27820000001").await).await;
    deliveries_when(&asker, |all| all.iter().any(|one| one["state"] == "held back")).await;
    drop(served);
    assert!(receiver.heard().is_empty(), "it was held back");

    let served = Served::start(folder.path(), &[]);
    let asker = Asker::server(&served.url).await;
    let heard = receiver.accepted(1).await;
    assert_eq!((heard[0].event(), heard[0].callout()), ("NEW_CALLOUT", callout));
    let log = deliveries_when(&asker, |all| all.iter().all(|one| one["state"] == "delivered")).await;
    assert_eq!(log[0]["tries"].as_array().unwrap().len(), 1);
}
