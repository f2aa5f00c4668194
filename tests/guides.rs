//! The guides are scripts of plain curl, run here as they stand.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a failure ends the test")]
#![cfg(unix)]

use panic_console::sim::{Options, Simulator};
use std::process::Stdio;
use tokio::process::Command;

/// Runs a guide against a simulator of its own; gives what it printed.
async fn run(guide: &str) -> String {
    let running = Simulator::start(Options::default()).await.unwrap();
    let path = format!("{}/docs/guides/{guide}", env!("CARGO_MANIFEST_DIR"));
    let output = Command::new("sh")
        .arg(&path)
        .env("PANIC_URL", running.url())
        .env_remove("PANIC_CLIENT_ID")
        .env_remove("PANIC_CLIENT_SECRET")
        .env("no_proxy", "127.0.0.1")
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.is_empty(), "curl is needed for this test\n{told}\n{printed}");
    assert!(printed.ends_with("# Done.\n"), "{printed}");
    printed
}

/// Wants every one of `lines` in what was printed, in this order.
#[track_caller]
fn in_order(printed: &str, lines: &[&str]) {
    let mut rest = printed;
    for line in lines {
        let at = rest.find(line).unwrap_or_else(|| panic!("{line:?} is not in, or not behind: {printed}"));
        rest = &rest[at + line.len()..];
    }
}

const RESPONSE: [&str; 5] = [
    "after acknowledge: created",
    "after own: created",
    "after verify: created",
    "after dispatch: Responder Dispatched",
    "after arrive: Responder Arrived",
];

#[tokio::test]
async fn the_quickstart() {
    let printed = run("quickstart.sh").await;
    in_order(
        &printed,
        &["expiresIn 3600", "WEB_SIGNUP_SINGLE", "customerId", "/track/", "incidentInformation"],
    );
    in_order(&printed, &["I am at the blue gate.", "We see you. Stay inside."]);
    in_order(&printed, &RESPONSE);
    in_order(
        &printed,
        &["after complete: Responder Completed", "\n285\n", "resolutionReport", "calloutRatingPostResult"],
    );
}

#[tokio::test]
async fn the_guide_of_2020() {
    let printed = run("guide-2020.sh").await;
    in_order(&printed, &["user_creation_success", "\"TEST\"", "Request completed successfully."]);
    in_order(&printed, &RESPONSE);
    in_order(
        &printed,
        &["\"body\":\"I am at the blue gate.\"", "\"body\":\"The officer is at your gate.\"", "polyline"],
    );
    let ended =
        ["cancelledByCustomer true", "after complete: Responder Completed", "after close: closed", "\n285\n"];
    in_order(&printed, &ended);
}
