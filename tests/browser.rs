//! The tracking page in real Chromium: every state is read off the page as a customer would see it.
//!
//! Without Chromium these tests say on stderr that they were left out; with
//! `PANIC_CONSOLE_BROWSER=required` they fail instead. `PANIC_CONSOLE_PICTURES=1` writes the pictures
//! of the README, and any other value is a folder that gets a picture of each state.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a failure ends the test")]
#![cfg(unix)]

#[expect(dead_code, reason = "shared with tests that ask for more")]
#[path = "support/asker.rs"]
mod asker;
#[path = "support/browser.rs"]
mod browser;

use asker::Asker;
use browser::{Browser, Device, Page};
use panic_console::sim::{Options, Running, Simulator};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

const PHONE: Device = Device { width: 360, height: 740, dark: false, scripts: true };
const TABLET: Device = Device { width: 768, height: 1_024, ..PHONE };
const DESKTOP: Device = Device { width: 1_280, height: 860, ..PHONE };

/// A simulator, a callout in it, and the link that its customer was given.
struct Scene {
    running: Running,
    server: Asker,
    callout: i64,
    link: String,
}

impl Scene {
    async fn new() -> Self {
        Self::with(Options::default()).await
    }

    async fn with(options: Options) -> Self {
        let running = Simulator::start(options).await.unwrap();
        let server = Asker::server(&running.url()).await;
        let (callout, link) = raise(&server, "+27821234567").await;
        Self { running, server, callout, link }
    }

    async fn step(&self, step: &str) -> Value {
        self.server.step(self.callout, step).await
    }

    async fn advance(&self, seconds: u32) {
        self.server.post("/control/clock", json!({ "advance": seconds })).await.ok(200);
    }
}

async fn raise(server: &Asker, mobile: &str) -> (i64, String) {
    let customer = server.customer(mobile).await;
    let body = json!({
        "location": { "latitude": -26.1091, "longitude": 28.0830, "accuracy": 35 },
        "responseTypeId": 1,
    });
    let path = format!("/panic-api/v2/customers/{customer}/callouts");
    let raised = server.post(&path, body).await.ok(200);
    let link = raised["callout"]["url"].as_str().unwrap().to_owned();
    (raised["callout"]["id"].as_i64().unwrap(), link)
}

/// Where the pictures of this test go, if there are to be any.
fn gallery() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("PANIC_CONSOLE_PICTURES")?);
    (folder != Path::new("1")).then_some(folder)
}

/// One state, as it must be on every device: all of it in the window's width, and no complaint.
async fn look(page: &Page, state: &str, device: Device) {
    let wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth";
    assert_eq!(page.value(wide).await, json!(true), "{state}: wider than {}", device.width);
    let small = "[...document.querySelectorAll('a.call')].every(it => it.offsetHeight >= 44)";
    assert_eq!(page.value(small).await, json!(true), "{state}: too small for a thumb");
    if let Some(folder) = gallery() {
        let scheme = if device.dark { "dark" } else { "light" };
        page.picture(&folder.join(format!("{state}-{}-{scheme}.png", device.width)), true).await;
    }
}

fn untouched(page: &Page, host: &str) {
    assert_eq!(page.complaints(), Vec::<String>::new());
    for url in page.requests() {
        assert!(url.starts_with(host), "asked another host: {url}");
    }
}

/// Raised, dispatched, retracted, dispatched again, soft cancelled, arrived, completed, closed.
async fn through_everything(browser: &Browser, device: Device) {
    let scene = Scene::new().await;
    let page = browser.page(device).await;
    page.open(&scene.link).await;
    page.value("window.loadedOnce = true").await;
    page.reads("#link", "Live").await;
    page.reads("h1", "Alarm received").await;
    assert_eq!(page.text(".status").await, "Created");
    look(&page, "1-created", device).await;

    scene.step("acknowledge").await;
    page.reads("h1", "Finding a responder").await;
    page.reads(".flow .now", "Control room acknowledged").await;
    scene.step("dispatch").await;
    page.reads("h1", "Responder on the way").await;
    page.reads("#eta", "Arrives in about").await;
    page.reads("#helper", "Number plate").await;
    assert!(page.text("#eta .distance").await.ends_with("to go"));
    assert!(page.value("document.querySelector('a.call').href").await.as_str().unwrap().starts_with("tel:+"));
    look(&page, "2-dispatched", device).await;

    let before = page.value("document.querySelector('.responder').getAttribute('cx')").await;
    let eta = page.text("#eta .distance").await;
    scene.advance(60).await;
    page.wait(&format!("document.querySelector('#eta .distance').innerText !== {eta:?}")).await;
    page.wait(&format!("document.querySelector('.responder').getAttribute('cx') !== {before}")).await;
    page.reads("#map svg + figcaption", "Way to go").await;
    look(&page, "3-on-the-way", device).await;

    scene.step("cancel-responder").await;
    page.reads("h1", "Finding another responder").await;
    page.reads(".flow .back", "Responder cancelled").await;
    assert_eq!(page.text("#eta").await + &page.text("#helper").await, "");
    look(&page, "4-responder-cancelled", device).await;

    scene.step("dispatch").await;
    page.reads(".flow .now", "Another responder dispatched").await;
    let dismiss = format!("/panic-api/v2/callouts/{}/dismiss", scene.callout);
    scene.server.post(&dismiss, json!({})).await.ok(200);
    page.reads("#notice", "A cancel was asked for").await;
    look(&page, "5-cancel-asked", device).await;

    scene.step("arrive").await;
    page.reads("h1", "Responder is here").await;
    assert_eq!(page.text("#eta").await, "");
    look(&page, "6-arrived", device).await;
    scene.step("complete").await;
    page.reads("h1", "Responder has finished").await;
    page.reads(".flow .now", "Responder completed").await;
    look(&page, "7-completed", device).await;

    scene.step("close").await;
    page.reads("h1", "This callout is closed").await;
    page.wait("document.documentElement.dataset.link === 'over'").await;
    assert_eq!(page.value("document.querySelectorAll('svg, a.call, #helper *, #eta *').length").await, 0);
    look(&page, "8-closed", device).await;
    assert_eq!(page.value("window.loadedOnce").await, true, "it was never loaded again");
    untouched(&page, &scene.running.url());
    scene.running.stop().await;
}

#[tokio::test]
async fn a_phone_shows_each_state_live() {
    let Some(browser) = Browser::start("a_phone_shows_each_state_live") else { return };
    through_everything(&browser, PHONE).await;
    through_everything(&browser, Device { dark: true, ..PHONE }).await;
}

#[tokio::test]
async fn a_desktop_and_a_tablet_show_each_state_live() {
    let Some(browser) = Browser::start("a_desktop_and_a_tablet_show_each_state_live") else { return };
    through_everything(&browser, DESKTOP).await;
    through_everything(&browser, Device { dark: true, ..DESKTOP }).await;
    through_everything(&browser, TABLET).await;
}

#[tokio::test]
async fn a_supplier_without_a_position_and_a_wrong_link_have_pages_too() {
    let Some(browser) = Browser::start("a_supplier_without_a_position") else { return };
    let scene = Scene::new().await;
    let strange = json!({
        "name": "<img src=x onerror=alert(1)> \u{202e}Ωmega 消防 👨‍👩‍👧 & \"Sons\" of an exceedingly long name for a company",
        "contactNumber": "+27 11 555 0100",
    });
    let supplier = scene.server.post("/control/suppliers", strange).await.ok(201)["id"].clone();
    let step = json!({ "step": "dispatch-manually", "supplierId": supplier });
    for device in [PHONE, DESKTOP] {
        let page = browser.page(device).await;
        page.open(&scene.link).await;
        if device.width == PHONE.width {
            page.reads("h1", "Alarm received").await;
            let path = format!("/control/callouts/{}/steps", scene.callout);
            scene.server.post(&path, step.clone()).await.ok(200);
        }
        page.reads("h1", "Help was sent").await;
        page.reads(".flow .now", "Supplier dispatched by phone").await;
        assert_eq!(page.value("document.querySelectorAll('img').length").await, 0, "a name is no markup");
        page.reads("a.call", "<img src=x onerror=alert(1)>").await;
        assert_eq!(page.value("document.querySelector('a.call').href").await, "tel:+27115550100");
        assert_eq!(page.value("document.querySelectorAll('.responder').length").await, 0);
        look(&page, "9-manual", device).await;
        untouched(&page, &scene.running.url());

        let wrong = browser.page(device).await;
        wrong.open(scene.link.split('?').next().unwrap()).await;
        wrong.reads("h1", "This link opens no callout").await;
        look(&wrong, "10-wrong-link", device).await;
    }
    scene.running.stop().await;
}

#[tokio::test]
async fn without_scripts_the_page_reloads_itself() {
    let Some(browser) = Browser::start("without_scripts_the_page_reloads_itself") else { return };
    let scene = Scene::new().await;
    let page = browser.page(Device { scripts: false, ..PHONE }).await;
    page.open(&scene.link).await;
    page.reads("h1", "Alarm received").await;
    page.reads("#link", "reloads by itself").await;
    page.reads("#link", "UTC").await;
    look(&page, "11-no-script", PHONE).await;
    scene.step("dispatch").await;
    // By itself: nothing here loads it again.
    page.reads("h1", "Responder on the way").await;
    untouched(&page, &scene.running.url());
    scene.running.stop().await;
}

#[tokio::test]
async fn a_lost_connection_is_said_and_found_again() {
    let Some(browser) = Browser::start("a_lost_connection_is_said_and_found_again") else { return };
    let folder = TempDir::new().unwrap();
    let state = Some(folder.path().join("world.db"));
    let scene = Scene::with(Options { state: state.clone(), ..Options::default() }).await;
    scene.step("dispatch").await;
    let page = browser.page(PHONE).await;
    page.open(&scene.link).await;
    page.reads("#link", "Live").await;
    let Scene { running, callout, link, .. } = scene;
    let listen = running.address;
    let stopping = tokio::time::timeout(Duration::from_secs(3), running.stop());
    stopping.await.expect("an open page does not hold up the end");
    page.reads("#link", "Connection lost").await;
    page.reads("#eta", "The connection is lost").await;
    look(&page, "12-lost", PHONE).await;

    let running = Simulator::start(Options { listen, state, ..Options::default() }).await.unwrap();
    page.reads("#link", "Live").await;
    assert_eq!(page.text("#eta .lost").await, "");
    Asker::server(&running.url()).await.step(callout, "arrive").await;
    page.reads("h1", "Responder is here").await;
    assert!(page.value("location.href").await.as_str().unwrap() == link);
    running.stop().await;
}

#[tokio::test]
async fn a_screen_reader_finds_its_way() {
    let Some(browser) = Browser::start("a_screen_reader_finds_its_way") else { return };
    let scene = Scene::new().await;
    scene.step("dispatch").await;
    let page = browser.page(PHONE).await;
    page.open(&scene.link).await;
    let heard = page.heard_by_a_screen_reader().await;
    let has = |role: &str, name: &str| heard.iter().any(|(r, n)| r == role && n.starts_with(name));
    for (role, name) in [
        ("banner", ""),
        ("main", ""),
        ("contentinfo", ""),
        ("status", ""),
        ("heading", "Responder on the way"),
        ("region", "Arrives in about"),
        ("region", "Map"),
        ("region", "Who is coming"),
        ("region", "Status"),
        ("image", "Map: the responder is "),
        ("link", "Call "),
        ("list", ""),
        ("term", ""),
    ] {
        assert!(has(role, name), "{role} {name}: {heard:?}");
    }
    scene.running.stop().await;
}

#[tokio::test]
async fn pictures_for_the_readme() {
    if std::env::var_os("PANIC_CONSOLE_PICTURES").is_none_or(|value| value != "1") {
        return;
    }
    let Some(browser) = Browser::start("pictures_for_the_readme") else { return };
    let scene = Scene::new().await;
    scene.step("acknowledge").await;
    scene.step("dispatch").await;
    scene.advance(45).await;
    let dark = Device { dark: true, ..PHONE };
    let all = [("phone", PHONE), ("desktop", DESKTOP), ("dark", dark)];
    for (name, device) in all {
        let page = browser.page(device).await;
        page.open(&scene.link).await;
        page.reads("#link", "Live").await;
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("assets/tracking-{name}.png"));
        page.picture(&file, false).await;
    }
    scene.running.stop().await;
}
