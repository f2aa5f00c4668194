//! `panic-console device`: the built program against a simulator in this process.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a failure ends the test")]

#[allow(dead_code, reason = "shared by tests that each use a part of it")]
#[path = "support/asker.rs"]
mod asker;
#[allow(dead_code, reason = "shared by tests that each use a part of it")]
#[path = "support/told.rs"]
mod told;

use asker::Asker;
use panic_console::sim::{Options, Running, Simulator};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use serde_json::{Value, json};
use std::fs;
use std::io::{Read, Write};
use std::process::Stdio;
use tempfile::TempDir;
use tokio::process::Command;
use told::Told;

const SERIAL: [&str; 2] = ["--serial", "SN-0001-A1B2C3D4"];
const PLACE: [&str; 1] = ["--at=-26.1091,28.083"];

/// A simulator, and a user with folders of their own.
struct Rig {
    running: Running,
    server: Asker,
    home: TempDir,
}

impl Rig {
    async fn start() -> Self {
        let running = Simulator::start(Options::default()).await.unwrap();
        let server = Asker::server(&running.url()).await;
        Self { running, server, home: TempDir::new().unwrap() }
    }

    /// A profile whose server is the simulator.
    fn with_profile(self, more: &str) -> Self {
        let folder = self.home.path().join("config");
        fs::create_dir_all(&folder).unwrap();
        let text = format!(
            "[profiles.local]\nbase_url = \"{}\"\nclient_id = \"demo-client\"\n\
             client_secret = {{ env = \"LOCAL_SECRET\" }}\n{more}\n\
             [profiles.local.customer]\nname = \"Jane\"\nsurname = \"Doe\"\nmobile = \"+27821234567\"\n\
             [profiles.local.place]\nlatitude = -26.2\nlongitude = 28.05\naccuracy = 9\n",
            self.running.v2()
        );
        fs::write(folder.join("config.toml"), text).unwrap();
        self
    }

    async fn run(&self, words: &[&str]) -> Told {
        let output = Command::new(env!("CARGO_BIN_EXE_panic-console"))
            .arg("device")
            .args(words)
            .env_clear()
            .env("PANIC_CONSOLE_CONFIG_DIR", self.home.path().join("config"))
            .env("PANIC_CONSOLE_STATE_DIR", self.home.path().join("state"))
            .env("LOCAL_SECRET", "demo-secret")
            .stdin(Stdio::null())
            .output();
        Told::from(output.await.unwrap())
    }

    /// Against the simulator's own URL.
    async fn at(&self, words: &[&[&str]]) -> Told {
        let url = self.running.url();
        self.run(&[words.concat().as_slice(), &["--url", url.as_str()]].concat()).await
    }

    async fn callouts(&self) -> Value {
        self.server.get("/control/callouts").await.ok(200)
    }

    async fn linked(&self) -> i64 {
        let customer = self.server.customer("+27821234567").await;
        let id = customer.to_string();
        self.at(&[&["link", "--customer", id.as_str()], &SERIAL]).await.done();
        customer
    }
}

#[tokio::test]
async fn a_device_from_its_link_to_its_unlink() {
    let rig = Rig::start().await;
    let customer = rig.server.customer("+27821234567").await.to_string();
    let link = ["link", "--customer", &customer, "--alias", "Front desk"];
    assert_eq!(
        rig.at(&[&link, &SERIAL]).await.done(),
        format!(
            "sent      link of serial SN-0001-A1B2C3D4 to customer {customer}\n\
             resolved  deviceId A1B2C3D4, type 1\n"
        )
    );
    let pressed = rig.at(&[&["press"], &SERIAL, &PLACE, &["--accuracy", "9"]]).await.done();
    let callouts = rig.callouts().await;
    let callout = &callouts[0];
    assert_eq!(
        pressed,
        format!(
            "sent      a press of device A1B2C3D4 (type 1, template example-devices)\n\
             resolved  NEW_CALLOUT: callout {}\n",
            callout["id"]
        )
    );
    let expected = json!({ "latitude": -26.1091, "longitude": 28.083, "accuracy": 9 });
    assert!(expected.as_object().unwrap().iter().all(|(key, value)| callout["location"][key] == *value));

    let moved = rig.at(&[&["move", "--at=-26.2,28.1", "--device-id", "A1B2C3D4"]]).await.done();
    assert!(moved.contains("resolved  CALLOUT_LOCATION_UPDATED: callout "), "{moved}");
    assert_eq!(rig.callouts().await[0]["location"]["latitude"], -26.2);
    let battery = rig.at(&[&["battery", "--battery", "72"], &SERIAL]).await.done();
    assert!(battery.contains("resolved  DEVICE_BATTERY_INFO_RECEIVED: battery 72 %"), "{battery}");
    let cancelled = rig.at(&[&["cancel"], &SERIAL]).await.done();
    assert!(cancelled.contains("resolved  CALLOUT_CANCELLED: callout "), "{cancelled}");
    assert_eq!(rig.callouts().await[0]["status"], "closed");
    let unlinked = rig.at(&[&["unlink"], &SERIAL]).await.done();
    assert_eq!(unlinked, "sent      unlink of device A1B2C3D4\nresolved  unlinked\n");
    assert_eq!(rig.server.get("/control/devices").await.ok(200), json!([]));
}

#[tokio::test]
async fn machine_output_holds_what_was_sent_and_what_came_back() {
    let rig = Rig::start().await;
    let customer = rig.server.customer("+27821234567").await;
    let id = customer.to_string();
    let linked = rig.at(&[&["link", "--json", "--customer", id.as_str()], &SERIAL]).await.done_json();
    assert_eq!(linked["sent"]["customerId"], customer);
    assert_eq!(linked["reply"]["deviceId"], "A1B2C3D4");
    let pressed = rig.at(&[&["press", "--json", "--sequence", "46"], &SERIAL, &PLACE]).await.done_json();
    assert_eq!(pressed["sent"]["location"]["sequenceNumber"], "46");
    assert_eq!(pressed["reply"]["input"], pressed["sent"]);
    assert_eq!(pressed["reply"]["resolvedAuraEvent"]["eventTypes"], "NEW_CALLOUT");
    let unlinked = rig.at(&[&["unlink", "--json"], &SERIAL]).await.done_json();
    assert_eq!(unlinked, json!({ "unlinked": "A1B2C3D4" }));
}

#[tokio::test]
async fn a_raw_uplink_goes_out_as_a_frame() {
    let rig = Rig::start().await;
    let customer = rig.server.customer("+27821234567").await.to_string();
    let sigfox = ["--template", "sigfox-button", "--serial", "SIGFOX-BTN-1A2B3C"];
    let linked = rig.at(&[&["link", "--json", "--customer", &customer], &sigfox]).await.done_json();
    assert_eq!(
        (&linked["reply"]["deviceTypeId"], &linked["reply"]["deviceId"]),
        (&json!(2), &json!("1A2B3C"))
    );
    let press = ["press", "--json", "--battery", "88", "--accuracy", "8"];
    let pressed = rig.at(&[&press, &sigfox, &PLACE]).await.done_json();
    assert_eq!(pressed["sent"]["data"], "10f070114810bd20300458");
    assert_eq!(pressed["reply"]["resolvedAuraEvent"]["eventTypes"], "NEW_CALLOUT");
    assert_eq!(rig.server.get("/control/devices").await.ok(200)[0]["batteryLevel"], 88);
}

#[tokio::test]
async fn a_profile_gives_customer_and_place() {
    let rig = Rig::start().await.with_profile("");
    let local = ["--profile", "local"];
    rig.run(&[&["link"], &local[..], &SERIAL].concat()).await.done();
    rig.run(&[&["press"], &local[..], &SERIAL].concat()).await.done();
    let location = rig.callouts().await[0]["location"].clone();
    let place = (&location["latitude"], &location["longitude"], &location["accuracy"]);
    assert_eq!(place, (&json!(-26.2), &json!(28.05), &json!(9)));
    let owner = rig.server.get("/control/devices").await.ok(200)[0]["customer"].clone();
    assert_eq!((&owner["name"], &owner["surname"]), (&json!("Jane"), &json!("Doe")));
}

#[tokio::test]
async fn a_dry_run_prints_the_message_and_sends_nothing() {
    let rig = Rig::start().await;
    let press = [&["press", "--dry-run", "--sequence", "46"], &SERIAL[..], &PLACE].concat();
    let told = rig.run(&press).await;
    assert_eq!((told.status, told.stderr.as_str()), (Some(0), "not sent: POST /deviceEvent\n"));
    let message: Value = serde_json::from_str(&told.stdout).unwrap();
    let expected = json!({
        "device_type_id": 1, "device_id": "A1B2C3D4", "message_type": 1,
        "location": { "latitude": -26.1091, "longitude": 28.083, "sequenceNumber": "46" },
    });
    assert_eq!(message, expected);
    let other = rig.run(&[&press[..], &["--json", "--type", "5"]].concat()).await.done_json();
    assert_eq!((&other["path"], &other["body"]["device_type_id"]), (&json!("/deviceEvent"), &json!(5)));
    let link = rig.at(&[&["link", "--dry-run", "--json", "--customer", "7"], &SERIAL]).await.done_json();
    let expected = json!({
        "customerId": 7, "deviceSerial": SERIAL[1], "deviceSupplier": "ExampleDevices",
    });
    assert_eq!(link, json!({ "method": "POST", "path": "/devices", "body": expected }));
    let unlink = rig.at(&[&["unlink", "--dry-run", "--json"], &SERIAL]).await.done_json();
    assert_eq!(unlink["path"], "/devices/A1B2C3D4");
    // Beyond this machine too: nothing is asked, since nothing goes out.
    rig.run(&[&press[..], &["--url", "https://panic.example.com", "--client-id", "x"]].concat())
        .await
        .refused(2, "--client-secret is missing");
    assert_eq!(rig.callouts().await, json!([]));
}

#[tokio::test]
async fn what_the_server_refuses_ends_with_1() {
    let rig = Rig::start().await;
    rig.at(&[&["press"], &SERIAL, &PLACE]).await.refused(1, "answered 400: device_id is not a linked device");
    rig.at(&[&["unlink"], &SERIAL]).await.refused(1, "answered 404: Device not found");
    rig.at(&[&["link", "--customer", "1"], &SERIAL]).await.refused(1, "Customer not found");
    rig.linked().await;
    rig.at(&[&["cancel"], &SERIAL]).await.refused(1, "no active callout");
    rig.run(&[&["cancel", "--url", "http://127.0.0.1:9"], &SERIAL[..]].concat())
        .await
        .refused(1, "no connection to the server");
}

#[tokio::test]
async fn wrong_usage_ends_with_2() {
    let rig = Rig::start().await;
    let at = |words: &'static [&'static str]| rig.at_words(words);
    at(&["press", "--at=-26.1,28"]).await.refused(2, "--serial");
    at(&["press", "--serial", "SN-0001-A1B2C3D4", "--device-id", "x"])
        .await
        .refused(2, "cannot be used with");
    at(&["press", "--serial", "SN-0001-A1B2C3D4"]).await.refused(2, "--at is needed");
    at(&["press", "--serial", "SN-0001-A1B2C3D4", "--at=91,28"]).await.refused(2, "not a place on the earth");
    at(&["press", "--serial", "SN-0001-A1B2C3D4", "--at=here"]).await.refused(2, "not LAT,LNG");
    at(&["press", "--serial", "short", "--at=-26,28"])
        .await
        .refused(2, "--serial: deviceSerial does not match");
    at(&["battery", "--serial", "SN-0001-A1B2C3D4"]).await.refused(2, "--battery is needed");
    at(&["battery", "--device-id", "A1B2C3D4", "--battery", "101"]).await.refused(2, "not from 0 to 100");
    at(&["cancel", "--device-id", "x", "--template", "nobody"])
        .await
        .refused(2, "example-devices, sigfox-button");
    at(&["link", "--serial", "SN-0001-A1B2C3D4"]).await.refused(2, "--customer is needed");
    at(&["link", "--serial", "SN-0001-A1B2C3D4", "--profile", "x"]).await.refused(2, "cannot be used with");
    rig.run(&["cancel", "--device-id", "x"]).await.refused(2, "run `panic-console serve`");
    rig.run(&["cancel", "--device-id", "x", "--url", "panic"]).await.refused(2, "--url: not a URL");
}

impl Rig {
    async fn at_words(&self, words: &[&str]) -> Told {
        self.at(&[words]).await
    }
}

#[tokio::test]
async fn read_only_sends_nothing() {
    let rig = Rig::start().await;
    rig.linked().await;
    for words in
        [["press", "--at=-26.1,28.05"].as_slice(), &["cancel"], &["battery", "--battery", "5"], &["unlink"]]
    {
        rig.at(&[words, &SERIAL, &["--read-only"]]).await.refused(2, "read-only");
    }
    let rig = rig.with_profile("read_only = true");
    rig.run(&[&["press", "--profile", "local"], &SERIAL[..]].concat()).await.refused(2, "read-only");
    assert_eq!(rig.callouts().await, json!([]));
}

/// No loopback address by its name, and yet this machine: whatever is sent there goes nowhere.
const ELSEWHERE: [&str; 6] = ["--url", "https://0.0.0.0:1", "--client-id", "x", "--client-secret", "y"];

#[tokio::test]
async fn a_press_beyond_this_machine_must_be_meant() {
    let rig = Rig::start().await;
    let press = [&["press"], &SERIAL[..], &PLACE, &ELSEWHERE].concat();
    let why = "a press raises a REAL callout at 0.0.0.0:1";
    rig.run(&press).await.refused(2, why);
    // Said so, it is tried: nobody listens there.
    rig.run(&[&press[..], &["--yes-real"]].concat()).await.refused(1, "nothing was sent");
    // Meant as other writes are meant is not enough.
    rig.run(&[&press[..], &["--yes"]].concat()).await.refused(2, why);
    rig.run(&[&["cancel", "--device-id", "x", "--url", "https://0.0.0.0:1"][..]].concat())
        .await
        .refused(2, "--client-id and --client-secret are needed");
}

/// Every write but the press.
const WRITES: [&[&str]; 5] = [
    &["link", "--customer", "1"],
    &["move", "--at=-26.1,28.05"],
    &["cancel"],
    &["battery", "--battery", "5"],
    &["unlink"],
];

#[tokio::test]
async fn another_machine_is_written_to_only_when_it_is_meant() {
    let rig = Rig::start().await;
    for write in WRITES {
        let words = [write, &SERIAL[..], &ELSEWHERE].concat();
        let told = rig.run(&words).await;
        assert!(
            told.stderr.contains("at 0.0.0.0:1") && told.stderr.contains("--yes"),
            "{write:?}: {}",
            told.stderr
        );
        told.refused(2, "there is no terminal to ask in");
        // Said so, it is tried: nobody listens there.
        rig.run(&[&words[..], &["--yes"]].concat()).await.refused(1, "nothing was sent");
        // Where nothing goes out there is nothing to ask.
        let dry = rig.run(&[&words[..], &["--dry-run"]].concat()).await;
        assert_eq!(dry.status, Some(0), "{}", dry.stderr);
    }
}

#[tokio::test]
async fn production_is_asked_for_wherever_it_listens_and_keeps_a_list_of_its_own() {
    let rig = Rig::start().await.with_profile("environment = \"production\"");
    let local = ["--profile", "local"];
    let list = rig.home.path().join("state/profiles/local/devices.json");
    for write in WRITES {
        rig.run(&[write, &SERIAL[..], &local].concat()).await.refused(2, "there is no terminal to ask in");
    }
    rig.run(&[&["press"], &SERIAL[..], &local].concat()).await.refused(2, "a press raises a REAL callout");
    assert!(!list.exists() && rig.callouts().await == json!([]));

    rig.run(&[&["link", "--yes"], &SERIAL[..], &local].concat()).await.done();
    rig.run(&[&["press", "--yes-real"], &SERIAL[..], &local].concat()).await.done();
    rig.run(&[&["battery", "--battery", "72", "--yes"], &SERIAL[..], &local].concat()).await.done();
    let kept: Value = serde_json::from_slice(&fs::read(&list).unwrap()).unwrap();
    let device = &kept[0];
    assert_eq!((&device["id"], &device["serial"]), (&json!("A1B2C3D4"), &json!(SERIAL[1])));
    assert_eq!(device["battery"]["level"], 72.0);
    assert_eq!(device["last_event"]["name"], "DEVICE_BATTERY_INFO_RECEIVED");
    assert_eq!(device["callout"], json!(rig.callouts().await[0]["id"].to_string()));
    rig.run(&[&["unlink", "--yes"], &SERIAL[..], &local].concat()).await.done();
    assert_eq!(fs::read_to_string(&list).unwrap(), "[]");
}

#[tokio::test]
async fn a_device_that_was_linked_elsewhere_is_listed_when_it_was_used() {
    let rig = Rig::start().await.with_profile("environment = \"production\"");
    rig.linked().await;
    let battery = [&["battery", "--battery", "9", "--yes"], &SERIAL[..], &["--profile", "local"]].concat();
    rig.run(&battery).await.done();
    let list = rig.home.path().join("state/profiles/local/devices.json");
    let kept: Value = serde_json::from_slice(&fs::read(list).unwrap()).unwrap();
    assert_eq!((&kept[0]["id"], &kept[0]["type_id"]), (&json!("A1B2C3D4"), &json!(1)));
}

#[test]
fn in_a_terminal_yes_is_asked_for() {
    let home = TempDir::new().unwrap();
    let cancel = [&["cancel"], &SERIAL[..], &ELSEWHERE].concat();
    for (word, said) in [("", "the answer was no; nothing was sent"), ("y", "no connection to the server")] {
        let (status, shown) = asked(&home, &cancel, "[y/N]: ", word);
        assert!(
            status == 1 && shown.contains("cancels the device's callout at 0.0.0.0:1"),
            "{status}: {shown}"
        );
        assert!(shown.contains(said), "{shown}");
    }
}

/// Runs a press in a terminal and answers its question; gives the status and what was shown.
fn answered(home: &TempDir, word: &str) -> (u32, String) {
    let press = [&["press"], &SERIAL[..], &PLACE, &ELSEWHERE].concat();
    asked(home, &press, "to go on: ", word)
}

fn asked(home: &TempDir, words: &[&str], question: &str, answer: &str) -> (u32, String) {
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_panic-console"));
    command.arg("device");
    command.args(words);
    command.env_clear();
    command.env("PANIC_CONSOLE_CONFIG_DIR", home.path().join("config"));
    command.env("PANIC_CONSOLE_STATE_DIR", home.path().join("state"));
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let mut writer = pair.master.take_writer().unwrap();
    let mut shown = Vec::new();
    let mut chunk = [0; 512];
    while !String::from_utf8_lossy(&shown).contains(question) {
        let count = reader.read(&mut chunk).unwrap();
        assert!(count > 0, "{}", String::from_utf8_lossy(&shown));
        shown.extend_from_slice(&chunk[..count]);
    }
    writer.write_all(format!("{answer}\n").as_bytes()).unwrap();
    // A terminal whose last user is gone ends with an error on some systems.
    let _ended = reader.read_to_end(&mut shown);
    (child.wait().unwrap().exit_code(), String::from_utf8_lossy(&shown).into_owned())
}

#[test]
fn in_a_terminal_the_word_is_asked_for() {
    let home = TempDir::new().unwrap();
    for (word, said) in
        [("real", "REAL was not typed; nothing was sent"), ("REAL", "no connection to the server")]
    {
        let (status, shown) = answered(&home, word);
        assert!(status == 1 && shown.contains("REAL callout at 0.0.0.0:1"), "{status}: {shown}");
        assert!(shown.contains(said), "{shown}");
    }
}

#[tokio::test]
async fn help_has_examples() {
    let rig = Rig::start().await;
    let help = rig.run(&["--help"]).await.done();
    for words in ["link", "press", "move", "cancel", "battery", "unlink", "Examples", "--dry-run"] {
        assert!(help.contains(words), "{words}");
    }
    let help = rig.run(&["press", "--help"]).await.done();
    for flag in [
        "--profile",
        "--url",
        "--serial",
        "--type",
        "--at",
        "--accuracy",
        "--battery",
        "--template",
        "--yes-real",
    ] {
        assert!(help.contains(flag), "{flag}");
    }
}
