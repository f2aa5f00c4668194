//! SIGKILL at random moments under load, again and again on one state file: what was acknowledged is
//! there, no id is given twice, and the world makes sense.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a failure ends the test")]
#![cfg(unix)]

#[path = "support/asker.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod asker;
#[path = "support/serve.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod serve;

use asker::Asker;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::Method;
use serde_json::{Value, json};
use serve::Serve;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

const ROUNDS: u32 = 50;
const WRITERS: u32 = 4;
const SEED: u64 = 20_260_610;

/// What the server has said that it has done.
#[derive(Debug, Default)]
struct Acknowledged {
    /// Every id that was given away, of whatever.
    ids: BTreeSet<i64>,
    /// Customers with their numbers.
    customers: BTreeMap<i64, String>,
    /// Callouts, each with the lines of its chat by their ids.
    callouts: BTreeMap<i64, BTreeMap<i64, String>>,
    /// Callouts that were closed.
    closed: BTreeSet<i64>,
}

impl Acknowledged {
    fn new_id(&mut self, id: i64) {
        assert!(self.ids.insert(id), "{id} was given away twice");
    }
}

type Ledger = Arc<Mutex<Acknowledged>>;

fn on(state: &Path) -> Serve {
    Serve::launch(Serve::command(&["--state", state.to_str().unwrap()]))
}

/// Posts; `None` once the server is gone. Then nobody knows whether it was done.
async fn post(asker: &Asker, path: &str, body: Value) -> Option<Value> {
    let response = asker.request(Method::POST, path).json(&body).send().await.ok()?;
    let status = response.status();
    let reply = response.json::<Value>().await.ok()?;
    assert!(status.is_success(), "{path}: {status} {reply}");
    Some(reply)
}

/// One customer after the other, each with a callout, some lines and its end, until the server dies.
async fn write(asker: Asker, ledger: Ledger, round: u32, writer: u32) {
    for number in 0.. {
        let mobile = format!("+27{round:02}{writer}{number:06}");
        if life(&asker, &ledger, mobile).await.is_none() {
            return;
        }
    }
}

async fn life(asker: &Asker, ledger: &Ledger, mobile: String) -> Option<()> {
    let ledger = || ledger.lock().unwrap();
    let body = json!({
        "customer": { "name": "Jane", "surname": "Doe", "mobile": mobile },
        "subscription": { "subscriptionTypeId": 4 },
    });
    let customer = post(asker, "/panic-api/v2/customers", body).await?["customerId"].as_i64().unwrap();
    ledger().new_id(customer);
    ledger().customers.insert(customer, mobile);
    let body = json!({ "location": { "latitude": -26.1, "longitude": 28.1 }, "responseTypeId": 1 });
    let raised = post(asker, &format!("/panic-api/v2/customers/{customer}/callouts"), body).await?;
    let callout = raised["callout"]["id"].as_i64().unwrap();
    ledger().new_id(callout);
    ledger().callouts.insert(callout, BTreeMap::new());
    for line in 0..4 {
        let text = format!("line {line}");
        let body = json!({ "source": "customer", "event": text });
        let sent = post(asker, &format!("/panic-api/v2/callouts/{callout}/events"), body).await?;
        let id = sent["calloutEvent"]["id"].as_i64().unwrap();
        ledger().new_id(id);
        ledger().callouts.get_mut(&callout).unwrap().insert(id, text);
    }
    post(asker, &format!("/control/callouts/{callout}/steps"), json!({ "step": "close" })).await?;
    ledger().closed.insert(callout);
    Some(())
}

/// The world against what was acknowledged, and against itself.
async fn check(asker: &Asker, ledger: &Ledger, customers: &BTreeSet<i64>) {
    let seen = asker.get("/control/callouts").await.ok(200);
    let seen: BTreeMap<i64, &Value> =
        seen.as_array().unwrap().iter().map(|callout| (callout["id"].as_i64().unwrap(), callout)).collect();
    {
        let ledger = ledger.lock().unwrap();
        for (id, lines) in &ledger.callouts {
            let callout = seen.get(id).unwrap_or_else(|| panic!("callout {id} is gone"));
            let events = callout["events"].as_array().unwrap();
            for (line, text) in lines {
                let kept = events.iter().find(|event| event["id"].as_i64() == Some(*line));
                let kept = kept.unwrap_or_else(|| panic!("line {line} of callout {id} is gone"));
                assert!(kept.to_string().contains(text.as_str()), "{kept}");
            }
            if ledger.closed.contains(id) {
                assert_eq!(callout["status"], "closed", "callout {id}");
            }
        }
    }
    assert_consistent(&seen);
    let numbers: Vec<(i64, String)> = {
        let ledger = ledger.lock().unwrap();
        customers.iter().map(|id| (*id, ledger.customers[id].clone())).collect()
    };
    for (id, mobile) in numbers {
        let customer = asker.get(&format!("/panic-api/v2/customers/{id}")).await.ok(200);
        assert!(customer.to_string().contains(&mobile), "{customer}");
    }
}

fn assert_consistent(callouts: &BTreeMap<i64, &Value>) {
    let mut ids = BTreeSet::new();
    let mut in_need = BTreeSet::new();
    for (id, callout) in callouts {
        let events = callout["events"].as_array().unwrap();
        let mut last = 0;
        for event in events {
            let event = event["id"].as_i64().unwrap();
            assert!(ids.insert(event), "entry {event} twice");
            assert!(event > last, "callout {id}: its entries are out of order");
            last = event;
        }
        if callout["status"] != "closed" {
            let customer = callout["customerId"].as_i64().or_else(|| callout["customer"]["id"].as_i64());
            assert!(in_need.insert(customer.expect("a customer")), "two active callouts of one customer");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_nothing_acknowledged_is_lost() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("world.db");
    let mut random = StdRng::seed_from_u64(SEED);
    let ledger = Ledger::default();
    let mut checked = BTreeSet::new();
    let mut served = on(&path);
    for round in 0..ROUNDS {
        let asker = Asker::server(served.url()).await;
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| tokio::spawn(write(asker.clone(), Arc::clone(&ledger), round, writer)))
            .collect();
        tokio::time::sleep(Duration::from_millis(random.random_range(1..150))).await;
        served.kill();
        for writer in writers {
            writer.await.unwrap();
        }
        served = on(&path);
        let known: BTreeSet<i64> = ledger.lock().unwrap().customers.keys().copied().collect();
        let new = known.difference(&checked).copied().collect();
        check(&Asker::server(served.url()).await, &ledger, &new).await;
        checked = known;
    }
    let acknowledged = ledger.lock().unwrap().ids.len();
    assert!(acknowledged > 200, "there was no load to speak of: {acknowledged} writes");
    check(&Asker::server(served.url()).await, &ledger, &checked).await;
}
