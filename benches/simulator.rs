//! The simulator against the bounds of the design: each figure beside what it is measured against in
//! the same run, since two machines, or two minutes of one, are not comparable.
//!
//! A plain program: divan times a function, and these are servers, disks and files.

#![expect(clippy::expect_used, reason = "what fails ends the benchmark")]
#![expect(clippy::print_stdout, reason = "it prints a table")]
#![expect(clippy::disallowed_methods, reason = "it measures real time")]
#![expect(clippy::cast_precision_loss, reason = "counts and nanoseconds of a minute")]

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::Timestamp;
use panic_console::geo::Position;
use panic_console::sim::store::{Logged, Store};
use panic_console::sim::world::{Command, CustomerFields, Raise, Reply, SourceId, Who, World};
use panic_console::sim::{Options, Running, Simulator};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const CLIENTS: usize = 8;
const EACH: Duration = Duration::from_secs(2);
const ACTIVE: [usize; 3] = [1, 1_000, 100_000];
/// A prime, so that strides through a list come by every place of it.
const STRIDE: usize = 7_919;
const EVENTS: u64 = 200_000;
const WRITERS: u64 = 64;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(reads());
    runtime.block_on(writes_over_http());
    runtime.block_on(group_commit());
    runtime.block_on(replay());
}

fn line(what: &str, figure: &str, bound: &str) {
    println!("{what:<56} {figure:>18}   {bound}");
}

/// Requests per second, and the 99th percentile of the time that one took.
#[derive(Clone, Copy)]
struct Load {
    per_second: f64,
    p99: Duration,
}

/// A simulator that is asked, and with whose token.
struct Asked {
    running: Running,
    token: String,
    callouts: Vec<i64>,
}

impl Asked {
    async fn start(options: Options) -> Self {
        let running = Simulator::start(options).await.expect("a simulator");
        let credentials = json!({ "clientId": "demo-client", "clientSecret": "demo-secret" });
        let token = reqwest::Client::new().post(format!("{}/oauth/token", running.v2())).json(&credentials);
        let token: Value = token.send().await.expect("a token").json().await.expect("JSON");
        let token = token["accessToken"].as_str().expect("a token").to_owned();
        Self { running, token, callouts: Vec::new() }
    }

    fn request(&self, method: &str, path: &str, body: &str) -> String {
        format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\naccept: */*\r\n\r\n{body}",
            self.token,
            body.len()
        )
    }

    fn read(&self, dialect: &str, callout: i64) -> String {
        let base = if dialect == "v2" { "/panic-api/v2" } else { "/panic-api" };
        self.request("GET", &format!("{base}/callouts/{callout}"), "")
    }

    /// Raises callouts until there are so many active ones, in a hundred places of a town.
    async fn fill(&mut self, until: usize) {
        let client = Arc::new(reqwest::Client::new());
        let url = format!("{}/callouts", self.running.v1());
        while self.callouts.len() < until {
            let from = self.callouts.len();
            let batch = (from..until.min(from + CLIENTS)).map(|number| {
                let (row, column) = ((number / 10) % 10, number % 10);
                let body = json!({
                    "customer": { "name": "Jane", "surname": "Doe", "mobile": format!("+2782{number:07}") },
                    "calloutLocation": {
                        "latitude": -26.1 - row as f64 / 50.0,
                        "longitude": 28.0 + column as f64 / 50.0,
                        "accuracy": 10,
                    },
                });
                let request = client.post(&url).bearer_auth(&self.token).json(&body);
                tokio::spawn(async move {
                    let reply: Value = request.send().await.expect("a reply").json().await.expect("JSON");
                    reply["callout"]["id"].as_i64().expect("a callout")
                })
            });
            for raised in batch.collect::<Vec<_>>() {
                self.callouts.push(raised.await.expect("a callout"));
            }
        }
    }
}

/// Reads of one callout, and of any, among more and more active ones.
async fn reads() {
    let mut asked = Asked::start(Options::default()).await;
    let empty = resident();
    for active in ACTIVE {
        asked.fill(active).await;
        if active == ACTIVE[2] {
            let each = (resident().saturating_sub(empty)) as f64 / active as f64;
            let what = format!("memory of each of {active} callouts, customer included");
            line(&what, &format!("{each:.0} B"), "under 4096 B");
        }
        println!("with {active} active callouts:");
        for dialect in ["v2", "v1"] {
            let one = asked.read(dialect, asked.callouts[0]);
            against_bare(&asked, &format!("  GET of one, {dialect}"), vec![one]).await;
        }
        if active > 1 {
            let some = asked.callouts.iter().step_by(active.div_ceil(20_000));
            let any = some.map(|callout| asked.read("v2", *callout)).collect();
            against_bare(&asked, "  GET of any, v2", any).await;
        }
    }
    asked.running.stop().await;
}

/// The median of three runs, each beside a run of a bare server that gives the same bytes.
async fn against_bare(asked: &Asked, what: &str, requests: Vec<String>) {
    let mut stream = TcpStream::connect(asked.running.address).await.expect("a connection");
    stream.write_all(requests[0].as_bytes()).await.expect("sent");
    let mut buffer = vec![0; 64 * 1024];
    let body = answer(&mut stream, &mut buffer).await;
    let size = body.len();
    let bare = bare_server(Bytes::copy_from_slice(body)).await;
    let requests = Arc::new(requests);
    let mut runs = Vec::new();
    for _ in 0..3 {
        let of_bare = load(bare, &requests, EACH).await;
        runs.push((load(asked.running.address, &requests, EACH).await, of_bare));
    }
    let share = |(ours, bare): &(Load, Load)| ours.per_second / bare.per_second;
    runs.sort_by(|a, b| share(a).total_cmp(&share(b)));
    let (ours, bare) = runs[1];
    line(
        &format!("{what}, {size} bytes: of a bare server"),
        &format!("{:.2}", share(&runs[1])),
        "at least 0.70",
    );
    line("    requests/s: ours, bare", &format!("{:.0}, {:.0}", ours.per_second, bare.per_second), "");
    line("    p99: ours, bare", &format!("{:.0?}, {:.0?}", ours.p99, bare.p99), "flat");
}

/// Location updates that are on disk when they are answered.
async fn writes_over_http() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = Options { state: Some(folder.path().join("world.db")), ..Options::default() };
    let mut asked = Asked::start(options).await;
    asked.fill(usize::try_from(WRITERS).expect("few")).await;
    let body = r#"{"latitude":-26.1,"longitude":28.0,"accuracy":8}"#;
    let path = |callout: &i64| format!("/panic-api/v2/callouts/{callout}/location");
    let requests: Vec<String> =
        asked.callouts.iter().map(|callout| asked.request("POST", &path(callout), body)).collect();
    let requests = Arc::new(requests);
    let one = load_by(1, asked.running.address, &requests, EACH).await;
    let many = load_by(requests.len(), asked.running.address, &requests, EACH).await;
    let what = format!("locations with --state, {WRITERS} clients: of one client");
    line(&what, &format!("{:.1} x", many.per_second / one.per_second), "");
    line("  writes/s: many, one", &format!("{:.0}, {:.0}", many.per_second, one.per_second), "");
    line("  p99: many, one", &format!("{:.1?}, {:.1?}", many.p99, one.p99), "");
    asked.running.stop().await;
}

/// Bytes of memory that are in use; 0 where the system does not tell.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// hyper and nothing else, with the same body.
async fn bare_server(body: Bytes) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let body = body.clone();
            tokio::spawn(async move {
                let _nodelay = stream.set_nodelay(true);
                let service = service_fn(|_| {
                    let response = hyper::Response::builder()
                        .header("content-type", "application/json")
                        .body(Full::new(body.clone()));
                    async { Ok::<_, Infallible>(response.expect("a response")) }
                });
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .serve_connection(TokioIo::new(stream), service);
                let _ended = connection.await;
            });
        }
    });
    address
}

/// [`CLIENTS`] connections that ask again as soon as they are answered.
async fn load(address: SocketAddr, requests: &Arc<Vec<String>>, during: Duration) -> Load {
    load_by(CLIENTS, address, requests, during).await
}

/// Each goes through the requests from a place of its own, in strides, so that nobody meets the next.
async fn load_by(clients: usize, address: SocketAddr, requests: &Arc<Vec<String>>, during: Duration) -> Load {
    let until = Instant::now() + during;
    let clients: Vec<_> = (0..clients)
        .map(|number| {
            let requests = Arc::clone(requests);
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(address).await.expect("a connection");
                stream.set_nodelay(true).expect("TCP_NODELAY");
                let (mut buffer, mut times) = (vec![0; 64 * 1024], Vec::with_capacity(200_000));
                let mut next = number;
                while Instant::now() < until {
                    let request = &requests[next % requests.len()];
                    next += STRIDE;
                    let began = Instant::now();
                    stream.write_all(request.as_bytes()).await.expect("sent");
                    answer(&mut stream, &mut buffer).await;
                    times.push(began.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for client in clients {
        times.extend(client.await.expect("a client"));
    }
    times.sort_unstable();
    let p99 = times[times.len() * 99 / 100];
    Load { per_second: times.len() as f64 / during.as_secs_f64(), p99 }
}

/// Reads one answer to its end; gives its body.
async fn answer<'b>(stream: &mut TcpStream, buffer: &'b mut [u8]) -> &'b [u8] {
    let mut have = 0;
    loop {
        let count = stream.read(&mut buffer[have..]).await.expect("an answer");
        assert!(count > 0, "the server hung up");
        have += count;
        let text = &buffer[..have];
        let Some(end) = text.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        assert!(text.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&text[..end]));
        let head = std::str::from_utf8(&text[..end]).expect("headers");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let whole = end + 4 + length.expect("a length").parse::<usize>().expect("a number");
        if have >= whole {
            return &buffer[end + 4..whole];
        }
    }
}

/// A state that costs nothing, so that the disk is what is measured.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Count(u64);

impl Logged for Count {
    type Event = u64;

    fn replay(&mut self, event: &u64) {
        self.0 += event;
    }

    fn to_snapshot(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }

    fn from_snapshot(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

async fn group_commit() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join("count.db"), Count::default).expect("a store").store;
    let store = Arc::new(store);
    let one = writes(&store, 1).await;
    let many = writes(&store, WRITERS).await;
    let what = format!("{WRITERS} writers: of the throughput of one fsync each");
    line(&what, &format!("{:.1} x", many / one), "at least 20 x");
    line("  writes/s: many, one", &format!("{many:.0}, {one:.0}"), "");
    store.close().await;
}

/// Writes per second of so many writers.
async fn writes(store: &Arc<Store<Count>>, writers: u64) -> f64 {
    let until = Instant::now() + EACH;
    let tasks: Vec<_> = (0..writers)
        .map(|_| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                let mut written = 0_u64;
                while Instant::now() < until {
                    let change = |count: &mut Count, _| {
                        count.replay(&1);
                        ((), vec![1])
                    };
                    store.write(|| Timestamp::UNIX_EPOCH, change).await.expect("stored");
                    written += 1;
                }
                written
            })
        })
        .collect();
    let mut written = 0;
    for task in tasks {
        written += task.await.expect("a writer");
    }
    written as f64 / EACH.as_secs_f64()
}

async fn replay() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("world.db");
    {
        let store = Store::open(&path, || World::new(1)).expect("a store").store;
        let mut written = 0;
        while written < EVENTS {
            written += store.write(|| Timestamp::UNIX_EPOCH, some_events).await.expect("stored");
        }
        // Dropped, not closed: a closed one leaves a snapshot, and nothing to replay.
    }
    let size = std::fs::metadata(&path).expect("a file").len();
    let began = Instant::now();
    let opened = Store::open(&path, || World::new(1)).expect("the same store");
    let took = began.elapsed();
    let million = took.mul_f64(1_000_000.0 / opened.replayed as f64);
    let what = format!("replay of {} events, {} MB; for a million", opened.replayed, size / 1_000_000);
    line(&what, &format!("{took:.2?}; {million:.2?}"), "5 s for a million");
    opened.store.close().await;
}

/// A customer with a callout who moves a thousand times.
fn some_events(world: &mut World, now: Timestamp) -> (u64, Vec<panic_console::sim::world::Event>) {
    let Some(source) = world.source("bench") else { return opened_source(world, now) };
    let position = Position::new(-26.12345, 28.12345).expect("a place");
    let mobile = format!("+2782{:07}", world.callouts().count());
    let fields = CustomerFields { name: "Jane".into(), surname: "Doe".into(), mobile, ..Default::default() };
    let raise = Raise {
        source,
        who: Who::ByBlock { fields: Box::new(fields), user: None },
        position,
        accuracy: Some(10.0),
        response_type_id: 1,
        classification_id: 1,
        internal_test: false,
        check_subscription: false,
    };
    let applied = world.apply(Command::Raise(raise), now);
    let mut events = applied.events;
    let Ok(Reply::Raised { callout, .. }) = applied.result else { panic!("not raised") };
    for step in 0..1_000 {
        let position = position.towards(f64::from(step), 10.0);
        let moved = Command::UpdateLocation { source, callout, position, accuracy: Some(8.0) };
        events.extend(world.apply(moved, now).events);
    }
    (events.len() as u64, events)
}

fn opened_source(world: &mut World, now: Timestamp) -> (u64, Vec<panic_console::sim::world::Event>) {
    let applied = world.apply(Command::OpenSource { client_id: "bench".to_owned() }, now);
    assert!(matches!(applied.result, Ok(Reply::Source(SourceId(_)))));
    (applied.events.len() as u64, applied.events)
}
