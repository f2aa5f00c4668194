//! The pictures of the README, from the running console: each screen in dark and light.
//!
//! `PANIC_CONSOLE_PICTURES=1 cargo test --test pictures` writes them to `assets/screens`; without the variable
//! they are made and thrown away, so that the way to them stays open.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "the harness is a test too")]

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/asker.rs"]
mod asker;
#[path = "support/painter.rs"]
mod painter;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/serve.rs"]
mod serve;
#[allow(dead_code, reason = "the other terminal tests use the rest")]
#[path = "support/terminal.rs"]
mod terminal;

use asker::Asker;
use painter::{DARK, LIGHT, Paper};
use serde_json::json;
use serve::Serve;
use std::path::Path;
use terminal::Session;

const THEMES: [(&str, Paper); 2] = [("dark", DARK), ("light", LIGHT)];

/// Takes the picture and, if that was asked for, keeps it.
fn picture(session: &Session, name: &str, title: &str, (theme, paper): (&str, Paper)) {
    let painted = painter::svg(&session.screen(), paper, title);
    assert!(painted.len() > 10_000, "{name}: there is something to be seen\n{}", session.text());
    if std::env::var_os("PANIC_CONSOLE_PICTURES").is_some_and(|value| value == "1") {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/screens");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}-{theme}.svg")), painted).unwrap();
    }
}

/// The demo with a responder well on the way and something said on both sides.
fn under_way(theme: &str) -> Session {
    let mut session = Session::start(&["--theme", theme, "--speed", "5"]);
    session.wait_for("to raise a");
    session.keys("p\r");
    session.wait_for("▶ created");
    session.keys("i");
    session.wait_for("enter send");
    session.keys("I am at the blue gate, behind the bakery.\r\x1b");
    session.wait_for("▶ Responder Dispatched");
    session.wait_for("is halfway to you");
    session
}

/// Nothing is told in the footer any more.
fn settled(session: &Session) {
    session.wait_for("? help");
}

/// In both themes at once: most of it is waiting.
fn in_both(scenes: impl Fn((&str, Paper)) + Sync) {
    std::thread::scope(|scope| {
        for theme in THEMES {
            let scenes = &scenes;
            scope.spawn(move || scenes(theme));
        }
    });
}

#[test]
fn the_screens_of_one_callout() {
    in_both(|theme| {
        let mut session = under_way(theme.0);
        // A step of the clock must be taken before the next is asked for.
        session.keys("-");
        session.wait_for("clock ×2");
        session.keys("-");
        session.wait_for("clock ×1 ");
        settled(&session);
        picture(&session, "customer", "A responder is on the way", theme);

        session.resize(150, 40);
        session.keys("s");
        session.wait_for("Callout 1");
        settled(&session);
        picture(&session, "split", "Customer and control room side by side", theme);

        session.resize(120, 36);
        session.keys("2s");
        session.wait_for("Vehicles");
        settled(&session);
        picture(&session, "control-room", "The control room", theme);

        session.keys("4");
        session.wait_for("/oauth/token");
        // The newest reading of the callout, and what changed in it.
        session.keys("/get route\r");
        session.wait_for("Since the same request");
        settled(&session);
        picture(&session, "traffic", "Every request, and what it changed", theme);
        session.keys("q");
        assert_eq!(session.wait_for_exit(), 0);
    });
}

#[test]
fn the_devices() {
    in_both(|theme| {
        let mut session = Session::start(&["--theme", theme.0]);
        session.wait_for("to raise a");
        session.keys("3");
        session.wait_for("No device yet");
        for (keys, id, battery) in [
            ("lSIGFOX-BTN-1A2B3C\x1b[Z \r", "1A2B3C", "7"),
            ("lSN-0001-A1B2C3D4\t\t\tFront desk\r", "A1B2C3D4", "72"),
        ] {
            session.keys(keys);
            session.wait_for(&format!("Device {id}"));
            session.keys(&format!("b{battery}\r"));
            session.wait_for("DEVICE_BATTERY_INFO_RECEIVED");
        }
        session.keys("p");
        session.wait_for("1 your screen");
        settled(&session);
        picture(&session, "devices", "Devices, and what the API made of a press", theme);
        session.keys("q");
        assert_eq!(session.wait_for_exit(), 0);
    });
}

/// Callouts in every stage, as a control room on a busy evening has them.
const EVENING: [(&str, &str, &[&str]); 7] = [
    ("Ayanda", "Sample", &["acknowledge", "own", "verify", "dispatch", "arrive"]),
    ("Busi", "Example", &["acknowledge", "own", "verify", "dispatch"]),
    ("Chris", "Specimen", &["acknowledge", "own"]),
    ("Dana", "Placeholder", &["acknowledge", "own", "verify", "dispatch"]),
    ("Eli", "Fixture", &["acknowledge", "own", "verify", "dispatch", "arrive", "complete"]),
    ("Fatima", "Standin", &[]),
    ("Gugu", "Mockup", &["acknowledge", "own", "verify", "dispatch", "arrive", "complete", "close"]),
];

/// Gives the callout that is chosen for the picture, with something said on it.
async fn an_evening(url: &str) -> i64 {
    let server = Asker::server(url).await;
    let mut callouts = Vec::new();
    for (number, (name, surname, steps)) in EVENING.iter().enumerate() {
        let person = json!({
            "customer": { "name": name, "surname": surname, "mobile": format!("+2700000{:04}", 2000 + number) },
            "subscription": { "subscriptionTypeId": 4 },
        });
        let customer =
            server.post("/panic-api/v2/customers", person).await.ok(201)["customerId"].as_i64().unwrap();
        let east = 28.06 + 0.007 * f64::from(u32::try_from(number).unwrap());
        let place = json!({
            "location": { "latitude": -26.1091, "longitude": east, "accuracy": 8 },
            "responseTypeId": 1,
            "calloutClassificationId": 2,
        });
        let raised =
            server.post(&format!("/panic-api/v2/customers/{customer}/callouts"), place).await.ok(200);
        let callout = raised["callout"]["id"].as_i64().unwrap();
        for step in *steps {
            server.step(callout, step).await;
        }
        callouts.push(callout);
    }
    let chosen = callouts[1];
    let said = json!({ "message": "Busi, a vehicle is on its way to you.", "from": "Naledi" });
    server.post(&format!("/control/callouts/{chosen}/comments"), said).await.ok(200);
    chosen
}

#[test]
fn many_callouts() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    in_both(|theme| {
        let serve = Serve::launch(Serve::command(&[]));
        let chosen = runtime.block_on(an_evening(serve.url()));
        let mut session = Session::start(&["watch", "--url", serve.url(), "--theme", theme.0]);
        session.wait_for("Fatima Standin");
        session.keys("/busi\r");
        session.wait_for(&format!("callout {chosen}"));
        session.keys("\x1b");
        session.wait_for("Fatima Standin");
        session.wait_for("a vehicle is on its way");
        settled(&session);
        picture(&session, "watch", "All active callouts, one of them in the panes", theme);
        session.keys("q");
        assert_eq!(session.wait_for_exit(), 0);
    });
}
