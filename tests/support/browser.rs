//! Real Chromium, driven over its debugging protocol by a pipe: no port, no driver program between, and
//! the browser ends when the pipe does, however the test ends.

use base64::Engine as _;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};

/// Longer than anything takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(30);

/// Chromium talks on the descriptors 3 and 4; the shell puts our pipes there.
const ON_3_AND_4: &str = r#"exec "$@" 3<&0 4>&1 </dev/null >/dev/null"#;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

#[derive(Debug, Default)]
struct Heard {
    waiting: HashMap<u64, oneshot::Sender<Value>>,
    events: Vec<Value>,
}

/// The browser. Killed when dropped.
#[derive(Debug)]
pub struct Browser {
    _child: Child,
    _profile: TempDir,
    line: Line,
}

#[derive(Clone, Debug)]
struct Line {
    stdin: Arc<tokio::sync::Mutex<ChildStdin>>,
    heard: Arc<Mutex<Heard>>,
    next: Arc<AtomicU64>,
}

/// What a page is looked at with.
#[derive(Clone, Copy, Debug)]
pub struct Device {
    pub width: u32,
    pub height: u32,
    pub dark: bool,
    pub scripts: bool,
}

fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let all = NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    std::env::var_os("PANIC_CONSOLE_CHROMIUM")
        .map(PathBuf::from)
        .or_else(|| all.into_iter().find(|it| it.is_file()))
}

impl Browser {
    /// `None` when there is no Chromium here, which is said on stderr; where it must be, a failure.
    pub fn start(test: &str) -> Option<Self> {
        let Some(program) = find() else {
            let required = std::env::var_os("PANIC_CONSOLE_BROWSER").is_some_and(|value| value == "required");
            assert!(!required, "Chromium is not installed, and PANIC_CONSOLE_BROWSER=required");
            // Not by a macro: what those write is held back when a test succeeds.
            let _ = writeln!(
                std::io::stderr(),
                "\nLEFT OUT: {test} needs Chromium, which is not installed \
                 (looked for {} in PATH; PANIC_CONSOLE_CHROMIUM names another)",
                NAMES.join(", "),
            );
            return None;
        };
        Some(Self::launch(program.as_os_str()))
    }

    fn launch(program: &OsStr) -> Self {
        let profile = TempDir::new().unwrap();
        let mut data = std::ffi::OsString::from("--user-data-dir=");
        data.push(profile.path());
        let mut command = Command::new("sh");
        command.args(["-c", ON_3_AND_4, "sh"]).arg(program).arg(data);
        command.args([
            "--headless=new",
            "--remote-debugging-pipe",
            // Root has no sandbox; the only page is our own.
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-extensions",
            "--no-first-run",
            "--hide-scrollbars",
            "--force-color-profile=srgb",
            "--lang=en-ZA",
            "about:blank",
        ]);
        command.env("TZ", "Africa/Johannesburg").env("HOME", profile.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let heard = Arc::new(Mutex::new(Heard::default()));
        tokio::spawn(listen(child.stdout.take().unwrap(), Arc::clone(&heard)));
        let stdin = Arc::new(tokio::sync::Mutex::new(child.stdin.take().unwrap()));
        let line = Line { stdin, heard, next: Arc::new(AtomicU64::new(1)) };
        Self { _child: child, _profile: profile, line }
    }

    /// A new page, which shares nothing with the others.
    pub async fn page(&self, device: Device) -> Page {
        let ask = |method, params| self.line.ask(None, method, params);
        let context = ask("Target.createBrowserContext", json!({})).await;
        let target = json!({ "url": "about:blank", "browserContextId": context["browserContextId"] });
        let target = ask("Target.createTarget", target).await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = ask("Target.attachToTarget", attach).await["sessionId"].as_str().unwrap().to_owned();
        let page = Page { line: self.line.clone(), session };
        for domain in ["Page", "Runtime", "Log", "Network", "Accessibility"] {
            page.ask(&format!("{domain}.enable"), json!({})).await;
        }
        page.is(device).await;
        page
    }
}

async fn listen(stdout: ChildStdout, heard: Arc<Mutex<Heard>>) {
    let mut stdout = BufReader::new(stdout);
    let mut message = Vec::new();
    while stdout.read_until(0, &mut message).await.is_ok_and(|read| read > 0) {
        message.pop();
        let value: Value = serde_json::from_slice(&message).expect("JSON from the browser");
        message.clear();
        let mut heard = heard.lock().unwrap();
        match value["id"].as_u64().and_then(|id| heard.waiting.remove(&id)) {
            Some(waiting) => drop(waiting.send(value)),
            None => heard.events.push(value),
        }
    }
}

impl Line {
    async fn ask(&self, session: Option<&str>, method: &str, params: Value) -> Value {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        self.heard.lock().unwrap().waiting.insert(id, sender);
        let mut call = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = session {
            call["sessionId"] = json!(session);
        }
        let mut bytes = serde_json::to_vec(&call).unwrap();
        bytes.push(0);
        self.stdin.lock().await.write_all(&bytes).await.unwrap();
        let reply = timeout(DEADLINE, receiver).await;
        let reply = reply.unwrap_or_else(|_| panic!("{method}: no answer from the browser"));
        let mut reply = reply.expect("the browser ended");
        assert!(reply.get("error").is_none(), "{method}: {}", reply["error"]);
        reply["result"].take()
    }
}

/// The text of an element that can be seen.
fn shown(selector: &str) -> String {
    format!("(it => it?.checkVisibility() ? it.innerText : '')(document.querySelector({selector:?}))")
}

/// One page with its own window, cookies and cache.
#[derive(Debug)]
pub struct Page {
    line: Line,
    session: String,
}

impl Page {
    pub async fn ask(&self, method: &str, params: Value) -> Value {
        self.line.ask(Some(&self.session), method, params).await
    }

    pub async fn is(&self, Device { width, height, dark, scripts }: Device) {
        let phone = width < 600;
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 2, "mobile": phone });
        self.ask("Emulation.setDeviceMetricsOverride", metrics).await;
        let scheme = if dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.ask("Emulation.setEmulatedMedia", features).await;
        self.ask("Emulation.setScriptExecutionDisabled", json!({ "value": !scripts })).await;
    }

    pub async fn open(&self, url: &str) {
        self.ask("Page.navigate", json!({ "url": url })).await;
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'").await;
    }

    /// What an expression is in the page.
    pub async fn value(&self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true });
        let mut reply = self.ask("Runtime.evaluate", params).await;
        assert!(reply.get("exceptionDetails").is_none(), "{expression}: {reply}");
        reply["result"]["value"].take()
    }

    /// The text of an element as it is shown; empty where there is none.
    pub async fn text(&self, selector: &str) -> String {
        let text = self.value(&shown(selector)).await;
        text.as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Waits until an expression is true.
    pub async fn wait(&self, expression: &str) {
        let deadline = Instant::now() + DEADLINE;
        while self.value(&format!("!!({expression})")).await != json!(true) {
            if Instant::now() > deadline {
                let shown = self.value("document.body?.innerText").await;
                panic!("never true: {expression}; shown: {shown}");
            }
            sleep(Duration::from_millis(25)).await;
        }
    }

    /// Waits until an element shows this text.
    pub async fn reads(&self, selector: &str, text: &str) {
        self.wait(&format!("(document.querySelector({selector:?})?.innerText ?? '').includes({text:?})"))
            .await;
    }

    /// A picture of the whole page, or of what the window shows.
    pub async fn picture(&self, file: &Path, whole: bool) {
        let params = json!({ "format": "png", "captureBeyondViewport": whole });
        let reply = self.ask("Page.captureScreenshot", params).await;
        let bytes = base64::prelude::BASE64_STANDARD.decode(reply["data"].as_str().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }

    fn events(&self) -> Vec<Value> {
        let heard = self.line.heard.lock().unwrap();
        heard.events.iter().filter(|event| event["sessionId"] == self.session.as_str()).cloned().collect()
    }

    /// Everything that the page asked the network for.
    pub fn requests(&self) -> Vec<String> {
        let requests = self.events();
        let requests = requests.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        requests.map(|event| event["params"]["request"]["url"].as_str().unwrap().to_owned()).collect()
    }

    /// What the browser complained of: errors of scripts, of the console, of the policy.
    pub fn complaints(&self) -> Vec<String> {
        let complaint = |event: &Value| {
            let params = &event["params"];
            match event["method"].as_str()? {
                "Runtime.exceptionThrown" => Some(params["exceptionDetails"].to_string()),
                "Runtime.consoleAPICalled" => Some(params["args"].to_string()),
                "Log.entryAdded" => Some(params["entry"].to_string()),
                _ => None,
            }
        };
        self.events().iter().filter_map(complaint).collect()
    }

    /// Role and name of everything that a screen reader finds.
    pub async fn heard_by_a_screen_reader(&self) -> Vec<(String, String)> {
        let tree = self.ask("Accessibility.getFullAXTree", json!({})).await;
        let nodes = tree["nodes"].as_array().unwrap().iter().filter(|node| node["ignored"] == false);
        let word = |value: &Value| value["value"].as_str().unwrap_or_default().to_owned();
        nodes.map(|node| (word(&node["role"]), word(&node["name"]))).collect()
    }
}
