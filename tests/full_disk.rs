//! A full disk. There is no file system here that an unprivileged test could fill, so the system keeps
//! the state file from growing (`RLIMIT_FSIZE`): the same writes fail in the same place, with another
//! number. The limit is lifted on the running process, as space comes back on a disk.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a failure ends the test")]
#![cfg(target_os = "linux")]

#[path = "support/asker.rs"]
mod asker;
#[path = "support/serve.rs"]
mod serve;

use asker::{Answer, Asker};
use serde_json::json;
use serve::Serve;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Blocks of 512 or 1024 bytes, by the shell: some hundred writes.
const BLOCKS: u32 = 900;

/// As `serve --state`, whose files the system lets grow no further than that. Without the trap the
/// first write beyond it would end the process instead of failing.
fn on_a_small_disk(state: &Path) -> Serve {
    let inner = Serve::command(&["--state", state.to_str().unwrap()]);
    let mut command = Command::new("sh");
    let script = format!("trap '' XFSZ; ulimit -S -f {BLOCKS}; exec \"$@\"");
    command.args(["-c", &script, "sh"]).arg(inner.get_program()).args(inner.get_args());
    Serve::launch(command)
}

fn give_space(served: &Serve) {
    let done = Command::new("prlimit")
        .args(["--pid", &served.id().to_string(), "--fsize=unlimited:"])
        .stdout(Stdio::null())
        .status()
        .expect("prlimit, of util-linux");
    assert!(done.success(), "the limit was not lifted");
}

async fn say(asker: &Asker, callout: i64, number: usize) -> Answer {
    let event = format!("{number} {}", "x".repeat(2_000));
    let body = json!({ "source": "customer", "event": event });
    asker.post(&format!("/panic-api/v2/callouts/{callout}/events"), body).await
}

/// The numbers of the lines that can be read.
async fn lines(asker: &Asker, callout: i64) -> Vec<usize> {
    let callout = asker.get(&format!("/control/callouts/{callout}")).await.ok(200);
    let events = callout["events"].as_array().unwrap().clone();
    let texts = events.iter().map(ToString::to_string).filter(|event| event.contains("xxxx"));
    let number = |event: String| {
        let end = event.find(" xxxx").unwrap();
        event[..end].rsplit('"').next().unwrap().parse().unwrap()
    };
    texts.map(number).collect()
}

#[tokio::test]
async fn a_full_disk_refuses_writes_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("world.db");
    let mut served = on_a_small_disk(&path);
    let asker = Asker::server(served.url()).await;
    let customer = asker.customer("+27821234567").await;
    let callout = asker.callout(customer).await;

    let mut kept = Vec::new();
    let mut refused = None;
    for number in 0..2_000 {
        let answer = say(&asker, callout, number).await;
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
        kept.push(number);
    }
    refused.expect("the disk never got full").refused(500, "could not be stored. Nothing was changed");
    assert!(kept.len() > 20, "{}", kept.len());

    // Reads go on, and tell of what was acknowledged and of nothing more.
    assert_eq!(lines(&asker, callout).await, kept);
    asker.get("/health").await.ok(200);
    asker.get("/panic-api/v2/callouts/activeCallouts").await.ok(200);
    // For as long as there is no space. What is small enough for the rest of a page still gets through.
    for number in 9_000..9_010 {
        say(&asker, callout, number).await.refused(500, "could not be stored");
    }
    assert_eq!(lines(&asker, callout).await, kept);

    give_space(&served);
    for number in 10_000..10_050 {
        say(&asker, callout, number).await.ok(200);
        kept.push(number);
    }
    assert_eq!(lines(&asker, callout).await, kept);

    served.kill();
    let served = Serve::launch(Serve::command(&["--state", path.to_str().unwrap()]));
    let asker = Asker::server(served.url()).await;
    assert_eq!(lines(&asker, callout).await, kept);
    assert_eq!(asker.step(callout, "close").await["status"], "closed");
}
