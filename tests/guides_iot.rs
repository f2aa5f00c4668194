//! `docs/guides/iot.sh` as it stands, against a simulator in this process.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a failure ends the test")]
#![cfg(unix)]

#[allow(dead_code, reason = "shared by tests that each use a part of it")]
#[path = "support/asker.rs"]
mod asker;

use asker::Asker;
use panic_console::sim::{Options, Simulator};
use std::process::{Output, Stdio};
use tokio::process::Command;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guides/iot.sh");

async fn run(url: &str, secret: &str) -> Output {
    let curl = Command::new("curl").arg("--version").stdout(Stdio::null()).status().await;
    assert!(curl.is_ok_and(|status| status.success()), "curl is needed to run the guides: install it");
    let mut script = Command::new("sh");
    // Nothing but what the script itself names.
    script.arg(SCRIPT).env_clear().env("PATH", std::env::var("PATH").unwrap());
    script.env("PANIC_URL", url).env("PANIC_CLIENT_SECRET", secret);
    script.stdin(Stdio::null()).output().await.unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn the_iot_guide_runs_as_it_stands() {
    let running = Simulator::start(Options::default()).await.unwrap();
    let output = run(&running.url(), "demo-secret").await;
    let printed = text(&output.stdout);
    assert!(output.status.success(), "{printed}\n{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
    let mut rest = printed;
    for words in [
        "== A token",
        "a token for 3600 seconds",
        "== Link the device",
        "\"deviceId\":\"A1B2C3D4\"",
        "== message_type 1",
        "\"eventTypes\":\"NEW_CALLOUT\"",
        "== Pressed again",
        "status created",
        "== message_type 2",
        "\"eventTypes\":\"CALLOUT_LOCATION_UPDATED\"",
        "== message_type 4",
        "\"eventTypes\":\"DEVICE_BATTERY_INFO_RECEIVED\"",
        "\"batteryLevel\":72",
        "== message_type 3",
        "\"eventTypes\":\"CALLOUT_CANCELLED\"",
        "status closed",
        "Device unlinked successfully.",
        "== Done",
    ] {
        let at = rest.find(words).unwrap_or_else(|| panic!("{words} is not next in: {printed}"));
        rest = &rest[at + words.len()..];
    }
    assert!(!printed.contains("eyJ"), "no token is printed");

    let server = Asker::server(&running.url()).await;
    let callouts = server.get("/control/callouts").await.ok(200);
    assert_eq!(callouts.as_array().unwrap().len(), 1, "one callout, pressed twice");
    assert_eq!(callouts[0]["status"], "closed");
    assert_eq!(callouts[0]["location"]["latitude"], -26.2025);
    assert_eq!(server.get("/control/devices").await.ok(200).as_array().unwrap().len(), 0);
    running.stop().await;
}

#[tokio::test]
async fn the_iot_guide_fails_loudly() {
    let running = Simulator::start(Options::default()).await.unwrap();
    let output = run(&running.url(), "wrong").await;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("iot.sh: failed: {\"message\":"), "{}", text(&output.stderr));
    running.stop().await;
}
